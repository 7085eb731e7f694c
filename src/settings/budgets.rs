//! The table `budgets` of `seatrial.toml`.

use serde::Deserialize;
use toml::Spanned;

use super::file::Reader;
use super::values;
use crate::gate::Budgets;

/// The table as TOML sees it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct BudgetsTable {
    total: Option<Spanned<toml::Value>>,
    build: Option<Spanned<toml::Value>>,
    startup: Option<Spanned<toml::Value>>,
}

impl Reader<'_> {
    /// What the table says, over the defaults.
    pub(super) fn budgets(&mut self, table: BudgetsTable) -> Budgets {
        let usual = Budgets::default();
        Budgets {
            total: self.budget("total", table.total, usual.total),
            build: self.budget("build", table.build, usual.build),
            startup: self.budget("startup", table.startup, usual.startup),
        }
    }

    fn budget(
        &mut self,
        key: &str,
        value: Option<Spanned<toml::Value>>,
        usual: Option<u64>,
    ) -> Option<u64> {
        let Some(value) = value else {
            return usual;
        };
        let span = value.span();
        let read = budget(value.get_ref());
        self.checked(key, span, read).flatten()
    }
}

/// A budget in milliseconds; `None` for none.
fn budget(value: &toml::Value) -> Result<Option<u64>, String> {
    let expected = || "expected a time such as \"5m\" or \"90s\", or false for none".to_owned();
    match value {
        toml::Value::Boolean(false) => Ok(None),
        toml::Value::String(text) => {
            let time = values::age(text).map_err(|_| expected())?;
            let millis = u64::try_from(time.as_millis()).map_err(|_| expected())?;
            match millis {
                0 => Err(expected()),
                millis => Ok(Some(millis)),
            }
        }
        _ => Err(expected()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use crate::gate::Budgets;
    use crate::settings::ConfigFile;

    #[test]
    fn budgets_have_defaults_and_can_be_switched_off() {
        let parsed = |text: &str| ConfigFile::parse(text).unwrap().budgets;
        assert_eq!(parsed(""), Budgets::default());
        let some = parsed("[budgets]\ntotal = '8m'\nbuild = false\n");
        assert_eq!(
            (some.total, some.build, some.startup),
            (Some(480_000), None, Some(30_000))
        );
    }

    #[test]
    fn what_is_wrong_with_them() {
        let text = "[budgets]\ntotal = 5\nbuild = true\nstartup = '0s'\n";
        let error = ConfigFile::parse(text).unwrap_err();
        let told: Vec<String> = error
            .problems
            .iter()
            .map(|problem| {
                let hint = problem.hint.clone().unwrap_or_default();
                format!("{}: {}; {hint}", problem.span.start.line, problem.message)
            })
            .collect();
        let hint = "expected a time such as \"5m\" or \"90s\", or false for none";
        assert_eq!(
            told,
            [
                format!("2: the value of `total` cannot be used; {hint}"),
                format!("3: the value of `build` cannot be used; {hint}"),
                format!("4: the value of `startup` cannot be used; {hint}"),
            ]
        );
        assert!(ConfigFile::parse("[budgets]\ntests = '1m'\n").is_err());
    }
}
