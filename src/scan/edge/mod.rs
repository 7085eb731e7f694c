//! Where scans touch the world: archives of images, databases, other scanners. The rest
//! of the room is pure.

mod archive;
mod context;
mod database;
mod download;
mod scanner;

pub(crate) use archive::read as read_archive;
pub(crate) use context::{compose_files, unwanted};
pub(crate) use database::{Contents, read as read_database};
pub(crate) use download::download;
pub(crate) use scanner::run as run_scanner;
