//! What jobs find on this machine when they run on it: the variables they may have, the
//! places where Pythons lie.
//!
//! GitHub's runner starts jobs with few variables and a home that is nobody's. Here they
//! have the machine's variables without those that lead a job back to its user: to the
//! home, to an environment that is activated, to the runner or the run around it.

use std::path::PathBuf;

use super::environment::Environment;
use crate::docker::{Candidate, candidates};
use crate::engine::host::Machine;

/// Beginnings of names that belong to a runner, an editor's or shell's environment, or to
/// seatrial itself.
const OTHERS: [&str; 8] = [
    "ACTIONS_",
    "CONDA_",
    "GITHUB_",
    "INPUT_",
    "RUNNER_",
    "SEATRIAL_",
    "STATE_",
    "_CE_",
];
/// Names that say where a user's own things are, or what is activated.
const OWN: [&str; 18] = [
    "CARGO_HOME",
    "DOCKER_CONFIG",
    "DOCKER_CONTEXT",
    "HOME",
    "OLDPWD",
    "PIPX_HOME",
    "PWD",
    "PYENV_DIR",
    "PYENV_VERSION",
    "PYTHONHOME",
    "PYTHONPATH",
    "TMPDIR",
    "VIRTUAL_ENV",
    "VIRTUAL_ENV_PROMPT",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
];
/// Things below the home that programs of the machine need to work at all, and the
/// variable by which they find them elsewhere.
const BELOW_HOME: [(&str, &str); 4] = [
    ("PIP_CONFIG_FILE", ".config/pip/pip.conf"),
    ("PIP_CONFIG_FILE", ".pip/pip.conf"),
    ("PYENV_ROOT", ".pyenv"),
    ("RUSTUP_HOME", ".rustup"),
];
/// Plugins of the docker command (`buildx`, `compose`) that a user has for himself.
const PLUGINS: &str = ".docker/cli-plugins";
/// Where GitHub's own runners keep their Pythons.
const TOOL_CACHE: &str = "/opt/hostedtoolcache";
/// The engine that the docker command takes by itself.
const USUAL_ENGINE: &str = "unix:///var/run/docker.sock";
/// Where temporary folders are made when nobody says otherwise.
const TEMP: &str = "/tmp";

impl Environment {
    /// This machine for jobs that run on it. Variables of these names hold secrets, which
    /// a job gets where its workflow says so.
    pub(crate) fn machine(&self, secrets: &[(String, String)]) -> Machine {
        let mut env: Vec<(String, String)> = self
            .texts()
            .filter(|(name, _)| {
                !OWN.contains(name)
                    && !OTHERS.iter().any(|other| name.starts_with(other))
                    && !secrets.iter().any(|(secret, _)| secret == name)
            })
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let mut add = |name: &str, value: PathBuf| {
            if !env.iter().any(|(known, _)| known == name) {
                env.push((name.to_owned(), value.display().to_string()));
            }
        };
        // What was downloaded once is there for all jobs.
        add("PIP_CACHE_DIR", self.cache().join("pip"));
        add("UV_CACHE_DIR", self.cache().join("uv"));
        // The context that leads to it is in the user's home.
        if let Some(address) = self.unusual_engine() {
            add("DOCKER_HOST", address.into());
        }
        if let Some(home) = self.path("HOME") {
            for (name, below) in BELOW_HOME {
                let place = home.join(below);
                if place.exists() {
                    add(name, place);
                }
            }
        }
        let plugins = self
            .path("HOME")
            .map(|home| home.join(PLUGINS))
            .filter(|folder| folder.is_dir());
        Machine {
            links: plugins
                .map(|folder| (PLUGINS.to_owned(), folder))
                .into_iter()
                .collect(),
            temp: self.temp(),
            env,
        }
    }

    /// The address of the machine's engine, unless it is the one that the docker command
    /// takes by itself.
    fn unusual_engine(&self) -> Option<String> {
        let is_there = |one: &Candidate| match one.address.strip_prefix("unix://") {
            Some(socket) if !one.explicit => std::path::Path::new(socket).exists(),
            _ => true,
        };
        candidates(&self.docker_connect())
            .ok()?
            .into_iter()
            .find(is_there)
            .map(|one| one.address)
            .filter(|address| address != USUAL_ENGINE)
    }

    /// Where temporary folders are made.
    pub(crate) fn temp(&self) -> PathBuf {
        self.path("TMPDIR")
            .filter(|path| path.is_absolute())
            .unwrap_or_else(|| PathBuf::from(TEMP))
    }

    /// `PATH` for jobs on this machine: without what an activated environment put there.
    pub(crate) fn job_path(&self) -> String {
        let path = self.search_path();
        let active: Vec<PathBuf> = ["VIRTUAL_ENV", "CONDA_PREFIX"]
            .iter()
            .filter_map(|name| self.path(name))
            .map(|folder| folder.join("bin"))
            .collect();
        path.split(':')
            .filter(|folder| {
                !active
                    .iter()
                    .any(|own| own.as_path() == std::path::Path::new(folder))
            })
            .collect::<Vec<_>>()
            .join(":")
    }

    /// Folders that hold Pythons, a folder each: the tool cache of a runner, and what
    /// pyenv and uv have installed. Those that are there, best first.
    pub(crate) fn python_places(&self) -> Vec<PathBuf> {
        let home = self.path("HOME");
        let below = |path: &str| home.as_ref().map(|home| home.join(path));
        let tools = self
            .path("RUNNER_TOOL_CACHE")
            .or_else(|| self.path("AGENT_TOOLSDIRECTORY"))
            .unwrap_or_else(|| PathBuf::from(TOOL_CACHE));
        let pyenv = self.path("PYENV_ROOT").or_else(|| below(".pyenv"));
        let uv = self.path("UV_PYTHON_INSTALL_DIR").or_else(|| {
            self.path("XDG_DATA_HOME")
                .or_else(|| below(".local/share"))
                .map(|data| data.join("uv/python"))
        });
        [Some(tools.join("Python")), Some(tools.join("PyPy"))]
            .into_iter()
            .chain([pyenv.map(|root| root.join("versions")), uv])
            .flatten()
            .filter(|place| place.is_absolute() && place.is_dir())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_job_has_the_machines_variables_and_not_its_users() {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(home.path().join(".pyenv/versions/3.11.7")).unwrap();
        let at = |path: &str| home.path().join(path).display().to_string();
        let environment: Environment = [
            ("HOME", at("")),
            ("PATH", format!("{}:/usr/bin", at("venv/bin"))),
            ("VIRTUAL_ENV", at("venv")),
            ("XDG_CACHE_HOME", at("cache")),
            ("GITHUB_TOKEN", "outer".to_owned()),
            ("SEATRIAL_RUN", "outer".to_owned()),
            ("TOKEN", "secret".to_owned()),
            ("HTTPS_PROXY", "http://proxy:3128".to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
            ("DOCKER_HOST", "tcp://engine:2375".to_owned()),
            ("DOCKER_CONFIG", at("docker")),
        ]
        .into_iter()
        .collect();
        let secrets = [("TOKEN".to_owned(), "secret".to_owned())];
        let env = environment.machine(&secrets).env;
        let names: Vec<&str> = env.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            [
                "DOCKER_HOST",
                "HTTPS_PROXY",
                "LANG",
                "PATH",
                "PIP_CACHE_DIR",
                "UV_CACHE_DIR",
                "PYENV_ROOT"
            ]
        );
        assert_eq!(environment.job_path(), "/usr/bin");
        assert_eq!(
            environment.python_places(),
            [home.path().join(".pyenv/versions")]
        );
    }
}
