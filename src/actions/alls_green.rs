//! `re-actors/alls-green`: one job that is green only if all others are, for branch
//! protection.

use serde_json::Value;

use super::{Call, Done};
use crate::record::{Cause, Failure};

pub(super) fn run(call: &Call<'_>) -> Done {
    let judged = judge(
        call.input("jobs"),
        &names(call.input("allowed-failures")),
        &names(call.input("allowed-skips")),
    );
    let jobs = match judged {
        Ok(jobs) => jobs,
        Err(message) => return Done::failed(message),
    };
    for (job, result, good) in &jobs {
        let word = if *good { "fine" } else { "not allowed" };
        call.say(&format!("{job}: {result}, {word}"));
    }
    let bad: Vec<String> = jobs
        .iter()
        .filter(|(_, _, good)| !good)
        .map(|(job, result, _)| format!("{job} ({result})"))
        .collect();
    let green = bad.is_empty();
    let word = if green { "success" } else { "failure" };
    Done {
        outputs: vec![
            ("result".to_owned(), word.to_owned()),
            ("success".to_owned(), green.to_string()),
            ("failure".to_owned(), (!green).to_string()),
        ],
        failure: (!green).then(|| {
            Failure::new(
                Cause::StepFailed,
                format!("not all needed jobs are green: {}", bad.join(", ")),
            )
        }),
        ..Done::default()
    }
}

/// Each job with its result, and whether that is good enough.
fn judge(
    jobs: &str,
    may_fail: &[String],
    may_be_skipped: &[String],
) -> Result<Vec<(String, String, bool)>, String> {
    let parsed: Value = serde_json::from_str(jobs).map_err(|error| {
        format!("the input `jobs` is not JSON, such as `${{{{ toJSON(needs) }}}}`: {error}")
    })?;
    let Value::Object(jobs) = parsed else {
        return Err("the input `jobs` is not an object, such as `${{ toJSON(needs) }}`".to_owned());
    };
    Ok(jobs
        .into_iter()
        .map(|(job, facts)| {
            let result = facts
                .get("result")
                .and_then(Value::as_str)
                .unwrap_or("unknown")
                .to_owned();
            let good = match result.as_str() {
                "success" => true,
                "skipped" => may_be_skipped.contains(&job),
                _ => may_fail.contains(&job),
            };
            (job, result, good)
        })
        .collect())
}

/// Names in a list that is separated by commas or blanks, or is a JSON list.
fn names(text: &str) -> Vec<String> {
    if let Ok(names) = serde_json::from_str(text) {
        return names;
    }
    text.split([',', ' ', '\n'])
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(ToOwned::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{judge, names};

    #[test]
    fn green_means_all_green_but_what_is_allowed() {
        let needs =
            r#"{"a":{"result":"success"},"b":{"result":"failure"},"c":{"result":"skipped"}}"#;
        let good = |may_fail: &str, may_skip: &str| {
            judge(needs, &names(may_fail), &names(may_skip))
                .unwrap()
                .into_iter()
                .map(|(_, _, good)| good)
                .collect::<Vec<_>>()
        };
        assert_eq!(good("", ""), [true, false, false]);
        assert_eq!(good("b", "c"), [true, true, true]);
        assert_eq!(good("b, c", "[\"a\"]"), [true, true, false]);
        assert!(judge("x", &[], &[]).is_err());
        assert!(judge("[]", &[], &[]).is_err());
    }
}
