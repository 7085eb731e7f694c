//! What `seatrial history` shows of past runs.

use serde_json::{Value, json};

use super::format::{bytes, counted, duration, percent, start};
use super::style::{Look, Sign, Tone};
use super::summary::tests_cell;
use super::table::{Align, Cell, Column, Table, truncate};
use super::text::one_line;
use crate::history::{Entry, LegEntry, Source, Summary, TestEntry, Warmth};
use crate::record::{CiRun, Conclusion, CoverageSummary, TestOutcome};

/// Version of the JSON form.
const SCHEMA: u32 = 1;
/// Narrowest terminal that is laid out for.
const NARROW: usize = 40;
/// Tests that are named.
const TESTS: usize = 20;

/// Past runs for programs.
pub(crate) fn history_json(runs: &[Summary]) -> Value {
    json!({ "schema": SCHEMA, "runs": runs })
}

/// Past runs for a person; `count` is how many there are, those that are not shown among
/// them.
pub(crate) fn history_text(runs: &[Summary], count: u64, width: usize, look: Look) -> String {
    if runs.is_empty() {
        return "no run of these is in the history\n".to_owned();
    }
    let mut table = Table::new(
        vec![
            Column::new(Align::Left).tight(),
            Column::new(Align::Left),
            Column::new(Align::Left).shrinks(8, 24),
            Column::new(Align::Right).optional(),
            Column::new(Align::Right).optional(),
            Column::new(Align::Left).optional(),
            Column::new(Align::Left).shrinks(6, 14).optional(),
            Column::new(Align::Left).optional(),
            Column::new(Align::Left).optional(),
            Column::new(Align::Left).shrinks(6, 14).optional(),
        ],
        2,
    );
    let heads = [
        "", "run", "result", "coverage", "took", "start", "branch", "where", "tests", "workflow",
    ];
    table.row(heads.map(|head| Cell::new(Tone::Dim, head)).to_vec());
    for run in runs {
        table.row(row(run, look));
    }
    let mut lines = table.render(width.max(NARROW), look);
    let shown = runs.len() as u64;
    if count > shown {
        let more = counted(count - shown, "older run");
        let text = format!("{more} not shown, --limit says how many are");
        lines.push(look.paint(Tone::Dim, &text));
    }
    lines.join("\n") + "\n"
}

fn row(run: &Summary, look: Look) -> Vec<Cell> {
    let (sign, result) = result(run.passed, run.cause.as_deref());
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
        or_dash(run.coverage.map(percent)),
        or_dash(run.millis.map(duration)),
        or_dash(start(run.started_at)),
        or_dash(Some(one_line(&run.branch)).filter(|branch| !branch.is_empty())),
        Cell::plain(place(run.source)),
        tests_cell(run.tests, look).unwrap_or_else(dash),
        Cell::new(Tone::Dim, workflow),
    ]
}

fn place(source: Source) -> &'static str {
    match source {
        Source::Local => "here",
        Source::Ci => "CI",
    }
}

/// How a run ended, in a word or by the reason that decided.
fn result(passed: Option<bool>, cause: Option<&str>) -> (Sign, String) {
    match passed {
        Some(true) => (Sign::Good, "passed".to_owned()),
        Some(false) => (Sign::Bad, cause.unwrap_or("failed").to_owned()),
        None => (Sign::Warn, "no verdict".to_owned()),
    }
}

/// What is kept of one run, for a person.
pub(crate) fn history_run_text(entry: &Entry, width: usize, look: Look) -> String {
    let width = width.max(NARROW);
    let cause = entry.failures.first().map(|first| first.cause.as_str());
    let (sign, result) = result(entry.passed, cause);
    let took = entry.millis().map(duration);
    let head = [Some(one_line(&result)), took].into_iter().flatten();
    let mut lines = vec![format!(
        "{} {}  {}",
        look.painted(sign),
        look.paint(Tone::Strong, &one_line(&entry.run.0)),
        head.collect::<Vec<_>>().join(&format!(" {} ", look.dot()))
    )];
    for failure in &entry.failures {
        let text = look.own(&one_line(&failure.message));
        lines.push(format!(
            "  {}",
            truncate(&text, width.saturating_sub(2), look)
        ));
    }
    lines.push(String::new());
    lines.extend(facts(entry, width, look));
    lines.push(String::new());
    lines.extend(legs(&entry.legs, look).render(width, look));
    let unwell: Vec<(&LegEntry, &TestEntry)> = entry
        .tests()
        .filter(|(_, test)| test.retries > 0 || is_bad(test.outcome))
        .collect();
    if !unwell.is_empty() {
        lines.push(String::new());
        lines.extend(tests(&unwell, look).render(width, look));
        if unwell.len() > TESTS {
            let more = counted((unwell.len() - TESTS) as u64, "test");
            lines.push(look.paint(Tone::Dim, &format!("and {more} more")));
        }
    }
    lines.join("\n") + "\n"
}

