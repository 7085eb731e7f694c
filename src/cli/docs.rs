//! `seatrial docs`: pages that are made of the code.

use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, CommandFactory, ValueEnum};

use super::App;
use super::args::Args;
use super::deliver::{deliver, unwritable};
use super::error::CliError;
use crate::record::{Cause, EXIT_SUCCESS};
use crate::report::{self, actions_markdown, exit_codes_markdown, signatures_markdown};
use crate::settings::settings_schema;

/// `seatrial docs`.
#[derive(Debug, Clone, ClapArgs)]
pub(super) struct DocsArgs {
    /// The page
    #[arg(value_enum)]
    pub(super) page: Page,
    /// The folder that pages of several files go to
    #[arg(long, short, value_name = "DIR")]
    pub(super) output: Option<PathBuf>,
}

/// Pages that are generated from the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Page {
    /// Exit codes and failure reasons, docs/exit-codes.md
    ExitCodes,
    /// What failures look like, docs/signatures.md
    Signatures,
    /// What of GitHub Actions means what here
    Compatibility,
    /// Actions that have a meaning here, the tables of docs/actions.md
    Actions,
    /// The JSON schema of seatrial.toml, docs/seatrial.schema.json
    Schema,
    /// Manual pages, one for each command, in the folder of --output
    Man,
}

/// Writes a page. Gives the exit code.
pub(super) fn docs(app: &App, args: &DocsArgs) -> u8 {
    match try_docs(app, args) {
        Ok(()) => EXIT_SUCCESS,
        Err(error) => app.fail(&error),
    }
}

fn try_docs(app: &App, args: &DocsArgs) -> Result<(), CliError> {
    let text = match args.page {
        Page::ExitCodes => exit_codes_markdown(),
        Page::Signatures => signatures_markdown(),
        // Made by a test, which has the scenarios at hand.
        Page::Compatibility => include_str!("../../docs/compatibility.md").to_owned(),
        Page::Actions => actions_markdown(),
        Page::Schema => report::json_text(&settings_schema()),
        Page::Man => return man(args.output.as_deref()),
    };
    deliver(app, args.output.as_deref(), &text)
}

/// Writes the manual pages into a folder.
fn man(folder: Option<&Path>) -> Result<(), CliError> {
    let folder = folder.ok_or_else(|| {
        CliError::new(Cause::Usage, "manual pages are several files")
            .with_hint("--output DIR names the folder that they go to")
    })?;
    std::fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
    for (name, page) in pages() {
        let path = folder.join(format!("{name}.1"));
        std::fs::write(&path, page).map_err(|error| unwritable(&path, &error))?;
    }
    Ok(())
}

/// The manual pages, by their names without the section: of each command that help shows.
fn pages() -> Vec<(String, Vec<u8>)> {
    let mut whole = Args::command().disable_help_subcommand(true);
    whole.build();
    let mut pages = Vec::new();
    add(&whole, "seatrial", &mut pages);
    pages
}

fn add(command: &clap::Command, name: &str, pages: &mut Vec<(String, Vec<u8>)>) {
    let named = command.clone().display_name(name.to_owned());
    let mut page = Vec::new();
    // Writing into memory cannot fail.
    let source = concat!("seatrial ", env!("CARGO_PKG_VERSION"));
    let man = clap_mangen::Man::new(named).source(source);
    if man.render(&mut page).is_ok() {
        pages.push((name.to_owned(), page));
    }
    let shown = command.get_subcommands().filter(|one| !one.is_hide_set());
    for one in shown.filter(|one| one.get_name() != "help") {
        add(one, &format!("{name}-{}", one.get_name()), pages);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, clippy::unwrap_used)]

    use super::*;

    #[test]
    fn each_command_has_its_manual_page() {
        let pages = pages();
        let names: Vec<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
        for name in ["seatrial", "seatrial-run", "seatrial-coverage-merge"] {
            assert!(names.contains(&name), "{names:?}");
        }
        for hidden in ["seatrial-watchdog", "seatrial-docs", "seatrial-help"] {
            assert!(!names.contains(&hidden), "{hidden}");
        }
        for (name, page) in &pages {
            let text = String::from_utf8(page.clone()).unwrap();
            for part in [".TH", ".SH NAME", ".SH SYNOPSIS", ".SH DESCRIPTION"] {
                assert!(text.contains(part), "{name}: {part}");
            }
            assert!(text.contains(&name.replace('-', "\\-")), "{name}");
        }
    }

    #[test]
    fn the_schema_is_the_one_in_the_documentation() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/seatrial.schema.json");
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        if kept != report::json_text(&settings_schema()) {
            panic!("`seatrial docs schema > docs/seatrial.schema.json` renews it");
        }
    }
}
