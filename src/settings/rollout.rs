//! `[rollout]` of `seatrial.toml`: when to go back to the runner.

use serde::Deserialize;
use toml::Spanned;

use super::file::Reader;
use crate::results::TestPattern;
use crate::rollout::{Rules, Way};

/// The table as TOML sees it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(super) struct RolloutTable {
    window: Option<Spanned<i64>>,
    test_minutes: Option<Spanned<f64>>,
    slower_percent: Option<Spanned<i64>>,
    slow_runs: Option<Spanned<i64>>,
    lost_reports: Option<Spanned<i64>>,
    failed_builds_percent: Option<Spanned<i64>>,
    failed_builds_runs: Option<Spanned<i64>>,
    critical: Vec<Spanned<String>>,
    critical_runs: Option<Spanned<i64>>,
    clean_runs: Option<Spanned<i64>>,
    on_trigger: Option<Spanned<String>>,
}

impl Reader<'_> {
    /// The rules of the triggers; the defaults where the file says nothing.
    pub(super) fn rollout(&mut self, table: RolloutTable) -> Rules {
        let usual = Rules::default();
        let minutes = table.test_minutes.and_then(|minutes| {
            let value = *minutes.get_ref();
            let read = match value > 0.0 && value <= 100_000.0 {
                true => Ok(value),
                false => Err("expected minutes, more than 0".to_owned()),
            };
            self.checked("test-minutes", minutes.span(), read)
        });
        let way = table.on_trigger.and_then(|way| {
            let read = Way::parse(way.get_ref())
                .ok_or_else(|| "expected `variable` or `revert`".to_owned());
            self.checked("on-trigger", way.span(), read)
        });
        let critical = table
            .critical
            .into_iter()
            .filter_map(|pattern| {
                let read = TestPattern::new(pattern.get_ref());
                self.checked("critical", pattern.span(), read)
            })
            .collect();
        Rules {
            window: self
                .number("window", table.window, 1..=1_000)
                .unwrap_or(usual.window),
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "checked above"
            )]
            test_millis: minutes.map_or(usual.test_millis, |minutes| (minutes * 60_000.0) as u64),
            slower_percent: self
                .number("slower-percent", table.slower_percent, 1..=10_000)
                .unwrap_or(usual.slower_percent),
            slow_runs: self
                .number("slow-runs", table.slow_runs, 1..=100)
                .unwrap_or(usual.slow_runs),
            lost_reports: self
                .number("lost-reports", table.lost_reports, 0..=100)
                .unwrap_or(usual.lost_reports),
            failed_builds_percent: self
                .number(
                    "failed-builds-percent",
                    table.failed_builds_percent,
                    0..=100,
                )
                .unwrap_or(usual.failed_builds_percent),
            failed_builds_runs: self
                .number("failed-builds-runs", table.failed_builds_runs, 1..=1_000)
                .unwrap_or(usual.failed_builds_runs),
            critical,
            critical_runs: self
                .number("critical-runs", table.critical_runs, 1..=100)
                .unwrap_or(usual.critical_runs),
            clean_runs: self
                .number("clean-runs", table.clean_runs, 0..=1_000)
                .unwrap_or(usual.clean_runs),
            way: way.unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::file::ConfigFile;
    use crate::rollout::{Rules, Way};

    #[test]
    fn rules_are_read_and_checked() {
        let read = |text: &str| ConfigFile::parse(text);
        assert_eq!(read("").unwrap().rollout, Rules::default());
        let text = "[rollout]\ntest-minutes = 2.5\ncritical = ['tests/pay/*']\nclean-runs = 3\n\
                    on-trigger = 'revert'\n";
        let rules = read(text).unwrap().rollout;
        assert_eq!((rules.test_millis, rules.clean_runs), (150_000, 3));
        assert_eq!(rules.way, Way::Revert);
        assert!(rules.is_critical("tests/pay/test_a.py::test_b"));
        assert!(!rules.is_critical("tests/test_a.py::test_b"));
        for (text, word) in [
            ("[rollout]\ntest-minutes = 0\n", "test-minutes"),
            ("[rollout]\non-trigger = 'panic'\n", "on-trigger"),
            ("[rollout]\nwindow = 0\n", "window"),
            (
                "[rollout]\nfailed-builds-percent = 101\n",
                "failed-builds-percent",
            ),
            ("[rollout]\ntest-minuets = 5\n", "test-minuets"),
        ] {
            let error = read(text).unwrap_err().problems[0].message.clone();
            assert!(error.contains(word), "{error}");
        }
    }
}
