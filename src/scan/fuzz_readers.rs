//! The readers of this room that fuzz targets call.

use super::osv::{Advisory, Hit, Index, grouped};
use super::packages::{self, Database, OsRelease, Package, PackageKind};
use super::policy::Policy;
use super::{
    check_context, check_dockerfile, check_image, file_secrets, of_compose, read_archive, secret,
};

/// A database of packages: the first line is its path in the image.
pub(crate) fn packages(data: &[u8]) {
    let cut = data.iter().position(|byte| *byte == b'\n');
    let (path, bytes) = data.split_at(cut.unwrap_or(data.len()));
    let path = String::from_utf8_lossy(path);
    let bytes = bytes.get(1..).unwrap_or_default();
    let os = OsRelease::parse(&String::from_utf8_lossy(bytes));
    if let Some(os) = &os {
        os.ecosystem();
    }
    let Some(database) = Database::of_path(&path) else {
        let told = packages::look_into_program(&path, bytes);
        told.packages.iter().for_each(|package| {
            package.purl(None);
        });
        file_secrets::find(&path, bytes);
        return;
    };
    packages::owned(&path, bytes);
    let found = packages::read(database, &path, bytes);
    for package in &found {
        assert!(!package.name.is_empty() && !package.version.is_empty());
        package.purl(os.as_ref());
    }
    Index::new().add(0, os.as_ref(), &found);
}

/// An advisory, and whether it is about packages that a line in front of it names:
/// `KIND NAME VERSION`.
pub(crate) fn advisory(data: &[u8]) {
    let cut = data.iter().position(|byte| *byte == b'\n');
    let (head, bytes) = data.split_at(cut.unwrap_or(0));
    let head = String::from_utf8_lossy(head);
    let mut words = head.split(' ');
    let (kind, name, version) = (words.next(), words.next(), words.next());
    let kind = match kind {
        Some("deb") => PackageKind::Deb,
        Some("npm") => PackageKind::Npm,
        Some("cargo") => PackageKind::Cargo,
        _ => PackageKind::Python,
    };
    let packages = [Package {
        kind,
        name: name.unwrap_or("a").to_owned(),
        version: version.unwrap_or("1").to_owned(),
        source: None,
        arch: None,
        path: String::new(),
        layer: 0,
        owner: None,
    }];
    let os = OsRelease::parse("ID=debian\nVERSION_ID=12\n");
    let mut index = Index::new();
    index.add(0, os.as_ref(), &packages);
    let Some(advisory) = Advisory::parse(bytes) else {
        return;
    };
    advisory.rating();
    let hits = index.hits(&advisory);
    assert!(hits.len() <= 1, "a package is hit once");
    grouped(
        hits.into_iter()
            .map(|(package, fixed)| Hit::new(package, &advisory, fixed))
            .collect(),
    );
}

/// An image as `docker save` writes it, and the rules on it.
pub(crate) fn saved_image(data: &[u8]) {
    if let Ok(image) = read_archive(data, "image") {
        for file in &image.files {
            let path = &file.entry.path;
            assert!(!path.split('/').any(|part| part == ".."), "{path}");
        }
        check_image(&image, &super::Origin::default(), &Policy::default());
    }
}

/// A Dockerfile, a compose file and an ignore file at once, and secrets in them.
pub(crate) fn scanned_text(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let policy = Policy::default();
    let mut findings = Vec::new();
    if let Ok(found) = check_dockerfile(&text, "Dockerfile", None, &policy) {
        findings.extend(found.findings);
    }
    findings.extend(of_compose(&text, "compose.yml", &policy).unwrap_or_default());
    findings.extend(check_context(
        Some((".dockerignore", &text)),
        "Dockerfile",
        &[],
    ));
    for secret in secret::find(data) {
        assert!(secret.masked.chars().count() < 60);
    }
    secret::hidden(&text, &std::collections::BTreeSet::new());
    for finding in policy.apply(findings) {
        assert!(!finding.message.is_empty());
    }
}
