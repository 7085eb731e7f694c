//! What a pytest command line selects, asks for and hands on (pytest's documentation,
//! "Command-line flags"; those of pytest-cov, pytest-xdist and pytest-timeout).

use std::collections::{BTreeMap, BTreeSet};

use super::marks;
use super::read::from_checkout;
use crate::expr::Terms;
use crate::plan::join_paths;

/// A pytest command line, taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Options {
    /// Files, folders and tests, from the checkout on. Empty for what the configuration says.
    pub(super) paths: BTreeSet<String>,
    /// `-m`.
    pub(super) marks: Option<String>,
    /// `-k`.
    pub(super) keywords: Option<String>,
    /// `--deselect`, `--ignore`, `--ignore-glob`, each with its option.
    pub(super) left_out: BTreeSet<String>,
    /// `--last-failed` and its like: which tests run depends on an earlier run.
    pub(super) by_history: BTreeSet<String>,
    /// `--cov-fail-under`.
    pub(super) threshold: Option<String>,
    /// What coverage is measured of: `--cov`; none where it is not measured.
    pub(super) measured: Option<BTreeSet<String>>,
    /// Options that run tests at the same time: `-n`, `--dist`.
    pub(super) parallel: BTreeMap<String, String>,
    /// `--timeout` of a test.
    pub(super) timeout: Option<String>,
    /// All others, without those for reports and looks.
    pub(super) others: BTreeSet<String>,
}

/// Options that take the next word, beside those with a field.
const VALUED: &[&str] = &[
    "-p",
    "-c",
    "-o",
    "-W",
    "-r",
    "--rootdir",
    "--confcutdir",
    "--basetemp",
    "--maxfail",
    "--durations",
    "--durations-min",
    "--tb",
    "--color",
    "--log-level",
    "--log-cli-level",
    "--log-file",
    "--log-format",
    "--import-mode",
    "--override-ini",
    "--pythonwarnings",
    "--junitxml",
    "--junit-xml",
    "--junit-prefix",
    "--cov-report",
    "--cov-config",
    "--cov-context",
    "--reruns",
    "--reruns-delay",
    "--only-rerun",
    "--html",
    "--splits",
    "--group",
    "--shard-id",
    "--num-shards",
    "--ds",
    "--dc",
    "--durations-path",
    "--random-order-seed",
    "--browser",
    "--maxprocesses",
    "--max-worker-restart",
    "--timeout-method",
    "--capture",
    "--show-capture",
    "--verbosity",
    "--report-log",
    "--json-report-file",
    "--count",
    "--base-url",
    "--alluredir",
];

/// Options that only change what is shown, or where reports go, which is compared elsewhere.
const LOOKS: &[&str] = &[
    "-v",
    "-vv",
    "-vvv",
    "-q",
    "-qq",
    "-s",
    "-l",
    "--verbose",
    "--quiet",
    "--tb",
    "--color",
    "--durations",
    "--durations-min",
    "-r",
    "--showlocals",
    "--no-header",
    "--no-summary",
    "--junitxml",
    "--junit-xml",
    "--cov-report",
    "--html",
    "--log-level",
    "--log-cli-level",
    "--capture",
    "--show-capture",
    "--verbosity",
    "--full-trace",
    "--cov",
    "--no-cov",
    "--self-contained-html",
];

impl Options {
    /// Reads the arguments. `folder` is where the command runs and `roots` are folders that
    /// stand for the checkout.
    pub(super) fn of(arguments: &[String], folder: &str, roots: &[String]) -> Self {
        let mut options = Self::default();
        let mut no_cov = false;
        let mut words = arguments.iter().map(String::as_str).peekable();
        while let Some(word) = words.next() {
            if !word.starts_with('-') || word == "-" {
                options.paths.insert(path(word, folder, roots));
                continue;
            }
            let (name, mut value) = split(word);
            let own = matches!(
                name,
                "-m" | "-k"
                    | "-n"
                    | "--deselect"
                    | "--ignore"
                    | "--ignore-glob"
                    | "--dist"
                    | "--numprocesses"
                    | "--cov-fail-under"
                    | "--timeout"
                    | "--markexpr"
                    | "--keyword"
            );
            if value.is_none() && (own || VALUED.contains(&name)) {
                value = words.next();
            }
            let given = value.unwrap_or_default().to_owned();
            match name {
                "--" => {}
                "-m" | "--markexpr" => {
                    options.marks = Some(given).filter(|text| !text.trim().is_empty())
                }
                "-k" | "--keyword" => {
                    options.keywords = Some(given).filter(|text| !text.trim().is_empty())
                }
                "--deselect" | "--ignore" | "--ignore-glob" => {
                    let path = path(&given, folder, roots);
                    options.left_out.insert(format!("{name}={path}"));
                }
                "--lf" | "--last-failed" | "--sw" | "--stepwise" | "--nf" | "--testmon"
                | "--picked" => {
                    options.by_history.insert(name.to_owned());
                }
                "--cov-fail-under" => options.threshold = Some(given),
                "--cov" => {
                    let of = if given.is_empty() {
                        ".".to_owned()
                    } else {
                        given
                    };
                    options.measured.get_or_insert_default().insert(of);
                }
                "--no-cov" => no_cov = true,
                "-n" | "--numprocesses" => {
                    options.parallel.insert("-n".to_owned(), given);
                }
                "--dist" => {
                    options.parallel.insert(name.to_owned(), given);
                }
                "--timeout" => options.timeout = Some(given),
                _ if LOOKS.contains(&name) => {}
                _ if given.is_empty() => {
                    options.others.insert(name.to_owned());
                }
                _ => {
                    options.others.insert(format!("{name}={given}"));
                }
            }
        }
        if no_cov {
            options.measured = None;
            options.threshold = None;
        }
        options
    }

