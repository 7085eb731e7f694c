//! `seatrial history import`.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use super::archive::Walk;
use super::of_github::{Fetched, fetch};
use super::shadow::{self, Gathered};
use super::{ImportArgs, asked, root};
use crate::cli::App;
use crate::cli::error::CliError;
use crate::cli::{project, saved};
use crate::history::{Added, Beside, Decision, Entry, Line, Purpose, Store, StoreError, is_name};
use crate::record::{Cause, EXIT_SUCCESS, RunRecord};
use crate::report::counted;
use crate::triage::{self, Matcher};
use crate::workflow::{self, Node};

/// Largest file, and largest line of an export, in bytes.
const LARGEST: u64 = 1 << 30;

/// What came of an import.
struct Import {
    store: Store,
    matcher: Matcher,
    new: u64,
    completed: u64,
    /// Runs and decisions that were there.
    known: u64,
    /// New decisions about a roll-out.
    decisions: u64,
    /// What could not be read, by file and line.
    bad: Vec<String>,
    /// Runs that were added or known: a folder has the events of a run beside its record.
    seen: HashSet<String>,
    /// Runs that only events tell of: their record may be in a file that follows.
    salvaged: Vec<Entry>,
    /// Parts of shadow records.
    gathered: Gathered,
    /// Why nothing more can be added.
    broken: Option<StoreError>,
}

/// Takes runs in. Gives the exit code: 2 where something could not be read.
pub(super) fn import(app: &App, args: &ImportArgs) -> Result<u8, CliError> {
    let root = root(app, args.root.path())?;
    let store = Store::open(&asked(app, &root, false)?.place, Purpose::Write)?;
    for notice in store.notices() {
        app.out.warning(notice);
    }
    let mut import = Import {
        store,
        matcher: Matcher::new(),
        new: 0,
        completed: 0,
        known: 0,
        decisions: 0,
        bad: Vec::new(),
        seen: HashSet::new(),
        salvaged: Vec::new(),
        gathered: Gathered::default(),
        broken: None,
    };
    for name in &args.what {
        import.what(name)?;
        import.settle(&root)?;
    }
    fetch(app, Some(&root), &args.github, &mut |what| {
        match what {
            Fetched::Archive(file, shown) => import.walk(|walk| walk.archive(file, &shown)),
            Fetched::Missed(why) => import.bad.push(why),
        }
        import.settle(&root)
    })?;
    let Import {
        new,
        completed,
        known,
        decisions,
        bad,
        ..
    } = import;
    for what in &bad {
        app.out.error(what);
    }
    if new + completed + known + decisions == 0 && bad.is_empty() {
        return Err(nothing(args));
    }
    let mut text = format!("added {}", counted(new, "run"));
    if decisions > 0 {
        text.push_str(&format!(" and {}", counted(decisions, "decision")));
    }
    if completed > 0 {
        text.push_str(&format!(", completed {completed}"));
    }
    if known > 0 {
        text.push_str(&format!(", knew {known} already"));
    }
    app.out.data(&format!("{text}\n"));
    match bad.is_empty() {
        true => Ok(EXIT_SUCCESS),
        false => Ok(Cause::PathInvalid.exit_code()),
    }
}

/// Nothing was found.
fn nothing(args: &ImportArgs) -> CliError {
    let error = |message: String| CliError::new(Cause::PathInvalid, message);
    match args.what.as_slice() {
        [] => error("the artifacts of these runs have no run".to_owned())
            .with_hint("--artifact says how the names of those begin that have"),
        some => error(format!("{}: there is no run in it", some.join(", "))).with_hint(
            "name a run.json, the folder of a run, an artifact with such or of a job in shadow, or an export",
        ),
    }
}

impl Import {
    /// Adds what waited for the rest of what it came with.
    fn settle(&mut self, root: &Path) -> Result<(), CliError> {
        self.add_salvaged();
        self.add_gathered(root);
        self.broken.take().map_or(Ok(()), |error| Err(error.into()))
    }

