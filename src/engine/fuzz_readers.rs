//! The readers of this room that fuzz targets call.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use super::{Quota, extract_file, extract_tree};

pub(crate) use super::docker::fuzz_readers::{marks, step_report};

/// What stands beside the folder that a tar stream is extracted to.
const CANARY: &str = "untouched";

/// Small enough to be exceeded by a fuzzer.
const QUOTA: Quota = Quota {
    bytes: 64 * 1024,
    files: 16,
    depth: 8,
    entries: 64,
    ..Quota::JOB
};

/// Extracts a tar stream as a folder and as a single report: nothing is made beside
/// the target, and nothing but regular files and folders within the quota below it.
///
/// # Errors
/// The disk fails.
pub(crate) fn archive(data: &[u8]) -> std::io::Result<()> {
    let dir = tempfile::tempdir()?;
    let canary = dir.path().join("canary");
    fs::write(&canary, CANARY)?;
    let stream = || Box::new(Cursor::new(data.to_vec()));
    let tree = dir.path().join("tree");
    if let Ok(out) = extract_tree(stream(), &tree, QUOTA, &|_, _| true) {
        assert!(out.bytes <= QUOTA.bytes && out.files <= QUOTA.files);
    }
    let report = dir.path().join("report/coverage.xml");
    let _ = extract_file(stream(), &report, Quota::REPORT);
    assert_eq!(fs::read_to_string(&canary)?, CANARY, "the canary changed");
    let mut beside: Vec<_> = fs::read_dir(dir.path())?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    beside.sort();
    assert_eq!(beside, ["canary", "report", "tree"]);
    let (mut files, mut bytes) = (0, 0);
    only_plain_files(&tree, &mut files, &mut bytes)?;
    assert!(bytes <= QUOTA.bytes, "{bytes} bytes came out");
    // One more may have been begun, and was removed again.
    assert!(files <= QUOTA.files, "{files} files came out");
    Ok(())
}

/// Counts what lies in a folder, which must be regular files and folders.
fn only_plain_files(folder: &Path, files: &mut u64, bytes: &mut u64) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let facts = fs::symlink_metadata(&path)?;
        if facts.is_dir() {
            only_plain_files(&path, files, bytes)?;
        } else {
            assert!(facts.is_file(), "{} is no regular file", path.display());
            *files += 1;
            *bytes += facts.len();
        }
    }
    Ok(())
}
