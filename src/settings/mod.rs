//! What the user asked for, beside the workflow: flag over environment over
//! `seatrial.toml` over default.
//!
//! The only room that reads the environment; [`Environment`] names every variable.

mod audit;
mod budgets;
mod cache;
mod compare;
mod coverage;
mod environment;
mod error;
mod file;
mod flags;
mod github;
mod given;
mod history;
mod images;
mod keys;
mod machine;
mod place;
mod quarantine;
mod resolve;
mod rollout;
mod scan;
mod secrets;
mod services;
#[cfg(test)]
mod tests;
mod values;

pub(crate) use audit::audit_fail_on;
pub(crate) use cache::{CacheFlag, CacheFlags, builder, cache_from, cache_to, caches};
pub(crate) use coverage::{CoverageAsked, CoverageFlags, package_min};
pub(crate) use environment::Environment;
pub(crate) use error::{FileError, ValueError};
pub(crate) use file::ConfigFile;
pub(crate) use flags::{EngineKind, Flags, ImageFlag, SecretFlag};
pub(crate) use github::{NamedRepository, github, pull_request};
pub(crate) use given::{Ca, ca, given, given_by_file};
pub(crate) use history::HistoryAsked;
pub(crate) use images::BuiltFrom;
pub(crate) use keys::{schema as settings_schema, template as settings_template};
pub(crate) use resolve::{Settings, SettingsError, Source, Sourced};
pub(crate) use scan::{ScannerKind, fail_on};
pub(crate) use secrets::SecretCommand;
pub(crate) use values::{action, age, image, memory, pair, percent, retries};
