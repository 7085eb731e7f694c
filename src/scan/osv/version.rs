//! Versions of each ecosystem, compared by its own rules, each by a library.

use std::cmp::Ordering;
use std::str::FromStr;

use crate::plan::normal_name;

/// The rules of an ecosystem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Scheme {
    /// deb-version(7), for Debian.
    Debian,
    /// The same, for Ubuntu, whose advisories are others.
    Ubuntu,
    /// PEP 440.
    Python,
    /// Semantic Versioning 2.0.0, for npm.
    Npm,
    /// The same, for crates.io.
    Cargo,
}

impl Scheme {
    /// The rules of an ecosystem, as OSV names it; absent where no library has them.
    pub(crate) fn of_ecosystem(ecosystem: &str) -> Option<Self> {
        match ecosystem.split(':').next().unwrap_or_default() {
            "Debian" => Some(Self::Debian),
            "Ubuntu" => Some(Self::Ubuntu),
            "PyPI" => Some(Self::Python),
            "npm" => Some(Self::Npm),
            "crates.io" => Some(Self::Cargo),
            _ => None,
        }
    }

    /// The ecosystem without a release.
    pub(crate) fn base(self) -> &'static str {
        match self {
            Self::Debian => "Debian",
            Self::Ubuntu => "Ubuntu",
            Self::Python => "PyPI",
            Self::Npm => "npm",
            Self::Cargo => "crates.io",
        }
    }

    /// A name as it is looked up by.
    pub(crate) fn name(self, name: &str) -> String {
        match self {
            Self::Python => normal_name(name),
            _ => name.to_owned(),
        }
    }

    /// Whether a text is a version.
    pub(crate) fn is_version(self, text: &str) -> bool {
        self.compare(text, text).is_some()
    }

    /// The order of two versions; `None` where one of them is none.
    pub(crate) fn compare(self, a: &str, b: &str) -> Option<Ordering> {
        match self {
            Self::Debian | Self::Ubuntu => {
                let a = debversion::Version::from_str(a).ok()?;
                Some(a.cmp(&debversion::Version::from_str(b).ok()?))
            }
            Self::Python => {
                let a = pep440_rs::Version::from_str(a).ok()?;
                Some(a.cmp(&pep440_rs::Version::from_str(b).ok()?))
            }
            // Without the build: it has no part in the order (Semantic Versioning, 10).
            Self::Npm | Self::Cargo => Some(semver_of(a)?.cmp_precedence(&semver_of(b)?)),
        }
    }
}

fn semver_of(text: &str) -> Option<semver::Version> {
    let text = text.trim();
    semver::Version::parse(text.strip_prefix('v').unwrap_or(text)).ok()
}
