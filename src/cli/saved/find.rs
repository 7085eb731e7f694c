//! Where a run lies.

use std::path::{Path, PathBuf};

use super::{EVENTS, NAMES, RECORD, Saved, read};
use crate::cli::error::CliError;
use crate::record::Cause;
use crate::runner::HOME;

/// Runs that are named where a beginning fits several.
const NAMED: usize = 5;

/// The file that tells of the run of this name.
pub(super) fn find(root: Option<&Path>, name: &str) -> Result<PathBuf, CliError> {
    let given = Path::new(name);
    if given.is_file() {
        return Ok(given.to_path_buf());
    }
    // What looks like a path is one; a folder may have the name of a run all the same.
    let of_id = match root {
        Some(root) if !name.contains('/') => by_id(root, name)?,
        _ => None,
    };
    let Some(folder) = of_id.or_else(|| given.is_dir().then(|| given.to_path_buf())) else {
        let hint = match root {
            Some(_) => "`seatrial list runs` shows those that there are".to_owned(),
            None => "an id needs the repository: go there, or use `--root`".to_owned(),
        };
        let message = format!("there is no run `{name}`");
        return Err(CliError::new(Cause::PathInvalid, message).with_hint(hint));
    };
    if let Some(file) = file_in(&folder) {
        return Ok(file);
    }
    // An artifact may hold the folder of runs, or the one of a run.
    let mut below: Vec<PathBuf> = ["", "runs", ".seatrial/runs"]
        .iter()
        .flat_map(|part| folders(&folder.join(part)))
        .filter_map(|folder| file_in(&folder))
        .collect();
    match below.len() {
        1 => Ok(below.remove(0)),
        0 => {
            let message = format!("{} holds neither {RECORD} nor {EVENTS}", folder.display());
            Err(CliError::new(Cause::PathInvalid, message).with_hint(NAMES))
        }
        count => {
            let message = format!("{} holds {count} runs", folder.display());
            Err(CliError::new(Cause::PathInvalid, message)
                .with_hint("name the folder of one of them"))
        }
    }
}

/// The folder of the run with this id, or the only one whose id, or the random part of it,
/// begins so.
fn by_id(root: &Path, name: &str) -> Result<Option<PathBuf>, CliError> {
    if name == "latest" {
        return latest(root).map(Some);
    }
    let runs = folders(&root.join(HOME).join("runs"));
    let id = |folder: &Path| {
        let name = folder.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    };
    if let Some(exact) = runs.iter().find(|folder| id(folder) == name) {
        return Ok(Some(exact.clone()));
    }
    let fits = |folder: &&PathBuf| {
        let id = id(folder);
        let random = id.rsplit('-').next().unwrap_or_default();
        !name.is_empty() && (id.starts_with(name) || random.starts_with(name))
    };
    let found: Vec<&PathBuf> = runs.iter().filter(fits).collect();
    match found.as_slice() {
        [] => Ok(None),
        [only] => Ok(Some((*only).clone())),
        several => {
            let mut names: Vec<String> = several.iter().take(NAMED).map(|run| id(run)).collect();
            if several.len() > NAMED {
                names.push(format!("and {} more", several.len() - NAMED));
            }
            let message = format!("`{name}` can be {} runs", several.len());
            Err(CliError::new(Cause::PathInvalid, message)
                .with_details(names)
                .with_hint("give more of the id"))
        }
    }
}

/// The run that came to its end last. Where none did, the one that began last.
fn latest(root: &Path) -> Result<PathBuf, CliError> {
    let link = root.join(HOME).join("latest");
    if file_in(&link).is_some() {
        // Its own name says more than that of the link.
        return Ok(match std::fs::read_link(&link) {
            Ok(target) => root.join(HOME).join(target),
            Err(_) => link,
        });
    }
    folders(&root.join(HOME).join("runs")).pop().ok_or_else(|| {
        let message = format!("there is no run in {}", root.join(HOME).display());
        CliError::new(Cause::PathInvalid, message).with_hint("`seatrial run` makes one")
    })
}

/// What tells of a run in its folder.
fn file_in(folder: &Path) -> Option<PathBuf> {
    let files = [RECORD, EVENTS].map(|file| folder.join(file));
    files.into_iter().find(|file| file.is_file())
}

/// Folders in a folder, by name.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found
}

/// The folder of a run, and the run, or why it cannot be read.
type Kept = (PathBuf, Result<Saved, CliError>);

/// The runs of a repository, the last one first, at most so many, and how many there are.
/// Each is read, or why it cannot be.
pub(in crate::cli) fn all(root: &Path, most: usize) -> (Vec<Kept>, usize) {
    let runs: Vec<PathBuf> = folders(&root.join(HOME).join("runs"))
        .into_iter()
        .rev()
        .filter(|folder| file_in(folder).is_some())
        .collect();
    let count = runs.len();
    let read = runs.into_iter().take(most).map(|folder| {
        let saved = file_in(&folder)
            .ok_or_else(|| CliError::new(Cause::PathInvalid, "it has gone"))
            .and_then(|file| read(&file));
        (folder, saved)
    });
    (read.collect(), count)
}
