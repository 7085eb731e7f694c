//! Gates that the workflow forgives, or skips where their report is missing.

use crate::audit::finding::Finding;
use crate::audit::gate::Gate;
use crate::audit::rule::Rule;
use crate::audit::view::{JobView, Script, Seen, StepView, View};
use crate::plan::Link;
use crate::workflow::{Node, NodeKind};

/// Finds ST3003 and ST3004.
pub(super) fn check(view: &View<'_>, found: &mut Vec<Finding>) {
    for job in &view.jobs {
        for step in &job.steps {
            forgiven(view, step, found);
            skipped(view, step, found);
        }
    }
    for (_, _, script) in view.scripts() {
        for (at, seen) in script.commands.iter().enumerate() {
            if let Some(report) = only_when_there(script, at, seen) {
                let message = format!("the threshold is only checked where `{report}` is there");
                let place = view.command(script, seen);
                found.push(Finding::new(Rule::GateWhenPresent, place, message));
            }
        }
    }
}

/// The gate of a step.
fn gate_of(step: &StepView<'_>) -> Option<Gate> {
    let commands = step.scripts.iter().flat_map(|script| &script.commands);
    commands
        .filter(|seen| !seen.command.substituted)
        .find_map(|seen| seen.gate)
}

/// Whether a node is `true`, and no expression.
pub(super) fn is_true(node: Option<&Node>) -> bool {
    node.is_some_and(|node| match &node.kind {
        NodeKind::Bool(value) => *value,
        NodeKind::String(text) => {
            let inner = text.trim().strip_prefix("${{");
            inner
                .and_then(|text| text.strip_suffix("}}"))
                .map(str::trim)
                == Some("true")
        }
        _ => false,
    })
}

fn forgiven(view: &View<'_>, step: &StepView<'_>, found: &mut Vec<Finding>) {
    let node = step.step.continue_on_error.as_ref();
    let Some(gate) = gate_of(step).filter(|_| is_true(node)) else {
        return;
    };
    // Whoever looks at the outcome decides in another step.
    let looked_at = step.step.id.as_ref().is_some_and(|id| {
        let name = format!("steps.{}.outcome", id.value);
        view.subject.text.contains(&name)
    });
    if let Some(node) = node.filter(|_| !looked_at) {
        let message = format!(
            "`continue-on-error: true` makes every failure of {} a success",
            gate.told()
        );
        found.push(Finding::new(
            Rule::ForgivenGate,
            view.at(node.span),
            message,
        ));
    }
}

/// `if: hashFiles('coverage.xml') != ''`.
fn skipped(view: &View<'_>, step: &StepView<'_>, found: &mut Vec<Finding>) {
    let Some(condition) = &step.step.condition else {
        return;
    };
    let decides = gate_of(step) == Some(Gate::Threshold)
        || step.scripts.iter().any(|script| {
            let mut commands = script.commands.iter();
            commands.any(|seen| looks_like_threshold(&seen.command.words))
        });
    let Some((_, behind)) = condition.value.split_once("hashFiles(").filter(|_| decides) else {
        return;
    };
    let pattern = behind.split(')').next().unwrap_or("").trim();
    if is_report(pattern) {
        let message = format!("the threshold is only checked where {pattern} is there");
        let place = view.at(condition.span);
        found.push(Finding::new(Rule::GateWhenPresent, place, message));
    }
}

/// The report that a test asks for before the threshold is checked, where nothing fails
/// without it.
fn only_when_there<'s>(script: &'s Script<'_>, at: usize, seen: &Seen) -> Option<&'s str> {
    let checks = seen.gate == Some(Gate::Threshold) || looks_like_threshold(&seen.command.words);
    if !checks || seen.command.substituted {
        return None;
    }
    let of_statement =
        |one: &&Seen| one.command.statement == seen.command.statement && !one.command.substituted;
    let before = script.commands.get(..at).unwrap_or_default();
    let asks = before.iter().rev().filter(of_statement).find(|one| {
        matches!(one.command.name(), "[" | "test" | "[[")
            && one
                .command
                .words
                .iter()
                .any(|word| ["-f", "-e", "-s", "-r"].contains(&word.as_str()))
    })?;
    let tied = seen.command.conditional || seen.command.after == Link::And;
    let report = asks.command.words.iter().find(|word| is_report(word))?;
    let fails = script
        .commands
        .iter()
        .filter(of_statement)
        .any(|one| matches!(one.command.name(), "exit" | "false" | "return"));
    // `[ -f x ] && check` ends the script with 1 where it stands last, and only there.
    let is_last = || {
        script
            .commands
            .iter()
            .all(|one| one.command.statement <= seen.command.statement)
    };
    let left = seen.command.after == Link::And && !asks.command.condition && is_last();
    (tied && !fails && !left).then_some(report.as_str())
}

/// Whether a word names a report of coverage or tests.
fn is_report(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    ["coverage", "cobertura", "lcov", "junit", "cov.xml"]
        .iter()
        .any(|part| word.contains(part))
}

/// Scripts of a project that check a threshold have names that say so.
fn looks_like_threshold(words: &[String]) -> bool {
    words.iter().any(|word| {
        let word = word.to_ascii_lowercase().replace('_', "-");
        [
            "fail-under",
            "threshold",
            "check-cov",
            "coverage-check",
            "coverage-gate",
            "min-coverage",
        ]
        .iter()
        .any(|part| word.contains(part))
    })
}

/// Whether any step of a job decides something.
pub(super) fn decides(job: &JobView<'_>) -> bool {
    job.steps.iter().any(|step| gate_of(step).is_some())
}
