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

/// Why a leg is cancelled while the run goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cancel {
    /// A sibling leg failed.
    Sibling,
    /// A later one of this concurrency group took its place.
    Group(String),
}

/// Tells whether a leg is cancelled.
pub(super) type Cancelled = watch::Receiver<Option<Cancel>>;

impl Cancel {
    /// It as the failure of what was cancelled.
    pub(super) fn failure(&self) -> Failure {
        let message = match self {
            Self::Sibling => "cancelled because a sibling leg failed (fail-fast)".to_owned(),
            Self::Group(name) => {
                format!("cancelled by a later one of the concurrency group `{name}`")
            }
        };
        Failure::new(Cause::Superseded, message)
    }

    /// What is told of a leg that never began: a note, or the failure that it is. Of
    /// siblings one failed, which accounts for the rest.
    pub(super) fn told(&self) -> (Option<Failure>, Option<&'static str>) {
        match self {
            Self::Sibling => (None, Some("a sibling leg failed (fail-fast)")),
            Self::Group(_) => (Some(self.failure()), None),
        }
    }
}

/// Why a leg is to end before its work is done: the run is stopped, or it is cancelled.
pub(super) fn reason(halt: &Halt, cancel: Option<&Cancel>) -> Option<Failure> {
    if halt.level != Stop::Run {
        return halt.failure.clone();
    }
    cancel.map(Cancel::failure)
}

/// Does something that may take long and can be left undone, unless the run is stopped or
/// the leg is cancelled meanwhile.
pub(super) async fn unless_stopped<T>(
    halt: &watch::Receiver<Halt>,
    cancelled: &Cancelled,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let (mut halt, mut cancelled) = (halt.clone(), cancelled.clone());
    let halted = async {
        let told = halt.wait_for(|halt| halt.level != Stop::Run).await;
        let told = told.ok().map(|halt| halt.clone());
        match told {
            Some(halt) => halt,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        biased;
        halt = halted => Err(reason(&halt, None).unwrap_or_else(|| {
            Failure::new(Cause::UserInterrupt, "the run was stopped")
        })),
        cancel = stop_wanted(&mut cancelled) => Err(cancel.failure()),
        done = work => done,
    }
}

/// Waits until the leg is cancelled.
pub(super) async fn stop_wanted(cancelled: &mut Cancelled) -> Cancel {
    if let Ok(cancel) = cancelled.wait_for(Option::is_some).await
        && let Some(cancel) = cancel.clone()
    {
        return cancel;
    }
    std::future::pending().await
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
