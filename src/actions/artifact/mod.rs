//! `actions/upload-artifact` and `actions/download-artifact`: files out of a job
//! under a name, and into another job of the same run. Version 4 of the actions,
//! and version 3 where it differs.

mod download;
mod merge;
mod store;
mod upload;

pub(super) use download::download;
pub(super) use merge::merge;
pub(super) use upload::upload;
