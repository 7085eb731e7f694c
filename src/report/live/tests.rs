//! The live view as a person sees it, and as GitHub's runner reads it.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use super::{Live, LiveMode, LiveStyle};
use crate::gate::sample::{Leg, Run, START, case};
use crate::record::{
    Cause, Conclusion, Event, EventKind, Failure, JobKey, Level, StepKey, TestOutcome,
};
use crate::report::github::StopToken;
use crate::report::github::oracle::{Runner, hostile};
use crate::report::text::sanitize;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use unicode_width::UnicodeWidthStr;

fn live(mode: LiveMode) -> Live {
    showing(mode, &[])
}

/// A view that shows the output of these jobs.
pub(super) fn showing(mode: LiveMode, only: &[&str]) -> Live {
    Live::new(LiveStyle {
        mode,
        colour: false,
        ascii: false,
        only: only.iter().map(|job| (*job).to_owned()).collect(),
    })
}

fn token() -> StopToken {
    StopToken::new(0x1234_5678_9abc_def0_1234_5678_9abc_def0)
}

pub(super) fn run() -> Run {
    let mut run = Run::of([
        Leg::new("lint", 4200)
            .step("Check out", "built-in", 100)
            .setup("Set up Python", "3.12.4 is in the image")
            .step("Ruff", "in container", 2900),
        Leg::new("unit (3.12)", 4200)
            .step("Check out", "built-in", 100)
            .tests(6000, 3)
            .with(|step| step.tests[0].1.push(case(9, TestOutcome::Failed)))
            .fails(
                Failure::new(Cause::TestsFailed, "1 of 4 tests failed"),
                Some(1),
            ),
        Leg::new("package", 0)
            .needs(&["unit"])
            .skipped("unit failed"),
        Leg::new("mac", 0).elsewhere("macos-latest"),
        Leg::new("unit (3.8)", 0).left_out("--matrix py=3.12"),
        Leg::new("unit (3.9)", 0).left_out("--matrix py=3.12"),
        Leg::new("unit (3.10)", 0).left_out("--matrix py=3.12"),
    ])
    .image(4100, None);
    run.extra.push(EventKind::Notice {
        level: Level::Warning,
        job: Some(JobKey("lint".to_owned())),
        message: "nothing\nmuch".to_owned(),
    });
    run
}

/// Plays a run; each started step prints these lines.
pub(super) fn play(live: &mut Live, events: &[Event], output: &[&str]) -> String {
    let mut lines = Vec::new();
    for event in events {
        lines.extend(live.event(event));
        if let EventKind::StepStarted { step, .. } = &event.kind {
            for line in output {
                lines.extend(live.output(step, line));
            }
        }
    }
    lines.join("\n")
}

#[test]
fn a_terminal_shows_failures_only() {
    let mut view = live(LiveMode::Terminal { verbose: false });
    let output: Vec<String> = (0..40).map(|n| format!("line {n}")).collect();
    let output: Vec<&str> = output.iter().map(String::as_str).collect();
    insta::assert_snapshot!("terminal", play(&mut view, &run().events(), &output));
}

#[test]
fn a_log_shows_everything() {
    let mut view = live(LiveMode::Plain);
    let output = ["one", " 10%\r100%\r\n", "\u{1b}[31mred\u{1b}[0m \u{1b}[2J"];
    insta::assert_snapshot!("plain", play(&mut view, &run().events(), &output));
}

#[test]
fn github_shows_groups() {
    let mut view = live(LiveMode::GitHub(token()));
    let output = ["one", "::set-output name=x::y", "a ##[add-path]b"];
    insta::assert_snapshot!("github", play(&mut view, &run().events(), &output));
}

#[test]
fn quiet_is_quiet() {
    let mut view = live(LiveMode::Quiet);
    assert_eq!(play(&mut view, &run().events(), &["x"]), "");
    assert!(view.status(START, 80).is_empty());
}

#[test]
fn groups_are_bounded() {
    let mut view = live(LiveMode::GitHub(token()));
    let mut lines = Vec::new();
    for event in run().events() {
        lines.extend(view.event(&event));
        if let EventKind::StepStarted { step, .. } = &event.kind {
            for n in 0..9000 {
                lines.extend(view.output(step, &format!("line {n}")));
            }
        }
    }
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("… 5,000 lines left out"))
    );
    assert!(lines.len() < 5 * 4010);
}

#[test]
fn what_a_stopped_run_printed_is_not_lost() {
    let events = run().events();
    let mut view = live(LiveMode::GitHub(token()));
    let started = events
        .iter()
        .rposition(|event| matches!(event.kind, EventKind::StepStarted { .. }))
        .unwrap();
    let mut text = play(&mut view, &events[..=started], &["last words"]);
    let stopped = Some(Failure::new(Cause::UserInterrupt, "interrupted by Ctrl-C"));
    let end = Event {
        at: START + 99_000,
        kind: EventKind::RunFinished { stopped },
    };
    text.push('\n');
    text.push_str(&view.event(&end).join("\n"));
    assert!(text.contains("::group::unit (3.12) › step 2 (! cut short)"));
    assert!(text.ends_with("::endgroup::\n! interrupted by Ctrl-C"));
}

