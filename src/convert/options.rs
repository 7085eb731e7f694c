//! What can be chosen of a conversion.

/// Who runs the tests of a converted workflow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Style {
    /// Plain docker commands, step by step; seatrial is not needed.
    #[default]
    Docker,
    /// One step that runs the job by seatrial.
    Seatrial,
}

/// The action that runs seatrial, where nobody names another: of the version that converts.
pub(crate) const ACTION: &str = concat!("seatrial/seatrial@v", env!("CARGO_PKG_VERSION"));

/// The choices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Options {
    /// Who runs the tests.
    pub(crate) style: Style,
    /// The action that runs seatrial, as `uses` has it.
    pub(crate) action: String,
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
            style: Style::default(),
            action: ACTION.to_owned(),
            fallback_fails: false,
            default_flag: "true".to_owned(),
            run_options: Vec::new(),
            dispatch_input: false,
        }
    }
}
