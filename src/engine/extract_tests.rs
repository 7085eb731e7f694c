//! Hostile tar streams: what comes out, and what is said.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use super::*;
use crate::engine::quota::cause_of;
use crate::record::Cause;

fn entry(kind: tar::EntryType, path: &str, body: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    // Written by hand: the library refuses to write what is tested here.
    let name = &mut header.as_old_mut().name;
    name[..path.len()].copy_from_slice(path.as_bytes());
    header.set_entry_type(kind);
    header.set_size(body.len() as u64);
    header.set_mode(0o4777);
    header.set_mtime(7);
    if kind == tar::EntryType::Symlink {
        header.set_link_name("/etc").unwrap();
    }
    header.set_cksum();
    let mut bytes = header.as_bytes().to_vec();
    bytes.extend_from_slice(body);
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

fn reader(parts: &[Vec<u8>]) -> TarReader {
    Box::new(io::Cursor::new(parts.concat()))
}

#[test]
fn hostile_entries_make_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("out");
    let file = tar::EntryType::Regular;
    let out = extract_tree(
        reader(&[
            entry(tar::EntryType::Directory, "html/", b""),
            entry(file, "html/ok.html", b"fine"),
            entry(file, "html/../../evil", b"x"),
            entry(file, "/html/abs.html", b"also below"),
            entry(tar::EntryType::Symlink, "html/link", b""),
            entry(file, "html/link/passwd", b"inside"),
            entry(tar::EntryType::Fifo, "html/pipe", b""),
            entry(tar::EntryType::Char, "html/dev", b""),
            entry(file, "html/a\u{1b}[2J", b"x"),
        ]),
        &target,
        Quota::JOB,
        &|_, _| true,
    )
    .unwrap();
    assert_eq!(out.files, 3);
    assert_eq!(out.skipped.len(), 5);
    assert!(!dir.path().join("evil").exists());
    assert_eq!(
        std::fs::read(target.join("link/passwd")).unwrap(),
        b"inside"
    );
    assert!(!target.join("pipe").exists() && !target.join("dev").exists());
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(target.join("ok.html"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o7000, 0);
}

#[test]
fn quotas_end_the_reading() {
    let dir = tempfile::tempdir().unwrap();
    let quota = Quota {
        bytes: 10,
        files: 2,
        depth: 2,
        entries: 100,
        ..Quota::JOB
    };
    let file = tar::EntryType::Regular;
    let big = reader(&[entry(file, "a/x", &[0; 11])]);
    let error = extract_tree(big, dir.path(), quota, &|_, _| true).unwrap_err();
    assert!(error.to_string().contains("larger"));
    assert!(!dir.path().join("x").exists());
    let many = reader(&[
        entry(file, "a/1", b""),
        entry(file, "a/2", b""),
        entry(file, "a/3", b""),
    ]);
    let error = extract_tree(many, dir.path(), quota, &|_, _| true).unwrap_err();
    assert!(error.to_string().contains("more than 2 files"));
    let deep = reader(&[entry(file, "a/b/c/d", b"")]);
    let error = extract_tree(deep, dir.path(), quota, &|_, _| true).unwrap_err();
    assert_eq!(cause_of(&error, Cause::Panic), Cause::ArtifactLimit);
    let quota = Quota {
        time: Duration::ZERO,
        ..quota
    };
    let slow = reader(&[entry(file, "a/1", b"")]);
    let error = extract_tree(slow, dir.path(), quota, &|_, _| true).unwrap_err();
    assert_eq!(cause_of(&error, Cause::Panic), Cause::ArtifactLimit);
}

#[test]
fn a_report_must_be_a_regular_file() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("r/coverage.xml");
    let link = reader(&[entry(tar::EntryType::Symlink, "coverage.xml", b"")]);
    let error = extract_file(link, &target, Quota::REPORT).unwrap_err();
    assert!(error.to_string().contains("symbolic link"));
    let good = reader(&[entry(tar::EntryType::Regular, "coverage.xml", b"<x/>")]);
    let out = extract_file(good, &target, Quota::REPORT).unwrap();
    assert_eq!((out.files, out.modified), (1, 7));
    assert_eq!(std::fs::read(target).unwrap(), b"<x/>");
    let nothing = reader(&[]);
    assert!(extract_file(nothing, &dir.path().join("y"), Quota::REPORT).is_err());
}

/// A header and a body, for streams that no writer makes.
fn raw(kind: u8, name: &[u8], body: &[u8]) -> Vec<u8> {
    sized(kind, name, body.len() as u64, body)
}

