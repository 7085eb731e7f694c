//! `[[quarantine]]` of `seatrial.toml`.

use jiff::civil::Date;
use serde::Deserialize;
use toml::Spanned;

use super::file::Reader;
use super::scan::date;
use crate::gate::Quarantined;
use crate::results::TestPattern;

/// An entry as TOML sees it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QuarantineTable {
    test: Spanned<String>,
    owner: Option<Spanned<String>>,
    reason: Option<Spanned<String>>,
    expires: Option<Spanned<toml::Value>>,
}

impl Reader<'_> {
    /// The tests in quarantine. `today` decides which entries have expired: they are wrong.
    pub(super) fn quarantine(
        &mut self,
        entries: Vec<QuarantineTable>,
        today: Date,
    ) -> Vec<Quarantined> {
        let entries = entries.into_iter();
        entries
            .filter_map(|entry| self.quarantined(entry, today))
            .collect()
    }

    fn quarantined(&mut self, entry: QuarantineTable, today: Date) -> Option<Quarantined> {
        let place = entry.test.span();
        let text = self.some_text("test", Some(entry.test))?;
        let test = self.checked("test", place.clone(), TestPattern::new(&text));
        let mut lacks = |what: &str, hint: &str| {
            let message = format!("the quarantine of `{text}` has no {what}");
            self.wrong(place.clone(), &message, hint);
        };
        if entry.owner.is_none() {
            lacks("owner", "add owner = \"who sees to it\"");
        }
        if entry.reason.is_none() {
            lacks("reason", "add reason = \"why\"");
        }
        if entry.expires.is_none() {
            lacks(
                "end",
                "add expires = 2030-01-31, the last day on which it holds",
            );
        }
        let owner = self.some_text("owner", entry.owner);
        let reason = self.some_text("reason", entry.reason);
        let expires = entry.expires.and_then(|value| {
            let read = date(value.get_ref())
                .ok_or_else(|| "expected a day without quotes: 2030-01-31".to_owned());
            let day = self.checked("expires", value.span(), read)?;
            if day < today {
                self.wrong(
                    value.span(),
                    &format!("the quarantine of `{text}` expired on {day}"),
                    "repair the test and remove the entry, or give it another day and a reason why",
                );
                return None;
            }
            Some(day)
        });
        Some(Quarantined {
            test: test?,
            owner: owner?,
            reason: reason?,
            expires: expires?,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use crate::settings::ConfigFile;

    fn told(text: &str) -> Vec<String> {
        let error = ConfigFile::parse(text).unwrap_err();
        let problems = error.problems.iter();
        problems
            .map(|problem| format!("{}: {}", problem.span.start.line, problem.message))
            .collect()
    }

    #[test]
    fn an_entry_has_an_owner_a_reason_and_an_end() {
        let entry = "[[quarantine]]\ntest = 'tests/*::test_a'\nowner = '@shop'\nreason = 'a race'\nexpires = 9999-12-31\n";
        let file = ConfigFile::parse(entry).unwrap();
        assert!(file.quarantine[0].test.means("tests/a.py::test_a"));
        assert_eq!(file.quarantine[0].owner, "@shop");
        assert_eq!(
            told("[[quarantine]]\ntest = 'a'\n"),
            [
                "2: the quarantine of `a` has no owner",
                "2: the quarantine of `a` has no reason",
                "2: the quarantine of `a` has no end",
            ]
        );
        let replaced = |what: &str, by: &str| told(&entry.replace(what, by));
        assert_eq!(
            replaced("9999-12-31", "2024-02-29"),
            ["5: the quarantine of `tests/*::test_a` expired on 2024-02-29"]
        );
        assert_eq!(
            replaced("9999-12-31", "'2030-01-31'"),
            ["5: the value of `expires` cannot be used"]
        );
        assert_eq!(replaced("'@shop'", "' '"), ["3: `owner` is empty"]);
        assert!(ConfigFile::parse(&format!("{entry}until = 1\n")).is_err());
    }
}
