//! The rules, a file for each family.

mod actions;
mod containers;
mod forgiven;
mod jobs;
mod repeated;
mod reports;
mod runners;
mod secrets;
mod services;
mod shells;
mod status;
mod swallowed;
mod unreached;

pub(crate) use swallowed::swallowed;

use super::finding::Finding;
use super::view::View;

/// What looks for one family.
type Check = fn(&View<'_>, &mut Vec<Finding>);

/// Every family.
pub(super) const ALL: &[Check] = &[
    swallowed::check,
    status::check,
    forgiven::check,
    reports::check,
    containers::check,
    services::check,
    repeated::check,
    unreached::check,
    jobs::check,
    actions::check,
    shells::check,
    secrets::check,
    runners::check,
];
