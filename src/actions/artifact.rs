//! `actions/upload-artifact` and `actions/download-artifact` (v4): files out of a
//! job under a name, and into another job of the same run.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use globset::{GlobBuilder, GlobMatcher};

use super::{Call, Done, normalise};
use crate::engine::{EngineError, Extracted, Quota, SourceTree, TreeEntry, TreeKind, extract_tree};
use crate::record::{ArtifactRecord, Cause, Failure};

/// Name of an artifact that has none (GitHub docs of upload-artifact).
const DEFAULT_NAME: &str = "artifact";

/// One line of the `path` input.
struct Search {
    /// Folder or file to read: everything before the first wildcard.
    root: String,
    /// What below it is meant; everything where absent.
    pattern: Option<GlobMatcher>,
}

pub(super) async fn upload(call: &Call<'_>) -> Done {
    let name = match call.input("name") {
        "" => DEFAULT_NAME,
        name => name,
    };
    if let Err(message) = check_name(name) {
        return Done::failed(message);
    }
    let target = call.artifacts.join(name);
    if target.exists() && !call.flag("overwrite") {
        return Done::failed(format!(
            "an artifact with the name `{name}` exists already in this run"
        ));
    }
    let (searches, excluded) = match searches(call) {
        Ok(found) => found,
        Err(message) => return Done::failed(message),
    };
    if searches.is_empty() {
        return Done::failed("the input `path` of upload-artifact is empty");
    }
    if let Err(error) = call.host.freeze().await {
        return from_engine(&error);
    }
    let taken = take(call, &searches, &excluded, &target).await;
    let thawed = call.host.thaw().await;
    let taken = match (taken, thawed) {
        (Ok(taken), Ok(())) => taken,
        (Err(failure), _) => {
            return Done {
                failure: Some(failure),
                ..Done::default()
            };
        }
        (Ok(_), Err(error)) => return from_engine(&error),
    };
    for skipped in &taken.skipped {
        call.say(&format!("left out: {skipped}"));
    }
    if taken.files == 0 {
        let message = format!("no files were found for the artifact `{name}`");
        return match call.input("if-no-files-found") {
            "error" => Done {
                failure: Some(Failure::new(Cause::ReportMissing, message)),
                ..Done::default()
            },
            "ignore" => Done::default(),
            _ => Done {
                notices: vec![message],
                ..Done::default()
            },
        };
    }
    call.say(&format!(
        "{} files, {} bytes in the artifact `{name}`",
        taken.files, taken.bytes
    ));
    Done {
        outputs: vec![("artifact-id".to_owned(), name.to_owned())],
        artifact: Some(ArtifactRecord {
            name: name.to_owned(),
            path: format!("artifacts/{name}"),
            files: taken.files,
            bytes: taken.bytes,
        }),
        ..Done::default()
    }
}

/// Reads all searches into the artifact's folder.
async fn take(
    call: &Call<'_>,
    searches: &[Search],
    excluded: &[GlobMatcher],
    target: &Path,
) -> Result<Extracted, Failure> {
    let hidden = call.flag("include-hidden-files");
    let roots: Vec<&str> = searches.iter().map(|search| search.root.as_str()).collect();
    let top = common_folder(&roots);
    let mut all = Extracted::default();
    for search in searches {
        let reader = call
            .host
            .get(&search.root)
            .await
            .map_err(|error| error.failure())?;
        let Some(reader) = reader else { continue };
        let root = search.root.clone();
        let below = root
            .strip_prefix(&top)
            .unwrap_or_default()
            .trim_matches('/')
            .to_owned();
        let pattern = search.pattern.clone();
        let top = top.clone();
        let excluded = excluded.to_vec();
        // A single file arrives under its own name; a folder's entries below it.
        let file_name = root.rsplit('/').next().unwrap_or_default().to_owned();
        let target = target.to_path_buf();
        let quota = Quota {
            bytes: Quota::FOLDER.bytes.saturating_sub(all.bytes),
            files: Quota::FOLDER.files.saturating_sub(all.files),
            depth: Quota::FOLDER.depth,
        };
        let taken = tokio::task::spawn_blocking(move || {
            let keep = |path: &Path| {
                let text = path.to_string_lossy();
                let full = if text.is_empty() {
                    root.clone()
                } else {
                    format!("{root}/{text}")
                };
                let is_hidden = full
                    .strip_prefix(&top)
                    .unwrap_or(&full)
                    .split('/')
                    .any(|part| part.starts_with('.'));
                (hidden || !is_hidden)
                    && pattern.as_ref().is_none_or(|glob| glob.is_match(&full))
                    && !excluded.iter().any(|glob| glob.is_match(&full))
            };
            let folder = target.join(&below);
            extract_named(reader, &folder, &target, &below, &file_name, quota, &keep)
        })
        .await
        .map_err(|error| Failure::new(Cause::Panic, error.to_string()))?
        .map_err(|error| {
            Failure::new(
                Cause::ArtifactLimit,
                format!("the artifact could not be brought out: {error}"),
            )
        })?;
        all.files += taken.files;
        all.bytes += taken.bytes;
        all.skipped.extend(taken.skipped);
    }
    Ok(all)
}

