//! Files that are no history, links, and folders that cannot be written to.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::{entry, file, names};
use crate::history::store::{Purpose, Store, Trouble};
use crate::history::{Filter, Place, Prune};

/// A history with two runs, as one file.
fn good(folder: &Path) -> PathBuf {
    let path = folder.join("history.db");
    for number in 0..2 {
        Store::record(
            &Place::File(path.clone()),
            &entry(number),
            &Prune::default(),
        )
        .unwrap();
    }
    path
}

fn aside(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap().map(|one| one.unwrap().path());
    let name = |path: &PathBuf| path.display().to_string().contains(".corrupt-");
    files.filter(name).collect()
}

#[test]
fn a_damaged_file_is_kept_aside_and_a_new_one_begun() {
    let sample = tempfile::tempdir().unwrap();
    let whole = fs::read(good(sample.path())).unwrap();
    let change = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = whole.clone();
        change(&mut bytes);
        bytes
    };
    let damaged: [(&str, Vec<u8>); 7] = [
        (
            "text",
            b"this is no database, and longer than any header that there is\n".repeat(9),
        ),
        ("zeros", vec![0; 8192]),
        ("cut in its header", whole[..60].to_vec()),
        ("cut after its first page", whole[..4096].to_vec()),
        ("cut in the middle", whole[..whole.len() / 2].to_vec()),
        (
            "its first page overwritten",
            change(&|bytes| bytes[100..4096].fill(0xa5)),
        ),
        (
            "all pages but the first overwritten",
            change(&|bytes| bytes[4096..].fill(0xa5)),
        ),
    ];
    for (what, bytes) in damaged {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        fs::write(&path, &bytes).unwrap();
        let place = file(folder.path());
        let notices = Store::record(&place, &entry(7), &Prune::default())
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        assert!(
            notices
                .first()
                .is_some_and(|one| one.contains("the history was damaged; it is kept as")),
            "{what}: {notices:?}"
        );
        let kept = aside(folder.path());
        assert_eq!(kept.len(), 1, "{what}");
        assert_eq!(fs::read(&kept[0]).unwrap(), bytes, "{what}");
        let mut store = Store::open(&place, Purpose::Read).unwrap();
        assert_eq!(
            names(&mut store, &Filter::default()),
            [entry(7).run.0],
            "{what}"
        );
        assert_eq!(store.notices(), [""; 0]);
        // The same again finds nothing wrong.
        assert_eq!(
            Store::record(&place, &entry(8), &Prune::default()),
            Ok(Vec::new())
        );
    }
}

#[test]
fn an_empty_file_is_a_new_history() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("history.db"), "").unwrap();
    let place = file(folder.path());
    assert_eq!(
        Store::record(&place, &entry(1), &Prune::default()),
        Ok(Vec::new())
    );
    assert!(aside(folder.path()).is_empty());
}

#[test]
fn of_two_who_find_it_damaged_one_sets_it_aside() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("history.db"), "no database".repeat(99)).unwrap();
    let place = file(folder.path());
    let notices: Vec<String> = std::thread::scope(|scope| {
        let one = |number| {
            let place = place.clone();
            scope.spawn(move || Store::record(&place, &entry(number), &Prune::default()).unwrap())
        };
        let all: Vec<_> = (0..4).map(one).collect();
        all.into_iter()
            .flat_map(|one| one.join().unwrap())
            .collect()
    });
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert_eq!(aside(folder.path()).len(), 1);
    let mut store = Store::open(&place, Purpose::Read).unwrap();
    assert_eq!(store.count(&Filter::default()), Ok(4));
}

#[test]
fn what_belongs_to_something_else_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let other = Connection::open(&path).unwrap();
    other
        .execute_batch("CREATE TABLE accounts (name TEXT)")
        .unwrap();
    drop(other);
    let before = fs::read(&path).unwrap();
    let error = Store::record(&file(folder.path()), &entry(1), &Prune::default()).unwrap_err();
    assert_eq!(error.trouble, Trouble::Foreign);
    assert!(error.message.contains("it has `accounts`"));
    assert_eq!(before.len(), fs::read(&path).unwrap().len());
    // Nor is a history with something in it that runs by itself.
    let poisoned = tempfile::tempdir().unwrap();
    let path = good(poisoned.path());
    let other = Connection::open(&path).unwrap();
    let trigger =
        "CREATE TRIGGER quiet AFTER INSERT ON seatrial_runs BEGIN DELETE FROM seatrial_runs; END";
    other.execute_batch(trigger).unwrap();
    drop(other);
    let error = Store::record(&file(poisoned.path()), &entry(2), &Prune::default()).unwrap_err();
    assert_eq!(error.trouble, Trouble::Foreign);
    assert!(error.message.contains("it has `quiet`") && error.hint.is_some());
}

#[test]
fn no_trigger_runs_whatever_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = good(folder.path());
    let other = Connection::open(path).unwrap();
    let trigger = "CREATE TRIGGER seatrial_quiet AFTER INSERT ON seatrial_runs BEGIN DELETE FROM seatrial_runs; END";
    other.execute_batch(trigger).unwrap();
    drop(other);
    let place = file(folder.path());
    assert_eq!(
        Store::record(&place, &entry(2), &Prune::default()),
        Ok(Vec::new())
    );
    let mut store = Store::open(&place, Purpose::Read).unwrap();
    assert_eq!(store.count(&Filter::default()), Ok(3));
}

#[test]
fn no_link_is_followed() {
    use std::os::unix::fs::symlink;
    let elsewhere = tempfile::tempdir().unwrap();
    let target = elsewhere.path().join("target");
    fs::write(&target, "").unwrap();
    for end in ["", "-wal", "-shm"] {
        let folder = tempfile::tempdir().unwrap();
        symlink(&target, folder.path().join(format!("history.db{end}"))).unwrap();
        let error = Store::record(&file(folder.path()), &entry(1), &Prune::default()).unwrap_err();
        assert_eq!(error.trouble, Trouble::Foreign, "{end}");
        assert!(error.message.contains("is a symbolic link"), "{end}");
    }
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join(".seatrial");
    symlink(elsewhere.path(), &link).unwrap();
    for purpose in [Purpose::Write, Purpose::Read] {
        assert!(Store::open(&file(&link), purpose).is_err());
    }
    assert_eq!(fs::read(&target).unwrap(), b"");
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 1);
    // A link further up is the user's own.
    let inner = link.join("inner");
    assert!(Store::record(&file(&inner), &entry(1), &Prune::default()).is_ok());
}

#[test]
fn where_nothing_can_be_written_there_is_an_error() {
    let place = file(Path::new("/proc/seatrial"));
    let error = Store::record(&place, &entry(1), &Prune::default()).unwrap_err();
    assert_eq!(error.trouble, Trouble::ReadOnly);
}
