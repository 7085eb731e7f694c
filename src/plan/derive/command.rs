//! One command of a set-up script: what it would put into an image.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::script::{Command, base_name};
use crate::plan::setup::is_version_of;

use super::{Cache, Phase, pip, project, tools, words};

/// A part of a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) phase: Phase,
    pub(super) copies: BTreeSet<String>,
    pub(super) commands: Vec<String>,
    pub(super) caches: BTreeSet<Cache>,
}

impl Part {
    pub(super) fn new(phase: Phase, command: String) -> Self {
        Self {
            phase,
            copies: BTreeSet::new(),
            commands: vec![command],
            caches: BTreeSet::new(),
        }
    }

    pub(super) fn with_cache(mut self, cache: Cache) -> Self {
        self.caches.insert(cache);
        self
    }

    pub(super) fn with_files(mut self, files: impl IntoIterator<Item = String>) -> Self {
        self.copies.extend(files);
        self
    }
}

/// What a command amounts to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// It changes nothing that a later step could see.
    Inert,
    /// It changes what later steps see, but nothing that is installed: a folder, a
    /// variable.
    Harmless,
    /// Packages of the distribution.
    Apt(Vec<String>),
    /// `. venv/bin/activate`: holds for the rest of the script.
    Activate(String),
    /// An installation.
    Install(Installation),
}

/// An installation by a tool of Python.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Installation {
    /// What makes it cheaper: the dependencies, without the source.
    pub(super) before: Vec<Part>,
    /// The command itself; absent when it has to stay a step.
    pub(super) own: Option<Part>,
    /// Commands that are there afterwards.
    pub(super) gives: BTreeSet<String>,
    /// The command that must be there before.
    pub(super) needs: Option<&'static str>,
    /// Whether something is fetched with git.
    pub(super) git: bool,
}

/// What commands are read with.
pub(super) struct World<'a> {
    /// Files of the repository, as far as they were read.
    pub(super) files: &'a BTreeMap<String, String>,
    /// The base image's Python.
    pub(super) python: Option<&'a str>,
}

/// Commands that only look, or wait.
const LOOKING: &[&str] = &[
    "echo",
    "printf",
    "true",
    ":",
    "set",
    "ls",
    "pwd",
    "which",
    "whoami",
    "uname",
    "df",
    "free",
    "date",
    "cat",
    "sleep",
    "id",
    "hostname",
    "nproc",
    "test",
    "[",
    "[[",
    "type",
    "command",
    "pg_isready",
    "nc",
    "until",
    "exit",
    "break",
    "tree",
    "head",
    "tail",
    "grep",
    "wc",
    "lsb_release",
    "mysqladmin",
    "redis-cli",
    "printenv",
    "env",
];

/// Files of GitHub that a step may write to without changing what is installed.
const MAILBOXES: &[&str] = &["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"];

/// Reads a command whose words are expanded; `None` when it is not understood.
pub(super) fn piece(command: &Command, directory: &str, world: &World<'_>) -> Option<Piece> {
    if looks_only(command) {
        return Some(if command.writes.is_empty() {
            Piece::Inert
        } else {
            Piece::Harmless
        });
    }
    let plain = !command.background
        && !command.or_true
        && !command.piped
        && !command.substituted
        && !command.condition
        && !command.conditional
        && command.assignments.is_empty()
        && command.writes.iter().all(|file| file == "/dev/null");
    let mut line = command.words.as_slice();
    let sudo = line.first().is_some_and(|word| word == "sudo");
    if sudo {
        line = line.get(1..)?;
        while line
            .first()
            .is_some_and(|word| matches!(word.as_str(), "-E" | "-H" | "-n"))
        {
            line = line.get(1..)?;
        }
    }
    let name = base_name(line.first()?);
    if !plain {
        return None;
    }
    match name {
        "apt-get" | "apt" => apt(line),
        _ if sudo => None,
        "mkdir" => line
            .iter()
            .all(|word| words::is_literal(word))
            .then_some(Piece::Harmless),
        "source" | "." => activation(line),
        "virtualenv" | "python" | "python3" if makes_venv(line) => {
            let line = words::line(line.iter().map(String::as_str));
            Some(Piece::Install(Installation {
                own: Some(Part::new(Phase::Dependencies, line)),
                ..Installation::default()
            }))
        }
        _ if asks_only(line) => Some(Piece::Inert),
        _ => pip_install(line, directory, world)
            .or_else(|| tools::installation(line, directory, world))
            .map(Piece::Install),
    }
}

