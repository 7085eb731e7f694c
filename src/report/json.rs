//! The answer for programs.

use serde_json::{Value, json};

use crate::record::RunRecord;

/// The record of a run as JSON, exactly as `run.json` holds it.
pub(crate) fn result_json(record: &RunRecord) -> Value {
    serde_json::to_value(record).unwrap_or_else(|error| {
        // A record holds nothing that JSON cannot; say so rather than fail.
        json!({ "error": error.to_string() })
    })
}

/// JSON as text that GitHub's runner reads no command in: it obeys `##[name]`
/// anywhere in a line, and `::name::` only where nothing of JSON stands before it.
/// The document is the same.
pub(crate) fn json_text(value: &Value) -> String {
    without_commands(&format!("{value:#}\n"))
}

/// As [`json_text`], on one line.
pub(crate) fn json_line(value: &Value) -> String {
    without_commands(&format!("{value}\n"))
}

/// `##[` can stand only within the texts of a document.
fn without_commands(json: &str) -> String {
    json.replace("##[", "#\\u0023[")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::result_json;
    use crate::gate::sample::{Leg, Run, coverage};
    use crate::record::RunRecord;

    #[test]
    fn it_is_the_record() {
        let leg = Leg::new("unit", 0).tests(10, 2).covers(coverage(900));
        let record = Run::of([leg]).record();
        let value = result_json(&record);
        assert_eq!(value["jobs"][0]["key"], "unit");
        let again: RunRecord = serde_json::from_value(value).unwrap();
        assert_eq!(again, record);
    }

    #[test]
    fn its_text_is_no_command() {
        let value = serde_json::json!({ "###[a": ["::error::x", "##[add-mask]y##[error]z"] });
        let text = super::json_text(&value);
        let mut runner = crate::report::github::oracle::Runner::new();
        runner.feed(&text);
        assert!(runner.obeyed().is_empty() && !text.contains("##["));
        let again: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(again, value);
        assert!(!super::json_line(&value).contains("##["));
    }
}
