//! `[services]` of `seatrial.toml`.

use std::path::{Component, Path};

use serde::Deserialize;
use toml::Spanned;

use super::file::Reader;
use crate::plan::ServicesUse;

/// The table as TOML sees it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ServicesTable {
    compose: Option<Spanned<String>>,
    jobs: Vec<Spanned<String>>,
    skip: Vec<Spanned<String>>,
}

impl Reader<'_> {
    /// The compose file whose services jobs get, where the table names one.
    pub(super) fn services(&mut self, table: ServicesTable) -> Option<ServicesUse> {
        if let (None, Some(other)) = (&table.compose, table.jobs.first().or(table.skip.first())) {
            self.wrong(
                other.span(),
                "the services of no file are meant",
                "name it: `compose = \"docker-compose.test.yml\"`",
            );
        }
        let mut texts = |key: &str, list: Vec<Spanned<String>>| -> Vec<String> {
            list.into_iter()
                .filter_map(|one| self.some_text(key, Some(one)))
                .collect()
        };
        let (jobs, skip) = (texts("jobs", table.jobs), texts("skip", table.skip));
        let compose = table.compose?;
        let file = compose.get_ref().trim_start_matches("./");
        let read = in_repository(file);
        let file = self.checked("compose", compose.span(), read)?;
        Some(ServicesUse { file, jobs, skip })
    }
}

/// A path that leads to a file of the repository.
pub(super) fn in_repository(path: &str) -> Result<String, String> {
    let plain = |part| matches!(part, Component::Normal(_));
    if !path.is_empty() && Path::new(path).components().all(plain) {
        Ok(path.to_owned())
    } else {
        Err("expected a file of the repository, such as \"docker-compose.test.yml\"".to_owned())
    }
}
