//! The log of GitHub Actions. Legs run side by side and groups cannot be nested,
//! so the output of a step is held back and printed as one group at its end.

use super::announce::step_result;
use super::{Live, announce};
use crate::record::{Event, EventKind, JobKey, StepKey};
use crate::report::format::duration;
use crate::report::github::{StopToken, defuse, group, guest_line};
use crate::report::style::Sign;
use crate::report::text::one_line;

impl Live {
    /// The lines for an event.
    pub(super) fn grouped(
        &mut self,
        event: &Event,
        millis: Option<u64>,
        token: &StopToken,
    ) -> Vec<String> {
        match &event.kind {
            EventKind::StepFinished { step, .. } => self.step_group(step, event, millis, token),
            EventKind::JobFinished { job, .. } => {
                let mut lines = self.unfinished(Some(job), token);
                lines.extend(self.said(event, millis));
                lines
            }
            EventKind::RunFinished { .. } => {
                let mut lines = self.unfinished(None, token);
                lines.extend(self.said(event, millis));
                lines
            }
            // Shown at the end, by `annotations`.
            EventKind::Annotation { .. } => Vec::new(),
            _ => self.said(event, millis),
        }
    }

    /// What is said of an event, in lines that are no commands.
    fn said(&self, event: &Event, millis: Option<u64>) -> Vec<String> {
        self.announced(event, millis, true)
            .iter()
            .map(|line| defuse(line))
            .collect()
    }

    /// A step that ended: its output as a group, then its result where that must
    /// be seen without opening the group.
    fn step_group(
        &mut self,
        step: &StepKey,
        event: &Event,
        millis: Option<u64>,
        token: &StopToken,
    ) -> Vec<String> {
        let Some(buffer) = self.held.remove(step) else {
            return self.said(event, millis);
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
        let mut lines = self.block(&title, &buffer.into_lines(self.look), token);
        if announce::is_failed(&event.kind) || sign == Sign::Warn {
            lines.extend(self.said(event, millis));
            if let EventKind::StepFinished {
                failure: Some(failure),
                ..
            } = &event.kind
            {
                lines.extend(self.facts(failure).iter().map(|line| defuse(line)));
            }
        }
        lines
    }

    /// Output of steps that never came to an end, of one leg or of all.
    fn unfinished(&mut self, job: Option<&JobKey>, token: &StopToken) -> Vec<String> {
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
                lines.extend(self.block(&title, &buffer.into_lines(self.look), token));
            }
        }
        lines
    }

    /// A group whose lines the runner does not obey.
    fn block(&self, title: &str, output: &[String], token: &StopToken) -> Vec<String> {
        let mut lines = vec![group(&self.look.own(title)), token.stop()];
        lines.extend(output.iter().map(|line| guest_line(line, token)));
        lines.push(token.resume());
        lines.push("::endgroup::".to_owned());
        lines
    }
}
