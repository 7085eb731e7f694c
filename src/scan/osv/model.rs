//! The form of an advisory, as far as it is read.

use serde::Deserialize;

use crate::scan::finding::Severity;

/// An advisory.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Advisory {
    /// Its id.
    pub(crate) id: String,
    /// When it was changed last (RFC 3339).
    pub(crate) modified: String,
    /// When it was taken back.
    pub(crate) withdrawn: Option<String>,
    /// Other ids of the same vulnerability.
    pub(crate) aliases: Vec<String>,
    /// Vulnerabilities that it is made of.
    pub(crate) upstream: Vec<String>,
    /// One line.
    pub(crate) summary: String,
    /// More lines.
    pub(crate) details: String,
    /// How grave, by vectors.
    pub(crate) severity: Vec<Rating>,
    /// What it is about.
    pub(crate) affected: Vec<Affected>,
    /// What its database says beyond the form.
    pub(crate) database_specific: Option<Specific>,
}

/// How grave, in one system of ratings.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Rating {
    /// `CVSS_V3` and the like, or the name of a distribution.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// The vector, or a word.
    pub(crate) score: String,
}

/// Versions of one package.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Affected {
    /// The package.
    pub(crate) package: Option<About>,
    /// How grave it is for this package.
    pub(crate) severity: Vec<Rating>,
    /// Ranges of versions.
    pub(crate) ranges: Vec<Range>,
    /// Single versions.
    pub(crate) versions: Vec<String>,
    /// What the ecosystem says beyond the form.
    pub(crate) ecosystem_specific: Option<Specific>,
    /// What the database says beyond the form.
    pub(crate) database_specific: Option<Specific>,
}

/// A package, as an advisory names it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct About {
    /// `PyPI`, `Debian:12` …
    pub(crate) ecosystem: String,
    /// Its name there.
    pub(crate) name: String,
}

/// A range of versions.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Range {
    /// `ECOSYSTEM`, `SEMVER` or `GIT`.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// Where it begins and ends.
    pub(crate) events: Vec<Event>,
}

/// Where a range begins or ends; one of the fields is there.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Event {
    /// The first version that is affected; `0` for the very first.
    pub(crate) introduced: Option<String>,
    /// The first version that is not.
    pub(crate) fixed: Option<String>,
    /// The last version that is affected.
    pub(crate) last_affected: Option<String>,
    /// The range says nothing of versions from here on.
    pub(crate) limit: Option<String>,
}

/// Fields that databases add, where they say how grave it is. They are no part of the
/// form, so anything may stand there.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Specific {
    severity: serde_json::Value,
    urgency: serde_json::Value,
}

impl Specific {
    fn rating(&self) -> Severity {
        [&self.severity, &self.urgency]
            .iter()
            .filter_map(|value| value.as_str())
            .map(Severity::of_word)
            .find(|severity| *severity != Severity::Unknown)
            .unwrap_or(Severity::Unknown)
    }
}

impl Advisory {
    /// Reads one; `None` where it has not the form of one.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let advisory: Self = serde_json::from_slice(bytes).ok()?;
        (!advisory.id.is_empty()).then_some(advisory)
    }

    /// How grave it is: by the vectors of the newest kind, else by the words of its
    /// database.
    pub(crate) fn rating(&self) -> Severity {
        let ratings = || {
            let own = self.affected.iter().flat_map(|affected| &affected.severity);
            self.severity.iter().chain(own)
        };
        for prefix in ["CVSS:4", "CVSS:3"] {
            let best = ratings()
                .filter(|rating| rating.score.starts_with(prefix))
                .filter_map(|rating| of_vector(&rating.score))
                .max();
            if let Some(best) = best {
                return best;
            }
        }
        let words = self
            .affected
            .iter()
            .flat_map(|one| [&one.ecosystem_specific, &one.database_specific])
            .chain([&self.database_specific])
            .flatten()
            .map(Specific::rating);
        let named = ratings().map(|rating| Severity::of_word(&rating.score));
        let old = ratings().filter_map(|rating| of_vector(&rating.score));
        words
            .chain(named)
            .chain(old)
            .filter(|severity| *severity != Severity::Unknown)
            .max()
            .unwrap_or(Severity::Unknown)
    }

    /// What it says in one line.
    pub(crate) fn line(&self) -> String {
        let text = if self.summary.trim().is_empty() {
            self.details
                .lines()
                .map(|line| line.trim_start_matches(['#', ' ']))
                .find(|line| !line.is_empty())
                .unwrap_or_default()
        } else {
            self.summary.trim()
        };
        let mut line: String = text.chars().take(LONGEST).collect();
        if line.len() < text.len() {
            line.push('…');
        }
        line.trim_end_matches('.').to_owned()
    }
}

/// Longest line that is told of an advisory, in characters.
const LONGEST: usize = 160;

fn of_vector(vector: &str) -> Option<Severity> {
    let parsed: cvss::Cvss = vector.parse().ok()?;
    Some(match parsed.severity() {
        cvss::Severity::None => Severity::Info,
        cvss::Severity::Low => Severity::Low,
        cvss::Severity::Medium => Severity::Medium,
        cvss::Severity::High => Severity::High,
        cvss::Severity::Critical => Severity::Critical,
    })
}
