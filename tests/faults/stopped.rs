//! Runs that are told to stop (F3–F5), whose watchdog dies with them (F2), and builds of
//! runs that are killed (F1, F28).

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::{Project, SMALL, docker, left_of};

/// A step that nothing but SIGKILL ends.
const STUBBORN: &str = "\
on: push
jobs:
  stubborn:
    runs-on: ubuntu-latest
    steps:
      - run: |
          trap '' INT TERM HUP
          echo started
          while true; do sleep 1; done
";

/// The processes of this machine whose command line or environment holds a text.
fn processes_with(text: &str) -> Vec<u32> {
    let holds = |path: std::path::PathBuf| {
        let bytes = std::fs::read(path).unwrap_or_default();
        String::from_utf8_lossy(&bytes).contains(text)
    };
    std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|process| {
            let pid = process.file_name().to_string_lossy().parse().ok()?;
            let found =
                holds(process.path().join("cmdline")) || holds(process.path().join("environ"));
            (found && pid != std::process::id()).then_some(pid)
        })
        .collect()
}

fn run_of(project: &Project) -> String {
    project.label().rsplit_once('=').unwrap().1.to_owned()
}

/// What another process does, which takes as long as it takes.
#[track_caller]
fn soon(what: &str, holds: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < until, "{what}");
    }
}

#[test]
fn what_a_run_left_whose_watchdog_died_too_is_removed_by_the_next() {
    let project = Project::new(STUBBORN);
    let started = project.start_until(&["run", "test.yml", "--image", SMALL], "│ started");
    let run = run_of(&project);
    let watchdogs = processes_with(&format!("watchdog\0--run\0{run}"));
    assert_eq!(watchdogs.len(), 1);
    for pid in watchdogs {
        let killed = std::process::Command::new("kill")
            .args(["-s", "KILL", &pid.to_string()])
            .status();
        assert!(killed.unwrap().success());
    }
    started.signal("KILL");
    started.wait();
    // Things of others stay, whatever their names and labels.
    let decoys = [
        docker(&["create", "--label", "other=seatrial", SMALL, "true"]),
        docker(&[
            "create",
            "--label",
            "dev.seatrial.run=of-nobody",
            SMALL,
            "true",
        ]),
    ];
    // Something of another run that the engine does not let go of may make it fail.
    project.seatrial(&["clean"]);
    assert_eq!(left_of(&run), "");
    for decoy in decoys {
        docker(&["rm", &decoy]);
    }
}

#[test]
fn a_second_ctrl_c_ends_at_once_and_a_third_leaves_the_rest_to_the_watchdog() {
    for presses in [2, 3] {
        let project = Project::new(STUBBORN);
        let mut started = project.start_until(&["run", "test.yml", "--image", SMALL], "│ started");
        let run = run_of(&project);
        // Two signals that come at the same time are one: each waits for the answer to
        // the one before.
        let answers = ["stopping", "killing", ""];
        for answer in &answers[..presses] {
            started.signal("INT");
            started.read_until(answer);
        }
        started.wait().expect(130);
        soon("nothing is left", || left_of(&run).is_empty());
    }
}

#[test]
fn a_run_that_is_terminated_or_whose_terminal_is_closed_tidies_up() {
    for (signal, code, cause) in [
        ("TERM", 143, "cancelled.sigterm"),
        ("HUP", 129, "cancelled.hangup"),
    ] {
        let workflow = STUBBORN.replace("trap '' INT TERM HUP", ":");
        let project = Project::new(&workflow);
        let started = project.start_until(&["run", "test.yml", "--image", SMALL], "│ started");
        let run = run_of(&project);
        started.signal(signal);
        let ran = started.wait().expect(code);
        assert_eq!(ran.cause(), cause);
        assert_eq!(left_of(&run), "");
    }
}

#[test]
fn a_reader_of_the_output_that_goes_away_ends_no_run() {
    let workflow = STUBBORN
        .replace("trap '' INT TERM HUP", "seq 20000")
        .replace("while true; do sleep 1; done", "true");
    let project = Project::new(&workflow);
    let mut child = project
        .command(&["run", "test.yml", "--image", SMALL])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // As `| head -1` does it.
    let mut line = String::new();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    reader.read_line(&mut line).unwrap();
    drop(reader);
    child.wait().unwrap();
    let run = run_of(&project);
    let record = std::fs::read_to_string(project.root().join(".seatrial/latest/run.json"));
    let record: serde_json::Value = serde_json::from_str(&record.unwrap()).unwrap();
    assert_eq!(record["verdict"]["passed"], true);
    assert_eq!(left_of(&run), "");
}

#[test]
fn the_build_of_a_killed_run_ends_with_it() {
    let project = Project::new(STUBBORN);
    // A new text each time, so that nothing comes from the cache.
    project.write(
        "Dockerfile.test",
        &format!(
            "FROM {SMALL}\nRUN echo {} && sleep 600\n",
            project.root().display()
        ),
    );
    let started = project.start_until(&["run", "test.yml"], "▶ image");
    let mark = format!("SEATRIAL_RUN={}", run_of(&project));
    soon("the build is a process", || {
        !processes_with(&mark).is_empty()
    });
    started.signal("KILL");
    started.wait();
    soon("the build ends", || processes_with(&mark).is_empty());
}
