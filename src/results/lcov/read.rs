//! LCOV tracefiles of any producer.

use std::collections::BTreeMap;

use super::{TO_EXIT, TO_LINE, UNNAMED};
use crate::results::branches::{Branches, Missing, Target};
use crate::results::coverage::{Coverage, FileLines, Hits, Line};
use crate::results::error::{ResultsError, ResultsErrorKind as Kind, quote};
use crate::results::input;
use crate::results::number;

/// What ends the record of a file.
const END: &str = "end_of_record";

/// Reads a tracefile.
///
/// Used are `SF`, `DA` and `BRDA`; totals (`LF`, `LH`, `BRF` …), functions and
/// conditions (`FN…`, `MC…`) are passed over. Several records of one file are
/// several runs: their hits are added. Branches on a line without `DA` make the
/// line known, with as many hits as its most taken branch. Where every missing
/// branch of a line has a name of coverage.py (`jump to line 5`), it counts as
/// that [`Target`], so that it can be joined with Cobertura reports.
///
/// The format has no end mark for the whole: a file cut between two records is
/// not noticed.
///
/// # Errors
///
/// `Truncated` for a record without `end_of_record`, `BadNumber` as for
/// Cobertura, `Invalid` for lines that are no record and for a tracefile that
/// names no file.
pub(crate) fn read(bytes: &[u8]) -> Result<Coverage, ResultsError> {
    let input = input::text(bytes)?;
    let mut coverage = Coverage::default();
    let mut open: Option<Record> = None;
    let mut offset = input.base;
    let fail = |kind, offset| Err(ResultsError::new(kind, offset));
    for full in input.text.split_inclusive('\n') {
        let start = offset;
        offset += full.len() as u64;
        let line = full.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line == END {
            match open.take() {
                Some(record) => record.close(&mut coverage),
                None => {
                    let reason = format!("`{END}` without a record");
                    return fail(Kind::invalid(reason), start);
                }
            }
            continue;
        }
        let Some((key, value)) = line.split_once(':').filter(|(key, _)| is_key(key)) else {
            let reason = format!("not a line of an LCOV tracefile: `{}`", quote(line));
            return fail(Kind::invalid(reason), start);
        };
        let result = match (key, &mut open) {
            ("SF", Some(_)) => return Err(truncated(start)),
            ("SF", None) if value.is_empty() => Err(Kind::invalid("a record has no file name")),
            ("SF", None) => {
                open = Some(Record::new(value));
                Ok(())
            }
            ("DA", Some(record)) => record.line(value),
            ("BRDA", Some(record)) => record.branch(value),
            ("DA" | "BRDA", None) => Err(Kind::invalid(format!("`{key}` outside of a record"))),
            _ => Ok(()),
        };
        result.map_err(|kind| ResultsError::new(kind, start))?;
    }
    if open.is_some() {
        return Err(truncated(offset));
    }
    if coverage.files.is_empty() {
        return fail(Kind::invalid("the tracefile names no file"), offset);
    }
    coverage.settle();
    Ok(coverage)
}

fn truncated(offset: u64) -> ResultsError {
    let missing = END.to_owned();
    ResultsError::new(Kind::Truncated { missing }, offset)
}

/// Keys are short words in capitals (`SF`, `BRDA`, `FNF`; `MCDC`).
fn is_key(key: &str) -> bool {
    (1..=8).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_uppercase())
}

/// The record of one file.
struct Record {
    file: String,
    hits: BTreeMap<u32, u64>,
    /// By line: how often each branch was taken, by block and branch.
    branches: BTreeMap<u32, BTreeMap<String, u64>>,
}

