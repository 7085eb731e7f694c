//! The steps of every leg.

use super::jobs::tests_cell;
use super::{Out, leg_sign, set_up};
use crate::record::{Conclusion, ImageRecord, JobRecord, PlannedStep, RunRecord, StepRecord};
use crate::report::failed::{is_forgiven, step_counts};
use crate::report::format::duration;
use crate::report::style::{Look, Sign, Tone};
use crate::report::table::{Align, Cell, Column, Table, truncate};
use crate::report::text::one_line;

/// A line of a leg: cells that line up with those of all legs, or free text.
enum Row {
    Step(Vec<Cell>),
    Line(Sign, String),
}

/// Adds the lists. Columns line up over all legs.
pub(super) fn lists(record: &RunRecord, out: &mut Out) {
    let legs: Vec<&JobRecord> = record
        .jobs
        .iter()
        .filter(|leg| leg.planned.left_out.is_none())
        .collect();
    if legs.is_empty() {
        return;
    }
    let look = out.look;
    let width = out.width.saturating_sub(2);
    let mut table = Table::new(
        vec![
            Column::new(Align::Left).tight(),
            Column::new(Align::Left).shrinks(10, 24),
            Column::new(Align::Left).optional(),
            Column::new(Align::Right),
            Column::new(Align::Left).shrinks(8, 16),
        ],
        2,
    );
    let mut all = Vec::new();
    for leg in legs {
        let mut free = Vec::new();
        for row in rows(record, leg, look, width) {
            match row {
                Row::Step(cells) => {
                    table.row(cells);
                    free.push(None);
                }
                Row::Line(sign, text) => free.push(Some((sign, text))),
            }
        }
        all.push((leg, free));
    }
    let mut lines = table.render(width, look).into_iter();
    out.section("steps");
    for (leg, rows) in all {
        let head = head(leg, look);
        out.line(head);
        for row in rows {
            let line = match row {
                Some((sign, text)) => {
                    let text = truncate(&look.own(&text), width.saturating_sub(2), look);
                    format!("{} {}", look.painted(sign), look.paint(Tone::Dim, &text))
                }
                None => lines.next().unwrap_or_default(),
            };
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
    facts.extend(leg.note.as_deref().map(one_line));
    facts.retain(|fact| !fact.is_empty());
    if !facts.is_empty() {
        let facts = look.own(&facts.join("; "));
        line.push_str(&format!("  {}", look.paint(Tone::Dim, &facts)));
    }
    line
}

/// The rows of a leg: its steps in order, those that it never came to included.
fn rows(record: &RunRecord, leg: &JobRecord, look: Look, width: usize) -> Vec<Row> {
    if leg.conclusion == Some(Conclusion::Skipped) {
        return Vec::new();
    }
    let quick = set_up::quick(leg);
    let mut numbers: Vec<u32> = leg
        .steps
        .iter()
        .filter(|step| !set_up::is_idle_post(leg, step))
        .map(|step| step.number)
        .chain(leg.planned.steps.iter().map(|step| step.number))
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    let step = |number: u32| leg.steps.iter().find(|step| step.number == number);
    let unreached = numbers
        .iter()
        .rev()
        .take_while(|number| step(**number).is_none())
        .count();
    let reached = numbers.len() - if unreached > 1 { unreached } else { 0 };
    let mut rows = Vec::new();
    for &number in numbers.iter().take(reached) {
        if quick.first() == Some(&number) {
            let text = set_up::line(leg, &quick, width.saturating_sub(2));
            rows.push(Row::Line(Sign::Waiting, text));
        } else if !quick.contains(&number) {
            let planned = leg.planned.steps.iter().find(|step| step.number == number);
            let place = Place {
                record,
                leg,
                planned,
            };
            rows.push(Row::Step(place.row(step(number), look)));
        }
    }
    if reached < numbers.len() {
        let text = format!("{unreached} steps not reached");
        rows.push(Row::Line(Sign::Waiting, text));
    }
    rows
}

/// Where a row belongs.
struct Place<'a> {
    record: &'a RunRecord,
    leg: &'a JobRecord,
    planned: Option<&'a PlannedStep>,
}

impl Place<'_> {
    fn row(&self, step: Option<&StepRecord>, look: Look) -> Vec<Cell> {
        let sign = step.map_or(Sign::Waiting, |step| step_sign(self.leg, step));
        let quiet = matches!(sign, Sign::Skipped | Sign::Waiting);
        let tone = if quiet { Tone::Dim } else { Tone::Plain };
        let name = step
            .map(|step| step.name.as_str())
            .filter(|name| !name.is_empty())
            .or_else(|| self.planned.map(|step| step.name.as_str()))
            .unwrap_or_default();
        let counts = step.map(step_counts).unwrap_or_default();
        let took = step
            .filter(|step| step.conclusion != Some(Conclusion::Skipped))
            .and_then(|step| step.started_at.zip(step.finished_at))
            .map(|(start, end)| duration(end.saturating_sub(start)));
        vec![
            Cell::new(sign.tone(), look.sign(sign)),
            Cell::new(tone, one_line(name)),
            tests_cell(counts, look).unwrap_or_else(|| Cell::plain("")),
            Cell::new(tone, took.unwrap_or_default()),
            Cell::parts(self.facts(step, sign, look)),
        ]
    }

    /// Where a step ran, how it ended, and what else is to be known of it.
    fn facts(&self, step: Option<&StepRecord>, sign: Sign, look: Look) -> Vec<(Tone, String)> {
        let placement = self
            .planned
            .map(|planned| one_line(&planned.placement))
            .unwrap_or_default();
        let mut facts = vec![(Tone::Dim, placement.clone())];
        match step {
            None => facts.push((Tone::Dim, "not reached".to_owned())),
            Some(step) => {
                facts.extend(self.ended(step, sign).map(|how| (sign.tone(), how)));
                if let Some(note) = &step.note {
                    let note = set_up::without_placement(note, &placement);
                    facts.push((Tone::Dim, note));
                }
            }
        }
        let mut parts = Vec::new();
        for (tone, fact) in facts.into_iter().filter(|(_, fact)| !fact.is_empty()) {
            if !parts.is_empty() {
                parts.push((Tone::Dim, ", ".to_owned()));
            }
            parts.push((tone, look.own(&fact)));
        }
        parts
    }

    /// How a step ended that did not succeed.
    fn ended(&self, step: &StepRecord, sign: Sign) -> Option<String> {
        match (sign, step.exit_code) {
            (Sign::Bad, Some(code)) => Some(format!("exit code {code}")),
            (Sign::Bad, None) => {
                let failure = step.failure.as_ref()?;
                // That is told in full once, not by every leg that waited for it.
                let of_image = |image: &ImageRecord| image.failure.as_ref() == Some(failure);
                if self.record.images.iter().any(of_image) {
                    Some("there is no image".to_owned())
                } else {
                    Some(one_line(&failure.message))
                }
            }
            (Sign::Warn, Some(code)) => Some(format!("exit code {code}, allowed to fail")),
            (Sign::Warn, None) => match step.outcome? {
                Conclusion::Failure => Some("failed, allowed to fail".to_owned()),
                outcome => Some(outcome.as_str().to_owned()),
            },
            (Sign::Active, _) => Some("cut short".to_owned()),
            _ => None,
        }
    }
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
