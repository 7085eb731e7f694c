//! The report page: a run as one HTML file that needs nothing else.
//!
//! It is readable without scripts; a script adds search, filters and sorting. Text from
//! outside is escaped by the templates, after [`plain`] has made it harmless for eyes, too.
//! The policy in its head allows the one script and the one style sheet that are in it, by
//! their hashes, and nothing else, from nowhere: neither requests nor styles of elements.
//!
//! It stays below two megabytes: tests, logs and sources have a budget each, and where one
//! is used up the page says what is left out.

mod ansi;
mod bar;
mod coverage;
mod critical;
mod environment;
mod failures;
mod graph;
mod jobs;
mod logs;
mod overview;
mod parity;
mod source;
mod suite;
#[cfg(test)]
mod tests;
mod timeline;
mod trend;
mod why;
mod words;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

pub(crate) use logs::LOG_BYTES;

use super::runs::KeptRun;
use super::style::{Look, Sign};
use super::text::{one_line, plain};
use crate::history::Entry;
use crate::parity::Comparison;
use crate::record::{Conclusion, JobKey, JobRecord, RunRecord, StepRecord};
use crate::results::Coverage;
use crate::triage::Diagnosis;

/// The style sheet.
const STYLE: &str = include_str!("page.css");
/// The script.
const SCRIPT: &str = include_str!("page.js");

/// How a page shows signs.
const LOOK: Look = Look {
    colour: false,
    ascii: false,
};

/// What a page is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PageInput<'a> {
    /// The run.
    pub(crate) record: &'a RunRecord,
    /// What its steps printed.
    pub(crate) logs: &'a [PageLog],
    /// The lines of its coverage, where they are at hand.
    pub(crate) coverage: Option<&'a Coverage>,
    /// Texts of the files that are covered, as the run had them.
    pub(crate) sources: &'a BTreeMap<String, String>,
    /// The comparison that it was the candidate of.
    pub(crate) comparison: Option<&'a Comparison>,
    /// Runs of the same workflow before it, the last one first.
    pub(crate) earlier: &'a [KeptRun],
    /// Runs of the same workflow in the history until it, the first one first and itself the last.
    pub(crate) past: &'a [Entry],
    /// Why it failed.
    pub(crate) why: Option<&'a Diagnosis>,
}

/// The end of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PageLog {
    /// The leg.
    pub(crate) job: JobKey,
    /// The step; none for a service.
    pub(crate) step: Option<u32>,
    /// The path of the whole log below the folder of the run.
    pub(crate) path: String,
    /// Lines before the text.
    pub(crate) before: u64,
    /// The text, from the beginning of a line.
    pub(crate) text: String,
}

impl PageLog {
    /// Whether there is anything in it.
    fn tells(&self) -> bool {
        self.before > 0 || !self.text.trim().is_empty()
    }
}

/// The page of a run.
pub(crate) fn page(input: PageInput<'_>) -> String {
    let record = input.record;
    let title = format!(
        "{}: {}",
        overview::result(record),
        overview::workflow(record)
    );
    let policy = policy(STYLE, SCRIPT);
    let logs = logs::shown(&input);
    let sections: Vec<(&str, &str, Option<Markup>)> = vec![
        ("why", "Probable causes", why::section(&input, &logs)),
        ("timeline", "Timeline", timeline::section(record)),
        ("jobs", "Jobs", Some(jobs::section(&input))),
        ("tests", "Tests", suite::section(record)),
        ("coverage", "Coverage", coverage::section(&input)),
        ("logs", "Logs", logs::section(&input, &logs)),
        ("environment", "Environment", environment::section(record)),
        (
            "parity",
            "Runner and container",
            parity::section(input.comparison),
        ),
        (
            "trend",
            "Earlier runs",
            trend::section(record, input.earlier, input.past),
        ),
    ];
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content=(format!("seatrial {}", record.info.version));
                title { (plain(&title)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { "Skip to the content" }
                (overview::header(record))
                nav aria-label="Sections" {
                    ul {
                        @for (id, name, section) in &sections {
                            @if section.is_some() {
                                li { a href={ "#" (id) } { (name) } }
                            }
                        }
                    }
                }
                main id="main" {
                    (overview::section(record))
                    @for (id, name, section) in &sections {
                        @if let Some(section) = section {
                            section id=(id) aria-labelledby={ "h-" (id) } {
                                h2 id={ "h-" (id) } { (name) }
                                (section)
                            }
                        }
                    }
                }
                (overview::footer(record))
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    page.into_string()
}

/// What a page allows itself: its own style sheet and script, and nothing from anywhere.
pub(super) fn policy(style: &str, script: &str) -> String {
    format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        hash(style),
        hash(script)
    )
}

/// What a policy names a script or a style sheet by.
fn hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    format!("sha256-{}", BASE64_STANDARD.encode(digest))
}

/// The sign and the word for how something ended, and the class that colours it.
fn ended(sign: Sign, word: &str) -> Markup {
    html! {
        span class=(tone(sign)) {
            span aria-hidden="true" { (LOOK.sign(sign)) " " }
            (word)
        }
    }
}

/// The class for a sign.
fn tone(sign: Sign) -> &'static str {
    match sign {
        Sign::Good => "good",
        Sign::Bad => "bad",
        Sign::Warn => "warn",
        Sign::Active => "active",
        Sign::Skipped | Sign::Waiting => "quiet",
    }
}

/// How a leg ended.
fn leg_end(leg: &JobRecord) -> (Sign, &'static str) {
    match leg.conclusion {
        Some(Conclusion::Success) => (Sign::Good, "success"),
        Some(Conclusion::Failure) => (Sign::Bad, "failure"),
        Some(Conclusion::Cancelled) => (Sign::Warn, "cancelled"),
        Some(Conclusion::Skipped) => (Sign::Skipped, "skipped"),
        None if leg.started_at.is_some() => (Sign::Active, "cut short"),
        None => (Sign::Waiting, "not begun"),
    }
}

/// How a step ended.
fn step_end(leg: &JobRecord, step: &StepRecord) -> (Sign, &'static str) {
    match step.outcome {
        Some(Conclusion::Success) => (Sign::Good, "success"),
        Some(Conclusion::Failure) if super::failed::is_forgiven(leg, step) => {
            (Sign::Warn, "failure, allowed")
        }
        Some(Conclusion::Failure) => (Sign::Bad, "failure"),
        Some(Conclusion::Cancelled) => (Sign::Warn, "cancelled"),
        Some(Conclusion::Skipped) => (Sign::Skipped, "skipped"),
        None => (Sign::Active, "cut short"),
    }
}

/// A name of others, on one line.
fn name(text: &str) -> String {
    one_line(text)
}

/// The id of a leg's place in the page.
fn job_id(record: &RunRecord, key: &JobKey) -> Option<String> {
    let at = record.jobs.iter().position(|leg| leg.planned.key == *key)?;
    Some(format!("job-{at}"))
}

/// The id of a log's place in the page.
fn log_id(record: &RunRecord, log: &PageLog) -> Option<String> {
    let job = job_id(record, &log.job)?;
    Some(match log.step {
        Some(step) => format!("log-{job}-{step}"),
        // The name of a service's log is a plain file name.
        None => format!(
            "log-{job}-{}",
            log.path.rsplit('/').next().unwrap_or_default()
        ),
    })
}
