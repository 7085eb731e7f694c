//! The files a step writes to: `GITHUB_ENV`, `GITHUB_OUTPUT`, `GITHUB_STATE`
//! and `GITHUB_PATH`.
//!
//! The grammar and the wording of the errors are those of actions/runner
//! (`src/Runner.Worker/FileCommandManager.cs`, `EnvFileKeyValuePairs`). As on a
//! Linux runner only LF ends a line: the carriage return of a CRLF file stays
//! part of the value, and a line that is nothing but a carriage return is an
//! invalid format. (`GITHUB_PATH` is read by `File.ReadAllLines`, which takes
//! CR, LF and CRLF.)

use thiserror::Error;

/// Longest value taken from an environment file, in bytes.
///
/// GitHub documents 1 MB for outputs ("Outputs … a maximum of 1 MB per job");
/// seatrial applies it to every single value.
pub(crate) const MAX_VALUE_BYTES: usize = 1 << 20;

/// How much of an offending line an error repeats, in characters.
const MAX_QUOTED: usize = 200;

/// Why an environment file cannot be used. The step fails then, as on GitHub
/// ("Unable to process file command '…' successfully.").
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum EnvFileError {
    /// A line is neither `NAME=value` nor `NAME<<DELIMITER`.
    #[error("Invalid format '{0}'")]
    Format(String),
    /// `=value`. (The runner means to refuse it with these words, but tests
    /// the whole line and so takes the empty name until it is used.)
    #[error("Invalid format '{0}'. Name must not be empty")]
    EmptyName(String),
    /// `<<DELIMITER` or `NAME<<`.
    #[error("Invalid format '{0}'. Name must not be empty and delimiter must not be empty")]
    EmptyNameOrDelimiter(String),
    /// The file ends inside a heredoc.
    #[error("Invalid value. Matching delimiter not found '{0}'")]
    DelimiterNotFound(String),
    /// The file ends inside a heredoc whose last line has no newline; usually
    /// the delimiter was written directly behind the value.
    #[error("Invalid value. EOF marker missing new line.")]
    MissingNewline,
    /// The value is larger than [`MAX_VALUE_BYTES`].
    #[error("Invalid value. '{name}' has {bytes} bytes, {MAX_VALUE_BYTES} are allowed")]
    TooLarge {
        /// Name the value was for.
        name: String,
        /// Size of the value.
        bytes: usize,
    },
}

/// Reads the pairs of a `GITHUB_ENV`, `GITHUB_OUTPUT` or `GITHUB_STATE` file,
/// in the order of the file; of a name given twice both are there, the last
/// one counts. A byte order mark is skipped (`File.ReadAllText` does).
#[cfg(test)]
pub(crate) fn parse(text: &str) -> Result<Vec<(String, String)>, EnvFileError> {
    match read(text) {
        (pairs, None) => Ok(pairs),
        (_, Some(error)) => Err(error),
    }
}

/// As `parse`, with the pairs before what is wrong: those count, for the runner
/// takes each one as it reads it.
pub(crate) fn read(text: &str) -> (Vec<(String, String)>, Option<EnvFileError>) {
    let mut lines = Lines::new(without_bom(text));
    let mut pairs = Vec::new();
    while let Some(line) = lines.next() {
        if line.text.is_empty() {
            continue;
        }
        match pair(line.text, &mut lines) {
            Ok(pair) => pairs.push(pair),
            Err(error) => return (pairs, Some(error)),
        }
    }
    (pairs, None)
}

/// Reads a `GITHUB_PATH` file: one directory a line, empty lines skipped. A
/// directory given twice keeps its last place only (`AddPathFileCommand`).
///
/// The runner prepends the *last* one first: the list, reversed, comes before
/// the `PATH` there was (`ScriptHandler`, `PrependPath.Reverse()`).
pub(crate) fn parse_path(text: &str) -> Vec<String> {
    let mut paths: Vec<String> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for line in without_bom(text).split(['\n', '\r']) {
        if !line.is_empty() {
            places.insert(line, paths.len());
            paths.push(line.to_owned());
        }
    }
    let mut index = 0;
    paths.retain(|path| {
        index += 1;
        places.get(path.as_str()) == Some(&(index - 1))
    });
    paths
}

/// The message with which the runner refuses to set `name` from `GITHUB_ENV`;
/// `None` when it may be set. The message is an error annotation; the pair is
/// left out, the step does not fail (`SetEnvFileCommand._setEnvBlockList`,
/// which holds `NODE_OPTIONS` alone, in any case).
pub(crate) fn refusal(name: &str) -> Option<String> {
    name.eq_ignore_ascii_case("NODE_OPTIONS").then(|| {
        "Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command.".to_owned()
    })
}

