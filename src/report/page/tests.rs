//! The page as a whole.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use super::{PageInput, PageLog, page};
use crate::gate::sample::{Leg, Run, case, coverage};
use crate::history::Entry;
use crate::history::simulated::Plan;
use crate::parity::sample::{self, facts, leg, other_facts};
use crate::parity::{Comparison, Ignores, compare};
use crate::record::{JobKey, TestCase, TestOutcome};
use crate::report::runs::KeptRun;
use crate::triage::{Diagnosis, Matcher, Origin, Reader, diagnose, order};

fn plain_page(record: &crate::record::RunRecord, logs: &[PageLog]) -> String {
    page(PageInput {
        record,
        logs,
        coverage: None,
        sources: &BTreeMap::new(),
        comparison: None,
        earlier: &[],
        past: &[],
        why: None,
    })
}

#[test]
fn five_thousand_tests_fit_into_two_megabytes() {
    let cases = |leg: usize| -> Vec<TestCase> {
        (0..5_000)
            .map(|number| {
                let outcome = match number % 50 {
                    0 if leg == 0 => TestOutcome::Failed,
                    1 => TestOutcome::Skipped,
                    _ => TestOutcome::Passed,
                };
                let name = format!("test_case_of_some_length[{number}-parameter-value]");
                TestCase {
                    id: format!("tests/unit/package/test_module_{}.py::{name}", number % 90),
                    details: if outcome == TestOutcome::Failed {
                        "E   assert 1 == 2\n".repeat(500)
                    } else {
                        String::new()
                    },
                    ..case(number, outcome)
                }
            })
            .collect()
    };
    let legs = (0..2).map(|leg| {
        Leg::new(&format!("unit ({leg})"), 0)
            .tests(10_000, 0)
            .with(|step| step.tests[0].1 = cases(leg))
    });
    let record = Run::of(legs).merged(coverage(914)).record();
    let logs: Vec<PageLog> = (0..2)
        .map(|leg| PageLog {
            job: JobKey(format!("unit ({leg})")),
            step: Some(1),
            path: "logs/unit/01-tests.log".to_owned(),
            before: 0,
            text: "a line of output of a sensible length\n".repeat(100_000),
        })
        .collect();
    let page = plain_page(&record, &logs);
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
    assert_eq!(page.matches("<tr data-o=").count(), 5_000);
    assert!(page.contains("lines before are left out here"));
}

#[test]
fn names_and_output_of_others_are_text() {
    let hostile = "</script><img src=x onerror=alert(1)>\"' onclick=\"x\u{202e}";
    let leg = Leg::new(hostile, 0).tests(10, 0).with(|step| {
        step.planned.name = hostile.to_owned();
        step.planned.placement = hostile.to_owned();
        step.note = Some(hostile.to_owned());
        step.tests[0].1.push(TestCase {
            id: hostile.to_owned(),
            file: Some(hostile.to_owned()),
            message: hostile.to_owned(),
            details: hostile.to_owned(),
            ..case(1, TestOutcome::Failed)
        });
    });
    let mut record = Run::of([leg]).record();
    record.info.name = hostile.to_owned();
    record.info.reference = hostile.to_owned();
    record.images.clear();
    let logs = [PageLog {
        job: JobKey(hostile.to_owned()),
        step: Some(1),
        path: format!("logs/{hostile}"),
        before: 0,
        text: hostile.to_owned(),
    }];
    let page = plain_page(&record, &logs);
    assert!(!page.contains("<img") && !page.contains('\u{202e}'));
    assert_eq!(page.matches("<script>").count(), 1);
    assert_eq!(page.matches("</script>").count(), 1);
    // Within an attribute no quote of others ends it.
    assert!(!page.contains("\" onclick") && !page.contains("' onclick=\"x"));
}

#[test]
fn nothing_is_fetched_and_nothing_is_styled_by_attributes() {
    let record = Run::of([Leg::new("unit", 0).tests(10, 2)])
        .image(10, None)
        .merged(coverage(914))
        .record();
    let page = plain_page(&record, &[]);
    for word in [" style=", "http:", "https:", " src=", "url(", " onclick"] {
        assert!(!page.contains(word), "{word}");
    }
    assert!(page.contains("default-src 'none'; style-src 'sha256-"));
}

#[test]
fn earlier_runs_stand_beside_this_one() {
    let record = Run::of([Leg::new("unit", 0).tests(4_000, 2)]).record();
    let before = Run::of([Leg::new("unit", 0).tests(1_000, 1)]).record();
    let page = page(PageInput {
        record: &record,
        logs: &[],
        coverage: None,
        sources: &BTreeMap::new(),
        comparison: None,
        earlier: &[KeptRun::of("one", &before)],
        past: &[],
        why: None,
    });
    assert!(page.contains("href=\"#trend\"") && page.contains("(this run)"));
    assert!(page.contains("1 of 1") && page.contains("2 of 2"));
    assert!(!plain_page(&record, &[]).contains("href=\"#trend\""));
}

