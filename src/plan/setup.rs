//! Which scripts do nothing but set up Python dependencies.
//!
//! Such a step may be left out when the image already has what it asks for.
//! Everything here is therefore strict: a script is a [`Setup`] only if each of
//! its commands is understood completely.

mod requirements;
mod version;

pub(crate) use requirements::{
    Requirement, RequirementLine, normal_name, parse_requirement, parse_requirements, satisfied,
};

use super::script::{self, Command};

/// What a set-up script asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Setup {
    /// Those of pip, setuptools and wheel that are to be the newest.
    pub(crate) upgrades: Vec<String>,
    /// Requirements files, relative to the directory the script starts in.
    pub(crate) files: Vec<String>,
    /// Requirements files that are used if they are there
    /// (`if [ -f F ]; then pip install -r F; fi`).
    pub(crate) optional_files: Vec<String>,
    /// Requirements on the command line.
    pub(crate) packages: Vec<Requirement>,
    /// `--upgrade` came with a requirements file: what has no pin there is to
    /// be the newest, which an installed version cannot prove.
    pub(crate) newest: bool,
}

/// Tools whose upgrade does not count as a dependency.
const TOOLS: &[&str] = &["pip", "setuptools", "wheel"];

/// Variables before the command that do not change what is installed.
const HARMLESS_VARIABLES: &[&str] = &[
    "PIP_DISABLE_PIP_VERSION_CHECK",
    "PIP_NO_CACHE_DIR",
    "PIP_NO_INPUT",
    "PIP_PROGRESS_BAR",
    "PIP_ROOT_USER_ACTION",
    "PYTHONUNBUFFERED",
];

/// Long options of `pip install` and `uv pip install` that do not change what
/// is installed.
const HARMLESS_OPTIONS: &[&str] = &[
    "--break-system-packages",
    "--disable-pip-version-check",
    "--exists-action",
    "--no-cache",
    "--no-cache-dir",
    "--no-color",
    "--no-input",
    "--no-python-version-warning",
    "--no-warn-conflicts",
    "--no-warn-script-location",
    "--prefer-binary",
    "--quiet",
    "--require-hashes",
    "--require-virtualenv",
    "--root-user-action",
    "--system",
    "--user",
    "--verbose",
    "--progress-bar",
    "--retries",
    "--timeout",
    "--default-timeout",
    "--upgrade-strategy",
    "--cache-dir",
];

/// Those of them that take a value.
const WITH_VALUE: &[&str] = &[
    "--cache-dir",
    "--default-timeout",
    "--exists-action",
    "--progress-bar",
    "--retries",
    "--root-user-action",
    "--timeout",
    "--upgrade-strategy",
];

/// What the script sets up, if it does nothing else: `pip install`, `pip3`,
/// `python -m pip install` and `uv pip install` of requirements files and of
/// packages from the index. `echo`, `set` and `true` may stand between. Any
/// other command, a file written, a package from a path or URL, another index,
/// a variable: `None`.
pub(crate) fn requirements(script: &str) -> Option<Setup> {
    let commands = script::parse(script);
    let mut setup = Setup::default();
    let mut installs = false;
    let mut rest = commands.as_slice();
    while let Some((command, after)) = rest.split_first() {
        rest = after;
        if let Some(file) = tested_file(command) {
            let (install, after) = rest.split_first()?;
            installs |= optional_install(install, file, &mut setup)?;
            rest = after;
            continue;
        }
        if command.condition || command.conditional || !is_plain(command) {
            return None;
        }
        match command.name() {
            "echo" | "true" | ":" => {}
            "set" if sets_options(command) => {}
            _ => {
                install(command, &mut setup)?;
                installs = true;
            }
        }
    }
    installs.then_some(setup)
}

/// Nothing around the command changes what it does.
fn is_plain(command: &Command) -> bool {
    let harmless_file =
        |file: &String| matches!(file.as_str(), "/dev/null" | "/dev/stdout" | "/dev/stderr");
    !command.background
        && !command.or_true
        && !command.piped
        && !command.substituted
        && command.directory.as_deref() == Some("")
        && command.writes.iter().all(harmless_file)
        && command
            .assignments
            .iter()
            .all(|(name, _)| HARMLESS_VARIABLES.contains(&name.as_str()))
        && !command.words.is_empty()
}

fn sets_options(command: &Command) -> bool {
    let mut words = command.words.iter().skip(1).peekable();
    words.peek().is_some()
        && words.all(|word| {
            word.starts_with(['-', '+'])
                || matches!(word.as_str(), "pipefail" | "errexit" | "nounset" | "xtrace")
        })
}

