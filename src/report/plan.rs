//! What `seatrial plan` shows: which legs there are, where each step belongs and
//! why, and which reports the steps owe.

mod json;
mod mermaid;
#[cfg(test)]
mod tests;

use super::format::counted;
use super::style::{Look, Sign, Tone};
use super::table::{Align, Cell, Column, Table, flow, wrap};
use super::text::one_line;
use crate::gate::{LeftOutGroup, left_out_groups};
use crate::plan::{
    DueReport, ImageNeed, Leg, Placement, Plan, PlanJob, PlanStep, Setup, SudoUse, no_effect,
    sudo_use,
};
use crate::record::ReportKind;
use crate::workflow::Node;

pub(crate) use json::plan_json;
pub(crate) use mermaid::plan_mermaid;

/// Narrowest terminal that is laid out for.
const NARROW: usize = 40;
/// Legs, labels and images of a job that are named.
const NAMED: usize = 6;
/// Where the text below a step begins.
const BELOW: usize = 6;
/// `timeout-minutes` of a job that has none, in words (GitHub docs, "Workflow
/// syntax").
const DEFAULT_LIMIT: &str = "time-out 360 min (default)";

/// The plan for a person, no line wider than `width` unless a word is.
pub(crate) fn plan_text(plan: &Plan, width: usize, look: Look) -> String {
    let mut page = Page {
        lines: Vec::new(),
        look,
        width: width.max(NARROW),
    };
    page.header(plan);
    for job in plan.all_jobs() {
        page.job(plan, job);
    }
    page.no_effect(plan);
    let mut text = page.lines.join("\n");
    text.push('\n');
    text
}

/// Lines of the plan, one after the other.
struct Page {
    lines: Vec<String>,
    look: Look,
    width: usize,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.lines.push(line.trim_end().to_owned());
    }

    /// Less important items in lines that begin this far to the right.
    fn items(&mut self, indent: usize, items: &[String], separator: &str) {
        let items: Vec<String> = items
            .iter()
            .map(|item| self.look.own(&one_line(item)))
            .collect();
        for part in flow(&items, separator, self.width.saturating_sub(indent)) {
            let part = self.look.paint(Tone::Dim, &part);
            self.line(&format!("{}{part}", " ".repeat(indent)));
        }
    }

    fn header(&mut self, plan: &Plan) {
        let look = self.look;
        let name = look.paint(Tone::Strong, &one_line(&plan.name));
        let legs = plan.legs().count();
        let here = plan.legs().filter(|(_, leg)| is_here(leg)).count();
        let jobs = plan.all_jobs().len();
        let mut facts = vec![counted(jobs as u64, "job")];
        if legs > jobs || here < legs {
            facts.push(legs_text(legs, here));
        }
        let facts = look.paint(Tone::Dim, &facts.join(", "));
        self.line(&format!("{name} {} {facts}", look.dot()));
    }

    fn no_effect(&mut self, plan: &Plan) {
        let mut keys = no_effect(plan);
        if let Some(first) = keys.first_mut() {
            first.insert_str(0, "no effect here: ");
            self.line("");
            self.items(0, &keys, ", ");
        }
    }

    fn job(&mut self, plan: &Plan, job: &PlanJob) {
        let look = self.look;
        self.line("");
        let id = one_line(&job.id);
        let mut head = look.paint(Tone::Strong, &id);
        if let Some(name) = job.job.name.as_ref().map(|name| one_line(&name.value))
            && name != id
        {
            head.push_str(&format!("  {}", look.paint(Tone::Dim, &name)));
        }
        self.line(&head);
        let separator = format!(" {} ", look.dot());
        self.items(2, &job_facts(plan, job), &separator);
        let here: Vec<&Leg> = job.legs.iter().filter(|leg| is_here(leg)).collect();
        if here.len() > 1 {
            let keys = here.iter().map(|leg| leg.key.0.clone());
            self.items(2, &listed(keys), ", ");
        }
        if let Some(leg) = here.first()
            && job.job.uses.is_none()
        {
            self.steps(leg);
        }
        for group in groups(job) {
            let sign = look.painted(Sign::Skipped);
            let text = look.own(&one_line(&group.line()));
            let mut lead = format!("  {sign}");
            for part in wrap(&text, self.width.saturating_sub(4)) {
                self.line(&format!("{lead} {}", look.paint(Tone::Dim, &part)));
                "   ".clone_into(&mut lead);
            }
        }
    }

    fn steps(&mut self, leg: &Leg) {
        let look = self.look;
        let steps = leg.every_step();
        let mut table = Table::new(
            vec![
                Column::new(Align::Right),
                Column::new(Align::Left).shrinks(10, 24),
                Column::new(Align::Left).shrinks(12, 30),
            ],
            2,
        );
        for step in &steps {
            let tone = match (&step.placement, &step.test) {
                (_, Some(_)) => Tone::Strong,
                (Placement::Container | Placement::ThisMachine, None) => Tone::Plain,
                _ => Tone::Dim,
            };
            let (joint, reason) = reason(step);
            table.row(vec![
                Cell::new(Tone::Dim, format!("{:>3}", step.number)),
                Cell::new(tone, one_line(&step.name)),
                Cell::parts(vec![
                    (Tone::Plain, step.placement.to_string()),
                    (
                        Tone::Dim,
                        format!("{joint}{}", look.own(&one_line(&reason))),
                    ),
                ]),
            ]);
        }
        let lines = table.render(self.width.saturating_sub(1), look);
        for (step, line) in steps.iter().zip(lines) {
            self.line(&format!(" {line}"));
            let items = [conditions(step), owes(step)].concat();
            self.items(BELOW, &items, "; ");
        }
    }
}

