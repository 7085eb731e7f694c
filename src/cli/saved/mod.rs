//! Runs that have ended, from what they left in their folders.

mod find;
mod logs;

use std::path::{Path, PathBuf};

use super::App;
use super::error::CliError;
use super::project;
use crate::record::{Cause, Event, RunRecord, SCHEMA};
use crate::runner::HOME;

pub(super) use find::all;
pub(super) use logs::{StepLog, logs};

/// The record of a run.
const RECORD: &str = "run.json";
/// Its events, which are there also where the run was killed.
const EVENTS: &str = "events.jsonl";
/// Largest file that is read, in bytes.
const MAX_FILE: u64 = 1 << 30;
/// What is said of a run without its record.
pub(super) const SALVAGED: &str =
    "the run has no run.json: it goes on or was killed, and this is what its events tell";
/// How a run is named.
const NAMES: &str =
    "name a run by its id or the beginning of it, `latest`, its folder or its run.json";

/// A run as it was kept.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Saved {
    /// What happened.
    pub(super) record: RunRecord,
    /// Where its files lie.
    pub(super) folder: PathBuf,
    /// Whether it had no `run.json`: it goes on, or was killed.
    pub(super) salvaged: bool,
}

/// The repository whose runs are meant: what `--root` names, otherwise the nearest folder
/// upwards with a workflow or with runs. A run that is named by its files needs none.
///
/// # Errors
/// The one that is named is none.
pub(super) fn root(app: &App, flag: Option<&Path>) -> Result<Option<PathBuf>, CliError> {
    match project::root(app, flag) {
        Ok(root) => Ok(Some(root)),
        Err(error) if flag.is_some() || app.environment.root().is_some() => Err(error),
        Err(_) => Ok(std::env::current_dir().ok().and_then(|here| {
            let mut folders = here.ancestors();
            folders
                .find(|folder| folder.join(HOME).join("runs").is_dir())
                .map(Path::to_path_buf)
        })),
    }
}

/// The run of this name: an id or the beginning of one, `latest`, a folder or a file.
///
/// # Errors
/// There is none, there are several, or it cannot be read.
pub(super) fn open(root: Option<&Path>, name: &str) -> Result<Saved, CliError> {
    read(&find::find(root, name)?)
}

/// Reads a `run.json`, or events in place of one.
fn read(path: &Path) -> Result<Saved, CliError> {
    let wrong = |what: &dyn std::fmt::Display| {
        CliError::new(Cause::PathInvalid, format!("{}: {what}", path.display()))
            .with_hint(way_out(path))
    };
    let size = std::fs::metadata(path)
        .map_err(|error| wrong(&error))?
        .len();
    if size > MAX_FILE {
        return Err(wrong(&format!("the file is too large ({size} bytes)")));
    }
    let text = std::fs::read(path).map_err(|error| wrong(&error))?;
    let salvaged = is_events(path);
    let record = parse(path, &text);
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    Ok(Saved {
        record: record.map_err(|what| wrong(&what))?,
        folder: folder.to_path_buf(),
        salvaged,
    })
}

/// The record that a `run.json` holds, or that events add up to.
///
/// # Errors
/// It holds neither; what it is instead.
pub(super) fn parse(name: impl AsRef<Path>, text: &[u8]) -> Result<RunRecord, String> {
    match is_events(name.as_ref()) {
        true => of_events(text),
        false => of_record(text),
    }
}

/// Whether a file of this name holds events.
fn is_events(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "jsonl")
}

/// What to do about a file that cannot be read.
fn way_out(path: &Path) -> String {
    let events = path.with_file_name(EVENTS);
    if path.file_name().is_some_and(|name| name == RECORD) && events.is_file() {
        format!("its events may still tell: name {}", events.display())
    } else {
        NAMES.to_owned()
    }
}

fn of_record(text: &[u8]) -> Result<RunRecord, String> {
    let value: serde_json::Value =
        serde_json::from_slice(text).map_err(|error| format!("this is no JSON: {error}"))?;
    let of_info = |key: &str| value.pointer(&format!("/info/{key}"));
    if let Some(schema) = of_info("schema").and_then(serde_json::Value::as_u64) {
        let version = of_info("version").and_then(serde_json::Value::as_str);
        readable(schema, version)?;
    }
    serde_json::from_value(value).map_err(|error| format!("this is no record of a run: {error}"))
}

/// What the events of a run add up to, as far as they can be read: the last line of a run
/// that was killed may be cut off.
fn of_events(text: &[u8]) -> Result<RunRecord, String> {
    let events: Vec<Event> = text
        .split(|byte| *byte == b'\n')
        .map_while(|line| serde_json::from_slice(line).ok())
        .collect();
    match RunRecord::fold(&events) {
        Some(record) => {
            readable(record.info.schema.into(), Some(&record.info.version))?;
            Ok(record)
        }
        None => Err("it does not begin as events of a run do".to_owned()),
    }
}

