//! The steps of every leg, a line each.

use super::jobs::tests_cell;
use super::{Out, leg_sign};
use crate::record::{Conclusion, JobRecord, PlannedStep, RunRecord, StepRecord};
use crate::report::failed::{is_forgiven, step_counts};
use crate::report::format::duration;
use crate::report::style::{Look, Sign, Tone};
use crate::report::table::{Align, Cell, Column, Table};
use crate::report::text::one_line;

/// Adds the lists. Columns line up over all legs.
pub(super) fn lists(record: &RunRecord, out: &mut Out) {
    if record.jobs.is_empty() {
        return;
    }
    let look = out.look;
    let mut table = Table::new(
        vec![
            Column::new(Align::Left).tight(),
            Column::new(Align::Left).shrinks(10, 24),
            Column::new(Align::Left).shrinks(8, 16),
            Column::new(Align::Left).optional(),
            Column::new(Align::Right),
        ],
        2,
    );
    let mut lengths = Vec::new();
    for leg in &record.jobs {
        let rows = rows(leg, look);
        lengths.push(rows.len());
        for row in rows {
            table.row(row);
        }
    }
    let mut lines = table.render(out.width.saturating_sub(2), look).into_iter();
    out.section("steps");
    for (leg, length) in record.jobs.iter().zip(lengths) {
        let head = head(leg, look);
        out.line(head);
        for line in lines.by_ref().take(length) {
            out.line(format!("  {line}"));
        }
    }
}

/// The line above the steps of a leg: its name, and why it has none.
fn head(leg: &JobRecord, look: Look) -> String {
    let sign = leg_sign(leg);
    let name = one_line(&leg.planned.key.0);
    let mut line = format!("{} {}", look.painted(sign), look.paint(Tone::Strong, &name));
    let shown = one_line(&leg.planned.name);
    let mut facts = Vec::new();
    if !shown.is_empty() && shown != name {
        facts.push(shown);
    }
    match (&leg.planned.left_out, &leg.note) {
        (Some(reason), _) => facts.push(format!("not run here: {}", one_line(reason))),
        (None, Some(note)) => facts.push(one_line(note)),
        (None, None) => {}
    }
    if !facts.is_empty() {
        let facts = look.own(&facts.join("; "));
        line.push_str(&format!("  {}", look.paint(Tone::Dim, &facts)));
    }
    line
}

/// The rows of a leg: its steps in order, those that it never came to included.
fn rows(leg: &JobRecord, look: Look) -> Vec<Vec<Cell>> {
    if leg.planned.left_out.is_some() || leg.conclusion == Some(Conclusion::Skipped) {
        return Vec::new();
    }
    let mut numbers: Vec<u32> = leg
        .steps
        .iter()
        .map(|step| step.number)
        .chain(leg.planned.steps.iter().map(|step| step.number))
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
        .into_iter()
        .map(|number| {
            let step = leg.steps.iter().find(|step| step.number == number);
            let planned = leg.planned.steps.iter().find(|step| step.number == number);
            row(leg, step, planned, look)
        })
        .collect()
}

fn row(
    leg: &JobRecord,
    step: Option<&StepRecord>,
    planned: Option<&PlannedStep>,
    look: Look,
) -> Vec<Cell> {
    let sign = step.map_or(Sign::Waiting, |step| step_sign(leg, step));
    let quiet = matches!(sign, Sign::Skipped | Sign::Waiting);
    let tone = if quiet { Tone::Dim } else { Tone::Plain };
    let name = step
        .map(|step| step.name.as_str())
        .filter(|name| !name.is_empty())
        .or_else(|| planned.map(|step| step.name.as_str()))
        .unwrap_or_default();
    let counts = step.map(step_counts).unwrap_or_default();
    let took = step
        .filter(|step| step.conclusion != Some(Conclusion::Skipped))
        .and_then(|step| step.started_at.zip(step.finished_at))
        .map(|(start, end)| duration(end.saturating_sub(start)));
    vec![
        Cell::new(sign.tone(), look.sign(sign)),
        Cell::new(tone, one_line(name)),
        Cell::new(Tone::Dim, look.own(&note(step, planned, sign))),
        tests_cell(counts, look).unwrap_or_else(|| Cell::plain("")),
        Cell::new(tone, took.unwrap_or_default()),
    ]
}

/// The sign of a step.
pub(super) fn step_sign(leg: &JobRecord, step: &StepRecord) -> Sign {
    match step.outcome {
        Some(Conclusion::Success) => Sign::Good,
        Some(Conclusion::Failure) if is_forgiven(leg, step) => Sign::Warn,
        Some(Conclusion::Failure) => Sign::Bad,
        Some(Conclusion::Cancelled) => Sign::Warn,
        Some(Conclusion::Skipped) => Sign::Skipped,
        None => Sign::Active,
    }
}

/// Where a step ran and what else is to be known of it.
fn note(step: Option<&StepRecord>, planned: Option<&PlannedStep>, sign: Sign) -> String {
    let mut facts = Vec::new();
    if let Some(planned) = planned {
        facts.push(one_line(&planned.placement));
    }
    let Some(step) = step else {
        facts.push("not reached".to_owned());
        return facts.join(", ");
    };
    match (sign, step.exit_code) {
        (Sign::Bad, Some(code)) => facts.push(format!("exit code {code}")),
        (Sign::Warn, Some(code)) => facts.push(format!("exit code {code}, allowed to fail")),
        (Sign::Warn, None) => facts.extend(step.outcome.map(|outcome| outcome.as_str().to_owned())),
        (Sign::Active, _) => facts.push("cut short".to_owned()),
        _ => {}
    }
    let told = |note: &str| facts.iter().any(|fact| fact == note);
    if let Some(note) = step.note.as_deref().map(one_line)
        && !told(&note)
    {
        facts.push(note);
    }
    facts.retain(|fact| !fact.is_empty());
    facts.join(", ")
}
