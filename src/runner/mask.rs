//! Masks secrets in text and in streams.
//!
//! As on GitHub (`SecretMasker.MaskSecrets` in actions/runner), everything that
//! belongs to any occurrence of any secret is masked, and what touches or
//! overlaps becomes one `***`. So the longest of several matches wins, and two
//! secrets that overlap leave nothing of either.

mod automaton;
mod forms;

use std::borrow::Cow;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use automaton::{Automaton, State};
use thiserror::Error;

/// What a secret is replaced by.
const MASK: &[u8] = b"***";

/// Characters below which a value is not masked.
const MIN_CHARS: usize = 4;

/// Longest value; an SSH key has 3 KiB, GitHub's secrets have 48 KB at most.
const MAX_BYTES: usize = 64 << 10;

/// Bytes of all forms of all values together. Bounds the memory (28 times as
/// much at most).
const MAX_TOTAL: usize = 2 << 20;

/// Values that are added one by one. Each of them costs a new automaton of all.
const MAX_ADDED: usize = 1000;

/// Why a value is not masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum MaskError {
    /// Fewer than four characters: it would mask half of the log. (GitHub
    /// masks it; a warning is in order.)
    #[error("a value of fewer than {MIN_CHARS} characters is not masked")]
    TooShort,
    /// More than 64 KiB.
    #[error("a value of more than {MAX_BYTES} bytes is not masked")]
    TooLong,
    /// The values together are too large.
    #[error("too many values to mask")]
    Full,
}

/// The secrets to mask. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Masker {
    forms: Arc<BTreeSet<String>>,
    total: usize,
    /// Values that were added one by one.
    added: usize,
    automaton: Arc<Automaton>,
}

impl Default for Masker {
    fn default() -> Self {
        Self::new()
    }
}

impl Masker {
    /// A masker that knows no secret.
    pub(crate) fn new() -> Self {
        Self {
            forms: Arc::default(),
            total: 0,
            added: 0,
            automaton: Arc::new(Automaton::new(std::iter::empty())),
        }
    }

    /// Adds a value, and with it: each of its lines of four characters or more,
    /// its Base64 forms, its URL, JSON, XML and expression escapes.
    pub(crate) fn add(&mut self, value: &str) -> Result<(), MaskError> {
        if self.added >= MAX_ADDED && !self.forms.contains(value) {
            return Err(MaskError::Full);
        }
        let before = self.forms.len();
        let done = self.add_all([value]).pop().map_or(Ok(()), Err);
        self.added += usize::from(self.forms.len() > before);
        done
    }

    /// Adds many values at once, which is faster. Gives the errors of those
    /// that were not added.
    pub(crate) fn add_all<'a>(
        &mut self,
        values: impl IntoIterator<Item = &'a str>,
    ) -> Vec<MaskError> {
        let mut errors = Vec::new();
        let mut changed = false;
        for value in values {
            match self.take(value) {
                Ok(added) => changed |= added,
                Err(error) => errors.push(error),
            }
        }
        if changed {
            let texts = self.forms.iter().map(String::as_bytes);
            self.automaton = Arc::new(Automaton::new(texts));
        }
        errors
    }

    /// Masks a whole text.
    pub(crate) fn mask<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.forms.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut stream = self.stream();
        let mut masked = stream.push(text.as_bytes());
        masked.extend(stream.finish());
        if masked == text.as_bytes() {
            return Cow::Borrowed(text);
        }
        // Secrets are whole characters, so this is always UTF-8.
        Cow::Owned(match String::from_utf8(masked) {
            Ok(text) => text,
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        })
    }

    /// Takes from a line that has not ended what can be masked now. What may be the
    /// beginning of a secret waits for the rest of it.
    pub(crate) fn decided(&self, line: &mut Vec<u8>) -> Vec<u8> {
        if self.forms.is_empty() {
            return std::mem::take(line);
        }
        let mut stream = self.stream();
        stream.push(line);
        let open = line.split_off(line.len().saturating_sub(stream.pending.len()));
        std::mem::replace(line, open)
    }

    /// Masks a stream with the secrets known now; see [`MaskStream::update`].
    pub(crate) fn stream(&self) -> MaskStream {
        MaskStream {
            automaton: Arc::clone(&self.automaton),
            state: 0,
            pending: VecDeque::new(),
            in_mask: false,
        }
    }

    /// Takes the forms of a value; whether there was a new one.
    fn take(&mut self, value: &str) -> Result<bool, MaskError> {
        if value.trim().chars().count() < MIN_CHARS {
            return Err(MaskError::TooShort);
        }
        if value.len() > MAX_BYTES {
            return Err(MaskError::TooLong);
        }
        if self.forms.contains(value) {
            return Ok(false);
        }
        let new: BTreeSet<String> = forms::forms(value)
            .into_iter()
            .filter(|form| !self.forms.contains(form))
            .collect();
        let size: usize = new.iter().map(String::len).sum();
        if self.total.saturating_add(size) > MAX_TOTAL {
            return Err(MaskError::Full);
        }
        self.total += size;
        let changed = !new.is_empty();
        Arc::make_mut(&mut self.forms).extend(new);
        Ok(changed)
    }
}

/// Masks a stream that comes in pieces. It holds back what may be the beginning
/// of a secret, and nothing else.
#[derive(Debug, Clone)]
pub(crate) struct MaskStream {
    automaton: Arc<Automaton>,
    state: State,
    /// Bytes not yet given out, and whether they are masked.
    pending: VecDeque<(u8, bool)>,
    /// What was given out last was a mask.
    in_mask: bool,
}

impl MaskStream {
    /// Takes the next piece; gives what is certain now.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len());
        for byte in bytes {
            self.read(*byte);
            self.release(self.automaton.open(self.state), &mut out);
        }
        out
    }

    /// Gives the rest: the stream has ended. It may be used again afterwards.
    pub(crate) fn finish(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        self.release(0, &mut out);
        self.state = 0;
        self.in_mask = false;
        out
    }

    /// Goes on with the secrets that the masker has now. What is held back is
    /// looked at again; what was given out is out.
    #[cfg_attr(
        not(test),
        expect(
            dead_code,
            reason = "the log masks whole lines with the newest secrets; only an open stream needs this"
        )
    )]
    pub(crate) fn update(&mut self, masker: &Masker) {
        if Arc::ptr_eq(&self.automaton, &masker.automaton) {
            return;
        }
        self.automaton = Arc::clone(&masker.automaton);
        self.state = 0;
        for (byte, masked) in std::mem::take(&mut self.pending) {
            self.read(byte);
            if let Some((_, newest)) = self.pending.back_mut() {
                *newest |= masked;
            }
        }
    }

    /// Reads a byte, and marks the longest secret that ends with it. Any secret
    /// that a later byte completes begins within the last `open` bytes, so
    /// these are what has to be pending.
    fn read(&mut self, byte: u8) {
        self.pending.push_back((byte, false));
        self.state = self.automaton.step(self.state, byte);
        let longest = self.automaton.longest(self.state);
        for (_, masked) in self.pending.iter_mut().rev().take(longest) {
            *masked = true;
        }
    }

    /// Gives out all but the last `keep` bytes.
    fn release(&mut self, keep: usize, out: &mut Vec<u8>) {
        while self.pending.len() > keep {
            let Some((byte, masked)) = self.pending.pop_front() else {
                return;
            };
            match (masked, self.in_mask) {
                (true, false) => out.extend_from_slice(MASK),
                (true, true) => {}
                (false, _) => out.push(byte),
            }
            self.in_mask = masked;
        }
    }
}

#[cfg(test)]
mod tests;
