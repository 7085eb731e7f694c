//! The triggers and the way back, over histories in a few letters.
#![allow(clippy::unwrap_used)]

use super::{Judgement, Rules, Trigger, judge, readiness};
use crate::history::{
    ENTRY_SCHEMA, Entry, ImageEntry, LegEntry, Reason, Source, StepEntry, TestEntry, Warmth,
};
use crate::record::{Conclusion, RunId, TestOutcome};
use crate::results::TestPattern;

/// One run in a container, the tests of which took so many seconds.
fn run(number: usize, seconds: u64) -> Entry {
    Entry {
        schema: ENTRY_SCHEMA,
        run: RunId(format!("run-{number}")),
        source: Source::Ci,
        version: "0".to_owned(),
        workflow: ".github/workflows/test.yml".to_owned(),
        name: "Test".to_owned(),
        repository: "acme/app".to_owned(),
        sha: format!("{number:040x}"),
        reference: "refs/heads/main".to_owned(),
        event: "push".to_owned(),
        dirty: false,
        partial: false,
        ci_run: None,
        engine: "docker 20.10.24".to_owned(),
        cpus: 4,
        memory: 16 << 30,
        started_at: number as u64 * 1_000_000,
        finished_at: Some(number as u64 * 1_000_000 + seconds * 1000),
        passed: Some(true),
        exit_code: Some(0),
        failures: Vec::new(),
        signatures: Vec::new(),
        fallback: None,
        reports_collected: Some(true),
        rollout: None,
        images: vec![ImageEntry {
            name: "Dockerfile.test".to_owned(),
            origin: "built".to_owned(),
            warmth: Warmth::Warm,
            millis: 1_000,
            steps: 4,
            cached: 4,
            bytes: None,
            layers: Vec::new(),
            failure: None,
        }],
        legs: vec![LegEntry {
            key: "unit".to_owned(),
            job: "unit".to_owned(),
            conclusion: None,
            queue_millis: Some(0),
            startup_millis: Some(500),
            millis: Some(seconds * 1000),
            failure: None,
            steps: vec![StepEntry {
                number: 1,
                name: "Run pytest".to_owned(),
                test: true,
                conclusion: None,
                millis: Some(seconds * 1000),
                cause: None,
                tests: vec![test("tests/test_a.py::test_one", TestOutcome::Passed)],
            }],
        }],
        coverage: None,
    }
}

fn test(id: &str, outcome: TestOutcome) -> TestEntry {
    TestEntry {
        id: id.to_owned(),
        outcome,
        millis: 10,
        retries: 0,
        message: match outcome {
            TestOutcome::Passed => String::new(),
            _ => "PermissionError".to_owned(),
        },
    }
}

fn reason(cause: &str) -> Reason {
    Reason {
        cause: cause.to_owned(),
        message: format!("because of {cause}"),
    }
}

/// A history, the last run first, from letters that stand in the order of time: `.` a good
/// run, `s` a slow one (12 s instead of 8), `S` one of 8 minutes, `l` one that lost reports,
/// `b` one whose image failed, `B` one that fell back to the runner for that, `i` one that
/// the infrastructure failed, `I` one whose image could not be fetched, `n` one without tests,
/// `p` a part.
fn history(letters: &str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = letters
        .chars()
        .enumerate()
        .map(|(number, letter)| {
            let seconds = match letter {
                's' => 12,
                'S' => 480,
                _ => 8,
            };
            let mut entry = run(number + 1, seconds);
            match letter {
                'l' => {
                    entry.reports_collected = Some(false);
                    entry.failures = vec![reason("no_report.report_missing")];
                }
                'b' => {
                    entry.images[0].failure = Some(reason("build_failed.build_step_failed"));
                    entry.failures = vec![reason("build_failed.build_step_failed")];
                    entry.legs.clear();
                    entry.reports_collected = None;
                }
                'B' => {
                    entry.fallback = Some(reason("build_failed.build_step_failed"));
                    entry.engine = "host (no container)".to_owned();
                    entry.images.clear();
                }
                'i' => {
                    entry.failures = vec![reason("infrastructure.engine_lost")];
                    entry.reports_collected = Some(false);
                }
                'I' => {
                    entry.images[0].failure = Some(reason("infrastructure.image_pull_network"));
                    entry.failures = vec![reason("infrastructure.image_pull_network")];
                    entry.reports_collected = Some(false);
                }
                'n' => {
                    entry.legs.clear();
                    entry.reports_collected = None;
                }
                'p' => {
                    entry.partial = true;
                    entry.reports_collected = Some(false);
                }
                _ => {}
            }
            entry
        })
        .collect();
    entries.reverse();
    entries
}

