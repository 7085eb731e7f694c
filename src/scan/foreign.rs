//! What trivy and grype answer, as our findings.

use serde::Deserialize;

use super::finding::{Finding, ImagePlace, Place, Severity, Vulnerable};
use super::vulnerabilities::finding;

/// Another scanner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Foreign {
    /// trivy of Aqua Security.
    Trivy,
    /// grype of Anchore.
    Grype,
}

impl Foreign {
    /// The name of its program.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Trivy => "trivy",
            Self::Grype => "grype",
        }
    }

    /// Its arguments for an image of the engine, by its id (`sha256:…`).
    pub(super) fn arguments(self, id: &str) -> Vec<String> {
        let words: Vec<&str> = match self {
            // It takes the beginning of an id for a name, but no digest alone.
            Self::Trivy => {
                let short = id.trim_start_matches("sha256:");
                let short = short.get(..12).unwrap_or(short);
                vec![
                    "image",
                    "--quiet",
                    "--scanners",
                    "vuln",
                    "--format",
                    "json",
                    short,
                ]
            }
            Self::Grype => {
                return vec![
                    format!("docker:{id}"),
                    "--quiet".to_owned(),
                    "--output".to_owned(),
                    "json".to_owned(),
                ];
            }
        };
        words.into_iter().map(ToOwned::to_owned).collect()
    }

    /// Its answer as findings.
    ///
    /// # Errors
    /// It is no answer of this scanner: one line.
    pub(crate) fn findings(self, answer: &[u8], image: &str) -> Result<Vec<Finding>, String> {
        let wrong = |error: serde_json::Error| {
            format!("the answer of {} cannot be read: {error}", self.name())
        };
        match self {
            Self::Trivy => {
                let report: Trivy = serde_json::from_slice(answer).map_err(wrong)?;
                if report.schema != 2 {
                    return Err(format!(
                        "the answer of trivy has the form {}, and 2 is known",
                        report.schema
                    ));
                }
                Ok(trivy(report, image))
            }
            Self::Grype => {
                let report: Grype = serde_json::from_slice(answer).map_err(wrong)?;
                Ok(grype(report, image))
            }
        }
    }
}

