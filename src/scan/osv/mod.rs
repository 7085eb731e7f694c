//! Advisories in the form of OSV (<https://ossf.github.io/osv-schema/>), and which of
//! them are about a package.

mod group;
mod model;
mod range;
mod version;

use std::collections::HashMap;

pub(crate) use group::{Hit, grouped};
pub(crate) use model::Advisory;
pub(crate) use version::Scheme;

use super::packages::{OsRelease, Package, PackageKind};

/// The packages that advisories are looked up for, by ecosystem and name.
pub(crate) struct Index<'p> {
    packages: HashMap<(&'static str, String), Vec<usize>>,
    entries: Vec<Indexed<'p>>,
}

/// A package, with what advisories call it.
#[derive(Debug, Clone)]
pub(crate) struct Indexed<'p> {
    /// The image that it is in, by its place.
    pub(crate) target: usize,
    /// The package.
    pub(crate) package: &'p Package,
    /// Its ecosystem with the release: `Debian:12`, `PyPI`.
    pub(crate) ecosystem: String,
    /// The version that advisories speak of.
    version: String,
    scheme: Scheme,
}

/// Why a package is not looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Unchecked {
    /// No library compares versions of its kind.
    Kind,
    /// OSV knows no ecosystem of its distribution.
    Distribution,
    /// Its version has not the form of its ecosystem.
    Version,
    /// The database has no advisory of its ecosystem.
    Ecosystem,
}

impl<'p> Index<'p> {
    /// An index of nothing.
    pub(crate) fn new() -> Self {
        Self {
            packages: HashMap::new(),
            entries: Vec::new(),
        }
    }

    /// Adds the packages of an image. Gives those that cannot be looked up.
    pub(crate) fn add(
        &mut self,
        target: usize,
        os: Option<&OsRelease>,
        packages: &'p [Package],
    ) -> Vec<(&'p Package, Unchecked)> {
        let mut unchecked = Vec::new();
        for package in packages {
            // It is the distribution's to mend, under the distribution's own version.
            if package.owner.is_some() {
                continue;
            }
            match indexed(target, os, package) {
                Ok(indexed) => {
                    let base = indexed.scheme.base();
                    let (name, _) = package.advised();
                    let at = self.entries.len();
                    self.packages.entry((base, name)).or_default().push(at);
                    self.entries.push(indexed);
                }
                Err(why) => unchecked.push((package, why)),
            }
        }
        unchecked
    }

    /// The packages in it.
    pub(crate) fn entries(&self) -> &[Indexed<'p>] {
        &self.entries
    }

    /// The packages that an advisory is about, each once, with the least version that
    /// mends it.
    pub(crate) fn hits(&self, advisory: &Advisory) -> Vec<(usize, Option<String>)> {
        let mut hits: Vec<(usize, Option<String>)> = Vec::new();
        if advisory.withdrawn.is_some() {
            return hits;
        }
        for affected in &advisory.affected {
            let Some(about) = &affected.package else {
                continue;
            };
            let Some(scheme) = Scheme::of_ecosystem(&about.ecosystem) else {
                continue;
            };
            let name = scheme.name(&about.name);
            let Some(places) = self.packages.get(&(scheme.base(), name)) else {
                continue;
            };
            for place in places {
                let Some(entry) = self.entries.get(*place) else {
                    continue;
                };
                if !same_release(&about.ecosystem, &entry.ecosystem)
                    || hits.iter().any(|(known, _)| known == place)
                {
                    continue;
                }
                if let Some(fixed) = range::affects(affected, &entry.version, entry.scheme) {
                    hits.push((*place, fixed));
                }
            }
        }
        hits
    }
}

impl Indexed<'_> {
    /// Its ecosystem without a release.
    pub(crate) fn base(&self) -> &'static str {
        self.scheme.base()
    }
}

fn indexed<'p>(
    target: usize,
    os: Option<&OsRelease>,
    package: &'p Package,
) -> Result<Indexed<'p>, Unchecked> {
    let ecosystem = match package.kind {
        PackageKind::Python => "PyPI".to_owned(),
        PackageKind::Npm => "npm".to_owned(),
        PackageKind::Cargo => "crates.io".to_owned(),
        PackageKind::Apk => return Err(Unchecked::Kind),
        PackageKind::Deb => os
            .and_then(OsRelease::ecosystem)
            .ok_or(Unchecked::Distribution)?,
    };
    let scheme = Scheme::of_ecosystem(&ecosystem).ok_or(Unchecked::Kind)?;
    let (_, version) = package.advised();
    if !scheme.is_version(version) {
        return Err(Unchecked::Version);
    }
    Ok(Indexed {
        target,
        package,
        ecosystem,
        version: version.to_owned(),
        scheme,
    })
}

/// Whether an ecosystem of an advisory is that of a package. One without a release is
/// about all of them; `Ubuntu:22.04:LTS` is 22.04, and `Ubuntu:Pro:22.04:LTS` is another.
fn same_release(advisory: &str, package: &str) -> bool {
    match advisory.split_once(':') {
        None => true,
        Some((_, release)) => {
            let own = package.split_once(':').map_or("", |(_, own)| own);
            release == own
                || release
                    .strip_prefix(own)
                    .is_some_and(|rest| !own.is_empty() && rest.starts_with(':'))
        }
    }
}

/// Whether advisories of one ecosystem are about packages of another: the same, or the
/// same of all releases.
pub(crate) fn covers(advisory: &str, package: &str) -> bool {
    let base = |text: &str| text.split(':').next().map(ToOwned::to_owned);
    base(advisory) == base(package) && same_release(advisory, package)
}

#[cfg(test)]
mod tests;
