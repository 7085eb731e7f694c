//! The functions there are, and which names a place in a workflow may use.

use super::fold;

/// A function of the expression language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Function {
    /// `case(predicate, value, …, default)`
    Case,
    /// `contains(search, item)`
    Contains,
    /// `endsWith(search, end)`
    EndsWith,
    /// `format(text, …)`
    Format,
    /// `fromJSON(text)`
    FromJson,
    /// `hashFiles(pattern, …)`
    HashFiles,
    /// `join(array, separator)`
    Join,
    /// `startsWith(search, start)`
    StartsWith,
    /// `toJSON(value)`
    ToJson,
    /// `success()`
    Success,
    /// `failure()`
    Failure,
    /// `cancelled()`
    Cancelled,
    /// `always()`
    Always,
}

impl Function {
    /// Every function.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 13] = [
        Self::Contains,
        Self::StartsWith,
        Self::EndsWith,
        Self::Format,
        Self::Join,
        Self::ToJson,
        Self::FromJson,
        Self::HashFiles,
        Self::Case,
        Self::Success,
        Self::Always,
        Self::Cancelled,
        Self::Failure,
    ];

    /// The name, as the documentation spells it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Contains => "contains",
            Self::EndsWith => "endsWith",
            Self::Format => "format",
            Self::FromJson => "fromJSON",
            Self::HashFiles => "hashFiles",
            Self::Join => "join",
            Self::StartsWith => "startsWith",
            Self::ToJson => "toJSON",
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Cancelled => "cancelled",
            Self::Always => "always",
        }
    }

    /// Whether it asks for the state of the job: a condition that calls one of these
    /// loses its implicit `success()`.
    pub(crate) fn is_status(self) -> bool {
        matches!(
            self,
            Self::Success | Self::Failure | Self::Cancelled | Self::Always
        )
    }
}

/// A function and how many parameters it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FnSpec {
    /// The function.
    pub(crate) function: Function,
    /// The fewest parameters.
    pub(crate) min: usize,
    /// The most parameters.
    pub(crate) max: usize,
}

impl FnSpec {
    /// `hashFiles(1,255)` of the workflow schema.
    pub(crate) const HASH_FILES: Self = Self::new(Function::HashFiles, 1, 255);
    /// `always(0,0)` of the workflow schema.
    pub(crate) const ALWAYS: Self = Self::new(Function::Always, 0, 0);
    /// `cancelled(0,0)` of the workflow schema.
    pub(crate) const CANCELLED: Self = Self::new(Function::Cancelled, 0, 0);
    /// `success(0,0)` of the workflow schema: in a step's condition.
    pub(crate) const SUCCESS: Self = Self::new(Function::Success, 0, 0);
    /// `failure(0,0)` of the workflow schema: in a step's condition.
    pub(crate) const FAILURE: Self = Self::new(Function::Failure, 0, 0);
    /// `success(0,MAX)` of the workflow schema: in a job's condition, where names of
    /// needed jobs may be given.
    pub(crate) const SUCCESS_OF_JOBS: Self = Self::new(Function::Success, 0, usize::MAX);
    /// `failure(0,MAX)` of the workflow schema: in a job's condition.
    pub(crate) const FAILURE_OF_JOBS: Self = Self::new(Function::Failure, 0, usize::MAX);

    /// A function with its numbers of parameters.
    pub(crate) const fn new(function: Function, min: usize, max: usize) -> Self {
        Self { function, min, max }
    }
}

/// The functions allowed wherever expressions are
/// (`ExpressionConstants.WellKnownFunctions`).
const WELL_KNOWN: &[FnSpec] = &[
    FnSpec::new(Function::Case, 3, 255),
    FnSpec::new(Function::Contains, 2, 2),
    FnSpec::new(Function::EndsWith, 2, 2),
    FnSpec::new(Function::Format, 1, 255),
    FnSpec::new(Function::FromJson, 1, 1),
    FnSpec::new(Function::Join, 1, 2),
    FnSpec::new(Function::StartsWith, 2, 2),
    FnSpec::new(Function::ToJson, 1, 1),
];

/// What the expressions of one place in a workflow may name.
///
/// GitHub's schema lists, for every key, its contexts and its special functions; any
/// other name is an error there, even where it would have a value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowed<'a> {
    /// The contexts.
    pub(crate) names: &'a [&'a str],
    /// The special functions; the well-known ones (`contains`, `format` …) need not be
    /// listed.
    pub(crate) functions: &'a [FnSpec],
}

impl<'a> Allowed<'a> {
    /// Every context GitHub knows and every function.
    pub(crate) const ALL: Allowed<'static> = Allowed {
        names: &[
            "github", "env", "vars", "secrets", "job", "jobs", "steps", "runner", "strategy",
            "matrix", "needs", "inputs",
        ],
        functions: &[
            FnSpec::HASH_FILES,
            FnSpec::ALWAYS,
            FnSpec::CANCELLED,
            FnSpec::SUCCESS_OF_JOBS,
            FnSpec::FAILURE_OF_JOBS,
        ],
    };

    /// The listed spelling of a context's name, if it is allowed.
    pub(crate) fn name(&self, name: &str) -> Option<&'a str> {
        self.names
            .iter()
            .copied()
            .find(|known| fold::equal(known, name))
    }

    /// The function of a name, if it is allowed.
    pub(crate) fn function(&self, name: &str) -> Option<FnSpec> {
        WELL_KNOWN
            .iter()
            .chain(self.functions)
            .copied()
            .find(|spec| fold::equal(spec.function.name(), name))
    }
}
