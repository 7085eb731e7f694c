//! Commands that steps call and the image lacks.

use super::{Expected, Finding};
use crate::image::Facts;
use crate::plan::Installed;

/// Who brings a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Provider {
    /// A package of Debian and Ubuntu.
    Apt(&'static str),
    /// A package of Python.
    Pip(&'static str),
    /// It is not known here.
    Unknown,
}

use Provider::{Apt, Pip};

/// Well-known commands and their packages.
const PACKAGES: &[(&str, Provider)] = &[
    ("bash", Apt("bash")),
    ("bc", Apt("bc")),
    ("black", Pip("black")),
    ("bzip2", Apt("bzip2")),
    ("chromium", Apt("chromium")),
    ("clang", Apt("clang")),
    ("cmake", Apt("cmake")),
    ("coverage", Pip("coverage")),
    ("curl", Apt("curl")),
    ("dig", Apt("dnsutils")),
    ("dot", Apt("graphviz")),
    ("envsubst", Apt("gettext-base")),
    ("ffmpeg", Apt("ffmpeg")),
    ("file", Apt("file")),
    ("flake8", Pip("flake8")),
    ("g++", Apt("g++")),
    ("gcc", Apt("gcc")),
    ("gettext", Apt("gettext")),
    ("gh", Apt("gh")),
    ("git", Apt("git")),
    ("gpg", Apt("gnupg")),
    ("hatch", Pip("hatch")),
    ("ip", Apt("iproute2")),
    ("isort", Pip("isort")),
    ("java", Apt("default-jre-headless")),
    ("jq", Apt("jq")),
    ("less", Apt("less")),
    ("lsof", Apt("lsof")),
    ("make", Apt("make")),
    ("mongosh", Apt("mongodb-mongosh")),
    ("msgfmt", Apt("gettext")),
    ("mypy", Pip("mypy")),
    ("mysql", Apt("default-mysql-client")),
    ("mysqladmin", Apt("default-mysql-client")),
    ("nc", Apt("netcat-openbsd")),
    ("netstat", Apt("net-tools")),
    ("node", Apt("nodejs")),
    ("nox", Pip("nox")),
    ("npm", Apt("npm")),
    ("openssl", Apt("openssl")),
    ("patch", Apt("patch")),
    ("pdm", Pip("pdm")),
    ("pg_dump", Apt("postgresql-client")),
    ("pg_isready", Apt("postgresql-client")),
    ("pip", Apt("python3-pip")),
    ("pipenv", Pip("pipenv")),
    ("pkg-config", Apt("pkg-config")),
    ("poetry", Pip("poetry")),
    ("pre-commit", Pip("pre-commit")),
    ("ps", Apt("procps")),
    ("psql", Apt("postgresql-client")),
    ("py.test", Pip("pytest")),
    ("pylint", Pip("pylint")),
    ("pyright", Pip("pyright")),
    ("pytest", Pip("pytest")),
    ("redis-cli", Apt("redis-tools")),
    ("rsync", Apt("rsync")),
    ("ruff", Pip("ruff")),
    ("shellcheck", Apt("shellcheck")),
    ("sphinx-build", Pip("sphinx")),
    ("sqlite3", Apt("sqlite3")),
    ("ssh", Apt("openssh-client")),
    ("svn", Apt("subversion")),
    ("time", Apt("time")),
    ("tox", Pip("tox")),
    ("tree", Apt("tree")),
    ("twine", Pip("twine")),
    ("unzip", Apt("unzip")),
    ("uv", Pip("uv")),
    ("wget", Apt("wget")),
    ("xmllint", Apt("libxml2-utils")),
    ("xvfb-run", Apt("xvfb")),
    ("xz", Apt("xz-utils")),
    ("zip", Apt("zip")),
    ("zstd", Apt("zstd")),
];

/// The commands that are called before anything may have brought them, and are not there.
pub(super) fn missing(expected: &Expected, facts: &Facts) -> Vec<Finding> {
    let wanted = expected.wants.commands.iter();
    wanted
        .filter(|command| !facts.has(&command.name))
        .filter_map(|command| {
            let provider = provider(&command.name);
            if may_be_there(provider, command.after) {
                return None;
            }
            let way_out = match provider {
                Provider::Apt(package) => format!("; `apt-get install {package}` brings it"),
                Provider::Pip(package) => format!("; `pip install {package}` brings it"),
                Provider::Unknown => String::new(),
            };
            Some(Finding::warning(format!(
                "{} calls `{}`, which the image of {} lacks{way_out}",
                expected.at(&command.place),
                command.name,
                expected.base
            )))
        })
        .collect()
}

fn provider(command: &str) -> Provider {
    let row = PACKAGES.iter().find(|(name, _)| *name == command);
    row.map_or(Provider::Unknown, |(_, provider)| *provider)
}

/// Whether what was installed before may have brought it.
fn may_be_there(provider: Provider, installed: Installed) -> bool {
    installed.anything
        || match provider {
            Provider::Apt(_) => installed.system,
            // The system's packages hold some of Python's, too.
            Provider::Pip(_) | Provider::Unknown => installed.python || installed.system,
        }
}

#[cfg(test)]
mod tests {
    use super::PACKAGES;

    #[test]
    fn the_table_is_sorted_and_has_no_command_twice() {
        assert!(PACKAGES.is_sorted_by(|one, other| one.0 < other.0));
    }
}
