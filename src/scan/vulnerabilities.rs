//! From advisories to findings: what the settings look over, and what was not looked up.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;

use super::finding::{FilePlace, Finding, ImagePlace, Place, Severity, Vulnerable};
use super::osv::{Advisory, Hit, Index, Indexed, Unchecked, grouped};
use super::policy::Policy;
use super::report::Target;
use super::rule::Rule;

/// The settings file, in which ignored vulnerabilities stand.
const SETTINGS: &str = "seatrial.toml";
/// Where an advisory can be read.
const READ_AT: &str = "https://osv.dev/vulnerability/";

/// What came of looking for vulnerabilities.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Outcome {
    /// What was found.
    pub(crate) findings: Vec<Finding>,
    /// Vulnerabilities that the settings look over, with their reasons.
    pub(crate) ignored: Vec<(String, String)>,
}

/// Takes advisories one after the other, keeps what is about the packages.
pub(crate) struct Search<'t> {
    targets: &'t [Target],
    index: Index<'t>,
    hits: Vec<Hit>,
    unchecked: Vec<(usize, &'static str, Unchecked)>,
    /// Ecosystems that advisories are about.
    seen: BTreeSet<String>,
}

/// Most ecosystems that are kept: OSV has some hundred, releases counted.
const ECOSYSTEMS: usize = 10_000;

impl<'t> Search<'t> {
    /// A search for the packages of these images.
    pub(crate) fn new(targets: &'t [Target]) -> Self {
        let mut search = Self {
            targets,
            index: Index::new(),
            hits: Vec::new(),
            unchecked: Vec::new(),
            seen: BTreeSet::new(),
        };
        for (at, target) in targets.iter().enumerate() {
            let unchecked = search.index.add(at, target.os.as_ref(), &target.packages);
            search.unchecked.extend(
                unchecked
                    .into_iter()
                    .map(|(package, why)| (at, package.kind.as_str(), why)),
            );
        }
        search
    }

    /// Looks at an advisory.
    pub(crate) fn take(&mut self, advisory: &Advisory) {
        for affected in &advisory.affected {
            if let Some(about) = &affected.package
                && self.seen.len() < ECOSYSTEMS
                && !self.seen.contains(&about.ecosystem)
            {
                self.seen.insert(about.ecosystem.clone());
            }
        }
        for (package, fixed) in self.index.hits(advisory) {
            self.hits.push(Hit::new(package, advisory, fixed));
        }
    }

    /// What came of it, as of a day.
    pub(crate) fn finish(mut self, policy: &Policy, today: Date) -> Outcome {
        let mut found = Vec::new();
        for group in grouped(std::mem::take(&mut self.hits)) {
            let Some(entry) = self.index.entries().get(group.package) else {
                continue;
            };
            let package = entry.package;
            let (name, version) = (&package.name, &package.version);
            let os = self
                .target(entry.target)
                .and_then(|target| target.os.as_ref());
            let fixed = (!group.fixed.is_empty()).then(|| group.fixed.join(" or "));
            found.push((
                entry.target,
                format!("/{}", package.path),
                package.layer,
                group.severity,
                group.line,
                Vulnerable {
                    url: format!("{READ_AT}{}", group.id),
                    id: group.id,
                    aliases: group.aliases,
                    package: name.clone(),
                    version: version.clone(),
                    ecosystem: entry.ecosystem.clone(),
                    purl: package.purl(os),
                    fixed,
                },
            ));
        }
        let findings = found
            .into_iter()
            .map(|(target, path, layer, severity, line, vulnerable)| {
                let place = self.place(target, Some((layer, path)));
                finding(place, severity, &line, vulnerable)
            })
            .collect();
        let mut outcome = overlooked(findings, policy, today);
        outcome.findings.extend(self.not_checked());
        outcome
    }

