//! What the triggers ask for, as the settings have it.

use crate::results::TestPattern;

/// Thresholds and windows of the triggers, and what coming back asks for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rules {
    /// How many of the last runs are looked at.
    pub(crate) window: usize,
    /// Longest time of the tests, in milliseconds.
    pub(crate) test_millis: u64,
    /// How much longer than before the tests may take, in percent.
    pub(crate) slower_percent: u64,
    /// How many of the last runs the time is taken from: their middle one counts, as single
    /// runs are slow for all kinds of reasons.
    pub(crate) slow_runs: usize,
    /// How many runs in a row may lose their reports.
    pub(crate) lost_reports: usize,
    /// Largest share of runs whose image may fail, in percent.
    pub(crate) failed_builds_percent: u64,
    /// The fewest runs that a share is made of.
    pub(crate) failed_builds_runs: usize,
    /// Tests that must not fail in the container where they pass on the runner; all where
    /// there is no pattern.
    pub(crate) critical: Vec<TestPattern>,
    /// How many container runs in a row a test must fail to be different.
    pub(crate) critical_runs: usize,
    /// How many shadow runs must be clean before containers count again.
    pub(crate) clean_runs: usize,
    /// What is agreed to be done when a trigger fires.
    pub(crate) way: Way,
}

/// How to go back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Way {
    /// The variable is set to `false`.
    #[default]
    Variable,
    /// The conversion is taken back on a branch.
    Revert,
}

impl Way {
    /// Reads its name; `None` for another.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "variable" => Some(Self::Variable),
            "revert" => Some(Self::Revert),
            _ => None,
        }
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            window: 20,
            test_millis: 7 * 60 * 1000,
            slower_percent: 40,
            slow_runs: 9,
            lost_reports: 2,
            failed_builds_percent: 10,
            failed_builds_runs: 10,
            critical: Vec::new(),
            critical_runs: 4,
            clean_runs: 5,
            way: Way::default(),
        }
    }
}

impl Rules {
    /// How many container runs in a row a test must fail that failed before and passed since,
    /// or needed a retry: half as many more.
    pub(crate) fn critical_runs_of_flaky(&self) -> usize {
        self.critical_runs + self.critical_runs.div_ceil(2)
    }

    /// Whether the test is one of those that matter: its id fits a pattern, or the file that
    /// the id begins with.
    pub(crate) fn is_critical(&self, test: &str) -> bool {
        let file = test.split("::").next().unwrap_or(test);
        let means = |pattern: &TestPattern| pattern.means(test) || pattern.means(file);
        self.critical.is_empty() || self.critical.iter().any(means)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn patterns_fit_ids_and_files() {
        let id = "tests/pay/test_card.py::TestCard::test_refund[eur-1]";
        for (pattern, fits) in [
            ("tests/pay/*", true),
            ("tests/pay/test_card.py", true),
            ("tests/pay/test_card.py::TestCard::*", true),
            ("*test_refund[eur-1]", true),
            ("*test_refund[eur-2]", false),
            ("*refund*", true),
            ("pay", false),
            ("tests/other/*", false),
        ] {
            let rules = Rules {
                critical: vec![TestPattern::new(pattern).unwrap()],
                ..Rules::default()
            };
            assert_eq!(rules.is_critical(id), fits, "{pattern}");
        }
    }
}
