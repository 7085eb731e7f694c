//! Annotations: what failed, at its place in the code.

use std::collections::BTreeMap;

use super::command::command;
use crate::record::{Cause, Level, Place, RunRecord};
use crate::report::failed::{FailedTest, failed_tests, failing_line, is_inside, said};

/// Longest message of an annotation, in characters.
const MESSAGE_LEN: usize = 4096;
/// Longest title, in characters.
const TITLE_LEN: usize = 200;
/// Lines of what a failed test said.
const TEST_LINES: usize = 20;

/// An annotation before it is written.
#[derive(Debug, Default)]
struct Annotation {
    title: String,
    message: String,
    place: Option<Place>,
}

/// Annotations as workflow commands, a line each: first what failed the run, then
/// failed tests, then what steps said themselves. GitHub shows ten of each level
/// per step; of more than `limit` the last one says how many are left out.
///
/// The lines must be printed where the runner obeys, not within
/// [`shield`](super::shield).
pub(crate) fn annotations(record: &RunRecord, limit: usize) -> Vec<String> {
    let mut levels: BTreeMap<Level, Vec<Annotation>> = BTreeMap::new();
    let tests = failed_tests(record);
    verdict(record, &tests, &mut levels);
    for test in &tests {
        let level = if test.allowed {
            Level::Warning
        } else {
            Level::Error
        };
        levels.entry(level).or_default().push(of_test(test));
    }
    of_steps(record, &mut levels);
    levels
        .into_iter()
        .rev()
        .flat_map(|(level, list)| written(level, list, limit))
        .collect()
}

