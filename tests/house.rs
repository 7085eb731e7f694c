//! The house rules: the direction of imports and the purity of rooms.
//! `ARCHITECTURE.md` says why.
#![allow(clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};

/// The rooms in the order of the data. A room may use only rooms above it.
const ROOMS: [&str; 24] = [
    "record", "workflow", "expr", "plan", "results", "docker", "github", "image", "engine",
    "actions", "runner", "gate", "parity", "triage", "scan", "audit", "history", "trend",
    "rollout", "convert", "diff", "report", "settings", "cli",
];

/// Rooms that touch neither files, environment, processes, network nor the clock.
const PURE: [&str; 16] = [
    "record", "workflow", "expr", "plan", "results", "gate", "parity", "triage", "scan", "audit",
    "history", "trend", "rollout", "convert", "diff", "report",
];

/// Folders of pure rooms that may touch the world all the same.
const EDGES: [&str; 2] = ["history/store", "scan/edge"];

/// What a pure room must not name.
const IMPURE: [&str; 8] = [
    "std::fs",
    "std::env",
    "std::process",
    "std::net",
    "std::thread",
    "SystemTime",
    "Instant::now",
    "tokio",
];

/// Where a room looks at a room below it, and why that is so.
const EXCEPTIONS: [(&str, &str); 0] = [];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found
}

/// The code of a file without comments and without its unit tests, which may use
/// anything.
fn code(path: &Path) -> String {
    let name = path.display().to_string();
    if name.contains("/tests") || name.contains("tests.rs") || name.contains("/checks/") {
        return String::new();
    }
    let text = std::fs::read_to_string(path).expect("a source file");
    let text = text.split("\n#[cfg(test)]\nmod tests").next().unwrap_or("");
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn source_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

#[test]
fn every_folder_is_a_known_room() {
    for entry in std::fs::read_dir(source_root()).expect("src") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            assert!(
                ROOMS.contains(&name.as_str()),
                "src/{name} is not a known room"
            );
        }
    }
}

#[test]
fn a_room_uses_only_rooms_above_it() {
    let mut wrong = Vec::new();
    for (at, room) in ROOMS.iter().enumerate() {
        for file in sources(&source_root().join(room)) {
            let text = code(&file);
            for below in ROOMS.iter().skip(at + 1) {
                let used = text.contains(&format!("crate::{below}::"))
                    || text.contains(&format!("crate::{below};"));
                if used && !EXCEPTIONS.contains(&(room, below)) {
                    wrong.push(format!("{} uses {below}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pure_rooms_do_no_io() {
    let mut wrong = Vec::new();
    for room in PURE {
        for file in sources(&source_root().join(room)) {
            let edge = |folder: &str| file.starts_with(source_root().join(folder));
            if EDGES.iter().any(|folder| edge(folder)) {
                continue;
            }
            let text = code(&file);
            for word in IMPURE {
                if text.contains(word) {
                    wrong.push(format!("{} names {word}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_settings_reads_the_environment_and_only_cli_prints() {
    let mut wrong = Vec::new();
    for room in ROOMS {
        for file in sources(&source_root().join(room)) {
            let text = code(&file);
            if room != "settings" && text.contains("env::var") {
                wrong.push(format!("{} reads the environment", file.display()));
            }
            let prints = ["println!", "eprintln!", "io::stdout()", "io::stderr()"];
            if room != "cli" && prints.iter().any(|word| text.contains(word)) {
                wrong.push(format!("{} prints", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_stay_small() {
    let limit = 500;
    let mut long = Vec::new();
    for file in sources(&source_root()) {
        let lines = std::fs::read_to_string(&file)
            .expect("a file")
            .lines()
            .count();
        if lines > limit {
            long.push(format!("{} has {lines} lines", file.display()));
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

/// Nothing builds the targets of `fuzz/` every day, so each must be the one line that
/// cannot break: a call of a function of `src/fuzz.rs`, which is compiled by all checks.
#[test]
fn fuzz_targets_are_calls_of_one_function() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let read = |path: &Path| std::fs::read_to_string(path).expect("a file");
    let readers = read(&source_root().join("fuzz.rs"));
    let manifest = read(&fuzz.join("Cargo.toml"));
    for file in sources(&fuzz.join("fuzz_targets")) {
        let name = file.file_stem().expect("a name").to_string_lossy();
        let call = format!("fuzz_target!(|data: &[u8]| seatrial::fuzz::{name}(data));");
        assert!(
            read(&file).contains(&call),
            "{} calls another",
            file.display()
        );
        let function = format!("pub fn {name}(data: &[u8]) {{");
        assert!(readers.contains(&function), "src/fuzz.rs has no `{name}`");
        let path = format!("path = \"fuzz_targets/{name}.rs\"");
        assert!(
            manifest.contains(&path),
            "fuzz/Cargo.toml does not name `{name}`"
        );
        for folder in [format!("corpus/{name}"), format!("dictionaries/{name}.txt")] {
            assert!(fuzz.join(&folder).exists(), "there is no fuzz/{folder}");
        }
    }
}
