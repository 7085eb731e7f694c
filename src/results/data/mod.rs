//! coverage.py's own data, `.coverage`: an SQLite database of what ran.
//!
//! It holds lines and arcs that were executed, and nothing of what could have
//! been: which lines are statements is known to whoever parsed the source. So the
//! data is no report by itself; [`Data::add_to`] adds it to one that knows the
//! statements.
//!
//! The form is that of coverage.py 5.0 and later (documentation, "Coverage.py
//! database schema": schema 7).

mod database;
mod numbits;
mod read;
mod statements;

use std::collections::{BTreeMap, BTreeSet};

use super::paths::{Mapped, PathMap};
use numbits::Numbits;

pub(crate) use read::read;

/// What the first bytes of every SQLite database are.
pub(crate) const MAGIC: &[u8] = b"SQLite format 3\0";

/// What ran, by file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Data {
    /// By name, as coverage.py names the files: absolute, unless it was told
    /// otherwise.
    pub(crate) files: BTreeMap<String, Ran>,
    /// Contexts in which something ran, by name; `""` is the default one. What is
    /// asked of the data does not depend on them: a line ran when it ran in any.
    pub(crate) contexts: BTreeSet<String>,
}

/// What ran of one file, in any context.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Ran {
    /// Lines, where lines were recorded.
    lines: Numbits,
    /// Jumps from line to line, where branches were recorded. A negative number
    /// is the way into or out of the code that begins at that line.
    arcs: BTreeSet<(i32, i32)>,
    /// The plug-in that measured the file, where it is no plain Python.
    pub(crate) tracer: Option<String>,
}

impl Ran {
    /// Every line that ran.
    pub(crate) fn lines(&self) -> BTreeSet<u32> {
        let ends = self.arcs.iter().flat_map(|&(from, to)| [from, to]);
        let of_arcs = ends.filter_map(|end| u32::try_from(end).ok().filter(|&end| end > 0));
        self.lines.iter().chain(of_arcs).collect()
    }

    /// Where the line was left to; nothing where only lines were recorded.
    fn from(&self, line: i32) -> impl Iterator<Item = i32> {
        let range = (line, i32::MIN)..=(line, i32::MAX);
        self.arcs.range(range).map(|&(_, to)| to)
    }

    fn merge(&mut self, other: Self) {
        self.lines.join(&other.lines);
        self.arcs.extend(other.arcs);
        self.tracer = match (self.tracer.take(), other.tracer) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
    }
}

impl Data {
    /// Takes in what another process recorded: lines, arcs and contexts are
    /// united. File names are compared as they are, so [`Self::remap`] comes first.
    pub(crate) fn merge(&mut self, other: Self) {
        self.contexts.extend(other.contexts);
        for (name, ran) in other.files {
            self.files.entry(name).or_default().merge(ran);
        }
    }

    /// Gives the files their names in the repository. Those that cannot be placed
    /// keep theirs, and are returned, sorted.
    pub(crate) fn remap(&mut self, map: &PathMap) -> Vec<String> {
        let mut unmapped = Vec::new();
        for (name, ran) in std::mem::take(&mut self.files) {
            let path = match map.map(&name) {
                Mapped::Path(path) => path,
                Mapped::Unmapped => {
                    unmapped.push(name.clone());
                    name
                }
            };
            self.files.entry(path).or_default().merge(ran);
        }
        unmapped
    }

    /// Whether nothing ran at all, as in the data of a process that was killed
    /// before it wrote any.
    pub(crate) fn is_empty(&self) -> bool {
        self.files.values().all(|ran| ran.lines().is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(file: &str, lines: &[u32], arcs: &[(i32, i32)]) -> Data {
        let mut ran = Ran::default();
        for &line in lines {
            ran.lines.add(line);
        }
        ran.arcs.extend(arcs);
        Data {
            files: BTreeMap::from([(file.to_owned(), ran)]),
            contexts: BTreeSet::from([String::new()]),
        }
    }

    #[test]
    fn merging_unites() {
        let mut all = data("a.py", &[1, 9], &[]);
        all.merge(data("a.py", &[2], &[(-1, 4), (4, -1)]));
        all.merge(data("b.py", &[], &[]));
        let ran = &all.files["a.py"];
        assert_eq!(ran.lines(), BTreeSet::from([1, 2, 4, 9]));
        assert!(!all.is_empty() && data("a.py", &[], &[]).is_empty());
    }

    #[test]
    fn files_get_their_names_in_the_repository() {
        let map = PathMap::new("/app", &[], ["src/a.py".to_owned()]);
        let mut all = data("/app/src/a.py", &[1], &[]);
        all.merge(data("/usr/lib/x.py", &[1], &[]));
        assert_eq!(all.remap(&map), ["/usr/lib/x.py"]);
        let names: Vec<_> = all.files.keys().map(String::as_str).collect();
        assert_eq!(names, ["/usr/lib/x.py", "src/a.py"]);
    }
}
