//! Summaries as a person sees them.

#![allow(clippy::unwrap_used)]

use super::{ConsoleOptions, console};
use crate::gate::sample::{Leg, Run, case, coverage};
use crate::gate::{Masked, Policy, Threshold, judge};
use crate::record::{
    Cause, Conclusion, CoverageSummary, EventKind, Failure, Level, ReportKind, RunRecord, TestCase,
    TestOutcome,
};
use crate::report::github::oracle::hostile;
use proptest::prelude::*;

fn judged(run: &Run) -> RunRecord {
    let mut record = run.record();
    let policy = Policy {
        coverage_min: Some(Threshold {
            percent: 80.0,
            precision: 1,
            source: "fail_under in pyproject.toml".to_owned(),
        }),
        coverage_due: true,
        limits: crate::gate::Limits::default(),
        masked: Masked::Deny,
        budgets: crate::gate::Budgets::default(),
        quarantine: Vec::new(),
    };
    record.verdict = Some(judge(&record, &policy));
    record
}

fn shown(run: &Run, width: usize) -> String {
    console(
        &judged(run),
        &ConsoleOptions {
            width,
            colour: false,
            ascii: false,
            directory: None,
            page: false,
        },
    )
}

fn lint() -> Leg {
    Leg::new("lint", 4200)
        .step("Run actions/checkout@v4", "built-in", 120)
        .step("Run actions/setup-python@v5", "built-in", 10)
        .step("Ruff", "in container", 2900)
}

fn unit(version: &str, start: u64, millis: u64) -> Leg {
    Leg::new(&format!("unit ({version})"), start)
        .needs(&["lint"])
        .step("Run actions/checkout@v4", "built-in", 140)
        .step("Run actions/setup-python@v5", "built-in", 30)
        .setup(
            "Install",
            "requirements.txt, requirements-dev.txt (43 packages)",
        )
        .tests(millis, 212)
        .with(|step| {
            step.tests[0].0 = format!("jobs/unit-{version}/junit.xml");
            step.tests[0].1.push(case(300, TestOutcome::Skipped));
        })
        .covers(coverage(842))
}

fn branches() -> CoverageSummary {
    CoverageSummary {
        branches_valid: 240,
        branches_covered: 187,
        ..coverage(842)
    }
}

fn deploy() -> Leg {
    Leg::new("package", 22_000)
        .needs(&["unit"])
        .step("Build the wheel", "in container", 3100)
}

fn good() -> Run {
    let artifact = EventKind::Artifact {
        job: deploy().planned.key,
        name: "wheel".to_owned(),
        path: "artifacts/wheel".to_owned(),
        files: 2,
        bytes: 48_231,
    };
    let deployed = EventKind::Deployed {
        job: deploy().planned.key,
        environment: "staging".to_owned(),
        url: Some("https://example.org/wheel".to_owned()),
    };
    Run::of([
        lint(),
        unit("3.11", 7500, 12_000),
        unit("3.12", 7500, 13_900),
        deploy().event(artifact).event(deployed),
    ])
    .image(4100, None)
    .merged(branches())
}

fn failing() -> Run {
    let mut run = good();
    let cases = [
        TestCase {
            message: "AssertionError: assert {'total': 3} == {'total': 4}\n  Differing items:\n  \
                      {'total': 3} != {'total': 4}\n  Use -v to get more diff\n  one line too many"
                .to_owned(),
            details: "E  assert\n\nsrc/widgets/core.py:88: AssertionError\n".to_owned(),
            ..case(41, TestOutcome::Failed)
        },
        TestCase {
            id: "tests/test_cli.py::TestReport::test_long[a very long parameter that fills the line to its very end]"
                .to_owned(),
            file: Some("tests/test_cli.py".to_owned()),
            line: Some(88),
            message: String::new(),
            details: "def test_long(db):\n\tdb.open()\nE   ConnectionError: \u{1b}[31mrefused\u{1b}[0m\n\n".to_owned(),
            ..case(42, TestOutcome::Error)
        },
    ];
    for leg in &mut run.legs[1..3] {
        let failure = Failure::new(Cause::TestsFailed, "2 of 215 tests failed");
        *leg = leg
            .clone()
            .with(|step| step.tests[0].1.extend(cases.clone()))
            .fails(failure, Some(1))
            .unreached("Upload to Codecov");
    }
    run.legs[3] = Leg::new("package", 0)
        .needs(&["unit"])
        .skipped("unit failed");
    run
}

fn below() -> Run {
    let mut run = good().merged(coverage(784));
    for leg in &mut run.legs[1..3] {
        leg.extra.clear();
        *leg = leg.clone().covers(coverage(784));
    }
    run
}

fn missing() -> Run {
    let mut run = good();
    run.legs[2].extra.clear();
    run.legs[2] = run.legs[2].clone().misses(
        Some(4),
        ReportKind::Cobertura,
        Failure::new(
            Cause::ReportMissing,
            "the coverage report (Cobertura XML) coverage.xml did not come out",
        )
        .with_evidence("the file is not there after the step")
        .with_evidence("hint: does the step run `pytest --cov-report=xml`?"),
    );
    run.extra.push(EventKind::Notice {
        level: Level::Warning,
        job: Some(run.legs[2].planned.key.clone()),
        message: "services share port 5432, so they have a network of their own".to_owned(),
    });
    run
}

