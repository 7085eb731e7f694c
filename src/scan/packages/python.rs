//! Metadata of Python distributions (core metadata specification).

use super::{Package, PackageKind};

/// The distribution of a `METADATA` or `PKG-INFO` file.
pub(super) fn read(text: &str, path: &str) -> Option<Package> {
    // The head is like that of a mail; behind the first empty line is the description.
    let head: Vec<&str> = text
        .lines()
        .take_while(|line| !line.trim_end().is_empty())
        .take(2000)
        .collect();
    let field = |name: &str| {
        head.iter().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    };
    Package::new(PackageKind::Python, field("Name")?, field("Version")?, path)
}