/// What there is to know of the whole run, a line each.
fn facts(entry: &Entry, width: usize, look: Look) -> Vec<String> {
    let mut commit: String = entry.sha.chars().take(12).collect();
    if entry.dirty {
        commit.push_str(" and changes that are in no commit");
    }
    let build = entry.build_millis().map(|millis| {
        let warmth = match entry.warmth() {
            Warmth::NotBuilt => "not built",
            Warmth::Warm => "nothing to do",
            Warmth::Partly => "in part from the cache",
            Warmth::Cold => "nothing from the cache",
        };
        format!("{} ({warmth})", duration(millis))
    });
    let coverage = entry.coverage.as_ref().and_then(CoverageSummary::percent);
    let all = [
        ("start", start(entry.started_at)),
        (
            "workflow",
            Some(format!("{} ({})", entry.workflow, entry.name)),
        ),
        ("repository", Some(entry.repository.clone())),
        ("branch", Some(entry.branch().to_owned())),
        ("commit", Some(commit)),
        ("event", Some(entry.event.clone())),
        ("run of CI", entry.ci_run.as_ref().map(of_ci)),
        (
            "machine",
            Some(format!("{}, {}", entry.machine_class(), entry.engine)),
        ),
        ("seatrial", Some(entry.version.clone())),
        ("image build", build),
        ("image size", entry.image_bytes().map(bytes)),
        ("test steps", entry.test_millis().map(duration)),
        ("coverage", coverage.map(percent)),
        (
            "reports",
            entry.reports_collected.map(|all| match all {
                true => "all came out".to_owned(),
                false => "not all came out".to_owned(),
            }),
        ),
        ("roll-out", entry.rollout.clone()),
        ("signatures", Some(entry.signatures.join(", "))),
    ];
    let known = all.into_iter().filter_map(|(name, value)| {
        let value = one_line(&value?);
        (!value.is_empty()).then_some((name, value))
    });
    known
        .map(|(name, value)| {
            let name = look.paint(Tone::Dim, &format!("{name:<12}"));
            let value = look.own(&value);
            format!(
                "  {name} {}",
                truncate(&value, width.saturating_sub(15), look)
            )
        })
        .collect()
}

fn of_ci(run: &CiRun) -> String {
    match run.attempt {
        0 | 1 => run.id.clone(),
        attempt => format!("{} (attempt {attempt})", run.id),
    }
}

fn legs(legs: &[LegEntry], look: Look) -> Table {
    let mut table = Table::new(
        vec![
            Column::new(Align::Left).tight(),
            Column::new(Align::Left).shrinks(8, 40),
            Column::new(Align::Right),
            Column::new(Align::Right).optional(),
            Column::new(Align::Right).optional(),
            Column::new(Align::Left).shrinks(6, 30).optional(),
        ],
        2,
    );
    let heads = ["", "job", "took", "waited", "start-up", "cause"];
    table.row(heads.map(|head| Cell::new(Tone::Dim, head)).to_vec());
    for leg in legs {
        let sign = match leg.conclusion {
            Some(Conclusion::Success) => Sign::Good,
            Some(Conclusion::Failure) => Sign::Bad,
            Some(Conclusion::Cancelled) => Sign::Warn,
            Some(Conclusion::Skipped) | None => Sign::Skipped,
        };
        let time = |millis: Option<u64>| Cell::plain(millis.map(duration).unwrap_or_default());
        let cause = leg.failure.as_ref().map(|failure| one_line(&failure.cause));
        table.row(vec![
            Cell::new(sign.tone(), look.sign(sign)),
            Cell::plain(one_line(&leg.key)),
            time(leg.millis),
            time(leg.queue_millis),
            time(leg.startup_millis),
            Cell::plain(cause.unwrap_or_default()),
        ]);
    }
    table
}

