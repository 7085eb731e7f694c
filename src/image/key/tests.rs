#![allow(clippy::unwrap_used)]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use super::super::dockerfile::Reach;
use super::super::ignore::Ignore;
use super::{Context, Key, key};

/// A context in a folder, its memory in another one beside it.
struct Tree {
    folder: tempfile::TempDir,
}

impl Tree {
    fn new(files: &[&str]) -> Self {
        let tree = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        fs::create_dir(tree.root()).unwrap();
        for path in files {
            tree.write(path, path);
        }
        tree
    }

    fn root(&self) -> std::path::PathBuf {
        self.folder.path().join("context")
    }

    fn memory(&self) -> std::path::PathBuf {
        self.folder.path().join("memory/stats")
    }

    fn write(&self, path: &str, text: &str) {
        let place = self.root().join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, text).unwrap();
    }

    fn key(&self) -> Key {
        self.key_of(Reach::Whole, "")
    }

    fn key_of(&self, reach: Reach, ignore: &str) -> Key {
        let context = Context {
            root: self.root(),
            ignore: Ignore::parse(ignore),
            reach,
        };
        key(&["FROM x"], &context, &self.memory()).unwrap().key
    }
}

fn paths(of: &[&str]) -> Reach {
    Reach::Paths(of.iter().map(|path| (*path).to_owned()).collect())
}

/// Changes a file and gives it back its time of change.
fn change_unseen(file: &Path, text: &str) {
    let meta = fs::metadata(file).unwrap();
    let before = meta.modified().unwrap();
    assert_eq!(meta.len(), text.len() as u64);
    let open = fs::File::options().write(true).open(file).unwrap();
    std::io::Write::write_all(&mut &open, text.as_bytes()).unwrap();
    open.set_modified(before).unwrap();
    assert_eq!(fs::metadata(file).unwrap().modified().unwrap(), before);
}

#[test]
fn the_key_changes_with_everything_that_is_copied_and_with_nothing_else() {
    let tree = Tree::new(&["a.py", "b/c.py", "b/d.py"]);
    let first = tree.key();
    assert_eq!(tree.key(), first);
    fs::write(tree.root().join("a.py"), "a.py").unwrap();
    assert_eq!(tree.key(), first, "the same content again");
    let mut seen = vec![first];
    let mut changed = |what: &str| {
        let key = tree.key();
        assert!(!seen.contains(&key), "{what}");
        seen.push(key);
    };
    fs::write(tree.root().join("a.py"), "A.py").unwrap();
    changed("content");
    fs::rename(tree.root().join("a.py"), tree.root().join("e.py")).unwrap();
    changed("a name");
    fs::set_permissions(tree.root().join("e.py"), PermissionsExt::from_mode(0o755)).unwrap();
    changed("the executable bit");
    fs::create_dir(tree.root().join("empty")).unwrap();
    changed("an empty folder");
    symlink("b/c.py", tree.root().join("link")).unwrap();
    changed("a link");
    fs::remove_file(tree.root().join("link")).unwrap();
    symlink("b/d.py", tree.root().join("link")).unwrap();
    changed("where a link leads");
    fs::remove_file(tree.root().join("b/d.py")).unwrap();
    changed("a file less");
    // Not followed, not read, not waited for.
    symlink("/no/such/file", tree.root().join("lost")).unwrap();
    changed("a link that leads nowhere");
    let pipe = tree.root().join("pipe");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &pipe,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .unwrap();
    changed("a pipe");
}

#[test]
fn texts_are_kept_apart() {
    let tree = Tree::new(&[]);
    let context = Context {
        root: tree.root(),
        ignore: Ignore::default(),
        reach: Reach::Whole,
    };
    let of = |texts: &[&str]| key(texts, &context, &tree.memory()).unwrap().key;
    assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
    assert_ne!(of(&["a", ""]), of(&["a"]));
}

