//! What an expression is evaluated against: contexts, the job's state and files.

use std::sync::Arc;

use super::fold;
use super::value::Value;

/// One of the four status functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum StatusCheck {
    /// `success()`: nothing before has failed or was cancelled.
    Success,
    /// `failure()`: something before has failed.
    Failure,
    /// `cancelled()`: the run was cancelled.
    Cancelled,
    /// `always()`: true in any state.
    Always,
}

/// Gives an expression what it cannot know itself.
pub(crate) trait Scope {
    /// The value of a context; nothing counts as null.
    ///
    /// The name has the spelling of [`super::Allowed::names`]. For equality by identity
    /// the same `Arc` should be given each time.
    fn named_value(&self, name: &str) -> Option<Value>;

    /// Whether the job's state is the asked one.
    fn status(&self, check: StatusCheck) -> bool;

    /// The same for the named jobs only: `success('build', 'lint')` in a job's `if`
    /// (the workflow schema's `success(0,MAX)`; undocumented). Unless implemented, the
    /// names are disregarded.
    fn status_of(&self, check: StatusCheck, jobs: &[String]) -> bool {
        let _ = jobs;
        self.status(check)
    }

    /// The hash of the files matching the patterns, or why there is none.
    ///
    /// The first pattern may be the option `--follow-symbolic-links`
    /// (`HashFilesFunction` in actions/runner).
    fn hash_files(&self, patterns: &[String]) -> Result<String, String>;
}

/// Answers for a status function.
type StatusFn = Arc<dyn Fn(StatusCheck) -> bool + Send + Sync>;

/// Hashes files.
type HashFn = Arc<dyn Fn(&[String]) -> Result<String, String> + Send + Sync>;

/// A scope made of given values.
///
/// Without a status function the job counts as successful; without a hash function
/// `hashFiles` is an error.
#[derive(Clone, Default)]
pub(crate) struct Contexts {
    values: Vec<(String, Value)>,
    status: Option<StatusFn>,
    hash: Option<HashFn>,
}

impl Contexts {
    /// A scope without any value.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Sets a context, in place of an earlier one of that name.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.values.retain(|(known, _)| !fold::equal(known, name));
        self.values.push((name.to_owned(), value.into()));
    }

    /// The scope with one more context.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.set(name, value);
        self
    }

    /// The scope with answers for the status functions.
    pub(crate) fn with_status(
        mut self,
        status: impl Fn(StatusCheck) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.status = Some(Arc::new(status));
        self
    }

    /// The scope with a function that hashes files.
    pub(crate) fn with_hash(
        mut self,
        hash: impl Fn(&[String]) -> Result<String, String> + Send + Sync + 'static,
    ) -> Self {
        self.hash = Some(Arc::new(hash));
        self
    }
}

impl Scope for Contexts {
    fn named_value(&self, name: &str) -> Option<Value> {
        self.values
            .iter()
            .find(|(known, _)| fold::equal(known, name))
            .map(|(_, value)| value.clone())
    }

    fn status(&self, check: StatusCheck) -> bool {
        match &self.status {
            Some(status) => status(check),
            None => matches!(check, StatusCheck::Success | StatusCheck::Always),
        }
    }

    fn hash_files(&self, patterns: &[String]) -> Result<String, String> {
        match &self.hash {
            Some(hash) => hash(patterns),
            None => Err("hashFiles is not available here".to_owned()),
        }
    }
}
