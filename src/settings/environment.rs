//! Every environment variable that seatrial reads, by name.
//!
//! Some more are read by libraries, to the same end everywhere: `NO_COLOR`,
//! `CLICOLOR`, `CLICOLOR_FORCE` (anstream), the size of the terminal (clap), proxies and
//! certificates on the way to GitHub (ureq, rustls-native-certs).

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::docker::{COMMAND_VARIABLE, Connect, RUN_VARIABLE};
use crate::record::CiRun;
use crate::workflow::nearest;

/// Variables that stand for a flag: `SEATRIAL_COVERAGE_MIN` for `--coverage-min`.
const TWINS: [&str; 27] = [
    "CI_USE_DOCKER_TESTS",
    "SEATRIAL_BAKE",
    "SEATRIAL_BUILDER",
    "SEATRIAL_CA",
    "SEATRIAL_COMPOSE",
    "SEATRIAL_COVERAGE_BASE",
    "SEATRIAL_COVERAGE_MIN",
    "SEATRIAL_DERIVE",
    "SEATRIAL_DOCKERFILE",
    "SEATRIAL_ENGINE",
    "SEATRIAL_EVENT",
    "SEATRIAL_FALLBACK",
    "SEATRIAL_HISTORY",
    "SEATRIAL_HISTORY_URL",
    "SEATRIAL_IMAGE",
    "SEATRIAL_JOBS",
    "SEATRIAL_MEMORY",
    "SEATRIAL_NODE",
    "SEATRIAL_NO_OUTPUT_MINUTES",
    "SEATRIAL_PARALLEL",
    "SEATRIAL_REF",
    "SEATRIAL_RETRIES",
    "SEATRIAL_ROOT",
    "SEATRIAL_SECRET_FILE",
    "SEATRIAL_TARGET",
    "SEATRIAL_UPLOAD",
    "SEATRIAL_WORKFLOW",
];

/// Seconds that an engine may take to answer. No flag: it is about a machine, not a run.
const ENGINE_TIMEOUT: &str = "SEATRIAL_ENGINE_TIMEOUT";

/// Where programs are looked for when `PATH` is not set.
const DEFAULT_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// The environment as it was when seatrial started.
#[derive(Clone, Default)]
pub(crate) struct Environment {
    variables: BTreeMap<OsString, OsString>,
}

/// Only how many there are: a value may be a secret.
impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Environment({} variables)", self.variables.len())
    }
}

impl<N: Into<OsString>, V: Into<OsString>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        Self {
            variables: variables
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        }
    }
}

impl Environment {
    /// The environment of this process.
    pub(crate) fn read() -> Self {
        std::env::vars_os().collect()
    }

    /// Where engines are looked for.
    pub(crate) fn docker_connect(&self) -> Connect {
        Connect {
            host: self.text("DOCKER_HOST").map(ToOwned::to_owned),
            context: self.text("DOCKER_CONTEXT").map(ToOwned::to_owned),
            config_dir: self
                .path("DOCKER_CONFIG")
                .or_else(|| self.path("HOME").map(|home| home.join(".docker"))),
            runtime_dir: self.path("XDG_RUNTIME_DIR"),
        }
    }

    /// How long an engine may take to answer (`SEATRIAL_ENGINE_TIMEOUT`, in seconds).
    ///
    /// # Errors
    /// When it is not a number of seconds from 1 to 3600.
    pub(crate) fn engine_timeout(&self) -> Result<Option<Duration>, String> {
        let Some(text) = self.text(ENGINE_TIMEOUT).filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        match text.parse() {
            Ok(seconds @ 1..=3600) => Ok(Some(Duration::from_secs(seconds))),
            _ => Err(format!(
                "{ENGINE_TIMEOUT} is `{text}`, which is not a number of seconds from 1 to 3600"
            )),
        }
    }

    /// The platform that the docker command builds for, where it is not the engine's own.
    pub(crate) fn docker_platform(&self) -> Option<String> {
        self.text("DOCKER_DEFAULT_PLATFORM").map(ToOwned::to_owned)
    }

    /// Where buildx keeps what a builder is.
    pub(super) fn buildx_builder(&self, name: &str) -> PathBuf {
        self.path("BUILDX_CONFIG")
            .or_else(|| Some(self.docker_connect().config_dir?.join("buildx")))
            .unwrap_or_default()
            .join("instances")
            .join(name)
    }

    /// Whether buildx can reach GitHub's cache. GitHub hands this to actions only.
    pub(super) fn has_githubs_cache(&self) -> bool {
        let has = |name| self.get(name).is_some();
        has("ACTIONS_RUNTIME_TOKEN") && (has("ACTIONS_RESULTS_URL") || has("ACTIONS_CACHE_URL"))
    }

