//! Stopping a run from outside.

use tokio::sync::watch;

use crate::engine::Stop;
use crate::record::{Cause, Failure};

/// Whether and why the run is to stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Halt {
    /// How urgently.
    pub(crate) level: Stop,
    /// Why.
    pub(crate) failure: Option<Failure>,
}

/// Why a leg is to end before its work is done: the run is stopped, or a sibling failed.
pub(super) fn reason(halt: &Halt, sibling_failed: bool) -> Option<Failure> {
    if halt.level != Stop::Run {
        return halt.failure.clone();
    }
    sibling_failed.then(superseded)
}

/// A sibling leg failed.
pub(super) fn superseded() -> Failure {
    Failure::new(
        Cause::Superseded,
        "cancelled because a sibling leg failed (fail-fast)",
    )
}

/// The end that stops a run.
#[derive(Debug, Clone)]
pub(crate) struct Stopper {
    sender: watch::Sender<Halt>,
}

impl Stopper {
    /// Both ends.
    pub(crate) fn new() -> (Self, watch::Receiver<Halt>) {
        let (sender, receiver) = watch::channel(Halt {
            level: Stop::Run,
            failure: None,
        });
        (Self { sender }, receiver)
    }

    /// Asks for a stop: gently the first time, at once the second time.
    pub(crate) fn stop(&self, cause: Cause, message: &str) {
        self.sender.send_modify(|halt| {
            halt.level = match halt.level {
                Stop::Run => Stop::Gently,
                Stop::Gently | Stop::Now => Stop::Now,
            };
            if halt.failure.is_none() {
                halt.failure = Some(Failure::new(cause, message));
            }
        });
    }
}