/// Whether a leg runs here.
fn is_here(leg: &Leg) -> bool {
    leg.left_out.is_none()
}

/// Legs of a job that do not run here.
fn groups(job: &PlanJob) -> Vec<LeftOutGroup> {
    left_out_groups(job.legs.iter().filter_map(|leg| {
        let left_out = leg.left_out.as_ref()?;
        Some((job.id.as_str(), leg.key.0.as_str(), left_out))
    }))
}

/// `15 legs, 1 of them here`.
fn legs_text(legs: usize, here: usize) -> String {
    let all = counted(legs as u64, "leg");
    match here {
        0 => format!("{all}, none here"),
        here if here == legs => all,
        here => format!("{all}, {here} of them here"),
    }
}

/// What is to be known of a job besides its steps.
fn job_facts(plan: &Plan, job: &PlanJob) -> Vec<String> {
    let mut facts = Vec::new();
    if !job.needs.is_empty() {
        facts.push(format!("after {}", job.needs.join(", ")));
    }
    if let Some(condition) = &job.job.condition {
        facts.push(format!("only if {}", condition.value));
    }
    if job.pending {
        facts.push(format!(
            "its legs are known when {} {} done",
            job.needs.join(", "),
            if job.needs.len() == 1 { "is" } else { "are" }
        ));
    }
    if let Some(uses) = &job.job.uses {
        facts.push(format!("calls {}", uses.value));
    }
    let here: Vec<&Leg> = job.legs.iter().filter(|leg| is_here(leg)).collect();
    if job.legs.len() > 1 {
        facts.push(legs_text(job.legs.len(), here.len()));
    }
    let labels = here.iter().map(|leg| leg.runs_on.clone());
    let labels = listed(labels.filter(|label| !label.is_empty()));
    if !labels.is_empty() {
        facts.push(format!("runs on {}", labels.join(", ")));
    }
    if job.job.uses.is_some() {
        return facts;
    }
    let known = here.iter().filter(|_| !job.pending);
    let images = listed(known.map(|leg| image(plan, leg)));
    match images.as_slice() {
        [] => {}
        [image] => facts.push(format!("image {image}")),
        images => facts.push(format!("images {}", images.join(", "))),
    }
    if let Some(found) = here.first().and_then(|leg| sudo_use(job, leg)) {
        facts.push(root_rights(&found));
    }
    if job.docker_socket {
        facts.push("has the rights of root on this machine's engine, by its socket".to_owned());
    }
    let services = here.iter().flat_map(|leg| &leg.services).map(|service| {
        if service.label == service.image {
            service.label.clone()
        } else {
            format!("{} ({})", service.label, service.image)
        }
    });
    let services = listed(services);
    if !services.is_empty() {
        let word = if services.len() == 1 {
            "service"
        } else {
            "services"
        };
        facts.push(format!("{word} {}", services.join(", ")));
    }
    if let Some(most) = job.max_parallel {
        facts.push(format!("{most} at a time"));
    }
    facts.push(match job.job.timeout_minutes.as_ref().map(minutes) {
        Some(minutes) => format!("time-out {minutes} min"),
        None => DEFAULT_LIMIT.to_owned(),
    });
    if job.job.continue_on_error.as_ref().is_some_and(may_be_true) {
        facts.push("allowed to fail".to_owned());
    }
    facts
}

