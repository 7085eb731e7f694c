//! What an audit finds, and what it leads to.

use std::collections::BTreeMap;

use super::rule::Rule;
use crate::record::{Cause, EXIT_SUCCESS};
use crate::scan::{FilePlace, Level, Override, Severity};

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// The rule.
    pub(crate) rule: Rule,
    /// How grave; mostly the rule's own.
    pub(crate) severity: Severity,
    /// What it leads to.
    pub(crate) level: Level,
    /// Why the level is not that of its severity.
    pub(crate) because: Option<String>,
    /// Whether a comment in the file is the reason.
    pub(crate) by_comment: bool,
    /// Where.
    pub(crate) place: FilePlace,
    /// What is wrong, one line, no full stop.
    pub(crate) message: String,
}

impl Finding {
    /// A finding with the severity of its rule.
    pub(super) fn new(rule: Rule, place: FilePlace, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity: rule.severity(),
            level: Level::Warn,
            because: None,
            by_comment: false,
            place,
            message: message.into(),
        }
    }
}

/// What the settings say of audits.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Policy {
    /// The severity from which a finding is denied; absent for none.
    pub(crate) fail_on: Option<Severity>,
    /// Levels that do not go by severity.
    pub(crate) rules: BTreeMap<Rule, Override>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            fail_on: Some(Severity::High),
            rules: BTreeMap::new(),
        }
    }
}

impl Policy {
    /// Gives each finding its level, and puts the gravest first.
    pub(crate) fn apply(&self, mut findings: Vec<Finding>) -> Vec<Finding> {
        // What a comment ignores stays ignored.
        for finding in findings.iter_mut().filter(|finding| !finding.by_comment) {
            match self.rules.get(&finding.rule) {
                Some(set) => {
                    finding.level = set.level;
                    finding.because = set.reason.clone().or_else(|| {
                        Some(format!("set to {} in seatrial.toml", set.level.as_str()))
                    });
                }
                None if self.fail_on.is_some_and(|limit| finding.severity >= limit) => {
                    finding.level = Level::Deny;
                }
                None => finding.level = Level::Warn,
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
                .then_with(|| a.place.cmp(&b.place))
                .then_with(|| a.rule.cmp(&b.rule))
                .then_with(|| a.message.cmp(&b.message))
        });
        findings.dedup();
        findings
    }
}

/// The result of an audit.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Report {
    /// The files that were looked at, relative to the repository.
    pub(crate) files: Vec<String>,
    /// Those that could not be read, which leaves the audit unfinished.
    pub(crate) unread: Vec<String>,
    /// What was found, the gravest first.
    pub(crate) findings: Vec<Finding>,
}

impl Report {
    /// The published reasons for which it fails, that of the exit code first.
    pub(crate) fn causes(&self) -> Vec<Cause> {
        let unread = (!self.unread.is_empty()).then_some(Cause::WorkflowInvalid);
        let denied = (self.count(Level::Deny) > 0).then_some(Cause::AuditRule);
        unread.into_iter().chain(denied).collect()
    }

    /// What came of it in a word. What was not read has not passed.
    pub(crate) fn verdict(&self) -> &'static str {
        match self.causes().last() {
            None => "passed",
            Some(Cause::AuditRule) => "denied",
            Some(_) => "unfinished",
        }
    }

    /// The exit code.
    pub(crate) fn exit_code(&self) -> u8 {
        self.causes()
            .first()
            .map_or(EXIT_SUCCESS, |cause| cause.exit_code())
    }

    /// How many findings have a level.
    pub(crate) fn count(&self, level: Level) -> usize {
        let of = |finding: &&Finding| finding.level == level;
        self.findings.iter().filter(of).count()
    }

    /// How many findings that are shown have a severity.
    pub(crate) fn shown(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.level != Level::Allow && finding.severity == severity)
            .count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_go_by_severity_unless_the_settings_say_otherwise() {
        let finding = |rule, line| Finding::new(rule, FilePlace::line("w.yml", line), "x");
        let found = vec![
            finding(Rule::NoTimeout, 1),
            finding(Rule::MaskedGate, 2),
            finding(Rule::SleepForService, 3),
            finding(Rule::PipedGate, 4),
        ];
        let levels = |policy: &Policy| -> Vec<(&'static str, Level)> {
            let applied = policy.apply(found.clone());
            applied
                .iter()
                .map(|one| (one.rule.name(), one.level))
                .collect()
        };
        let mut policy = Policy::default();
        assert_eq!(
            levels(&policy),
            [
                ("masked-gate", Level::Deny),
                ("piped-gate", Level::Deny),
                ("sleep-for-service", Level::Warn),
                ("no-timeout", Level::Warn),
            ]
        );
        policy.fail_on = Some(Severity::Medium);
        let set = |level| Override {
            level,
            reason: Some("known".to_owned()),
        };
        policy.rules.insert(Rule::PipedGate, set(Level::Allow));
        policy.rules.insert(Rule::NoTimeout, set(Level::Deny));
        assert_eq!(
            levels(&policy),
            [
                ("masked-gate", Level::Deny),
                ("sleep-for-service", Level::Deny),
                ("no-timeout", Level::Deny),
                ("piped-gate", Level::Allow),
            ]
        );
        policy = Policy {
            fail_on: None,
            rules: BTreeMap::new(),
        };
        let mut report = Report {
            files: Vec::new(),
            unread: Vec::new(),
            findings: policy.apply(found.clone()),
        };
        assert_eq!((report.exit_code(), report.count(Level::Warn)), (0, 4));
        assert_eq!(report.verdict(), "passed");
        report.unread.push("w.yml".to_owned());
        assert_eq!((report.exit_code(), report.verdict()), (2, "unfinished"));
        report.findings = Policy::default().apply(found.clone());
        assert_eq!((report.exit_code(), report.verdict()), (2, "denied"));
    }
}