/// Whether writing `name` to `GITHUB_ENV` has no effect on the processes of
/// later steps: the runner takes the pair without a word (the `env` context has
/// it), and puts its own value over it when it starts a step
/// (`ScriptHandler.RunAsync`, "expose context to environment"). That holds for
/// the names of `GitHubContext._contextEnvAllowlist` and of the `runner`
/// context. Other `GITHUB_*` and `RUNNER_*` names (`GITHUB_TOKEN`) are ordinary
/// variables, as is `CI`.
pub(crate) fn is_restored_by_runner(name: &str) -> bool {
    let listed = |prefix: &str, keys: &[&str]| {
        name.strip_prefix(prefix)
            .is_some_and(|key| keys.contains(&key))
    };
    listed("GITHUB_", GITHUB_CONTEXT) || listed("RUNNER_", RUNNER_CONTEXT)
}

/// `GitHubContext._contextEnvAllowlist` of actions/runner, upper case. `ENV` is
/// the path of the file, `STEP_SUMMARY` and so on likewise.
const GITHUB_CONTEXT: &[&str] = &[
    "ACTION",
    "ACTION_PATH",
    "ACTION_REF",
    "ACTION_REPOSITORY",
    "ACTOR",
    "ACTOR_ID",
    "API_URL",
    "BASE_REF",
    "ENV",
    "EVENT_NAME",
    "EVENT_PATH",
    "GRAPHQL_URL",
    "HEAD_REF",
    "JOB",
    "OUTPUT",
    "PATH",
    "REF",
    "REF_NAME",
    "REF_PROTECTED",
    "REF_TYPE",
    "REPOSITORY",
    "REPOSITORY_ID",
    "REPOSITORY_OWNER",
    "REPOSITORY_OWNER_ID",
    "RETENTION_DAYS",
    "RUN_ATTEMPT",
    "RUN_ID",
    "RUN_NUMBER",
    "SERVER_URL",
    "SHA",
    "STATE",
    "STEP_SUMMARY",
    "TRIGGERING_ACTOR",
    "WORKFLOW",
    "WORKFLOW_REF",
    "WORKFLOW_SHA",
    "WORKSPACE",
];

/// The keys of the `runner` context that GitHub documents.
const RUNNER_CONTEXT: &[&str] = &[
    "ARCH",
    "DEBUG",
    "ENVIRONMENT",
    "NAME",
    "OS",
    "TEMP",
    "TOOL_CACHE",
    "WORKSPACE",
];

/// One line of a file.
#[derive(Clone, Copy)]
struct Line<'a> {
    /// The line without its LF.
    text: &'a str,
    /// Where it starts in the file.
    start: usize,
    /// Whether an LF ends it.
    ended: bool,
}

/// The lines of a text with their places (`EnvFileKeyValuePairs.ReadLine`).
struct Lines<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn next(&mut self) -> Option<Line<'a>> {
        let start = self.at;
        let rest = self.text.get(start..).filter(|rest| !rest.is_empty())?;
        let (text, ended) = match rest.split_once('\n') {
            Some((line, _)) => (line, true),
            None => (rest, false),
        };
        self.at = start + text.len() + usize::from(ended);
        Some(Line { text, start, ended })
    }
}

/// Reads the pair that begins with `line`, a heredoc's body from `lines`.
fn pair(line: &str, lines: &mut Lines<'_>) -> Result<(String, String), EnvFileError> {
    let equals = line.find('=');
    let heredoc = line.find("<<");
    match (equals, heredoc) {
        (Some(equals), heredoc) if heredoc.is_none_or(|heredoc| equals < heredoc) => {
            let (name, value) = line.split_once('=').unwrap_or((line, ""));
            if name.is_empty() {
                return Err(EnvFileError::EmptyName(quoted(line)));
            }
            sized(name, value)
        }
        (_, Some(_)) => {
            let (name, delimiter) = line.split_once("<<").unwrap_or((line, ""));
            if name.is_empty() || delimiter.is_empty() {
                return Err(EnvFileError::EmptyNameOrDelimiter(quoted(line)));
            }
            sized(name, body(delimiter, lines)?)
        }
        _ => Err(EnvFileError::Format(quoted(line))),
    }
}

/// The lines up to the delimiter; the newline before the delimiter is not part
/// of the value.
fn body<'a>(delimiter: &str, lines: &mut Lines<'a>) -> Result<&'a str, EnvFileError> {
    let start = lines.at;
    let mut end = start;
    loop {
        match lines.next() {
            None => return Err(EnvFileError::DelimiterNotFound(quoted(delimiter))),
            Some(line) if line.text == delimiter => {
                return Ok(lines.text.get(start..end).unwrap_or(""));
            }
            Some(line) if !line.ended => return Err(EnvFileError::MissingNewline),
            Some(line) => end = line.start + line.text.len(),
        }
    }
}

fn sized(name: &str, value: &str) -> Result<(String, String), EnvFileError> {
    if value.len() > MAX_VALUE_BYTES {
        return Err(EnvFileError::TooLarge {
            name: quoted(name),
            bytes: value.len(),
        });
    }
    Ok((name.to_owned(), value.to_owned()))
}