fn tests(unwell: &[(&LegEntry, &TestEntry)], look: Look) -> Table {
    let mut table = Table::new(
        vec![
            Column::new(Align::Left).tight(),
            Column::new(Align::Left).shrinks(12, 60),
            Column::new(Align::Left).optional(),
            Column::new(Align::Left).shrinks(8, 60).optional(),
        ],
        2,
    );
    for (leg, test) in unwell.iter().take(TESTS) {
        let (sign, what) = match is_bad(test.outcome) {
            true => (Sign::Bad, one_line(&test.message)),
            false => (
                Sign::Warn,
                format!(
                    "flaky: passed after {}",
                    counted(u64::from(test.retries), "failure")
                ),
            ),
        };
        table.row(vec![
            Cell::new(sign.tone(), look.sign(sign)),
            Cell::plain(one_line(&test.id)),
            Cell::new(Tone::Dim, one_line(&leg.key)),
            Cell::plain(what),
        ]);
    }
    table
}

fn is_bad(outcome: TestOutcome) -> bool {
    matches!(outcome, TestOutcome::Failed | TestOutcome::Error)
}

#[cfg(test)]
mod tests_of_text {
    use super::{history_json, history_run_text, history_text};
    use crate::gate::sample::{Leg, Run, case, coverage};
    use crate::history::{Beside, Entry, Summary};
    use crate::record::{Cause, Failure, RunId, TestOutcome, Verdict};
    use crate::report::style::Look;

    const LOOK: Look = Look {
        colour: false,
        ascii: false,
    };

    fn entry(id: &str, failed: bool) -> Entry {
        let leg = Leg::new("unit (3.11)", 0).tests(61_000, 212).with(|step| {
            let mut flaky = case(1, TestOutcome::Passed);
            flaky.retries = 2;
            let mut bad = case(2, TestOutcome::Failed);
            bad.message = "assert 1 == 2".to_owned();
            let cases = if failed { vec![bad] } else { vec![flaky] };
            step.tests.push(("more.xml".to_owned(), cases, true));
        });
        let failure = Failure::new(Cause::TestsFailed, "1 of 213 tests failed");
        let leg = if failed {
            leg.fails(failure.clone(), Some(1))
        } else {
            leg
        };
        let run = Run::of([Leg::new("lint", 0).step("ruff", "in container", 900), leg]);
        let mut record = run.image(12_000, None).merged(coverage(914)).record();
        record.info.id = RunId(id.to_owned());
        record.info.ci = failed;
        let failures = if failed { vec![failure] } else { Vec::new() };
        record.verdict = Some(Verdict::of(failures, Vec::new()));
        let beside = Beside {
            signatures: if failed {
                vec!["test.assertion".to_owned()]
            } else {
                Vec::new()
            },
            rollout: failed.then(|| "shadow".to_owned()),
        };
        Entry::of_record(&record, beside)
    }

    #[test]
    fn past_runs() {
        let passed = entry("20261122-211454-9f3c2a7e01b4", false);
        let failed = entry("20261123-080000-11aa00bb00cc", true);
        let mut killed = passed.clone();
        killed.passed = None;
        killed.finished_at = None;
        killed.partial = true;
        let runs: Vec<Summary> = [&failed, &passed, &killed].map(Summary::of).to_vec();
        for width in [160, 70] {
            let text = history_text(&runs, 34, width, LOOK);
            insta::assert_snapshot!(format!("history_{width}"), text);
        }
        assert_eq!(
            history_text(&[], 0, 80, LOOK),
            "no run of these is in the history\n"
        );
        insta::assert_snapshot!("history_passed", history_run_text(&passed, 100, LOOK));
        insta::assert_snapshot!("history_failed", history_run_text(&failed, 100, LOOK));
        let json = history_json(&runs);
        assert_eq!(json["runs"][0]["cause"], "tests_failed.tests_failed");
        assert_eq!(json["runs"][1]["tests"]["passed"], 213);
        assert_eq!(json["runs"][2]["passed"], serde_json::Value::Null);
    }

    #[test]
    fn names_of_others_are_text() {
        let mut entry = entry("a", true);
        entry.legs[1].key = "unit\u{1b}[2J\n\u{202e}".to_owned();
        entry.reference = "refs/heads/\u{1b}]0;x\u{7}".to_owned();
        let text = history_run_text(&entry, 80, LOOK)
            + &history_text(&[Summary::of(&entry)], 1, 160, LOOK);
        assert!(
            !text.contains('\u{1b}') && !text.contains('\u{202e}'),
            "{text}"
        );
    }
}
