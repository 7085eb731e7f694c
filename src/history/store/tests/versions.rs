//! Histories of earlier and of later versions.

use super::{entry, file, names};
use crate::history::store::database::{Access, Database};
use crate::history::store::migrations::{MIGRATIONS, VERSION, migrate_to, version};
use crate::history::store::sqlite::{Mode, Sqlite};
use crate::history::store::{Purpose, Store, Trouble, write};
use crate::history::{Filter, Prune};

#[test]
fn each_earlier_form_becomes_the_present_one() {
    for earlier in 1..MIGRATIONS.len() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        let mut database = Database::Sqlite(Sqlite::open(&path, Mode::Write).unwrap());
        migrate_to(&mut database, earlier).unwrap();
        write::add(&mut database, &entry(1)).unwrap();
        assert_eq!(version(&mut database), Ok(earlier as u64));
        drop(database);
        let mut store = Store::open(&file(folder.path()), Purpose::Read).unwrap();
        assert_eq!(version(&mut store.database), Ok(VERSION));
        assert_eq!(store.entry(&entry(1).run.0).unwrap(), Some(entry(1)));
        assert_eq!(store.notices(), [""; 0]);
    }
}

#[test]
fn who_is_killed_at_any_statement_of_a_migration_has_changed_nothing() {
    for (at, statements) in MIGRATIONS.iter().enumerate() {
        for ran in 0..=statements.len() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("history.db");
            let mut database = Database::Sqlite(Sqlite::open(&path, Mode::Write).unwrap());
            migrate_to(&mut database, at).unwrap();
            let Database::Sqlite(raw) = &mut database else {
                continue;
            };
            raw.begin(Access::Alone).unwrap();
            for statement in statements.iter().take(ran) {
                raw.run(statement, &[]).unwrap();
            }
            // What a process that dies leaves is what it has not committed.
            drop(database);
            let mut store = Store::open(&file(folder.path()), Purpose::Write).unwrap();
            store.add(&entry(1)).unwrap();
            assert_eq!(version(&mut store.database), Ok(VERSION));
        }
    }
}

#[test]
fn a_later_form_is_read_and_never_written() {
    let folder = tempfile::tempdir().unwrap();
    let place = file(folder.path());
    let mut store = Store::open(&place, Purpose::Write).unwrap();
    store.add(&entry(1)).unwrap();
    for change in [
        "UPDATE seatrial_schema SET version = 99",
        "ALTER TABLE seatrial_runs ADD COLUMN colour TEXT NOT NULL DEFAULT 'green'",
    ] {
        store.database.run(change, &[]).unwrap();
    }
    drop(store);
    let error = Store::record(&place, &entry(2), &Prune::default()).unwrap_err();
    assert_eq!(error.trouble, Trouble::Later);
    let known = format!("form 99, and this one knows up to {VERSION}");
    assert!(error.message.contains(&known));
    assert!(error.hint.is_some());
    let mut store = Store::open(&place, Purpose::Read).unwrap();
    assert_eq!(store.notices().len(), 1);
    assert_eq!(store.add(&entry(2)).unwrap_err().trouble, Trouble::Later);
    let all = Prune {
        keep: Some(0),
        ..Prune::default()
    };
    assert_eq!(store.prune(&all).unwrap_err().trouble, Trouble::Later);
    assert_eq!(names(&mut store, &Filter::default()), [entry(1).run.0]);
    assert_eq!(store.entry(&entry(1).run.0).unwrap(), Some(entry(1)));
}

#[test]
fn two_who_begin_one_at_the_same_time_share_it() {
    let folder = tempfile::tempdir().unwrap();
    let place = file(folder.path());
    std::thread::scope(|scope| {
        for number in 0..6 {
            let place = place.clone();
            scope.spawn(move || {
                Store::record(&place, &entry(number), &Prune::default()).unwrap();
                Store::record(&place, &entry(0), &Prune::default()).unwrap();
            });
        }
    });
    let mut store = Store::open(&place, Purpose::Read).unwrap();
    assert_eq!(store.count(&Filter::default()), Ok(6));
}
