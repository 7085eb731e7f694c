//! Events on their way: into the record, into `events.jsonl`, to whoever watches.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::engine::now_millis;
use crate::record::{Cause, Event, EventKind, Failure, JobKey, Level, RunRecord, StepKey};

/// What a watcher hears of a run.
#[derive(Debug, Clone)]
pub(crate) enum Message {
    /// Something happened.
    Event(Box<Event>),
    /// A line of output of a step, masked.
    Line {
        /// The step.
        step: StepKey,
        /// The line without its end.
        text: String,
    },
}

/// Hears everything. Must not block.
pub(crate) type Listener = Box<dyn Fn(Message) + Send + Sync>;

/// Takes events from everywhere in a run.
pub(crate) struct Bus {
    inner: Mutex<Inner>,
    listener: Listener,
}

struct Inner {
    record: Option<RunRecord>,
    file: Option<File>,
    /// What could not be written, each once, with the reason.
    unwritten: Vec<String>,
}

/// Most things that could not be written which are named.
const NAMED: usize = 20;

impl Inner {
    fn lost(&mut self, what: &str, error: &std::io::Error) {
        let message = format!("{what} could not be written: {error}");
        if self.unwritten.len() < NAMED && !self.unwritten.contains(&message) {
            self.unwritten.push(message);
        }
    }
}

impl Bus {
    /// A bus that writes to `events`, which is made; without it nothing is kept.
    pub(crate) fn new(events: Option<&Path>, listener: Listener) -> std::io::Result<Self> {
        Ok(Self {
            inner: Mutex::new(Inner {
                record: None,
                file: events.map(File::create).transpose()?,
                unwritten: Vec::new(),
            }),
            listener,
        })
    }

    /// Tells that something happened, now.
    pub(crate) fn emit(&self, kind: EventKind) {
        let event = Event {
            at: now_millis(),
            kind,
        };
        {
            let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
            match &mut inner.record {
                Some(record) => record.apply(&event),
                None => inner.record = RunRecord::begin(&event),
            }
            // One write a line: after `kill -9` the file ends with a whole line.
            if let Ok(mut line) = serde_json::to_vec(&event) {
                line.push(b'\n');
                if let Some(Err(error)) = inner.file.as_mut().map(|file| file.write_all(&line)) {
                    inner.file = None;
                    inner.lost("events.jsonl", &error);
                }
            }
        }
        (self.listener)(Message::Event(Box::new(event)));
    }

    /// Tells what a person should know.
    pub(crate) fn notice(&self, level: Level, job: Option<&JobKey>, message: impl Into<String>) {
        self.emit(EventKind::Notice {
            level,
            job: job.cloned(),
            message: message.into(),
        });
    }

    /// Passes on a line of output.
    pub(crate) fn line(&self, step: &StepKey, text: String) {
        (self.listener)(Message::Line {
            step: step.clone(),
            text,
        });
    }

    /// The record of what happened so far.
    pub(crate) fn record(&self) -> Option<RunRecord> {
        self.inner
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .record
            .clone()
    }

    /// Remembers that a part of the results could not be written.
    pub(crate) fn lost(&self, what: &str, error: &std::io::Error) {
        self.inner
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .lost(what, error);
    }

    /// What could not be written, as one failure of the run.
    pub(crate) fn unwritten(&self) -> Option<Failure> {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let (first, more) = inner.unwritten.split_first()?;
        let failure = Failure::new(Cause::OutputWriteFailed, first);
        Some(Failure {
            evidence: more.to_vec(),
            ..failure
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn what_could_not_be_written_is_one_failure() {
        let bus = Bus::new(None, Box::new(|_| {})).unwrap();
        assert_eq!(bus.unwritten(), None);
        let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
        for what in ["events.jsonl", "the log of a step", "the log of a step"] {
            bus.lost(what, &full);
        }
        let failure = bus.unwritten().unwrap();
        assert_eq!(failure.cause, Cause::OutputWriteFailed);
        assert!(failure.message.starts_with("events.jsonl could not"));
        assert_eq!(failure.evidence.len(), 1);
    }
}
