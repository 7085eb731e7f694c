#![allow(clippy::unwrap_used, clippy::panic)]

mod damaged;
mod versions;

use std::path::Path;

use super::{Added, Prune, Purpose, Store, Trouble};
use crate::gate::sample::{Leg, Run, case, coverage};
use crate::history::{Beside, Entry, Filter, Place, Summary};
use crate::record::{Cause, Failure, RunId, TestOutcome, Verdict};

/// A run with an id, `number` hours after the first.
fn entry(number: u64) -> Entry {
    let leg = Leg::new("unit", 0).tests(1_000, 20).with(|step| {
        let mut flaky = case(90, TestOutcome::Passed);
        flaky.retries = 1;
        let mut bad = case(91, TestOutcome::Failed);
        bad.message = "with a NUL\0 in it".to_owned();
        step.tests
            .push(("more.xml".to_owned(), vec![flaky, bad], true));
    });
    let mut record = Run::of([leg])
        .image(900, None)
        .merged(coverage(900))
        .record();
    record.info.id = RunId(format!("20261122-{:06}-{number:012x}", number * 10_000));
    record.started_at += number * 3_600_000;
    record.finished_at = Some(record.started_at + 60_000);
    let failure = Failure::new(Cause::TestsFailed, "1 test failed");
    record.verdict = Some(Verdict::of(vec![failure], Vec::new()));
    Entry::of_record(&record, Beside::default())
}

fn file(folder: &Path) -> Place {
    Place::File(folder.join("history.db"))
}

fn names(store: &mut Store, filter: &Filter) -> Vec<String> {
    let runs = store.runs(filter).unwrap();
    runs.into_iter().map(|run| run.run).collect()
}

#[test]
fn what_is_added_is_there_once_and_whole() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(&file(folder.path()), Purpose::Write).unwrap();
    let mut first = entry(1);
    first.passed = None;
    first.finished_at = None;
    assert_eq!(store.add(&first), Ok(Added::New));
    assert_eq!(store.add(&first), Ok(Added::Known));
    assert_eq!(store.entry(&first.run.0).unwrap(), Some(first.clone()));
    // It goes on, or its record came later than its events.
    assert_eq!(store.add(&entry(1)), Ok(Added::Completed));
    assert_eq!(store.add(&first), Ok(Added::Known));
    assert_eq!(store.entry(&first.run.0).unwrap(), Some(entry(1)));
    let runs = store.runs(&Filter::default()).unwrap();
    assert_eq!(runs, [Summary::of(&entry(1))]);
    assert_eq!(store.entry("none").unwrap(), None);
}

#[test]
fn runs_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(&file(folder.path()), Purpose::Write).unwrap();
    for number in 0..6 {
        let mut entry = entry(number);
        if number % 2 == 1 {
            entry.reference = "refs/heads/topic".to_owned();
            entry.workflow = ".github/workflows/other.yml".to_owned();
            entry.repository = "acme/other".to_owned();
        }
        store.add(&entry).unwrap();
    }
    let id = |number| entry(number).run.0;
    let filter = |change: &dyn Fn(&mut Filter)| {
        let mut filter = Filter::default();
        change(&mut filter);
        filter
    };
    let none = filter(&|_| ());
    let two = filter(&|one| one.limit = Some(2));
    assert_eq!(names(&mut store, &two), [id(5), id(4)]);
    assert_eq!(store.count(&two).unwrap(), 6);
    assert_eq!(store.names(&none).unwrap()[0], id(0));
    let heads = store.heads(&two).unwrap();
    let ids: Vec<String> = heads.iter().map(|head| head.run.0.clone()).collect();
    assert_eq!(ids, [id(4), id(5)]);
    assert_eq!(heads[0].tests().count(), 0);
    assert!(heads[0].coverage.as_ref().unwrap().files.is_empty());
    assert_eq!(heads[0].legs.len(), entry(4).legs.len());
    let since = filter(&|one| one.since = Some(entry(4).started_at));
    assert_eq!(names(&mut store, &since), [id(5), id(4)]);
    for other in [
        filter(&|one| one.branch = Some("topic".to_owned())),
        filter(&|one| one.workflow = Some("other.yml".to_owned())),
        filter(&|one| one.workflow = Some(".github/workflows/other.yml".to_owned())),
        filter(&|one| one.repository = Some("acme/other".to_owned())),
    ] {
        assert_eq!(names(&mut store, &other), [id(5), id(3), id(1)]);
        assert_eq!(store.count(&other).unwrap(), 3);
    }
    assert_eq!(store.find(&id(3)).unwrap(), [id(3)]);
    assert_eq!(store.find("20261122-03").unwrap(), [id(3)]);
    assert_eq!(store.find("000000000005").unwrap(), [id(5)]);
    assert_eq!(store.find("2026").unwrap().len(), 6);
    assert_eq!(store.find("%").unwrap(), [""; 0]);
}

