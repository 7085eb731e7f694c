//! Ports of `localhost` that lead to a service, by a small process in the job's own
//! container.

use std::time::Duration;

use futures_util::StreamExt;

use super::EngineError;
use crate::docker::{Docker, ExecStart};
use crate::engine::wiring::Forward;
use crate::record::Cause;

/// The process.
const SCRIPT: &str = include_str!("forward.sh");
/// How long it may take to listen.
const READY: Duration = Duration::from_secs(20);

/// Leads a port to `host`, until the container ends.
///
/// # Errors
/// The image has no program that could do it, or the port is taken.
pub(super) async fn forward(
    docker: &Docker,
    container: &str,
    forward: &Forward,
    host: &str,
) -> Result<(), EngineError> {
    let (listen, port) = (forward.listen.to_string(), forward.port.to_string());
    let start = ExecStart {
        command: ["sh", "-c", SCRIPT, "seatrial", &listen, host, &port]
            .iter()
            .map(ToString::to_string)
            .collect(),
        ..ExecStart::default()
    };
    let mut io = docker.exec(container, &start).await?;
    let mut said = Vec::new();
    let answer = async {
        while let Some(Ok(bytes)) = io.output.next().await {
            said.extend_from_slice(&bytes);
            if said.contains(&b'\n') {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(READY, answer).await;
    let reason = match said.strip_suffix(b"\n").unwrap_or(&said) {
        b"ready" => return Ok(()),
        b"none" => "the job's image has no python3, perl, socat or busybox to do it with",
        _ => "nothing listens there, perhaps because the port is taken",
    };
    Err(EngineError::new(
        Cause::UnsupportedFeature,
        format!(
            "port {listen} of `localhost` cannot be led to port {port} of the service `{}`: {reason}; give the service `ports: [\"{port}:{port}\"]` or use its label in place of `localhost`",
            forward.label
        ),
    )
    .of_service(&forward.label))
}
