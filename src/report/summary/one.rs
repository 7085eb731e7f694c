//! All there is to know of single legs of a run.

use super::facts::labelled;
use super::{ConsoleOptions, Out, facts, findings, jobs, steps, verdict_line};
use crate::record::{JobFacts, JobKey, JobRecord, Level, RunRecord};
use crate::report::failed::{self, FailedTest};
use crate::report::format::{bytes, counted, duration, percent};
use crate::report::style::{Sign, Tone};
use crate::report::table::flow;
use crate::report::text::{one_line, plain};

/// Lines of what a failed test said.
const LINES: usize = 200;
/// Width of the labels.
const LABEL: usize = 10;

/// The legs with these keys: their steps, failed tests in full, what their steps said,
/// reports, and the environment. `logs` names the log files of each leg.
pub(crate) fn job_pages(
    record: &RunRecord,
    legs: &[(JobKey, Vec<String>)],
    options: &ConsoleOptions,
) -> String {
    let mut out = Out::new(options);
    // The pages below are those of a run with these legs only.
    let mut part = record.clone();
    part.jobs
        .retain(|leg| legs.iter().any(|(key, _)| *key == leg.planned.key));
    part.notices.retain(|notice| {
        let of = |key: &JobKey| legs.iter().any(|(leg, _)| leg == key);
        notice.job.as_ref().is_some_and(of)
    });
    facts::header(record, &mut out);
    jobs::table(&part, &mut out);
    steps::lists(&part, &mut out);
    said(&part, &mut out);
    findings::notices(&part, &mut out);
    failed_tests(&part, &mut out);
    for leg in &part.jobs {
        out.section(&one_line(&leg.planned.key.0));
        let logs = legs.iter().find(|(key, _)| *key == leg.planned.key);
        let logs = logs.map_or(&[][..], |(_, logs)| logs);
        results(leg, options.directory.as_deref(), logs, &mut out);
        if let Some(facts) = &leg.facts {
            environment(facts, &mut out);
        }
    }
    out.line("");
    let last = verdict_line(record.verdict.as_ref(), out.look);
    out.line(last);
    let mut text = out.lines.join("\n");
    text.push('\n');
    text
}

/// Adds why legs and steps failed, and the annotations of the steps.
fn said(part: &RunRecord, out: &mut Out) {
    let mut told = Vec::new();
    for leg in &part.jobs {
        let mut failures = Vec::from_iter(leg.failure.as_ref().map(|one| (None, one)));
        failures.extend(leg.steps.iter().filter_map(|step| {
            let failure = step.failure.as_ref()?;
            Some((Some(step.name.as_str()), failure))
        }));
        failures.extend(leg.missing.iter().map(|report| (None, &report.failure)));
        for (step, failure) in failures {
            let who = match step {
                Some(step) => format!("{} › {step}", leg.planned.key),
                None => leg.planned.key.0.clone(),
            };
            let text = format!("{who}: {} [{}]", failure.message, failure.cause.path());
            told.push((Sign::Bad, text, failure.evidence.clone()));
        }
        for step in &leg.steps {
            for one in &step.annotations {
                let sign = match one.level {
                    Level::Notice => Sign::Waiting,
                    Level::Warning => Sign::Warn,
                    Level::Error => Sign::Bad,
                };
                let at = one.place.as_ref().map(|place| match place.line {
                    Some(line) => format!("at {}:{line}", place.file),
                    None => format!("at {}", place.file),
                });
                let text = format!("{} › {}: {}", leg.planned.key, step.name, one.message);
                told.push((sign, text, Vec::from_iter(at)));
            }
        }
    }
    if told.is_empty() {
        return;
    }
    out.section("what was said");
    for (sign, text, below) in told {
        out.message(sign, Tone::Plain, &text);
        for fact in below {
            out.below(4, &fact);
        }
    }
}

/// Adds the failed tests, each with all that it said.
fn failed_tests(part: &RunRecord, out: &mut Out) {
    let tests = failed::failed_tests(part);
    if tests.is_empty() {
        return;
    }
    out.section(&format!("failed tests ({})", tests.len()));
    for test in tests {
        failed_test(&test, out);
    }
}

fn failed_test(test: &FailedTest<'_>, out: &mut Out) {
    let sign = if test.allowed { Sign::Warn } else { Sign::Bad };
    let id = one_line(&test.case.id);
    let id = out.look.paint(Tone::Strong, &id);
    out.line(format!("{} {id}", out.look.painted(sign)));
    if let Some(at) = failed::place(test.case) {
        out.below(4, &format!("at {}", one_line(&at)));
    }
    let said = if test.case.details.is_empty() {
        &test.case.message
    } else {
        &test.case.details
    };
    let said = plain(said);
    let mut lines = said.lines();
    for line in lines.by_ref().take(LINES) {
        let line = format!("    {} {}", out.look.rule(), line.replace('\t', "    "));
        out.line(line);
    }
    let more = lines.count();
    if more > 0 {
        out.below(4, &format!("and {} more", counted(more as u64, "line")));
    }
}

