//! The page as GitHub shows it.

#![allow(clippy::unwrap_used)]

use super::PAGE_BYTES;
use crate::gate::sample::{Leg, Run, case, coverage};
use crate::gate::{Masked, Policy, Threshold, judge};
use crate::record::{Cause, EventKind, Failure, LeftOut, Level, RunRecord, TestCase, TestOutcome};
use crate::report::github::annotations;
use crate::report::github::oracle::{Runner, hostile};
use crate::triage::{Matcher, Origin, Reader, diagnose, order};
use proptest::prelude::*;

fn step_summary(record: &RunRecord) -> String {
    super::step_summary(record, None)
}

fn judged(run: &Run) -> RunRecord {
    let mut record = run.record();
    let policy = Policy {
        coverage_min: Some(Threshold {
            percent: 80.0,
            precision: 0,
            source: "seatrial.toml".to_owned(),
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

#[test]
fn causes_stand_before_the_jobs() {
    let matcher = Matcher::new();
    let origin = Origin {
        job: "unit".to_owned(),
        step: "Run <tests> @somebody".to_owned(),
        file: "logs/unit/03-run-tests.log".to_owned(),
    };
    let mut reader = Reader::new(&matcher, origin, order(0, 3));
    reader.line(b"dependency failed to start: container <app>-db-1 is unhealthy");
    for _ in 0..40 {
        reader.line(b"ConnectionRefusedError: [Errno 111] Connection refused");
    }
    let diagnosis = diagnose(vec![reader.finish(Some(true))]);
    let record = judged(&failing(vec![case(7, TestOutcome::Failed)]));
    let page = super::step_summary(&record, Some(&diagnosis));
    let from = page.find("<details open>").unwrap();
    let to = page.find("<table>").unwrap();
    insta::assert_snapshot!("causes", page.get(from..to).unwrap());
    // A diagnosis that only says what the record says already adds nothing.
    let nothing = diagnose(Vec::new());
    assert_eq!(
        super::step_summary(&record, Some(&nothing)),
        step_summary(&record)
    );
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

/// What could become markup on a page: HTML, Markdown, references, tricks of encoding.
const MARKUP: [&str; 50] = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<iframe src=//evil.example>",
    "<style>*{display:none}</style>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content=0>",
    "<form action=//evil.example><button>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<!-- hidden",
    "--><b>",
    "<![CDATA[x]]>",
    "<?php x ?>",
    "<!DOCTYPE x>",
    "</code><b>out</b>",
    "</pre><b>out</b>",
    "</td></tr></table><h1>passed</h1>",
    "</details><h1>passed</h1>",
    "</p></p><h2>✓ seatrial: passed</h2>",
    "<\u{0}script>",
    "<scr\u{ad}ipt>",
    "&lt;b&gt;",
    "&#60;script&#62;",
    "&amp;lt;b&amp;gt;",
    "\" onmouseover=\"alert(1)",
    "' onmouseover='alert(1)",
    "`code` ``x`` ```y```",
    "# heading",
    "## ✓ seatrial: passed",
    "> quote",
    "- item",
    "1. item",
    "***",
    "---",
    "| a | b |\n|---|---|\n| c | d |",
    "![x](https://evil.example/x.png)",
    "[x](javascript:alert(1))",
    "[x]: https://evil.example",
    "<https://evil.example>",
    "https://evil.example/?q=<b>",
    "@org/everyone #1 GH-1 org/repo#2",
    "$$\\href{javascript:x}{y}$$",
    "```mermaid\ngraph TD; A-->B\n```",
    "[^1]\n\n[^1]: note",
    "\u{202e}txt.exe\u{202c}",
    "\u{1b}[31mred\u{1b}[0m\u{1b}]8;;http://evil.example\u{7}x",
    "<b\u{85}\u{2028}onclick=x>",
    "＜script＞",
];

/// Where it may stand: alone, after a blank line, after text, behind what it may end.
fn payloads() -> Vec<String> {
    MARKUP
        .iter()
        .flat_map(|markup| {
            [
                (*markup).to_owned(),
                format!("\n\n{markup}\n\n"),
                format!("text {markup} text"),
                format!("</code></td></p></pre>\n\n    \n{markup}"),
            ]
        })
        .collect()
}

/// A page that holds a text in every place that others can write.
fn page_with(text: &str) -> String {
    let bad = TestCase {
        id: format!("id {text}"),
        name: text.to_owned(),
        classname: text.to_owned(),
        file: Some(format!("f{text}")),
        message: format!("m {text}"),
        details: format!("d {text}"),
        ..case(1, TestOutcome::Failed)
    };
    let mut run = failing(vec![bad]);
    for leg in &mut run.legs {
        leg.planned.key.0.push_str(text);
        leg.planned.name.push_str(text);
        for step in &mut leg.steps {
            step.planned.name.push_str(text);
            if let Some(failure) = &mut step.failure {
                failure.message.push_str(text);
                failure.evidence.push(format!("e {text}"));
            }
        }
    }
    run.legs[2].planned.left_out = Some(LeftOut::on_runner(&format!("r {text}")));
    run.extra.push(EventKind::Notice {
        level: Level::Error,
        job: None,
        message: format!("n {text}"),
    });
    step_summary(&judged(&run))
}

/// The tags of a page in their order.
fn tags(page: &str) -> Vec<&str> {
    page.split('<')
        .skip(1)
        .filter_map(|tail| tail.split_once('>'))
        .map(|(tag, _)| tag)
        .filter(|tag| *tag != "!-- --")
        .collect()
}

#[test]
fn two_hundred_payloads_change_nothing_but_text() {
    let payloads = payloads();
    assert!(payloads.len() >= 200);
    let plain = page_with("harmless");
    for payload in payloads {
        let page = page_with(&payload);
        assert_eq!(foreign_tags(&page), Vec::<String>::new(), "{payload:?}");
        assert_eq!(tags(&page), tags(&plain), "{payload:?}");
        assert_eq!(markdown_lines(&page), markdown_lines(&plain), "{payload:?}");
        assert!(page.len() <= PAGE_BYTES);
        assert!(!page.contains(['\u{1b}', '\u{202e}', '\u{7}', '\u{0}']));
        // `@name` and `#1` notify people and link; in code and `pre` they do neither.
        for broken in page
            .split("<code>")
            .map(|part| match part.split_once("</code>") {
                Some((_, behind)) => behind.split("<pre>").next().unwrap_or_default(),
                None => "",
            })
        {
            assert!(
                !broken.contains("@org") && !broken.contains(" #1"),
                "{broken}"
            );
        }
    }
}

#[test]
fn two_hundred_payloads_in_annotations_are_one_command_each() {
    for payload in payloads() {
        let long = format!("{payload}{}", "%0A,:".repeat(2000));
        let bad = TestCase {
            id: payload.clone(),
            name: payload.clone(),
            file: Some(payload.clone()),
            message: long,
            ..case(1, TestOutcome::Failed)
        };
        let lines = annotations(&judged(&failing(vec![bad])), 10);
        let mut runner = Runner::new();
        for line in &lines {
            runner.feed(line);
        }
        assert_eq!(runner.obeyed().len(), lines.len(), "{payload:?}");
        for (_, properties, message) in runner.obeyed() {
            assert!(message.chars().count() <= 4096);
            let known = ["file", "line", "col", "title"];
            assert!(properties.keys().all(|key| known.contains(&key.as_str())));
        }
    }
}
