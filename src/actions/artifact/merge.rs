//! `actions/upload-artifact/merge`: several artifacts become one.

use super::store::{Existing, Staging, check_name, from_disk, list, names, publish};
use crate::actions::{Call, Done, glob};
use crate::engine::TreeKind;

pub(in crate::actions) fn merge(call: &Call<'_>) -> Done {
    let name = call.input("name");
    if let Err(message) = check_name(name) {
        return Done::failed(message);
    }
    let pattern = call.input("pattern");
    let glob = match glob::compile(pattern) {
        Ok(glob) => glob,
        Err(error) => {
            return Done::failed(format!("the pattern `{pattern}` cannot be read: {error}"));
        }
    };
    let sources: Vec<String> = names(call)
        .into_iter()
        .filter(|name| glob.is_match(name))
        .collect();
    if sources.is_empty() {
        return Done::failed(format!(
            "No artifacts were found for the provided pattern: {pattern}"
        ));
    }
    let staging = Staging::new(call);
    let counts = match gather(call, &sources, &staging) {
        Ok(counts) => counts,
        Err(error) => return from_disk(&error),
    };
    let mut done = publish(call, &staging, name, Existing::Refuse, counts);
    if done.failure.is_none() && call.flag("delete-merged") {
        for source in sources.iter().filter(|source| *source != name) {
            call.say(&format!("deleted: {source}"));
            if let Err(error) = std::fs::remove_dir_all(call.artifacts.join(source)) {
                done.notices.push(format!(
                    "the artifact `{source}` could not be deleted: {error}"
                ));
            }
        }
    }
    done
}

/// Copies the artifacts together: files and bytes. A later one wins over an
/// earlier one with the same file.
fn gather(call: &Call<'_>, sources: &[String], staging: &Staging) -> std::io::Result<(u64, u64)> {
    let hidden = call.flag("include-hidden-files");
    std::fs::create_dir_all(staging.path())?;
    for source in sources {
        let tree = list(&call.artifacts.join(source))?;
        let target = if call.flag("separate-directories") {
            staging.path().join(source)
        } else {
            staging.path().to_path_buf()
        };
        for entry in &tree.entries {
            let is_hidden = entry
                .path
                .components()
                .any(|part| part.as_os_str().as_encoded_bytes().starts_with(b"."));
            if (is_hidden && !hidden) || matches!(entry.kind, TreeKind::Folder) {
                continue;
            }
            let place = target.join(&entry.path);
            if let Some(parent) = place.parent() {
                std::fs::create_dir_all(parent)?;
            }
            std::fs::copy(tree.root.join(&entry.path), place)?;
        }
        call.say(&format!("merged: {source}"));
    }
    let (mut files, mut bytes) = (0, 0);
    for entry in list(staging.path())?.entries {
        if let TreeKind::File { .. } = entry.kind {
            files += 1;
            bytes += std::fs::metadata(staging.path().join(&entry.path))?.len();
        }
    }
    Ok((files, bytes))
}
