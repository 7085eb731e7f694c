//! Coverage that was measured and not reported: when coverage.py is asked, and what its
//! answer means.
#![allow(clippy::unwrap_used)]

use super::tests::run;
use crate::record::{Cause, ReportKind};

/// What came of a job with these steps: how often coverage.py was asked, the coverage
/// reports, what is missing.
fn came(steps: &str) -> (usize, usize, Vec<(ReportKind, Cause)>) {
    let text = format!(
        "on: push\njobs:\n  one:\n    runs-on: ubuntu-latest\n    steps:\n{}",
        steps
            .split("; ")
            .map(|step| format!(
                "      - run: |\n          {}\n",
                step.replace(" & ", "\n          ")
            ))
            .collect::<String>()
    );
    let ran = run(&text);
    let log = ran.engine.log();
    let asked = log.iter().filter(|line| line.contains("-coverage-"));
    let job = &ran.record.jobs[0];
    let missing = job.missing.iter();
    (
        asked.count(),
        job.coverage.len(),
        missing.map(|one| (one.kind, one.failure.cause)).collect(),
    )
}

const XML: &str = "<coverage><packages><package><classes><class filename='a.py'><lines>\
                   <line number='1' hits='1'/></lines></class></classes></package></packages></coverage>";

#[test]
fn only_who_left_no_report_is_asked_for_one() {
    for (steps, asked) in [
        ("report & pytest", 0),
        ("report & pytest --cov", 1),
        (
            "report & pytest --cov --cov-report=html:h & write h/index.html x",
            1,
        ),
        ("report & cd a && pytest --cov & cd ../b && pytest --cov", 2),
        (
            "report & coverage run -m pytest; report & coverage run -a -m pytest",
            2,
        ),
        (
            "report & coverage run -m pytest; coverage xml & write coverage.xml XML",
            0,
        ),
        (
            "report & pytest --cov --cov-report=xml & write coverage.xml XML",
            0,
        ),
        (
            "report & pytest --cov --cov-report=lcov & write coverage.lcov end_of_record",
            0,
        ),
        // It was killed: the report may be missing, and the data not.
        (
            "report & coverage run -m pytest & exit 137; coverage xml",
            1,
        ),
        ("report & coverage run -m pytest & exit 1; coverage xml", 1),
        // A test runner that left data behind.
        (
            "report & tox & facts {\"coverage\": {\".coverage\": 99999999999}}",
            1,
        ),
        ("report & tox & facts {\"coverage\": {\".coverage\": 1}}", 0),
        (
            "report & tox & facts {\"coverage\": {\".coveragerc-old\": \"x\"}}",
            0,
        ),
        ("report & tox & facts {}", 0),
    ] {
        let steps = steps.replace("XML", XML);
        assert_eq!(came(&steps).0, asked, "{steps}");
    }
}

#[test]
fn what_coverage_py_answers() {
    let none = Vec::new;
    let absent = || vec![(ReportKind::CoverageData, Cause::ReportMissing)];
    let invalid = || vec![(ReportKind::CoverageData, Cause::ReportInvalid)];
    let report = "write /seatrial/reports/1/coverage.xml XML";
    for (answer, more, reports, missing) in [
        (r#"{"there": true}"#, "", 0, none()),
        (
            r#"{"report": true, "data": [".coverage"]}"#,
            report,
            1,
            none(),
        ),
        (
            r#"{"report": true}"#,
            "",
            0,
            vec![(ReportKind::Cobertura, Cause::ReportMissing)],
        ),
        (
            r#"{"data": [], "expected": "/w/.coverage"}"#,
            "",
            0,
            absent(),
        ),
        (r#"{"error": "no such plug-in"}"#, "", 0, absent()),
        ("nothing that can be read", "", 0, absent()),
        (
            r#"{"error": "x", "data": ["/w/.coverage"]}"#,
            "write /w/.coverage text",
            0,
            invalid(),
        ),
    ] {
        let steps = format!("report & write coverage-says {answer} & {more} & pytest --cov");
        let steps = steps.replace("XML", XML);
        let (asked, found, left) = came(&steps);
        assert_eq!((asked, found, left), (1, reports, missing), "{answer}");
    }
    // Where it is not certain that anything was measured, nothing need be there.
    let unsure = "report & write coverage-says {} & if x & then & pytest --cov & fi";
    assert_eq!(came(unsure), (1, 0, none()));
}

#[test]
fn reports_of_test_runners_are_found_by_their_names() {
    let found = r#"facts {"coverage": {"coverage.xml": 99999999999, ".coverage": 99999999999}}"#;
    let steps = format!("report & write coverage.xml XML & tox & {found}").replace("XML", XML);
    assert_eq!(came(&steps), (0, 1, Vec::new()));
}