fn without_bom(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// The text as an error repeats it: a file may hold one line of many megabytes.
fn quoted(text: &str) -> String {
    match text.char_indices().nth(MAX_QUOTED) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or(text)),
        None => text.to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pairs() {
        let table: &[(&str, &[(&str, &str)])] = &[
            ("", &[]),
            ("\n\n", &[]),
            ("A=b", &[("A", "b")]),
            ("A=b\n", &[("A", "b")]),
            ("\u{feff}A=b\n", &[("A", "b")]),
            ("A=\n", &[("A", "")]),
            ("A=b=c\n\nB=x<<y\n", &[("A", "b=c"), ("B", "x<<y")]),
            ("A=1\nA=2\n", &[("A", "1"), ("A", "2")]),
            (" A =b\n", &[(" A ", "b")]),
            ("#c=1\n", &[("#c", "1")]),
            ("A<<EOF\nEOF\n", &[("A", "")]),
            ("A<<EOF\nEOF", &[("A", "")]),
            ("A<<EOF\n\nEOF\n", &[("A", "")]),
            ("A<<EOF\n\n\nEOF\n", &[("A", "\n")]),
            ("A<<EOF\none\nEOF\n", &[("A", "one")]),
            (
                "A<<EOF\none\ntwo\nEOF\nB=c",
                &[("A", "one\ntwo"), ("B", "c")],
            ),
            ("A<<E=F\nx\nE=F\n", &[("A", "x")]),
            (
                "A<<EOF\nB=c\n EOF\nEOF \nEOF\n",
                &[("A", "B=c\n EOF\nEOF ")],
            ),
            ("A<<<B\nx\n<B\n", &[("A", "x")]),
            // CRLF, as on a Linux runner.
            ("A=b\r\n", &[("A", "b\r")]),
            ("A<<EOF\r\nx\r\nEOF\r\n", &[("A", "x\r")]),
        ];
        for (text, expected) in table {
            let expected: Vec<(String, String)> = expected
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect();
            assert_eq!(parse(text), Ok(expected), "{text:?}");
        }
    }

    #[test]
    fn errors_have_the_runners_words() {
        let table = [
            ("x", "Invalid format 'x'"),
            ("A=1\n\r\nB=2\n", "Invalid format '\r'"),
            ("=x", "Invalid format '=x'. Name must not be empty"),
            (
                "<<EOF",
                "Invalid format '<<EOF'. Name must not be empty and delimiter must not be empty",
            ),
            (
                "A<<\nx\n",
                "Invalid format 'A<<'. Name must not be empty and delimiter must not be empty",
            ),
            (
                "A<<EOF",
                "Invalid value. Matching delimiter not found 'EOF'",
            ),
            (
                "A<<EOF\n",
                "Invalid value. Matching delimiter not found 'EOF'",
            ),
            (
                "A<<EOF\nx\n",
                "Invalid value. Matching delimiter not found 'EOF'",
            ),
            (
                "A<<EOF\nxEOF",
                "Invalid value. EOF marker missing new line.",
            ),
            (
                "A<<EOF\r\nx\nEOF\n",
                "Invalid value. Matching delimiter not found 'EOF\r'",
            ),
        ];
        for (text, message) in table {
            assert_eq!(parse(text).unwrap_err().to_string(), message, "{text:?}");
        }
    }

    #[test]
    fn a_value_has_a_limit() {
        let fits = format!("A={}", "x".repeat(MAX_VALUE_BYTES));
        assert_eq!(parse(&fits).unwrap().len(), 1);
        let long = format!("A<<E\n{}\nE\n", "x".repeat(MAX_VALUE_BYTES + 1));
        assert_eq!(
            parse(&long),
            Err(EnvFileError::TooLarge {
                name: "A".to_owned(),
                bytes: MAX_VALUE_BYTES + 1
            })
        );
        let line = "y".repeat(5_000_000);
        assert!(parse(&line).unwrap_err().to_string().len() < 1000);
    }

    #[test]
    fn path_files() {
        let table: &[(&str, &[&str])] = &[
            ("", &[]),
            ("/a\n/b", &["/a", "/b"]),
            ("\u{feff}/a\r\n\r\n/b\r\n", &["/a", "/b"]),
            ("/a\n/b\n/a\n", &["/b", "/a"]),
            ("/a b \n", &["/a b "]),
        ];
        for (text, expected) in table {
            assert_eq!(parse_path(text), *expected, "{text:?}");
        }
    }

    #[test]
    fn names() {
        assert_eq!(refusal("FOO"), None);
        assert_eq!(
            refusal("node_options").as_deref(),
            Some("Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command.")
        );
        for name in ["GITHUB_SHA", "GITHUB_WORKSPACE", "RUNNER_OS", "GITHUB_ENV"] {
            assert!(is_restored_by_runner(name), "{name}");
        }
        for name in [
            "GITHUB_TOKEN",
            "RUNNER_X",
            "CI",
            "github_sha",
            "",
            "GITHUB_",
        ] {
            assert!(!is_restored_by_runner(name), "{name}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn never_panics(text in "[A=<\r\n\u{feff}é]{0,40}|\\PC*") {
            let _ = parse(&text);
            let _ = parse_path(&text);
        }

        #[test]
        fn heredoc_round_trip(value in "[a-z=<\r\n é]{0,40}") {
            let text = format!("A<<ghadelimiter\n{value}\nghadelimiter\n");
            prop_assert_eq!(parse(&text), Ok(vec![("A".to_owned(), value)]));
        }
    }
}
