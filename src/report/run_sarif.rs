//! What failed in a run as SARIF, for viewers that show it at its place in the code.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;

use super::failed::{self, failed_tests};
use super::sarif::{self, Described, Told};
use super::text::plain;
use crate::record::{Cause, Failure, Level as Grave, RunRecord, TestOutcome};
use crate::scan::{FilePlace, Level};

/// Where the reasons are described.
const DOCS: &str = concat!(
    env!("CARGO_PKG_REPOSITORY"),
    "/blob/main/docs/exit-codes.md"
);
/// The rule of what steps say themselves.
const SAID: &str = "step.annotation";
/// Lines of what a failed test said.
const LINES: usize = 20;
/// Most bytes of a message: GitHub shows no longer ones.
const MESSAGE: usize = 4_000;
/// Most results of a document that GitHub takes in ("SARIF support", limits).
const RESULTS: usize = 5_000;

/// What is told of one finding, before its rule is known.
struct Found {
    rule: Cow<'static, str>,
    level: Level,
    message: String,
    place: FilePlace,
    /// What tells it from others of its rule.
    what: String,
}

/// The failures of a run, its failed tests, and what its steps said, as SARIF.
pub(crate) fn run_sarif(record: &RunRecord) -> Value {
    let mut found = of_tests(record);
    let tests_tell = found.iter().any(|one| one.level == Level::Deny);
    let verdict = record.verdict.as_ref();
    for failure in verdict.iter().flat_map(|verdict| &verdict.failures) {
        let of_tests = matches!(failure.cause, Cause::TestsFailed | Cause::TestsErrored);
        if !(of_tests && tests_tell) {
            found.push(of_failure(record, failure));
        }
    }
    found.extend(of_steps(record));
    let mut notices = Vec::new();
    if verdict.is_none() {
        notices.push("the run did not come to its end, so there is no verdict".to_owned());
    }
    if found.len() > RESULTS {
        notices.push(format!("{} more did not fit", found.len() - RESULTS));
        found.truncate(RESULTS);
    }
    let mut rules: BTreeMap<&str, Described> = BTreeMap::new();
    for one in &found {
        rules
            .entry(&one.rule)
            .or_insert_with(|| described(&one.rule));
    }
    let rules: Vec<Described> = rules.into_values().collect();
    let told: Vec<Told<'_>> = found
        .iter()
        .map(|one| Told {
            rule: one.rule.clone(),
            level: one.level,
            severity: None,
            message: &one.message,
            suppressed: None,
            location: sarif::file_location(&one.place),
            print: sarif::fingerprint(&one.rule, &one.place.path, &one.what),
        })
        .collect();
    let exit_code = verdict.map_or(Cause::Invariant.exit_code(), |verdict| verdict.exit_code);
    sarif::document(&rules, &told, &notices, exit_code)
}

fn of_tests(record: &RunRecord) -> Vec<Found> {
    let found = failed_tests(record).into_iter().map(|test| {
        let case = test.case;
        let cause = match case.outcome {
            TestOutcome::Error => Cause::TestsErrored,
            TestOutcome::Passed | TestOutcome::Failed | TestOutcome::Skipped => Cause::TestsFailed,
        };
        let said = failed::said(case, LINES).join("\n");
        let message = format!("{} ({})\n{said}", case.id, test.legs.join(", "));
        let place = failed::failing_line(case).map_or_else(
            || workflow(record),
            |(path, line)| FilePlace {
                path: path.to_owned(),
                line: number(line),
                column: 0,
            },
        );
        Found {
            rule: cause.path().into(),
            level: if test.allowed {
                Level::Warn
            } else {
                Level::Deny
            },
            message: cut(message.trim_end()),
            place,
            what: case.id.clone(),
        }
    });
    found.collect()
}

fn of_failure(record: &RunRecord, failure: &Failure) -> Found {
    let mut message = failure.message.clone();
    for fact in &failure.evidence {
        message.push('\n');
        message.push_str(fact);
    }
    Found {
        rule: failure.cause.path().into(),
        level: Level::Deny,
        message: cut(&message),
        place: workflow(record),
        what: failure.message.clone(),
    }
}

