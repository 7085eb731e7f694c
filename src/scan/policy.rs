//! What findings lead to: the rules' own levels, those of the settings over them.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::finding::{Finding, Level, Severity};
use super::rule::Rule;
use crate::record::Cause;

/// What the settings say of scans.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Policy {
    /// Levels that are not the rules' own.
    pub(crate) rules: BTreeMap<Rule, Override>,
    /// Images that may be built on, as patterns; empty for all official ones.
    pub(crate) bases: Vec<String>,
    /// Most bytes of an image.
    pub(crate) max_size: Option<u64>,
    /// The severity from which a vulnerability is denied; absent for none.
    pub(crate) fail_on: Option<Severity>,
    /// What a vulnerability leads to whose severity nobody says.
    pub(crate) unknown: Level,
    /// Vulnerabilities that are looked over for a time.
    pub(crate) ignores: Vec<Ignore>,
    /// Days after which a database is too old.
    pub(crate) max_age: u32,
}

/// Days for which a database is good.
const MAX_AGE: u32 = 7;

impl Default for Policy {
    fn default() -> Self {
        Self {
            rules: BTreeMap::new(),
            bases: Vec::new(),
            max_size: None,
            fail_on: Some(Severity::Critical),
            unknown: Level::Warn,
            ignores: Vec::new(),
            max_age: MAX_AGE,
        }
    }
}

/// Another level for a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Override {
    /// The level.
    pub(crate) level: Level,
    /// Why; never empty for [`Level::Allow`].
    pub(crate) reason: Option<String>,
}

/// A vulnerability that is looked over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ignore {
    /// Any of its ids.
    pub(crate) id: String,
    /// Why.
    pub(crate) reason: String,
    /// The last day on which that holds.
    pub(crate) expires: Date,
    /// Only in this package, where one is named.
    pub(crate) package: Option<String>,
    /// The line of the settings file.
    pub(crate) line: usize,
}

impl Policy {
    /// Gives each finding its level, and puts the gravest first.
    pub(crate) fn apply(&self, mut findings: Vec<Finding>) -> Vec<Finding> {
        for finding in &mut findings {
            // What is allowed or granted for a reason of its own stays so.
            if finding.because.is_some() {
                continue;
            }
            match self.rules.get(&finding.rule) {
                Some(set) => {
                    finding.level = set.level;
                    finding.because = set.reason.clone().or_else(|| {
                        Some(format!("set to {} in seatrial.toml", set.level.as_str()))
                    });
                }
                None if finding.rule == Rule::Vulnerability => {
                    finding.level = self.of_severity(finding.severity);
                }
                None => {}
            }
        }
        findings.sort_by(|a, b| {
            let key = |one: &Finding| {
                (
                    std::cmp::Reverse(one.level),
                    std::cmp::Reverse(one.severity),
                )
            };
            key(a)
                .cmp(&key(b))
                .then_with(|| a.rule.cmp(&b.rule))
                .then_with(|| a.place.cmp(&b.place))
                .then_with(|| a.message.cmp(&b.message))
        });
        findings.dedup();
        findings
    }

    fn of_severity(&self, severity: Severity) -> Level {
        match (severity, self.fail_on) {
            (Severity::Unknown, _) => self.unknown,
            (_, Some(limit)) if severity >= limit => Level::Deny,
            _ => Level::Warn,
        }
    }
}

/// The published reasons for which a scan fails, each once.
pub(crate) fn causes(findings: &[Finding]) -> Vec<Cause> {
    let mut causes: Vec<Cause> = findings
        .iter()
        .filter(|finding| finding.level == Level::Deny)
        .map(|finding| finding.rule.cause())
        .collect();
    causes.sort_unstable();
    causes.dedup();
    causes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::finding::{FilePlace, Place};

    fn finding(rule: Rule, severity: Severity) -> Finding {
        Finding {
            severity,
            ..Finding::new(rule, Place::File(FilePlace::line("D", 1)), "x")
        }
    }

    fn levels(policy: &Policy, findings: Vec<Finding>) -> Vec<(&'static str, Level)> {
        let applied = policy.apply(findings);
        applied
            .iter()
            .map(|one| (one.rule.id(), one.level))
            .collect()
    }

    #[test]
    fn levels_of_the_settings_win_and_the_gravest_comes_first() {
        let mut policy = Policy::default();
        let set = |level, reason: Option<&str>| Override {
            level,
            reason: reason.map(ToOwned::to_owned),
        };
        policy
            .rules
            .insert(Rule::RootUser, set(Level::Allow, Some("tests mount")));
        policy.rules.insert(Rule::NoDigest, set(Level::Deny, None));
        let found = vec![
            finding(Rule::RootUser, Severity::High),
            finding(Rule::PackageCache, Severity::Low),
            finding(Rule::NoDigest, Severity::Low),
        ];
        assert_eq!(
            levels(&policy, found.clone()),
            [
                ("ST1104", Level::Deny),
                ("ST1501", Level::Warn),
                ("ST1001", Level::Allow)
            ]
        );
        let applied = policy.apply(found);
        assert_eq!(applied[2].because.as_deref(), Some("tests mount"));
        assert_eq!(causes(&applied), [Cause::UnpinnedBase]);
    }

    #[test]
    fn vulnerabilities_go_by_their_severity() {
        let of = |severity| vec![finding(Rule::Vulnerability, severity)];
        let mut policy = Policy::default();
        assert_eq!(levels(&policy, of(Severity::Critical))[0].1, Level::Deny);
        assert_eq!(levels(&policy, of(Severity::High))[0].1, Level::Warn);
        assert_eq!(levels(&policy, of(Severity::Unknown))[0].1, Level::Warn);
        policy.fail_on = Some(Severity::Low);
        policy.unknown = Level::Deny;
        assert_eq!(levels(&policy, of(Severity::Low))[0].1, Level::Deny);
        assert_eq!(levels(&policy, of(Severity::Unknown))[0].1, Level::Deny);
        policy.fail_on = None;
        assert_eq!(levels(&policy, of(Severity::Critical))[0].1, Level::Warn);
    }
}