/// Extracts a folder below `folder`, or a single file into `target`.
fn extract_named(
    reader: crate::engine::TarReader,
    folder: &Path,
    target: &Path,
    below: &str,
    file_name: &str,
    quota: Quota,
    keep: &dyn Fn(&Path) -> bool,
) -> std::io::Result<Extracted> {
    let mut peek = Peek::new(reader)?;
    if peek.is_file {
        if keep(Path::new("")) {
            let place = if below.is_empty() {
                target.join(file_name)
            } else {
                target.join(below)
            };
            crate::engine::extract_file(Box::new(peek.take()), &place)
        } else {
            Ok(Extracted::default())
        }
    } else {
        extract_tree(Box::new(peek.take()), folder, quota, keep)
    }
}

/// Looks at the first header of a tar stream without consuming it.
struct Peek {
    is_file: bool,
    head: Vec<u8>,
    rest: Option<crate::engine::TarReader>,
}

impl Peek {
    fn new(mut reader: crate::engine::TarReader) -> std::io::Result<Self> {
        use std::io::Read;
        let mut head = Vec::new();
        reader.by_ref().take(512).read_to_end(&mut head)?;
        // Type flag of a ustar header: `0` or NUL is a regular file.
        let is_file = matches!(head.get(156), Some(b'0' | 0));
        Ok(Self {
            is_file,
            head,
            rest: Some(reader),
        })
    }

    fn take(&mut self) -> impl std::io::Read + Send + use<> {
        use std::io::Read;
        let head = std::io::Cursor::new(std::mem::take(&mut self.head));
        let rest: Box<dyn Read + Send> = self
            .rest
            .take()
            .unwrap_or_else(|| Box::new(std::io::empty()));
        head.chain(rest)
    }
}

/// The lines of `path`: what to search, and what to leave out (`!…`).
fn searches(call: &Call<'_>) -> Result<(Vec<Search>, Vec<GlobMatcher>), String> {
    let mut searches = Vec::new();
    let mut excluded = Vec::new();
    for line in call.input("path").lines() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(pattern) = line.strip_prefix('!') {
            let place = call.place(pattern.trim());
            excluded.push(glob(&place)?);
            excluded.push(glob(&format!("{place}/**"))?);
            continue;
        }
        let place = call.place(line);
        let wild = place.find(['*', '?', '[']);
        let search = match wild {
            None => Search {
                root: place,
                pattern: None,
            },
            Some(at) => {
                let root = place
                    .get(..at)
                    .and_then(|before| before.rfind('/').and_then(|slash| before.get(..slash)))
                    .unwrap_or_default();
                Search {
                    root: normalise(root),
                    pattern: Some(glob(&place)?),
                }
            }
        };
        searches.push(search);
    }
    Ok((searches, excluded))
}

fn glob(pattern: &str) -> Result<GlobMatcher, String> {
    GlobBuilder::new(pattern)
        .literal_separator(true)
        .build()
        .map(|glob| glob.compile_matcher())
        .map_err(|error| format!("the pattern `{pattern}` cannot be read: {error}"))
}

