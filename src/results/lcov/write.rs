//! LCOV tracefiles in the order of coverage.py.

use std::fmt::Write as _;

use super::{TO_EXIT, TO_LINE, UNNAMED};
use crate::results::branches::{Branches, Missing, Target};
use crate::results::coverage::{Coverage, Line};

/// Writes the coverage as LCOV tracefile.
///
/// The format has no escaping: control characters in file names become `?`.
/// Missing branches keep their names; those that were taken, whose names are
/// not known, are numbered. Reading the text gives an equal [`Coverage`], except
/// for sources and Cobertura's conditions, which this format does not have.
pub(crate) fn write(coverage: &Coverage) -> String {
    let mut out = String::new();
    for (path, file) in &coverage.files {
        let path: String = path
            .chars()
            .map(|c| if c.is_control() { '?' } else { c })
            .collect();
        let _ = writeln!(out, "TN:\nSF:{path}");
        for (number, line) in &file.lines {
            let _ = writeln!(out, "DA:{number},{}", line.hits());
        }
        let sums = file.summary(&path);
        let _ = writeln!(out, "LF:{}\nLH:{}", sums.lines_valid, sums.lines_covered);
        for (number, line) in &file.lines {
            if let Some(branches) = &line.branches {
                write_branches(&mut out, *number, line, branches);
            }
        }
        if sums.branches_valid > 0 {
            let (valid, covered) = (sums.branches_valid, sums.branches_covered);
            let _ = writeln!(out, "BRF:{valid}\nBRH:{covered}");
        }
        out.push_str("end_of_record\n");
    }
    out
}

fn write_branches(out: &mut String, number: u32, line: &Line, branches: &Branches) {
    let covered = branches.covered();
    for index in 0..covered {
        let _ = writeln!(out, "BRDA:{number},0,taken {index},1");
    }
    let taken = if line.hits() == 0 { '-' } else { '0' };
    match branches.missing() {
        Missing::Unnamed => {
            for index in covered..branches.total() {
                let _ = writeln!(out, "BRDA:{number},0,{UNNAMED}{index},{taken}");
            }
        }
        Missing::Labels(labels) => {
            for label in labels {
                let _ = writeln!(out, "BRDA:{number},{label},{taken}");
            }
        }
        Missing::Lines(targets) => {
            let mut before: Option<&Target> = None;
            let mut block = 0u32;
            for target in targets {
                // Several ways to one target are told apart by their block.
                block = if before == Some(target) { block + 1 } else { 0 };
                before = Some(target);
                let _ = match target {
                    Target::Exit => writeln!(out, "BRDA:{number},{block},{TO_EXIT},{taken}"),
                    Target::Line(to) => {
                        writeln!(out, "BRDA:{number},{block},{TO_LINE}{to},{taken}")
                    }
                };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::coverage::{FileLines, Hits};

    #[test]
    fn writes_what_it_knows() {
        let mut file = FileLines::default();
        let exits = Missing::Lines(vec![Target::Exit, Target::Exit, Target::Line(4)]);
        for (number, hits, branches) in [
            (1, 2, Branches::new(1, 4, exits, Vec::new())),
            (2, 0, Branches::new(0, 1, Missing::Unnamed, Vec::new())),
        ] {
            let line = Line {
                hits: Hits::of(hits),
                branches: Some(branches),
            };
            file.absorb_line(number, line);
        }
        let mut coverage = Coverage::default();
        coverage.files.insert("a\nb.py".to_owned(), file);
        insta::assert_snapshot!(write(&coverage), @r#"
        TN:
        SF:a?b.py
        DA:1,2
        DA:2,0
        LF:2
        LH:1
        BRDA:1,0,taken 0,1
        BRDA:1,0,jump to the function exit,0
        BRDA:1,1,jump to the function exit,0
        BRDA:1,0,jump to line 4,0
        BRDA:2,0,unnamed 0,-
        BRF:5
        BRH:1
        end_of_record
        "#);
    }
}
