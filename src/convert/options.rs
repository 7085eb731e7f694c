//! What can be chosen of a conversion.

/// The choices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Options {
    /// Whether a job fails when its image cannot be built, instead of going on on the
    /// runner with a warning.
    pub(crate) fallback_fails: bool,
    /// What the flag is where nobody sets it: `true`, `false`, `shadow`, a percentage.
    pub(crate) default_flag: String,
    /// Options of `docker run` besides those that the script gives, such as
    /// `--memory=6g`.
    pub(crate) run_options: Vec<String>,
    /// Whether the workflow has an input for the flag. Found out by the conversion.
    pub(crate) dispatch_input: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            fallback_fails: false,
            default_flag: "true".to_owned(),
            run_options: Vec::new(),
            dispatch_input: false,
        }
    }
}
