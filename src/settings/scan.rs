//! The table `scan` of `seatrial.toml`.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;
use toml::Spanned;

use super::file::Reader;
use super::place::span_of;
use super::values;
use crate::scan::{Ignore, Level, Override, Policy, Rule, Severity};
use crate::workflow::nearest;

/// What looks for vulnerabilities.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ScannerKind {
    /// seatrial itself, in a database of OSV
    #[default]
    Osv,
    /// The trivy command
    Trivy,
    /// The grype command
    Grype,
    /// Nothing
    None,
}

/// What the file says of scans.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ScanFile {
    /// What findings lead to.
    pub(crate) policy: Policy,
    /// `scan.db`: relative to the repository.
    pub(crate) db: Option<String>,
    /// `scan.db-server`: where `--download` gets it from.
    pub(crate) server: Option<String>,
    /// `scan.scanner`.
    pub(crate) scanner: Option<ScannerKind>,
}

/// The table as TOML sees it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(super) struct ScanTable {
    db: Option<Spanned<String>>,
    db_max_age: Option<Spanned<i64>>,
    db_server: Option<Spanned<String>>,
    scanner: Option<Spanned<String>>,
    fail_on: Option<Spanned<String>>,
    unknown: Option<Spanned<String>>,
    bases: Vec<Spanned<String>>,
    max_size: Option<Spanned<String>>,
    rules: BTreeMap<String, Spanned<toml::Value>>,
    ignore: Vec<Spanned<IgnoreTable>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct IgnoreTable {
    id: Spanned<String>,
    reason: Option<Spanned<String>>,
    expires: Option<Spanned<toml::Value>>,
    package: Option<String>,
}

/// The form of a rule's setting.
const RULE_FORM: &str = "write \"deny\", \"warn\" or { level = \"allow\", reason = \"why\" }";

/// A severity from which vulnerabilities are denied; `none` for none at all.
pub(crate) fn fail_on(text: &str) -> Result<Option<Severity>, String> {
    match text {
        "none" => Ok(None),
        "low" | "medium" | "high" | "critical" => Ok(Some(Severity::of_word(text))),
        _ => Err("expected low, medium, high, critical or none".to_owned()),
    }
}

/// What stands before `/ECOSYSTEM/all.zip`. Not plain HTTP: whoever is on the way could hide
/// vulnerabilities.
fn url(text: &str) -> Result<String, String> {
    let good = ["https://", "file:///"]
        .iter()
        .any(|scheme| text.starts_with(scheme));
    if good && !text.contains(char::is_whitespace) {
        Ok(text.to_owned())
    } else {
        Err("expected https://HOST/PATH, or file:///PATH".to_owned())
    }
}

