//! What a command or an action is for.

use crate::audit::{Gate, Uses, gate};
use crate::convert::{BUILD_ID, SCRIPT, SHADOW_ID, STEP_ID};
use crate::plan::{Project, base_name, without_wrappers};

/// What an item is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::diff) enum Kind {
    /// It runs tests, by this command.
    Tests(&'static str),
    /// It compares coverage with a threshold.
    Threshold,
    /// It makes reports of results.
    Report,
    /// Its failure probably means something: linters, and whatever is not known.
    Other,
    /// It prepares what follows; an image may hold its result.
    Setup,
    /// It leads the job into its container.
    Machinery,
    /// It sets variables of later steps, which are compared where tests see them.
    Variables,
    /// It neither decides nor keeps anything.
    Quiet,
    /// It uploads or publishes what tests left.
    Upload,
    /// It runs whatever an image or a file of services says, which is not read.
    Hidden,
    /// Another action.
    Action,
}

impl Kind {
    /// Whether its failure has to fail the job.
    pub(in crate::diff) fn decides(self) -> bool {
        matches!(self, Self::Tests(_) | Self::Threshold | Self::Other)
    }

    /// Whether it can be looked for in other jobs, and is missed where it is in none.
    pub(in crate::diff) fn is_missed(self) -> bool {
        !matches!(
            self,
            Self::Setup | Self::Machinery | Self::Variables | Self::Quiet
        )
    }
}

/// Commands that only look, move files or talk.
const QUIET: &[&str] = &[
    ".", ":", "[", "[[", "base64", "basename", "cat", "cd", "chmod", "chown", "cp", "cut", "date",
    "declare", "df", "dirname", "du", "echo", "env", "exit", "export", "false", "file", "find",
    "free", "head", "hostname", "id", "kill", "local", "ls", "lscpu", "mkdir", "mktemp", "mv",
    "nproc", "popd", "printenv", "printf", "pushd", "pwd", "read", "return", "rm", "rmdir", "sed",
    "set", "shift", "shopt", "sleep", "sort", "source", "sync", "tail", "tee", "test", "touch",
    "tr", "trap", "tree", "true", "type", "ulimit", "umask", "uname", "uniq", "unset", "wait",
    "wc", "which", "whoami",
];

/// Programs that install, whatever their words are.
const INSTALLERS: &[&str] = &[
    "add-apt-repository",
    "apk",
    "apt",
    "apt-get",
    "aptitude",
    "brew",
    "choco",
    "conda",
    "corepack",
    "dnf",
    "ensurepip",
    "locale-gen",
    "mamba",
    "microdnf",
    "micromamba",
    "nvm",
    "pip",
    "pip3",
    "pyenv",
    "rustup",
    "sdkmanager",
    "venv",
    "virtualenv",
    "yum",
];

/// Programs that install by some of their words.
const INSTALL_BY: &[(&str, &[&str])] = &[
    (
        "uv",
        &[
            "sync", "pip", "venv", "tool", "python", "lock", "add", "self", "export",
        ],
    ),
    (
        "poetry",
        &[
            "install", "lock", "config", "env", "self", "add", "export", "sync",
        ],
    ),
    (
        "pdm",
        &["install", "sync", "lock", "use", "venv", "add", "config"],
    ),
    ("pipenv", &["install", "sync", "lock"]),
    ("pipx", &["install", "inject", "ensurepath"]),
    ("hatch", &["env", "config"]),
    ("rye", &["sync", "install", "self"]),
    ("pixi", &["install"]),
    ("npm", &["ci", "install", "i", "config"]),
    ("yarn", &["install", "config", "set"]),
    ("pnpm", &["install", "i", "config"]),
    ("bun", &["install"]),
    ("bundle", &["install", "config"]),
    ("gem", &["install"]),
    ("cargo", &["install", "fetch", "binstall"]),
    ("go", &["mod", "install", "get"]),
    ("composer", &["install"]),
    ("playwright", &["install", "install-deps"]),
    ("pre-commit", &["install", "install-hooks"]),
    ("git", &["config", "fetch", "submodule"]),
    (
        "docker",
        &["pull", "login", "info", "version", "images", "ps"],
    ),
    ("setup.py", &["install", "develop", "build_ext"]),
    ("asdf", &["install", "plugin"]),
    ("mise", &["install"]),
];

/// What is done with containers and their engine, besides running something.
const ENGINE: &[&str] = &[
    "cp", "logs", "stop", "rm", "kill", "inspect", "stats", "down", "volume", "network", "image",
    "context", "port", "top", "config",
];

