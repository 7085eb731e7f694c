//! The page as GitHub shows it.

#![allow(clippy::unwrap_used)]

use super::{PAGE_BYTES, step_summary};
use crate::gate::sample::{Leg, Run, case, coverage};
use crate::gate::{Masked, Policy, Threshold, judge};
use crate::record::{Cause, EventKind, Failure, LeftOut, Level, RunRecord, TestCase, TestOutcome};
use crate::report::github::oracle::hostile;
use proptest::prelude::*;

fn judged(run: &Run) -> RunRecord {
    let mut record = run.record();
    let policy = Policy {
        coverage_min: Some(Threshold {
            percent: 80.0,
            precision: 0,
            source: "seatrial.toml".to_owned(),
        }),
        coverage_due: true,
        masked: Masked::Deny,
    };
    record.verdict = Some(judge(&record, &policy));
    record
}

fn failing(cases: Vec<TestCase>) -> Run {
    let message = format!("{} of {} tests failed", cases.len(), cases.len() + 3);
    let leg = Leg::new("unit (3.12)", 3000)
        .needs(&["lint"])
        .tests(12_000, 3)
        .with(|step| step.tests[0].1.extend(cases))
        .fails(Failure::new(Cause::TestsFailed, message), Some(1))
        .covers(coverage(842));
    let lint = Leg::new("lint", 0).step("Run ruff", "in container", 2900);
    let mac = Leg::new("unit (macos)", 0).elsewhere("macos-latest");
    let old = ["3.8", "3.9", "3.10"]
        .map(|version| Leg::new(&format!("unit ({version})"), 0).left_out("--matrix py=3.12"));
    let mut run = Run::of([lint, leg, mac].into_iter().chain(old)).merged(coverage(842));
    run.extra.push(EventKind::Notice {
        level: Level::Notice,
        job: None,
        message: "the tree differs from the commit".to_owned(),
    });
    run
}

#[test]
fn a_page() {
    let cases = vec![case(7, TestOutcome::Failed), case(8, TestOutcome::Error)];
    insta::assert_snapshot!("step_summary", step_summary(&judged(&failing(cases))));
}

/// Removes what seatrial writes itself; no tag may be left.
fn foreign_tags(page: &str) -> Vec<String> {
    const OURS: [&str; 22] = [
        "<p>",
        "</p>",
        "<br>",
        "<code>",
        "</code>",
        "<table>",
        "</table>",
        "<tr>",
        "</tr>",
        "<th>",
        "</th>",
        "<td>",
        "</td>",
        "<details>",
        "<details open>",
        "</details>",
        "<summary>",
        "</summary>",
        "<pre>",
        "</pre>",
        "<ul>",
        "</ul>",
    ];
    let mut foreign = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        let tail = &rest[at..];
        let length = tail.find('>').map_or(tail.len(), |end| end + 1);
        let tag = &tail[..length];
        if !OURS.contains(&tag) && !["<li>", "</li>", "<!-- -->"].contains(&tag) {
            foreign.push(tag.to_owned());
        }
        rest = &tail[length..];
    }
    foreign
}

/// Lines outside of HTML blocks, where Markdown is read.
fn markdown_lines(page: &str) -> Vec<&str> {
    let mut inside = false;
    page.lines()
        .filter(|line| {
            if line.trim().is_empty() {
                inside = false;
            } else if line.starts_with('<') {
                inside = true;
            }
            !inside && !line.is_empty()
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_foreign_markup(
        id in hostile(), message in "[ -~\\n]{0,80}", markup in "[<>&\"'`*_@#:/.a-z\\n\\[\\]()!|-]{0,60}"
    ) {
        let bad = TestCase {
            id: id + &markup,
            message: message + &markup,
            file: Some(markup.clone()),
            ..case(1, TestOutcome::Failed)
        };
        let mut run = failing(vec![bad]);
        run.legs[1].planned.key.0.push_str(&markup);
        run.legs[2].planned.left_out = Some(LeftOut::on_runner(&markup));
        run.legs[2].planned.key.0.push_str(&markup);
        run.extra.push(EventKind::Notice { level: Level::Error, job: None, message: markup });
        let page = step_summary(&judged(&run));
        prop_assert_eq!(foreign_tags(&page), Vec::<String>::new());
        let lines = markdown_lines(&page);
        prop_assert_eq!(lines.len(), 3, "{:?}", lines);
    }
}

#[test]
fn a_page_is_never_too_large() {
    let cases = (0..2000)
        .map(|n| TestCase {
            message: "<".repeat(3000),
            ..case(n, TestOutcome::Failed)
        })
        .collect();
    let page = step_summary(&judged(&failing(cases)));
    assert!(page.len() <= PAGE_BYTES);
    assert!(page.contains("more entries did not fit; run.json holds them all"));
    assert!(page.contains("</details>"));
}