/// Failures and warnings of the verdict.
fn verdict(
    record: &RunRecord,
    tests: &[FailedTest<'_>],
    levels: &mut BTreeMap<Level, Vec<Annotation>>,
) {
    let Some(verdict) = &record.verdict else {
        return;
    };
    let tests_tell = tests.iter().any(|test| !test.allowed);
    for failure in &verdict.failures {
        let of_tests = matches!(failure.cause, Cause::TestsFailed | Cause::TestsErrored);
        if of_tests && tests_tell {
            continue;
        }
        let mut message = failure.message.clone();
        for fact in &failure.evidence {
            message.push('\n');
            message.push_str(fact);
        }
        levels.entry(Level::Error).or_default().push(Annotation {
            title: format!("seatrial: {}", failure.cause.path()),
            message,
            place: None,
        });
    }
    for warning in &verdict.warnings {
        levels.entry(Level::Warning).or_default().push(Annotation {
            title: "seatrial".to_owned(),
            message: warning.clone(),
            place: None,
        });
    }
}

fn of_test(test: &FailedTest<'_>) -> Annotation {
    let case = test.case;
    let mut message = format!("{} ({})", case.id, test.legs.join(", "));
    for line in said(case, TEST_LINES) {
        message.push('\n');
        message.push_str(line);
    }
    Annotation {
        title: format!("{} failed", case.name),
        message,
        place: failing_line(case).map(|(file, line)| Place {
            file: file.to_owned(),
            line,
            column: None,
        }),
    }
}

/// What steps said by workflow commands, which the runner never saw.
fn of_steps(record: &RunRecord, levels: &mut BTreeMap<Level, Vec<Annotation>>) {
    for leg in &record.jobs {
        for step in &leg.steps {
            for said in &step.annotations {
                levels.entry(said.level).or_default().push(Annotation {
                    title: format!("{} › {}", leg.planned.key, step.name),
                    message: said.message.clone(),
                    place: said.place.clone(),
                });
            }
        }
    }
}

/// The commands of one level, at most `limit`.
fn written(level: Level, mut list: Vec<Annotation>, limit: usize) -> Vec<String> {
    if list.len() > limit {
        let kept = limit.saturating_sub(1);
        let more = list.len() - kept;
        list.truncate(kept);
        if limit > 0 {
            list.push(Annotation {
                title: "seatrial".to_owned(),
                message: format!("{more} more are in the step summary and in run.json"),
                place: None,
            });
        }
    }
    let name = match level {
        Level::Notice => "notice",
        Level::Warning => "warning",
        Level::Error => "error",
    };
    list.iter().map(|one| line(name, one)).collect()
}

fn line(name: &str, annotation: &Annotation) -> String {
    let place = annotation
        .place
        .as_ref()
        .filter(|place| is_inside(&place.file));
    let number = |value: Option<u32>| value.map(|value| value.to_string()).unwrap_or_default();
    let file = place.map(|place| place.file.as_str()).unwrap_or_default();
    let row = number(place.and_then(|place| place.line));
    let column = number(place.and_then(|place| place.column));
    let title = cut(&annotation.title, TITLE_LEN);
    command(
        name,
        &[
            ("file", file),
            ("line", &row),
            ("col", &column),
            ("title", &title),
        ],
        &cut(&annotation.message, MESSAGE_LEN),
    )
}

/// At most so many characters, a cut is marked. Characters that will be shown as
/// `<U+202E>` count as what they become.
fn cut(text: &str, most: usize) -> String {
    let safe = crate::report::text::plain(text);
    if safe.chars().count() <= most {
        return safe;
    }
    let mut cut: String = safe.chars().take(most.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::annotations;
    use crate::gate::sample::{Leg, Run, case, coverage};
    use crate::gate::{Masked, Policy, judge};
    use crate::record::{
        Cause, EventKind, Failure, Level, Place, RunRecord, TestCase, TestOutcome,
    };
    use crate::report::github::oracle::{Runner, hostile};
    use proptest::prelude::*;

    fn record(cases: Vec<TestCase>) -> RunRecord {
        let leg = Leg::new("unit", 0).tests(10, 1).covers(coverage(900));
        let said = EventKind::Annotation {
            step: leg.key(1),
            level: Level::Notice,
            message: "cache is cold".to_owned(),
            place: Some(Place {
                file: "/etc/passwd".to_owned(),
                line: Some(1),
                column: None,
            }),
        };
        let leg = leg
            .with(|step| step.tests[0].1.extend(cases))
            .fails(Failure::new(Cause::TestsFailed, "tests failed"), Some(1))
            .event(said);
        let mut record = Run::of([leg]).record();
        let policy = Policy {
            coverage_min: None,
            coverage_due: false,
            limits: crate::gate::Limits::default(),
            masked: Masked::Deny,
            budgets: crate::gate::Budgets::default(),
            quarantine: Vec::new(),
        };
        record.verdict = Some(judge(&record, &policy));
        record
    }

    #[test]
    fn tests_have_their_place() {
        let lines = annotations(&record(vec![case(9, TestOutcome::Failed)]), 10);
        assert_eq!(
            lines,
            [
                "::error file=tests/test_calc.py,line=19,title=test_case_9 failed::\
                 tests/test_calc.py::test_case_9 (unit)%0Aassert 3 == 4%0A +  where 3 = add(1, 2)",
                "::notice title=unit › Run tests::cache is cold",
            ]
        );
    }

    #[test]
    fn at_most_ten_of_a_level() {
        let cases = (0..40).map(|n| case(n, TestOutcome::Failed)).collect();
        let lines = annotations(&record(cases), 10);
        let errors: Vec<&String> = lines
            .iter()
            .filter(|line| line.starts_with("::error"))
            .collect();
        assert_eq!(errors.len(), 10);
        assert_eq!(
            errors[9],
            "::error title=seatrial::31 more are in the step summary and in run.json"
        );
        assert!(annotations(&record(Vec::new()), 0).is_empty());
    }

    #[test]
    fn messages_are_cut() {
        let mut long = case(1, TestOutcome::Failed);
        long.message = "\u{202e}".repeat(10_000);
        let lines = annotations(&record(vec![long]), 10);
        let mut runner = Runner::new();
        runner.feed(&lines[0]);
        assert_eq!(runner.obeyed()[0].2.chars().count(), 4096);
    }

    proptest! {
        #[test]
        fn only_our_commands(
            id in hostile(), file in hostile(), message in hostile(), name in hostile()
        ) {
            let hostile = TestCase {
                id,
                name,
                file: Some(file),
                message,
                ..case(1, TestOutcome::Error)
            };
            let lines = annotations(&record(vec![hostile]), 10);
            let mut runner = Runner::new();
            runner.feed(&lines.join("\n"));
            prop_assert_eq!(runner.names(), ["error", "notice"]);
            let keys = ["file", "line", "col", "title"];
            for (_, properties, _) in runner.obeyed() {
                prop_assert!(properties.keys().all(|key| keys.contains(&key.as_str())));
            }
        }
    }
}