#[test]
fn the_moving_area() {
    let usual = BTreeMap::from([("lint".to_owned(), 95_000)]);
    let mut view = live(LiveMode::Terminal { verbose: false }).expecting(usual);
    let events = run().events();
    let mut shown = String::new();
    let mut seen = Vec::new();
    for event in &events {
        view.event(event);
        let lines = view.status(event.at + 1500, 72);
        if lines != seen {
            shown.push_str(&lines.join("\n"));
            shown.push_str("\n--\n");
            seen = lines;
        }
    }
    insta::assert_snapshot!("status", shown);
}

#[test]
fn many_legs_keep_the_area_low() {
    let legs = (0..300).map(|n| Leg::new(&format!("leg {n}"), 100));
    let mut view = live(LiveMode::Terminal { verbose: false });
    for event in Run::of(legs).events() {
        view.event(&event);
        assert!(view.status(event.at, 80).len() <= 17);
    }
}

/// Output of two legs, interleaved, then their ends.
fn hostile_run(names: &[String], output: &[(bool, String)]) -> Vec<String> {
    let mut view = live(LiveMode::GitHub(token()));
    let mut run = run();
    for (leg, name) in run.legs.iter_mut().zip(names) {
        leg.planned.key.0.push_str(name);
        for step in &mut leg.steps {
            step.planned.name.clone_from(name);
            step.note = Some(name.clone());
            step.failure = step.failure.take().map(|failure| Failure {
                message: name.clone(),
                evidence: vec![name.clone()],
                ..failure
            });
        }
    }
    let key = |leg: usize, step: u32| StepKey {
        job: run.legs[leg].planned.key.clone(),
        step,
    };
    let mut lines = Vec::new();
    let mut left = output.iter();
    for event in run.events() {
        for (first, line) in left.by_ref().take(2) {
            let step = if *first { key(0, 3) } else { key(1, 2) };
            lines.extend(view.output(&step, line));
        }
        lines.extend(view.event(&event));
    }
    lines
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_runner_obeys_only_us(
        names in proptest::collection::vec(hostile(), 4),
        output in proptest::collection::vec((any::<bool>(), hostile()), 0..40),
    ) {
        let lines = hostile_run(&names, &output);
        let mut runner = Runner::new();
        for line in &lines {
            prop_assert!(!line.contains(['\n', '\r']), "{line:?}");
        }
        runner.feed(&lines.join("\n"));
        prop_assert!(!runner.stopped());
        for triple in runner.names().chunks(3) {
            prop_assert_eq!(triple, ["group", "stop-commands", "endgroup"]);
        }
    }

    #[test]
    fn nothing_harmful_is_printed(
        text in hostile(), verbose in any::<bool>(), width in 1_usize..100
    ) {
        for mode in [LiveMode::Plain, LiveMode::Terminal { verbose }] {
            let mut run = run();
            run.legs[0].planned.key.0.push_str(&text);
            let mut view = live(mode);
            for event in run.events() {
                let mut lines = view.event(&event);
                if let EventKind::StepStarted { step, .. } = &event.kind {
                    lines.extend(view.output(step, &text));
                }
                for line in &lines {
                    prop_assert!(!line.contains('\n'));
                    prop_assert_eq!(&sanitize(line), line);
                }
                for line in view.status(event.at, width) {
                    prop_assert!(line.width() <= width.max(9), "{width} {line:?}");
                }
            }
        }
    }
}

#[test]
fn a_cancelled_step_is_no_failure() {
    let mut run = run();
    let interrupt = Failure::new(Cause::UserInterrupt, "interrupted");
    run.legs[1] = run.legs[1].clone().with(|step| {
        step.outcome = Conclusion::Cancelled;
        step.conclusion = Conclusion::Cancelled;
        step.failure = Some(interrupt);
    });
    let mut view = live(LiveMode::Terminal { verbose: false });
    let text = play(&mut view, &run.events(), &["secret of the step"]);
    assert!(text.contains("! unit (3.12) › Run tests (6.0 s, cancelled): interrupted"));
    assert!(!text.contains("secret of the step"));
}

#[test]
fn ten_thousand_hostile_lines_are_no_commands() {
    let mut generator = TestRunner::deterministic();
    let mut line = || hostile().new_tree(&mut generator).unwrap().current();
    let mut runner = Runner::new();
    let mut printed = 0;
    for _ in 0..10 {
        let names: Vec<String> = (0..4).map(|_| line()).collect();
        let output: Vec<String> = (0..200).map(|_| line()).collect();
        let mut view = live(LiveMode::GitHub(token()));
        let mut run = run();
        for (leg, name) in run.legs.iter_mut().zip(names) {
            leg.planned.key.0.push_str(&name);
        }
        for event in run.events() {
            let mut lines = view.event(&event);
            if let EventKind::StepStarted { step, .. } = &event.kind {
                for text in &output {
                    lines.extend(view.output(step, text));
                    printed += 1;
                }
            }
            runner.feed(&lines.join("\n"));
        }
    }
    assert!(printed >= 10_000, "{printed}");
    assert!(!runner.stopped());
    for triple in runner.names().chunks(3) {
        assert_eq!(triple, ["group", "stop-commands", "endgroup"]);
    }
}
