//! `[compare]` of `seatrial.toml`.

use serde::Deserialize;
use toml::Spanned;

use super::file::Reader;
use super::scan::date;
use crate::parity::IgnoreRule;

/// The table as TOML sees it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct CompareTable {
    ignore: Vec<IgnoreTable>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct IgnoreTable {
    test: Spanned<String>,
    reason: Option<Spanned<String>>,
    until: Option<Spanned<toml::Value>>,
}

impl Reader<'_> {
    /// The differences that are known and accepted.
    pub(super) fn compare(&mut self, table: CompareTable) -> Vec<IgnoreRule> {
        let rules = table.ignore.into_iter();
        rules.filter_map(|rule| self.ignored_test(rule)).collect()
    }

    fn ignored_test(&mut self, rule: IgnoreTable) -> Option<IgnoreRule> {
        let place = rule.test.span();
        let test = self.some_text("test", Some(rule.test))?;
        let Some(reason) = rule.reason else {
            self.wrong(
                place,
                &format!("`{test}` is ignored without a reason"),
                "add reason = \"why\"",
            );
            return None;
        };
        let reason = self.some_text("reason", Some(reason))?;
        let Some(until) = rule.until else {
            self.wrong(
                place,
                &format!("`{test}` is ignored without an end"),
                "add until = 2030-01-31, the last day on which that holds",
            );
            return None;
        };
        let read = date(until.get_ref())
            .ok_or_else(|| "expected a day without quotes: 2030-01-31".to_owned());
        let until = self.checked("until", until.span(), read)?;
        self.checked("test", place, IgnoreRule::new(&test, &reason, until))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use crate::settings::ConfigFile;

    fn problem(text: &str) -> String {
        let error = ConfigFile::parse(text).unwrap_err();
        let problem = &error.problems[0];
        format!("{}: {}", problem.span.start.line, problem.message)
    }

    #[test]
    fn rules_have_a_reason_and_an_end() {
        let file = ConfigFile::parse(
            "[compare]\nignore = [{ test = \"*::test_a\", reason = \"why\", until = 2026-12-31 }]\n",
        )
        .unwrap();
        assert_eq!(file.compare.len(), 1);
        assert_eq!(file.compare[0].until.to_string(), "2026-12-31");
        for (text, expected) in [
            (
                "test = \"a\", until = 2026-12-31",
                "2: `a` is ignored without a reason",
            ),
            (
                "test = \"a\", reason = \"why\"",
                "2: `a` is ignored without an end",
            ),
            (
                "test = \"a\", reason = \"why\", until = \"2026-12-31\"",
                "2: the value of `until` cannot be used",
            ),
            (
                "test = \"\", reason = \"why\", until = 2026-12-31",
                "2: `test` is empty",
            ),
        ] {
            assert_eq!(
                problem(&format!("[compare]\nignore = [{{ {text} }}]\n")),
                expected
            );
        }
    }
}
