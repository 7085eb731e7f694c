//! What the live view knows of the run so far.

use crate::record::{Conclusion, Event, EventKind, JobKey, PlannedJob, TestCounts};
use crate::report::style::Look;
use crate::report::table::pad;
use crate::report::text::one_line;
use unicode_width::UnicodeWidthStr;

/// Widest name in front of a line.
const NAME_WIDTH: usize = 32;

/// A leg, as far as it has come.
#[derive(Debug, Clone)]
pub(super) struct Leg {
    /// Its key.
    pub(super) key: JobKey,
    /// Its key as it can be shown.
    pub(super) name: String,
    /// The job's id, which others need.
    pub(super) job: String,
    /// Ids of the jobs it needs.
    pub(super) needs: Vec<String>,
    /// Whether it does not run here.
    pub(super) left_out: bool,
    /// When it started.
    pub(super) started: Option<u64>,
    /// The step that runs: its number, its name, its start.
    pub(super) step: Option<(u32, String, u64)>,
    /// Whether a step has ended.
    pub(super) begun: bool,
    /// How it ended, and when.
    pub(super) ended: Option<(Conclusion, u64)>,
    /// Tests that were reported so far.
    pub(super) counts: TestCounts,
}

impl Leg {
    /// Whether it is a leg of this job, or of the workflow that the job calls.
    fn belongs_to(&self, job: &str) -> bool {
        self.job
            .strip_prefix(job)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(" / "))
    }
}

/// An image that is being made.
#[derive(Debug, Clone)]
pub(super) struct Image {
    /// Its name within the run.
    pub(super) name: String,
    /// When its making began.
    pub(super) started: u64,
    /// The instruction that it is at, or that was done last.
    pub(super) last: Option<Instruction>,
}

/// An instruction of a Dockerfile that is built.
#[derive(Debug, Clone)]
pub(super) struct Instruction {
    /// As BuildKit names it.
    pub(super) name: String,
    /// Bytes so far and in all.
    pub(super) bytes: (u64, u64),
    /// Whether it is done.
    pub(super) done: bool,
}

/// The run so far.
#[derive(Debug, Default)]
pub(super) struct Board {
    /// Legs in the order of the plan.
    pub(super) legs: Vec<Leg>,
    /// Images that are not ready yet.
    pub(super) images: Vec<Image>,
    /// Legs that do not run here and of which nothing was said yet.
    pub(super) left_out: Vec<PlannedJob>,
    width: usize,
}

impl Board {
    /// Adds an event.
    pub(super) fn apply(&mut self, event: &Event) {
        let at = event.at;
        match &event.kind {
            EventKind::JobPlanned(planned) => {
                let leg = self.planned(planned);
                self.legs.push(leg);
            }
            EventKind::JobExpanded { job, legs } => {
                let at = self.legs.iter().position(|leg| leg.key == *job);
                let at = at.unwrap_or(self.legs.len());
                let legs: Vec<Leg> = legs.iter().map(|leg| self.planned(leg)).collect();
                let end = (at + 1).min(self.legs.len());
                self.legs.splice(at..end, legs);
            }
            EventKind::ImageStarted { image } => self.images.push(Image {
                name: image.clone(),
                started: at,
                last: None,
            }),
            EventKind::ImageAt {
                image,
                name,
                bytes,
                total,
            } => self.image_at(image, name, (*bytes, *total), false),
            EventKind::ImageStep { image, name, .. } => self.image_at(image, name, (0, 0), true),
            EventKind::ImageFinished(image) => {
                self.images.retain(|one| one.name != image.name);
            }
            EventKind::JobStarted { job } => self.leg_mut(job, |leg| leg.started = Some(at)),
            EventKind::StepStarted { step, name } => self.leg_mut(&step.job, |leg| {
                leg.step = Some((step.step, one_line(name), at));
            }),
            EventKind::StepFinished { step, .. } => self.leg_mut(&step.job, |leg| {
                leg.begun = true;
                leg.step.take_if(|(number, ..)| *number == step.step);
            }),
            EventKind::Tests { step, cases, .. } => self.leg_mut(&step.job, |leg| {
                leg.counts = leg.counts.plus(TestCounts::of(cases));
            }),
            EventKind::JobFinished {
                job, conclusion, ..
            } => self.leg_mut(job, |leg| {
                leg.step = None;
                leg.ended = Some((*conclusion, at));
            }),
            _ => {}
        }
    }

    /// How far the build of an image has come.
    fn image_at(&mut self, image: &str, name: &str, bytes: (u64, u64), done: bool) {
        let Some(image) = self.images.iter_mut().find(|one| one.name == image) else {
            return;
        };
        let name = one_line(name);
        // What ends beside it is not what is waited for.
        let other = image
            .last
            .as_ref()
            .is_some_and(|last| last.name != name && !last.done);
        if !(done && other) {
            image.last = Some(Instruction { name, bytes, done });
        }
    }

    /// A leg that has not begun.
    fn planned(&mut self, planned: &PlannedJob) -> Leg {
        let name = one_line(&planned.key.0);
        let left_out = planned.left_out.is_some();
        if left_out {
            self.left_out.push(planned.clone());
        } else {
            self.width = self.width.max(name.width()).min(NAME_WIDTH);
        }
        Leg {
            key: planned.key.clone(),
            name,
            job: planned.job.clone(),
            needs: planned.needs.clone(),
            left_out,
            started: None,
            step: None,
            begun: false,
            ended: None,
            counts: TestCounts::default(),
        }
    }

    /// What a step took that this event ends.
    pub(super) fn step_millis(&self, event: &Event) -> Option<u64> {
        let EventKind::StepFinished { step, .. } = &event.kind else {
            return None;
        };
        let (number, _, started) = self.leg(&step.job)?.step.as_ref()?;
        (*number == step.step).then(|| event.at.saturating_sub(*started))
    }

    /// The leg of this key.
    pub(super) fn leg(&self, key: &JobKey) -> Option<&Leg> {
        self.legs.iter().find(|leg| leg.key == *key)
    }

    /// The name of a leg, as wide as the widest one.
    pub(super) fn padded(&self, key: &JobKey, look: Look) -> String {
        pad(&one_line(&key.0), self.width, look)
    }

    /// Jobs that a leg waits for.
    pub(super) fn waits_for<'a>(&'a self, leg: &'a Leg) -> Vec<&'a str> {
        leg.needs
            .iter()
            .filter(|need| {
                self.legs
                    .iter()
                    .any(|other| other.belongs_to(need) && other.ended.is_none() && !other.left_out)
            })
            .map(String::as_str)
            .collect()
    }

    fn leg_mut(&mut self, key: &JobKey, change: impl FnOnce(&mut Leg)) {
        if let Some(leg) = self.legs.iter_mut().find(|leg| leg.key == *key) {
            change(leg);
        }
    }
}
