//! The table `audit` of `seatrial.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::file::Reader;
use crate::audit::{Policy, Rule};
use crate::scan::Severity;

/// The table as TOML sees it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(super) struct AuditTable {
    fail_on: Option<Spanned<String>>,
    rules: BTreeMap<String, Spanned<toml::Value>>,
}

/// A severity from which findings are denied; `none` for none at all.
pub(crate) fn audit_fail_on(text: &str) -> Result<Option<Severity>, String> {
    match text {
        "none" => Ok(None),
        "info" | "low" | "medium" | "high" => Ok(Some(Severity::of_word(text))),
        _ => Err("expected info, low, medium, high or none".to_owned()),
    }
}

impl Reader<'_> {
    /// What the table says.
    pub(super) fn audit(&mut self, table: AuditTable) -> Policy {
        let mut policy = Policy::default();
        let names = || Rule::ALL.iter().flat_map(|rule| [rule.id(), rule.name()]);
        for (name, value) in &table.rules {
            match Rule::find(name) {
                Some(rule) => {
                    if let Some(set) = self.rule(name, value) {
                        policy.rules.insert(rule, set);
                    }
                }
                None => self.no_rule(name, value, names(), "docs/audit.md"),
            }
        }
        if let Some(text) = table.fail_on {
            let read = audit_fail_on(text.get_ref());
            if let Some(limit) = self.checked("fail-on", text.span(), read) {
                policy.fail_on = limit;
            }
        }
        policy
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::scan::Level;
    use crate::settings::ConfigFile;

    #[test]
    fn the_table_is_read() {
        let file = ConfigFile::parse(
            "[audit]
fail-on = 'medium'
[audit.rules]
masked-gate = 'warn'
ST3801 = { level = 'allow', reason = 'known' }
",
        )
        .unwrap();
        let policy = file.audit;
        assert_eq!(policy.fail_on, Some(Severity::Medium));
        assert_eq!(policy.rules[&Rule::MaskedGate].level, Level::Warn);
        assert_eq!(policy.rules[&Rule::NoTimeout].level, Level::Allow);
        assert_eq!(
            ConfigFile::parse("").unwrap().audit.fail_on,
            Some(Severity::High)
        );
    }

    #[test]
    fn what_is_wrong_with_it() {
        let text = "[audit]
fail-on = 'grave'
[audit.rules]
masked-gates = 'deny'
no-timeout = 'allow'
root-user = 'warn'
";
        let told: Vec<String> = ConfigFile::parse(text)
            .unwrap_err()
            .problems
            .iter()
            .map(|problem| {
                let hint = problem.hint.clone().unwrap_or_default();
                format!("{}: {}; {hint}", problem.span.start.line, problem.message)
            })
            .collect();
        assert_eq!(
            told,
            [
                "2: the value of `fail-on` cannot be used; expected info, low, medium, high or none",
                "4: there is no rule `masked-gates`; did you mean `masked-gate`?",
                "5: `no-timeout` is allowed without a reason; write { level = \"allow\", reason = \"why\" }",
                "6: there is no rule `root-user`; the rules are listed in docs/audit.md",
            ]
        );
    }
}
