//! The lines that a change adds, from what `git diff --unified=0` prints.

use std::collections::BTreeMap;
use std::ops::Range;

use super::coverage::{Coverage, MAX_LINE};
use crate::record::{ChangedCoverage, ChangedFile, CoverageBase, CoverageSummary};

/// New and changed lines by file, as ranges that do not overlap.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// By path in the repository.
    pub(crate) files: BTreeMap<String, Vec<Range<u32>>>,
}

/// What coverage is held against beside thresholds.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Against {
    /// What it is, in words: `main`, `coverage.xml`.
    pub(crate) name: String,
    /// The totals there, where a report tells them.
    pub(crate) summary: Option<CoverageSummary>,
    /// What has changed since, where git tells it.
    pub(crate) changes: Option<Changes>,
}

impl Against {
    /// What there is to know of it for a judgement of this coverage.
    pub(crate) fn compare(&self, coverage: &Coverage) -> CoverageBase {
        CoverageBase {
            name: self.name.clone(),
            summary: self.summary.as_ref().map(|summary| CoverageSummary {
                files: Vec::new(),
                ..summary.clone()
            }),
            changed: self.changes.as_ref().map(|changes| ChangedCoverage {
                files: changes.lines_of(coverage),
                unknown: changes.unknown_to(coverage),
            }),
        }
    }
}

impl Changes {
    /// Reads a diff without context lines, whose new paths have the prefix `b/`.
    pub(crate) fn parse(diff: &str) -> Self {
        let mut changes = Self::default();
        let mut file: Option<String> = None;
        // Lines of a hunk that are still to come: they may look like anything.
        let mut left = 0u64;
        for line in diff.split('\n') {
            if left > 0 && line.starts_with(['+', '-', ' ']) {
                left -= 1;
            } else if line.starts_with('\\') {
                // "\ No newline at end of file"
            } else if let Some(path) = line.strip_prefix("+++ ") {
                file = new_path(path);
            } else if let Some(hunk) = line.strip_prefix("@@ ") {
                let Some((old, new)) = hunk_of(hunk) else {
                    continue;
                };
                left = u64::from(old) + u64::from(new.end - new.start);
                if let Some(file) = &file
                    && !new.is_empty()
                {
                    changes.files.entry(file.clone()).or_default().push(new);
                }
            } else if line.starts_with("diff ") {
                file = None;
            }
        }
        changes
    }

    /// Takes a whole file for new, as one that git does not know yet.
    pub(crate) fn add_whole(&mut self, path: String) {
        let whole = std::iter::once(1..MAX_LINE + 1);
        self.files.insert(path, whole.collect());
    }

    /// What the report says of the changed lines, file by file. A file without a
    /// changed statement is left out.
    pub(crate) fn lines_of(&self, coverage: &Coverage) -> Vec<ChangedFile> {
        let files = self.files.iter().filter_map(|(path, ranges)| {
            let file = coverage.files.get(path)?;
            let lines = ranges
                .iter()
                .flat_map(|range| file.lines.range(range.clone()));
            let mut changed = ChangedFile {
                path: path.clone(),
                lines_valid: 0,
                missed: Vec::new(),
            };
            for (number, line) in lines {
                changed.lines_valid += 1;
                if line.hits() == 0 {
                    changed.missed.push(*number);
                }
            }
            (changed.lines_valid > 0).then_some(changed)
        });
        files.collect()
    }

    /// Changed files that the report does not know, of the kinds that it measures.
    pub(crate) fn unknown_to(&self, coverage: &Coverage) -> Vec<String> {
        let ending = |path: &str| {
            let name = path.rsplit('/').next().unwrap_or(path);
            name.rsplit_once('.').map(|(_, ending)| ending.to_owned())
        };
        let measured: std::collections::BTreeSet<_> = coverage
            .files
            .keys()
            .filter_map(|path| ending(path))
            .collect();
        let unknown = self.files.keys().filter(|path| {
            !coverage.files.contains_key(*path)
                && ending(path).is_some_and(|ending| measured.contains(&ending))
        });
        unknown.cloned().collect()
    }
}

/// The path of `+++ b/path`; `None` for a file that is gone.
fn new_path(text: &str) -> Option<String> {
    // git ends a name that has blanks with a tab.
    let text = text.strip_suffix('\t').unwrap_or(text);
    let path = match text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    {
        Some(quoted) => unquoted(quoted)?,
        None => text.to_owned(),
    };
    path.strip_prefix("b/").map(ToOwned::to_owned)
}

