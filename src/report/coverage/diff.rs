//! Two reports side by side: what changed from one to the other.

use serde_json::{Value, json};

use crate::record::FileCoverage;
use crate::report::format::percent;
use crate::report::style::{Look, Tone};
use crate::report::table::{Align, Cell, Column, Table};
use crate::report::text::one_line;
use crate::results::{Coverage, FileLines};

/// One file in both reports, where it is in both.
struct Change<'a> {
    path: &'a str,
    before: Option<&'a FileLines>,
    after: Option<&'a FileLines>,
}

impl Change<'_> {
    fn share(&self, file: Option<&FileLines>) -> Option<f64> {
        file.and_then(|file| file.summary(self.path).percent())
    }

    /// Lines that both reports know and that ran in only one of them: lost, gained.
    fn lines(&self) -> (Vec<u32>, Vec<u32>) {
        let (Some(before), Some(after)) = (self.before, self.after) else {
            return (Vec::new(), Vec::new());
        };
        let mut lost = Vec::new();
        let mut gained = Vec::new();
        for (number, line) in &after.lines {
            let Some(was) = before.lines.get(number) else {
                continue;
            };
            match (was.hits() > 0, line.hits() > 0) {
                (true, false) => lost.push(*number),
                (false, true) => gained.push(*number),
                _ => {}
            }
        }
        (lost, gained)
    }
}

/// The files that are not the same in both.
fn changes<'a>(before: &'a Coverage, after: &'a Coverage) -> Vec<Change<'a>> {
    let mut paths: Vec<&String> = before.files.keys().chain(after.files.keys()).collect();
    paths.sort();
    paths.dedup();
    paths
        .into_iter()
        .map(|path| Change {
            path,
            before: before.files.get(path),
            after: after.files.get(path),
        })
        .filter(|change| change.before != change.after)
        .collect()
}

/// Shares before and after, and how far they are apart.
fn shares(before: Option<f64>, after: Option<f64>, look: Look) -> [Cell; 3] {
    let shown = |share: Option<f64>| share.map_or_else(|| look.dash().to_owned(), percent);
    let change = match (before, after) {
        (Some(before), Some(after)) => {
            let points = after - before;
            let tone = match points {
                points if points < 0.0 => Tone::Bad,
                points if points > 0.0 => Tone::Good,
                _ => Tone::Dim,
            };
            Cell::new(tone, format!("{points:+.2}"))
        }
        _ => Cell::plain(""),
    };
    [
        Cell::plain(shown(before)),
        Cell::plain(shown(after)),
        change,
    ]
}

/// Lines with a sign before each run of them: `-4-8 -12`.
fn ranges(sign: &str, lines: &[u32]) -> String {
    let runs = lines.chunk_by(|one, next| one + 1 == *next);
    let runs = runs.filter_map(|run| {
        let (first, last) = (run.first()?, run.last()?);
        Some(match first == last {
            true => format!("{sign}{first}"),
            false => format!("{sign}{first}-{last}"),
        })
    });
    runs.collect::<Vec<_>>().join(" ")
}

/// The table of files that differ, its lines at most `width` columns wide.
pub(crate) fn coverage_diff_text(
    before: &Coverage,
    after: &Coverage,
    width: usize,
    look: Look,
) -> String {
    let right = || Column::new(Align::Right);
    let columns = vec![
        Column::new(Align::Left).shrinks(16, 24),
        right(),
        right(),
        right(),
        Column::new(Align::Left).shrinks(12, 12),
    ];
    let mut table = Table::new(columns, 2);
    let heads = ["file", "before", "after", "change", "lines"];
    table.row(heads.map(|head| Cell::new(Tone::Dim, head)).to_vec());
    for change in changes(before, after) {
        let (lost, gained) = change.lines();
        let note = match (change.before, change.after) {
            (None, _) => "new".to_owned(),
            (_, None) => "gone".to_owned(),
            _ => format!("{} {}", ranges("-", &lost), ranges("+", &gained))
                .trim()
                .to_owned(),
        };
        let [was, is, by] = shares(
            change.share(change.before),
            change.share(change.after),
            look,
        );
        let name = Cell::plain(one_line(change.path));
        table.row(vec![name, was, is, by, Cell::new(Tone::Dim, note)]);
    }
    let [was, is, by] = shares(before.summary().percent(), after.summary().percent(), look);
    table.row(vec![
        Cell::new(Tone::Strong, "total"),
        was,
        is,
        by,
        Cell::plain(""),
    ]);
    let mut text = table.render(width, look).join("\n");
    text.push('\n');
    text
}

/// The same for programs.
pub(crate) fn coverage_diff_json(before: &Coverage, after: &Coverage) -> Value {
    let figures = |file: &FileCoverage| {
        json!({
            "percent": file.percent(),
            "lines": { "covered": file.lines_covered, "valid": file.lines_valid },
            "branches": { "covered": file.branches_covered, "valid": file.branches_valid },
        })
    };
    let total = |coverage: &Coverage| {
        let summary = coverage.summary();
        figures(&FileCoverage {
            lines_valid: summary.lines_valid,
            lines_covered: summary.lines_covered,
            branches_valid: summary.branches_valid,
            branches_covered: summary.branches_covered,
            ..FileCoverage::default()
        })
    };
    let files: serde_json::Map<String, Value> = changes(before, after)
        .iter()
        .map(|change| {
            let of =
                |file: Option<&FileLines>| file.map(|file| figures(&file.summary(change.path)));
            let (lost, gained) = change.lines();
            let value = json!({
                "before": of(change.before),
                "after": of(change.after),
                "lost_lines": lost,
                "gained_lines": gained,
            });
            (change.path.to_owned(), value)
        })
        .collect();
    json!({ "before": total(before), "after": total(after), "files": files })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::results::{cobertura, lcov};

    #[test]
    fn what_differs_is_shown() {
        let text = include_str!("../../../tests/fixtures/results/union/part-a.xml");
        let before = cobertura::read(text.as_bytes()).unwrap();
        let after = crate::report::coverage::tests::union();
        let look = Look {
            colour: false,
            ascii: false,
        };
        insta::assert_snapshot!("diff", coverage_diff_text(&before, &after, 100, look));
        let json = coverage_diff_json(&after, &before);
        assert_eq!(json["files"]["two/util.py"]["lost_lines"][0], 4);
        assert!(json["files"]["never.py"].is_null());
        assert!(json["files"]["space/part.py"]["after"].is_null());

        let report = |hits: u8| {
            let text = format!("SF:a.py\nDA:1,1\nDA:2,{hits}\nend_of_record\n");
            lcov::read(text.as_bytes()).unwrap()
        };
        let shown = coverage_diff_text(&report(1), &report(0), 80, look);
        assert!(shown.contains("100.0 %  50.0 %  -50.00  -2"), "{shown}");
    }
}
