//! What a scan finds, and where.

use serde::{Deserialize, Serialize};

use super::rule::Rule;

/// How grave a finding is, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Severity {
    /// Worth knowing.
    Info,
    /// Nobody says how grave it is.
    Unknown,
    /// CVSS below 4.
    Low,
    /// CVSS from 4 to 6.9.
    Medium,
    /// CVSS from 7 to 8.9.
    High,
    /// CVSS from 9.
    Critical,
}

impl Severity {
    /// Every severity, the gravest first.
    pub(crate) const ALL: [Self; 6] = [
        Self::Critical,
        Self::High,
        Self::Medium,
        Self::Low,
        Self::Unknown,
        Self::Info,
    ];

    /// The word for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Unknown => "unknown",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// Reads the words that databases and scanners use.
    pub(crate) fn of_word(word: &str) -> Self {
        match word.trim().to_ascii_lowercase().as_str() {
            "critical" => Self::Critical,
            "high" | "important" => Self::High,
            "medium" | "moderate" => Self::Medium,
            "low" | "negligible" | "unimportant" => Self::Low,
            "info" | "informational" | "none" => Self::Info,
            _ => Self::Unknown,
        }
    }
}

/// What a finding leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Level {
    /// It is counted and not shown.
    Allow,
    /// It is shown.
    Warn,
    /// It is shown, and the command fails.
    Deny,
}

impl Level {
    /// The word for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Warn => "warn",
            Self::Deny => "deny",
        }
    }

    /// Reads the word.
    pub(crate) fn of_word(word: &str) -> Option<Self> {
        match word {
            "allow" => Some(Self::Allow),
            "warn" => Some(Self::Warn),
            "deny" => Some(Self::Deny),
            _ => None,
        }
    }
}

/// A place in a file of the repository.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FilePlace {
    /// The file, relative to the repository, with `/`.
    pub(crate) path: String,
    /// The line, from 1; 0 for the file as a whole.
    pub(crate) line: usize,
    /// The column, from 1; 0 for the line as a whole.
    pub(crate) column: usize,
}

impl FilePlace {
    /// A line of a file.
    pub(crate) fn line(path: &str, line: usize) -> Self {
        Self {
            path: path.to_owned(),
            line,
            column: 0,
        }
    }
}

/// A place in an image.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ImagePlace {
    /// The image, as it was asked for.
    pub(crate) image: String,
    /// The layer, from 1, and how many there are; absent for the image's configuration.
    pub(crate) layer: Option<(usize, usize)>,
    /// What made the layer, as the image's history says; shortened, secrets masked.
    pub(crate) created_by: String,
    /// The path in the image, from `/`.
    pub(crate) path: Option<String>,
    /// The line of that file, from 1; 0 for the whole.
    pub(crate) line: usize,
}

/// Where a finding is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// In a file of the repository.
    File(FilePlace),
    /// In an image.
    Image(ImagePlace),
}

/// What is known of a vulnerability.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Vulnerable {
    /// The id by which it is named: the CVE's, where it has one.
    pub(crate) id: String,
    /// All other names of it, sorted.
    pub(crate) aliases: Vec<String>,
    /// The package.
    pub(crate) package: String,
    /// Its installed version.
    pub(crate) version: String,
    /// The ecosystem, as OSV names it: `PyPI`, `Debian:12`.
    pub(crate) ecosystem: String,
    /// The package's URL (purl-spec).
    pub(crate) purl: String,
    /// The least version without it, where one is known.
    pub(crate) fixed: Option<String>,
    /// Where to read more.
    pub(crate) url: String,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// The rule.
    pub(crate) rule: Rule,
    /// How grave.
    pub(crate) severity: Severity,
    /// What it leads to.
    pub(crate) level: Level,
    /// Why the level is not the rule's own.
    pub(crate) because: Option<String>,
    /// Where.
    pub(crate) place: Place,
    /// What is wrong, one line, no full stop. Never holds a secret.
    pub(crate) message: String,
    /// The vulnerability, where it is one.
    pub(crate) vulnerable: Option<Vulnerable>,
}

impl Finding {
    /// A finding with the severity and the level of its rule.
    pub(crate) fn new(rule: Rule, place: Place, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity: rule.severity(),
            level: rule.level(),
            because: None,
            place,
            message: message.into(),
            vulnerable: None,
        }
    }
}
