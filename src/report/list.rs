//! What `seatrial list` shows: which workflows and jobs an event would start, and
//! what keeps the others.

use serde_json::{Value, json};

use super::format::counted;
use super::style::{Look, Sign, Tone};
use super::table::wrap;
use super::text::one_line;
use crate::plan::{Answer, Decision, Filter, Foreseen};
use crate::workflow::Problem;

/// Version of the JSON form.
const SCHEMA: u32 = 1;
/// Narrowest terminal that is laid out for.
const NARROW: usize = 40;

/// What an event would start.
#[derive(Debug, Clone)]
pub(crate) struct Listing {
    /// Name of the event.
    pub(crate) event: String,
    /// Its ref.
    pub(crate) reference: String,
    /// The branch that a pull request goes to; empty for other events.
    pub(crate) base: String,
    /// How many files it changes, and between which commits; `None` where that is
    /// not known.
    pub(crate) changed: Option<(usize, String)>,
    /// The workflow files, sorted by name.
    pub(crate) workflows: Vec<Listed>,
}

/// One workflow file.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    /// Its path relative to the repository.
    pub(crate) file: String,
    /// Its `name`.
    pub(crate) name: Option<String>,
    /// What is told of it.
    pub(crate) told: Told,
}

/// What is told of a workflow file.
#[derive(Debug, Clone)]
pub(crate) enum Told {
    /// It cannot be read; the first of its problems.
    Broken(Problem),
    /// It can.
    Read {
        /// Whether the event starts it.
        decision: Decision,
        /// Its jobs, where it does.
        jobs: Vec<Foreseen>,
    },
}

/// The list for a person, no line wider than `width` unless a word is.
pub(crate) fn list_text(listing: &Listing, width: usize, look: Look) -> String {
    let mut page = Page {
        lines: Vec::new(),
        look,
        width: width.max(NARROW),
    };
    page.head(listing);
    for listed in &listing.workflows {
        page.workflow(listed);
    }
    let mut text = page.lines.join("\n");
    text.push('\n');
    text
}

struct Page {
    lines: Vec<String>,
    look: Look,
    width: usize,
}

impl Page {
    fn head(&mut self, listing: &Listing) {
        let look = self.look;
        let mut about = vec![one_line(&listing.reference)];
        if !listing.base.is_empty() {
            about.push(format!("into {}", one_line(&listing.base)));
        }
        if let Some((files, between)) = &listing.changed {
            about.push(format!(
                "{} changed ({})",
                counted(*files as u64, "file"),
                one_line(between)
            ));
        }
        let event = look.paint(Tone::Strong, &one_line(&listing.event));
        let about = look.paint(Tone::Dim, &about.join(", "));
        self.lines
            .push(format!("{event} {} {}", look.dot(), look.own(&about)));
    }

    fn workflow(&mut self, listed: &Listed) {
        let look = self.look;
        let file = look.paint(Tone::Strong, &one_line(&listed.file));
        let name = listed
            .name
            .as_ref()
            .map(|name| format!("  {}", look.paint(Tone::Dim, &one_line(name))))
            .unwrap_or_default();
        self.lines.push(String::new());
        match &listed.told {
            Told::Broken(problem) => {
                let sign = look.painted(Sign::Bad);
                self.lines.push(format!("{sign} {file}{name}"));
                let start = problem.span.start;
                let place = if start.line == 0 {
                    String::new()
                } else {
                    format!("(Line: {}, Col: {}): ", start.line, start.column)
                };
                self.below(&format!("{place}{}", problem.message));
            }
            Told::Read { decision, .. } if !decision.starts => {
                let sign = look.painted(Sign::Skipped);
                self.lines.push(format!("{sign} {file}{name}"));
                if decision.called_only {
                    self.below("only other workflows call it");
                } else {
                    for filter in of(decision, Answer::No) {
                        self.filter(filter);
                    }
                }
            }
            Told::Read { decision, jobs } => {
                let sign = look.painted(Sign::Good);
                self.lines.push(format!("{sign} {file}{name}"));
                for filter in of(decision, Answer::Unknown) {
                    self.filter(filter);
                }
                self.jobs(jobs);
            }
        }
    }

    fn jobs(&mut self, jobs: &[Foreseen]) {
        let look = self.look;
        for job in jobs {
            let sign = match job.runs {
                Some(true) => Sign::Good,
                Some(false) => Sign::Skipped,
                None => Sign::Waiting,
            };
            let id = one_line(&job.job);
            let mut lead = format!("    {} {id}", look.painted(sign));
            match &job.why {
                None => self.lines.push(lead),
                Some(why) => {
                    let text = look.own(&one_line(why));
                    lead.push_str("  ");
                    for part in wrap(&text, self.width.saturating_sub(8)) {
                        let part = look.paint(Tone::Dim, &part);
                        self.lines.push(format!("{lead}{part}"));
                        "        ".clone_into(&mut lead);
                    }
                }
            }
        }
    }

    fn filter(&mut self, filter: &Filter) {
        self.below(&if filter.name == "event" {
            filter.text.clone()
        } else {
            format!("{}: {}", filter.name, filter.text)
        });
    }

    fn below(&mut self, text: &str) {
        let text = self.look.own(&one_line(text));
        for part in wrap(&text, self.width.saturating_sub(4)) {
            let part = self.look.paint(Tone::Dim, &part);
            self.lines.push(format!("    {part}"));
        }
    }
}

fn of(decision: &Decision, answer: Answer) -> impl Iterator<Item = &Filter> {
    decision
        .filters
        .iter()
        .filter(move |filter| filter.answer == answer)
}

/// The list for programs.
pub(crate) fn list_json(listing: &Listing) -> Value {
    let workflows: Vec<Value> = listing.workflows.iter().map(workflow_json).collect();
    json!({
        "schema": SCHEMA,
        "event": listing.event,
        "ref": listing.reference,
        "base_ref": listing.base,
        "changed_files": listing.changed.as_ref().map(|(files, _)| files),
        "changed_between": listing.changed.as_ref().map(|(_, between)| between),
        "workflows": workflows,
    })
}

fn workflow_json(listed: &Listed) -> Value {
    match &listed.told {
        Told::Broken(problem) => json!({
            "file": listed.file,
            "name": listed.name,
            "starts": false,
            "problem": {
                "line": problem.span.start.line,
                "column": problem.span.start.column,
                "message": problem.message,
                "hint": problem.hint,
            },
        }),
        Told::Read { decision, jobs } => {
            let filters: Vec<Value> = decision
                .filters
                .iter()
                .map(|filter| {
                    json!({
                        "filter": filter.name,
                        "answer": match filter.answer {
                            Answer::Yes => "yes",
                            Answer::No => "no",
                            Answer::Unknown => "unknown",
                        },
                        "text": filter.text,
                        "line": filter.span.start.line,
                    })
                })
                .collect();
            let jobs: Vec<Value> = jobs
                .iter()
                .map(|job| {
                    json!({
                        "id": job.job,
                        "runs": match job.runs {
                            Some(true) => "yes",
                            Some(false) => "no",
                            None => "later",
                        },
                        "why": job.why,
                    })
                })
                .collect();
            json!({
                "file": listed.file,
                "name": listed.name,
                "starts": decision.starts,
                "called_only": decision.called_only,
                "filters": filters,
                "jobs": jobs,
            })
        }
    }
}

#[cfg(test)]
#[path = "list_tests.rs"]
mod tests;
