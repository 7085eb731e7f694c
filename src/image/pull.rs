//! Images that are taken as they are.

use crate::docker::{Credentials, Docker, ImageInfo};
use crate::plan::is_of_the_kernel;
use crate::record::{Cause, Failure};

/// How an image may be had that is not on the engine.
#[derive(Debug, Clone, Default)]
pub(crate) struct Access {
    /// Who pulls it.
    pub(crate) credentials: Option<Credentials>,
    /// Another platform than the engine's own: `linux/arm64`.
    pub(crate) platform: Option<String>,
}

impl Access {
    /// The user who pulls; empty for anybody.
    pub(crate) fn user(&self) -> &str {
        self.credentials
            .as_ref()
            .map_or("", |credentials| credentials.username.as_str())
    }
}

/// An image as it is on the engine, pulled where it is not there, and where it came
/// from, in words.
///
/// # Errors
/// The registry cannot be reached, does not have it, or does not give it.
pub(crate) async fn reference(
    docker: &Docker,
    reference: &str,
    access: &Access,
) -> Result<(ImageInfo, &'static str), Failure> {
    let (found, whence) = match docker.image(reference).await {
        Ok(found) => (found, "on the engine"),
        Err(error) if error.is_not_found() => (pull(docker, reference, access).await?, "pulled"),
        Err(error) => return Err(error.failure()),
    };
    check_workdir(reference, &found)?;
    Ok((found, whence))
}

/// Refuses an image whose containers would begin in a folder of the kernel's.
pub(super) fn check_workdir(image: &str, found: &ImageInfo) -> Result<(), Failure> {
    if !is_of_the_kernel(&found.workdir) {
        return Ok(());
    }
    let message = format!(
        "the image `{image}` has the working folder `{}`, which belongs to the kernel",
        found.workdir
    );
    Err(Failure::new(Cause::ImageUnusable, message)
        .with_evidence("change `WORKDIR` in its Dockerfile"))
}

async fn pull(docker: &Docker, reference: &str, access: &Access) -> Result<ImageInfo, Failure> {
    let pulled = docker
        .pull(
            reference,
            access.platform.as_deref(),
            access.credentials.as_ref(),
        )
        .await;
    if let Err(error) = pulled {
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
            format!("the image `{reference}` is not on the engine and cannot be pulled: {text}"),
        ));
    }
    docker
        .image(reference)
        .await
        .map_err(|error| error.failure())
}
