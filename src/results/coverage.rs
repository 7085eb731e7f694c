//! Coverage by file and line, whatever report it came from.

use std::collections::BTreeMap;

use crate::record::{CoverageSummary, FileCoverage};

use super::branches::Branches;
use super::paths::{Mapped, PathMap};

/// Largest line number that is believed.
pub(crate) const MAX_LINE: u32 = 10_000_000;

/// One coverage report, or several merged ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Coverage {
    /// Directories that the file names are relative to, in the order of the
    /// report; Cobertura's `<source>`.
    pub(crate) sources: Vec<String>,
    /// The files by name, as the report names them.
    pub(crate) files: BTreeMap<String, FileLines>,
}

/// The executable lines of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FileLines {
    /// The lines by number, counted from 1.
    pub(crate) lines: BTreeMap<u32, Line>,
}

/// How often a line ran.
///
/// coverage.py writes 1 for any number above 0. Of such reports, in which no line
/// has more, the joined one says no more than that either, as `coverage combine`
/// does; what other reports counted is added. So the two are kept apart, which
/// makes joining independent of the order.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Hits {
    /// Counted by reports that count, at most `u64::MAX`.
    counted: u64,
    /// Whether it ran by a report that says no more.
    ran: bool,
}

impl Hits {
    /// Hits as a report tells them.
    pub(crate) fn of(number: u64) -> Self {
        Self {
            counted: number,
            ran: false,
        }
    }

    /// As one number.
    pub(crate) fn number(self) -> u64 {
        self.counted.saturating_add(u64::from(self.ran))
    }
}

impl PartialEq for Hits {
    fn eq(&self, other: &Self) -> bool {
        self.number() == other.number()
    }
}

impl Eq for Hits {}

/// One executable line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Line {
    /// How often it ran.
    pub(crate) hits: Hits,
    /// Its branches, where it has several ways out and they were measured.
    pub(crate) branches: Option<Branches>,
}

/// How two accounts of one line become one.
#[derive(Debug, Clone, Copy)]
enum Joining {
    /// Two runs: hits are added.
    Runs,
    /// The same run told twice: the larger number counts.
    Accounts,
}

impl Line {
    /// Notes that it ran, by an account that does not say how often.
    pub(crate) fn mark(&mut self) {
        self.hits.ran = true;
    }

    /// How often it ran.
    pub(crate) fn hits(&self) -> u64 {
        self.hits.number()
    }

    fn join(&mut self, other: Self, joining: Joining) {
        self.hits.ran |= other.hits.ran;
        self.hits.counted = match joining {
            Joining::Runs => self.hits.counted.saturating_add(other.hits.counted),
            Joining::Accounts => self.hits.counted.max(other.hits.counted),
        };
        match (&mut self.branches, other.branches) {
            (Some(own), Some(others)) => own.join(others),
            (own @ None, others) => *own = others,
            (Some(_), None) => {}
        }
    }
}

impl FileLines {
    /// Takes in another account of the same run of the same file: lines are
    /// united, of two numbers of hits the larger counts (a Cobertura method
    /// repeats the lines of its class).
    pub(crate) fn absorb(&mut self, other: Self) {
        self.join(other, Joining::Accounts);
    }

    /// Takes in another run of the same file: lines are united, hits added.
    pub(crate) fn merge(&mut self, other: Self) {
        self.join(other, Joining::Runs);
    }

    /// As [`Self::absorb`], for a single line.
    pub(crate) fn absorb_line(&mut self, number: u32, line: Line) {
        self.join_line(number, line, Joining::Accounts);
    }

    fn join(&mut self, other: Self, joining: Joining) {
        if self.lines.is_empty() {
            self.lines = other.lines;
            return;
        }
        for (number, line) in other.lines {
            self.join_line(number, line, joining);
        }
    }

    fn join_line(&mut self, number: u32, line: Line, joining: Joining) {
        match self.lines.entry(number) {
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(line);
            }
            std::collections::btree_map::Entry::Occupied(mut own) => {
                own.get_mut().join(line, joining)
            }
        }
    }

    /// The figures of the file under the given path.
    pub(crate) fn summary(&self, path: &str) -> FileCoverage {
        let mut summary = FileCoverage {
            path: path.to_owned(),
            lines_valid: self.lines.len() as u64,
            ..FileCoverage::default()
        };
        for line in self.lines.values() {
            summary.lines_covered += u64::from(line.hits() > 0);
            if let Some(branches) = &line.branches {
                summary.branches_valid += u64::from(branches.total());
                summary.branches_covered += u64::from(branches.covered());
            }
        }
        summary
    }
}

impl Coverage {
    /// The figures, counted from the lines: totals and rates that a report
    /// states are never used.
    pub(crate) fn summary(&self) -> CoverageSummary {
        let files = self.files.iter().map(|(path, lines)| lines.summary(path));
        CoverageSummary::of(files.collect())
    }

    /// Looks at a report that was read whole: where no line has more than one hit,
    /// its hits are no counts (see [`Hits`]).
    pub(crate) fn settle(&mut self) {
        let lines = || self.files.values().flat_map(|file| file.lines.values());
        if lines().any(|line| line.hits.counted > 1) {
            return;
        }
        for line in self
            .files
            .values_mut()
            .flat_map(|file| file.lines.values_mut())
        {
            line.hits.ran |= line.hits.counted > 0;
            line.hits.counted = 0;
        }
    }

