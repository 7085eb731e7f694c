//! Events on their way: into the record, into `events.jsonl`, to whoever watches.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::engine::now_millis;
use crate::record::{Event, EventKind, JobKey, Level, RunRecord, StepKey};

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
    write_error: Option<String>,
}

impl Bus {
    /// A bus that writes to `events`, which is made; without it nothing is kept.
    pub(crate) fn new(events: Option<&Path>, listener: Listener) -> std::io::Result<Self> {
        Ok(Self {
            inner: Mutex::new(Inner {
                record: None,
                file: events.map(File::create).transpose()?,
                write_error: None,
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
                    inner.write_error = Some(error.to_string());
                    inner.file = None;
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

    /// Why `events.jsonl` could not be written.
    pub(crate) fn write_error(&self) -> Option<String> {
        self.inner
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .write_error
            .clone()
    }
}
