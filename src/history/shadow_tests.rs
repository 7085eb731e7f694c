#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Facts, NEEDED, Report, Side, entries};
use crate::history::{Entry, Line, Source};
use crate::record::{CiRun, Conclusion, TestOutcome};

const FACTS: &str = "\
schema=1
repository=acme/widgets
workflow=.github/workflows/test.yml
name=Tests
sha=5d41402abc4b2a76b9719d911017c592ae3b5d41
ref=refs/heads/main
event=push
run_id=17953820941
attempt=2
job=unit
cpus=4
memory=16772182016
engine=28.0.4
began=1795721725
ended=1795721790
runner=success
container=failure
";

/// Two tests, of which the second passes on the runner alone.
fn report(container: bool) -> String {
    let failure = match container {
        true => "<failure message='PermissionError: no'>tests/test_a.py:4: E</failure>",
        false => "",
    };
    format!(
        "<testsuites name='pytest tests'><testsuite name='pytest'>\
         <testcase classname='tests.test_a' name='test_one' time='0.25'/>\
         <testcase classname='tests.test_a.TestX' name='test_two[a]'>{failure}</testcase>\
         </testsuite></testsuites>"
    )
}

fn read(facts: &str, matrix: Option<&str>, reports: &[(Side, &str, &str)]) -> Vec<Entry> {
    let reports: BTreeMap<(Side, String), Report> = reports
        .iter()
        .map(|(side, path, text)| ((*side, (*path).to_owned()), Report::read(text.as_bytes())))
        .collect();
    entries(&Facts::read(facts).unwrap(), matrix, None, &reports).unwrap()
}

fn ids(entry: &Entry) -> Vec<&str> {
    entry.tests().map(|(_, test)| test.id.as_str()).collect()
}

#[test]
fn two_sides_of_a_job() {
    let (one, other) = (report(false), report(true));
    let both = read(
        FACTS,
        Some("{\n  \"python\": \"3.11\",\n  \"os\": \"ubuntu-latest\"\n}\n"),
        &[
            (Side::Runner, "junit.xml", &one),
            (Side::Container, "junit.xml", &other),
        ],
    );
    let [runner, container] = both.as_slice() else {
        panic!("{both:?}");
    };
    let shown = Entry {
        version: "0".to_owned(),
        ..container.clone()
    };
    insta::assert_json_snapshot!("container", shown);
    assert_eq!(runner.engine, "host (no container)");
    assert_eq!((runner.passed, runner.exit_code), (Some(true), Some(0)));
    assert_eq!(runner.legs[0].conclusion, Some(Conclusion::Success));
    assert_eq!(ids(runner), ids(container));
    for entry in &both {
        assert_eq!(entry.legs[0].key, "unit (3.11, ubuntu-latest)");
        assert_eq!((entry.partial, entry.source), (true, Source::Ci));
        let ci_run = CiRun {
            id: "17953820941".to_owned(),
            attempt: 2,
        };
        assert_eq!(entry.ci_run.as_ref(), Some(&ci_run));
        // It can be exported, and taken in elsewhere.
        let line = Line::Run(Box::new(entry.clone()));
        assert_eq!(Line::read(line.write().unwrap().as_bytes()).unwrap(), line);
    }
    assert_ne!(runner.run, container.run);
}

#[test]
fn legs_and_jobs_have_names_of_their_own() {
    let of = |facts: &str, matrix: Option<&str>| read(facts, matrix, &[])[0].clone();
    let plain = of(FACTS, None);
    assert_eq!(plain.legs[0].key, "unit");
    assert_eq!(of(FACTS, None).run, plain.run);
    assert_eq!(of(FACTS, Some("null")).legs[0].key, "unit");
    let mut names = vec![plain.run];
    for (matrix, key) in [
        ("{\"python\": 3.11}", "unit (3.11)"),
        ("{\"python\": 3.12}", "unit (3.12)"),
        (
            "{\"db\": {\"name\": \"pg\", \"tags\": [15, null, \"\", true]}, \"os\": \"Ubuntu\"}",
            "unit (pg, 15, true, Ubuntu)",
        ),
        ("\u{feff}{\"x\": null}", "unit"),
    ] {
        let leg = of(FACTS, Some(matrix));
        assert_eq!(leg.legs[0].key, key);
        names.push(leg.run);
    }
    names.push(of(&FACTS.replace("job=unit", "job=lint"), None).run);
    names.push(of(&FACTS.replace("attempt=2", "attempt=1"), None).run);
    let count = names.len();
    names.sort_by(|one, other| one.0.cmp(&other.0));
    names.dedup();
    assert_eq!(names.len(), count);
    let facts = Facts::read(FACTS).unwrap();
    for (matrix, what) in [
        ("{\"python\": ", "its matrix is no JSON: "),
        ("[1]", "its matrix is no object"),
    ] {
        let error = entries(&facts, Some(matrix), None, &BTreeMap::new()).unwrap_err();
        assert!(error.starts_with(what), "{error}");
    }
}

#[test]
fn values_may_hold_anything() {
    let text = FACTS
        .replace("refs/heads/main", "refs/heads/a=b\"c'd$(e)")
        .replace("name=Tests", "name= Tests = all ")
        .replace("engine=28.0.4", "engine=")
        .replace("cpus=4\n", "")
        .replace("ended=1795721790\n", "later=1\nno value\n\n=x\n");
    for text in [
        text.clone(),
        text.replace('\n', "\r\n"),
        format!("\u{feff}{text}"),
    ] {
        let both = read(&text, None, &[]);
        let container = &both[1];
        assert_eq!(container.reference, "refs/heads/a=b\"c'd$(e)");
        assert_eq!(container.branch(), "a=b\"c'd$(e)");
        assert_eq!(
            (container.name.as_str(), container.cpus),
            (" Tests = all ", 0)
        );
        assert_eq!(
            (container.engine.as_str(), container.finished_at),
            ("docker", None)
        );
    }
}

