//! Looking for vulnerabilities: in a database, or by another scanner.

use std::path::{Path, PathBuf};

use super::Scope;
use super::images::Scanned;
use crate::cli::error::CliError;
use crate::record::Cause;
use crate::scan::{self, Checked, Finding, Foreign, Outcome, Policy, Rule, Search, Target};
use crate::settings::ScannerKind;

/// How vulnerabilities were looked for, and those that the settings look over.
pub(super) async fn look(
    scope: &Scope<'_>,
    now: jiff::Timestamp,
    scanned: &mut Scanned,
) -> Result<(Checked, Vec<(String, String)>), CliError> {
    let (checked, outcome) = match scope.scanner() {
        ScannerKind::None => (
            Checked::Not("the scanner is `none`".to_owned()),
            Outcome::default(),
        ),
        ScannerKind::Trivy => by_scanner(scope, Foreign::Trivy, now, &scanned.targets).await?,
        ScannerKind::Grype => by_scanner(scope, Foreign::Grype, now, &scanned.targets).await?,
        ScannerKind::Osv => in_database(scope, now, scanned).await?,
    };
    scanned.findings.extend(outcome.findings);
    if let Checked::Not(why) = &checked
        && scope.wants_vulnerabilities()
    {
        scanned
            .findings
            .extend(scan::none_checked(&scanned.targets, why));
    }
    Ok((checked, outcome.ignored))
}

impl Scope<'_> {
    /// Whether somebody asks for vulnerabilities, so that it is a finding when they could not
    /// be looked for.
    fn wants_vulnerabilities(&self) -> bool {
        let of_rule = self.policy.rules.contains_key(&Rule::NotChecked);
        let other = matches!(self.scanner(), ScannerKind::Trivy | ScannerKind::Grype);
        self.scanner() != ScannerKind::None && (of_rule || other || self.args.download)
    }
}

/// The day of a moment, in universal time: the same for everybody.
fn day(now: jiff::Timestamp) -> jiff::civil::Date {
    now.to_zoned(jiff::tz::TimeZone::UTC).date()
}

async fn by_scanner(
    scope: &Scope<'_>,
    scanner: Foreign,
    now: jiff::Timestamp,
    targets: &[Target],
) -> Result<(Checked, Outcome), CliError> {
    let name = scanner.name();
    let program = scope.app.environment.which(name).ok_or_else(|| {
        CliError::new(Cause::Usage, format!("`{name}` is not installed"))
            .with_hint("install it, or leave out `--scanner`")
    })?;
    let mut findings: Vec<Finding> = Vec::new();
    for target in targets {
        if target.id.is_empty() {
            return Err(CliError::new(
                Cause::Usage,
                format!("`{name}` looks at images of the engine, not at a file"),
            ));
        }
        let answer = match scan::run_scanner(&program, scanner, &target.id).await {
            Ok(answer) => answer,
            // A scan says what it could do; a scanner without its database is no failure.
            Err(why) => return Ok((Checked::Not(why), Outcome::default())),
        };
        let found = scanner
            .findings(&answer, &target.name)
            .map_err(|why| CliError::new(Cause::ReportInvalid, why))?;
        findings.extend(found);
    }
    let outcome = scan::overlooked(findings, &scope.policy, day(now));
    Ok((Checked::Scanner(name.to_owned()), outcome))
}

/// The form of a database.
const FORM: &str =
    "a database is a folder of OSV's JSON files, or a zip of them: all.zip of an ecosystem";

async fn in_database(
    scope: &Scope<'_>,
    now: jiff::Timestamp,
    scanned: &mut Scanned,
) -> Result<(Checked, Outcome), CliError> {
    let Some((path, downloaded)) = database(scope, scanned).await else {
        let why = "there is no database (--db, --download, or scan.db in seatrial.toml)";
        return Ok((Checked::Not(why.to_owned()), Outcome::default()));
    };
    let source = scope.root.as_deref().map_or(path.as_path(), |root| {
        path.strip_prefix(root).unwrap_or(&path)
    });
    let source = source.display().to_string();
    let targets = scanned.targets.clone();
    let policy = scope.policy.clone();
    let today = day(now);
    let owned = path.clone();
    let search = move || search(&owned, &targets, &policy, today);
    let read = tokio::task::spawn_blocking(search).await;
    let (read, mut outcome) = match read {
        Ok(Ok(found)) if found.0.advisories > 0 => found,
        Ok(read) => {
            let why = match read {
                Ok(_) => format!("the database {source} has no advisory"),
                Err(error) => format!("the database {source} cannot be read: {error}"),
            };
            // One that somebody named has to be one; what a download left need not.
            if downloaded {
                return Ok((Checked::Not(why), Outcome::default()));
            }
            return Err(CliError::new(Cause::PathInvalid, why).with_hint(FORM));
        }
        Err(_) => {
            return Err(CliError::new(
                Cause::Invariant,
                "the reader of advisories did not come to an end",
            ));
        }
    };
    if read.unreadable > 0 {
        scanned.notices.push(format!(
            "{} files of {source} are no advisories",
            read.unreadable
        ));
    }
    outcome
        .findings
        .extend(scan::too_old(read.newest, now, &scope.policy, &source));
    let checked = Checked::Database {
        source,
        advisories: read.advisories,
        newest: read.newest,
    };
    Ok((checked, outcome))
}

fn search(
    path: &Path,
    targets: &[Target],
    policy: &Policy,
    today: jiff::civil::Date,
) -> std::io::Result<(scan::Contents, Outcome)> {
    let mut search = Search::new(targets);
    let read = scan::read_database(path, &mut |advisory| search.take(advisory))?;
    Ok((read, search.finish(policy, today)))
}

/// Where the database is: `--db` from the current folder, `scan.db` from the repository,
/// else what was downloaded once, or is now. And whether it is the latter.
async fn database(scope: &Scope<'_>, scanned: &mut Scanned) -> Option<(PathBuf, bool)> {
    if let Some(path) = &scope.args.db {
        return Some((path.clone(), false));
    }
    if let Some(named) = &scope.file.scan.db
        && !scope.args.download
    {
        let path = match &scope.root {
            Some(root) => root.join(named),
            None => PathBuf::from(named),
        };
        return Some((path, false));
    }
    let folder = scope.app.environment.cache().join("osv");
    if scope.args.download {
        download(scope, &folder, scanned).await;
    }
    folder.is_dir().then_some((folder, true))
}

/// Where OSV offers its advisories, a zip for each ecosystem (OSV's documentation, "Data
/// dumps").
const SERVER: &str = "https://osv-vulnerabilities.storage.googleapis.com";

/// Gets the advisories of the ecosystems that the images have packages of. Trouble is a
/// notice: what there was before is used.
async fn download(scope: &Scope<'_>, folder: &Path, scanned: &mut Scanned) {
    let Some(curl) = scope.app.environment.which("curl") else {
        scanned
            .notices
            .push("nothing was downloaded: `curl` is not installed".to_owned());
        return;
    };
    let server = scope.file.scan.server.as_deref().unwrap_or(SERVER);
    for ecosystem in scan::ecosystems(&scanned.targets) {
        scope
            .app
            .out
            .say(&format!("downloading the advisories of {ecosystem}"));
        let got = scan::download(&curl, server.trim_end_matches('/'), ecosystem, folder).await;
        if let Err(why) = got {
            scanned.notices.push(format!(
                "the advisories of {ecosystem} were not downloaded: {why}"
            ));
        }
    }
}
