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
}
