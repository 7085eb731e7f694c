//! Comparisons for tests.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use crate::gate::sample::{Leg, Run, case};
use crate::record::{
    Cause, EventKind, Failure, JobFacts, JobKey, Python, RunId, RunRecord, TestCase, TestOutcome,
};

/// A test: its id, whether it passes (`.`), fails (`F`) or is skipped (`s`), its message.
pub(crate) type Test<'a> = (&'a str, char, &'a str);

/// A test case.
pub(crate) fn test((id, letter, message): Test<'_>) -> TestCase {
    let outcome = match letter {
        '.' => TestOutcome::Passed,
        's' => TestOutcome::Skipped,
        _ => TestOutcome::Failed,
    };
    TestCase {
        id: id.to_owned(),
        message: message.to_owned(),
        ..case(0, outcome)
    }
}

/// A leg with these tests, which takes so many milliseconds.
pub(crate) fn leg(key: &str, millis: u64, tests: &[Test<'_>], facts: Option<JobFacts>) -> Leg {
    let failed = tests.iter().any(|(_, letter, _)| *letter == 'F');
    let mut leg = Leg::new(key, 0).tests(millis, 0).with(|step| {
        let cases = tests.iter().copied().map(test).collect();
        step.tests = vec![("junit.xml".to_owned(), cases, true)];
    });
    if failed {
        leg = leg.fails(
            Failure::new(Cause::TestsFailed, "pytest: tests failed"),
            Some(1),
        );
    }
    match facts {
        Some(facts) => leg.event(EventKind::Facts {
            job: JobKey(key.to_owned()),
            facts: Box::new(facts),
        }),
        None => leg,
    }
}

/// A record of these legs.
pub(crate) fn record(id: &str, engine: &str, legs: impl IntoIterator<Item = Leg>) -> RunRecord {
    of_run(id, engine, &Run::of(legs))
}

/// The record of a run under this name.
pub(crate) fn of_run(id: &str, engine: &str, run: &Run) -> RunRecord {
    let mut record = run.record();
    record.info.id = RunId(id.to_owned());
    engine.clone_into(&mut record.info.engine);
    record.info.dirty = false;
    record
}

/// Facts of a machine where tests run as an ordinary user.
pub(crate) fn facts() -> JobFacts {
    let packages = [
        ("pytest", "8.3.3"),
        ("numpy", "1.26.4"),
        ("requests", "2.32.3"),
    ];
    let variables = [("CI", "true"), ("LANG", "C.UTF-8"), ("TZ", "Etc/UTC")];
    JobFacts {
        python: Some(Python {
            version: "3.11.2".to_owned(),
            implementation: "cpython".to_owned(),
            executable: "/usr/bin/python3".to_owned(),
            virtual_environment: false,
            encoding: "utf-8".to_owned(),
            file_names: "utf-8".to_owned(),
        }),
        packages: Some(packages.map(|(a, b)| (a.to_owned(), b.to_owned())).into()),
        uid: Some(1001),
        gid: Some(1001),
        user: Some("runner".to_owned()),
        home: Some("/home/runner".to_owned()),
        cwd: Some("/home/runner/work/widgets".to_owned()),
        umask: Some(0o022),
        capabilities: Some(0),
        time_zone: Some("UTC".to_owned()),
        utc_offset: Some(0),
        cpus: Some(4),
        cpu_quota: None,
        memory: Some(16 << 30),
        memory_limit: None,
        memory_peak: None,
        cpu_millis: None,
        default_route: Some(true),
        ipv6: Some(true),
        case_sensitive: Some(true),
        tmp_in_memory: Some(false),
        shared_memory: Some(8 << 30),
        kernel: Some("6.8.0".to_owned()),
        machine: Some("x86_64".to_owned()),
        libc: Some("glibc 2.39".to_owned()),
        system: Some("Ubuntu 24.04".to_owned()),
        programs: Some(vec!["bash".to_owned(), "git".to_owned()]),
        variables: Some(
            variables
                .map(|(name, value)| (name.to_owned(), Some(value.to_owned())))
                .into_iter()
                .chain([("DATABASE_URL".to_owned(), None)])
                .collect::<BTreeMap<_, _>>(),
        ),
    }
}

/// Facts of a container in which nearly everything is different.
pub(crate) fn other_facts() -> JobFacts {
    let mut facts = JobFacts {
        uid: Some(0),
        gid: Some(0),
        user: Some("root".to_owned()),
        home: Some("/root".to_owned()),
        cwd: Some("/app".to_owned()),
        umask: Some(0o077),
        capabilities: Some(0b10),
        time_zone: Some("JST".to_owned()),
        utc_offset: Some(9 * 3600),
        cpus: Some(2),
        cpu_quota: Some(1500),
        memory_limit: Some(2 << 30),
        default_route: Some(false),
        ipv6: Some(false),
        case_sensitive: Some(true),
        tmp_in_memory: Some(true),
        shared_memory: Some(64 << 20),
        libc: Some("glibc 2.36".to_owned()),
        system: Some("Debian GNU/Linux 12 (bookworm)".to_owned()),
        programs: Some(vec!["bash".to_owned()]),
        ..self::facts()
    };
    let python = facts.python.as_mut().unwrap();
    python.encoding = "ANSI_X3.4-1968".to_owned();
    "3.12.1".clone_into(&mut python.version);
    let packages = facts.packages.as_mut().unwrap();
    packages.insert("numpy".to_owned(), "2.1.0".to_owned());
    packages.remove("requests");
    let variables = facts.variables.as_mut().unwrap();
    variables.remove("DATABASE_URL");
    variables.insert("LANG".to_owned(), Some("C".to_owned()));
    variables.insert("TZ".to_owned(), Some("Asia/Tokyo".to_owned()));
    facts
}