#[test]
fn what_is_ignored_or_out_of_reach_counts_for_nothing() {
    let tree = Tree::new(&["requirements.txt", "src/a.py", "src/b/c.pyc", ".git/HEAD"]);
    let ignore = ".git\n**/*.pyc\n";
    let of = |reach: &Reach| tree.key_of(reach.clone(), ignore);
    let (whole, some) = (Reach::Whole, paths(&["requirements.txt"]));
    let before = (of(&whole), of(&some));
    tree.write(".git/HEAD", "moved");
    tree.write("src/b/c.pyc", "compiled again");
    assert_eq!((of(&whole), of(&some)), before);
    tree.write("src/a.py", "changed");
    assert_ne!(of(&whole), before.0);
    assert_eq!(of(&some), before.1);
    tree.write("requirements.txt", "pytest");
    assert_ne!(of(&some), before.1);
    // An exception takes a file in again.
    let taken_in = "src\n!src/b/c.pyc\n";
    let before = tree.key_of(Reach::Whole, taken_in);
    tree.write("src/a.py", "again");
    assert_eq!(tree.key_of(Reach::Whole, taken_in), before);
    tree.write("src/b/c.pyc", "again");
    assert_ne!(tree.key_of(Reach::Whole, taken_in), before);
}

#[test]
fn a_path_through_a_link_makes_everything_count() {
    let tree = Tree::new(&["real/a.py", "other.py"]);
    symlink("real", tree.root().join("link")).unwrap();
    let before = tree.key_of(paths(&["link/a.py"]), "");
    tree.write("real/a.py", "changed");
    assert_ne!(tree.key_of(paths(&["link/a.py"]), ""), before);
    // Missing and coming is a change, too.
    let before = tree.key_of(paths(&["later.txt"]), "");
    tree.write("later.txt", "here");
    assert_ne!(tree.key_of(paths(&["later.txt"]), ""), before);
}

#[test]
fn the_same_size_and_time_deceive_nobody() {
    let tree = Tree::new(&["old.py"]);
    let file = tree.root().join("old.py");
    let before = tree.key();
    // Until the file's last change is a tick ago, so that its hash is kept.
    let settled = |tree: &Tree| {
        let kept = fs::read(tree.memory()).unwrap();
        assert_eq!(tree.key(), before);
        kept == fs::read(tree.memory()).unwrap()
    };
    while !settled(&tree) {}
    change_unseen(&file, "OLD.py");
    let context = Context {
        root: tree.root(),
        ignore: Ignore::default(),
        reach: Reach::Whole,
    };
    let seen = key(&["FROM x"], &context, &tree.memory()).unwrap();
    assert_ne!(seen.key, before);
    assert!(seen.disguised);
}

#[test]
fn changes_within_one_tick_of_the_clock_are_seen() {
    let tree = Tree::new(&["a.py"]);
    let file = tree.root().join("a.py");
    // Most of these rounds end within the tick in which they begin.
    for round in 0..300 {
        fs::write(&file, format!("{round:04} one")).unwrap();
        let one = tree.key();
        change_unseen(&file, &format!("{round:04} two"));
        let two = tree.key();
        assert_ne!(one, two, "round {round}");
        change_unseen(&file, &format!("{round:04} one"));
        assert_eq!(tree.key(), one, "round {round}");
    }
}

#[test]
fn a_broken_or_foreign_memory_is_no_memory() {
    let tree = Tree::new(&["a.py", "b.py"]);
    let key = tree.key();
    let good = fs::read(tree.memory()).unwrap();
    for at in 0..good.len() {
        let mut bad = good.clone();
        if let Some(byte) = bad.get_mut(at) {
            *byte ^= 1;
        }
        fs::write(tree.memory(), &bad).unwrap();
        assert!(super::stats::is_broken(&bad), "byte {at}");
    }
    for bad in [&good[..good.len() / 2], b"", b"PK\x03\x04 something else"] {
        fs::write(tree.memory(), bad).unwrap();
        assert_eq!(tree.key(), key);
    }
}
