//! Coverage as a tree of folders and files, with the lines that were missed.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::source::{self, Hunks};
use super::{PageInput, name};
use crate::record::FileCoverage;
use crate::report::format::{bytes, grouped, percent};

/// Bytes of the sources in the page, roughly.
const SOURCES: usize = 350 * 1024;
/// Most files that are listed.
const FILES: usize = 1_000;
/// Deepest folder that is indented.
const DEEP: usize = 8;

/// A folder or a file.
struct Row {
    name: String,
    depth: usize,
    file: Option<usize>,
    sum: FileCoverage,
}

/// The section; nothing without coverage.
pub(super) fn section(input: &PageInput<'_>) -> Option<Markup> {
    let total = input.record.coverage.as_ref()?;
    if total.files.is_empty() {
        return None;
    }
    let branches = total.branches_valid > 0;
    let files: Vec<&FileCoverage> = total.files.iter().take(FILES).collect();
    let rows = tree(&files);
    let (sources, left_out) = sources(input, &files);
    Some(html! {
        p {
            @if let Some(share) = total.percent() { strong { (percent(share)) } " of lines" @if branches { " and branches" } ": " }
            (grouped(total.lines_covered)) " of " (grouped(total.lines_valid)) " lines"
            @if branches { ", " (grouped(total.branches_covered)) " of " (grouped(total.branches_valid)) " branches" }
            "."
        }
        form.controls id="coverage-filter" role="search" aria-label="Files" hidden {
            label { "Search " input type="search" name="text" autocomplete="off"; }
            output name="count" role="status" {}
        }
        div.scroll tabindex="0" role="region" aria-labelledby="h-coverage" {
            table.files id="coverage-table" {
                thead {
                    tr {
                        th scope="col" data-sort="tree" { "File" }
                        th.num scope="col" data-sort="up" { "Covered" }
                        th.num scope="col" data-sort="down" { "Missed" }
                        @if branches { th.num scope="col" data-sort="down" { "Branches missed" } }
                        th.num scope="col" data-sort="down" { "Lines" }
                    }
                }
                tbody { @for row in &rows { (of_row(row, branches, &files, &sources)) } }
            }
        }
        @if total.files.len() > FILES {
            p.quiet { (grouped((total.files.len() - FILES) as u64)) " more files are in coverage.xml." }
        }
        @if !sources.is_empty() {
            h3 { "Missed lines" }
            @for (at, hunks) in &sources {
                @if let Some(file) = files.get(*at) {
                    details.source id={ "src-" (at) } {
                        summary { code { (name(&file.path)) } span.facts { span { (source::ranges(&hunks.missed)) } } }
                        (source::hunks(hunks))
                    }
                }
            }
        }
        @if left_out > 0 {
            p.quiet {
                "The lines of " (left_out) " more files with missed lines are not shown: the page keeps "
                (bytes(SOURCES as u64)) " of source. " code { "coverage/" } " has all lines."
            }
        }
        @if !input.record.unmapped.is_empty() {
            p.quiet { (input.record.unmapped.len()) " files of the reports are not files of the repository." }
        }
    })
}

/// Folders with their sums before what is in them.
fn tree(files: &[&FileCoverage]) -> Vec<Row> {
    let mut folders: BTreeMap<Vec<&str>, FileCoverage> = BTreeMap::new();
    let mut order: Vec<(Vec<&str>, usize)> = Vec::new();
    for (at, file) in files.iter().enumerate() {
        let parts: Vec<&str> = file.path.split('/').take(DEEP).collect();
        let folder = parts.get(..parts.len() - 1).unwrap_or_default();
        for depth in 1..=folder.len() {
            let above = folder.get(..depth).unwrap_or_default().to_vec();
            let sum = folders.entry(above).or_default();
            sum.lines_valid += file.lines_valid;
            sum.lines_covered += file.lines_covered;
            sum.branches_valid += file.branches_valid;
            sum.branches_covered += file.branches_covered;
        }
        order.push((folder.to_vec(), at));
    }
    order.sort();
    let mut rows = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    for (folder, at) in order {
        let same = open.iter().zip(&folder).take_while(|(a, b)| a == b).count();
        for depth in same..folder.len() {
            let key = folder.get(..=depth).unwrap_or_default();
            rows.push(Row {
                name: format!("{}/", key.last().copied().unwrap_or_default()),
                depth,
                file: None,
                sum: folders.get(key).cloned().unwrap_or_default(),
            });
        }
        if let Some(file) = files.get(at) {
            let own = file.path.splitn(DEEP, '/').last().unwrap_or_default();
            rows.push(Row {
                name: own.to_owned(),
                depth: folder.len(),
                file: Some(at),
                sum: (*file).clone(),
            });
        }
        open = folder;
    }
    rows
}

fn of_row(
    row: &Row,
    branches: bool,
    files: &[&FileCoverage],
    sources: &BTreeMap<usize, Hunks<'_>>,
) -> Markup {
    let share = row.sum.percent();
    let sum = &row.sum;
    let path = row
        .file
        .and_then(|at| files.get(at))
        .map(|file| file.path.as_str());
    let link = row.file.filter(|at| sources.contains_key(at));
    html! {
        tr.folder[row.file.is_none()] data-path=[path.map(name)] {
            th scope="row" class={ "d" (row.depth.min(DEEP)) } {
                @match link {
                    Some(at) => a href={ "#src-" (at) } { (name(&row.name)) },
                    None => (name(&row.name)),
                }
            }
            td.num {
                @if let Some(share) = share {
                    (percent(share)) " "
                    svg.meter viewBox="0 0 100 10" aria-hidden="true" {
                        rect class="track" width="100" height="10" {}
                        rect class=(level(share)) width=(format!("{share:.0}")) height="10" {}
                    }
                } @else { "–" }
            }
            td.num { (sum.lines_valid - sum.lines_covered.min(sum.lines_valid)) }
            @if branches { td.num { (sum.branches_valid - sum.branches_covered.min(sum.branches_valid)) } }
            td.num { (sum.lines_valid) }
        }
    }
}

/// The class for a share; the figure beside it says the same.
fn level(share: f64) -> &'static str {
    if share >= 90.0 {
        "good"
    } else if share >= 70.0 {
        "warn"
    } else {
        "bad"
    }
}

/// Missed lines of the files that there is room for, and how many files there is none for.
/// Those with most missed lines come first.
fn sources<'a>(
    input: &PageInput<'a>,
    files: &[&FileCoverage],
) -> (BTreeMap<usize, Hunks<'a>>, usize) {
    let mut sources = BTreeMap::new();
    let mut left_out = 0;
    let Some(coverage) = input.coverage else {
        return (sources, left_out);
    };
    let mut order: Vec<usize> = (0..files.len()).collect();
    let missed = |at: &usize| {
        files.get(*at).map_or(0, |file| {
            (file.lines_valid + file.branches_valid)
                .saturating_sub(file.lines_covered + file.branches_covered)
        })
    };
    order.sort_by_key(|at| std::cmp::Reverse(missed(at)));
    let mut left = SOURCES;
    for at in order.into_iter().filter(|at| missed(at) > 0) {
        let Some(file) = files.get(at) else { continue };
        let Some(lines) = coverage.files.get(&file.path) else {
            continue;
        };
        let text = input.sources.get(&file.path).map(String::as_str);
        let hunks = Hunks::of(lines, text);
        let size = hunks.size();
        if size > left {
            left_out += 1;
            continue;
        }
        left -= size;
        sources.insert(at, hunks);
    }
    (sources, left_out)
}