#[test]
fn what_is_needed_is_asked_for() {
    for name in NEEDED {
        let lines = FACTS.lines().filter(|line| !line.starts_with(name));
        let text: Vec<&str> = lines.collect();
        let error = Facts::read(&text.join("\n")).unwrap_err();
        assert!(
            error.starts_with(&format!("it does not say {name}: ")),
            "{error}"
        );
    }
    for (from, to, what) in [
        (
            "schema=1",
            "schema=2",
            "a later version of seatrial (schema 2, ",
        ),
        (
            "schema=1",
            "schema=x",
            "its schema is `x`, which is no number",
        ),
        ("run_id=17953820941", "run_id=../x", "its run_id is `../x`"),
        ("attempt=2", "attempt=-2", "its attempt is `-2`"),
        ("began=1795721725", "began=now", "its began is `now`"),
        (
            "runner=success",
            "runner=ok",
            "its runner is `ok`, which is none of success",
        ),
        (
            "container=failure",
            "container=0",
            "its container is `0`, which",
        ),
        (FACTS, "", "it does not say schema, repository, "),
    ] {
        let error = Facts::read(&FACTS.replace(from, to)).unwrap_err();
        assert!(error.contains(what), "{error}");
    }
    let long = FACTS.replace("17953820941", &"1".repeat(90));
    let facts = Facts::read(&long).unwrap();
    assert!(entries(&facts, None, None, &BTreeMap::new()).is_err());
}

#[test]
fn how_sides_end() {
    let of = |runner: &str, container: &str, report: &str| {
        let facts = FACTS
            .replace("runner=success", &format!("runner={runner}"))
            .replace("container=failure\n", container);
        let entries = read(&facts, None, &[(Side::Runner, "a.xml", report)]);
        let told = entries.iter().map(|entry| {
            let leg = &entry.legs[0];
            let cause = entry.failures.first().map(|reason| reason.cause.clone());
            assert_eq!(leg.steps[0].cause, cause);
            assert_eq!(leg.steps[0].conclusion, leg.conclusion);
            assert_eq!(entry.passed, Some(cause.is_none()));
            (entry.exit_code.unwrap(), cause.unwrap_or_default())
        });
        told.collect::<Vec<_>>()
    };
    let fine = || (0, String::new());
    let because = |code, cause: &str| (code, cause.to_owned());
    let good = report(false);
    let error = "<testsuite name='pytest'><testcase classname='' name='tests.test_a'>\
                 <error message='x'/></testcase></testsuite>";
    for (runner, container, report, expected) in [
        // Style seatrial: the other side is a run of its own.
        ("success", "", good.as_str(), vec![fine()]),
        (
            "success",
            "container=success\n",
            &good,
            vec![fine(), fine()],
        ),
        (
            "failure",
            "container=success\n",
            &report(true),
            vec![because(1, "tests_failed.tests_failed"), fine()],
        ),
        (
            "failure",
            "",
            error,
            vec![because(1, "tests_failed.tests_errored")],
        ),
        (
            "failure",
            "",
            &good,
            vec![because(9, "command_failed.step_failed")],
        ),
        (
            "cancelled",
            "container=failure\n",
            &good,
            vec![because(130, "cancelled.superseded"); 2],
        ),
    ] {
        assert_eq!(
            of(runner, container, report),
            expected,
            "{runner} {container}"
        );
    }
}

#[test]
fn reports_of_a_side() {
    let (one, damaged) = (report(false), report(true));
    let damaged = &damaged[..damaged.find("test_two").unwrap()];
    let other = "<testsuite><testcase classname='C' name='t'><skipped/></testcase></testsuite>";
    let entries = read(
        FACTS,
        None,
        &[
            (Side::Runner, "b/junit.xml", &one),
            (Side::Runner, "copy.xml", &one),
            (Side::Runner, "a/junit.xml", other),
            (Side::Container, "junit.xml", damaged),
        ],
    );
    let one = "tests/test_a.py::test_one";
    assert_eq!(
        ids(&entries[0]),
        ["C::t", one, "tests/test_a.py::TestX::test_two[a]"]
    );
    let outcomes: Vec<TestOutcome> = entries[0].tests().map(|(_, test)| test.outcome).collect();
    assert_eq!(
        outcomes,
        [
            TestOutcome::Skipped,
            TestOutcome::Passed,
            TestOutcome::Passed
        ]
    );
    assert_eq!(ids(&entries[1]), [one]);
    assert!(Report::read(damaged.as_bytes()).trouble.is_some());
    assert!(Report::read(other.as_bytes()).trouble.is_none());
}

proptest! {
    #[test]
    fn any_text_is_read_to_an_end(text in "([a-z_]{0,9}=?.{0,9}\n?){0,9}", matrix in ".{0,30}") {
        for text in [text.clone(), format!("{FACTS}{text}")] {
            if let Ok(facts) = Facts::read(&text) {
                let _ = entries(&facts, Some(&matrix), None, &BTreeMap::new());
            }
        }
    }

    #[test]
    fn a_value_is_kept_as_it_is(value in "[^\r\n\u{0}]{1,40}", order in any::<usize>()) {
        let mut lines: Vec<String> = FACTS.lines().map(ToOwned::to_owned).collect();
        lines.retain(|line| !line.starts_with("ref="));
        lines.push(format!("ref={value}"));
        let by = order % lines.len();
        lines.rotate_left(by);
        let entries = read(&lines.join("\n"), None, &[]);
        prop_assert_eq!(&entries[0].reference, &value);
    }
}
