//! Facts joined to the message of a test that differs: its probable causes.
//!
//! A rule asks for both: words in the failure that speak of a matter, and a fact about
//! that matter in which the sides differ. The words alone are no cause, and neither is the
//! difference.

mod installed;
mod machine;
mod rights;
mod setting;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::observe::{Role, TestKey};
use super::reason::Reason;
use crate::record::JobFacts;

/// Most causes that are named for a test.
const NAMED: usize = 3;

/// Why a test probably differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ProbableCause {
    /// Name of the rule, for programs.
    pub(crate) rule: Cow<'static, str>,
    /// The cause in words, no full stop.
    pub(crate) text: String,
}

/// A rule: the cause in words, where it holds.
type Rule = fn(&Failing<'_>) -> Option<String>;

/// The rules, the most telling first.
const RULES: [(&str, Rule); 21] = [
    ("missing_library", installed::library),
    ("missing_module", installed::module),
    ("missing_program", installed::program),
    ("c_library", installed::c_library),
    ("root", rights::root),
    ("user", rights::user),
    ("user_name", rights::user_name),
    ("umask", rights::umask),
    ("time_zone", setting::time_zone),
    ("encoding", setting::encoding),
    ("language", setting::language),
    ("variable", setting::variable),
    ("home", setting::home),
    ("shared_memory", machine::shared_memory),
    ("memory", machine::memory),
    ("processors", machine::processors),
    ("network", machine::network),
    ("ipv6", machine::ipv6),
    ("files", machine::files),
    ("package_version", installed::package_version),
    (LAST, installed::python_version),
];

/// The rule that asks for no words.
const LAST: &str = "python_version";

/// A test that fails on one side, with what is known of both.
pub(super) struct Failing<'a> {
    /// Everything that its report says, and its id.
    text: String,
    /// The same in lower case.
    lower: String,
    /// The side on which it fails, in words.
    fails: &'static str,
    /// The other side, in words.
    passes: &'static str,
    /// The environment in which it fails.
    there: &'a JobFacts,
    /// The environment in which it passes.
    elsewhere: &'a JobFacts,
}

/// The probable causes of a failure on the side `role`. Without facts of both sides only
/// what the message itself says.
pub(super) fn find(
    test: &TestKey,
    reason: Option<&Reason>,
    role: Role,
    control: Option<&JobFacts>,
    candidate: Option<&JobFacts>,
) -> Vec<ProbableCause> {
    let Some(reason) = reason else {
        return Vec::new();
    };
    let unknown = JobFacts::default();
    let (control, candidate) = (control.unwrap_or(&unknown), candidate.unwrap_or(&unknown));
    let (other, there, elsewhere) = match role {
        Role::Control => (Role::Candidate, control, candidate),
        Role::Candidate => (Role::Control, candidate, control),
    };
    let text = format!("{}\n{}", test.id, reason.text);
    let failing = Failing {
        lower: text.to_lowercase(),
        text,
        fails: role.as_str(),
        passes: other.as_str(),
        there,
        elsewhere,
    };
    let mut found = Vec::new();
    for (rule, find) in RULES {
        if let Some(text) = find(&failing)
            && found.len() < NAMED
            // What explains anything is told where nothing else does.
            && (rule != LAST || found.is_empty())
        {
            let rule = Cow::Borrowed(rule);
            found.push(ProbableCause { rule, text });
        }
    }
    found
}

impl Failing<'_> {
    /// Whether it speaks of one of these (lower case).
    fn speaks_of(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.lower.contains(word))
    }

    /// What both sides say of a fact, where they differ: there and elsewhere.
    fn differ<T: PartialEq>(&self, of: impl Fn(&JobFacts) -> Option<T>) -> Option<(T, T)> {
        let (there, elsewhere) = (of(self.there)?, of(self.elsewhere)?);
        (there != elsewhere).then_some((there, elsewhere))
    }

    /// What stands between two texts, the shortest, on one line.
    fn between(&self, before: &str, after: &str) -> Option<&str> {
        self.text.match_indices(before).find_map(|(at, _)| {
            let rest = self.text.get(at + before.len()..)?;
            let found = rest.get(..rest.find(after)?)?;
            (!found.is_empty() && found.len() < 200 && !found.contains('\n')).then_some(found)
        })
    }
}