    /// Takes in what is found on a walk.
    fn walk<T>(&mut self, go: impl FnOnce(&mut Walk<'_>) -> T) -> T {
        let mut take = |name: &str, stream: &mut dyn Read| self.file(name, stream);
        let mut walk = Walk::new(is_wanted, &mut take);
        let gone = go(&mut walk);
        let notes = walk.notes();
        self.bad.extend(notes);
        gone
    }

    /// Takes in what a name of the command line stands for.
    fn what(&mut self, name: &str) -> Result<(), CliError> {
        if name == "-" {
            self.file("standard input", &mut std::io::stdin().lock());
            return Ok(());
        }
        self.walk(|walk| walk.path(Path::new(name)))
            .map_err(|error| CliError::new(Cause::PathInvalid, format!("{name}: {error}")))
    }

    /// Takes in a file.
    fn file(&mut self, name: &str, stream: &mut dyn Read) {
        if self.broken.is_some() {
            return;
        }
        if self.gathered.take(name, stream) {
            return;
        }
        let mut lines = BufReader::new(stream.take(LARGEST));
        let mut first = Vec::new();
        if let Err(error) = lines.read_until(b'\n', &mut first) {
            return self.bad.push(format!("{name}: {error}"));
        }
        match Line::is_one(&first) {
            true => self.export(name, first, &mut lines),
            // Not one line, or no export.
            false => self.record(name, first, &mut lines),
        }
    }

    /// Takes in an export, a run or a decision each line.
    fn export(&mut self, name: &str, first: Vec<u8>, lines: &mut dyn BufRead) {
        let mut line = first;
        let mut number = 1u64;
        while !line.is_empty() && self.broken.is_none() {
            if !line.trim_ascii().is_empty() {
                match Line::read(&line) {
                    Ok(Line::Run(entry)) => self.add(&entry),
                    Ok(Line::Decision(decision)) => self.decide(&decision),
                    Err(what) => self.bad.push(format!("{name}:{number}: {what}")),
                }
            }
            line.clear();
            number += 1;
            if let Err(error) = lines.read_until(b'\n', &mut line) {
                return self.bad.push(format!("{name}:{number}: {error}"));
            }
        }
    }

    /// Takes in a `run.json`, or events in place of one.
    fn record(&mut self, name: &str, first: Vec<u8>, rest: &mut dyn Read) {
        let mut text = first;
        if let Err(error) = rest.read_to_end(&mut text) {
            return self.bad.push(format!("{name}: {error}"));
        }
        if text.len() as u64 >= LARGEST {
            return self.bad.push(format!("{name}: the file is too large"));
        }
        match saved::parse(name, &text) {
            Ok(record) if is_name(&record.info.id.0) => {
                let entry = self.of_record(&record);
                match record.verdict {
                    Some(_) => self.add(&entry),
                    None => self.salvaged.push(entry),
                }
            }
            Ok(_) => self.bad.push(format!("{name}: its run has no usable name")),
            Err(what) => self.bad.push(format!("{name}: {what}")),
        }
    }

    fn of_record(&self, record: &RunRecord) -> Entry {
        let mut reads = vec![triage::of_record(record)];
        reads.extend(triage::cases(&self.matcher, record));
        let found = match &record.verdict {
            Some(verdict) if !verdict.passed => triage::diagnose(reads).findings,
            _ => Vec::new(),
        };
        let beside = Beside {
            signatures: found.into_iter().map(|finding| finding.id).collect(),
            ..Beside::default()
        };
        Entry::of_record(record, beside)
    }

    /// Adds what there is no record of.
    fn add_salvaged(&mut self) {
        for entry in std::mem::take(&mut self.salvaged) {
            self.add(&entry);
        }
    }

    /// Adds what shadow records tell of.
    fn add_gathered(&mut self, root: &Path) {
        let gathered = std::mem::take(&mut self.gathered);
        let (entries, notes) = gathered.finish(|workflow, job| written(root, workflow, job));
        for entry in entries {
            self.add(&entry);
        }
        self.bad.extend(notes);
    }

    fn decide(&mut self, decision: &Decision) {
        match self.store.decide(decision) {
            Ok(new) => {
                self.decisions += u64::from(new);
                self.known += u64::from(!new);
            }
            Err(error) => self.broken = Some(error),
        }
    }

    fn add(&mut self, entry: &Entry) {
        let first = self.seen.insert(entry.run.0.clone());
        match self.store.add(entry) {
            Ok(Added::New) => self.new += 1,
            Ok(Added::Completed) => self.completed += 1,
            Ok(Added::Known) => self.known += u64::from(first),
            Err(error) => self.broken = Some(error),
        }
    }
}

/// Whether a file of a folder or an archive may tell of runs.
fn is_wanted(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or_default();
    file == "run.json" || file.ends_with(".jsonl") || shadow::is_part(name)
}

/// The matrix of a job as the checkout's workflow has it.
fn written(root: &Path, workflow: &str, job: &str) -> Option<Node> {
    let file = project::named(root, workflow.rsplit('/').next()?).ok()?;
    let jobs = workflow::parse(&file.text).ok()?.workflow.jobs;
    let job = jobs.into_iter().find(|one| one.id.value == job)?;
    job.strategy?.matrix
}
