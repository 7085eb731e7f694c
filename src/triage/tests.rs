//! Logs in, causes and what follows from them out.

use super::signature::Category;
use super::{Diagnosis, Matcher, Origin, Read, Reader, diagnose, order};

/// The reading of a log of a job.
fn read(
    matcher: &Matcher,
    job: &str,
    step: &str,
    at: u64,
    text: &str,
    failed: Option<bool>,
) -> Read {
    let origin = Origin {
        job: job.to_owned(),
        step: step.to_owned(),
        file: format!("{job}/{step}.txt"),
    };
    let mut reader = Reader::new(matcher, origin, at);
    for line in text.lines() {
        reader.line(line.as_bytes());
    }
    reader.finish(failed)
}

fn of(text: &str) -> Diagnosis {
    let matcher = Matcher::new();
    diagnose(vec![read(
        &matcher,
        "unit",
        "",
        order(0, 0),
        text,
        Some(true),
    )])
}

/// Ids of the causes, and behind each those of what follows from it.
fn shown(diagnosis: &Diagnosis) -> Vec<String> {
    let symptoms = |finding: &super::Finding| {
        let ids = finding
            .symptoms
            .iter()
            .map(|one| format!("{} ×{}", one.id, one.count));
        ids.collect::<Vec<_>>().join(", ")
    };
    diagnosis
        .findings
        .iter()
        .map(|finding| match finding.symptoms.is_empty() {
            true => finding.id.clone(),
            false => format!("{} → {}", finding.id, symptoms(finding)),
        })
        .collect()
}

#[test]
fn a_service_that_never_came_up_explains_forty_refused_connections() {
    let refused = "E   psycopg2.OperationalError: connection to server at \"localhost\" (127.0.0.1), port 5432 failed: Connection refused\n".repeat(40);
    let log = format!(
        "dependency failed to start: container app-db-1 is unhealthy\n{refused}FAILED tests/test_a.py::test_one - assert\n##[error]Process completed with exit code 1.\n##[warning]No files were found with the provided path: htmlcov. No artifacts will be uploaded.\n"
    );
    assert_eq!(
        shown(&of(&log)),
        ["service.unhealthy → postgres.refused ×40, artifact.none ×1"]
    );
}

#[test]
fn an_image_that_is_not_built_explains_the_missing_report() {
    let matcher = Matcher::new();
    let build = "#9 1.2 ERROR: No matching distribution found for nump==1\nERROR: failed to solve: process \"/bin/sh -c pip install -r r.txt\" did not complete successfully: exit code: 1\n##[error]Process completed with exit code 1.";
    let copy = "Error response from daemon: Could not find the file /app/coverage.xml in container tests\n##[error]Process completed with exit code 1.";
    let other = "Could not find the file /x in container y";
    let diagnosis = diagnose(vec![
        read(&matcher, "unit", "Build", order(0, 1), build, Some(true)),
        read(&matcher, "unit", "Copy", order(0, 5), copy, Some(true)),
        // Another job has its own causes.
        read(&matcher, "lint", "Copy", order(1, 5), other, Some(true)),
        // What succeeded has none.
        read(&matcher, "docs", "Build", order(2, 5), build, Some(false)),
    ]);
    assert_eq!(
        shown(&diagnosis),
        ["pip.no_match → docker_cp.missing ×1", "docker_cp.missing"]
    );
    assert_eq!(diagnosis.findings[0].steps, ["unit › Build"]);
}

#[test]
fn what_is_surer_hides_what_may_be_harmless() {
    let log = "E   MemoryError: no\nFAILED tests/test_a.py::test_one - MemoryError\n##[error]Process completed with exit code 137.";
    assert_eq!(shown(&of(log)), ["memory.python"]);
    let alone = "FAILED tests/test_a.py::test_one - assert 1 == 2\n##[error]Process completed with exit code 1.";
    assert_eq!(shown(&of(alone)), ["pytest.failed"]);
}

#[test]
fn a_failure_that_nobody_knows_is_known_again() {
    let log = |number: u32| {
        format!(
            "##[group]Run make\nall well\nzork error: frobnicator {number} is not aligned\n##[error]Process completed with exit code 2."
        )
    };
    let (one, other) = (of(&log(17)), of(&log(4)));
    assert!(
        one.findings[0].id.starts_with("unknown."),
        "{:?}",
        shown(&one)
    );
    assert_eq!(shown(&one), shown(&other));
    assert_eq!(
        one.findings[0].lines[0].text,
        "zork error: frobnicator 17 is not aligned"
    );
    assert_eq!(one.findings[0].lines[0].line, 3);
    assert_eq!(one.findings[0].steps, ["unit › Run make"]);
}

