//! `package.json` of installed npm packages.

use serde::Deserialize;

use super::{Package, PackageKind};

#[derive(Deserialize)]
struct Manifest {
    name: String,
    version: String,
}

/// Whether a folder is that of an installed package: `node_modules/NAME` or
/// `node_modules/@SCOPE/NAME`.
pub(super) fn is_package(folder: &str) -> bool {
    let mut parts = folder.rsplit('/');
    let (_, above, higher) = (parts.next(), parts.next(), parts.next());
    match (above, higher) {
        (Some("node_modules"), _) => true,
        (Some(scope), Some("node_modules")) => scope.starts_with('@'),
        _ => false,
    }
}

/// The package of a `package.json`.
pub(super) fn read(text: &str, path: &str) -> Option<Package> {
    let manifest: Manifest = serde_json::from_str(text).ok()?;
    Package::new(PackageKind::Npm, &manifest.name, &manifest.version, path)
}