    /// This machine's bundle of certificates, where OpenSSL is told of one.
    pub(super) fn certificates(&self) -> Option<PathBuf> {
        self.path("SSL_CERT_FILE")
    }

    /// Whether the docker command would use TLS, which seatrial cannot.
    pub(crate) fn docker_tls(&self) -> bool {
        self.text("DOCKER_TLS_VERIFY").is_some() || self.text("DOCKER_TLS").is_some()
    }

    /// The absolute path of a program. Relative entries of `PATH` are not
    /// followed: the current folder may be someone else's repository.
    pub(crate) fn which(&self, program: &str) -> Option<PathBuf> {
        let path = self.get("PATH").unwrap_or(OsStr::new(DEFAULT_PATH));
        std::env::split_paths(path)
            .filter(|folder| folder.is_absolute())
            .map(|folder| folder.join(program))
            .find(|file| is_program(file))
    }

    /// Where this machine looks for programs.
    pub(crate) fn search_path(&self) -> String {
        self.text("PATH").unwrap_or(DEFAULT_PATH).to_owned()
    }

    /// Whether this is a step of GitHub Actions.
    pub(crate) fn github_actions(&self) -> bool {
        self.text("GITHUB_ACTIONS") == Some("true")
    }

    /// Whether this is a job of GitLab.
    pub(crate) fn gitlab(&self) -> bool {
        self.text("GITLAB_CI") == Some("true")
    }

    /// The file that takes the step summary.
    pub(crate) fn github_step_summary(&self) -> Option<PathBuf> {
        self.path("GITHUB_STEP_SUMMARY")
    }

    /// The file that takes the step's outputs.
    pub(crate) fn github_output(&self) -> Option<PathBuf> {
        self.path("GITHUB_OUTPUT")
    }

    /// What stands before `/owner/repo` of actions and workflows of other repositories.
    pub(crate) fn server(&self) -> &str {
        self.text("GITHUB_SERVER_URL")
            .unwrap_or("https://github.com")
    }

    /// Where fetched repositories are kept (XDG Base Directory Specification).
    pub(crate) fn cache(&self) -> PathBuf {
        self.path("XDG_CACHE_HOME")
            .filter(|path| path.is_absolute())
            .or_else(|| self.path("HOME").map(|home| home.join(".cache")))
            .unwrap_or_else(std::env::temp_dir)
            .join("seatrial")
    }

    /// Who runs seatrial.
    pub(crate) fn actor(&self) -> Option<&str> {
        self.text("GITHUB_ACTOR").or_else(|| self.user())
    }

    /// The name of the user on this machine.
    pub(crate) fn user(&self) -> Option<&str> {
        self.text("USER").or_else(|| self.text("LOGNAME"))
    }

    /// Columns, where no terminal can be asked for them.
    pub(crate) fn columns(&self) -> Option<usize> {
        self.text("COLUMNS")?
            .parse()
            .ok()
            .filter(|columns| (20..=1000).contains(columns))
    }

    /// Whether the terminal cannot move its cursor.
    pub(crate) fn dumb_terminal(&self) -> bool {
        self.text("TERM").is_none_or(|kind| kind == "dumb")
    }

    /// Whether the locale says that only ASCII can be shown. Without a locale,
    /// as in most containers, UTF-8 is assumed.
    pub(crate) fn ascii(&self) -> bool {
        ["LC_ALL", "LC_CTYPE", "LANG"]
            .iter()
            .find_map(|name| self.text(name))
            .is_some_and(|locale| {
                let locale = locale.to_ascii_lowercase();
                !locale.contains("utf-8") && !locale.contains("utf8")
            })
    }

    /// The value of a secret that is named on the command line.
    pub(crate) fn secret(&self, name: &str) -> Option<String> {
        self.get(name)?.to_str().map(ToOwned::to_owned)
    }

    /// The repository, when no flag names it.
    pub(crate) fn root(&self) -> Option<PathBuf> {
        self.path("SEATRIAL_ROOT")
    }

    /// The value of one of the variables that stand for a flag.
    pub(super) fn twin(&self, name: &'static str) -> Option<&str> {
        debug_assert!(TWINS.contains(&name), "{name} is not among the twins");
        self.text(name)
    }

    /// The value of the flag that converted workflows have, where it is set here.
    pub(crate) fn docker_tests(&self) -> Option<&str> {
        self.text("CI_USE_DOCKER_TESTS")
    }

    /// Whether a service for continuous integration runs seatrial: all set `CI`.
    pub(crate) fn is_ci(&self) -> bool {
        self.get("CI")
            .is_some_and(|value| value == "true" || value == "1")
    }