fn fired(entries: &[Entry], rules: &Rules) -> Vec<Trigger> {
    let judgement = judge(entries, rules);
    assert_eq!(judgement.watched.len(), Trigger::ALL.len());
    judgement.fired().map(|one| one.trigger).collect()
}

#[test]
fn triggers_over_histories() {
    use Trigger::{FailedBuilds, LostReports, SlowTests};
    for (letters, expected) in [
        ("", vec![]),
        (".", vec![]),
        ("....................", vec![]),
        // Half as slow again, and some slow runs among others say nothing.
        ("..............s", vec![]),
        ("..............sss", vec![]),
        ("..............ssss", vec![]),
        ("..............sssss", vec![SlowTests]),
        ("..............s.s.s.s.s", vec![SlowTests]),
        ("..............sssss.....", vec![]),
        // Without enough runs before there is no usual time.
        ("....sssssssss", vec![]),
        (".....sssssssss", vec![SlowTests]),
        // More than seven minutes is too long with and without one.
        ("SSS", vec![SlowTests]),
        ("SS", vec![]),
        ("..........l", vec![]),
        ("..........ll", vec![]),
        ("..........lll", vec![LostReports]),
        ("..........lll.", vec![]),
        // Runs that owe nothing, of a part, or that the infrastructure failed do not count.
        ("..........llnil", vec![LostReports]),
        ("..........llppp", vec![]),
        ("..........iiiii", vec![]),
        // One of ten is allowed.
        (".........b", vec![]),
        ("........bb", vec![FailedBuilds]),
        ("bbbbbbbbb", vec![]),
        ("..................bb", vec![]),
        ("..................bbb", vec![FailedBuilds]),
        ("..................bBb", vec![FailedBuilds]),
        ("..................III", vec![]),
        // What is longer ago than the window is forgotten.
        ("bbb....................", vec![]),
    ] {
        let entries = history(letters);
        assert_eq!(fired(&entries, &Rules::default()), expected, "{letters}");
    }
}

#[test]
fn times_are_compared_on_like_machines_only() {
    let mut entries = history("..............sssssssss");
    assert_eq!(fired(&entries, &Rules::default()), [Trigger::SlowTests]);
    for entry in &mut entries[..9] {
        entry.cpus = 2;
    }
    assert_eq!(fired(&entries, &Rules::default()), []);
    // Legs run side by side: the longest counts, and not their sum.
    let mut entries = history("SSS");
    for entry in &mut entries {
        let leg = &mut entry.legs[0];
        leg.steps[0].millis = Some(400_000);
        let other = leg.clone();
        entry.legs.push(other);
    }
    assert_eq!(fired(&entries, &Rules::default()), []);
}

#[test]
fn infrastructure_is_counted_apart_and_told() {
    let judgement: Judgement = judge(&history("......i.I."), &Rules::default());
    assert_eq!((judgement.runs, judgement.infrastructure), (10, 2));
    let lost = &judge(&history("...lll"), &Rules::default()).watched[1];
    assert_eq!(lost.seen, "3 runs in a row lost reports; allowed are 2");
    assert_eq!(lost.evidence.len(), 3);
    assert_eq!(lost.evidence[0].run, "run-6");
    assert_eq!(lost.evidence[0].text, "because of no_report.report_missing");
}

/// The same commit on both sides; the container's test ends in this way.
fn both(number: usize, outcome: TestOutcome) -> [Entry; 2] {
    let control = Entry {
        engine: "host (no container)".to_owned(),
        run: RunId(format!("control-{number}")),
        ..run(number, 8)
    };
    let mut candidate = run(number, 8);
    candidate.legs[0].steps[0].tests = vec![test("tests/pay/test_card.py::test_refund", outcome)];
    let mut control = control;
    control.legs[0].steps[0].tests = vec![test(
        "tests/pay/test_card.py::test_refund",
        TestOutcome::Passed,
    )];
    [candidate, control]
}

fn shadow(outcomes: &[TestOutcome]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = outcomes
        .iter()
        .enumerate()
        .flat_map(|(number, outcome)| both(number + 1, *outcome))
        .collect();
    entries.reverse();
    entries
}