/// The folder that an artifact's paths are relative to: a single folder itself,
/// for several paths what they have in common.
fn common_folder(roots: &[&str]) -> String {
    let mut parts: Option<Vec<&str>> = None;
    for root in roots {
        let own: Vec<&str> = root.split('/').filter(|part| !part.is_empty()).collect();
        parts = Some(match parts {
            None => own,
            Some(common) => common
                .iter()
                .zip(&own)
                .take_while(|(a, b)| a == b)
                .map(|(a, _)| *a)
                .collect(),
        });
    }
    format!("/{}", parts.unwrap_or_default().join("/"))
}

/// Rules for artifact names (`validateArtifactName` of actions/toolkit).
fn check_name(name: &str) -> Result<(), String> {
    let bad = ['"', ':', '<', '>', '|', '*', '?', '\r', '\n', '\\', '/'];
    if let Some(found) = name.chars().find(|c| bad.contains(c)) {
        return Err(format!(
            "the artifact name `{name}` holds the character {found:?}, which is not allowed"
        ));
    }
    if name == "." || name == ".." || name.len() > 200 {
        return Err(format!("`{name}` cannot be the name of an artifact"));
    }
    Ok(())
}

pub(super) async fn download(call: &Call<'_>) -> Done {
    let target = match call.input("path") {
        "" => call.workspace.to_owned(),
        path => call.place(path),
    };
    let wanted = call.input("name");
    let pattern = match call.input("pattern") {
        "" => None,
        text => match glob(text) {
            Ok(glob) => Some(glob),
            Err(message) => return Done::failed(message),
        },
    };
    let mut names: Vec<String> = std::fs::read_dir(call.artifacts)
        .map(|entries| {
            entries
                .filter_map(Result::ok)
                .filter_map(|entry| entry.file_name().into_string().ok())
                .collect()
        })
        .unwrap_or_default();
    names.sort();
    if !wanted.is_empty() {
        if !names.iter().any(|name| name == wanted) {
            return Done::failed(format!(
                "there is no artifact `{wanted}` in this run; there are: {}",
                if names.is_empty() {
                    "none".to_owned()
                } else {
                    names.join(", ")
                }
            ));
        }
        names.retain(|name| name == wanted);
    } else if let Some(pattern) = &pattern {
        names.retain(|name| pattern.is_match(name));
    }
    let merge = !wanted.is_empty() || call.flag("merge-multiple");
    for name in &names {
        let folder = call.artifacts.join(name);
        let tree = match list(&folder) {
            Ok(tree) => tree,
            Err(error) => return Done::failed(format!("{}: {error}", folder.display())),
        };
        let dir = if merge {
            target.clone()
        } else {
            format!("{target}/{name}")
        };
        call.say(&format!("{name}: {} files to {dir}", tree.entries.len()));
        if let Err(error) = call.host.put_tree(Arc::new(tree), &dir).await {
            return from_engine(&error);
        }
    }
    Done {
        outputs: vec![("download-path".to_owned(), target)],
        ..Done::default()
    }
}

/// The files of a folder of this run.
fn list(folder: &Path) -> std::io::Result<SourceTree> {
    fn walk(root: &Path, below: &Path, entries: &mut Vec<TreeEntry>) -> std::io::Result<()> {
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

fn from_engine(error: &EngineError) -> Done {
    Done {
        failure: Some(error.failure()),
        ..Done::default()
    }
}

#[cfg(test)]
mod tests {
    use super::{check_name, common_folder};

    #[test]
    fn paths_are_relative_to_what_they_have_in_common() {
        assert_eq!(common_folder(&["/app/htmlcov"]), "/app/htmlcov");
        assert_eq!(
            common_folder(&["/app/coverage.xml", "/app/htmlcov"]),
            "/app"
        );
        assert_eq!(common_folder(&["/a", "/b"]), "/");
    }

    #[test]
    fn names_that_would_lead_astray_are_refused() {
        for name in ["../x", "a/b", "..", "a:b", "a\nb"] {
            assert!(check_name(name).is_err(), "{name}");
        }
        assert!(check_name("coverage-report 3.11").is_ok());
    }
}