    /// The run of a workflow at GitHub that this process belongs to (GitHub docs, "Variables
    /// reference", default environment variables).
    pub(crate) fn ci_run(&self) -> Option<CiRun> {
        let id = self.text("GITHUB_RUN_ID")?;
        let known = self.text("GITHUB_ACTIONS") == Some("true")
            && id.chars().all(|digit| digit.is_ascii_digit());
        let attempt = self.text("GITHUB_RUN_ATTEMPT");
        known.then(|| CiRun {
            id: id.to_owned(),
            attempt: attempt.and_then(|text| text.parse().ok()).unwrap_or(1),
        })
    }

    /// Variables that look like ours and are not: a typing error, most likely.
    pub(super) fn unknown(&self) -> Vec<String> {
        self.variables
            .keys()
            .filter_map(|name| name.to_str())
            .filter(|name| name.starts_with("SEATRIAL_"))
            .filter(|name| !TWINS.contains(name) && *name != ENGINE_TIMEOUT)
            // A step of another run has them.
            .filter(|name| ![RUN_VARIABLE, COMMAND_VARIABLE].contains(name))
            .map(|name| match nearest(name, TWINS) {
                Some(near) => {
                    format!("the variable {name} means nothing to seatrial; did you mean {near}?")
                }
                None => format!("the variable {name} means nothing to seatrial"),
            })
            .collect()
    }

    /// The value of a variable; an empty one counts as absent.
    fn get(&self, name: &str) -> Option<&OsStr> {
        self.variables
            .get(OsStr::new(name))
            .map(OsString::as_os_str)
            .filter(|value| !value.is_empty())
    }

    /// All variables whose names and values are text.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables
            .iter()
            .filter_map(|(name, value)| Some((name.to_str()?, value.to_str()?)))
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.to_str()
    }

    pub(super) fn path(&self, name: &str) -> Option<PathBuf> {
        self.get(name).map(PathBuf::from)
    }
}

/// Whether this is a file that may be run.
fn is_program(file: &Path) -> bool {
    let Ok(meta) = std::fs::metadata(file) else {
        return false;
    };
    #[cfg(unix)]
    let runs = {
        use std::os::unix::fs::PermissionsExt;
        meta.permissions().mode() & 0o111 != 0
    };
    #[cfg(not(unix))]
    let runs = true;
    meta.is_file() && runs
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn an_empty_variable_is_no_variable() {
        let environment = Environment::from_iter([("DOCKER_HOST", ""), ("HOME", "/home/a")]);
        let connect = environment.docker_connect();
        assert_eq!(connect.host, None);
        assert_eq!(connect.config_dir, Some(PathBuf::from("/home/a/.docker")));
    }

    #[cfg(unix)]
    #[test]
    fn programs_are_found_only_by_absolute_entries() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let tool = dir.path().join("tool");
        std::fs::write(&tool, "").unwrap();
        std::fs::create_dir(dir.path().join("folder")).unwrap();
        let path = format!(".:relative:{}", dir.path().display());
        let environment = Environment::from_iter([("PATH", path)]);
        assert_eq!(environment.which("tool"), None);
        std::fs::set_permissions(&tool, std::fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(environment.which("tool"), Some(tool));
        assert_eq!(environment.which("folder"), None);
    }

    #[test]
    fn the_locale_tells_whether_only_ascii_can_be_shown() {
        for (variables, ascii) in [
            (&[][..], false),
            (&[("LANG", "C")], true),
            (&[("LANG", "en_GB.UTF-8")], false),
            (&[("LANG", "C"), ("LC_ALL", "C.utf8")], false),
            (&[("LANG", "C.UTF-8"), ("LC_CTYPE", "POSIX")], true),
        ] {
            let environment = Environment::from_iter(variables.iter().copied());
            assert_eq!(environment.ascii(), ascii, "{variables:?}");
        }
    }

    #[test]
    fn unknown_variables_are_named() {
        let environment =
            Environment::from_iter([("SEATRIAL_JOB", "a"), ("SEATRIAL_EVENT", "push")]);
        assert_eq!(
            environment.unknown(),
            ["the variable SEATRIAL_JOB means nothing to seatrial; did you mean SEATRIAL_JOBS?"]
        );
    }

    #[test]
    fn values_are_not_shown() {
        let environment = Environment::from_iter([("TOKEN", "hunter2")]);
        assert_eq!(format!("{environment:?}"), "Environment(1 variables)");
        assert_eq!(environment.secret("TOKEN").unwrap(), "hunter2");
    }
}
