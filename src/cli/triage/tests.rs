//! Folders and archives as they come from GitHub and from artifacts.

#![allow(clippy::unwrap_used)]

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use rawzip::CompressionMethod;

use super::names::origin;
use super::walk::Walk;
use crate::triage::{Diagnosis, Matcher, diagnose};

const FAILED: &str = "2026-11-26T10:00:00.0000000Z ##[group]Run pytest\n2026-11-26T10:00:01.0000000Z E   ModuleNotFoundError: No module named 'x'\n2026-11-26T10:00:02.0000000Z ##[error]Process completed with exit code 2.\n";

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut output = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut output);
    for (name, bytes) in files {
        let (mut entry, config) = archive
            .new_file(name)
            .compression_method(CompressionMethod::DEFLATE)
            .start()
            .unwrap();
        let mut writer = config.wrap(DeflateEncoder::new(&mut entry, Compression::default()));
        writer.write_all(bytes).unwrap();
        let (encoder, descriptor) = writer.finish().unwrap();
        encoder.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap();
    output
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

/// What comes of bytes in a file of this name, and the notes.
fn of(name: &str, bytes: &[u8]) -> (Diagnosis, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let matcher = Matcher::new();
    let mut walk = Walk::new(&matcher);
    walk.path(&path).unwrap();
    let notes = walk.notes().to_vec();
    (diagnose(walk.reads()), notes)
}

#[test]
fn logs_of_github_are_read_once_and_by_step() {
    let archive = zip(&[
        ("0_unit.txt", FAILED.as_bytes()),
        ("unit/1_Set up job.txt", b"all well\n"),
        ("unit/3_Run pytest.txt", FAILED.as_bytes()),
        ("1_lint.txt", b"all well\n"),
    ]);
    let (diagnosis, notes) = of("logs.zip", &archive);
    assert!(notes.is_empty(), "{notes:?}");
    assert_eq!(diagnosis.findings.len(), 1);
    let finding = &diagnosis.findings[0];
    assert_eq!(
        (finding.id.as_str(), finding.count),
        ("import.no_module", 1)
    );
    assert_eq!(finding.steps, ["unit › Run pytest"]);
    assert_eq!(finding.lines[0].file, "unit/3_Run pytest.txt");
    assert_eq!(finding.lines[0].line, 2);
}

#[test]
fn archives_within_archives_are_read_but_not_for_ever() {
    let inner = gzip(&tar(&[("logs/unit.log", FAILED.as_bytes())]));
    let outer = zip(&[
        ("a/b.tar.gz", &inner),
        ("c.bin", b"\0\x01binary"),
        ("d.log.gz", &gzip(FAILED.as_bytes())),
    ]);
    let (diagnosis, notes) = of("x.zip", &outer);
    assert!(notes.is_empty(), "{notes:?}");
    assert_eq!(diagnosis.findings[0].count, 2);
    assert_eq!(diagnosis.files, 2);

    let mut deep = FAILED.as_bytes().to_vec();
    for _ in 0..8 {
        deep = zip(&[("inner.zip", &deep)]);
    }
    let (diagnosis, notes) = of("deep.zip", &deep);
    assert!(diagnosis.findings.is_empty());
    assert!(notes[0].contains("an archive within 4 others"), "{notes:?}");

    // Ten megabytes of nothing but beginnings of tar archives, one within the other.
    let mut deep = Vec::new();
    for inner in (0..20_000).rev() {
        let mut header = tar::Header::new_ustar();
        header.set_path("inner.tar").unwrap();
        header.set_size(512 * inner);
        header.set_cksum();
        deep.extend_from_slice(header.as_bytes());
    }
    let (_, notes) = of("deep.tar", &deep);
    assert!(notes[0].contains("an archive within 4 others"), "{notes:?}");
}

#[test]
fn what_is_broken_is_told_and_the_rest_is_read() {
    let whole = zip(&[
        ("0_a.txt", FAILED.as_bytes()),
        ("1_b.txt", FAILED.as_bytes()),
    ]);
    for cut in [5, whole.len() / 2, whole.len() - 3] {
        let (_, notes) = of("cut.zip", &whole[..cut]);
        assert!(
            notes
                .iter()
                .all(|note| note.starts_with("cut.zip cannot be read")),
            "{notes:?}"
        );
    }
    let packed = gzip(FAILED.repeat(2_000).as_bytes());
    let (diagnosis, notes) = of("cut.log.gz", &packed[..packed.len() - 20]);
    assert_eq!(notes.len(), 1);
    assert_eq!(diagnosis.findings[0].id, "import.no_module");
}

const REPORT: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?><testsuites><testsuite name=\"pytest\" tests=\"4\">\
<testcase classname=\"tests.test_a\" name=\"test_one\"><failure message=\"redis down\">E   redis.exceptions.ConnectionError: Error 111</failure></testcase>\
<testcase classname=\"tests.test_a\" name=\"test_two\"><failure message=\"redis down\">E   redis.exceptions.ConnectionError: Error 111</failure></testcase>\
<testcase classname=\"tests.test_a\" name=\"test_three\"><error message=\"zork is not aligned\">at three</error></testcase>\
<testcase classname=\"tests.test_a\" name=\"test_four\"/></testsuite></testsuites>";

#[test]
fn failed_tests_of_reports_count_and_those_that_passed_do_not() {
    let archive = zip(&[
        ("junit-unit/junit.xml", REPORT.as_bytes()),
        (
            "junit-lint/junit.xml",
            b"<testsuite name=\"a\"><testcase name=\"b\"><system-out>Connection refused</system-out></testcase></testsuite>",
        ),
        ("junit-unit/coverage.xml", b"<coverage line-rate=\"1\"/>"),
    ]);
    let (diagnosis, notes) = of("artifacts.zip", &archive);
    assert!(notes.is_empty(), "{notes:?}");
    let told: Vec<(&str, u64, &str)> = diagnosis
        .findings
        .iter()
        .map(|one| (one.id.as_str(), one.count, one.lines[0].text.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (
                "redis.refused",
                2,
                "tests/test_a.py::test_one: E   redis.exceptions.ConnectionError: Error 111"
            ),
            (
                "test.case_failed",
                1,
                "tests/test_a.py::test_three: zork is not aligned"
            ),
        ]
    );
    assert_eq!(diagnosis.findings[0].jobs, ["junit-unit"]);
    assert!(diagnosis.failed);

    // A report that was cut tells what came before.
    let (diagnosis, notes) = of("junit.xml", &REPORT.as_bytes()[..REPORT.len() - 60]);
    assert_eq!(
        notes,
        ["junit.xml is damaged: the tests before that are looked at"]
    );
    assert_eq!(diagnosis.findings.len(), 2);
}

#[test]
fn names_tell_job_and_step() {
    for (name, job, step) in [
        ("0_unit tests (3.12).txt", "unit tests (3.12)", ""),
        ("unit/3_Run pytest.txt", "unit", "Run pytest"),
        ("logs/unit/service-db.log", "unit", "service-db"),
        ("output.log", "", ""),
    ] {
        let origin = origin(name);
        assert_eq!(
            (origin.job.as_str(), origin.step.as_str()),
            (job, step),
            "{name}"
        );
    }
}
