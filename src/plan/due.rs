//! Which reports a script must leave behind.
//!
//! The options are those of pytest (`--junitxml`), pytest-cov (`--cov`,
//! `--cov-report`) and coverage.py (`coverage xml`, `html`, `lcov`, `json`), as
//! their documentation has them. Nothing is expanded: a path may hold variables
//! and `${{ … }}`.

mod config;
mod options;
mod wrappers;

pub(crate) use config::{
    CoveragePaths, addopts_of, coverage_paths_of, fail_under_of, path_aliases_of,
};

use super::script::{self, Command, base_name};
use options::Options;
use wrappers::{is_module_option, unwrapped};

/// Scripts inside `bash -c '…'` inside each other.
const MAX_SHELLS: usize = 3;

/// Reports of one kind; more are hostile.
const MAX_REPORTS: usize = 1000;

/// What a script does about tests, and the reports it must leave behind. Paths
/// are relative to the directory the script starts in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Due {
    /// How often pytest runs tests.
    pub(crate) pytest_runs: u32,
    /// JUnit XML files.
    pub(crate) junit: Vec<String>,
    /// Cobertura XML files.
    pub(crate) cobertura: Vec<String>,
    /// Directories with HTML reports.
    pub(crate) html: Vec<String>,
    /// LCOV files.
    pub(crate) lcov: Vec<String>,
    /// Coverage as JSON.
    pub(crate) json: Vec<String>,
    /// Where coverage is measured (`--cov`, `coverage run`).
    pub(crate) measured: Vec<Measured>,
    /// The failure of a pytest is swallowed (`pytest || true`).
    pub(crate) masked: bool,
    /// The output of a pytest goes into a pipe: without `pipefail` its failure
    /// is lost.
    pub(crate) piped: bool,
    /// A run or report happens only in some case (`if`, `||`), or in a directory
    /// that cannot be told: a missing report proves nothing then.
    pub(crate) unsure: bool,
}

/// A command that measures coverage: where coverage.py leaves its data.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Measured {
    /// The folder that it runs in, relative to the one the script starts in.
    pub(crate) directory: String,
    /// The data file, where the command names one; else configuration does, or
    /// `COVERAGE_FILE`, or it is `.coverage` (coverage.py documentation, "Data file").
    pub(crate) data_file: Option<String>,
    /// The configuration file, where the command names one.
    pub(crate) rcfile: Option<String>,
    /// Whether it certainly runs, and there.
    pub(crate) sure: bool,
}

/// What the project's configuration adds to the command lines.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Project {
    /// `addopts` of pytest, see [`addopts_of`].
    pub(crate) addopts: Option<String>,
    /// Paths of coverage.py, see [`coverage_paths_of`].
    pub(crate) paths: CoveragePaths,
}

/// What the script must leave behind.
pub(crate) fn due(script: &str, project: &Project) -> Due {
    let mut survey = Survey {
        due: Due::default(),
        project,
        environment: None,
    };
    survey.script(script, 0, None);
    survey.due
}

/// The words of a command that pytest gets as its arguments, where it runs pytest: by
/// itself, as a module, under coverage.py, behind `uv run` and the like.
pub(crate) fn pytest_call(words: &[String]) -> Option<&[String]> {
    match program(unwrapped(words).0) {
        Program::Pytest(arguments) => Some(arguments),
        Program::Coverage(arguments) => match arguments.split_first() {
            Some((action, rest)) if action == "run" => run_by_coverage(rest),
            _ => None,
        },
        Program::Shell(_) | Program::Other => None,
    }
}

/// A command without what stands around it: `uv run`, `xvfb-run -a`, `timeout 10m`.
pub(crate) fn without_wrappers(words: &[String]) -> &[String] {
    unwrapped(words).0
}

/// What one command must leave behind.
pub(super) fn due_of(command: Command, project: &Project) -> Due {
    let mut survey = Survey {
        due: Due::default(),
        project,
        environment: None,
    };
    survey.command(command, 0);
    survey.due
}

struct Survey<'a> {
    due: Due,
    project: &'a Project,
    /// `PYTEST_ADDOPTS`, once exported.
    environment: Option<String>,
}