/// Whether a command only reads or waits. What it prints may go to where steps leave
/// messages, but not to where they set what is installed or found.
fn looks_only(command: &Command) -> bool {
    let name = command.name();
    let asks = LOOKING.contains(&name)
        || command.words.is_empty() && command.assignments.is_empty()
        || name == "curl" && !command.piped && !command.words.iter().any(|word| writes_file(word));
    let mailbox = |file: &String| {
        let name = file.trim_start_matches('$').trim_matches(['{', '}']);
        MAILBOXES.contains(&name)
            || file == "/dev/null"
            || file == "/dev/stderr"
            || name == "GITHUB_ENV" && sets_harmless(command)
    };
    asks && !command.background && command.writes.iter().all(mailbox)
}

/// An option by which curl writes a file.
fn writes_file(word: &str) -> bool {
    match word.strip_prefix("--") {
        Some(long) => long.starts_with("output") || long.starts_with("remote-name"),
        None => word.starts_with('-') && word.contains(['o', 'O']),
    }
}

/// `echo "PYTHONPATH=src" >> $GITHUB_ENV`: a variable that no installer asks for.
fn sets_harmless(command: &Command) -> bool {
    matches!(command.name(), "echo" | "printf")
        && command.words.iter().skip(1).all(|word| {
            word.starts_with('-')
                || word.split_once('=').is_some_and(|(name, _)| {
                    name.bytes()
                        .all(|one| one.is_ascii_alphanumeric() || one == b'_')
                        && name != "PATH"
                        && !influences(name)
                })
        })
}

/// Whether a variable says how, from where or what tools of Python install.
pub(super) fn influences(name: &str) -> bool {
    const PREFIXES: &[&str] = &[
        "PIP_",
        "PIPX_",
        "UV_",
        "POETRY_",
        "PDM_",
        "PIPENV_",
        "TOX",
        "NOX",
        "HATCH_",
        "SETUPTOOLS_",
        "VIRTUALENV_",
    ];
    const NAMES: &[&str] = &[
        "CC",
        "CXX",
        "CFLAGS",
        "CXXFLAGS",
        "CPPFLAGS",
        "LDFLAGS",
        "SSL_CERT_FILE",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "PYTHONUSERBASE",
        "PYTHONNOUSERSITE",
        "VIRTUAL_ENV",
        "CARGO_HOME",
        "RUSTFLAGS",
    ];
    PREFIXES.iter().any(|prefix| name.starts_with(prefix)) || NAMES.contains(&name)
}

/// Questions that tools answer: `pip --version`, `python -V`, `poetry show`.
fn asks_only(line: &[String]) -> bool {
    let name = base_name(line.first().map_or("", String::as_str));
    let mut rest: Vec<&str> = line.iter().skip(1).map(String::as_str).collect();
    let mut tool = name;
    if is_version_of(name, "python") {
        if let ["-m", module, ..] = rest.as_slice() {
            tool = module;
            rest.drain(..2);
        } else {
            return matches!(rest.as_slice(), ["--version" | "-V" | "-VV"]);
        }
    }
    if tool == "uv" && rest.first() == Some(&"pip") {
        tool = "pip";
        rest.remove(0);
    }
    let Some(first) = rest.first() else {
        return false;
    };
    if matches!(*first, "--version" | "-V" | "--help") {
        return rest.len() == 1;
    }
    if is_version_of(tool, "pip") {
        return matches!(
            *first,
            "list" | "freeze" | "check" | "show" | "debug" | "cache"
        );
    }
    match tool {
        "poetry" => matches!(*first, "show" | "check" | "about" | "debug"),
        "uv" => matches!(*first, "version" | "cache" | "tree" | "self"),
        "pdm" | "pipenv" => matches!(*first, "list" | "info" | "graph"),
        "hatch" => matches!(*first, "version" | "status" | "config"),
        "git" => matches!(*first, "status" | "log" | "show" | "describe" | "rev-parse"),
        _ => false,
    }
}

