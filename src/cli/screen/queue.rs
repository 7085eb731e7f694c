//! What waits to be drawn. Taking something in costs a lock and no more; of
//! output, only so much waits.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::record::{Event, StepKey};

/// Bytes of output that may wait.
const MAX_BYTES: usize = 4 << 20;
/// Lines of output that may wait.
const MAX_LINES: usize = 20_000;

/// Something to be drawn.
#[derive(Debug)]
pub(super) enum Item {
    /// Something happened. Never skipped.
    Event(Box<Event>),
    /// A line of output.
    Line {
        /// Its step.
        step: StepKey,
        /// The line.
        text: String,
    },
    /// Lines for which there was no room.
    Skipped {
        /// Their step.
        step: StepKey,
        /// How many.
        count: u64,
    },
}

/// What was waiting.
pub(super) struct Taken {
    /// In order.
    pub(super) items: VecDeque<Item>,
    /// Whether nothing will follow.
    pub(super) ended: bool,
}

/// The queue between a run and its screen.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    filled: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    items: VecDeque<Item>,
    bytes: usize,
    lines: usize,
    closed: bool,
}

impl Queue {
    /// Takes in an event.
    pub(super) fn event(&self, event: Box<Event>) {
        self.lock().items.push_back(Item::Event(event));
        self.filled.notify_one();
    }

    /// Takes in a line, or only counts it.
    pub(super) fn line(&self, step: StepKey, text: String) {
        let mut waiting = self.lock();
        if waiting.lines >= MAX_LINES || waiting.bytes + text.len() > MAX_BYTES {
            let same = waiting.items.iter_mut().rev().find_map(|item| match item {
                Item::Skipped { step: of, count } if *of == step => Some(count),
                _ => None,
            });
            match same {
                Some(count) => *count += 1,
                None => waiting.items.push_back(Item::Skipped { step, count: 1 }),
            }
            return;
        }
        waiting.bytes += text.len();
        waiting.lines += 1;
        waiting.items.push_back(Item::Line { step, text });
        drop(waiting);
        self.filled.notify_one();
    }

    /// Says that nothing will follow.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_one();
    }

    /// Everything that waits; waits itself when there is nothing, at most for
    /// `limit` where there is one.
    pub(super) fn take(&self, limit: Option<Duration>) -> Taken {
        let until = limit.map(|limit| Instant::now() + limit);
        let mut waiting = self.lock();
        while waiting.items.is_empty() && !waiting.closed {
            waiting = match until {
                None => self
                    .filled
                    .wait(waiting)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(until) => {
                    let left = until.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        break;
                    }
                    self.filled
                        .wait_timeout(waiting, left)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0
                }
            };
        }
        waiting.bytes = 0;
        waiting.lines = 0;
        Taken {
            items: std::mem::take(&mut waiting.items),
            ended: waiting.closed,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