/// What a command is, behind its wrappers.
enum Program<'a> {
    Pytest(&'a [String]),
    Coverage(&'a [String]),
    Shell(&'a str),
    Other,
}

impl Survey<'_> {
    fn script(&mut self, script: &str, shells: usize, outer: Option<&Command>) {
        for mut command in script::parse(script) {
            if let Some(outer) = outer {
                command.or_true |= outer.or_true;
                command.piped |= outer.piped;
                command.conditional |= outer.conditional;
                command.directory = match (&outer.directory, command.directory) {
                    (Some(outer), Some(inner)) => Some(script::join(outer, &inner)),
                    _ => None,
                };
            }
            self.command(command, shells);
        }
    }

    fn command(&mut self, mut command: Command, shells: usize) {
        let words = std::mem::take(&mut command.words);
        self.note_exports(&command, &words);
        let (inner, moved) = unwrapped(&words);
        if moved {
            command.directory = None;
        }
        match program(inner) {
            Program::Pytest(arguments) => self.pytest(&command, arguments, false),
            Program::Coverage(arguments) => self.coverage(&command, arguments),
            Program::Shell(script) if shells < MAX_SHELLS => {
                self.script(script, shells + 1, Some(&command));
            }
            Program::Shell(_) | Program::Other => {}
        }
    }

    fn note_exports(&mut self, command: &Command, words: &[String]) {
        if words.first().is_some_and(|word| word == "export") {
            let exported = words
                .iter()
                .find_map(|word| word.strip_prefix("PYTEST_ADDOPTS="));
            if let Some(value) = exported {
                self.environment = Some(value.to_owned());
            }
        } else if words.is_empty()
            && let Some(value) = variable(command)
        {
            self.environment = Some(value.to_owned());
        }
    }

    /// One pytest. `addopts` of the project come first, then
    /// `PYTEST_ADDOPTS`, then the arguments (pytest documentation).
    fn pytest(&mut self, command: &Command, arguments: &[String], under_coverage: bool) {
        let given = Options::of(arguments);
        let addopts = given.addopts.as_deref().or(self.project.addopts.as_deref());
        let environment = variable(command).or(self.environment.as_deref());
        let mut all = script::split(addopts.unwrap_or(""));
        all.extend(script::split(environment.unwrap_or("")));
        all.extend_from_slice(arguments);
        let options = Options::of(&all);
        if options.runs_nothing {
            return;
        }
        self.due.pytest_runs = self.due.pytest_runs.saturating_add(1);
        self.due.masked |= command.or_true;
        self.due.piped |= command.piped;
        self.note_doubt(command);
        let base = command.directory.as_deref().unwrap_or("");
        if options.cov && !under_coverage {
            self.measured(command, None, options.cov_config.clone());
        }
        if let Some(path) = &options.junit {
            add(&mut self.due.junit, base, path);
        }
        if !options.cov {
            return;
        }
        for (kind, path) in &options.reports {
            self.report(kind, base, path.as_deref());
        }
    }

    fn coverage(&mut self, command: &Command, arguments: &[String]) {
        let Some((action, rest)) = arguments.split_first() else {
            return;
        };
        if action == "run" {
            let [data_file, rcfile] =
                ["--data-file", "--rcfile"].map(|option| option_of_run(rest, option));
            self.measured(command, data_file, rcfile);
            if let Some(arguments) = run_by_coverage(rest) {
                self.pytest(command, arguments, true);
            }
            return;
        }
        if !matches!(action.as_str(), "xml" | "html" | "lcov" | "json")
            || rest
                .iter()
                .any(|word| matches!(word.as_str(), "-h" | "--help"))
        {
            return;
        }
        let mut path = None;
        let mut words = rest.iter().map(String::as_str);
        while let Some(word) = words.next() {
            path = match (word, action.as_str()) {
                ("-d" | "--directory", "html") | ("-o", _) => words.next().or(path),
                _ => word
                    .strip_prefix("--directory=")
                    .or_else(|| word.strip_prefix("-o").filter(|_| action != "html"))
                    .or_else(|| word.strip_prefix("-d").filter(|_| action == "html"))
                    .or(path),
            };
        }
        if path == Some("-") {
            return;
        }
        self.note_doubt(command);
        let base = command.directory.as_deref().unwrap_or("");
        self.report(action, base, path);
    }

    /// Notes where coverage is measured.
    fn measured(&mut self, command: &Command, data_file: Option<String>, rcfile: Option<String>) {
        let measured = Measured {
            directory: command.directory.clone().unwrap_or_default(),
            data_file,
            rcfile,
            sure: !command.conditional && command.directory.is_some(),
        };
        let list = &mut self.due.measured;
        if list.len() < MAX_REPORTS && !list.contains(&measured) {
            list.push(measured);
        }
    }

    /// Adds a coverage report; without a path it goes where the configuration
    /// says, or to coverage.py's default.
    fn report(&mut self, kind: &str, base: &str, path: Option<&str>) {
        let paths = &self.project.paths;
        let (list, configured, default) = match kind {
            "xml" => (&mut self.due.cobertura, &paths.xml, "coverage.xml"),
            "html" => (&mut self.due.html, &paths.html, "htmlcov"),
            "lcov" => (&mut self.due.lcov, &paths.lcov, "coverage.lcov"),
            "json" => (&mut self.due.json, &paths.json, "coverage.json"),
            _ => return,
        };
        add(
            list,
            base,
            path.or(configured.as_deref()).unwrap_or(default),
        );
    }

    fn note_doubt(&mut self, command: &Command) {
        self.due.unsure |= command.conditional || command.directory.is_none();
    }
}

fn program(words: &[String]) -> Program<'_> {
    let Some((first, rest)) = words.split_first() else {
        return Program::Other;
    };
    // `hatch run test:pytest`
    let name = base_name(first);
    let name = name.rsplit(':').next().unwrap_or(name);
    match name {
        "bash" | "sh" | "dash" | "zsh" | "script" => shell_script(rest),
        _ if is_module_option(name) => module(rest),
        _ if is_python(name) => python(rest),
        _ => named(name, rest),
    }
}