#[test]
fn what_is_removed_is_gone_with_all_that_nobody_else_uses() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(&file(folder.path()), Purpose::Write).unwrap();
    for number in 0..6 {
        let mut entry = entry(number);
        if number == 0 {
            // Its tests are those of no other run.
            entry.legs[0].steps[0].tests.truncate(3);
        }
        if number == 5 {
            entry.repository = "acme/other".to_owned();
        }
        store.add(&entry).unwrap();
    }
    let parts = |store: &mut Store| {
        let row = store
            .database
            .row("SELECT count(*) FROM seatrial_parts", &[]);
        row.unwrap().unwrap().number().unwrap()
    };
    let before = parts(&mut store);
    let old = Prune {
        before: Some(entry(1).started_at),
        ..Prune::default()
    };
    assert_eq!(store.prune(&old).unwrap(), 1);
    assert_eq!(parts(&mut store), before - 1);
    // Of each repository the last ones.
    let keep = |repository: Option<&str>| Prune {
        keep: Some(1),
        before: Some(0),
        repository: repository.map(ToOwned::to_owned),
    };
    assert_eq!(store.prune(&keep(Some("acme/other"))).unwrap(), 0);
    assert_eq!(store.prune(&keep(None)).unwrap(), 3);
    let id = |number| entry(number).run.0;
    assert_eq!(names(&mut store, &Filter::default()), [id(5), id(4)]);
    assert_eq!(store.entry(&id(4)).unwrap(), Some(entry(4)));
    assert_eq!(
        store
            .prune(&Prune {
                keep: Some(0),
                ..Prune::default()
            })
            .unwrap(),
        2
    );
    for table in ["runs", "bodies", "parts", "uses", "legs", "troubles"] {
        let sql = format!("SELECT count(*) FROM seatrial_{table}");
        let row = store.database.row(&sql, &[]).unwrap();
        assert_eq!(row.unwrap().number().unwrap(), 0, "{table}");
    }
}

#[test]
fn who_waits_too_long_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let place = file(folder.path());
    let mut store = Store::open(&place, Purpose::Write).unwrap();
    let mut other = Store::open(&place, Purpose::Write).unwrap();
    let waited = other.database.within(super::database::Access::Add, |_| {
        Ok(store.add(&entry(1)).unwrap_err())
    });
    let error = waited.unwrap();
    assert_eq!(error.trouble, Trouble::Locked);
    assert!(error.message.contains("another process has held"));
    assert_eq!(store.add(&entry(1)), Ok(Added::New));
    // A reader waits for nobody.
    let reads = other.database.within(super::database::Access::Add, |_| {
        Ok(store.runs(&Filter::default()).unwrap().len())
    });
    assert_eq!(reads, Ok(1));
}

#[test]
fn the_end_of_a_run_keeps_as_many_as_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let place = file(folder.path());
    let prune = Prune {
        keep: Some(2),
        before: None,
        repository: Some("acme/widgets".to_owned()),
    };
    for number in 0..4 {
        assert_eq!(
            Store::record(&place, &entry(number), &prune),
            Ok(Vec::new())
        );
    }
    let mut store = Store::open(&place, Purpose::Read).unwrap();
    assert_eq!(
        names(&mut store, &Filter::default()),
        [entry(3).run.0, entry(2).run.0]
    );
}