fn apt(line: &[String]) -> Option<Piece> {
    let mut packages = Vec::new();
    let mut verb = None;
    for word in line.iter().skip(1) {
        match word.as_str() {
            "-y"
            | "-q"
            | "-qq"
            | "-yq"
            | "-qy"
            | "-qqy"
            | "-yqq"
            | "--yes"
            | "--assume-yes"
            | "--quiet"
            | "--no-install-recommends"
            | "--no-install-suggests"
            | "--fix-missing"
            | "--allow-releaseinfo-change" => {}
            _ if word.starts_with('-') || !words::is_literal(word) => return None,
            _ if verb.is_none() => verb = Some(word.as_str()),
            // A file, or a package of another architecture.
            _ if word.contains(['/', ':']) => return None,
            _ => packages.push(word.clone()),
        }
    }
    match verb? {
        "update" | "clean" | "autoclean" | "autoremove" => Some(Piece::Inert),
        "install" if !packages.is_empty() => Some(Piece::Apt(packages)),
        _ => None,
    }
}

fn activation(line: &[String]) -> Option<Piece> {
    match line {
        [_, script] if script.ends_with("/bin/activate") && words::is_literal(script) => {
            Some(Piece::Activate(format!(". {}", words::quoted(script))))
        }
        _ => None,
    }
}

/// `python -m venv .venv`, `virtualenv .venv`.
fn makes_venv(line: &[String]) -> bool {
    let arguments = match line {
        [first, ..] if base_name(first) == "virtualenv" => line.get(1..),
        [_, dash, module, ..] if dash == "-m" && (module == "venv" || module == "virtualenv") => {
            line.get(3..)
        }
        _ => None,
    };
    arguments.is_some_and(|arguments| {
        let named = |word: &&String| !word.starts_with('-');
        arguments.iter().filter(named).count() == 1
            && arguments.iter().all(|word| words::is_literal(word))
            && arguments.iter().any(|word| words::is_plain_path(word))
    })
}

/// `pip install` in all its forms.
fn pip_install(line: &[String], directory: &str, world: &World<'_>) -> Option<Installation> {
    // Nothing is uninstalled that a later command would not have seen.
    let install = pip::install(line, directory, world.files)?;
    let uv = install
        .words
        .first()
        .is_some_and(|word| base_name(word) == "uv");
    let cache = if uv { Cache::Uv } else { Cache::Pip };
    let mut found = Installation {
        git: install.git,
        needs: uv.then_some("uv"),
        gives: gives(&install, world),
        ..Installation::default()
    };
    let command = words::line(install.words.iter().map(String::as_str));
    if install.projects.is_empty() {
        found.own = Some(
            Part::new(Phase::Dependencies, command)
                .with_cache(cache)
                .with_files(install.files),
        );
        return Some(found);
    }
    let pip = if uv { "uv pip install" } else { "pip install" };
    let system = install.words.iter().any(|word| word == "--system");
    let pip = if system {
        format!("{pip} --system")
    } else {
        pip.to_owned()
    };
    let simple = install.files.is_empty() && directory.is_empty();
    if simple && let [(folder, extras)] = install.projects.as_slice() {
        let alone = project::alone(folder, extras, &pip, world.python, world.files);
        found.before.extend(alone.map(|alone| Part {
            phase: Phase::Dependencies,
            copies: alone.files,
            commands: alone.commands,
            caches: [cache].into(),
        }));
    }
    // The source is copied without its history.
    let asks = |(folder, _): &(String, Vec<String>)| project::asks_history(folder, world.files);
    if !install.projects.iter().any(asks) {
        found.own = Some(Part::new(Phase::Source, command).with_cache(cache));
    }
    Some(found)
}

/// Names of what is installed, as far as they are written down: a package's command
/// mostly has its name.
fn gives(install: &pip::Install, world: &World<'_>) -> BTreeSet<String> {
    use crate::plan::setup::{RequirementLine, parse_requirement, parse_requirements};
    let mut names: BTreeSet<String> = install
        .words
        .iter()
        .filter(|word| !word.starts_with('-'))
        .map(|word| parse_requirement(word).name)
        .collect();
    for file in &install.files {
        let text = world.files.get(file).map_or("", String::as_str);
        for line in parse_requirements(text) {
            if let RequirementLine::Requirement(requirement) = line {
                names.insert(requirement.name);
            }
        }
    }
    names
}