/// A program or module by its name.
fn named<'a>(name: &str, arguments: &'a [String]) -> Program<'a> {
    match name {
        "pytest" | "py.test" | "pytest-3" => Program::Pytest(arguments),
        "coverage" | "coverage3" | "python3-coverage" | "python-coverage" => {
            Program::Coverage(arguments)
        }
        _ => Program::Other,
    }
}

fn module(words: &[String]) -> Program<'_> {
    match words.split_first() {
        Some((name, arguments)) => named(name, arguments),
        None => Program::Other,
    }
}

fn is_python(name: &str) -> bool {
    ["python", "pypy", "py"].iter().any(|python| {
        name.strip_prefix(python).is_some_and(|version| {
            version
                .bytes()
                .all(|one| one.is_ascii_digit() || one == b'.')
        })
    })
}

/// `python [options] -m module …` or `python path/to/pytest …`.
fn python(words: &[String]) -> Program<'_> {
    let mut rest = words;
    while let Some((word, after)) = rest.split_first() {
        rest = after;
        match word.strip_prefix('-') {
            None => return named(base_name(word), after),
            Some("X" | "W") => rest = after.get(1..).unwrap_or_default(),
            Some(flags) if flags.starts_with(['X', 'W', '-']) => {}
            Some(flags) if flags.ends_with('m') => return module(after),
            Some(flags) if flags.contains('c') => return Program::Other,
            Some(_) => {}
        }
    }
    Program::Other
}

/// `bash -ec '…'`.
fn shell_script(words: &[String]) -> Program<'_> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let Some(flags) = word.strip_prefix(['-', '+']) else {
            break;
        };
        if flags == "o" || flags.ends_with('o') && !flags.contains('c') {
            words.next();
        } else if !flags.starts_with('-') && flags.contains('c') {
            return words
                .next()
                .map_or(Program::Other, |script| Program::Shell(script));
        }
    }
    Program::Other
}

/// Options of `coverage run` that take a value.
const VALUED_BY_RUN: [&str; 9] = [
    "--concurrency",
    "--context",
    "--data-file",
    "--debug",
    "--include",
    "--omit",
    "--rcfile",
    "--save-signal",
    "--source",
];

/// The arguments of the pytest in `coverage run [options] -m pytest …`.
fn run_by_coverage(words: &[String]) -> Option<&[String]> {
    let mut rest = words;
    loop {
        let (word, after) = rest.split_first()?;
        rest = after;
        if !word.starts_with('-') {
            return match named(base_name(word), after) {
                Program::Pytest(arguments) => Some(arguments),
                _ => None,
            };
        }
        if VALUED_BY_RUN.contains(&word.as_str()) {
            rest = after.get(1..)?;
        }
    }
}

/// The value of an option before the program in `coverage run [options] program …`.
fn option_of_run(words: &[String], wanted: &str) -> Option<String> {
    let mut words = words.iter().map(String::as_str);
    while let Some(word) = words.next().filter(|word| word.starts_with('-')) {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None if VALUED_BY_RUN.contains(&word) => (word, words.next()),
            None => (word, None),
        };
        if name == wanted {
            return value.filter(|value| !value.is_empty()).map(str::to_owned);
        }
    }
    None
}

/// `PYTEST_ADDOPTS` before the command.
fn variable(command: &Command) -> Option<&str> {
    command
        .assignments
        .iter()
        .rfind(|(name, _)| name == "PYTEST_ADDOPTS")
        .map(|(_, value)| value.as_str())
}

/// Adds a path once.
fn add(list: &mut Vec<String>, base: &str, path: &str) {
    let path = script::join(base, path);
    if !path.is_empty() && list.len() < MAX_REPORTS && !list.contains(&path) {
        list.push(path);
    }
}

#[cfg(test)]
mod tests;
