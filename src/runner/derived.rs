//! A derived image as a recipe: its Dockerfile, written where the build finds it.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::image::{Ignore, Recipe, image_name};
use crate::plan::{DEPENDENCIES, DOCKERIGNORE, Derived, PYTHON_VERSION, python_of};
use crate::record::{Cause, Failure};

use super::images::Repository;
use super::{source, write_atomically};

/// Most files of the machine's own that are left out by name: each costs a comparison for
/// each file.
const MOST: usize = 500;
/// Name of the derived Dockerfile.
const FILE: &str = "derived.Dockerfile";

/// Writes the Dockerfile below the folder `cache` and tells how it is built. `base` is the image
/// that it stands on, where that was open until now.
///
/// # Errors
/// The folder cannot be written to.
pub(crate) fn recipe(
    derived: &Derived,
    base: Option<&str>,
    repository: &Repository,
    cache: &Path,
) -> Result<Recipe, Failure> {
    let root = &repository.root;
    let python = base.and_then(python_of).or_else(|| derived.python.clone());
    let args: Vec<(String, String)> = python
        .into_iter()
        .map(|version| (PYTHON_VERSION.to_owned(), version))
        .collect();
    let mut hash = Sha256::new();
    hash.update(&derived.dockerfile);
    for (name, value) in &args {
        hash.update(format!("\0{name}={value}"));
    }
    let key: String = hex::encode(hash.finalize()).chars().take(12).collect();
    let folder = cache.join("derived").join(&key);
    let file = folder.join(FILE);
    let written = write(&file, &derived.dockerfile).and_then(|()| {
        // BuildKit takes it before the repository's own, which may be meant for an image
        // without tests.
        write(
            &folder.join(format!("{FILE}.dockerignore")),
            &dockerignore(root, derived),
        )
    });
    written.map_err(|error| {
        Failure::new(
            Cause::OutputWriteFailed,
            format!("{}: {error}", file.display()),
        )
    })?;
    Ok(Recipe::Dockerfile {
        file,
        context: PathBuf::from(root),
        target: Some(derived.target.to_owned()),
        args,
        tag: format!("{}:derived-{key}", image_name(&repository.name)),
        derived: true,
    })
}

/// What the build leaves out: what the repository says, but for the files that layers
/// are made of.
fn dockerignore(root: &Path, derived: &Derived) -> String {
    let own = std::fs::read_to_string(root.join(".dockerignore")).unwrap_or_default();
    let needed: String = derived
        .files
        .iter()
        .map(|file| format!("!{file}\n"))
        .collect();
    let usual = Ignore::parse(DOCKERIGNORE);
    // A checkout has none of it, and neither may the tests find it. Without the source in
    // the image they cannot.
    let ignored = match derived.target {
        DEPENDENCIES => Vec::new(),
        _ => source::ignored(root),
    };
    let local: String = ignored
        .iter()
        .filter(|path| !usual.is_ignored(path.trim_end_matches('/'), false))
        .take(MOST)
        .map(|path| format!("{}\n", pattern(path)))
        .collect();
    format!("{}\n{DOCKERIGNORE}{local}{needed}", own.trim_end())
}

/// A path as a pattern that matches nothing else.
fn pattern(path: &str) -> String {
    let mut text = String::from("/");
    for one in path.trim_end_matches('/').chars() {
        if matches!(one, '*' | '?' | '[' | ']' | '\\') {
            text.push('\\');
        }
        text.push(one);
    }
    text
}

/// Writes a file, unless it is there already.
fn write(file: &Path, text: &str) -> std::io::Result<()> {
    if std::fs::read_to_string(file).is_ok_and(|there| there == text) {
        return Ok(());
    }
    write_atomically(file, text.as_bytes())
}
