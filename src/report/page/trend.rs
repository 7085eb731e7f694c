//! The runs before this one, side by side with it.

use maud::{Markup, html};

use super::{ended, name};
use crate::record::RunRecord;
use crate::report::format::{duration, percent, start};
use crate::report::runs::KeptRun;

/// The section; nothing without earlier runs. The last one comes first.
pub(super) fn section(record: &RunRecord, earlier: &[KeptRun]) -> Option<Markup> {
    if earlier.is_empty() {
        return None;
    }
    let this = KeptRun::of(&record.info.id.0, record);
    let runs: Vec<&KeptRun> = std::iter::once(&this).chain(earlier).collect();
    let longest = runs.iter().filter_map(|run| run.took).max().unwrap_or(1);
    Some(html! {
        p.quiet { "Runs of this workflow that were kept beside this one, the last first." }
        div.scroll tabindex="0" role="region" aria-labelledby="h-trend" {
            table {
                thead { tr {
                    th scope="col" { "Start" } th scope="col" { "Result" } th.num scope="col" { "Tests passed" }
                    th.num scope="col" { "Coverage" } th.num scope="col" { "Time" } th scope="col" { "Commit" }
                } }
                tbody { @for (at, run) in runs.iter().enumerate() { (of_run(run, at == 0, longest)) } }
            }
        }
    })
}

fn of_run(run: &KeptRun, this: bool, longest: u64) -> Markup {
    let (sign, result) = run.result();
    let short: String = run.sha.chars().take(7).collect();
    html! {
        tr {
            th scope="row" {
                (run.started_at.and_then(start).unwrap_or_default())
                @if this { " (this run)" }
            }
            td { (ended(sign, &name(&result))) }
            td.num { (run.tests.passed) " of " (run.tests.total()) }
            td.num { (run.coverage.map_or_else(|| "–".to_owned(), percent)) }
            td.num {
                @match run.took {
                    None => "–",
                    Some(took) => {
                        (duration(took)) " "
                        svg.meter viewBox="0 0 100 10" aria-hidden="true" {
                            rect class="track" width="100" height="10" {}
                            rect class="active" width=(took * 100 / longest.max(1)) height="10" {}
                        }
                    }
                }
            }
            td { code { (name(&short)) } }
        }
    }
}