fn unbuilt() -> Run {
    let failure = Failure::new(
        Cause::BuildStepFailed,
        "Dockerfile.test:14: RUN pip install -r requirements.txt exited with 1",
    )
    .with_evidence("Collecting wigdets==1.2 (from -r requirements.txt (line 3))")
    .with_evidence("  ERROR: Could not find a version that satisfies the requirement wigdets==1.2 (from versions: none)")
    .with_evidence("ERROR: No matching distribution found for wigdets==1.2")
    .with_evidence("hint: the tail of the build is in logs/image.log");
    let mut unit = unit("3.12", 9000, 10);
    unit.extra.clear();
    let legs = [lint(), unit, deploy()];
    Run::of(legs.map(|leg| leg.unopened(failure.clone()))).image(8800, Some(failure))
}

fn interrupted() -> Run {
    let mut run = good();
    run.merged = None;
    run.stopped = Some(Failure::new(Cause::UserInterrupt, "interrupted by Ctrl-C"));
    run.legs.truncate(3);
    for leg in &mut run.legs[1..] {
        leg.extra.clear();
        *leg = leg
            .clone()
            .with(|step| {
                step.millis = 2500;
                step.tests.clear();
                step.outcome = Conclusion::Cancelled;
                step.conclusion = Conclusion::Cancelled;
                step.exit_code = None;
            })
            .ends(Conclusion::Cancelled, None);
    }
    run.legs.push(Leg {
        conclusion: None,
        ..Leg::new("package", 0).needs(&["unit"]).skipped("")
    });
    let leg = run.legs.last_mut().unwrap();
    leg.note = None;
    leg.conclusion = Some(Conclusion::Skipped);
    run
}

fn partial() -> Run {
    let mut run = Run::of([
        unit("3.12, ubuntu-latest", 100, 9000),
        Leg::new("unit (3.12, windows-latest)", 0).elsewhere("windows-latest"),
        Leg::new("unit (3.12, macos-latest)", 0).elsewhere("macos-latest"),
        lint(),
    ])
    .merged(coverage(842));
    run.legs[0].planned.name = "Unit tests on 3.12".to_owned();
    run.partial = true;
    run
}

/// As [`partial`], with most of a large matrix left out.
fn filtered() -> Run {
    let mut legs = vec![unit("3.11, ubuntu-latest", 100, 9000)];
    for version in ["3.8", "3.9", "3.10", "3.12"] {
        for system in ["ubuntu-latest", "windows-latest"] {
            let leg = Leg::new(&format!("unit ({version}, {system})"), 0);
            legs.push(leg.left_out("--matrix python-version=3.11"));
        }
    }
    for system in ["windows-latest", "macOS-latest", "macOS-13"] {
        let leg = Leg::new(&format!("unit (3.11, {system})"), 0);
        legs.push(leg.elsewhere(system));
    }
    let mut run = Run::of(legs).merged(coverage(842));
    run.partial = true;
    run
}

fn snapshots(name: &str, run: &Run) {
    insta::assert_snapshot!(format!("{name}_80"), shown(run, 80));
    insta::assert_snapshot!(format!("{name}_120"), shown(run, 120));
}

#[test]
fn all_good() {
    snapshots("good", &good());
}

#[test]
fn failing_tests() {
    snapshots("failing", &failing());
}

#[test]
fn coverage_below() {
    snapshots("below", &below());
}

#[test]
fn a_missing_report() {
    snapshots("missing", &missing());
}

#[test]
fn a_failed_build() {
    snapshots("unbuilt", &unbuilt());
}

#[test]
fn an_interrupt() {
    snapshots("interrupted", &interrupted());
}

#[test]
fn a_partial_matrix() {
    snapshots("partial", &partial());
}

#[test]
fn a_filtered_matrix() {
    snapshots("filtered", &filtered());
}

#[test]
fn colours_and_ascii() {
    let options = ConsoleOptions {
        width: 100,
        colour: true,
        ascii: true,
        directory: Some("/tmp/run".to_owned()),
        page: false,
    };
    let text = console(&judged(&failing()), &options);
    assert!(text.is_ascii(), "{text}");
    insta::assert_snapshot!("colour_ascii", text.replace('\u{1b}', "^"));
}

#[test]
fn records_that_end_in_the_middle() {
    let run = good();
    let events = run.events();
    for length in 1..events.len() {
        let record = RunRecord::fold(&events[..length]).unwrap();
        let options = ConsoleOptions {
            width: 20,
            colour: false,
            ascii: false,
            directory: None,
            page: false,
        };
        let text = console(&record, &options);
        assert!(text.ends_with("seatrial: no verdict: the run did not come to its end\n"));
    }
}

const ESC: char = '\u{1b}';

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn nothing_harmful_is_shown(text in hostile(), colour in any::<bool>()) {
        let mut run = failing();
        run.legs[1].planned.key.0.push_str(&text);
        run.legs[1].planned.steps.clear();
        run.legs[1].steps[3].planned.name.clone_from(&text);
        run.legs[1].steps[3].tests[0].1.push(TestCase {
            id: text.clone(),
            message: text.clone(),
            file: Some(text.clone()),
            ..case(1, TestOutcome::Failed)
        });
        run.legs[3].note = Some(text.clone());
        run.extra.push(EventKind::Notice { level: Level::Error, job: None, message: text });
        let options = ConsoleOptions { width: 80, colour, ascii: false, directory: None, page: false };
        let shown = console(&judged(&run), &options);
        prop_assert_eq!(&crate::report::text::sanitize(&shown), &shown);
        let last = shown.lines().last().unwrap_or_default();
        prop_assert!(last.contains("seatrial: failed (tests_failed.tests_failed)"));
        let plain = !shown.contains(ESC);
        prop_assert!(colour || plain);
    }
}