/// Adds what came out of a leg, and where it lies.
fn results(leg: &JobRecord, directory: Option<&str>, logs: &[String], out: &mut Out) {
    for (label, text) in [("image", &leg.image), ("container", &leg.environment)] {
        if !text.is_empty() {
            labelled(label, text, Tone::Plain, out);
        }
    }
    let used = leg.facts.as_deref().map(resources);
    for (label, text) in used.into_iter().flatten() {
        labelled(&label.to_lowercase(), &text, Tone::Plain, out);
    }
    for report in &leg.coverage {
        if let Some(share) = report.summary.percent() {
            let text = format!("{} ({})", percent(share), report.path);
            labelled("coverage", &text, Tone::Plain, out);
        }
    }
    for report in leg.steps.iter().flat_map(|step| &step.tests) {
        let damaged = if report.complete { "" } else { ", damaged" };
        let count = counted(u64::from(report.counts.total()), "test");
        let text = format!("{count} ({}{damaged})", report.path);
        labelled("tests", &text, Tone::Plain, out);
    }
    for artifact in &leg.artifacts {
        let text = format!(
            "{} ({}, {})",
            artifact.path,
            counted(artifact.files, "file"),
            bytes(artifact.bytes)
        );
        labelled("artifact", &text, Tone::Plain, out);
    }
    if let Some(directory) = directory {
        labelled("results", directory, Tone::Plain, out);
    }
    let mut label = "logs";
    for log in logs {
        labelled(label, log, Tone::Dim, out);
        label = "";
    }
}

/// Adds what the environment of a leg was like.
fn environment(facts: &JobFacts, out: &mut Out) {
    for (label, text) in environment_facts(facts) {
        labelled(label, &text, Tone::Plain, out);
    }
    let Some(packages) = &facts.packages else {
        return;
    };
    let packages: Vec<String> = packages
        .iter()
        .map(|(name, version)| format!("{} {}", one_line(name), one_line(version)))
        .collect();
    let mut label = "packages";
    for line in flow(&packages, ", ", out.width.saturating_sub(LABEL)) {
        labelled(label, &line, Tone::Dim, out);
        label = "";
    }
}

/// What a leg has used until its last test step ended, with labels.
pub(in crate::report) fn resources(facts: &JobFacts) -> Vec<(&'static str, String)> {
    let mut used = Vec::new();
    if let Some(peak) = facts.memory_peak {
        let of = facts
            .memory_limit
            .map_or_else(String::new, |limit| format!(" of {}", bytes(limit)));
        let text = format!("{}{of} at most, caches of files included", bytes(peak));
        used.push(("Memory", text));
    }
    if let Some(millis) = facts.cpu_millis {
        used.push(("Processor", format!("{} of its time", duration(millis))));
    }
    used
}

/// The facts of an environment that a person asks for first, with their labels.
pub(in crate::report) fn environment_facts(facts: &JobFacts) -> Vec<(&'static str, String)> {
    let mut told = Vec::new();
    if let Some(python) = &facts.python {
        let venv = if python.virtual_environment {
            ", virtual environment"
        } else {
            ""
        };
        told.push((
            "Python",
            format!(
                "{} {} ({}{venv})",
                python.implementation, python.version, python.executable
            ),
        ));
    }
    let joined = |parts: [Option<String>; 4]| {
        let parts = parts.into_iter().flatten();
        let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    };
    told.extend(
        joined([
            facts.system.clone(),
            facts.libc.clone(),
            facts
                .kernel
                .as_ref()
                .map(|kernel| format!("kernel {kernel}")),
            facts.machine.clone(),
        ])
        .map(|text| ("system", text)),
    );
    let memory = facts
        .memory_limit
        .map(|limit| format!("{} of memory allowed", bytes(limit)))
        .or_else(|| facts.memory.map(|all| format!("{} of memory", bytes(all))));
    told.extend(
        joined([
            facts.cpus.map(|count| counted(count.into(), "processor")),
            memory,
            facts
                .shared_memory
                .map(|size| format!("{} in /dev/shm", bytes(size))),
            None,
        ])
        .map(|text| ("machine", text)),
    );
    let user = match (&facts.user, facts.uid) {
        (Some(user), Some(uid)) => Some(format!("{user} ({uid})")),
        (user, uid) => user.clone().or_else(|| uid.map(|uid| uid.to_string())),
    };
    told.extend(
        joined([
            user,
            facts.home.as_ref().map(|home| format!("home {home}")),
            facts.cwd.as_ref().map(|cwd| format!("tests ran in {cwd}")),
            None,
        ])
        .map(|text| ("user", text)),
    );
    told.extend(
        joined([
            facts.time_zone.clone(),
            facts.python.as_ref().map(|python| python.encoding.clone()),
            facts.variable("LANG").map(str::to_owned),
            None,
        ])
        .map(|text| ("locale", text)),
    );
    told
}