#[derive(Deserialize)]
struct Trivy {
    #[serde(rename = "SchemaVersion")]
    schema: u32,
    #[serde(rename = "Results", default)]
    results: Vec<TrivyResult>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TrivyResult {
    #[serde(default)]
    target: String,
    #[serde(rename = "Type", default)]
    kind: String,
    #[serde(default)]
    vulnerabilities: Vec<TrivyVulnerability>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TrivyVulnerability {
    #[serde(rename = "VulnerabilityID")]
    id: String,
    #[serde(rename = "VendorIDs", default)]
    vendor_ids: Vec<String>,
    pkg_name: String,
    #[serde(default)]
    installed_version: String,
    #[serde(default)]
    fixed_version: String,
    #[serde(default)]
    severity: String,
    #[serde(default)]
    title: String,
    #[serde(rename = "PrimaryURL", default)]
    url: String,
    #[serde(default)]
    pkg_path: String,
    #[serde(default)]
    pkg_identifier: TrivyIdentifier,
}

#[derive(Default, Deserialize)]
struct TrivyIdentifier {
    #[serde(rename = "PURL", default)]
    purl: String,
}

fn trivy(report: Trivy, image: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for result in report.results {
        for found in result.vulnerabilities {
            let path = if found.pkg_path.is_empty() {
                &result.target
            } else {
                &found.pkg_path
            };
            findings.push(made(
                image,
                path,
                &found.severity,
                &found.title,
                Vulnerable {
                    id: found.id,
                    aliases: found.vendor_ids,
                    package: found.pkg_name,
                    version: found.installed_version,
                    ecosystem: result.kind.clone(),
                    purl: found.pkg_identifier.purl,
                    fixed: some(found.fixed_version),
                    url: found.url,
                },
            ));
        }
    }
    findings
}

#[derive(Deserialize)]
struct Grype {
    matches: Vec<GrypeMatch>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GrypeMatch {
    vulnerability: GrypeVulnerability,
    #[serde(default)]
    related_vulnerabilities: Vec<GrypeRelated>,
    artifact: GrypeArtifact,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GrypeVulnerability {
    id: String,
    #[serde(default)]
    severity: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    data_source: String,
    #[serde(default)]
    fix: GrypeFix,
}

#[derive(Default, Deserialize)]
struct GrypeFix {
    #[serde(default)]
    versions: Vec<String>,
}

#[derive(Deserialize)]
struct GrypeRelated {
    id: String,
    #[serde(default)]
    description: String,
}

#[derive(Deserialize)]
struct GrypeArtifact {
    name: String,
    #[serde(default)]
    version: String,
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    purl: String,
    #[serde(default)]
    locations: Vec<GrypeLocation>,
}

#[derive(Deserialize)]
struct GrypeLocation {
    #[serde(default)]
    path: String,
}

fn grype(report: Grype, image: &str) -> Vec<Finding> {
    report
        .matches
        .into_iter()
        .map(|found| {
            let line = std::iter::once(found.vulnerability.description)
                .chain(
                    found
                        .related_vulnerabilities
                        .iter()
                        .map(|one| one.description.clone()),
                )
                .find(|text| !text.is_empty())
                .unwrap_or_default();
            // A CVE is the name that others know it by.
            let mut ids: Vec<String> = std::iter::once(found.vulnerability.id)
                .chain(found.related_vulnerabilities.into_iter().map(|one| one.id))
                .collect();
            ids.dedup();
            let first = ids
                .iter()
                .position(|id| id.starts_with("CVE-"))
                .unwrap_or(0);
            let id = ids.swap_remove(first);
            ids.sort();
            ids.retain(|other| *other != id);
            let path = found
                .artifact
                .locations
                .into_iter()
                .next()
                .map(|location| location.path)
                .unwrap_or_default();
            made(
                image,
                &path,
                &found.vulnerability.severity,
                &line,
                Vulnerable {
                    id,
                    aliases: ids,
                    package: found.artifact.name,
                    version: found.artifact.version,
                    ecosystem: found.artifact.kind,
                    purl: found.artifact.purl,
                    fixed: some(found.vulnerability.fix.versions.join(" or ")),
                    url: found.vulnerability.data_source,
                },
            )
        })
        .collect()
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// Longest line that is told, in characters.
const LONGEST: usize = 160;

fn made(image: &str, path: &str, severity: &str, line: &str, found: Vulnerable) -> Finding {
    let place = Place::Image(ImagePlace {
        image: image.to_owned(),
        path: (!path.is_empty()).then(|| path.to_owned()),
        ..ImagePlace::default()
    });
    let line = line.lines().next().unwrap_or_default();
    let short: String = line.trim_end_matches('.').chars().take(LONGEST).collect();
    finding(place, Severity::of_word(severity), &short, found)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const TRIVY: &[u8] = include_bytes!("../../tests/fixtures/scan/trivy.json");
    const GRYPE: &[u8] = include_bytes!("../../tests/fixtures/scan/grype.json");

    fn told(findings: &[Finding]) -> Vec<String> {
        findings
            .iter()
            .map(|one| {
                let found = one.vulnerable.as_ref().unwrap();
                format!(
                    "{} {} [{}]",
                    one.severity.as_str(),
                    one.message,
                    found.aliases.join(",")
                )
            })
            .collect()
    }

    #[test]
    fn trivy_is_understood() {
        let found = Foreign::Trivy.findings(TRIVY, "i").unwrap();
        assert_eq!(
            told(&found),
            [
                "high libssl3 3.0.11-1~deb12u2: openssl: denial of service (CVE-2099-1001), mended in 3.0.11-1~deb12u3 [DSA-9001-1]",
                "medium idna 3.4: idna: slow for long names (CVE-2099-1002), mended in 3.7 []",
                "low tar 1.34: CVE-2099-1003, not mended yet []",
            ]
        );
        assert_eq!(
            found[1].vulnerable.as_ref().unwrap().purl,
            "pkg:pypi/idna@3.4"
        );
    }

    #[test]
    fn grype_is_understood() {
        let found = Foreign::Grype.findings(GRYPE, "i").unwrap();
        assert_eq!(
            told(&found),
            [
                "medium idna 3.4: idna is slow for long names (CVE-2099-1002), mended in 3.7 [GHSA-aaaa-bbbb-cccc]",
                "low tar 1.34+dfsg-1.2: A flaw of tar (CVE-2099-1003), not mended yet []",
            ]
        );
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        for (scanner, answer) in [
            (Foreign::Trivy, "{}"),
            (Foreign::Trivy, "{\"SchemaVersion\":3}"),
            (Foreign::Grype, "[]"),
            (Foreign::Grype, ""),
        ] {
            let why = scanner.findings(answer.as_bytes(), "i").unwrap_err();
            assert!(why.contains(scanner.name()), "{why}");
        }
        let nothing = b"{\"SchemaVersion\":2,\"Results\":[{\"Target\":\"x\"}]}";
        assert_eq!(Foreign::Trivy.findings(nothing, "i"), Ok(Vec::new()));
    }

    #[test]
    fn images_are_named_as_each_knows_them() {
        let id = "sha256:0123456789abcdef0123";
        assert!(
            Foreign::Trivy
                .arguments(id)
                .contains(&"0123456789ab".to_owned())
        );
        assert_eq!(
            Foreign::Grype.arguments(id)[0],
            "docker:sha256:0123456789abcdef0123"
        );
    }
}
