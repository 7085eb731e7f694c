//! `seatrial audit`.

use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, ValueEnum};

use super::App;
use super::deliver::deliver;
use super::error::CliError;
use super::examples::AUDIT_EXAMPLES;
use super::out::Stream;
use super::project::{self, RootArgs, WorkflowFile};
use super::{project_files, screen};
use crate::audit::{Finding, Report, Subject, audit as look};
use crate::plan::Project;
use crate::record::Cause;
use crate::report::{self, Look};
use crate::scan::Severity;
use crate::settings::{self, ConfigFile};
use crate::workflow;

/// `seatrial audit`.
#[derive(Debug, Default, Clone, ClapArgs)]
#[command(after_help = AUDIT_EXAMPLES)]
pub(super) struct AuditArgs {
    /// The workflows: paths, or names in .github/workflows such as test.yml [default: all]
    #[arg(value_name = "WORKFLOW")]
    workflows: Vec<String>,
    /// Whose.
    #[command(flatten)]
    root: RootArgs,
    /// Fail for findings of this severity and above: info, low, medium, high or none
    /// [default: high]
    #[arg(long, value_name = "SEVERITY", value_parser = limit, help_heading = "Verdict")]
    fail_on: Option<Limit>,
    /// How the result is written
    #[arg(
        long,
        short,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        help_heading = "Output"
    )]
    format: AuditFormat,
    /// Write the result to a file instead of standard output
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
}

/// The severity from which findings are denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Limit(Option<Severity>);

fn limit(text: &str) -> Result<Limit, String> {
    settings::audit_fail_on(&text.to_ascii_lowercase()).map(Limit)
}

/// How an audit is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum AuditFormat {
    /// For people
    #[default]
    Table,
    /// For programs
    Json,
    /// For GitHub's code scanning and other viewers
    Sarif,
}

/// Audits. Gives the exit code.
pub(super) fn audit(app: &App, args: &AuditArgs) -> u8 {
    match try_audit(app, args) {
        Ok(code) => code,
        Err(error) => app.fail(&error),
    }
}

fn try_audit(app: &App, args: &AuditArgs) -> Result<u8, CliError> {
    let root = match project::root(app, args.root.path()) {
        Ok(root) => root,
        // A file needs no repository, unless one is named that is none.
        Err(_) if !args.workflows.is_empty() && args.root.path().is_none() => PathBuf::from("."),
        Err(error) => return Err(error),
    };
    let mut policy = ConfigFile::load(&root)?.audit;
    if let Some(limit) = args.fail_on {
        policy.fail_on = limit.0;
    }
    let mut report = Report {
        files: Vec::new(),
        unread: Vec::new(),
        findings: Vec::new(),
    };
    for (name, file) in files(&root, &args.workflows)? {
        // One that cannot be read does not keep the others from being looked at.
        match file.and_then(|file| Ok((findings(&root, &file)?, file))) {
            Ok((found, file)) => {
                report.files.push(file.name);
                report.findings.extend(found);
            }
            Err(error) => {
                app.fail(&error);
                report.unread.push(name);
            }
        }
    }
    report.findings = policy.apply(report.findings);
    let text = form(app, args, &report);
    deliver(app, args.output.as_deref(), &text)?;
    Ok(report.exit_code())
}

/// A workflow file by its name, or why it cannot be read.
type Read = (String, Result<WorkflowFile, CliError>);

/// The workflow files that are asked for, or all, each once.
fn files(root: &Path, asked: &[String]) -> Result<Vec<Read>, CliError> {
    if !asked.is_empty() {
        let mut found: Vec<Read> = Vec::new();
        for asked in asked {
            let file = project::named(root, asked)?;
            if !found.iter().any(|(known, _)| *known == file.name) {
                found.push((file.name.clone(), Ok(file)));
            }
        }
        return Ok(found);
    }
    let paths = project::files(root);
    if paths.is_empty() {
        return Err(CliError::new(
            Cause::Usage,
            ".github/workflows holds no workflow",
        ));
    }
    let name = |path: &Path| {
        let within = path.strip_prefix(root).unwrap_or(path);
        within.display().to_string()
    };
    Ok(paths
        .into_iter()
        .map(|path| (name(&path), project::read(root, path)))
        .collect())
}

/// What is found in a file.
fn findings(root: &Path, file: &WorkflowFile) -> Result<Vec<Finding>, CliError> {
    let parsed = workflow::parse(&file.text).map_err(|problems| {
        let problems = problems
            .into_iter()
            .map(|problem| (Cause::WorkflowInvalid, problem))
            .collect();
        CliError::of_problems(&file.name, &file.text, problems, Default::default())
    })?;
    let project = Project::read(&project_files::read(root, &parsed.workflow));
    Ok(look(&Subject {
        path: &file.name,
        text: &file.text,
        workflow: &parsed.workflow,
        project: &project,
    }))
}

fn form(app: &App, args: &AuditArgs, report: &Report) -> String {
    match args.format {
        AuditFormat::Json => report::json_text(&report::audit_json(report)),
        AuditFormat::Sarif => report::json_text(&report::audit_sarif(report)),
        AuditFormat::Table => {
            let to_file = args.output.is_some();
            let look = Look {
                colour: !to_file && Stream::Stdout.colour(),
                ascii: app.environment.ascii(),
            };
            report::audit_text(report, screen::width(app, Stream::Stdout), look)
        }
    }
}