    /// Whether any line tells branches.
    pub(crate) fn has_branches(&self) -> bool {
        self.files
            .values()
            .flat_map(|file| file.lines.values())
            .any(|line| line.branches.is_some())
    }

    /// Takes in the report of another run: files and lines are united, hits are
    /// added (see [`Hits`]), and a branch counts as taken when it was in one of the two. File
    /// names are compared as they are, so [`Self::remap`] comes first. The
    /// sources become the sorted union.
    ///
    /// The order of merging does not matter, and merging a report twice covers
    /// no more than merging it once.
    pub(crate) fn merge(&mut self, other: Self) {
        self.sources.extend(other.sources);
        self.sources.sort_unstable();
        self.sources.dedup();
        for (path, lines) in other.files {
            self.files.entry(path).or_default().merge(lines);
        }
    }

    /// Gives the files their names in the repository. Files that cannot be
    /// placed keep their name; those names are returned, sorted. Files that get
    /// the same name become one ([`FileLines::absorb`]). The only source is `.`
    /// afterwards.
    pub(crate) fn remap(&mut self, map: &PathMap) -> Vec<String> {
        let mut unmapped = Vec::new();
        for (name, lines) in std::mem::take(&mut self.files) {
            let path = match map.map(&name) {
                Mapped::Path(path) => path,
                Mapped::Unmapped => {
                    unmapped.push(name.clone());
                    name
                }
            };
            self.files.entry(path).or_default().absorb(lines);
        }
        self.sources = vec![".".to_owned()];
        unmapped
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::branches::Missing;

    fn report(file: &str, lines: &[(u32, u64)]) -> Coverage {
        let lines = lines.iter().map(|&(number, hits)| {
            let line = Line {
                hits: Hits::of(hits),
                branches: None,
            };
            (number, line)
        });
        let lines = FileLines {
            lines: lines.collect(),
        };
        Coverage {
            sources: vec!["/app".to_owned()],
            files: BTreeMap::from([(file.to_owned(), lines)]),
        }
    }

    #[test]
    fn merging_unites_lines_and_adds_hits() {
        let mut both = report("a.py", &[(1, 1), (2, 0), (3, u64::MAX)]);
        both.merge(report("a.py", &[(2, 4), (3, 2), (9, 0)]));
        both.merge(report("b.py", &[]));
        let hits: Vec<_> = both.files["a.py"]
            .lines
            .iter()
            .map(|(&n, line)| (n, line.hits()))
            .collect();
        assert_eq!(hits, [(1, 1), (2, 4), (3, u64::MAX), (9, 0)]);
        let summary = both.summary();
        assert_eq!((summary.lines_covered, summary.lines_valid), (3, 4));
        assert_eq!(summary.files.len(), 2);
        assert_eq!(both.sources, ["/app"]);
    }

    #[test]
    fn hits_that_are_no_counts_are_not_added() {
        let settled = |lines| {
            let mut coverage = report("a.py", lines);
            coverage.settle();
            coverage
        };
        let yes = || settled(&[(1, 1), (2, 0)]);
        let counts = || settled(&[(1, 1), (2, 3)]);
        let hits = |parts: Vec<Coverage>| {
            let mut all = Coverage::default();
            parts.into_iter().for_each(|part| all.merge(part));
            let lines = &all.files["a.py"].lines;
            lines.values().map(Line::hits).collect::<Vec<_>>()
        };
        assert_eq!(hits(vec![yes(), yes()]), [1, 0]);
        assert_eq!(hits(vec![counts(), counts()]), [2, 6]);
        assert_eq!(hits(vec![yes(), counts(), yes()]), [2, 3]);
        assert_eq!(hits(vec![counts(), yes(), yes()]), [2, 3]);
    }

    #[test]
    fn branches_of_one_report_are_taken_over() {
        let mut plain = report("a.py", &[(1, 1)]);
        let mut other = report("a.py", &[(1, 0)]);
        if let Some(line) = other
            .files
            .get_mut("a.py")
            .and_then(|f| f.lines.get_mut(&1))
        {
            line.branches = Some(Branches::new(1, 2, Missing::Unnamed, Vec::new()));
        }
        assert!(!plain.has_branches());
        plain.merge(other);
        assert!(plain.has_branches());
        let summary = plain.summary();
        assert_eq!((summary.branches_covered, summary.branches_valid), (1, 2));
    }

    #[test]
    fn remap_lists_what_it_cannot_place() {
        let map = PathMap::new("/app", &[], ["src/a.py".to_owned()]);
        let mut both = report("/app/src/a.py", &[(1, 1)]);
        both.merge(report("src/a.py", &[(1, 0), (2, 0)]));
        both.merge(report("/usr/lib/x.py", &[(1, 0)]));
        assert_eq!(both.remap(&map), ["/usr/lib/x.py"]);
        let names: Vec<_> = both.files.keys().map(String::as_str).collect();
        assert_eq!(names, ["/usr/lib/x.py", "src/a.py"]);
        assert_eq!(both.files["src/a.py"].lines[&1].hits(), 1);
        assert_eq!(both.sources, ["."]);
    }
}
