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
