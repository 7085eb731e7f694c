//! All tests: failures first, the slowest, by file, and a table to search in.

use std::collections::{BTreeMap, HashMap};

use maud::{Markup, html};

use super::{ended, failures, jobs, name};
use crate::record::{RunRecord, TestCase, TestOutcome};
use crate::report::format::{counted, grouped};
use crate::report::style::Sign;

/// Bytes that the rows may have, roughly.
const ROOM: usize = 1_200 * 1024;
/// Bytes of a row beside its names, roughly.
const ROW: usize = 100;
/// Tests and files that are named as the slowest.
const SLOWEST: usize = 10;
/// Files that are listed.
const FILES: usize = 200;
/// Longest name that is shown in the table, in bytes.
const NAME: usize = 300;

/// A test in all legs that ran it.
struct Row<'a> {
    id: &'a str,
    file: &'a str,
    /// Indices of the legs, in order.
    legs: Vec<usize>,
    worst: TestOutcome,
    /// Whether legs differ, or one ran it several times with different ends.
    differs: bool,
    /// Whether it passed only when it was run again.
    flaky: bool,
    /// In the leg where it took longest.
    seconds: f64,
}

/// The section; nothing where no test ran.
pub(super) fn section(record: &RunRecord) -> Option<Markup> {
    let legs = jobs::tested(record);
    let mut rows = rows(record, &legs);
    if rows.is_empty() {
        return None;
    }
    let slowest = slowest(&rows);
    let files = files(&rows);
    rows.sort_by_key(|row| (rank(row.worst), !row.differs, !row.flaky));
    let kept = kept(&rows);
    let total = rows.len();
    let several = legs.len() > 1;
    let rows: Vec<&Row<'_>> = rows.iter().take(kept).collect();
    // The same legs again and again need not be named in each row.
    let mut sets: Vec<&[usize]> = Vec::new();
    let mut numbers: HashMap<&[usize], usize> = HashMap::new();
    for row in &rows {
        numbers.entry(&row.legs).or_insert_with(|| {
            sets.push(&row.legs);
            sets.len() - 1
        });
    }
    let set = |row: &Row<'_>| {
        numbers
            .get(row.legs.as_slice())
            .copied()
            .unwrap_or_default()
    };
    Some(html! {
        (failures::list(record).unwrap_or_default())
        (slowest)
        (files)
        h3 id="h-all" { "All tests" }
        form.controls id="filter" role="search" aria-label="Tests" hidden
            data-sets=(sets.iter().map(|set| joined(set)).collect::<Vec<_>>().join(";")) {
            label { "Search " input type="search" name="text" autocomplete="off"; }
            label { "Result "
                select name="outcome" {
                    option value="" { "all" }
                    option value="f" { "failed" }
                    option value="e" { "broken" }
                    option value="p" { "passed" }
                    option value="s" { "skipped" }
                    option value="d" { "differs between jobs" }
                    option value="r" { "flaky" }
                }
            }
            @if several {
                label { "Job "
                    select name="leg" {
                        option value="" { "all" }
                        @for (at, leg) in legs.iter().enumerate() { option value=(at) { (name(leg)) } }
                    }
                }
            }
            label { "Order "
                select name="order" {
                    option value="" { "failures first" }
                    option value="slow" { "slowest first" }
                    option value="name" { "by name" }
                }
            }
            output name="count" role="status" {}
        }
        div.scroll tabindex="0" role="region" aria-labelledby="h-all" {
            table.tests id="tests-table" {
                thead { tr { th scope="col" { "Result" } th scope="col" { "Test" } @if several { th scope="col" { "Jobs" } } th.num scope="col" { "Seconds" } } }
                tbody {
                    @for row in &rows {
                        tr data-o=(letters(row)) data-l=[several.then(|| set(row))] {
                            td { (outcome(row.worst)) @if row.differs { " " span.warn { "differs" } } @if row.flaky { " " span.warn title="it passed only when it was run again" { "flaky" } } }
                            td { (shown(row.id)) }
                            @if several {
                                td { @if row.legs.len() == legs.len() { "all" } @else { (names(&row.legs, &legs)) } }
                            }
                            td.num { (format!("{:.2}", row.seconds)) }
                        }
                    }
                }
            }
        }
        @if kept < total {
            p.quiet { (grouped((total - kept) as u64)) " more tests did not fit into the page; junit.xml has them all." }
        }
    })
}

