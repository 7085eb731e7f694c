//! `sudo` in a job's container, as on GitHub's runner: any command as any user,
//! without a password. An image's own sudo is told to serve the job's user; where
//! there is none, a stand-in takes its place.

use std::time::Duration;

use futures_util::StreamExt;
use tokio::io::AsyncWriteExt;

use crate::docker::{Docker, ExecStart};
use crate::engine::{EngineError, User};
use crate::record::Cause;

/// Prepares the container, as root.
const SETUP_SCRIPT: &str = include_str!("sudo/setup.sh");
/// The stand-in.
const STAND_IN: &str = include_str!("sudo/sudo.sh");
/// How long the preparation may take.
const SETUP: Duration = Duration::from_secs(60);

/// Makes `sudo` work for a job's user. An image that offers no way to become root is
/// no error: the stand-in says so when it is called, with the line that belongs into
/// the image.
pub(super) async fn grant(
    docker: &Docker,
    container: &str,
    user: &User,
) -> Result<(), EngineError> {
    let failed = |detail: String| {
        EngineError::new(
            Cause::ImageUnusable,
            format!("sudo, which the job calls, could not be prepared: {detail}"),
        )
    };
    let (uid, gid) = (user.uid.to_string(), user.gid.to_string());
    let start = ExecStart {
        command: ["sh", "-c", SETUP_SCRIPT, "seatrial", &uid, &gid]
            .iter()
            .map(ToString::to_string)
            .collect(),
        env: Vec::new(),
        user: "0:0".to_owned(),
    };
    let mut io = docker.exec(container, &start).await?;
    let mut said = Vec::new();
    let talk = async {
        // A script that ends before it has read everything has said why.
        let _ = io.input.write_all(STAND_IN.as_bytes()).await;
        let _ = io.input.shutdown().await;
        while let Some(Ok(bytes)) = io.output.next().await {
            said.extend_from_slice(&bytes);
        }
    };
    if tokio::time::timeout(SETUP, talk).await.is_err() {
        return Err(failed(format!("no end within {} s", SETUP.as_secs())));
    }
    let said = String::from_utf8_lossy(&said);
    match said.lines().last() {
        Some("own" | "stand-in") => Ok(()),
        Some(line) if line.starts_with("none ") => Ok(()),
        _ => Err(failed(said.trim().to_owned())),
    }
}
