//! Versions of Python as `actions/setup-python` takes them: ranges of npm's semver,
//! and its own forms for pre-releases, free-threaded builds and PyPy.

use super::range::{Range, Version};

/// The newest release of Python 3 that has an official image, as far as this
/// version of seatrial knows, and the oldest one that still has.
const MINORS: std::ops::RangeInclusive<u64> = 6..=14;

/// What one line of `python-version` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PythonSpec {
    /// CPython.
    CPython {
        /// Which versions will do.
        range: Range,
        /// The build without the global interpreter lock (`3.13t`).
        freethreaded: bool,
        /// As it was written.
        text: String,
    },
    /// PyPy, by the version of Python it stands for, `3.10`, and its own, if given.
    PyPy {
        /// `3.10`.
        python: String,
        /// `7.3.13`; empty for the newest.
        own: String,
    },
    /// Something that no official image is known for: GraalPy, nightly builds.
    Other(String),
}

impl PythonSpec {
    /// Reads one line.
    pub(crate) fn parse(line: &str) -> Self {
        let text = line.trim();
        if let Some(rest) = text.strip_prefix("pypy") {
            let rest = rest.trim_start_matches('-');
            let (python, own) = rest.split_once("-v").unwrap_or((rest, ""));
            return if is_plain(python) && (own.is_empty() || is_plain(own)) {
                Self::PyPy {
                    python: python.to_owned(),
                    own: own.to_owned(),
                }
            } else {
                Self::Other(text.to_owned())
            };
        }
        // Names of pyenv and conda for CPython.
        let number = text.strip_prefix("python-").unwrap_or(text);
        let plain_thread = number
            .strip_suffix('t')
            .filter(|rest| rest.ends_with(|c: char| c.is_ascii_digit()));
        let (number, freethreaded) = match (plain_thread, number.strip_suffix("t-dev")) {
            (Some(rest), _) => (rest.to_owned(), true),
            (None, Some(rest)) => (format!("{rest}-dev"), true),
            (None, None) => (number.to_owned(), false),
        };
        // `3.14-dev` is `~3.14.0-0`: any build of it, pre-releases too.
        let (number, dev) = match number.strip_suffix("-dev") {
            Some(rest) => (format!("~{rest}.0-0"), true),
            None => (number, false),
        };
        match Range::parse(&number) {
            Some(range) => Self::CPython {
                range: if dev { range.with_prereleases() } else { range },
                freethreaded,
                text: text.to_owned(),
            },
            None => Self::Other(text.to_owned()),
        }
    }

    /// The official image for it.
    pub(crate) fn image(&self) -> Option<String> {
        match self {
            Self::PyPy { python, own } if own.is_empty() => Some(format!("pypy:{python}-slim")),
            Self::PyPy { python, own } => Some(format!("pypy:{python}-{own}-slim")),
            Self::CPython {
                freethreaded: true, ..
            }
            | Self::Other(_) => None,
            Self::CPython { range, text, .. } => {
                let plain = text.trim_start_matches("python-");
                if is_plain(plain) {
                    return Some(format!("python:{plain}-slim"));
                }
                if let Some(tag) = newest(range) {
                    return Some(format!("python:{tag}-slim"));
                }
                // A release that is still to come has images of its candidates.
                let minor = plain.strip_suffix("-dev").filter(|text| is_plain(text))?;
                Some(format!("python:{minor}-rc-slim"))
            }
        }
    }

    /// As it was written.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::CPython { text, .. } | Self::Other(text) => text.clone(),
            Self::PyPy { python, own } if own.is_empty() => format!("pypy{python}"),
            Self::PyPy { python, own } => format!("pypy{python}-v{own}"),
        }
    }

    /// Whether the free-threaded build is meant.
    pub(crate) fn is_freethreaded(&self) -> bool {
        matches!(
            self,
            Self::CPython {
                freethreaded: true,
                ..
            }
        )
    }

    /// Whether a version that `python --version` would tell will do. Where nothing
    /// can be said (PyPy tells its Python's version), it will.
    pub(crate) fn accepts(&self, found: &str) -> bool {
        match self {
            Self::CPython { range, .. } => {
                Version::parse(found).is_some_and(|version| range.accepts(&version))
            }
            Self::PyPy { python, .. } => {
                found == python
                    || found
                        .strip_prefix(python.as_str())
                        .is_some_and(|rest| rest.starts_with('.'))
            }
            Self::Other(_) => false,
        }
    }
}

/// The tag of the newest known release within a range.
fn newest(range: &Range) -> Option<String> {
    /// More patch releases than any minor release ever had.
    const PATCHES: u64 = 99;
    MINORS.rev().find_map(|minor| {
        let accepts = |patch: u64| range.accepts(&Version::new(3, minor, patch));
        if accepts(PATCHES) {
            return Some(format!("3.{minor}"));
        }
        (0..PATCHES)
            .rev()
            .find(|patch| accepts(*patch))
            .map(|patch| format!("3.{minor}.{patch}"))
    })
}

/// `3`, `3.12` or `3.12.4`.
fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && text.split('.').count() <= 3
        && text
            .split('.')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The lines of `python-version`. The last one is the default of the job.
pub(crate) fn specs(text: &str) -> Vec<PythonSpec> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(PythonSpec::parse)
        .collect()
}