fn of_steps(record: &RunRecord) -> Vec<Found> {
    let mut found = Vec::new();
    for leg in &record.jobs {
        for step in &leg.steps {
            for said in &step.annotations {
                let place = said
                    .place
                    .as_ref()
                    .filter(|place| failed::is_inside(&place.file));
                found.push(Found {
                    rule: SAID.into(),
                    level: match said.level {
                        Grave::Error => Level::Deny,
                        Grave::Warning => Level::Warn,
                        Grave::Notice => Level::Allow,
                    },
                    message: cut(&said.message),
                    place: place.map_or_else(
                        || workflow(record),
                        |place| FilePlace {
                            path: place.file.clone(),
                            line: number(place.line),
                            column: number(place.column),
                        },
                    ),
                    what: format!("{} {} {}", leg.planned.key, step.name, said.message),
                });
            }
        }
    }
    found
}

/// A number of a line or column, 0 where there is none.
fn number(given: Option<u32>) -> usize {
    given
        .and_then(|number| number.try_into().ok())
        .unwrap_or_default()
}

/// The place of what has no other: viewers want one.
fn workflow(record: &RunRecord) -> FilePlace {
    FilePlace {
        path: record.info.workflow.clone(),
        line: 1,
        column: 0,
    }
}

fn described(rule: &str) -> Described {
    let cause = Cause::ALL
        .iter()
        .find(|cause| cause.path() == rule)
        .copied();
    Described {
        id: rule.to_owned().into(),
        name: cause.map_or("step-annotation", Cause::reason),
        title: cause.map_or("A step said it", |cause| {
            cause.meaning().trim_end_matches('.')
        }),
        remedy: "`seatrial show RUN JOB` tells all there is to know of a job",
        page: DOCS.to_owned(),
        level: Level::Deny,
        severity: None,
    }
}

fn cut(text: &str) -> String {
    let safe = plain(text);
    if safe.len() <= MESSAGE {
        return safe;
    }
    let end = safe.floor_char_boundary(MESSAGE);
    format!("{}…", safe.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::run_sarif;
    use crate::gate::sample::{Leg, Run, case};
    use crate::gate::{Masked, Policy, judge};
    use crate::record::{Cause, EventKind, Failure, Level, Place, TestCase, TestOutcome};
    use crate::report::sarif_form::sarif_faults;

    #[test]
    fn what_failed_has_its_place() {
        let leg = Leg::new("unit", 0).tests(10, 1);
        let said = EventKind::Annotation {
            step: leg.key(1),
            level: Level::Warning,
            message: "unused import".to_owned(),
            place: Some(Place {
                file: "src/calc.py".to_owned(),
                line: Some(3),
                column: Some(1),
            }),
        };
        let raised = TestCase {
            details: "E  assert 3 == 4\n\ntests/test_calc.py:21: AssertionError".to_owned(),
            ..case(9, TestOutcome::Failed)
        };
        let leg = leg
            .with(|step| {
                step.tests[0]
                    .1
                    .extend([raised, case(10, TestOutcome::Error)])
            })
            .fails(Failure::new(Cause::TestsFailed, "2 tests failed"), Some(1))
            .event(said);
        let mut record = Run::of([leg]).record();
        let policy = Policy {
            coverage_min: None,
            coverage_due: true,
            limits: crate::gate::Limits::default(),
            masked: Masked::Deny,
            budgets: crate::gate::Budgets::default(),
            quarantine: Vec::new(),
        };
        record.verdict = Some(judge(&record, &policy));
        let value = run_sarif(&record);
        assert_eq!(sarif_faults(&value), [""; 0]);
        let text = format!("{value:#}").replace(env!("CARGO_PKG_VERSION"), "VERSION");
        insta::assert_snapshot!("run_sarif", text);
    }
}
