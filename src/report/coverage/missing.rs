//! What is missing of a file, in words as coverage.py has them: `4-6, 9, 12->exit`.

use crate::results::{FileLines, Missing, Target};

/// A run of statements that did not run, first and last line; or a branch that was
/// not taken, of a line that ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// Lines.
    Lines(u32, u32),
    /// From a line to a place.
    Branch(u32, Target),
}

impl std::fmt::Display for Gap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Lines(first, last) if first == last => write!(f, "{first}"),
            Self::Lines(first, last) => write!(f, "{first}-{last}"),
            Self::Branch(line, Target::Exit) => write!(f, "{line}->exit"),
            Self::Branch(line, Target::Line(to)) => write!(f, "{line}->{to}"),
        }
    }
}

/// The gaps of a file, in the order of their lines. A run of lines goes on over lines
/// that are no statements.
pub(super) fn gaps(file: &FileLines) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let mut open: Option<(u32, u32)> = None;
    for (&number, line) in &file.lines {
        if line.hits() == 0 {
            open = Some((open.map_or(number, |(first, _)| first), number));
            continue;
        }
        gaps.extend(open.take().map(|(first, last)| Gap::Lines(first, last)));
        if let Some(branches) = &line.branches
            && let Missing::Lines(targets) = branches.missing()
        {
            // That a line was not jumped to is no news where it did not run.
            let ran = |target: &&Target| match target {
                Target::Exit => true,
                Target::Line(to) => file.lines.get(to).is_none_or(|line| line.hits() > 0),
            };
            let targets = targets.iter().filter(ran);
            gaps.extend(targets.map(|target| Gap::Branch(number, *target)));
        }
    }
    gaps.extend(open.map(|(first, last)| Gap::Lines(first, last)));
    gaps
}

/// Branches that were not taken although their line ran.
pub(super) fn partial(file: &FileLines) -> u64 {
    let ran = file.lines.values().filter(|line| line.hits() > 0);
    ran.filter_map(|line| line.branches.as_ref())
        .map(|branches| u64::from(branches.total() - branches.covered()))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::coverage::tests::union;

    #[test]
    fn gaps_are_those_of_coverage_report() {
        // The column "Missing" of combined.txt.
        let coverage = union();
        for (file, expected) in [
            ("never.py", "1-6"),
            ("one/__init__.py", ""),
            ("one/util.py", "48->53"),
            ("space/part.py", "4"),
            ("two/util.py", "9"),
        ] {
            let gaps: Vec<String> = gaps(&coverage.files[file])
                .iter()
                .map(ToString::to_string)
                .collect();
            assert_eq!(gaps.join(", "), expected, "{file}");
        }
        assert_eq!(partial(&coverage.files["one/util.py"]), 1);
        assert_eq!(partial(&coverage.files["never.py"]), 0);
    }
}