    fn target(&self, at: usize) -> Option<&'t Target> {
        self.targets.get(at)
    }

    fn place(&self, at: usize, of: Option<(usize, String)>) -> Place {
        let target = self.target(at);
        Place::Image(ImagePlace {
            image: target.map(|target| target.name.clone()).unwrap_or_default(),
            layer: of.as_ref().and_then(|(layer, _)| {
                let count = target?.created_by.len();
                (*layer < count).then_some((*layer + 1, count))
            }),
            created_by: of
                .as_ref()
                .and_then(|(layer, _)| target?.created_by.get(*layer).cloned())
                .unwrap_or_default(),
            path: of.map(|(_, path)| path),
            line: 0,
        })
    }

    /// What was not looked up: by image, kind and reason.
    fn not_checked(&self) -> Vec<Finding> {
        let mut counts: BTreeMap<(usize, String, Unchecked), usize> = BTreeMap::new();
        for (target, kind, why) in &self.unchecked {
            *counts
                .entry((*target, (*kind).to_owned(), *why))
                .or_default() += 1;
        }
        for entry in self.index.entries() {
            if !self
                .seen
                .iter()
                .any(|seen| super::osv::covers(seen, &entry.ecosystem))
            {
                let key = (entry.target, entry.ecosystem.clone(), Unchecked::Ecosystem);
                *counts.entry(key).or_default() += 1;
            }
        }
        counts
            .into_iter()
            .map(|((target, kind, why), count)| {
                let packages = if count == 1 { "package" } else { "packages" };
                let reason = match why {
                    Unchecked::Kind => "no library compares its versions here",
                    Unchecked::Distribution => "OSV has no ecosystem for the distribution",
                    Unchecked::Version => "the version has not the form of its ecosystem",
                    Unchecked::Ecosystem => "the database has no advisory of it",
                };
                Finding::new(
                    Rule::NotChecked,
                    self.place(target, None),
                    format!("{count} {packages} of {kind} not checked: {reason}"),
                )
            })
            .collect()
    }
}

/// The ecosystems, without their releases, that images have packages of and whose versions
/// can be compared.
pub(crate) fn ecosystems(targets: &[Target]) -> BTreeSet<&'static str> {
    let mut index = Index::new();
    for (at, target) in targets.iter().enumerate() {
        index.add(at, target.os.as_ref(), &target.packages);
    }
    index.entries().iter().map(Indexed::base).collect()
}

/// That no package of the images was looked up, as findings.
pub(crate) fn none_checked(targets: &[Target], why: &str) -> Vec<Finding> {
    targets
        .iter()
        .map(|target| {
            let place = Place::Image(ImagePlace {
                image: target.name.clone(),
                ..ImagePlace::default()
            });
            let message = format!("no package was checked: {why}");
            Finding::new(Rule::NotChecked, place, message)
        })
        .collect()
}

/// A vulnerability as a finding.
pub(crate) fn finding(
    place: Place,
    severity: Severity,
    line: &str,
    vulnerable: Vulnerable,
) -> Finding {
    let mut message = format!("{} {}: ", vulnerable.package, vulnerable.version);
    if line.is_empty() {
        message.push_str(&vulnerable.id);
    } else {
        message.push_str(&format!("{line} ({})", vulnerable.id));
    }
    match &vulnerable.fixed {
        Some(fixed) => message.push_str(&format!(", mended in {fixed}")),
        None => message.push_str(", not mended yet"),
    }
    Finding {
        severity,
        vulnerable: Some(vulnerable),
        ..Finding::new(Rule::Vulnerability, place, message)
    }
}

/// Takes out what the settings look over, and tells of entries that are over.
pub(crate) fn overlooked(findings: Vec<Finding>, policy: &Policy, today: Date) -> Outcome {
    let mut outcome = Outcome::default();
    for finding in findings {
        let entry = finding.vulnerable.as_ref().and_then(|found| {
            policy.ignores.iter().find(|entry| {
                let named = std::iter::once(&found.id)
                    .chain(&found.aliases)
                    .any(|id| id.eq_ignore_ascii_case(&entry.id));
                let package = entry
                    .package
                    .as_ref()
                    .is_none_or(|package| *package == found.package);
                named && package && entry.expires >= today
            })
        });
        match entry {
            Some(entry) => {
                let line = (entry.id.clone(), entry.reason.clone());
                if !outcome.ignored.contains(&line) {
                    outcome.ignored.push(line);
                }
            }
            None => outcome.findings.push(finding),
        }
    }
    for entry in policy.ignores.iter().filter(|entry| entry.expires < today) {
        outcome.findings.push(Finding::new(
            Rule::ExpiredIgnore,
            Place::File(FilePlace::line(SETTINGS, entry.line)),
            format!(
                "`{}` was ignored until {} ({})",
                entry.id, entry.expires, entry.reason
            ),
        ));
    }
    outcome
}

/// Whether a database is too old to be relied on, as a finding.
pub(crate) fn too_old(
    newest: Option<Timestamp>,
    now: Timestamp,
    policy: &Policy,
    source: &str,
) -> Option<Finding> {
    let message = match newest {
        None => format!("nobody knows how old the database {source} is"),
        Some(newest) => {
            let days = (now.as_second() - newest.as_second()).div_euclid(86_400);
            if days <= i64::from(policy.max_age) {
                return None;
            }
            format!(
                "the newest advisory of {source} is {days} days old, and {} are allowed",
                policy.max_age
            )
        }
    };
    Some(Finding::new(
        Rule::OldDatabase,
        Place::File(FilePlace::line(source, 0)),
        message,
    ))
}

#[cfg(test)]
#[path = "vulnerabilities_tests.rs"]
mod tests;
