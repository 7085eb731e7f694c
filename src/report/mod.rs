//! Everything a person reads of a run: the live view, the summary at its end,
//! the step summary and the annotations in GitHub Actions; and `run.json` on
//! stdout for programs. Records and events in, text out: nothing here prints,
//! reads a file or looks at the clock.
//!
//! All text from outside (test names, messages, output, names of jobs and files)
//! goes through `output_line`, [`one_line`] or an escape of its format before it
//! becomes part of an answer.

mod actions;
mod audit;
mod coverage;
mod diff;
mod exit_codes;
mod failed;
mod findings;
mod flaky;
mod format;
mod github;
mod history;
mod json;
mod list;
mod live;
mod notices;
mod page;
mod parity;
mod plan;
mod rollout;
mod run_sarif;
mod runs;
mod sarif;
#[cfg(test)]
mod sarif_form;
mod scan;
mod style;
mod summary;
mod table;
mod text;
mod trends;
mod triage;

pub(crate) use actions::actions_markdown;
pub(crate) use audit::{audit_json, audit_sarif, audit_text};
pub(crate) use coverage::{
    CoverageChecked, coverage_check_json, coverage_check_text, coverage_diff_json,
    coverage_diff_text, coverage_file_page, coverage_index_page, coverage_json, coverage_line,
    coverage_page_name, coverage_text,
};
pub(crate) use diff::{DiffOptions, diff_json, diff_text, finding_line as diff_line};
pub(crate) use exit_codes::exit_codes_markdown;
pub(crate) use flaky::{flaky_json, flaky_text};
pub(crate) use format::{bytes, counted};
pub(crate) use github::{
    SUMMARY_BYTES, StopToken, annotations, harmless, shield, step_summary, step_summary_within,
    summaries,
};
pub(crate) use history::{history_json, history_run_text, history_text};
pub(crate) use json::{json_line, json_text, result_json};
pub(crate) use list::{Listed, Listing, Told, list_json, list_text};
pub(crate) use live::{Live, LiveMode, LiveStyle};
pub(crate) use page::{LOG_BYTES, PageInput, PageLog, page};
pub(crate) use parity::{comparison_json, comparison_text};
pub(crate) use plan::{plan_json, plan_mermaid, plan_text};
pub(crate) use rollout::{RolloutState, rollout_json, rollout_text};
pub(crate) use run_sarif::run_sarif;
pub(crate) use runs::{KeptRun, runs_json, runs_text};
pub(crate) use scan::{scan_json, scan_sarif, scan_sbom, scan_text};
pub(crate) use style::{Look, Sign};
pub(crate) use summary::{ConsoleOptions, console, job_pages};
pub(crate) use text::{one_line, output_line};
pub(crate) use trends::{trends_json, trends_svg, trends_text};
pub(crate) use triage::{
    signatures_markdown, triage_brief, triage_json, triage_sarif, triage_text,
};