#[test]
fn a_test_that_matters_fails_in_the_container_only() {
    use TestOutcome::{Failed, Passed};
    let rules = |pattern: &str| Rules {
        critical: vec![TestPattern::new(pattern).unwrap()],
        ..Rules::default()
    };
    let [right, wrong] = [Passed, Failed];
    for (outcomes, fires) in [
        (vec![right], false),
        // Perhaps it is flaky.
        (vec![right, wrong, wrong, wrong], false),
        (vec![right, wrong, wrong, wrong, wrong], true),
        (vec![wrong, wrong, wrong, wrong], true),
        // Mended since.
        (vec![wrong, wrong, wrong, wrong, right], false),
        // It is flaky.
        (vec![wrong, right, wrong, wrong, wrong, wrong, wrong], false),
        (
            vec![wrong, right, wrong, wrong, wrong, wrong, wrong, wrong],
            true,
        ),
    ] {
        let found = fired(&shadow(&outcomes), &Rules::default());
        assert_eq!(found == [Trigger::CriticalTest], fires, "{outcomes:?}");
    }
    // A team may ask for fewer.
    let soon = Rules {
        critical_runs: 2,
        ..Rules::default()
    };
    assert_eq!(fired(&shadow(&[right, wrong]), &soon), []);
    assert_eq!(
        fired(&shadow(&[right, wrong, wrong]), &soon),
        [Trigger::CriticalTest]
    );
    let differs = shadow(&[Failed; 4]);
    assert_eq!(
        fired(&differs, &rules("tests/pay/*")),
        [Trigger::CriticalTest]
    );
    assert_eq!(fired(&differs, &rules("tests/other/*")), []);
    // Several runs of one commit do, too: `compare` repeats what differs.
    let one = shadow(&[Failed]);
    let mut often = one.clone();
    often.extend([1, 1, 1].map(|at| one[at].clone()));
    assert_eq!(fired(&often, &Rules::default()), [Trigger::CriticalTest]);
    // The same commit passed in a container, too; or it fails on the runner, too.
    often.insert(1, both(1, Passed)[0].clone());
    assert_eq!(fired(&often, &Rules::default()), []);
    let mut broken = shadow(&[Failed; 4]);
    for entry in &mut broken {
        entry.legs[0].steps[0].tests[0].outcome = Failed;
    }
    assert_eq!(fired(&broken, &Rules::default()), []);
    // A changed tree says nothing of its commit.
    let mut dirty = shadow(&[Failed; 4]);
    dirty[1].dirty = true;
    assert_eq!(fired(&dirty, &Rules::default()), []);
}

#[test]
fn coming_back_needs_clean_shadow_runs() {
    use TestOutcome::{Failed, Passed};
    let rules = Rules {
        clean_runs: 3,
        ..Rules::default()
    };
    for (outcomes, clean, ready) in [
        (vec![], 0, false),
        (vec![Passed, Passed], 2, false),
        (vec![Passed, Passed, Passed], 3, true),
        (vec![Failed, Passed, Passed, Passed, Passed], 3, true),
        (vec![Passed, Passed, Passed, Failed], 0, false),
        (vec![Passed, Passed, Failed, Passed], 1, false),
    ] {
        let found = readiness(&shadow(&outcomes), 0, &rules);
        assert_eq!(
            (found.clean, found.is_ready()),
            (clean, ready),
            "{outcomes:?}"
        );
        let broken = !ready && outcomes.contains(&Failed);
        assert_eq!(found.broken_by.is_some(), broken, "{outcomes:?}");
    }
    let differs = |runner, container| {
        let mut entries = shadow(&[Passed; 3]);
        for entry in &mut entries {
            let leg = &mut entry.legs[0];
            leg.steps[0].tests.clear();
            leg.conclusion = match entry.engine.starts_with("host") {
                true => runner,
                false => container,
            };
        }
        let found = readiness(&entries, 0, &rules);
        (found.clean, found.broken_by)
    };
    use Conclusion::{Cancelled, Failure, Success};
    let why = format!(
        "{:040x}: unit fails in the container and succeeds on the runner",
        3
    );
    for (runner, container, expected) in [
        (Some(Success), Some(Success), (3, None)),
        (Some(Failure), Some(Success), (3, None)),
        (Some(Failure), Some(Failure), (3, None)),
        (Some(Success), Some(Failure), (0, Some(why))),
        // Nothing was compared.
        (Some(Success), None, (0, None)),
        (Some(Cancelled), Some(Cancelled), (0, None)),
    ] {
        assert_eq!(differs(runner, container), expected);
    }
    // So it is where the sides ran other legs.
    let mut entries = shadow(&[Passed; 4]);
    entries[0].legs[0].key = "lint".to_owned();
    assert_eq!(readiness(&entries, 0, &rules).clean, 3);
    // Tests in common go before what the legs ended with.
    let mut entries = shadow(&[Passed; 3]);
    for entry in &mut entries {
        let runner = entry.engine.starts_with("host");
        entry.legs[0].conclusion = Some(if runner { Success } else { Failure });
    }
    assert_eq!(readiness(&entries, 0, &rules).clean, 3);
    // Only what came after the roll-back counts.
    let entries = shadow(&[Passed, Passed, Passed]);
    assert_eq!(readiness(&entries, 2_000_000, &rules).clean, 2);
}
