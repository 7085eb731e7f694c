//! `seatrial scan`.

mod args;
mod images;
mod repository;
mod vulnerabilities;

use super::App;
use super::deliver::{deliver, write};
use super::error::CliError;
use super::out::Stream;
use super::{project, screen};
use crate::report::{self, Look};
use crate::scan::{Policy, Report};
use crate::settings::{ConfigFile, ScannerKind};

pub(super) use args::ScanArgs;
use args::ScanFormat;
use images::{Scanned, Subject};

/// What a scan knows when it begins.
struct Scope<'a> {
    app: &'a App,
    args: &'a ScanArgs,
    /// The repository, where the current folder is in one.
    root: Option<std::path::PathBuf>,
    /// `seatrial.toml`.
    file: ConfigFile,
    /// What findings lead to.
    policy: Policy,
}

/// Scans. Gives the exit code.
pub(super) async fn scan(app: &App, args: &ScanArgs) -> u8 {
    match try_scan(app, args).await {
        Ok(code) => code,
        Err(error) => app.fail(&error),
    }
}

async fn try_scan(app: &App, args: &ScanArgs) -> Result<u8, CliError> {
    let named = args.image.is_some() || args.input.is_some();
    let root = match project::root(app, args.root.path()) {
        Ok(root) => Some(root),
        // An image needs no repository, unless one is named that is none.
        Err(_) if named && args.root.path().is_none() => None,
        Err(error) => return Err(error),
    };
    let file = match &root {
        Some(root) => ConfigFile::load(root)?,
        None => ConfigFile::default(),
    };
    let mut policy = file.scan.policy.clone();
    if let Some(limit) = args.fail_on {
        policy.fail_on = limit.0;
    }
    let scope = Scope {
        app,
        args,
        root,
        file,
        policy,
    };
    let mut scanned = Scanned::default();
    let subjects: Vec<Subject> = if let Some(path) = &args.input {
        vec![Subject::of_file(path)]
    } else if let Some(image) = &args.image {
        vec![Subject::of_image(image)]
    } else {
        repository::look(&scope, &mut scanned)?
    };
    images::look(&scope, &subjects, &mut scanned).await?;
    let now = jiff::Timestamp::now();
    let (checked, ignored) = vulnerabilities::look(&scope, now, &mut scanned).await?;
    let report = Report {
        targets: scanned.targets,
        findings: scope.policy.apply(scanned.findings),
        notices: scanned.notices,
        checked,
        made: now,
        ignored,
    };
    if let Some(path) = &args.sbom {
        write(path, &report::json_text(&report::scan_sbom(&report)))?;
    }
    let text = form(app, args, &report);
    deliver(app, args.output.as_deref(), &text)?;
    Ok(report.exit_code())
}

impl Scope<'_> {
    /// What looks for vulnerabilities.
    fn scanner(&self) -> ScannerKind {
        self.args
            .scanner
            .or(self.file.scan.scanner)
            .unwrap_or_default()
    }
}

fn form(app: &App, args: &ScanArgs, report: &Report) -> String {
    match args.format {
        ScanFormat::Json => report::json_text(&report::scan_json(report)),
        ScanFormat::Sarif => report::json_text(&report::scan_sarif(report)),
        ScanFormat::Table => {
            let to_file = args.output.is_some();
            let look = Look {
                colour: !to_file && Stream::Stdout.colour(),
                ascii: app.environment.ascii(),
            };
            report::scan_text(report, screen::width(app, Stream::Stdout), look)
        }
    }
}
