//! What an image, its Dockerfile and its workflow hold that they should not: policy,
//! packages, vulnerabilities.
//!
//! Text and archives in, [`Finding`]s out. Only `edge/` touches the world; the rest of
//! the room is pure. An image is read, never run.

mod context;
mod dockerfile;
mod edge;
mod file_secrets;
mod finding;
mod foreign;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzz_readers;
mod image;
mod image_rules;
mod options;
mod osv;
mod packages;
mod pipe;
mod policy;
mod reference;
mod report;
mod rule;
#[cfg(test)]
mod rule_tests;
mod secret;
mod vulnerabilities;

pub(crate) use context::check as check_context;
pub(crate) use dockerfile::{base as check_base, check as check_dockerfile};
pub(crate) use edge::{
    Contents, compose_files, download, read_archive, read_database, run_scanner, unwanted,
};
pub(crate) use finding::{FilePlace, Finding, Level, Place, Severity};
#[cfg(test)]
pub(crate) use finding::{ImagePlace, Vulnerable};
pub(crate) use foreign::Foreign;
pub(crate) use image::Image;
pub(crate) use image_rules::{Origin, check as check_image, size};
pub(crate) use options::{of_compose, of_problem, of_workflow};
pub(crate) use packages::{OsRelease, Package, PackageKind};
pub(crate) use policy::{Ignore, Override, Policy};
pub(crate) use report::{Checked, Report, Target};
pub(crate) use rule::Rule;
pub(crate) use vulnerabilities::{Outcome, Search, ecosystems, none_checked, overlooked, too_old};
