//! The Docker Engine API, narrowed to what seatrial uses.
//!
//! Every call has a deadline; every answer is checked; everything that is created
//! bears our labels. Nothing here knows of workflows.

mod archive;
mod build;
mod client;
mod connect;
mod container;
mod create;
mod error;
mod events;
mod exec;
mod image;
mod labels;
mod metered;
mod network;
mod own_images;
mod sweep;

pub(crate) use archive::{TarReader, tar_body};
pub(crate) use build::BuildStep;
pub(crate) use client::{Docker, Info, Version};
pub(crate) use connect::{Candidate, Connect, candidates};
pub(crate) use container::{ContainerState, OutputFrames};
pub(crate) use create::{ContainerSpec, HealthCheck, Limits, Program};
pub(crate) use error::DockerError;
pub(crate) use exec::ExecStart;
pub(crate) use image::{Credentials, ImageInfo};
pub(crate) use labels::{
    COMMAND_VARIABLE, LABEL_IMAGE, LABEL_JOB, LABEL_OWNER, LABEL_RUN, Owner, RUN_VARIABLE, is_alive,
};
pub(crate) use metered::{Metered, held_bytes};
pub(crate) use own_images::OwnImage;
pub(crate) use sweep::Leftover;
#[cfg(test)]
pub(crate) use sweep::LeftoverKind;
