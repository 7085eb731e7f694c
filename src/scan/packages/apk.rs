//! Alpine's database (apk-tools, "Installed database v2"): a letter, a colon and a value
//! on each line, an empty line between packages.

use super::{Package, PackageKind};

/// The packages of `/lib/apk/db/installed`.
pub(super) fn read(text: &str, path: &str) -> Vec<Package> {
    let text = text.replace("\r\n", "\n");
    text.split("\n\n")
        .filter_map(|paragraph| package(paragraph, path))
        .take(super::MOST)
        .collect()
}

fn package(paragraph: &str, path: &str) -> Option<Package> {
    let field = |letter: &str| {
        paragraph
            .lines()
            .find_map(|line| line.strip_prefix(letter)?.strip_prefix(':'))
            .map(str::trim)
            .filter(|value| !value.is_empty())
    };
    let version = field("V")?;
    let mut package = Package::new(PackageKind::Apk, field("P")?, version, path)?;
    package.arch = field("A").map(ToOwned::to_owned);
    package.source = field("o").map(|origin| (origin.to_owned(), version.to_owned()));
    Some(package)
}
