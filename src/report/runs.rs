//! The runs that are kept, a line each.

use serde::Serialize;
use serde_json::{Value, json};

use super::failed::run_counts;
use super::format::{counted, duration, percent, start};
use super::style::{Look, Sign, Tone};
use super::summary::tests_cell;
use super::table::{Align, Cell, Column, Table, truncate};
use super::text::one_line;
use crate::record::{CoverageSummary, RunRecord, TestCounts};

/// Version of the JSON form.
const SCHEMA: u32 = 1;
/// Narrowest terminal that is laid out for.
const NARROW: usize = 40;

/// A run as a list has it.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct KeptRun {
    /// Its id, or the name of its folder.
    run: String,
    /// Why nothing more can be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    unreadable: Option<String>,
    /// Start, in milliseconds since the Unix epoch.
    pub(super) started_at: Option<u64>,
    /// What it took, in milliseconds.
    pub(super) took: Option<u64>,
    workflow: String,
    event: String,
    pub(super) sha: String,
    reference: String,
    partial: bool,
    /// Absent where it goes on or was killed.
    passed: Option<bool>,
    exit_code: Option<u8>,
    /// The reason that decided.
    cause: Option<String>,
    warnings: usize,
    #[serde(serialize_with = "tests")]
    pub(super) tests: TestCounts,
    /// In percent.
    pub(super) coverage: Option<f64>,
}

fn tests<S: serde::Serializer>(counts: &TestCounts, to: S) -> Result<S::Ok, S::Error> {
    json!({
        "passed": counts.passed,
        "failed": counts.failed,
        "errors": counts.errors,
        "skipped": counts.skipped,
    })
    .serialize(to)
}

impl KeptRun {
    /// A run that is kept under a name.
    pub(crate) fn of(name: &str, record: &RunRecord) -> Self {
        let info = &record.info;
        let verdict = record.verdict.as_ref();
        Self {
            run: name.to_owned(),
            unreadable: None,
            started_at: Some(record.started_at),
            took: record
                .finished_at
                .map(|end| end.saturating_sub(record.started_at)),
            workflow: info.workflow.clone(),
            event: info.event.clone(),
            sha: info.sha.clone(),
            reference: info.reference.clone(),
            partial: info.partial,
            passed: verdict.map(|verdict| verdict.passed),
            exit_code: verdict.map(|verdict| verdict.exit_code),
            cause: verdict
                .and_then(|verdict| verdict.failures.first())
                .map(|failure| failure.cause.path()),
            warnings: verdict.map_or(0, |verdict| verdict.warnings.len()),
            tests: run_counts(record),
            coverage: record.coverage.as_ref().and_then(CoverageSummary::percent),
        }
    }

    /// A run that nothing can be told of, and why.
    pub(crate) fn unreadable(name: &str, why: &str) -> Self {
        Self {
            run: name.to_owned(),
            unreadable: Some(why.to_owned()),
            ..Self::default()
        }
    }

    /// How it ended, in a word or by the reason that decided.
    pub(super) fn result(&self) -> (Sign, String) {
        match (&self.unreadable, self.passed, &self.cause) {
            (Some(_), ..) => (Sign::Warn, "cannot be read".to_owned()),
            (None, Some(true), _) if self.warnings > 0 => (
                Sign::Good,
                format!("passed, {}", counted(self.warnings as u64, "warning")),
            ),
            (None, Some(true), _) => (Sign::Good, "passed".to_owned()),
            (None, Some(false), cause) => (
                Sign::Bad,
                cause.clone().unwrap_or_else(|| "failed".to_owned()),
            ),
            (None, None, _) => (Sign::Warn, "no verdict".to_owned()),
        }
    }
}

/// The runs for programs.
pub(crate) fn runs_json(runs: &[KeptRun]) -> Value {
    json!({ "schema": SCHEMA, "runs": runs })
}

