//! Rules by which differences are known and accepted for a while.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::results::TestPattern;

/// A difference that is known and accepted.
#[derive(Debug, Clone)]
pub(crate) struct IgnoreRule {
    /// The pattern of node ids, as it is written.
    pub(crate) test: String,
    /// Why the difference is accepted.
    pub(crate) reason: String,
    /// The last day on which the rule holds.
    pub(crate) until: Date,
    pattern: TestPattern,
}

impl PartialEq for IgnoreRule {
    fn eq(&self, other: &Self) -> bool {
        (&self.test, &self.reason, self.until) == (&other.test, &other.reason, other.until)
    }
}

impl IgnoreRule {
    /// A rule for node ids that match a glob pattern: `*` is any text, `?` one character.
    /// Brackets stand for themselves, as ids of parametrised tests have them.
    ///
    /// # Errors
    /// What is wrong with the pattern.
    pub(crate) fn new(test: &str, reason: &str, until: Date) -> Result<Self, String> {
        let pattern = TestPattern::new(test)?;
        Ok(Self {
            test: test.to_owned(),
            reason: reason.to_owned(),
            until,
            pattern,
        })
    }
}

/// The rules that hold on one day, and those that no longer do.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ignores {
    rules: Vec<IgnoreRule>,
    expired: Vec<IgnoreRule>,
}

impl Ignores {
    /// Parts the rules by the day of the comparison.
    pub(crate) fn on(day: Date, rules: &[IgnoreRule]) -> Self {
        let holds = |rule: &IgnoreRule| day <= rule.until;
        let (rules, expired) = rules.iter().cloned().partition(holds);
        Self { rules, expired }
    }

    /// The rule for a test, with its number.
    pub(super) fn of(&self, id: &str) -> Option<(usize, &IgnoreRule)> {
        let mut rules = self.rules.iter().enumerate();
        rules.find(|(_, rule)| rule.pattern.means(id))
    }

    /// What should be known of rules that did not do what they were written for.
    pub(super) fn notes(&self, used: &BTreeSet<usize>) -> Vec<String> {
        let expired = self.expired.iter().map(|rule| {
            format!(
                "the rule that ignores `{}` held until {} and no longer does",
                rule.test, rule.until
            )
        });
        let idle = self
            .rules
            .iter()
            .enumerate()
            .filter(|(at, _)| !used.contains(at));
        let idle = idle.map(|(_, rule)| {
            format!(
                "the rule that ignores `{}` found no difference: it can go",
                rule.test
            )
        });
        expired.chain(idle).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::BTreeSet;

    use jiff::civil::date;

    use super::{IgnoreRule, Ignores};

    #[test]
    fn rules_match_ids_as_pytest_writes_them() {
        for (pattern, id, matches) in [
            ("tests/test_a.py::*", "tests/test_a.py::TestX::test_y", true),
            (
                "*::test_root*",
                "tests/unit/test_a.py::test_root[a/b]",
                true,
            ),
            (
                "tests/test_a.py::test_b[1]",
                "tests/test_a.py::test_b[1]",
                true,
            ),
            (
                "tests/test_a.py::test_b[1]",
                "tests/test_a.py::test_b1",
                false,
            ),
            ("*test_b[{x}]", "a.py::test_b[{x}]", true),
            ("tests/test_a.py", "tests/test_a.py::test_b", false),
        ] {
            let rules = [IgnoreRule::new(pattern, "why", date(2026, 12, 31)).unwrap()];
            let found = Ignores::on(date(2026, 11, 26), &rules);
            assert_eq!(found.of(id).is_some(), matches, "{pattern} {id}");
        }
    }

    #[test]
    fn a_rule_ends_with_its_last_day() {
        let rule = IgnoreRule::new("*", "why", date(2026, 11, 26)).unwrap();
        let rules = [rule];
        assert!(Ignores::on(date(2026, 11, 26), &rules).of("a").is_some());
        let later = Ignores::on(date(2026, 11, 27), &rules);
        assert!(later.of("a").is_none());
        let notes = later.notes(&BTreeSet::new());
        assert_eq!(
            notes,
            ["the rule that ignores `*` held until 2026-11-26 and no longer does"]
        );
    }
}
