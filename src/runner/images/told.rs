//! What is told of a build while it goes on.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::image::Vertex;
use crate::record::{BuildStep, EventKind};
use crate::runner::bus::Bus;

/// Least time between two tellings of bytes.
const PAUSE: Duration = Duration::from_secs(1);

/// Tells how a build goes on.
pub(super) struct Told<'a> {
    image: &'a str,
    bus: &'a Bus,
    steps: Mutex<Vec<BuildStep>>,
    /// When bytes were told of last.
    last: Mutex<Option<Instant>>,
}

impl<'a> Told<'a> {
    pub(super) fn new(image: &'a str, bus: &'a Bus) -> Self {
        Self {
            image,
            bus,
            steps: Mutex::default(),
            last: Mutex::default(),
        }
    }

    /// A step of the build has changed.
    pub(super) fn vertex(&self, vertex: &Vertex) {
        let of_cache = vertex.cache_work().is_some();
        if !vertex.is_instruction() && !vertex.is_context() && !of_cache {
            return;
        }
        if !vertex.completed {
            if vertex.started && self.is_time(vertex.bytes) {
                self.bus.emit(EventKind::ImageAt {
                    image: self.image.to_owned(),
                    name: vertex.name.clone(),
                    bytes: vertex.bytes,
                    total: vertex.total,
                });
            }
        } else if vertex.is_instruction() {
            let step = BuildStep {
                name: vertex.name.clone(),
                cached: vertex.cached,
                millis: vertex.millis,
                bytes: vertex.bytes,
            };
            self.bus.emit(EventKind::ImageStep {
                image: self.image.to_owned(),
                name: step.name.clone(),
                cached: step.cached,
                millis: step.millis,
                bytes: step.bytes,
            });
            let mut steps = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
            // Where the build was begun again, the last one counts.
            steps.retain(|known| known.name != step.name);
            steps.push(step);
        }
    }

    /// That something begins is always told, bytes only now and then.
    fn is_time(&self, bytes: u64) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last.is_none_or(|last| last.elapsed() >= PAUSE);
        if bytes > 0 && due {
            *last = Some(Instant::now());
        }
        bytes == 0 || due
    }

    /// The instructions that have ended.
    pub(super) fn steps(self) -> Vec<BuildStep> {
        self.steps
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
