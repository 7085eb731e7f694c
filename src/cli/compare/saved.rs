//! Records of runs that have ended, from their files.

use std::path::{Path, PathBuf};

use crate::cli::error::CliError;
use crate::record::{Cause, Event, RunRecord, SCHEMA, slug};
use crate::runner::HOME;

/// The record of a run.
const RECORD: &str = "run.json";
/// Its events, which are there also where the run was killed.
const EVENTS: &str = "events.jsonl";
/// Largest file that is read, in bytes.
const MAX_FILE: u64 = 1 << 30;

/// The record of a run that is named by its id, its folder or its `run.json`.
///
/// # Errors
/// There is none, or it cannot be read.
pub(super) fn read(root: Option<&Path>, name: &str) -> Result<RunRecord, CliError> {
    let path = find(root, name)?;
    let wrong = |what: &dyn std::fmt::Display| {
        CliError::new(Cause::PathInvalid, format!("{}: {what}", path.display()))
            .with_hint("name a run by its id, its folder below .seatrial/runs/ or its run.json")
    };
    let size = std::fs::metadata(&path)
        .map_err(|error| wrong(&error))?
        .len();
    if size > MAX_FILE {
        return Err(wrong(&format!("the file is too large ({size} bytes)")));
    }
    let text = std::fs::read_to_string(&path).map_err(|error| wrong(&error))?;
    let record = if path.file_name().is_some_and(|name| name == EVENTS) {
        // Its last line may be cut off.
        let events: Vec<Event> = text
            .lines()
            .map_while(|line| serde_json::from_str(line).ok())
            .collect();
        RunRecord::fold(&events).ok_or_else(|| wrong(&"it does not begin as events of a run do"))?
    } else {
        let value: serde_json::Value =
            serde_json::from_str(&text).map_err(|error| wrong(&error))?;
        let schema = value
            .pointer("/info/schema")
            .and_then(serde_json::Value::as_u64);
        if schema.is_some_and(|schema| schema > u64::from(SCHEMA)) {
            return Err(wrong(&"it was written by a later version of seatrial"));
        }
        serde_json::from_value(value)
            .map_err(|error| wrong(&format!("this is no record of a run: {error}")))?
    };
    Ok(record)
}

fn find(root: Option<&Path>, name: &str) -> Result<PathBuf, CliError> {
    let given = Path::new(name);
    if given.is_file() {
        return Ok(given.to_path_buf());
    }
    let of_id = root.map(|root| match name {
        "latest" => root.join(HOME).join("latest"),
        id => root.join(HOME).join("runs").join(slug(id)),
    });
    let folder = [Some(given.to_path_buf()), of_id]
        .into_iter()
        .flatten()
        .find(|folder| folder.is_dir());
    let Some(folder) = folder else {
        let hint = match root {
            Some(root) => format!("the runs are in {}", root.join(HOME).join("runs").display()),
            None => "an id needs the repository: go there, or use `--root`".to_owned(),
        };
        let message = format!("there is no run `{name}`");
        return Err(CliError::new(Cause::PathInvalid, message).with_hint(hint));
    };
    let files = [RECORD, EVENTS].map(|file| folder.join(file));
    files
        .into_iter()
        .find(|file| file.is_file())
        .ok_or_else(|| {
            let message = format!("{} holds neither {RECORD} nor {EVENTS}", folder.display());
            CliError::new(Cause::PathInvalid, message)
                .with_hint("a run's folder is .seatrial/runs/ID")
        })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::read;
    use crate::gate::sample::{Leg, Run};
    use crate::record::Cause;

    #[test]
    fn a_run_has_three_names() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let run = Run::of([Leg::new("unit", 0).tests(10, 2)]);
        let record = run.record();
        let place = root.join(".seatrial/runs/one");
        std::fs::create_dir_all(&place).unwrap();
        let file = place.join("run.json");
        std::fs::write(&file, serde_json::to_vec(&record).unwrap()).unwrap();
        for name in ["one", place.to_str().unwrap(), file.to_str().unwrap()] {
            assert_eq!(read(Some(root), name).unwrap(), record, "{name}");
        }
        // Of a run that was killed there are its events, the last line perhaps in part.
        std::fs::remove_file(&file).unwrap();
        let mut lines: Vec<String> = run
            .events()
            .iter()
            .map(|event| serde_json::to_string(event).unwrap())
            .collect();
        lines.push("{\"at\":1".to_owned());
        std::fs::write(place.join("events.jsonl"), lines.join("\n")).unwrap();
        assert_eq!(read(Some(root), "one").unwrap(), record);
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
        for (name, says) in [
            ("nowhere".to_owned(), "there is no run `nowhere`"),
            (
                empty.to_str().unwrap().to_owned(),
                "holds neither run.json nor events.jsonl",
            ),
            (file("a.json", "{"), "EOF"),
            (
                file("b.json", "{\"info\": {\"schema\": 99}}"),
                "a later version of seatrial",
            ),
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
        assert!(
            read(None, "x")
                .unwrap_err()
                .hint
                .unwrap()
                .contains("--root")
        );
    }
}
