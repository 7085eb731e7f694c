//! The packages of an image, as the databases in it tell.
//!
//! All texts are foreign: what does not have the form of a database is left out.

mod apk;
mod binary;
mod dpkg;
mod npm;
mod os_release;
mod python;

use packageurl::PackageUrl;

use crate::plan::normal_name;

pub(crate) use os_release::OsRelease;

/// A kind of package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum PackageKind {
    /// Debian's, of dpkg.
    Deb,
    /// Alpine's.
    Apk,
    /// Python's.
    Python,
    /// Node's.
    Npm,
    /// Rust's, of programs built with `cargo auditable`.
    Cargo,
}

impl PackageKind {
    /// Every kind.
    pub(crate) const ALL: [Self; 5] = [Self::Deb, Self::Apk, Self::Python, Self::Npm, Self::Cargo];

    /// The word for it in a list: `81 deb, 4 Python`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Deb => "deb",
            Self::Apk => "apk",
            Self::Python => "Python",
            Self::Npm => "npm",
            Self::Cargo => "Rust",
        }
    }
}

/// An installed package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Package {
    /// Its kind.
    pub(crate) kind: PackageKind,
    /// Its name, as its ecosystem writes it.
    pub(crate) name: String,
    /// Its version.
    pub(crate) version: String,
    /// Name and version of the source package, where they are others.
    pub(crate) source: Option<(String, String)>,
    /// Its processor architecture, where the database tells.
    pub(crate) arch: Option<String>,
    /// The file that tells of it, without the first `/`.
    pub(crate) path: String,
    /// The layer that the file is in, from 0.
    pub(crate) layer: usize,
    /// The package of the distribution that brought it. Such a package is the
    /// distribution's to mend: its version says nothing to advisories of the ecosystem.
    pub(crate) owner: Option<String>,
}

impl Package {
    /// A package without anything more.
    fn new(kind: PackageKind, name: &str, version: &str, path: &str) -> Option<Self> {
        let (name, version) = (name.trim(), version.trim());
        let good = |text: &str| {
            !text.is_empty() && text.len() <= LONGEST && !text.contains(char::is_control)
        };
        (good(name) && good(version)).then(|| Self {
            kind,
            name: name.to_owned(),
            version: version.to_owned(),
            source: None,
            arch: None,
            path: path.to_owned(),
            layer: 0,
            owner: None,
        })
    }

    /// The name under which advisories list it, and the version they speak of: Debian's
    /// and Alpine's are about source packages.
    pub(crate) fn advised(&self) -> (String, &str) {
        match (&self.source, self.kind) {
            (Some((name, version)), _) => (name.clone(), version),
            (None, PackageKind::Python) => (normal_name(&self.name), &self.version),
            (None, _) => (self.name.clone(), &self.version),
        }
    }

    /// Its package URL (purl-spec).
    pub(crate) fn purl(&self, os: Option<&OsRelease>) -> String {
        let (kind, namespace, name) = match self.kind {
            PackageKind::Deb => (
                "deb",
                Some(os.map_or("debian", |os| os.id.as_str())),
                self.name.as_str(),
            ),
            PackageKind::Apk => (
                "apk",
                Some(os.map_or("alpine", |os| os.id.as_str())),
                self.name.as_str(),
            ),
            PackageKind::Python => ("pypi", None, self.name.as_str()),
            PackageKind::Npm => match self.name.split_once('/') {
                Some((scope, name)) => ("npm", Some(scope), name),
                None => ("npm", None, self.name.as_str()),
            },
            PackageKind::Cargo => ("cargo", None, self.name.as_str()),
        };
        let name = match self.kind {
            PackageKind::Python => normal_name(name),
            _ => name.to_owned(),
        };
        let built = || -> Result<String, packageurl::Error> {
            let mut purl = PackageUrl::new(kind, name.as_str())?;
            if let Some(namespace) = namespace {
                purl.with_namespace(namespace)?;
            }
            purl.with_version(self.version.as_str())?;
            if let Some(arch) = &self.arch {
                purl.add_qualifier("arch", arch.as_str())?;
            }
            if let Some(os) = os
                && matches!(self.kind, PackageKind::Deb | PackageKind::Apk)
                && !os.version.is_empty()
            {
                purl.add_qualifier("distro", format!("{}-{}", os.id, os.version))?;
            }
            Ok(purl.to_string())
        };
        built().unwrap_or_default()
    }
}

/// Longest name or version that is believed.
const LONGEST: usize = 400;
/// Most packages of one database.
const MOST: usize = 100_000;

/// What a file of an image is to the reader of packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Database {
    /// `/var/lib/dpkg/status`, or a file of `status.d` of distroless images.
    Dpkg,
    /// `/var/lib/dpkg/info/*.list`: the files of a package.
    DpkgList,
    /// `/lib/apk/db/installed`.
    Apk,
    /// `METADATA` or `PKG-INFO` of a distribution.
    Python,
    /// `package.json` below `node_modules`.
    Npm,
    /// `os-release`.
    OsRelease,
    /// A database of rpm, which no library reads here.
    Rpm,
}

impl Database {
    /// What the file at a path is, by its path (without the first `/`).
    pub(crate) fn of_path(path: &str) -> Option<Self> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let parent = folder.rsplit('/').next().unwrap_or_default();
        match path {
            "var/lib/dpkg/status" => return Some(Self::Dpkg),
            "lib/apk/db/installed" | "usr/lib/apk/db/installed" => return Some(Self::Apk),
            "etc/os-release" | "usr/lib/os-release" => return Some(Self::OsRelease),
            _ => {}
        }
        match folder {
            "var/lib/dpkg/status.d" if !name.ends_with(".md5sums") => return Some(Self::Dpkg),
            "var/lib/dpkg/info" if name.ends_with(".list") => return Some(Self::DpkgList),
            "var/lib/rpm" | "usr/lib/sysimage/rpm"
                if ["Packages", "Packages.db", "rpmdb.sqlite"].contains(&name) =>
            {
                return Some(Self::Rpm);
            }
            _ => {}
        }
        let python = (name == "METADATA" && parent.ends_with(".dist-info"))
            || (name == "PKG-INFO" && parent.ends_with(".egg-info"))
            || (name.ends_with(".egg-info") && parent.ends_with("-packages"));
        if python {
            return Some(Self::Python);
        }
        (name == "package.json" && npm::is_package(folder)).then_some(Self::Npm)
    }

    /// Most bytes of such a file that are read.
    pub(crate) fn most(self) -> u64 {
        match self {
            Self::Dpkg | Self::Apk => 64 << 20,
            Self::DpkgList => 16 << 20,
            Self::Python | Self::Npm => 4 << 20,
            Self::OsRelease => 64 << 10,
            Self::Rpm => 0,
        }
    }
}

/// The packages that a database tells of.
pub(crate) fn read(database: Database, path: &str, bytes: &[u8]) -> Vec<Package> {
    let text = String::from_utf8_lossy(bytes);
    let mut packages = match database {
        Database::Dpkg => dpkg::read(&text, path),
        Database::Apk => apk::read(&text, path),
        Database::Python => python::read(&text, path).into_iter().collect(),
        Database::Npm => npm::read(&text, path).into_iter().collect(),
        Database::DpkgList | Database::OsRelease | Database::Rpm => Vec::new(),
    };
    packages.truncate(MOST);
    packages
}

/// The files of a dpkg package that tell of packages of another kind, and its name.
pub(crate) use dpkg::owned;

/// What a program tells of what it was built from.
pub(crate) use binary::look as look_into_program;

#[cfg(test)]
mod tests;
