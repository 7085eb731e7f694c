//! Images that seatrial built.

use std::collections::HashMap;

use bollard::query_parameters::{ListImagesOptions, RemoveImageOptions};

use super::client::{Docker, Weight};
use super::error::DockerError;
use super::labels::LABEL_IMAGE;

/// An image with seatrial's label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OwnImage {
    /// Its id.
    pub(crate) id: String,
    /// What the label says: the tag that moves to the newest of its kind.
    pub(crate) label: String,
    /// All its names, `repository:tag`.
    pub(crate) names: Vec<String>,
    /// Bytes, those of its base included.
    pub(crate) size: u64,
    /// When it was given a name last, which every use of it does, in seconds since the Unix
    /// epoch; else when it was made.
    pub(crate) used: i64,
}

impl Docker {
    /// The images that bear seatrial's label. Those that are built on one bear it, too.
    pub(crate) async fn own_images(&self) -> Result<Vec<OwnImage>, DockerError> {
        let options = || ListImagesOptions {
            filters: Some(HashMap::from([(
                "label".to_owned(),
                vec![LABEL_IMAGE.to_owned()],
            )])),
            ..ListImagesOptions::default()
        };
        let found = self
            .repeated("list images", Weight::Light, || {
                self.api.list_images(Some(options()))
            })
            .await?;
        let mut own = Vec::new();
        for image in found {
            let Some(label) = image.labels.get(LABEL_IMAGE) else {
                continue;
            };
            // Gone since it was listed, or nothing that tells when: its making counts.
            let tagged = self
                .repeated("inspect image", Weight::Light, || {
                    self.api.inspect_image(&image.id)
                })
                .await
                .ok()
                .and_then(|found| found.metadata?.last_tag_time)
                .and_then(|time| time.parse::<jiff::Timestamp>().ok())
                .map_or(0, jiff::Timestamp::as_second);
            own.push(OwnImage {
                label: label.clone(),
                names: image.repo_tags,
                size: u64::try_from(image.size).unwrap_or(0),
                used: tagged.max(image.created),
                id: image.id,
            });
        }
        Ok(own)
    }

    /// Takes a name from an image, and removes the image with its last name. Tells whether
    /// that was done: an image that a container uses stays.
    pub(crate) async fn remove_image_name(&self, name: &str) -> Result<bool, DockerError> {
        let options = || RemoveImageOptions::default();
        let removed = self
            .repeated("remove image", Weight::Heavy, || {
                self.api.remove_image(name, Some(options()), None)
            })
            .await;
        match removed {
            Ok(_) => Ok(true),
            Err(error) if error.is_not_found() || error.is_conflict() => Ok(false),
            Err(error) => Err(error),
        }
    }
}
