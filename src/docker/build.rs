//! The engine's own builder.

use std::collections::HashMap;

use bollard::query_parameters::BuildImageOptions;
use futures_util::{Stream, StreamExt};

use super::archive::TarBody;
use super::client::Docker;
use super::error::DockerError;
use super::labels::LABEL_IMAGE;

/// A piece of a build's progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BuildStep {
    /// A line of output.
    Line(String),
    /// The id of the image.
    Image(String),
}

impl Docker {
    /// Builds an image from a tar stream with the engine's own builder.
    pub(crate) fn build_classic(
        &self,
        context: TarBody,
        dockerfile: &str,
        target: Option<&str>,
        args: &[(String, String)],
        tag: &str,
    ) -> impl Stream<Item = Result<BuildStep, DockerError>> + use<'_> {
        let options = BuildImageOptions {
            dockerfile: dockerfile.to_owned(),
            t: Some(tag.to_owned()),
            target: target.unwrap_or_default().to_owned(),
            buildargs: Some(args.iter().cloned().collect::<HashMap<_, _>>()),
            labels: Some(HashMap::from([(LABEL_IMAGE.to_owned(), tag.to_owned())])),
            rm: true,
            forcerm: true,
            ..BuildImageOptions::default()
        };
        self.api
            .build_image(options, None, Some(bollard::body_try_stream(context)))
            .flat_map(|piece| {
                let steps: Vec<Result<BuildStep, DockerError>> = match piece {
                    Err(error) => vec![Err(DockerError::of("build image", &error))],
                    Ok(info) => {
                        let mut steps = Vec::new();
                        if let Some(error) = info.error_detail.and_then(|detail| detail.message) {
                            steps.push(Err(DockerError::Refused {
                                call: "build image",
                                status: 200,
                                message: error,
                            }));
                        }
                        if let Some(text) = info.stream {
                            steps.extend(
                                text.lines()
                                    .filter(|line| !line.trim().is_empty())
                                    .map(|line| Ok(BuildStep::Line(line.trim_end().to_owned()))),
                            );
                        }
                        if let Some(id) = info.aux.and_then(|aux| aux.id) {
                            steps.push(Ok(BuildStep::Image(id)));
                        }
                        steps
                    }
                };
                futures_util::stream::iter(steps)
            })
    }
}