/// What a `python-version-file` asks for, in the form of `python-version`; `None`
/// when the file says nothing of Python. Known are those that setup-python knows:
/// `pyproject.toml`, `Pipfile`, `.tool-versions`, and everything else as
/// `.python-version`.
pub(crate) fn of_file(name: &str, text: &str) -> Option<String> {
    let base = name.rsplit('/').next().unwrap_or(name);
    if base.ends_with(".toml") {
        let document: toml::Table = text.parse().ok()?;
        let at = |path: &[&str]| {
            let mut value = document.get(*path.first()?)?;
            for key in path.iter().skip(1) {
                value = value.get(key)?;
            }
            value.as_str().map(ToOwned::to_owned)
        };
        let found = at(&["tool", "poetry", "dependencies", "python"])
            .or_else(|| at(&["project", "requires-python"]))?;
        return Some(of_specifiers(&found));
    }
    if base == "Pipfile" {
        let document: toml::Table = text.parse().ok()?;
        let requires = document.get("requires")?;
        let found = requires
            .get("python_full_version")
            .or_else(|| requires.get("python_version"))?;
        return found.as_str().map(ToOwned::to_owned);
    }
    if base == ".tool-versions" {
        return text.lines().find_map(|line| {
            let mut words = line.split_whitespace();
            (words.next() == Some("python"))
                .then(|| words.next())
                .flatten()
                .map(ToOwned::to_owned)
        });
    }
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// Specifiers of PEP 440 in the form of a range: `>=3.9,<4` is `>=3.9 <4`.
fn of_specifiers(text: &str) -> String {
    text.split(',')
        .map(|one| {
            let one = one.trim();
            if let Some(version) = one.strip_prefix("~=") {
                // `~=3.9` is `>=3.9, ==3.*`; `~=3.9.1` is `>=3.9.1, ==3.9.*`.
                let version = version.trim();
                return match version.matches('.').count() {
                    0 | 1 => format!("^{version}"),
                    _ => format!("~{version}"),
                };
            }
            one.trim_start_matches('=').trim().replace(' ', "")
        })
        // Exclusions of single versions do not choose one.
        .filter(|one| !one.starts_with("!="))
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::{PythonSpec, of_file, specs};

    #[test]
    fn versions_become_images() {
        for (asked, image) in [
            ("3.11", Some("python:3.11-slim")),
            ("3.11.4", Some("python:3.11.4-slim")),
            ("3", Some("python:3-slim")),
            ("3.x", Some("python:3.14-slim")),
            ("3.12.x", Some("python:3.12-slim")),
            ("~3.11", Some("python:3.11-slim")),
            ("~3.11.0-0", Some("python:3.11-slim")),
            ("^3.9", Some("python:3.14-slim")),
            (">=3.9 <3.13", Some("python:3.12-slim")),
            (">=3.9,<3.13", None),
            (">3.9 <=3.12.4", Some("python:3.12.4-slim")),
            ("3.8 || 3.10", Some("python:3.10-slim")),
            ("3.9 - 3.11", Some("python:3.11-slim")),
            ("3.14-dev", Some("python:3.14-slim")),
            ("3.99-dev", Some("python:3.99-rc-slim")),
            ("3.13t", None),
            ("3.14t-dev", None),
            ("pypy3.10", Some("pypy:3.10-slim")),
            ("pypy-3.10", Some("pypy:3.10-slim")),
            ("pypy3.10-v7.3.13", Some("pypy:3.10-7.3.13-slim")),
            ("pypy3.10-nightly", None),
            ("graalpy-24.0", None),
            ("two", None),
        ] {
            assert_eq!(
                PythonSpec::parse(asked).image().as_deref(),
                image,
                "{asked}"
            );
        }
    }

    #[test]
    fn a_version_that_is_there_is_compared_with_what_is_asked_for() {
        for (asked, found, good) in [
            ("3.11", "3.11.2", true),
            ("3.11.2", "3.11.2", true),
            ("3.x", "3.11.2", true),
            ("3.1", "3.11.2", false),
            ("3.12", "3.11.2", false),
            (">=3.9 <3.12", "3.11.2", true),
            (">=3.9 <3.11", "3.11.2", false),
            ("3.14-dev", "3.14.0rc1", true),
            ("3.14", "3.14.0rc1", false),
            ("pypy3.10", "3.10.1", true),
            ("pypy3.10", "3.11.1", false),
        ] {
            assert_eq!(PythonSpec::parse(asked).accepts(found), good, "{asked}");
        }
    }

    #[test]
    fn files_are_read_as_setup_python_reads_them() {
        for (name, text, found) in [
            (".python-version", "# mine\n3.9\n3.12\n", Some("3.9\n3.12")),
            (
                "sub/pyproject.toml",
                "[project]\nrequires-python = '>=3.9, <3.13'",
                Some(">=3.9 <3.13"),
            ),
            (
                "pyproject.toml",
                "[project]\nrequires-python = '~=3.9'",
                Some("^3.9"),
            ),
            (
                "pyproject.toml",
                "[project]\nrequires-python = '==3.11.*'",
                Some("3.11.*"),
            ),
            (
                "pyproject.toml",
                "[tool.poetry.dependencies]\npython = '^3.10'",
                Some("^3.10"),
            ),
            ("pyproject.toml", "[project]\nname = 'x'", None),
            (
                ".tool-versions",
                "nodejs 20\npython 3.11.4 3.10\n",
                Some("3.11.4"),
            ),
            (
                "Pipfile",
                "[requires]\npython_version = '3.11'",
                Some("3.11"),
            ),
            (".python-version", "\n", None),
        ] {
            assert_eq!(of_file(name, text).as_deref(), found, "{name}: {text}");
        }
        assert_eq!(specs("3.9\n3.12\n").len(), 2);
    }
}