/// Why the commands of a job may become root.
fn root_rights(found: &SudoUse<'_>) -> String {
    let step = found.step.number;
    if found.own_container {
        format!("may become root by the image's own sudo, which step {step} calls")
    } else {
        format!("may become root by sudo, which step {step} calls")
    }
}

/// The image of a leg by its name.
fn image(plan: &Plan, leg: &Leg) -> String {
    match (&leg.image, &plan.dockerfile) {
        (ImageNeed::Dockerfile { python }, Some(used)) => match python {
            Some(version) => format!("{} with Python {version}", used.name),
            None => used.name.clone(),
        },
        (need, _) if leg.derived.is_some() => format!("derived from {need}"),
        (need, _) => need.to_string(),
    }
}

/// A limit as the workflow writes it.
fn minutes(node: &Node) -> String {
    node.scalar_text().unwrap_or_default()
}

/// Whether a switch is on, or an expression decides it.
fn may_be_true(node: &Node) -> bool {
    !matches!(node.scalar_text().as_deref(), None | Some("" | "false"))
}

/// Each text once, the first few of them.
fn listed(texts: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for text in texts {
        if !seen.contains(&text) {
            seen.push(text);
        }
    }
    let more = seen.len().saturating_sub(NAMED);
    seen.truncate(NAMED);
    if more > 0 {
        seen.push(format!("… and {more} more"));
    }
    seen
}

/// Why a step belongs where it does, and what joins that to its placement.
fn reason(step: &PlanStep) -> (&'static str, String) {
    match &step.placement {
        Placement::Container | Placement::ThisMachine => match &step.test {
            Some(test) => {
                let times = match test.pytest_runs {
                    0 | 1 => String::new(),
                    runs => format!(" ({runs} times)"),
                };
                (", ", format!("tests with {}{times}", test.command))
            }
            None => ("", String::new()),
        },
        Placement::ProvidedByImage(setup) => (": ", installs(setup)),
        Placement::Baked(baked) => (", ", baked.text()),
        Placement::BuiltIn(built_in) => (" for ", built_in.action().to_owned()),
        Placement::Composite(used) | Placement::Node(used) | Placement::Docker(used) => {
            (" ", used.uses.clone())
        }
        Placement::SkippedAction => ("", String::new()),
        Placement::LeftOutAction(skipped) => (": ", skipped.reason.to_owned()),
    }
}

/// When a step runs, for how long, and what its failure means.
fn conditions(step: &PlanStep) -> Vec<String> {
    let mut facts = Vec::new();
    if matches!(step.placement, Placement::ProvidedByImage(_)) {
        facts.push("verified when the image is known; what it lacks is installed".to_owned());
    }
    if let Some(condition) = &step.step.condition {
        facts.push(format!("only if {}", condition.value));
    }
    if let Some(limit) = &step.step.timeout_minutes {
        facts.push(format!("time-out {} min", minutes(limit)));
    }
    if step
        .step
        .continue_on_error
        .as_ref()
        .is_some_and(may_be_true)
    {
        facts.push("allowed to fail".to_owned());
    }
    facts
}

/// What a set-up step installs, in words.
fn installs(setup: &Setup) -> String {
    let packages = setup.packages.iter().map(|package| package.name.clone());
    let named: Vec<String> = setup
        .files
        .iter()
        .chain(&setup.optional_files)
        .cloned()
        .chain(packages)
        .collect();
    if named.is_empty() {
        listed(setup.upgrades.clone()).join(", ")
    } else {
        listed(named).join(", ")
    }
}

/// `owes JUnit report (seatrial asks for it), coverage.xml`, and what the step may
/// leave besides.
fn owes(step: &PlanStep) -> Vec<String> {
    [(true, "owes"), (false, "may leave")]
        .into_iter()
        .filter_map(|(hard, word)| {
            let reports: Vec<String> = step
                .due
                .iter()
                .filter(|due| due.hard == hard)
                .map(due)
                .collect();
            (!reports.is_empty()).then(|| format!("{word} {}", reports.join(", ")))
        })
        .collect()
}

fn due(due: &DueReport) -> String {
    if due.path.is_empty() {
        return format!("{} (seatrial asks for it)", due.kind.label());
    }
    let kind = match due.kind {
        ReportKind::Junit => "JUnit",
        ReportKind::Cobertura => "Cobertura",
        ReportKind::Lcov => "LCOV",
        ReportKind::Html => "HTML",
        ReportKind::CoverageData => "coverage data",
    };
    format!("{} ({kind})", due.path)
}
