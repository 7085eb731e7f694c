//! The artifacts of a run on the disk: a folder each.

use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::actions::{Call, Done};
use crate::engine::{SourceTree, TreeEntry, TreeKind, random_token};
use crate::record::{ArtifactRecord, Cause, Failure};

/// Rules for names (`validateArtifactName` of `@actions/artifact`, whose words these
/// are), and two of our own: a name becomes a folder's.
pub(super) fn check_name(name: &str) -> Result<(), String> {
    const FORBIDDEN: [(char, &str); 11] = [
        ('"', "Double quote \""),
        (':', "Colon :"),
        ('<', "Less than <"),
        ('>', "Greater than >"),
        ('|', "Vertical bar |"),
        ('*', "Asterisk *"),
        ('?', "Question mark ?"),
        ('\r', "Carriage return \\r"),
        ('\n', "Line feed \\n"),
        ('\\', "Backslash \\"),
        ('/', "Forward slash /"),
    ];
    if name.is_empty() {
        return Err("Provided artifact name input during validation is empty".to_owned());
    }
    if let Some((_, words)) = FORBIDDEN.iter().find(|(bad, _)| name.contains(*bad)) {
        return Err(format!(
            "The artifact name is not valid: {name}. Contains the following character: {words}"
        ));
    }
    if name == "." || name == ".." || name.len() > 200 {
        return Err(format!("`{name}` cannot be the name of an artifact"));
    }
    Ok(())
}

/// The id of an artifact: a number as GitHub's are, the same for the same name.
pub(super) fn id_of(name: &str) -> u64 {
    Sha256::digest(name.as_bytes())
        .iter()
        .take(4)
        .fold(0, |id, byte| (id << 8) | u64::from(*byte))
}

/// The names of the run's artifacts, sorted.
pub(super) fn names(call: &Call<'_>) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(call.artifacts)
        .map(|entries| {
            entries
                .filter_map(Result::ok)
                .filter_map(|entry| entry.file_name().into_string().ok())
                .collect()
        })
        .unwrap_or_default();
    names.sort();
    names
}

/// A folder beside the artifacts that becomes one of them, or vanishes.
pub(super) struct Staging(PathBuf);

impl Staging {
    pub(super) fn new(call: &Call<'_>) -> Self {
        let parent = call.artifacts.parent().unwrap_or(call.artifacts);
        Self(parent.join(format!(".artifact-{}", random_token())))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Makes an artifact of the folder: `Ok(false)` when one of that name is there.
    fn publish(&self, target: &Path, existing: Existing) -> io::Result<bool> {
        if existing == Existing::Replace && target.exists() {
            std::fs::remove_dir_all(target)?;
        }
        match std::fs::rename(&self.0, target) {
            Ok(()) => Ok(true),
            Err(_) if target.is_dir() && existing == Existing::Merge => {
                for entry in list(&self.0)?.entries {
                    let place = target.join(&entry.path);
                    match entry.kind {
                        TreeKind::Folder => std::fs::create_dir_all(place)?,
                        _ => std::fs::rename(self.0.join(&entry.path), place)?,
                    }
                }
                Ok(true)
            }
            Err(_) if target.is_dir() => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What happens to an artifact that has the name already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Existing {
    /// It stays, and the step fails (version 4).
    Refuse,
    /// It goes (`overwrite`).
    Replace,
    /// It stays, and the new files come to it (version 3).
    Merge,
}

/// Makes an artifact of a folder and tells of it.
pub(super) fn publish(
    call: &Call<'_>,
    staging: &Staging,
    name: &str,
    existing: Existing,
    (files, bytes): (u64, u64),
) -> Done {
    let digest = match digest(staging.path()) {
        Ok(digest) => digest,
        Err(error) => return from_disk(&error),
    };
    let target = call.artifacts.join(name);
    match staging.publish(&target, existing) {
        Ok(true) => {}
        Ok(false) => {
            return Done::failed(format!(
                "Failed to CreateArtifact: Received non-retryable error: Failed request: (409) \
                 Conflict: an artifact with this name already exists on the workflow run \
                 (`{name}`; give each leg's its own name, or set `overwrite: true`)"
            ));
        }
        Err(error) => return from_disk(&error),
    }
    let id = id_of(name);
    call.say(&format!(
        "{files} files, {bytes} bytes in the artifact `{name}`"
    ));
    call.say(&format!("SHA256 hash of the artifact is {digest}"));
    let mut done = Done {
        artifact: Some(ArtifactRecord {
            name: name.to_owned(),
            path: format!("artifacts/{name}"),
            files,
            bytes,
        }),
        ..Done::default()
    };
    done.output("artifact-id", id.to_string());
    done.output("artifact-digest", digest);
    done.output(
        "artifact-url",
        format!(
            "https://github.com/{}/actions/runs/{}/artifacts/{id}",
            call.github.repository, call.github.run_id
        ),
    );
    done
}

/// The SHA-256 of all paths and contents. GitHub hashes the zip file, which there
/// is none of here.
fn digest(folder: &Path) -> io::Result<String> {
    let mut all = Sha256::new();
    let mut tree = list(folder)?;
    tree.entries.sort_by(|a, b| a.path.cmp(&b.path));
    for entry in tree.entries {
        if let TreeKind::File { .. } = entry.kind {
            let mut own = Sha256::new();
            io::copy(
                &mut std::fs::File::open(folder.join(&entry.path))?,
                &mut own,
            )?;
            all.update(entry.path.as_os_str().as_encoded_bytes());
            all.update([0]);
            all.update(own.finalize());
        }
    }
    Ok(hex::encode(all.finalize()))
}

/// The files of a folder of this run.
pub(super) fn list(folder: &Path) -> io::Result<SourceTree> {
    fn walk(root: &Path, below: &Path, entries: &mut Vec<TreeEntry>) -> io::Result<()> {
        for entry in std::fs::read_dir(root.join(below))? {
            let entry = entry?;
            let path: PathBuf = below.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                entries.push(TreeEntry {
                    path: path.clone(),
                    kind: TreeKind::Folder,
                });
                walk(root, &path, entries)?;
            } else {
                entries.push(TreeEntry {
                    path,
                    kind: TreeKind::File {
                        executable: false,
                        replaced: None,
                    },
                });
            }
        }
        Ok(())
    }
    let mut entries = Vec::new();
    walk(folder, Path::new(""), &mut entries)?;
    Ok(SourceTree {
        root: folder.to_path_buf(),
        entries,
    })
}

/// Trouble with the run's own folder.
pub(super) fn from_disk(error: &io::Error) -> Done {
    Done::failure(Failure::new(
        Cause::OutputWriteFailed,
        format!("the run's artifacts: {error}"),
    ))
}

#[cfg(test)]
mod tests {
    use super::{check_name, id_of};

    #[test]
    fn names_that_would_lead_astray_are_refused() {
        for name in ["../x", "a/b", "..", "a:b", "a\nb", ""] {
            assert!(check_name(name).is_err(), "{name}");
        }
        assert!(check_name("coverage-report 3.11").is_ok());
    }

    #[test]
    fn ids_are_numbers_and_stay() {
        assert_eq!(id_of("a"), id_of("a"));
        assert_ne!(id_of("a"), id_of("b"));
    }
}