/// Whether this seatrial can read the form.
fn readable(schema: u64, version: Option<&str>) -> Result<(), String> {
    if schema <= u64::from(SCHEMA) {
        return Ok(());
    }
    let by = version.map_or_else(String::new, |version| format!(", {version}"));
    Err(format!(
        "it was written by a later version of seatrial{by} (schema {schema}, and this one reads up to {SCHEMA})"
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::path::Path;

    use super::{CliError, all, open};
    use crate::gate::sample::{Leg, Run};
    use crate::record::{Cause, RunRecord};

    fn read(root: Option<&Path>, name: &str) -> Result<RunRecord, CliError> {
        open(root, name).map(|saved| saved.record)
    }

    /// Keeps a run under an id. Gives what is kept.
    fn keep(root: &Path, id: &str) -> RunRecord {
        let mut record = Run::of([Leg::new("unit", 0).tests(10, 2)]).record();
        record.info.id = crate::record::RunId(id.to_owned());
        let folder = root.join(".seatrial/runs").join(id);
        std::fs::create_dir_all(&folder).unwrap();
        let text = serde_json::to_vec(&record).unwrap();
        std::fs::write(folder.join("run.json"), text).unwrap();
        record
    }

    #[test]
    fn a_run_has_many_names() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let old = keep(root, "20261122-211454-9f3c2a7e01b4");
        let new = keep(root, "20261123-080000-00aa00bb00cc");
        let place = root.join(".seatrial/runs/20261122-211454-9f3c2a7e01b4");
        let file = place.join("run.json");
        for name in [
            "20261122-211454-9f3c2a7e01b4",
            "20261122",
            "9f3c",
            place.to_str().unwrap(),
            file.to_str().unwrap(),
        ] {
            assert_eq!(read(Some(root), name).unwrap(), old, "{name}");
        }
        // Without the link, the last one that began.
        assert_eq!(read(Some(root), "latest").unwrap(), new);
        let link = root.join(".seatrial/latest");
        std::os::unix::fs::symlink("runs/20261122-211454-9f3c2a7e01b4", link).unwrap();
        let latest = open(Some(root), "latest").unwrap();
        assert_eq!((latest.record, latest.folder), (old, place));
        let error = read(Some(root), "202611").unwrap_err();
        assert!(error.message.contains("`202611` can be 2 runs"));
        assert_eq!(error.details.len(), 2);
        // What was downloaded may hold the folder of a run, or the one of runs.
        let artifact = folder.path().join("artifact");
        let new = keep(&artifact, "20261124-080000-000000000000");
        for part in ["", ".seatrial", ".seatrial/runs"] {
            let name = artifact.join(part);
            assert_eq!(read(None, name.to_str().unwrap()).unwrap(), new);
        }
        let (runs, count) = all(root, 1);
        assert_eq!((runs.len(), count), (1, 2));
        assert!(runs[0].0.ends_with("20261123-080000-00aa00bb00cc"));
    }

    #[test]
    fn of_a_run_that_was_killed_there_are_its_events() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let run = Run::of([Leg::new("unit", 0).tests(10, 2)]);
        let place = root.join(".seatrial/runs/one");
        std::fs::create_dir_all(&place).unwrap();
        let mut lines: Vec<Vec<u8>> = run
            .events()
            .iter()
            .map(|event| serde_json::to_vec(event).unwrap())
            .collect();
        // The last line is there in part, cut within a character.
        lines.push(b"{\"at\":1,\"message\":\"\xe2\x9c".to_vec());
        std::fs::write(place.join("events.jsonl"), lines.join(&b'\n')).unwrap();
        let saved = open(Some(root), "one").unwrap();
        assert!(saved.salvaged);
        assert_eq!(saved.record, run.record());
    }

    #[test]
    fn what_is_no_run_is_told_with_the_way_out() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let empty = root.join("empty");
        std::fs::create_dir(&empty).unwrap();
        let file = |name: &str, text: &str| {
            let path = root.join(name);
            std::fs::write(&path, text).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let later = "{\"info\": {\"schema\": 99, \"version\": \"7.0.0\"}}";
        for (name, says) in [
            ("nowhere".to_owned(), "there is no run `nowhere`"),
            ("latest".to_owned(), "there is no run in"),
            (
                empty.to_str().unwrap().to_owned(),
                "holds neither run.json nor events.jsonl",
            ),
            (file("a.json", "{"), "this is no JSON: EOF"),
            (file("b.json", later), "a later version of seatrial, 7.0.0"),
            (
                file("c.json", "{\"info\": {\"schema\": 1}}"),
                "this is no record of a run",
            ),
            (file("events.jsonl", "x\n"), "does not begin as events"),
        ] {
            let error = read(Some(root), &name).unwrap_err();
            assert_eq!(error.cause, Cause::PathInvalid);
            assert!(error.message.contains(says), "{}", error.message);
            assert!(error.hint.is_some());
        }
        // A damaged record with its events beside it.
        let damaged = read(Some(root), &file("run.json", "{")).unwrap_err();
        assert!(damaged.hint.unwrap().ends_with("events.jsonl"));
        let hint = read(None, "x").unwrap_err().hint.unwrap();
        assert!(hint.contains("--root"));
    }
}