#[test]
fn the_history_is_drawn_until_this_run() {
    let record = Run::of([Leg::new("unit", 0).tests(4_000, 2)]).record();
    let plan = Plan {
        partial: 0.0,
        infrastructure: 0.0,
        failing: 0.0,
        ..Plan::clean(4, 60)
    };
    let past = plan.entries();
    let told = |past: &[Entry]| {
        page(PageInput {
            record: &record,
            logs: &[],
            coverage: None,
            sources: &BTreeMap::new(),
            comparison: None,
            earlier: &[],
            past,
            why: None,
        })
    };
    let page = told(&past);
    assert!(page.contains("href=\"#trend\""));
    for name in ["total (", "tests", "build (", "coverage"] {
        assert!(page.contains(&format!("<strong>{name}")), "{name}");
    }
    assert_eq!(page.matches("<circle class=\"this\"").count(), 4);
    // One run is no course.
    assert!(!told(&past[..1]).contains("href=\"#trend\""));
}

/// What triage says of a log of the step `number` of the leg `unit`.
fn why(path: &str, number: u32, text: &str) -> Diagnosis {
    let matcher = Matcher::new();
    let origin = Origin {
        job: "unit".to_owned(),
        step: "tests".to_owned(),
        file: path.to_owned(),
    };
    let mut reader = Reader::new(&matcher, origin, order(0, number));
    for line in text.lines() {
        reader.line(line.as_bytes());
    }
    diagnose(vec![reader.finish(Some(true))])
}

#[test]
fn a_cause_links_to_the_line_of_the_log_that_tells_it() {
    let record = Run::of([Leg::new("unit", 0).tests(10, 2)]).record();
    let path = "logs/unit/01-tests.log";
    let text = "one\ntwo\n/tmp/x.sh: line 1: pytest: command not found\n<b>zork</b>\n";
    let log = PageLog {
        job: JobKey("unit".to_owned()),
        step: Some(1),
        path: path.to_owned(),
        before: 0,
        text: text.to_owned(),
    };
    let diagnosis = why(path, 1, text);
    let told = |logs: &[PageLog]| {
        page(PageInput {
            record: &record,
            logs,
            coverage: None,
            sources: &BTreeMap::new(),
            earlier: &[],
            past: &[],
            why: Some(&diagnosis),
            comparison: None,
        })
    };
    let page = told(std::slice::from_ref(&log));
    assert!(page.contains("href=\"#why\""));
    assert!(page.contains("missing command: a command is not there"));
    assert!(page.contains("<a href=\"#l0-3\">logs/unit/01-tests.log:3</a>"));
    assert!(page.contains("id=\"l0-3\""));
    // Where the page has no room for the line, the link leads to the log.
    let cut = PageLog {
        before: 3,
        text: "<b>zork</b>\n".to_owned(),
        ..log
    };
    assert!(told(&[cut]).contains("<a href=\"#log-job-0-1\">logs/unit/01-tests.log:3</a>"));
    // Without the log the place is told, and nothing leads nowhere.
    let page = told(&[]);
    assert!(page.contains("logs/unit/01-tests.log:3</span>") && !page.contains("#l0-3"));
}

#[test]
fn what_triage_quotes_is_text() {
    let record = Run::of([Leg::new("unit", 0).tests(10, 2)]).record();
    let hostile = "error: </script><img src=x onerror=alert(1)>\u{202e}";
    let diagnosis = why(hostile, 1, hostile);
    let page = page(PageInput {
        record: &record,
        logs: &[],
        coverage: None,
        sources: &BTreeMap::new(),
        earlier: &[],
        past: &[],
        why: Some(&diagnosis),
        comparison: None,
    });
    assert!(page.contains("unknown.") && !page.contains("<img") && !page.contains('\u{202e}'));
}

#[test]
fn the_comparison_stands_on_the_page_of_its_candidate() {
    let control = [("t.py::test_a", '.', ""), ("t.py::test_b", '.', "")];
    let candidate = [
        ("t.py::test_a", '.', ""),
        (
            "t.py::test_b",
            'F',
            "Failed: DID NOT RAISE PermissionError <b>",
        ),
    ];
    let control = sample::record(
        "one",
        "host",
        [leg("unit", 9, &control, Some(other_facts()))],
    );
    let record = sample::record("two", "docker", [leg("unit", 9, &candidate, Some(facts()))]);
    let comparison = compare(
        &[control],
        std::slice::from_ref(&record),
        &Ignores::default(),
    );
    // As it was kept.
    let kept = serde_json::to_vec(&comparison).unwrap();
    let comparison = Comparison::read(&kept).unwrap();
    assert_eq!(serde_json::to_vec(&comparison).unwrap(), kept);
    assert!(Comparison::read(b"{\"schema\": 99}").is_none());
    let page = page(PageInput {
        record: &record,
        logs: &[],
        coverage: None,
        sources: &BTreeMap::new(),
        comparison: Some(&comparison),
        earlier: &[],
        past: &[],
        why: None,
    });
    for part in [
        "href=\"#parity\"",
        "not safe to switch",
        "regressed",
        "The environments differ",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert!(page.contains("PermissionError &lt;b&gt;") && !page.contains("<b>"));
}

#[test]
fn a_run_of_nothing_has_a_page() {
    let page = plain_page(&Run::of([]).record(), &[]);
    assert!(page.contains("no verdict"));
    for section in ["timeline", "tests", "coverage", "logs"] {
        assert!(!page.contains(&format!("href=\"#{section}\"")), "{section}");
    }
}
