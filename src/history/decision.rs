//! What was decided about where tests run.

use serde::{Deserialize, Serialize};

/// A decision: somebody set the flag, or a trigger made seatrial go back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Decision {
    /// Its name, unlike any other.
    pub(crate) id: String,
    /// When, in milliseconds since the Unix epoch.
    pub(crate) at: u64,
    /// `owner/name`.
    pub(crate) repository: String,
    /// The workflow file.
    pub(crate) workflow: String,
    /// The commit of the checkout from which it was made; empty without git.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) sha: String,
    /// What was done.
    pub(crate) kind: DecisionKind,
    /// The flag before, where it was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<String>,
    /// The flag from then on; absent where it stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<String>,
    /// Why, in words.
    pub(crate) reason: String,
    /// The triggers that fired, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) triggers: Vec<String>,
    /// What was done for it, a line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) done: Vec<String>,
}

/// What a decision did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DecisionKind {
    /// A person set the flag.
    Set,
    /// A trigger made seatrial go back to the runner.
    RollBack,
}

impl DecisionKind {
    /// The word for it, as it is written.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Set => "set",
            Self::RollBack => "roll_back",
        }
    }
}