/// The tests by their ids, in the order in which they ran first.
fn rows<'a>(record: &'a RunRecord, legs: &[&str]) -> Vec<Row<'a>> {
    let mut rows: Vec<Row<'a>> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for leg in &record.jobs {
        let Some(number) = legs.iter().position(|key| *key == leg.planned.key.0) else {
            continue;
        };
        let reports = leg.steps.iter().flat_map(|step| &step.tests);
        for case in reports.flat_map(|report| &report.cases) {
            let at = *places.entry(case.id.as_str()).or_insert_with(|| {
                rows.push(Row {
                    id: &case.id,
                    file: file(case),
                    legs: Vec::new(),
                    worst: case.outcome,
                    differs: false,
                    flaky: false,
                    seconds: 0.0,
                });
                rows.len() - 1
            });
            let Some(row) = rows.get_mut(at) else {
                continue;
            };
            row.flaky |= case.is_flaky();
            row.differs |= row.worst != case.outcome;
            if rank(case.outcome) < rank(row.worst) {
                row.worst = case.outcome;
            }
            if row.legs.last() != Some(&number) {
                row.legs.push(number);
            }
            row.seconds = row.seconds.max(case.seconds);
        }
    }
    rows
}

/// How many rows there is room for.
fn kept(rows: &[Row<'_>]) -> usize {
    let mut used = 0;
    let fit = rows.iter().take_while(|row| {
        used += ROW + row.id.len().min(NAME);
        used <= ROOM
    });
    fit.count()
}

fn file(case: &TestCase) -> &str {
    case.file.as_deref().unwrap_or(&case.classname)
}

fn rank(outcome: TestOutcome) -> u8 {
    match outcome {
        TestOutcome::Failed => 0,
        TestOutcome::Error => 1,
        TestOutcome::Passed => 2,
        TestOutcome::Skipped => 3,
    }
}

fn outcome(outcome: TestOutcome) -> Markup {
    match outcome {
        TestOutcome::Failed => ended(Sign::Bad, "failed"),
        TestOutcome::Error => ended(Sign::Bad, "broken"),
        TestOutcome::Skipped => ended(Sign::Skipped, "skipped"),
        // Most of thousands of rows: as short as can be.
        TestOutcome::Passed => html! { "✓ passed" },
    }
}

/// What the script filters by.
fn letters(row: &Row<'_>) -> String {
    let letter = match row.worst {
        TestOutcome::Failed => "f",
        TestOutcome::Error => "e",
        TestOutcome::Passed => "p",
        TestOutcome::Skipped => "s",
    };
    let differs = if row.differs { "d" } else { "" };
    let flaky = if row.flaky { "r" } else { "" };
    format!("{letter}{differs}{flaky}")
}

fn shown(id: &str) -> String {
    let safe = name(id);
    if safe.len() <= NAME {
        return safe;
    }
    let end = safe.floor_char_boundary(NAME);
    format!("{}…", safe.get(..end).unwrap_or_default())
}

fn joined(set: &[usize]) -> String {
    let numbers: Vec<String> = set.iter().map(ToString::to_string).collect();
    numbers.join(",")
}

/// The first legs of a set, and how many there are more.
fn names(set: &[usize], legs: &[&str]) -> String {
    let first: Vec<String> = set
        .iter()
        .take(2)
        .filter_map(|at| legs.get(*at).map(|leg| name(leg)))
        .collect();
    let more = set.len().saturating_sub(2);
    if more > 0 {
        format!("{} and {more} more", first.join(", "))
    } else {
        first.join(", ")
    }
}

fn slowest(rows: &[Row<'_>]) -> Markup {
    let mut slow: Vec<&Row<'_>> = rows.iter().filter(|row| row.seconds > 0.0).collect();
    slow.sort_by(|a, b| b.seconds.total_cmp(&a.seconds));
    slow.truncate(SLOWEST);
    html! {
        @if !slow.is_empty() {
            details {
                summary { "Slowest tests" }
                ol { @for row in slow { li { (format!("{:.2} s ", row.seconds)) (shown(row.id)) } } }
            }
        }
    }
}

/// Counts and times of the files, those with failures first, then the slowest.
fn files(rows: &[Row<'_>]) -> Markup {
    let mut files: BTreeMap<&str, (u64, u64, f64)> = BTreeMap::new();
    for row in rows {
        let (count, bad, seconds) = files.entry(row.file).or_default();
        *count += 1;
        *bad += u64::from(rank(row.worst) < 2);
        *seconds += row.seconds;
    }
    let mut list: Vec<_> = files.into_iter().collect();
    list.sort_by(|(_, (_, a, slow)), (_, (_, b, slower))| b.cmp(a).then(slower.total_cmp(slow)));
    let more = list.len().saturating_sub(FILES);
    html! {
        details {
            summary { "By file (" (list.len()) ")" }
            div.scroll tabindex="0" role="region" aria-label="Tests by file" {
                table {
                    thead { tr { th scope="col" { "File" } th.num scope="col" { "Tests" } th.num scope="col" { "Failed" } th.num scope="col" { "Seconds" } } }
                    tbody {
                        @for (file, (count, bad, seconds)) in list.iter().take(FILES) {
                            tr {
                                th scope="row" { (shown(file)) }
                                td.num { (count) }
                                td.num { @if *bad > 0 { span.bad { (bad) } } @else { "0" } }
                                td.num { (format!("{seconds:.2}")) }
                            }
                        }
                    }
                }
            }
            @if more > 0 { p.quiet { "and " (counted(more as u64, "more file")) } }
        }
    }
}
