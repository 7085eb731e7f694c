//! `actions/download-artifact`.

use std::sync::Arc;

use super::store::{from_disk, id_of, list, names};
use crate::actions::{Call, Done, glob};

pub(in crate::actions) async fn download(call: &Call<'_>) -> Done {
    let other = call.input("repository");
    if !other.is_empty() && !other.eq_ignore_ascii_case(&call.github.repository) {
        return refused(&format!("`repository` is `{other}`"));
    }
    let run = call.input("run-id");
    if !run.is_empty() && run != call.github.run_id.to_string() {
        return refused(&format!("`run-id` is `{run}`"));
    }
    let target = match call.input("path") {
        "" => call.workspace.to_owned(),
        path => call.place(path),
    };
    let mut notices = Vec::new();
    let chosen = match choose(call, names(call), &mut notices) {
        Ok(chosen) => chosen,
        Err(message) => return Done::failed(message),
    };
    if chosen.is_empty() {
        notices.push("no artifact of this run matches, so nothing was downloaded".to_owned());
    }
    // Since version 5 a single artifact needs no folder of its own.
    let flat = !call.input("name").is_empty()
        || call.flag("merge-multiple")
        || (chosen.len() == 1 && call.major().is_none_or(|major| major >= 5));
    for name in &chosen {
        let folder = call.artifacts.join(name);
        let tree = match list(&folder) {
            Ok(tree) => tree,
            Err(error) => return from_disk(&error),
        };
        let dir = if flat {
            target.clone()
        } else {
            format!("{target}/{name}")
        };
        call.say(&format!("{name}: {} files to {dir}", tree.entries.len()));
        if let Err(error) = call.host.put_tree(Arc::new(tree), &dir).await {
            return error.into();
        }
    }
    call.say(&format!("Total of {} artifact(s) downloaded", chosen.len()));
    let mut done = Done {
        notices,
        ..Done::default()
    };
    done.output("download-path", target);
    done
}

fn refused(what: &str) -> Done {
    Done::failed(format!(
        "{what}, and only artifacts of this very run can be downloaded here"
    ))
}

/// Which artifacts are meant.
fn choose(
    call: &Call<'_>,
    mut names: Vec<String>,
    notices: &mut Vec<String>,
) -> Result<Vec<String>, String> {
    let wanted = call.input("name");
    let ids = call.input("artifact-ids");
    if !wanted.is_empty() && !ids.is_empty() {
        return Err(
            "Inputs 'name' and 'artifact-ids' cannot be used together. Please specify only one."
                .to_owned(),
        );
    }
    if !wanted.is_empty() {
        if names.iter().any(|name| name == wanted) {
            return Ok(vec![wanted.to_owned()]);
        }
        let there = if names.is_empty() {
            "none".to_owned()
        } else {
            names.join(", ")
        };
        return Err(format!(
            "Unable to download artifact(s): Artifact not found for name: {wanted} (there are: {there})"
        ));
    }
    if !ids.is_empty() {
        return by_id(&names, ids, notices);
    }
    let pattern = call.input("pattern");
    if !pattern.is_empty() {
        let glob = glob::compile(pattern)
            .map_err(|error| format!("the pattern `{pattern}` cannot be read: {error}"))?;
        names.retain(|name| glob.is_match(name));
    } else if names.is_empty() && call.major().is_some_and(|major| major < 4) {
        return Err("Unable to find any artifacts for the associated workflow".to_owned());
    }
    Ok(names)
}

fn by_id(names: &[String], ids: &str, notices: &mut Vec<String>) -> Result<Vec<String>, String> {
    let mut wanted = Vec::new();
    for id in ids.split(',').map(str::trim).filter(|id| !id.is_empty()) {
        wanted.push(
            id.parse::<u64>()
                .map_err(|_| format!("Invalid artifact ID: '{id}'. Must be a number."))?,
        );
    }
    if wanted.is_empty() {
        return Err("No valid artifact IDs provided in 'artifact-ids' input".to_owned());
    }
    let found: Vec<String> = names
        .iter()
        .filter(|name| wanted.contains(&id_of(name)))
        .cloned()
        .collect();
    if found.is_empty() {
        return Err(
            "Unable to download artifact(s): None of the provided artifact IDs were found"
                .to_owned(),
        );
    }
    let missing: Vec<String> = wanted
        .iter()
        .filter(|id| !found.iter().any(|name| id_of(name) == **id))
        .map(u64::to_string)
        .collect();
    if !missing.is_empty() {
        notices.push(format!(
            "Could not find the following artifact IDs: {}",
            missing.join(", ")
        ));
    }
    Ok(found)
}
