//! `seatrial report`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Args as ClapArgs;

use super::App;
use super::comment::{self, CommentArgs};
use super::deliver::{deliver, write};
use super::error::CliError;
use super::examples::REPORT_EXAMPLES;
use super::history;
use super::page;
use super::saved::{self, Saved};
use super::triage;
use crate::record::{Cause, EXIT_SUCCESS};
use crate::report;
use crate::results;

/// `seatrial report`.
#[derive(Debug, Default, Clone, ClapArgs)]
#[command(after_help = REPORT_EXAMPLES)]
pub(super) struct ReportArgs {
    /// The run
    #[arg(value_name = "RUN", default_value = "latest")]
    run: String,
    /// The form of the report.
    #[command(flatten)]
    form: Form,
    /// Shows it at GitHub instead.
    #[command(flatten)]
    comment: CommentArgs,
    /// Write to this file, or to standard output with `-` [default: the page into the run's
    /// folder, everything else to standard output]
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
    /// Show the page in the browser
    #[arg(
        long,
        conflicts_with_all = ["summary", "junit", "sarif", "json"],
        help_heading = "Output"
    )]
    open: bool,
    /// The repository whose runs are meant [default: the nearest folder above that has some]
    /// [env: SEATRIAL_ROOT]
    #[arg(long, value_name = "DIR", help_heading = "Selection")]
    root: Option<PathBuf>,
}

/// The form of a report.
#[derive(Debug, Default, Clone, Copy, ClapArgs)]
#[group(multiple = false)]
struct Form {
    /// A page for the browser, one file that needs nothing else (the default)
    #[arg(long, help_heading = "Form")]
    html: bool,
    /// Markdown, as the step summary in GitHub Actions
    #[arg(long, help_heading = "Form")]
    summary: bool,
    /// All tests as JUnit XML
    #[arg(long, help_heading = "Form")]
    junit: bool,
    /// What failed, for GitHub's code scanning and other viewers
    #[arg(long, help_heading = "Form")]
    sarif: bool,
    /// The record, as run.json has it
    #[arg(long, help_heading = "Form")]
    json: bool,
}

impl Form {
    /// Whether any is asked for.
    fn is_given(self) -> bool {
        self.html || self.summary || self.junit || self.sarif || self.json
    }
}

/// Writes a report. Gives the exit code.
pub(super) fn report(app: &App, args: &ReportArgs) -> u8 {
    match try_report(app, args) {
        Ok(()) => EXIT_SUCCESS,
        Err(error) => app.fail(&error),
    }
}

fn try_report(app: &App, args: &ReportArgs) -> Result<(), CliError> {
    let root = saved::root(app, args.root.as_deref())?;
    let saved = saved::open(root.as_deref(), &args.run)?;
    if saved.salvaged {
        app.out.warning(saved::SALVAGED);
    }
    if args.comment.is_asked() {
        if args.form.is_given() || args.output.is_some() || args.open {
            let message = "--comment shows the summary, and writes nothing here";
            return Err(CliError::new(Cause::Usage, message).with_hint("leave out the form and -o"));
        }
        return comment::comment(
            app,
            args.comment,
            root.as_deref(),
            &saved.record,
            triage::of_failed(&saved.record, &saved.folder).as_ref(),
        );
    }
    let stdout = args.output.as_deref() == Some(Path::new("-"));
    let form = args.form;
    if form.summary || form.junit || form.sarif || form.json {
        let text = text(&saved, form)?;
        let file = args.output.as_deref().filter(|_| !stdout);
        return deliver(app, file, &text);
    }
    let past = history::beside(app, root.as_deref());
    let text = page::page(&saved.record, &saved.folder, root.as_deref(), past.as_ref());
    if stdout {
        app.out.data(&text);
        return Ok(());
    }
    let path = match &args.output {
        Some(path) => path.clone(),
        None => saved.folder.join(page::PAGE),
    };
    write(&path, &text).map_err(|error| error.with_hint("-o FILE writes it elsewhere"))?;
    app.out.data(&format!("{}\n", path.display()));
    if args.open {
        open(app, &path)?;
    }
    Ok(())
}

/// Shows a file in the browser, which is not waited for.
fn open(app: &App, path: &Path) -> Result<(), CliError> {
    let failed = |why: &str| {
        let message = format!("{} cannot be opened: {why}", path.display());
        CliError::new(Cause::Usage, message).with_hint("open it in a browser yourself")
    };
    let program = ["xdg-open", "open"]
        .iter()
        .find_map(|name| app.environment.which(name))
        .ok_or_else(|| failed("there is no xdg-open on the PATH"))?;
    Command::new(program)
        .arg(path)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map(drop)
        .map_err(|error| failed(&error.to_string()))
}

fn text(saved: &Saved, form: Form) -> Result<String, CliError> {
    let record = &saved.record;
    if form.summary {
        let mut page =
            report::step_summary(record, triage::of_failed(record, &saved.folder).as_ref());
        let rest = report::SUMMARY_BYTES.saturating_sub(page.len());
        page.push_str(&report::summaries(record, rest));
        Ok(page)
    } else if form.junit {
        // The run's own file has more: what its tests wrote, without its secrets.
        let kept = std::fs::read_to_string(saved.folder.join("junit.xml"));
        let text = kept
            .ok()
            .or_else(|| results::junit::of_run(record, |_| None));
        text.ok_or_else(|| {
            let message = format!("no test of the run {} left a report", record.info.id);
            CliError::new(Cause::ReportMissing, message)
        })
    } else if form.sarif {
        Ok(report::json_text(&report::run_sarif(record)))
    } else {
        Ok(report::json_text(&report::result_json(record)))
    }
}
