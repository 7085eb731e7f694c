//! Images: look up and pull.

use bollard::query_parameters::CreateImageOptions;
use futures_util::StreamExt;

use super::client::{Docker, LONG, SHORT, deadline};
use super::error::DockerError;

/// What the engine says of an image.
#[derive(Debug, Clone, Default)]
pub(crate) struct ImageInfo {
    /// Its id.
    pub(crate) id: String,
    /// Its user, as written in the image; empty for root.
    pub(crate) user: String,
    /// Its working folder; empty for `/`.
    pub(crate) workdir: String,
}

impl Docker {
    /// Looks up an image by reference or id.
    pub(crate) async fn image(&self, reference: &str) -> Result<ImageInfo, DockerError> {
        let found = deadline("inspect image", SHORT, self.api.inspect_image(reference)).await?;
        let config = found.config.unwrap_or_default();
        Ok(ImageInfo {
            id: found.id.unwrap_or_default(),
            user: config.user.unwrap_or_default(),
            workdir: config.working_dir.unwrap_or_default(),
        })
    }

    /// Pulls an image from its registry.
    pub(crate) async fn pull(&self, reference: &str) -> Result<(), DockerError> {
        // Without a tag the engine would pull every tag there is.
        let last = reference.rsplit('/').next().unwrap_or(reference);
        let reference = if last.contains(':') || last.contains('@') {
            reference.to_owned()
        } else {
            format!("{reference}:latest")
        };
        let options = CreateImageOptions {
            from_image: Some(reference),
            ..CreateImageOptions::default()
        };
        let mut progress = Box::pin(self.api.create_image(Some(options), None, None));
        loop {
            // Each piece of progress starts the time anew: a slow pull is fine, a
            // silent one is not.
            match tokio::time::timeout(LONG, progress.next()).await {
                Err(_) => {
                    return Err(DockerError::Unresponsive {
                        call: "pull image",
                        limit: LONG,
                    });
                }
                Ok(None) => return Ok(()),
                Ok(Some(Ok(_))) => {}
                Ok(Some(Err(error))) => return Err(DockerError::of("pull image", &error)),
            }
        }
    }
}
