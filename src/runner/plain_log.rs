//! A log that is only kept: masked, and never searched for workflow commands. What a
//! service prints is not the job's word.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use crate::engine::Output;
use crate::record::StepKey;

use super::bus::Bus;
use super::kept::{Kept, LogRoom};
use super::mask::Masker;
use super::{line, masked};

/// Lines that are remembered for a failure.
const TAIL: usize = 20;

/// Keeps lines in a file, which is made with the first one.
pub(super) struct PlainLog {
    inner: Mutex<Inner>,
    path: PathBuf,
    room: LogRoom,
    masker: Arc<Mutex<Masker>>,
    /// Where lines are shown as well.
    shown: Option<(Arc<Bus>, StepKey)>,
}

#[derive(Default)]
struct Inner {
    file: Option<Kept>,
    /// Whether the file was made, or cannot be.
    begun: bool,
    line: Vec<u8>,
    tail: VecDeque<String>,
}

impl PlainLog {
    /// A log in a file, of the room that the job's logs have.
    pub(super) fn new(path: PathBuf, room: LogRoom, masker: Arc<Mutex<Masker>>) -> Self {
        Self {
            inner: Mutex::default(),
            path,
            room,
            masker,
            shown: None,
        }
    }

    /// The same log, whose lines are those of a step too.
    pub(super) fn shown_as(mut self, bus: Arc<Bus>, step: StepKey) -> Self {
        self.shown = Some((bus, step));
        self
    }

    /// Writes a line of seatrial's own.
    pub(super) fn say(&self, line: &str) {
        self.write(format!("{line}\n").as_bytes());
    }

    /// The last lines, masked.
    pub(super) fn tail(&self) -> Vec<String> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        self.end_line(&mut inner);
        inner.tail.iter().cloned().collect()
    }

    fn end_line(&self, inner: &mut Inner) {
        if inner.line.is_empty() {
            return;
        }
        let line = std::mem::take(&mut inner.line);
        self.take_line(inner, &line);
    }

    fn take_line(&self, inner: &mut Inner, line: &[u8]) {
        let text = masked(&self.masker, &String::from_utf8_lossy(line));
        let text = text.trim_end_matches(['\n', '\r']);
        self.keep(inner, text);
        if inner.tail.len() == TAIL {
            inner.tail.pop_front();
        }
        inner.tail.push_back(text.to_owned());
        if let Some((bus, step)) = &self.shown {
            bus.line(step, text.to_owned());
        }
    }

    /// Trouble with the file is no reason to fail: the lines are shown elsewhere.
    fn keep(&self, inner: &mut Inner, text: &str) {
        if !inner.begun {
            inner.begun = true;
            inner.file = Kept::create(&self.path, &self.room).ok();
        }
        if let Some(file) = &mut inner.file
            && file.write(format!("{text}\n").as_bytes()).is_err()
        {
            inner.file = None;
        }
    }
}

impl Output for PlainLog {
    fn write(&self, bytes: &[u8]) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            if let Some(line) = line::take(&mut inner.line, piece, &self.masker) {
                self.take_line(&mut inner, &line);
            }
        }
    }
}

impl Drop for PlainLog {
    fn drop(&mut self) {
        self.tail();
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = inner.file.take() {
            let _ = file.finish();
        }
    }
}
