//! Why a container ended while a command of it ran: what the engine knows of it.

use std::time::Duration;

use crate::docker::Docker;
use crate::engine::{End, ExecEnd};

/// How long a container may take to end whose processes were killed.
pub(super) const SETTLE: Duration = Duration::from_secs(2);

/// The end of a command whose container is gone.
pub(super) async fn vanished(docker: &Docker, container: &str, end: &str) -> ExecEnd {
    let (end, oom_kills) = match docker.ended_within(container, SETTLE).await {
        Ok(None) => (
            End::Lost(format!(
                "the container runs, but its output cannot be read: {end}"
            )),
            0,
        ),
        Ok(Some(state)) if state.oom_killed => (
            End::Vanished(format!(
                "the container was killed for memory (exit code {})",
                state.exit_code
            )),
            1,
        ),
        Ok(Some(state)) => {
            let code = state.exit_code;
            let end = match docker.was_signalled(container, &state).await {
                Ok(false) => End::Vanished(format!(
                    "a process of the job ended its container (exit code {code})"
                )),
                Ok(true) => End::Lost(format!(
                    "the container was killed, and not by seatrial (exit code {code})"
                )),
                Err(error) => End::Lost(format!(
                    "the container ended with exit code {code}; {error}"
                )),
            };
            (end, 0)
        }
        Err(error) => (End::Lost(format!("{end}; {error}")), 0),
    };
    ExecEnd {
        oom_kills,
        ..ExecEnd::of(end)
    }
}
