//! What a line of a log is by its looks: an error, a warning, or no word of a failure at all.

/// Words with which programs begin to tell of failures.
const SIGNS: [&str; 15] = [
    "error:",
    "Error:",
    "ERROR",
    "Error ",
    "error ",
    "Exception",
    "exception:",
    "fatal",
    "FATAL",
    "panic",
    "failed",
    "FAILED",
    "Failed",
    "Traceback",
    "cannot ",
];

/// Words that beside these show that something went wrong.
const TROUBLE: [&str; 14] = [
    "rror",
    "ould not ",
    "annot ",
    "an't ",
    "nable to ",
    "not found",
    "o such ",
    "imed out",
    "denied",
    "refused",
    "nvalid",
    "issing",
    "ailed",
    "rejected",
];

/// Words with which lines begin that only warn.
const WARNINGS: [&str; 8] = [
    "[warning]",
    "WARNING",
    "Warning",
    "warning",
    "WARN",
    "W: ",
    "warnings.warn(",
    "npm WARN",
];

/// Words with which lines begin that pytest and BuildKit print of every run.
const HEADINGS: [&str; 15] = [
    "$ ",
    "+ ",
    "++ ",
    "Step ",
    " > [",
    "RUN ",
    "platform ",
    "plugins: ",
    "rootdir: ",
    "configfile: ",
    "cachedir: ",
    "asyncio: ",
    "django: ",
    "hypothesis profile",
    "------ generated",
];

/// Whether a line looks like an error.
pub(super) fn is_error(line: &str) -> bool {
    SIGNS.iter().any(|word| line.contains(word))
}

/// Whether a line looks as if something went wrong.
pub(super) fn is_trouble(line: &str) -> bool {
    is_error(line) || TROUBLE.iter().any(|word| line.contains(word))
}

/// Whether a line only warns.
pub(super) fn warns(line: &str) -> bool {
    let line = line.trim_start();
    WARNINGS.iter().any(|word| line.starts_with(word))
}

/// Whether a line only tells what was done: a test run before anything failed, a test that
/// passed, a command of a script or of a Dockerfile, a place in a traceback.
pub(super) fn is_heading(line: &str) -> bool {
    let heading = HEADINGS.iter().any(|word| line.starts_with(word));
    let numbered = line
        .strip_prefix('#')
        .is_some_and(|rest| rest.starts_with(|one: char| one.is_ascii_digit()));
    let of_build = numbered && !line.contains("ERROR");
    let line = line.trim_start_matches(['>', ' ', '|']);
    let of_stack = line.starts_with("File \"") || (line.starts_with("at ") && line.ends_with(')'));
    heading || of_build || of_stack || line.contains(" PASSED") || line.contains("/bin/sh -c")
}

/// Whether a line is one of a program's source that a traceback shows: what it would say is
/// not what happened.
pub(super) fn is_source(line: &str) -> bool {
    let code = line.trim_start_matches(['>', ' ', '|']);
    ["raise ", "except ", "def ", "assert_called"]
        .iter()
        .any(|word| code.starts_with(word))
}

#[cfg(test)]
mod tests {
    use super::{is_heading, is_source, is_trouble, warns};

    #[test]
    fn lines_are_known_by_their_looks() {
        for line in [
            "#12 [2/5] RUN pip install x",
            "$ make test",
            "  File \"/app/a.py\", line 3, in f",
        ] {
            assert!(is_heading(line), "{line}");
        }
        assert!(!is_heading("#19 ERROR: unexpected status: 403 Forbidden"));
        assert!(!is_heading("# Fatal process OOM"));
        assert!(is_source(">       raise TimeoutError(\"no\")"));
        assert!(!is_source("E   TimeoutError: raise it"));
        assert!(warns("WARNING: Retrying") && warns("[warning]slow") && !warns("no WARNING"));
        assert!(is_trouble("nothing was not found") && !is_trouble("version of pyproject.toml: 2"));
    }
}