    /// Whether everything that `other` runs is run by this too; `None` where that cannot be
    /// told.
    pub(super) fn covers(&self, other: &Self) -> bool {
        self.paths_cover(other)
            && self.left_out.is_subset(&other.left_out)
            && self.by_history.is_subset(&other.by_history)
            && implies(other.marks.as_deref(), self.marks.as_deref())
            && implies(other.keywords.as_deref(), self.keywords.as_deref())
    }

    /// Whether the paths take in all of the other's.
    pub(super) fn paths_cover(&self, other: &Self) -> bool {
        self.paths.is_empty() || (!other.paths.is_empty() && self.paths_missing(other).is_empty())
    }

    /// Paths of the other that none of this one's takes in.
    pub(super) fn paths_missing<'o>(&self, other: &'o Self) -> Vec<&'o str> {
        let missing = other.paths.iter().filter(|path| !self.takes_in(path));
        missing.map(String::as_str).collect()
    }

    fn takes_in(&self, path: &str) -> bool {
        self.paths.iter().any(|own| within(path, own))
    }
}

/// Whether a path is another, or in it.
fn within(path: &str, folder: &str) -> bool {
    if folder.is_empty() || path == folder {
        return true;
    }
    path.strip_prefix(folder).is_some_and(|rest| {
        rest.starts_with('/') || rest.starts_with("::") || rest.starts_with('[')
    })
}

/// Whether the second expression selects whatever the first does. None selects everything.
pub(super) fn implies(narrow: Option<&str>, wide: Option<&str>) -> bool {
    let terms = |text: Option<&str>| text.map_or_else(Terms::always, marks::terms);
    terms(narrow).implies(&terms(wide))
}

/// `--name=value`, `-kvalue`.
fn split(word: &str) -> (&str, Option<&str>) {
    if let Some((name, value)) = word.split_once('=').filter(|_| word.starts_with("--")) {
        return (name, Some(value));
    }
    let glued = ["-m", "-k", "-n", "-p", "-W", "-o", "-r", "-c"]
        .iter()
        .find(|name| !word.starts_with("--") && word.starts_with(**name) && word.len() > 2);
    match glued.and_then(|name| Some((word.get(..2)?, word.get(name.len()..)?))) {
        Some((name, value)) => (name, Some(value)),
        None => (word, None),
    }
}

/// A path from the checkout on.
fn path(word: &str, folder: &str, roots: &[String]) -> String {
    // What stands behind `::` is no path.
    let (file, test) = word.split_at(word.find("::").unwrap_or(word.len()));
    let joined = join_paths(folder, file);
    let path = from_checkout(&joined, roots);
    format!("{}{test}", path.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::split_words;

    fn options(line: &str) -> Options {
        Options::of(&split_words(line), "", &["/app".to_owned()])
    }

    #[test]
    fn what_takes_in_what() {
        for (wide, narrow) in [
            ("", "tests"),
            (".", "tests/unit"),
            ("tests", "tests/unit -m 'not slow'"),
            ("./tests/", "/app/tests/a.py::test_b"),
            ("tests/a.py", "tests/a.py::test_b[1]"),
            ("-m 'not slow'", "-m 'not slow and not db'"),
            ("-k 'a or b'", "-k a"),
            ("tests", "tests --ignore tests/slow"),
            ("tests", "tests --deselect=tests/a.py::test_b --lf"),
            ("tests other", "other"),
        ] {
            assert!(options(wide).covers(&options(narrow)), "{wide} > {narrow}");
            assert!(!options(narrow).covers(&options(wide)), "{narrow} > {wide}");
        }
        assert!(!options("tests").covers(&options("tests2")));
        assert_eq!(options("-n4 -q -x"), options("--numprocesses 4 -x"));
        assert_eq!(
            options("--cov=a --cov-fail-under=8").threshold.as_deref(),
            Some("8")
        );
        assert_eq!(
            options("--cov=a --cov-fail-under=8 --no-cov").threshold,
            None
        );
        let inside = Options::of(&split_words("unit"), "tests", &[]);
        assert_eq!(inside.paths, options("tests/unit").paths);
    }
}
