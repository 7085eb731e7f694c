//! Commands whose failure has to fail the job: tests and thresholds, also inside a
//! container or another shell.

use super::container::ContainerCall;
use crate::plan::{Project, base_name, parse_script};
use crate::workflow::tests_with;

/// What a command decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gate {
    /// It runs tests, by this command.
    Tests(&'static str),
    /// It compares coverage with a threshold.
    Threshold,
}

impl Gate {
    /// The command in words.
    pub(crate) fn told(self) -> String {
        match self {
            Self::Tests(name) => format!("`{name}`"),
            Self::Threshold => "the threshold".to_owned(),
        }
    }
}

/// Shells in shells that are followed.
const MAX_SHELLS: usize = 3;

/// What a command decides, where it does.
pub(crate) fn gate(words: &[String], project: &Project) -> Option<Gate> {
    at_depth(words, project, 0)
}

fn at_depth(words: &[String], project: &Project, depth: usize) -> Option<Gate> {
    if depth > MAX_SHELLS {
        return None;
    }
    if let Some(call) = ContainerCall::of(words) {
        return at_depth(&call.runs(), project, depth + 1);
    }
    if let Some((script, _)) = inner_script(words) {
        return parse_script(script)
            .iter()
            .find_map(|command| at_depth(&command.words, project, depth + 1));
    }
    let is = |names: &[&str]| words.iter().any(|word| names.contains(&word.as_str()));
    if is(&[
        "--version",
        "--help",
        "-h",
        "--co",
        "--collect-only",
        "--collectonly",
        "--fixtures",
    ]) {
        return None;
    }
    let under =
        |word: &String| word.starts_with("--fail-under") || word.starts_with("--minimum-coverage");
    if words.iter().skip(1).any(under) {
        return Some(Gate::Threshold);
    }
    let reports = words
        .windows(2)
        .any(|pair| matches!(pair, [tool, action] if is_coverage(tool) && action == "report"));
    if reports && project.fail_under.is_some() {
        return Some(Gate::Threshold);
    }
    tests_with(words).map(Gate::Tests)
}

fn is_coverage(word: &str) -> bool {
    matches!(base_name(word), "coverage" | "coverage3")
}

/// The script of `bash -ec '…'`, also inside a container, and the options before it.
pub(crate) fn inner_script(words: &[String]) -> Option<(&str, String)> {
    let words = ContainerCall::of(words).map_or(words, |call| call.command);
    let (shell, arguments) = words.split_first()?;
    if !matches!(base_name(shell), "bash" | "sh" | "dash" | "ash" | "zsh") {
        return None;
    }
    let mut flags = String::new();
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        let letters = word.strip_prefix('-')?;
        if !letters.starts_with('-') && letters.contains('c') {
            flags.push_str(letters);
            // `-eo pipefail -c`, `-eoc pipefail`
            if letters.contains('o') {
                flags.push_str(rest.next()?);
            }
            return Some((rest.next()?, flags));
        }
        if letters.starts_with('-') {
            continue;
        }
        flags.push_str(letters);
        if letters.contains('o') {
            flags.push(' ');
            flags.push_str(rest.next()?);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(script: &str) -> Option<Gate> {
        let found = parse_script(script);
        gate(&found[0].words, &Project::default())
    }

    #[test]
    fn gates_are_known_wherever_they_stand() {
        for (script, expected) in [
            ("pytest -x", Some(Gate::Tests("pytest"))),
            (
                "docker run --rm -v $PWD:/src -w /src img pytest",
                Some(Gate::Tests("pytest")),
            ),
            (
                "docker compose -f c.yml run --rm web sh -c 'cd x && python -m pytest'",
                Some(Gate::Tests("pytest")),
            ),
            ("bash -eo pipefail -c 'tox'", Some(Gate::Tests("tox"))),
            ("coverage report --fail-under=80", Some(Gate::Threshold)),
            (
                "uv run diff-cover coverage.xml --fail-under 90",
                Some(Gate::Threshold),
            ),
            ("coverage report", None),
            ("pytest --version", None),
            ("pip install pytest", None),
            ("docker build -t tests .", None),
            ("docker run postgres", None),
        ] {
            assert_eq!(of(script), expected, "{script}");
        }
        let files = [(
            ".coveragerc".to_owned(),
            "[report]\nfail_under = 80\n".to_owned(),
        )];
        let project = Project::read(&files.into_iter().collect());
        let words = ["python", "-m", "coverage", "report"].map(ToOwned::to_owned);
        assert_eq!(gate(&words, &project), Some(Gate::Threshold));
    }

    #[test]
    fn options_of_inner_shells() {
        let flags = |script: &str| {
            let found = parse_script(script);
            inner_script(&found[0].words).map(|(script, flags)| (script.to_owned(), flags))
        };
        let some = |script: &str, flags: &str| Some((script.to_owned(), flags.to_owned()));
        assert_eq!(flags("bash -c 'a b'"), some("a b", "c"));
        assert_eq!(flags("bash -lec 'a'"), some("a", "lec"));
        assert_eq!(
            flags("docker run i bash -e -o pipefail -c a"),
            some("a", "eo pipefailc")
        );
        assert_eq!(flags("bash a.sh"), None);
        assert_eq!(flags("bash -c"), None);
    }
}
