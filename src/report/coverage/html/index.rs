//! The table of all files.

use maud::{Markup, html};

use super::{coverage_page_name, document};
use crate::record::FileCoverage;
use crate::report::coverage::coverage_line;
use crate::report::coverage::missing::partial;
use crate::report::format::{grouped, percent};
use crate::report::text::one_line;
use crate::results::Coverage;

/// The columns with numbers, and whether they are about branches.
const COLUMNS: [(&str, bool); 5] = [
    ("Lines", false),
    ("Missed", false),
    ("Branches", true),
    ("Partial", true),
    ("Covered", false),
];

/// The index of the pages.
pub(crate) fn coverage_index_page(coverage: &Coverage) -> String {
    let summary = coverage.summary();
    let measured = summary.branches_valid > 0;
    let files = summary.files.iter().zip(coverage.files.values());
    let rows: Vec<(&FileCoverage, u64)> =
        files.map(|(file, lines)| (file, partial(lines))).collect();
    let total = summary.total();
    let all_partial = rows.iter().map(|(_, partial)| partial).sum();
    let body = html! {
        header { h1 { "Coverage" } p { (coverage_line(&summary)) } }
        main {
            p.search hidden {
                label { "Search " input type="search" placeholder="part of a path"; }
                " " output aria-live="polite" {}
            }
            div.wide tabindex="0" role="region" aria-label="Coverage by file" {
                table.files {
                    thead {
                        tr {
                            th scope="col" aria-sort="ascending" { "File" }
                            @for (name, of_branches) in COLUMNS {
                                @if measured || !of_branches { th.number scope="col" { (name) } }
                            }
                        }
                    }
                    tbody {
                        @for (file, partial) in &rows {
                            tr {
                                th scope="row" {
                                    a href=(coverage_page_name(&file.path)) { (one_line(&file.path)) }
                                }
                                (numbers(file, *partial, measured))
                            }
                        }
                    }
                    tfoot { tr { th scope="row" { "Total" } (numbers(&total, all_partial, measured)) } }
                }
            }
        }
    };
    document("Coverage", &body)
}

/// The cells with numbers; `data-n` is what they are sorted by.
fn numbers(file: &FileCoverage, partial: u64, measured: bool) -> Markup {
    let cell = |count: u64| html! { td.number data-n=(count) { (grouped(count)) } };
    let share = file.percent();
    html! {
        (cell(file.lines_valid))
        (cell(file.lines_valid - file.lines_covered))
        @if measured { (cell(file.branches_valid)) (cell(partial)) }
        @match share {
            Some(share) => td.number.(level(share)) data-n=(share) { (percent(share)) },
            None => td.number.quiet data-n="100" { "–" },
        }
    }
}

/// The class of a share. Its figure says the same.
fn level(share: f64) -> &'static str {
    match share {
        share if share >= 90.0 => "good",
        share if share >= 70.0 => "warn",
        _ => "bad",
    }
}
