//! The summary of a run as one comment of a pull request, which changes its text with each run.

use std::path::Path;

use clap::Args as ClapArgs;

use super::App;
use super::error::CliError;
use super::github::connect;
use crate::github::{MOST_CHARACTERS, put_comment};
use crate::record::{Cause, RunRecord};
use crate::report;
use crate::settings;
use crate::triage::Diagnosis;

/// `--comment`.
#[derive(Debug, Default, Clone, Copy, ClapArgs)]
pub(super) struct CommentArgs {
    /// Show the summary in one comment of a pull request, which each run changes; without a
    /// number that of the event in GitHub Actions. Asks GitHub, see docs/github.md
    #[arg(
        long,
        value_name = "PR",
        num_args = 0..=1,
        require_equals = true,
        value_parser = clap::value_parser!(u64).range(1..),
        help_heading = "Output"
    )]
    comment: Option<Option<u64>>,
}

impl CommentArgs {
    /// Whether a comment is asked for.
    pub(super) fn is_asked(self) -> bool {
        self.comment.is_some()
    }

    /// The pull request: the one that is named, else that of the event that seatrial was
    /// started for. A made-up event has none.
    fn pull_request(self, app: &App) -> Option<u64> {
        self.comment
            .flatten()
            .or_else(|| settings::pull_request(&app.environment))
    }
}

/// Writes the comment of a run and says where it is.
///
/// # Errors
/// No pull request is known, or GitHub refuses.
pub(super) fn comment(
    app: &App,
    args: CommentArgs,
    root: Option<&Path>,
    record: &RunRecord,
    why: Option<&Diagnosis>,
) -> Result<(), CliError> {
    let Some(number) = args.pull_request(app) else {
        return Err(CliError::new(
            Cause::Usage,
            "--comment: this is no event of a pull request",
        )
        .with_hint("name it: --comment=7"));
    };
    let client = connect(app, root, None)?;
    let marker = marker(&record.info.workflow);
    // One byte is at most one character; the marker has a line of its own.
    let room = MOST_CHARACTERS.saturating_sub(marker.len() + 1);
    let text = report::step_summary_within(record, why, room);
    let put = put_comment(&client, number, &marker, &text)?;
    let what = match put.updated {
        true => "updated",
        false => "written",
    };
    app.out
        .say(&format!("the comment is {what}: {}", put.address));
    Ok(())
}

/// The same at the end of a run, whose verdict it must not change.
pub(super) fn after_run(
    app: &App,
    args: CommentArgs,
    root: &Path,
    record: &RunRecord,
    why: Option<&Diagnosis>,
) {
    if !args.is_asked() {
        return;
    }
    if args.pull_request(app).is_none() {
        // A workflow is written once for pushes and pull requests.
        app.out
            .say("--comment: no comment, as this is no event of a pull request");
        return;
    }
    if let Err(error) = comment(app, args, Some(root), record, why) {
        app.out.warning(&format!("no comment: {}", error.message));
        if let Some(hint) = &error.hint {
            app.out.hint(hint);
        }
    }
}

/// What the comment of a workflow begins with and is known by. Nobody sees it.
fn marker(workflow: &str) -> String {
    let fits = |one: char| one.is_alphanumeric() || "._/ ".contains(one);
    let name: String = workflow
        .chars()
        .map(|one| if fits(one) { one } else { '_' })
        .take(200)
        .collect();
    format!("<!-- seatrial: {name} -->")
}

#[cfg(test)]
mod tests {
    use super::marker;

    #[test]
    fn a_marker_is_one_comment_of_html() {
        let usual = marker(".github/workflows/test.yml");
        assert_eq!(usual, "<!-- seatrial: .github/workflows/test.yml -->");
        let hostile = marker("--> <b>\n@x");
        assert_eq!(hostile, "<!-- seatrial: ___ _b___x -->");
        assert!(marker(&"ä".repeat(500)).chars().count() < 230);
    }
}