/// The same with a size that need not be true.
fn sized(kind: u8, name: &[u8], size: u64, body: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.as_old_mut().name[..name.len()].copy_from_slice(name);
    header.as_old_mut().linkflag = [kind];
    header.set_size(size);
    header.set_mode(0o6777);
    header.set_cksum();
    let mut bytes = header.as_bytes().to_vec();
    bytes.extend_from_slice(body);
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

/// A file as it should be.
fn plain(name: &str) -> Vec<u8> {
    raw(b'0', name.as_bytes(), b"text")
}

/// A stream with some bytes changed, and a checksum that fits them or does not.
fn patched(mut stream: Vec<u8>, at: usize, bytes: &[u8], mend: bool) -> Vec<u8> {
    stream[at..at + bytes.len()].copy_from_slice(bytes);
    if mend {
        let mut header = tar::Header::new_old();
        header.as_mut_bytes().copy_from_slice(&stream[..512]);
        header.set_cksum();
        stream[..512].copy_from_slice(header.as_bytes());
    }
    stream
}

/// An extension of the next entry by PAX: `path=…`, `size=…`.
fn pax(record: &str) -> Vec<u8> {
    let mut length = record.len() + 3;
    while format!("{length} {record}\n").len() > length {
        length += 1;
    }
    raw(b'x', b"pax", format!("{length} {record}\n").as_bytes())
}

#[test]
fn every_damaged_stream_has_its_message() {
    let quota = Quota {
        bytes: 4096,
        files: 4,
        depth: 4,
        entries: 50,
        ..Quota::JOB
    };
    let name = |length: usize| vec![b'n'; length];
    let folders = |count: usize| raw(b'5', b"r/d/", b"").repeat(count);
    let streams: Vec<(&str, Vec<u8>)> = vec![
        ("empty", Vec::new()),
        ("zeros", vec![0; 1024]),
        ("no tar at all", b"<coverage/>".to_vec()),
        ("half a header", plain("r/a")[..300].to_vec()),
        ("no body", plain("r/a")[..512].to_vec()),
        ("half a body", plain("r/a")[..514].to_vec()),
        ("body without padding", plain("r/a")[..516].to_vec()),
        ("larger than it is", sized(b'0', b"r/a", 4000, b"text")),
        ("larger than allowed", sized(b'0', b"r/a", 4097, &[7; 4097])),
        (
            "50 GiB of nothing",
            sized(b'0', b"r/a", 50 << 30, &[0; 8192]),
        ),
        ("largest size", sized(b'0', b"r/a", u64::MAX, b"text")),
        ("checksum", patched(plain("r/a"), 148, b"000001\0 ", false)),
        (
            "checksum in words",
            patched(plain("r/a"), 148, b"checksum", false),
        ),
        ("changed name", patched(plain("r/a"), 0, b"x", false)),
        ("size in words", patched(plain("r/a"), 124, b"four", true)),
        (
            "negative size",
            patched(plain("r/a"), 124, &[0xff; 12], true),
        ),
        ("up", plain("r/../../a")),
        ("up at once", plain("../a")),
        ("up at the end", plain("r/a/..")),
        ("absolute", plain("/etc/passwd")),
        ("absolute up", plain("/../a")),
        ("no name", plain("")),
        ("dot", plain(".")),
        ("folder as file", plain("r/")),
        ("not UTF-8", raw(b'0', b"r/\xff", b"text")),
        ("control characters", plain("r/\u{1b}[2J\n")),
        (
            "name of 300 bytes",
            [
                raw(b'L', b"l", &[&b"r/"[..], &name(298)].concat()),
                plain("x"),
            ]
            .concat(),
        ),
        (
            "NUL in a long name",
            [raw(b'L', b"l", b"r/a\0b\0"), plain("x")].concat(),
        ),
        (
            "two long names",
            [
                raw(b'L', b"l", b"r/a\0"),
                raw(b'L', b"l", b"r/b\0"),
                plain("x"),
            ]
            .concat(),
        ),
        ("long name of nothing", raw(b'L', b"l", b"r/a\0")),
        (
            "long name of 2 MiB",
            [raw(b'L', b"l", &name(2 << 20)), plain("x")].concat(),
        ),
        (
            "up by extension",
            [pax("path=r/../../a"), plain("x")].concat(),
        ),
        ("size by extension", [pax("size=3"), plain("r/a")].concat()),
        (
            "size overflow by extension",
            [pax("size=18446744073709551615"), plain("r/a")].concat(),
        ),
        ("extension of nothing", pax("path=r/a")),
        (
            "extension without sense",
            [raw(b'x', b"pax", b"999 path"), plain("r/a")].concat(),
        ),
        (
            "extension of 2 MiB",
            [raw(b'x', b"pax", &name(2 << 20)), plain("r/a")].concat(),
        ),
        ("symbolic link", raw(b'2', b"r/a", b"")),
        ("hard link", raw(b'1', b"r/a", b"")),
        ("character device", raw(b'3', b"r/a", b"")),
        ("block device", raw(b'4', b"r/a", b"")),
        ("pipe", raw(b'6', b"r/a", b"")),
        ("sparse file", raw(b'S', b"r/a", b"")),
        ("unknown kind", raw(b'Z', b"r/a", b"text")),
        ("too deep", plain("r/1/2/3/4/5")),
        (
            "too many files",
            (0..5).flat_map(|n| plain(&format!("r/{n}"))).collect(),
        ),
        ("file below a file", [plain("r/a"), plain("r/a/b")].concat()),
        (
            "file in place of a folder",
            [plain("r/a/b"), plain("r/a")].concat(),
        ),
        ("twice", [plain("r/a"), plain("r/a")].concat()),
        ("folders only", folders(100)),
    ];
    assert!(streams.len() >= 40);
    let said: Vec<String> = streams
        .into_iter()
        .map(|(what, stream)| {
            let dir = tempfile::tempdir().unwrap();
            let stream = || Box::new(io::Cursor::new(stream.clone()));
            let tree = extract_tree(stream(), &dir.path().join("tree"), quota, &|_, _| true);
            let file = extract_file(stream(), &dir.path().join("file/x"), quota);
            let told = |result: io::Result<Extracted>| match result {
                Ok(out) => format!("{} of {} bytes {:?}", out.files, out.bytes, out.skipped),
                Err(error) => error.to_string(),
            };
            assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2, "{what}");
            format!(
                "{what}:\n  folder: {}\n  report: {}",
                told(tree),
                told(file)
            )
        })
        .collect();
    insta::assert_snapshot!("malformed_streams", said.join("\n"));
}