/// The runs for a person; `count` is how many there are, those that are not shown among
/// them.
pub(crate) fn runs_text(runs: &[KeptRun], count: usize, width: usize, look: Look) -> String {
    let width = width.max(NARROW);
    let mut table = Table::new(
        vec![
            Column::new(Align::Left).tight(),
            Column::new(Align::Left),
            Column::new(Align::Left).shrinks(8, 24),
            Column::new(Align::Left).optional(),
            Column::new(Align::Right).optional(),
            Column::new(Align::Right).optional(),
            Column::new(Align::Left).optional(),
            Column::new(Align::Left).shrinks(6, 14).optional(),
        ],
        2,
    );
    let heads = [
        "", "run", "result", "tests", "coverage", "took", "start", "workflow",
    ];
    let heads = heads.map(|head| Cell::new(Tone::Dim, head));
    table.row(heads.to_vec());
    for run in runs {
        table.row(row(run, look));
    }
    let mut lines = table.render(width, look);
    let unreadable = runs.iter().filter_map(|run| run.unreadable.as_ref());
    for why in unreadable {
        let text = truncate(&look.own(&one_line(why)), width.saturating_sub(2), look);
        lines.push(format!(
            "{} {}",
            look.painted(Sign::Warn),
            look.paint(Tone::Dim, &text)
        ));
    }
    if count > runs.len() {
        let more = counted((count - runs.len()) as u64, "older run");
        let text = format!("{more} not shown, --limit says how many are");
        lines.push(look.paint(Tone::Dim, &text));
    }
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

fn row(run: &KeptRun, look: Look) -> Vec<Cell> {
    let (sign, result) = run.result();
    let dash = || Cell::new(Tone::Dim, look.dash());
    let or_dash = |text: Option<String>| text.map_or_else(dash, Cell::plain);
    let mut workflow = one_line(run.workflow.rsplit('/').next().unwrap_or_default());
    if run.partial {
        workflow.push_str(" (in part)");
    }
    vec![
        Cell::new(sign.tone(), look.sign(sign)),
        Cell::plain(one_line(&run.run)),
        Cell::new(sign.tone(), one_line(&result)),
        tests_cell(run.tests, look).unwrap_or_else(dash),
        or_dash(run.coverage.map(percent)),
        or_dash(run.took.map(duration)),
        or_dash(run.started_at.and_then(start)),
        Cell::new(Tone::Dim, workflow),
    ]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{KeptRun, runs_json, runs_text};
    use crate::gate::sample::{Leg, Run, coverage};
    use crate::record::{Cause, Failure, Verdict};
    use crate::report::style::Look;

    fn runs() -> Vec<KeptRun> {
        let leg = || Leg::new("unit", 0).tests(61_000, 212);
        let mut passed = Run::of([leg()]).merged(coverage(914)).record();
        passed.verdict = Some(Verdict::of(Vec::new(), vec!["a warning".to_owned()]));
        let mut failed = Run::of([leg()]).record();
        let failure = Failure::new(Cause::TestsFailed, "2 tests failed");
        failed.verdict = Some(Verdict::of(vec![failure], Vec::new()));
        let mut killed = Run::of([leg()]).record();
        killed.finished_at = None;
        killed.info.partial = true;
        vec![
            KeptRun::of("20261124-080000-00aa00bb00cc", &failed),
            KeptRun::of("20261123-080000-11aa00bb00cc", &passed),
            KeptRun::of("20261122-211454-9f3c2a7e01b4", &killed),
            KeptRun::unreadable("20261121-211454-ffffffffffff", "run.json: this is no JSON"),
        ]
    }

    #[test]
    fn kept_runs() {
        let look = Look {
            colour: false,
            ascii: false,
        };
        for width in [120, 60] {
            let text = runs_text(&runs(), 34, width, look);
            insta::assert_snapshot!(format!("runs_{width}"), text);
        }
        let json = runs_json(&runs());
        assert_eq!(json["runs"][0]["cause"], "tests_failed.tests_failed");
        assert_eq!(json["runs"][1]["tests"]["passed"], 212);
        assert_eq!(json["runs"][2]["passed"], serde_json::Value::Null);
        assert_eq!(json["runs"][3]["unreadable"], "run.json: this is no JSON");
    }
}
