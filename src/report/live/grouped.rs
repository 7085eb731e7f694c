//! The logs of GitHub Actions and of GitLab. Legs run side by side and groups cannot be
//! nested, so the output of a step is held back and printed as one group at its end.

use super::announce::step_result;
use super::{Live, announce};
use crate::record::{Event, EventKind, JobKey, StepKey};
use crate::report::format::duration;
use crate::report::github::{StopToken, defuse, group, guest_line};
use crate::report::style::Sign;
use crate::report::text::one_line;

/// How a group is written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Groups<'a> {
    /// As a command to GitHub's runner, which obeys nothing else then.
    GitHub(&'a StopToken),
    /// As a section of GitLab's log ("Job logs", custom collapsible sections).
    GitLab,
}

/// A group before it is written.
struct Group<'a> {
    title: &'a str,
    output: &'a [String],
    /// Whether it is better seen without a click.
    open: bool,
    /// Begin and end, in seconds since the Unix epoch.
    seconds: (u64, u64),
}

impl Live {
    /// The lines for an event.
    pub(super) fn grouped(
        &mut self,
        event: &Event,
        millis: Option<u64>,
        groups: Groups<'_>,
    ) -> Vec<String> {
        match &event.kind {
            EventKind::StepFinished { step, .. } => self.step_group(step, event, millis, groups),
            EventKind::JobFinished { job, .. } => {
                let mut lines = self.unfinished(Some(job), event.at, groups);
                lines.extend(self.said(event, millis, groups));
                lines
            }
            EventKind::RunFinished { .. } => {
                let mut lines = self.unfinished(None, event.at, groups);
                lines.extend(self.said(event, millis, groups));
                lines
            }
            // Shown at the end, by `annotations`.
            EventKind::Annotation { .. } if matches!(groups, Groups::GitHub(_)) => Vec::new(),
            _ => self.said(event, millis, groups),
        }
    }

    /// What is said of an event, in lines that are no commands.
    fn said(&self, event: &Event, millis: Option<u64>, groups: Groups<'_>) -> Vec<String> {
        harmless(self.announced(event, millis, true), groups)
    }

    /// A step that ended: its output as a group, then its result where that must
    /// be seen without opening the group.
    fn step_group(
        &mut self,
        step: &StepKey,
        event: &Event,
        millis: Option<u64>,
        groups: Groups<'_>,
    ) -> Vec<String> {
        let Some(buffer) = self.held.remove(step) else {
            return self.said(event, millis, groups);
        };
        let (sign, _) = step_result(&event.kind, millis);
        let name = match &event.kind {
            EventKind::StepFinished { name, .. } => name.as_str(),
            _ => "",
        };
        let took = millis.map(|millis| format!(" {}", duration(millis)));
        let title = format!(
            "{} › {} ({}{})",
            step.job,
            one_line(name),
            self.look.sign(sign),
            took.unwrap_or_default()
        );
        let failed = announce::is_failed(&event.kind) || sign == Sign::Warn;
        let begun = event.at.saturating_sub(millis.unwrap_or_default());
        let group = Group {
            title: &title,
            output: &buffer.into_lines(self.look),
            open: failed,
            seconds: (begun / 1000, event.at / 1000),
        };
        let mut lines = self.block(&group, groups);
        if failed {
            lines.extend(self.said(event, millis, groups));
            if let EventKind::StepFinished {
                failure: Some(failure),
                ..
            } = &event.kind
            {
                lines.extend(harmless(self.facts(failure), groups));
            }
        }
        lines
    }

    /// Output of steps that never came to an end, of one leg or of all.
    fn unfinished(&mut self, job: Option<&JobKey>, at: u64, groups: Groups<'_>) -> Vec<String> {
        let mut keys: Vec<StepKey> = self
            .held
            .keys()
            .filter(|key| job.is_none_or(|job| key.job == *job))
            .cloned()
            .collect();
        keys.sort();
        let mut lines = Vec::new();
        for key in keys {
            if let Some(buffer) = self.held.remove(&key) {
                let sign = self.look.sign(Sign::Warn);
                let title = format!("{} › step {} ({sign} cut short)", key.job, key.step);
                let group = Group {
                    title: &title,
                    output: &buffer.into_lines(self.look),
                    open: true,
                    seconds: (at / 1000, at / 1000),
                };
                lines.extend(self.block(&group, groups));
            }
        }
        lines
    }

    /// A group with its output.
    fn block(&mut self, of: &Group<'_>, groups: Groups<'_>) -> Vec<String> {
        let title = self.look.own(of.title);
        match groups {
            Groups::GitHub(token) => {
                let mut lines = vec![group(&title), token.stop()];
                lines.extend(of.output.iter().map(|line| guest_line(line, token)));
                lines.push(token.resume());
                lines.push("::endgroup::".to_owned());
                lines
            }
            Groups::GitLab => {
                // The marks need a carriage return and an escape, which output has none of.
                self.sections += 1;
                let name = format!("seatrial_{}", self.sections);
                let folded = if of.open { "" } else { "[collapsed=true]" };
                let (begin, end) = of.seconds;
                let mut lines = vec![format!(
                    "section_start:{begin}:{name}{folded}\r\u{1b}[0K{title}"
                )];
                lines.extend_from_slice(of.output);
                lines.push(format!("section_end:{end}:{name}\r\u{1b}[0K"));
                lines
            }
        }
    }
}

/// Lines that are no commands to whoever reads along.
fn harmless(lines: Vec<String>, groups: Groups<'_>) -> Vec<String> {
    match groups {
        Groups::GitHub(_) => lines.iter().map(|line| defuse(line)).collect(),
        Groups::GitLab => lines,
    }
}