/// The file of the condition `[ -f FILE ]`.
pub(super) fn tested_file(command: &Command) -> Option<&str> {
    if !command.condition || command.conditional || !is_plain(command) {
        return None;
    }
    let words: Vec<&str> = command.words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["[", "-f" | "-e" | "-s", file, "]"]
        | ["[[", "-f" | "-e" | "-s", file, "]]"]
        | ["test", "-f" | "-e" | "-s", file]
            if is_literal(file) =>
        {
            Some(file)
        }
        _ => None,
    }
}

/// The body of `if [ -f FILE ]`: an installation of nothing but that file.
fn optional_install(command: &Command, file: &str, setup: &mut Setup) -> Option<bool> {
    if command.condition || !command.conditional || !is_plain(command) {
        return None;
    }
    let mut only = Setup::default();
    install(command, &mut only)?;
    if !only.packages.is_empty() || !only.upgrades.is_empty() || only.files != [file] {
        return None;
    }
    setup.newest |= only.newest;
    setup.optional_files.append(&mut only.files);
    Some(true)
}

/// Adds what one `pip install` asks for.
fn install(command: &Command, setup: &mut Setup) -> Option<()> {
    let arguments = install_arguments(&command.words)?;
    if !arguments.iter().all(|word| is_literal(word)) {
        return None;
    }
    let mut upgrade = false;
    let mut files = Vec::new();
    let mut packages = Vec::new();
    let mut words = arguments.iter().map(String::as_str);
    while let Some(word) = words.next() {
        if let Some(long) = word.strip_prefix("--") {
            let (name, value) = match long.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (long, None),
            };
            match name {
                "upgrade" if value.is_none() => upgrade = true,
                "requirement" | "requirements" => {
                    files.push(value.or_else(|| words.next())?.to_owned());
                }
                _ => {
                    let option = word.split('=').next().unwrap_or(word);
                    if !HARMLESS_OPTIONS.contains(&option) {
                        return None;
                    }
                    if WITH_VALUE.contains(&option) && value.is_none() {
                        words.next()?;
                    }
                }
            }
        } else if let Some(letters) = word.strip_prefix('-') {
            let (flags, file) = match letters.split_once('r') {
                Some((flags, "")) => (flags, Some(words.next()?)),
                Some((flags, file)) => (flags, Some(file)),
                None => (letters, None),
            };
            if flags.is_empty() && file.is_none() || !flags.chars().all(|flag| "qvU".contains(flag))
            {
                return None;
            }
            upgrade |= flags.contains('U');
            files.extend(file.map(str::to_owned));
        } else {
            packages.push(parse_package(word)?);
        }
    }
    if files.is_empty() && packages.is_empty() {
        return None;
    }
    setup.newest |= upgrade && !files.is_empty();
    setup.files.append(&mut files);
    for mut package in packages {
        let free = package.pin.is_none() && !package.other && package.extras.is_empty();
        if upgrade && free && TOOLS.contains(&package.name.as_str()) {
            if !setup.upgrades.contains(&package.name) {
                setup.upgrades.push(package.name);
            }
            continue;
        }
        // The newest version of something is what no installed one can prove.
        package.other |= upgrade && package.pin.is_none();
        setup.packages.push(package);
    }
    Some(())
}

/// A package from the index; a path or URL is none.
fn parse_package(word: &str) -> Option<Requirement> {
    let package = parse_requirement(word);
    let from_index = !package.name.contains(['/', ':', '@', ' '])
        && package
            .name
            .starts_with(|one: char| one.is_ascii_alphanumeric())
        && !word.contains('@')
        && ![".whl", ".zip", ".gz", ".bz2"]
            .iter()
            .any(|ending| word.ends_with(ending));
    from_index.then_some(package)
}

/// The arguments of an installing command.
pub(super) fn install_arguments(words: &[String]) -> Option<&[String]> {
    let (program, rest) = words.split_first()?;
    let rest = match script::base_name(program) {
        "uv" => strip(rest, &["pip", "install"])?,
        name if is_version_of(name, "pip") => strip(rest, &["install"])?,
        name if is_version_of(name, "python") => strip(rest, &["-m", "pip", "install"])?,
        _ => return None,
    };
    Some(rest)
}

fn strip<'a>(words: &'a [String], prefix: &[&str]) -> Option<&'a [String]> {
    let (head, rest) = words.split_at_checked(prefix.len())?;
    head.iter()
        .zip(prefix)
        .all(|(word, wanted)| word == wanted)
        .then_some(rest)
}

/// `python`, `python3`, `python3.12`.
pub(super) fn is_version_of(name: &str, program: &str) -> bool {
    name.strip_prefix(program).is_some_and(|version| {
        version
            .bytes()
            .all(|one| one.is_ascii_digit() || one == b'.')
    })
}

/// Nothing in the word is expanded by the shell. (Quotes are gone here, so a
/// quoted `$` counts too.)
fn is_literal(word: &str) -> bool {
    !word.is_empty() && !word.contains(['$', '`', '?', '{', '\\', '\n']) && !word.starts_with('~')
}

#[cfg(test)]
mod tests;