/// A name as git quotes it: as a string of C.
fn unquoted(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        bytes.push(match rest.next()? {
            b'a' => 7,
            b'b' => 8,
            b't' => b'\t',
            b'n' => b'\n',
            b'v' => 11,
            b'f' => 12,
            b'r' => b'\r',
            first @ b'0'..=b'3' => {
                let mut value = first - b'0';
                for _ in 0..2 {
                    let digit = rest.next()?.checked_sub(b'0').filter(|digit| *digit < 8)?;
                    value = value << 3 | digit;
                }
                value
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

/// `-1,2 +3,4 @@ …`: how many lines go, and which ones come.
fn hunk_of(text: &str) -> Option<(u32, Range<u32>)> {
    let mut words = text.split(' ');
    let (_, old) = span_of(words.next()?.strip_prefix('-')?)?;
    let (start, count) = span_of(words.next()?.strip_prefix('+')?)?;
    let end = start.checked_add(count)?;
    Some((old, start..end.min(MAX_LINE + 1).max(start)))
}

fn span_of(text: &str) -> Option<(u32, u32)> {
    match text.split_once(',') {
        Some((start, count)) => Some((start.parse().ok()?, count.parse().ok()?)),
        None => Some((text.parse().ok()?, 1)),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::results::lcov;

    #[test]
    fn added_lines_are_found() {
        let diff = "diff --git a/a.py b/a.py\nindex 1..2 100644\n--- a/a.py\n+++ b/a.py\n\
                    @@ -1 +1,2 @@ def x\n-old\n+++ b/fake.py\n+@@ -1 +90,9 @@\n\
                    @@ -9,2 +10,0 @@\n-a\n-b\n@@ -20,0 +30 @@\n+c\n\\ No newline at end of file\n\
                    diff --git a/gone.py b/gone.py\n--- a/gone.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n\
                    diff --git \"a/\\303\\274 \\\"x\\\".py\" \"b/\\303\\274 \\\"x\\\".py\"\n--- /dev/null\n\
                    +++ \"b/\\303\\274 \\\"x\\\".py\"\n@@ -0,0 +1,3 @@\n+a\n+b\n+c\n\
                    diff --git a/with blank.py b/with blank.py\n--- a/with blank.py\t\n\
                    +++ b/with blank.py\t\n@@ -1,0 +2 @@\n+a\n";
        let changes = Changes::parse(diff);
        let files: Vec<_> = changes
            .files
            .iter()
            .map(|(path, ranges)| format!("{path} {ranges:?}"))
            .collect();
        assert_eq!(
            files,
            [
                "a.py [1..3, 30..31]",
                "with blank.py [2..3]",
                "ü \"x\".py [1..4]"
            ]
        );
    }

    #[test]
    fn hostile_diffs_do_no_harm() {
        for diff in [
            "@@ -1 +1 @@\n+a",
            "+++ b/a\n@@ -4294967295 +4294967295,4294967295 @@\n",
            "+++ b/a\n@@ -1,4294967295 +1,4294967290 @@\n+x\n",
            "+++ \"b/\\",
            "+++ \"b/\\9\"\n@@ -x +y @@",
        ] {
            let changes = Changes::parse(diff);
            for ranges in changes.files.values() {
                assert!(
                    ranges.iter().all(|range| range.end <= MAX_LINE + 1),
                    "{diff}"
                );
            }
        }
    }

    #[test]
    fn changed_statements_are_counted() {
        let report = "SF:a.py\nDA:1,1\nDA:3,0\nDA:9,0\nend_of_record\n\
                      SF:b.py\nDA:1,1\nend_of_record\n";
        let coverage = lcov::read(report.as_bytes()).unwrap();
        let file = |path: &str, first: u32, count: usize| {
            let lines = "+x\n".repeat(count);
            format!("diff --git\n+++ b/{path}\n@@ -0,0 +{first},{count} @@\n{lines}")
        };
        let diff = [
            file("a.py", 1, 4),
            file("new.py", 1, 1),
            file("read.me", 1, 1),
            file("b.py", 7, 1),
        ];
        let mut changes = Changes::parse(&diff.concat());
        let lines = changes.lines_of(&coverage);
        assert_eq!(lines.len(), 1);
        assert_eq!(
            (lines[0].lines_valid, lines[0].missed.as_slice()),
            (2, &[3][..])
        );
        assert_eq!(changes.unknown_to(&coverage), ["new.py"]);
        changes.add_whole("a.py".to_owned());
        assert_eq!(changes.lines_of(&coverage)[0].missed, [3, 9]);
    }
}
