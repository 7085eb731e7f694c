//! The status checks that a branch requires before a merge.

use serde::Deserialize;
use serde_json::Value;

use super::call::{Call, segment, segments};
use super::client::Client;
use super::error::GithubError;

/// The id of GitHub Actions among the apps of github.com.
const ACTIONS: i64 = 15_368;

/// A check that is required.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Required {
    /// Its name: that of a job, with the values of its matrix, or of something else.
    pub(crate) context: String,
    /// The app that must report it; absent where anyone may.
    pub(crate) app: Option<i64>,
    /// What requires it: `branch protection`, or a ruleset.
    pub(crate) by: String,
}

impl Required {
    /// Whether it must come from an app other than GitHub Actions. Only the id on github.com is
    /// known: on other servers nothing is foreign.
    pub(crate) fn is_foreign(&self, on_github: bool) -> bool {
        on_github && self.app.is_some_and(|app| app != ACTIONS)
    }
}

#[derive(Deserialize)]
struct Branch {
    #[serde(default)]
    protection: Protection,
}

#[derive(Default, Deserialize)]
struct Protection {
    #[serde(default)]
    required_status_checks: StatusChecks,
}

#[derive(Default, Deserialize)]
struct StatusChecks {
    #[serde(default)]
    enforcement_level: String,
    #[serde(default)]
    contexts: Vec<String>,
    #[serde(default)]
    checks: Vec<Check>,
}

#[derive(Deserialize)]
struct Check {
    context: String,
    #[serde(default, alias = "integration_id")]
    app_id: Option<i64>,
}

#[derive(Deserialize)]
struct Rule {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    ruleset_id: Option<u64>,
    #[serde(default)]
    parameters: Value,
}

/// The checks that a branch requires, by its protection and by rulesets, of the organisation
/// too.
///
/// # Errors
/// The branch is not there, or the token may not read it.
pub(crate) fn required_checks(client: &Client, branch: &str) -> Result<Vec<Required>, GithubError> {
    let path = client.path(&format!("/branches/{}", segment(branch)));
    let found: Branch = client.json(&Call::get(path, "Contents: read"))?;
    let classic = found.protection.required_status_checks;
    let mut all: Vec<Required> = Vec::new();
    if classic.enforcement_level != "off" {
        let by = || "branch protection".to_owned();
        // -1 is how GitHub says that any app will do.
        all.extend(classic.checks.into_iter().map(|check| Required {
            context: check.context,
            app: check.app_id.filter(|id| *id > 0),
            by: by(),
        }));
        for context in classic.contexts {
            if !all.iter().any(|one| one.context == context) {
                all.push(Required {
                    context,
                    app: None,
                    by: by(),
                });
            }
        }
    }
    let path = client.path(&format!(
        "/rules/branches/{}?per_page=100",
        segments(branch)
    ));
    let rules: Vec<Rule> = client.pages(Call::get(path, "Metadata: read"), None)?;
    for rule in rules
        .into_iter()
        .filter(|rule| rule.kind == "required_status_checks")
    {
        let checks = rule.parameters.get("required_status_checks").cloned();
        let checks: Vec<Check> =
            serde_json::from_value(checks.unwrap_or_default()).unwrap_or_default();
        let by = match rule.ruleset_id {
            Some(id) => format!("ruleset {id}"),
            None => "a ruleset".to_owned(),
        };
        all.extend(checks.into_iter().map(|check| Required {
            context: check.context,
            app: check.app_id.filter(|id| *id > 0),
            by: by.clone(),
        }));
    }
    all.sort();
    all.dedup_by(|a, b| a.context == b.context && a.app == b.app);
    Ok(all)
}