#[test]
fn what_fails_in_a_step_that_does_one_thing_is_of_its_kind() {
    let log = |step: &str| {
        format!(
            "##[group]Run {step}\nzork is not aligned\n##[error]Process completed with exit code 1."
        )
    };
    let found = of(&log("actions/upload-artifact@v4"));
    assert_eq!(found.findings[0].category, Category::Artifact);
    let other = of(&log("make upload"));
    assert_eq!(other.findings[0].category, Category::Unknown);
    assert_eq!(found.findings[0].id, other.findings[0].id);
}

#[test]
fn a_log_that_does_not_say_that_it_failed_may_hold_causes_all_the_same() {
    let matcher = Matcher::new();
    let log = "2026-11-26T10:00:00.0000000Z \u{1b}[31mfatal: detected dubious ownership in repository at '/app'\u{1b}[0m";
    let found = diagnose(vec![read(&matcher, "", "", 0, log, None)]);
    assert_eq!(shown(&found), ["git.dubious_ownership"]);
    let nothing = diagnose(vec![read(&matcher, "", "", 0, "all well", None)]);
    assert!(!nothing.failed && nothing.findings.is_empty());
}

#[test]
fn what_explains_something_comes_before_it_or_in_the_same_step() {
    let after = "E   ModuleNotFoundError: No module named 'x'\n##[group]Run next\nERROR: No matching distribution found for x";
    // Installing failed later: it does not explain the import before.
    assert_eq!(shown(&of(after)), ["pip.no_match", "import.no_module"]);
}

#[test]
fn no_cause_explains_itself_and_none_is_lost() {
    let categories = super::table::all().map(|one| one.category);
    for category in categories {
        assert!(!category.explains(category), "{category:?}");
    }
}

proptest::proptest! {
    #[test]
    fn whatever_is_read_something_comes_of_it(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
        let matcher = Matcher::new();
        let mut reader = Reader::new(&matcher, Origin::default(), 0);
        for line in bytes.split(|byte| *byte == b'\n') {
            reader.line(line);
        }
        let _ = diagnose(vec![reader.finish(Some(true))]);
    }
}

#[test]
fn phrases_tell_the_kind_of_what_no_signature_knows() {
    let kind = |log: &str| {
        let finding = of(log).findings.first().cloned();
        finding.map(|one| {
            (
                one.category,
                one.lines[0].line,
                one.id.starts_with("unknown."),
            )
        })
    };
    // The last line counts; one that only tells who speaks does not hide it.
    let log = "E: The package cache file is corrupted\nfatal: something else\n";
    assert_eq!(kind(log), Some((Category::Install, 1, true)));
    // A warning neither.
    let log = "warning: pip's dependency resolver does not care\nnginx: [emerg] no such thing\nWARNING: Retrying after connection broken by nobody\n";
    assert_eq!(kind(log), Some((Category::Service, 2, true)));
    // The script of a step and source that a traceback shows are not what happened.
    let log = "##[group]Run ./wait.sh || echo 'timeout: sending signal' && exit 1\npg_ctl: could not start server\n##[endgroup]\n        raise TimeoutError(\"imed out\")\nzork\n##[error]Process completed with exit code 1.";
    assert_eq!(kind(log), Some((Category::Unknown, 5, true)));
    // The number of an exit counts where nothing else tells anything.
    let log = "zork\n##[error]Process completed with exit code 139.";
    assert_eq!(kind(log).map(|(kind, ..)| kind), Some(Category::Worker));
}

#[test]
fn a_log_that_does_not_say_that_it_failed_is_guessed_at_where_nothing_else_is_told() {
    let matcher = Matcher::new();
    let maybe = || {
        read(
            &matcher,
            "a",
            "x",
            order(0, 1),
            "nginx: [emerg] no\nall well",
            None,
        )
    };
    let guessed = diagnose(vec![maybe()]);
    assert_eq!(guessed.findings[0].category, Category::Service);
    let failed = "zork\n##[error]Process completed with exit code 2.";
    let other = read(&matcher, "a", "y", order(0, 2), failed, None);
    let diagnosis = diagnose(vec![maybe(), other]);
    let kinds: Vec<Category> = diagnosis.findings.iter().map(|one| one.category).collect();
    assert_eq!(kinds, [Category::Unknown]);
}
