//! Which required checks come from the workflow files, and what a conversion makes of them.

use super::checks::Check;
use super::names::Names;
use crate::github::Required;
use crate::workflow::nearest;

/// How many names are listed at most.
const LISTED: usize = 6;

/// A line for each required check that something is to be said of, and one for the others.
/// `files` are the workflow files as they are and as a conversion leaves them.
pub(super) fn judge(required: &[Required], files: &[Names], on_github: bool) -> Vec<Check> {
    if required.is_empty() {
        return vec![Check::ok(
            "required checks",
            "the default branch requires none",
        )];
    }
    let mut kept = Vec::new();
    let mut foreign = Vec::new();
    let mut said = Vec::new();
    for one in required {
        let name = &one.context;
        if one.is_foreign(on_github) {
            foreign.push(name.as_str());
            continue;
        }
        let giver = files.iter().find(|file| file.now.has(name));
        match giver {
            Some(file) => match &file.converted {
                Some(after) if !after.has(name) => {
                    // What was there before is something else.
                    let new = after.known.iter().filter(|name| !file.now.has(name));
                    said.push(lost(one, file, &new.collect::<Vec<_>>()));
                }
                _ => kept.push(name.as_str()),
            },
            None => said.push(unknown(one, files)),
        }
    }
    let mut all = Vec::new();
    if !kept.is_empty() {
        let message = format!("a conversion keeps {}", listed(&kept));
        all.push(Check::ok("required checks", &message));
    }
    if !foreign.is_empty() {
        let message = format!("of other apps: {}", listed(&foreign));
        all.push(Check::ok("required checks", &message));
    }
    all.extend(said);
    all
}

fn lost(one: &Required, file: &Names, after: &[&String]) -> Check {
    let name = &one.context;
    let (becomes, remedy) = match nearest(name, after) {
        Some(near) => (
            format!("; it gives `{near}`"),
            format!(
                "require `{near}` in its place when the conversion is merged ({})",
                one.by
            ),
        ),
        None => (
            String::new(),
            format!(
                "do not require it any more when the conversion is merged ({})",
                one.by
            ),
        ),
    };
    let message = format!("a conversion of {} loses `{name}`{becomes}", file.path);
    Check::fail("required checks", &message, Some(&remedy))
}

/// A required check that no workflow file gives.
fn unknown(one: &Required, files: &[Names]) -> Check {
    let name = &one.context;
    // A matrix that another job makes has any names.
    let open = files.iter().find(|file| file.now.may_have(name));
    if let Some(file) = open {
        let message = format!(
            "`{name}` may be a leg of {}, whose matrix is known only when it runs",
            file.path
        );
        return Check::ok("required checks", &message);
    }
    let all: Vec<&String> = files.iter().flat_map(|file| &file.now.known).collect();
    let near = nearest(name, &all).map(|near| format!("; the nearest is `{near}`"));
    let message = format!(
        "no workflow file of this checkout gives `{name}`{}",
        near.unwrap_or_default()
    );
    let remedy = format!(
        "where nothing else reports it, pull requests wait for it forever: change the requirement ({})",
        one.by
    );
    Check::warn("required checks", &message, &remedy)
}

fn listed(names: &[&str]) -> String {
    let shown: Vec<String> = names
        .iter()
        .take(LISTED)
        .map(|name| format!("`{name}`"))
        .collect();
    match names.len().saturating_sub(LISTED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::checks::Status;
    use super::super::names::Given;
    use super::*;

    fn required(context: &str, app: Option<i64>) -> Required {
        Required {
            context: context.to_owned(),
            app,
            by: "ruleset 5".to_owned(),
        }
    }

    fn given(known: &[&str], open: &[&str]) -> Given {
        let all = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Given {
            known: all(known),
            open: all(open),
        }
    }

    #[test]
    fn what_a_conversion_would_rename_or_lose_is_told() {
        let files = [
            Names {
                path: ".github/workflows/test.yml".to_owned(),
                now: given(&["unit (3.11)", "unit (3.12)", "lint"], &["shard"]),
                converted: Some(given(&["unit (py3.11)", "unit (3.12)"], &["shard"])),
            },
            Names {
                path: ".github/workflows/docs.yml".to_owned(),
                now: given(&["docs"], &[]),
                converted: None,
            },
        ];
        let asked = [
            required("unit (3.12)", Some(15_368)),
            required("docs", None),
            required("cla", Some(99)),
            required("unit (3.11)", None),
            required("lint", None),
            required("shard (1)", None),
            required("unit (3.10)", None),
        ];
        let said: Vec<String> = judge(&asked, &files, true)
            .iter()
            .map(|check| format!("{}: {}", check.status.as_str(), check.message))
            .collect();
        assert_eq!(
            said,
            [
                "ok: a conversion keeps `unit (3.12)`, `docs`",
                "ok: of other apps: `cla`",
                "fail: a conversion of .github/workflows/test.yml loses `unit (3.11)`; it gives `unit (py3.11)`",
                "fail: a conversion of .github/workflows/test.yml loses `lint`",
                "ok: `shard (1)` may be a leg of .github/workflows/test.yml, whose matrix is known only when it runs",
                "warn: no workflow file of this checkout gives `unit (3.10)`; the nearest is `unit (3.11)`",
            ]
        );
        // Where apps have other ids, nothing is foreign.
        let said = judge(&[required("cla", Some(99))], &files, false);
        assert_eq!(said[0].status, Status::Warn);
        assert_eq!(
            judge(&[], &files, true)[0].message,
            "the default branch requires none"
        );
    }

    #[test]
    fn long_lists_are_cut() {
        let names: Vec<String> = (0..9).map(|number| format!("unit ({number})")).collect();
        let known: Vec<&str> = names.iter().map(String::as_str).collect();
        let files = [Names {
            path: "test.yml".to_owned(),
            now: given(&known, &[]),
            converted: Some(given(&known, &[])),
        }];
        let asked: Vec<Required> = names.iter().map(|name| required(name, None)).collect();
        let said = judge(&asked, &files, true);
        assert!(
            said[0].message.ends_with("`unit (5)` and 3 more"),
            "{}",
            said[0].message
        );
    }
}
