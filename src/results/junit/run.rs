//! The tests of a whole run as one JUnit file.

use super::write::{Section, write};
use crate::record::RunRecord;

/// All tests of a run, a suite for each step of each leg. `None` where none ran.
pub(crate) fn of_run(record: &RunRecord) -> Option<String> {
    let mut parts = Vec::new();
    for job in &record.jobs {
        for step in &job.steps {
            for report in &step.tests {
                let name = format!("{} › {}", job.planned.name, step.name);
                let properties = vec![
                    ("job".to_owned(), job.planned.key.0.clone()),
                    ("step".to_owned(), step.number.to_string()),
                    ("complete".to_owned(), report.complete.to_string()),
                ];
                parts.push((name, properties, &report.cases));
            }
        }
    }
    let sections: Vec<Section<'_>> = parts
        .iter()
        .map(|(name, properties, cases)| Section {
            name,
            properties,
            cases: cases.iter().collect(),
        })
        .collect();
    (!sections.is_empty()).then(|| write(&record.info.name, &sections))
}