impl Reader<'_> {
    /// What the table says.
    pub(super) fn scan(&mut self, table: ScanTable) -> ScanFile {
        let mut policy = Policy::default();
        for (name, value) in &table.rules {
            let Some(rule) = Rule::find(name) else {
                let names = Rule::ALL.iter().flat_map(|rule| [rule.id(), rule.name()]);
                self.no_rule(name, value, names, "docs/scan.md");
                continue;
            };
            if let Some(set) = self.rule(name, value) {
                policy.rules.insert(rule, set);
            }
        }
        policy.ignores = table
            .ignore
            .into_iter()
            .filter_map(|entry| self.ignore(entry))
            .collect();
        policy.bases = table
            .bases
            .into_iter()
            .filter_map(|base| self.some_text("bases", Some(base)))
            .collect();
        if let Some(text) = table.fail_on {
            let read = fail_on(text.get_ref());
            if let Some(limit) = self.checked("fail-on", text.span(), read) {
                policy.fail_on = limit;
            }
        }
        if let Some(text) = table.unknown {
            let read = match Level::of_word(text.get_ref()) {
                Some(level) if level != Level::Allow => Ok(level),
                _ => Err("expected \"deny\" or \"warn\"".to_owned()),
            };
            if let Some(level) = self.checked("unknown", text.span(), read) {
                policy.unknown = level;
            }
        }
        policy.max_size = table
            .max_size
            .and_then(|size| self.checked("max-size", size.span(), values::size(size.get_ref())));
        if let Some(days) = self.number("db-max-age", table.db_max_age, 0..=36_500) {
            policy.max_age = days;
        }
        ScanFile {
            policy,
            db: self.some_text("db", table.db),
            server: table.db_server.and_then(|server| {
                let read = url(server.get_ref());
                self.checked("db-server", server.span(), read)
            }),
            scanner: table.scanner.and_then(|name| {
                let read = <ScannerKind as clap::ValueEnum>::from_str(name.get_ref(), false)
                    .map_err(|_| "expected \"osv\", \"trivy\", \"grype\" or \"none\"".to_owned());
                self.checked("scanner", name.span(), read)
            }),
        }
    }

    /// Says that there is no such rule.
    pub(super) fn no_rule<'r>(
        &mut self,
        name: &str,
        value: &Spanned<toml::Value>,
        names: impl Iterator<Item = &'r str>,
        page: &str,
    ) {
        let hint = match nearest(name, names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the rules are listed in {page}"),
        };
        self.wrong(value.span(), &format!("there is no rule `{name}`"), &hint);
    }

    /// `"deny"` or `{ level = "allow", reason = "…" }`.
    pub(super) fn rule(&mut self, name: &str, value: &Spanned<toml::Value>) -> Option<Override> {
        let (level, reason) = match value.get_ref() {
            toml::Value::String(level) => (Some(level.as_str()), None),
            toml::Value::Table(table) => {
                let text = |key: &str| table.get(key).and_then(toml::Value::as_str);
                if let Some(unknown) = table.keys().find(|key| *key != "level" && *key != "reason")
                {
                    self.wrong(value.span(), &format!("unknown key `{unknown}`"), RULE_FORM);
                    return None;
                }
                (text("level"), text("reason"))
            }
            _ => (None, None),
        };
        let Some(level) = level.and_then(Level::of_word) else {
            self.wrong(
                value.span(),
                &format!("the value of `{name}` cannot be used"),
                RULE_FORM,
            );
            return None;
        };
        let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
        if level == Level::Allow && reason.is_none() {
            self.wrong(
                value.span(),
                &format!("`{name}` is allowed without a reason"),
                "write { level = \"allow\", reason = \"why\" }",
            );
            return None;
        }
        Some(Override {
            level,
            reason: reason.map(ToOwned::to_owned),
        })
    }

    /// An entry of `[[scan.ignore]]`.
    fn ignore(&mut self, entry: Spanned<IgnoreTable>) -> Option<Ignore> {
        let whole = entry.span();
        let line = span_of(self.text, &whole).start.line;
        let entry = entry.into_inner();
        let id_place = entry.id.span();
        let id = self.some_text("id", Some(entry.id))?;
        let Some(reason) = entry.reason else {
            self.wrong(
                id_place,
                &format!("`{id}` is ignored without a reason"),
                "add reason = \"why\"",
            );
            return None;
        };
        let reason = self.some_text("reason", Some(reason))?;
        let Some(expires) = entry.expires else {
            self.wrong(
                id_place,
                &format!("`{id}` is ignored without an end"),
                "add expires = 2030-01-31, the last day on which that holds",
            );
            return None;
        };
        let read = date(expires.get_ref())
            .ok_or_else(|| "expected a day without quotes: 2030-01-31".to_owned());
        let expires = self.checked("expires", expires.span(), read)?;
        Some(Ignore {
            id,
            reason,
            expires,
            package: entry.package,
            line,
        })
    }
}

/// A day as TOML writes it.
pub(super) fn date(value: &toml::Value) -> Option<Date> {
    let date = value.as_datetime()?.date?;
    Date::new(
        i16::try_from(date.year).ok()?,
        i8::try_from(date.month).ok()?,
        i8::try_from(date.day).ok()?,
    )
    .ok()
}

#[cfg(test)]
#[path = "scan_tests.rs"]
mod tests;