impl Record {
    fn new(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            hits: BTreeMap::new(),
            branches: BTreeMap::new(),
        }
    }

    /// `DA:<line>,<hits>[,<checksum>]`.
    fn line(&mut self, value: &str) -> Result<(), Kind> {
        let mut fields = value.split(',');
        let line = number::line(fields.next().unwrap_or_default())?;
        let hits = number::count("number of hits", fields.next().unwrap_or_default())?;
        let sum = self.hits.entry(line).or_default();
        *sum = sum.saturating_add(hits);
        Ok(())
    }

    /// `BRDA:<line>,[<exception>]<block>,<branch>,<taken>`; the branch may be a
    /// text with commas, `-` stands for a line that was never reached.
    fn branch(&mut self, value: &str) -> Result<(), Kind> {
        let fields = value
            .split_once(',')
            .and_then(|(line, rest)| rest.rsplit_once(',').map(|fields| (line, fields)));
        let Some((line, (label, taken))) = fields else {
            let reason = format!("not a branch: `{}`", quote(value));
            return Err(Kind::invalid(reason));
        };
        let line = number::line(line)?;
        let taken = match taken.trim() {
            "-" => 0,
            taken => number::count("number of times a branch was taken", taken)?,
        };
        let branches = self.branches.entry(line).or_default();
        let sum = branches.entry(label.to_owned()).or_default();
        *sum = sum.saturating_add(taken);
        Ok(())
    }

    fn close(self, coverage: &mut Coverage) {
        let mut lines = FileLines::default();
        for (number, hits) in self.hits {
            let line = Line {
                hits: Hits::of(hits),
                branches: None,
            };
            lines.lines.insert(number, line);
        }
        for (number, branches) in self.branches {
            let most = branches.values().copied().max().unwrap_or_default();
            let line = lines.lines.entry(number).or_insert(Line {
                hits: Hits::of(most),
                branches: None,
            });
            line.branches = Some(joined(&branches));
        }
        coverage.files.entry(self.file).or_default().merge(lines);
    }
}

fn joined(branches: &BTreeMap<String, u64>) -> Branches {
    let total = u32::try_from(branches.len()).unwrap_or(u32::MAX);
    let missing: Vec<&String> = branches
        .iter()
        .filter_map(|(label, &taken)| (taken == 0).then_some(label))
        .collect();
    let covered = total - u32::try_from(missing.len()).unwrap_or(total).min(total);
    let targets: Option<Vec<Target>> = missing.iter().map(|label| target(label)).collect();
    let missing = if let Some(targets) = targets {
        Missing::Lines(targets)
    } else if missing.iter().any(|label| name(label).starts_with(UNNAMED)) {
        Missing::Unnamed
    } else {
        Missing::Labels(missing.into_iter().cloned().collect())
    };
    Branches::new(covered, total, missing, Vec::new())
}

/// The name of the branch without its block.
fn name(label: &str) -> &str {
    label.split_once(',').map_or(label, |(_, name)| name)
}

/// What coverage.py means with a branch of this name.
fn target(label: &str) -> Option<Target> {
    let name = name(label);
    if let Some(line) = name.strip_prefix(TO_LINE) {
        return number::line(line).ok().map(Target::Line);
    }
    let out =
        name == TO_EXIT || name == "exit the module" || name.starts_with("return from function ");
    out.then_some(Target::Exit)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn reads_what_geninfo_describes() {
        let text = "# a comment\r\nTN:unit\r\nVER:1\r\nSF:/src/a.c\r\nFN:1,main\r\nFNDA:2,main\r\n\
                    DA:1,2,abc\r\nDA:2,0\r\nDA:1,3\r\nBRDA:2,0,0,-\r\nBRDA:2,0,1,-\r\n\
                    BRDA:1,e0,a, b,4\r\nBRDA:1,0,1,0\r\nBRDA:7,0,0,9\r\nBRF:9\r\nLF:99\r\nLH:98\r\n\
                    end_of_record\r\n\r\nTN:other\r\nSF:/src/a.c\r\nDA:2,1\r\nBRDA:1,0,1,1\r\n\
                    BRDA:1,e0,a, b,0\r\nend_of_record";
        let coverage = read(text.as_bytes()).unwrap();
        let lines = &coverage.files["/src/a.c"].lines;
        let hits: Vec<_> = lines.iter().map(|(&n, line)| (n, line.hits())).collect();
        assert_eq!(hits, [(1, 6), (2, 1), (7, 9)]);
        let first = lines[&1].branches.as_ref().unwrap();
        assert_eq!((first.covered(), first.total()), (2, 2));
        let second = lines[&2].branches.as_ref().unwrap();
        let missing = Missing::Labels(vec!["0,0".to_owned(), "0,1".to_owned()]);
        assert_eq!((second.covered(), second.missing()), (0, &missing));
    }

    #[test]
    fn knows_the_names_of_coverage_py() {
        assert_eq!(target("0,jump to line 17"), Some(Target::Line(17)));
        assert_eq!(target("0,return from function 'a,b'"), Some(Target::Exit));
        assert_eq!(target("0,exit the module"), Some(Target::Exit));
        assert_eq!(target("0,jump to the function exit"), Some(Target::Exit));
        assert_eq!(target("0,17"), None);
    }
}
