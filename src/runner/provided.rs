//! Whether an image holds what a set-up step installs.

use std::path::Path;

use crate::image::Facts;
use crate::plan::{Requirement, RequirementLine, Setup, parse_requirements, satisfied};

/// Files that include one another are followed this deep.
const MAX_DEPTH: usize = 10;

/// Compares what a set-up step asks for with what the image holds: says what it
/// is, or what is missing.
pub(super) fn provided(
    root: &Path,
    setup: &Setup,
    facts: Option<&Facts>,
) -> Result<String, String> {
    let facts = facts.ok_or("there is no image")?;
    let mut wanted = setup.packages.clone();
    let mut names = Vec::new();
    for file in &setup.files {
        read(root, file, 0, &mut wanted)?;
        names.push(file.clone());
    }
    for file in &setup.optional_files {
        if root.join(file).exists() {
            read(root, file, 0, &mut wanted)?;
            names.push(file.clone());
        }
    }
    if setup.newest && wanted.iter().any(|requirement| requirement.pin.is_none()) {
        return Err("it asks for the newest versions".to_owned());
    }
    if let Err(missing) = satisfied(&wanted, &facts.packages) {
        let first: Vec<&str> = missing.iter().take(3).map(String::as_str).collect();
        let more = missing.len().saturating_sub(first.len());
        let tail = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        return Err(format!("{}{tail}", first.join(", ")));
    }
    names.extend(setup.packages.iter().map(|package| package.name.clone()));
    if names.is_empty() {
        names.clone_from(&setup.upgrades);
        return Ok(names.join(", "));
    }
    Ok(format!("{} ({} packages)", names.join(", "), wanted.len()))
}

/// Adds the requirements of a file and of those that it includes.
fn read(
    root: &Path,
    file: &str,
    depth: usize,
    wanted: &mut Vec<Requirement>,
) -> Result<(), String> {
    if depth > MAX_DEPTH {
        return Err(format!("{file} includes too many others"));
    }
    let text =
        std::fs::read_to_string(root.join(file)).map_err(|error| format!("{file}: {error}"))?;
    for line in parse_requirements(&text) {
        match line {
            RequirementLine::Requirement(requirement) => wanted.push(requirement),
            RequirementLine::Include(other) => {
                let folder = Path::new(file).parent().unwrap_or(Path::new(""));
                let path = folder.join(other);
                read(root, &path.to_string_lossy(), depth + 1, wanted)?;
            }
            // Constraints and options install nothing.
            _ => {}
        }
    }
    Ok(())
}
