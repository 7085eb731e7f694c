//! Images that are taken as they are.

use crate::docker::Docker;
use crate::record::{Cause, Failure};

/// Pulls an image and gives its id.
///
/// # Errors
/// The registry cannot be reached, does not have it, or does not give it.
pub(super) async fn pull(docker: &Docker, reference: &str) -> Result<String, Failure> {
    if let Err(error) = docker.pull(reference).await {
        let text = error.to_string();
        let has = |part: &str| text.to_ascii_lowercase().contains(part);
        let cause = if has("unauthorized") || has("authentication required") {
            Cause::ImageAuth
        } else if has("manifest unknown")
            || has("not found")
            || has("does not exist")
            || has("access denied")
        {
            Cause::ImageNotFound
        } else if has("no such host")
            || has("timeout")
            || has("connection refused")
            || has("tls")
            || has("eof")
            || has("network")
        {
            Cause::ImagePullNetwork
        } else {
            error.cause()
        };
        return Err(Failure::new(
            cause,
            format!("the image {reference} is not on the engine and cannot be pulled: {text}"),
        ));
    }
    docker
        .image(reference)
        .await
        .map(|found| found.id)
        .map_err(|error| error.failure())
}
