//! Advisories of the same vulnerability are one finding.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::model::Advisory;
use crate::scan::finding::Severity;

/// An advisory that is about a package.
#[derive(Debug, Clone)]
pub(crate) struct Hit {
    /// The package, by its place in the index.
    pub(crate) package: usize,
    /// Its ids, the advisory's own first.
    ids: Vec<String>,
    severity: Severity,
    line: String,
    fixed: Option<String>,
}

impl Hit {
    /// What is kept of an advisory.
    pub(crate) fn new(package: usize, advisory: &Advisory, fixed: Option<String>) -> Self {
        let mut ids = vec![advisory.id.clone()];
        ids.extend(advisory.aliases.iter().take(MOST).cloned());
        // An advisory of a distribution may be about several; then they are no names of it.
        if let [only] = advisory.upstream.as_slice() {
            ids.push(only.clone());
        }
        Self {
            package,
            ids,
            severity: advisory.rating(),
            line: advisory.line(),
            fixed,
        }
    }
}

/// Most aliases of one advisory.
const MOST: usize = 100;

/// A vulnerability of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grouped {
    /// The package, by its place in the index.
    pub(crate) package: usize,
    /// Its best-known id.
    pub(crate) id: String,
    /// All other ids, sorted.
    pub(crate) aliases: Vec<String>,
    /// How grave, by the gravest of its advisories.
    pub(crate) severity: Severity,
    /// What it is, one line.
    pub(crate) line: String,
    /// Versions that mend it, as its advisories name them.
    pub(crate) fixed: Vec<String>,
}

/// Puts together what is the same, by package and then id.
pub(crate) fn grouped(hits: Vec<Hit>) -> Vec<Grouped> {
    let mut by_package: BTreeMap<usize, Vec<Hit>> = BTreeMap::new();
    for hit in hits {
        by_package.entry(hit.package).or_default().push(hit);
    }
    let mut groups = Vec::new();
    for (package, hits) in by_package {
        let mut of_package: Vec<Grouped> = joined(&hits)
            .into_iter()
            .filter_map(|members| group(package, &members))
            .collect();
        of_package.sort_by(|a, b| a.id.cmp(&b.id));
        groups.extend(of_package);
    }
    groups
}

/// Hits that share an id, directly or by others.
fn joined(hits: &[Hit]) -> Vec<Vec<&Hit>> {
    let mut parents: Vec<usize> = (0..hits.len()).collect();
    let mut first: HashMap<&str, usize> = HashMap::new();
    for (at, hit) in hits.iter().enumerate() {
        for id in &hit.ids {
            let other = *first.entry(id).or_insert(at);
            let (a, b) = (root(&parents, at), root(&parents, other));
            if let Some(parent) = parents.get_mut(a.max(b)) {
                *parent = a.min(b);
            }
        }
    }
    let mut sets: BTreeMap<usize, Vec<&Hit>> = BTreeMap::new();
    for (at, hit) in hits.iter().enumerate() {
        sets.entry(root(&parents, at)).or_default().push(hit);
    }
    sets.into_values().collect()
}

fn root(parents: &[usize], mut at: usize) -> usize {
    // A parent is never larger than its child, so this ends.
    while let Some(parent) = parents.get(at).filter(|parent| **parent < at) {
        at = *parent;
    }
    at
}

fn group(package: usize, members: &[&Hit]) -> Option<Grouped> {
    let ids: BTreeSet<&String> = members.iter().flat_map(|hit| &hit.ids).collect();
    let known = |start: &str| ids.iter().find(|id| id.starts_with(start)).copied();
    let id = known("CVE-")
        .or_else(|| known("GHSA-"))
        .or_else(|| ids.iter().next().copied())?
        .clone();
    let mut fixed: Vec<String> = members.iter().filter_map(|hit| hit.fixed.clone()).collect();
    fixed.sort();
    fixed.dedup();
    Some(Grouped {
        package,
        aliases: ids
            .into_iter()
            .filter(|other| **other != id)
            .cloned()
            .collect(),
        id,
        severity: members.iter().map(|hit| hit.severity).max()?,
        line: members
            .iter()
            .map(|hit| &hit.line)
            .find(|line| !line.is_empty())
            .cloned()
            .unwrap_or_default(),
        fixed,
    })
}
