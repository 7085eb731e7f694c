//! Output without measure (S9, S11, F12, F21, T19): the memory of seatrial stays small, the
//! log is exact up to its limit, the verdict is what it would have been, and a reader that
//! stands still holds up nothing. `benches/output` runs this with 2 GB of each kind.

use std::io::Read as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::{Project, SMALL, alone, docker, tell};

/// Kinds of output: a name and what is repeated.
fn kinds() -> [(&'static str, Vec<u8>); 4] {
    // Numbers of a generator that is always the same (Knuth's MMIX).
    let mut state = 7_u64;
    let mut random = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    let binary: Vec<u8> = (0..1 << 20).map(|_| random()).collect();
    let invalid = (0..1 << 20)
        .map(|at| {
            if at % 80 == 79 {
                b'\n'
            } else {
                random() | 0x80
            }
        })
        .collect();
    let line = "a line of eighty characters, which is what most programs write when they talk..\n";
    [
        ("lines", line.repeat(1 << 14).into_bytes()),
        ("endless", vec![b'x'; 1 << 20]),
        ("binary", binary),
        ("invalid", invalid),
    ]
}

/// Bytes of the beginning and of the end that a log keeps.
const HALF: usize = 32 << 20;
/// Peak memory that is allowed.
const MOST_KIB: u64 = 64 * 1024;

/// Bytes of each kind.
fn amount() -> usize {
    std::env::var("OUTPUT_BYTES").map_or(12 << 20, |text| text.parse().expect("a number"))
}

#[test]
fn output_without_measure_costs_no_memory_and_no_byte() {
    let _alone = alone();
    let amount = amount();
    let mut workflow = "on: push\njobs:\n".to_owned();
    for (at, (name, _)) in kinds().iter().enumerate() {
        // One of them is longer than a log is.
        let bytes = if at == 0 {
            amount.max(70 << 20)
        } else {
            amount
        };
        workflow.push_str(&format!(
            "  {name}:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      \
             - {{name: talk, run: 'while cat {name}.bin; do :; done | head -c {bytes}; exit 3'}}\n"
        ));
    }
    let project = Project::new(&workflow);
    for (name, piece) in kinds() {
        std::fs::write(project.root().join(format!("{name}.bin")), piece).unwrap();
    }
    let begun = Instant::now();
    let mut child = project
        .command(&["run", "test.yml", "--image", SMALL, "--quiet"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let code = loop {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let kib = text
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        peak = peak.max(kib.and_then(|kib| kib.parse().ok()).unwrap_or(0));
        if let Some(code) = child.try_wait().unwrap() {
            break code;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    tell(&format!(
        "{} MB of each kind in {:.1?}, peak memory {} MiB",
        amount / 1_000_000,
        begun.elapsed(),
        peak / 1024
    ));
    assert_eq!(code.code(), Some(9), "the step failed, and says so");
    for (at, (name, piece)) in kinds().iter().enumerate() {
        let bytes = if at == 0 {
            amount.max(70 << 20)
        } else {
            amount
        };
        let path = format!(".seatrial/latest/logs/{name}/02-talk.log");
        let log = std::fs::read(project.root().join(path)).unwrap();
        same(name, piece, bytes, &log);
    }
    assert!(peak > 0 && peak <= MOST_KIB, "{peak} KiB");
}

/// Compares a log with so many bytes of a piece that is repeated.
fn same(name: &str, piece: &[u8], bytes: usize, log: &[u8]) {
    let at = |place: usize| piece[place % piece.len()];
    if bytes <= 2 * HALF {
        assert_eq!(log.len(), bytes, "{name}");
    }
    let (head, tail) = log.split_at(HALF.min(log.len()));
    let wrong = head.iter().enumerate().find(|(i, byte)| at(*i) != **byte);
    assert!(wrong.is_none(), "{name}: {wrong:?}");
    let tail = &tail[tail.len().saturating_sub(HALF)..];
    let start = bytes - tail.len();
    let wrong = tail
        .iter()
        .enumerate()
        .find(|(i, byte)| at(start + i) != **byte);
    assert!(wrong.is_none(), "{name}, at its end: {wrong:?}");
}

#[test]
fn a_reader_that_stands_still_holds_up_nothing() {
    let project = Project::new(
        "on: push\njobs:\n  job:\n    runs-on: ubuntu-latest\n    steps:\n      \
         - {name: talk, run: 'yes talking | head -c 8000000'}\n      - {name: end, run: 'true'}\n",
    );
    let mut child = project
        .command(&["run", "test.yml", "--image", SMALL])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // Nobody reads what it prints, and the job comes to its end.
    let until = Instant::now() + Duration::from_secs(60);
    let events = project.root().join(".seatrial/runs");
    let ended = || {
        std::fs::read_dir(&events).is_ok_and(|runs| {
            runs.flatten().any(|run| {
                std::fs::read_to_string(run.path().join("events.jsonl"))
                    .is_ok_and(|text| text.contains("job_finished"))
            })
        })
    };
    while !ended() {
        assert!(Instant::now() < until, "the job waits for the reader");
        assert!(child.try_wait().unwrap().is_none(), "it ended too early");
        std::thread::sleep(Duration::from_millis(50));
    }
    // Its container goes, too.
    while !docker(&["ps", "--all", "--quiet", "--filter", &project.label()]).is_empty() {
        assert!(Instant::now() < until, "the container waits for the reader");
    }
    let mut text = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    assert!(child.wait().unwrap().success());
    assert!(text.contains("lines skipped here, the log has them"));
    assert!(text.contains("job succeeded"));
}