/// What a command is for.
pub(super) fn of_command(words: &[String], writes: &[String], project: &Project) -> Kind {
    if words.iter().any(|word| word.ends_with(SCRIPT)) {
        return Kind::Machinery;
    }
    match gate(words, project) {
        Some(Gate::Tests(name)) => return Kind::Tests(name),
        Some(Gate::Threshold) => return Kind::Threshold,
        None => {}
    }
    let inner = program(words);
    let Some((first, rest)) = inner.split_first() else {
        return Kind::Quiet;
    };
    let name = base_name(first);
    let action = rest
        .iter()
        .map(String::as_str)
        .find(|word| !word.starts_with(['-', '+']));
    let asks_only = rest
        .iter()
        .any(|word| matches!(word.as_str(), "--version" | "-V" | "--help"));
    if asks_only || (writes.is_empty() && QUIET.contains(&name)) || name.starts_with('#') {
        return Kind::Quiet;
    }
    if QUIET.contains(&name) {
        // What it writes may be an output, a variable or a summary.
        let kept = |of: &str| writes.iter().any(|file| file.contains(of));
        return match (kept("GITHUB_ENV"), kept("GITHUB_")) {
            (true, _) => Kind::Variables,
            (_, true) => Kind::Other,
            _ => Kind::Quiet,
        };
    }
    let installs = INSTALL_BY.iter().any(|(program, words)| {
        *program == name && action.is_some_and(|word| words.contains(&word))
    });
    if installs || (INSTALLERS.contains(&name) && action != Some("check") && action != Some("run"))
    {
        return Kind::Setup;
    }
    match (name, action) {
        (
            "coverage",
            Some("xml" | "html" | "lcov" | "json" | "combine" | "report" | "annotate"),
        ) => Kind::Report,
        (
            "codecov" | "codecov-cli" | "coveralls" | "genbadge" | "junit2html" | "junitparser",
            _,
        ) => Kind::Upload,
        ("coverage", Some("erase" | "debug")) => Kind::Quiet,
        ("docker" | "podman" | "docker-compose", Some(action)) if ENGINE.contains(&action) => {
            Kind::Quiet
        }
        ("docker" | "podman" | "docker-compose", _) => Kind::Hidden,
        _ => Kind::Other,
    }
}

/// The program behind `uv run`, `sudo`, `python -m` and the like, with its words.
pub(super) fn program(words: &[String]) -> &[String] {
    let inner = without_wrappers(words);
    let Some((first, rest)) = inner.split_first() else {
        return inner;
    };
    let name = base_name(first);
    let is_python = ["python", "pypy"].iter().any(|python| {
        let version = name.strip_prefix(python);
        version.is_some_and(|version| {
            version
                .bytes()
                .all(|one| one.is_ascii_digit() || one == b'.')
        })
    });
    match rest.iter().position(|word| !word.starts_with('-')) {
        Some(at) if is_python => {
            let module = at > 0 && rest.get(at - 1).is_some_and(|word| word == "-m");
            let script = rest
                .get(at)
                .is_some_and(|word| base_name(word) == "setup.py");
            match module || script {
                true => rest.get(at..).unwrap_or(inner),
                false => inner,
            }
        }
        _ => inner,
    }
}

/// Actions that upload or publish what tests left, in parts of their names.
const UPLOADS: &[&str] = &[
    "upload-artifact",
    "codecov",
    "coveralls",
    "codacy",
    "test-report",
    "junit",
    "publish-unit-test",
    "coverage-comment",
    "coverage-report",
    "code-coverage",
    "test-summary",
    "upload-sarif",
    "sonar",
    "qlty",
    "codeclimate",
    "python-coverage",
    "upload-pages-artifact",
];

/// Actions that prepare, in parts of their names.
const PREPARES: &[&str] = &[
    "checkout",
    "setup-",
    "cache",
    "install",
    "login",
    "download-artifact",
];

/// What an action is for.
pub(super) fn of_action(uses: &Uses<'_>, id: Option<&str>) -> Kind {
    let name = uses.name.to_ascii_lowercase();
    let is = |list: &[&str]| list.iter().any(|part| name.contains(part));
    if is_seatrial(uses, id)
        || id.is_some_and(|id| [BUILD_ID, SHADOW_ID].contains(&id))
        || uses.is("seatrial/seatrial/shadow")
        || name == "docker/build-push-action" && builds_only(uses)
    {
        Kind::Machinery
    } else if is(UPLOADS) {
        Kind::Upload
    } else if is(PREPARES) {
        Kind::Setup
    } else {
        Kind::Action
    }
}

/// Whether it is seatrial's own action, which runs the steps of its job in a container.
pub(super) fn is_seatrial(uses: &Uses<'_>, id: Option<&str>) -> bool {
    id == Some(STEP_ID) || uses.is("seatrial/seatrial")
}

/// Whether an image is built for this job, and not published.
fn builds_only(uses: &Uses<'_>) -> bool {
    uses.input("load") == "true" && uses.input("push") != "true"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::parse_script;

    #[test]
    fn commands_have_their_kinds() {
        for (script, kind) in [
            ("uv run pytest -x", Kind::Tests("pytest")),
            ("coverage report --fail-under=80", Kind::Threshold),
            ("python -m coverage xml", Kind::Report),
            ("sudo apt-get install -y curl", Kind::Setup),
            ("python -m pip install -e .", Kind::Setup),
            ("pip check", Kind::Other),
            ("uv sync --group test", Kind::Setup),
            ("uv run ruff check .", Kind::Other),
            ("./scripts/check.sh", Kind::Other),
            ("echo done", Kind::Quiet),
            ("echo a=b >> $GITHUB_OUTPUT", Kind::Other),
            ("echo a=b >> $GITHUB_ENV", Kind::Variables),
            ("echo a > log.txt", Kind::Quiet),
            ("docker build -t tests .", Kind::Hidden),
            ("docker compose up --exit-code-from tests", Kind::Hidden),
            ("docker rm -f x", Kind::Quiet),
            (
                "bash \"$GITHUB_WORKSPACE\"/.github/docker-tests.sh stop",
                Kind::Machinery,
            ),
            ("mypy --version", Kind::Quiet),
            ("python manage.py migrate", Kind::Other),
        ] {
            let command = &parse_script(script)[0];
            let found = of_command(&command.words, &command.writes, &Project::default());
            assert_eq!(found, kind, "{script}");
        }
    }
}
