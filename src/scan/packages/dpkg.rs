//! dpkg's database (deb-control(5), dpkg-query(1)).

use super::{Database, Package, PackageKind};

/// The installed packages of a `status` file, or the one of a file in `status.d`.
pub(super) fn read(text: &str, path: &str) -> Vec<Package> {
    // Those of distroless images have no field that says so.
    let must_say_so = !path.contains("/status.d/");
    let text = text.replace("\r\n", "\n");
    text.split("\n\n")
        .filter_map(|paragraph| package(paragraph, path, must_say_so))
        .take(super::MOST)
        .collect()
}

fn package(paragraph: &str, path: &str, must_say_so: bool) -> Option<Package> {
    let status = field(paragraph, "Status");
    let installed = status
        .map(|status| status.split_whitespace().next_back() == Some("installed"))
        .unwrap_or(!must_say_so);
    if !installed {
        return None;
    }
    let version = field(paragraph, "Version")?;
    let mut package = Package::new(
        PackageKind::Deb,
        field(paragraph, "Package")?,
        version,
        path,
    )?;
    package.arch = field(paragraph, "Architecture").map(ToOwned::to_owned);
    // `Source: name` or `Source: name (version)`.
    package.source = field(paragraph, "Source").map(|source| {
        let (name, rest) = source.split_once(' ').unwrap_or((source, ""));
        let own = rest.trim().trim_start_matches('(').trim_end_matches(')');
        let version = if own.is_empty() { version } else { own };
        (name.to_owned(), version.to_owned())
    });
    Some(package)
}

/// A field of one line.
fn field<'t>(paragraph: &'t str, name: &str) -> Option<&'t str> {
    paragraph
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
        .map(str::trim)
        .filter(|value| !value.is_empty())
}

/// The package of `/var/lib/dpkg/info/NAME.list`, and the files in it that tell of
/// packages of another kind.
pub(crate) fn owned(path: &str, bytes: &[u8]) -> Vec<(String, String)> {
    let name = path.rsplit('/').next().unwrap_or_default();
    let name = name.strip_suffix(".list").unwrap_or(name);
    let name = name.split(':').next().unwrap_or(name);
    String::from_utf8_lossy(bytes)
        .lines()
        .map(|line| line.trim_start_matches('/'))
        .filter(|file| {
            matches!(
                Database::of_path(file),
                Some(Database::Python | Database::Npm)
            )
        })
        .map(|file| (file.to_owned(), name.to_owned()))
        .take(super::MOST)
        .collect()
}
