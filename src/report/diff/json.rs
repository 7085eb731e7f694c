//! A comparison of workflows for programs.

use serde_json::{Value, json};

use crate::diff::{Diff, Finding, Verdict};
use crate::scan::FilePlace;

/// Version of the JSON form.
const SCHEMA: u32 = 1;

/// The comparison as JSON. What is the same is in it only where `all` is asked for.
pub(crate) fn diff_json(diff: &Diff, all: bool) -> Value {
    let counts: serde_json::Map<String, Value> = Verdict::ALL
        .iter()
        .map(|verdict| (verdict.as_str().to_owned(), json!(diff.count(*verdict))))
        .collect();
    let shown = diff
        .findings
        .iter()
        .filter(|finding| all || finding.verdict != Verdict::Same);
    json!({
        "schema": SCHEMA,
        "old": diff.old,
        "new": diff.new,
        "verdict": diff.verdict().as_str(),
        "exit_code": diff.exit_code(),
        "reasons": diff.causes(),
        "counts": counts,
        "findings": shown.map(finding).collect::<Vec<_>>(),
    })
}

fn finding(finding: &Finding) -> Value {
    let way = finding.way.told().map(|told| {
        told.trim_start_matches("in the ")
            .trim_start_matches("on the ")
    });
    json!({
        "verdict": finding.verdict.as_str(),
        "topic": finding.topic.as_str(),
        "job": finding.job,
        "thing": finding.thing,
        "message": finding.message,
        "note": finding.note,
        "way": way,
        "old": finding.old.as_ref().map(place),
        "new": finding.new.as_ref().map(place),
    })
}

fn place(place: &FilePlace) -> Value {
    json!({ "line": place.line, "column": place.column })
}

#[cfg(test)]
mod tests {
    use super::super::sample::diff;

    #[test]
    fn a_comparison_for_programs() {
        insta::assert_json_snapshot!("json", super::diff_json(&diff(), false));
    }
}
