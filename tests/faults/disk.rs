//! Disks without room, and such that cannot be written to (F13–F15).

use crate::support::daemon::Daemon;
use crate::support::disk::Disk;
use crate::support::{Project, SMALL, docker};

/// A disk in place of `.seatrial`.
fn mount(project: &Project, options: &str) -> Disk {
    Disk::mount(&project.root().join(".seatrial"), options)
}

#[test]
fn a_run_without_room_for_its_results_does_not_begin() {
    let project = Project::new("on: push\njobs:\n  a: {runs-on: x, steps: [{run: echo never}]}\n");
    let arguments = ["run", "test.yml", "--image", SMALL];
    let small = mount(&project, "size=2m");
    project
        .seatrial(&arguments)
        .expect(10)
        .says("are free in")
        .says("where the results of runs are kept")
        .says("hint: make room");
    assert_eq!(std::fs::read_dir(small.path()).expect("it").count(), 0);
    drop(small);
    let _sealed = mount(&project, "size=2g,ro");
    project
        .seatrial(&arguments)
        .expect(10)
        .says("results cannot be written to")
        .says("Read-only file system");
}

#[test]
fn a_disk_that_fills_up_costs_the_results_and_not_the_verdict() {
    let project = Project::new(
        "on: push
jobs:
  full:
    runs-on: ubuntu-latest
    steps:
      - run: |
          echo it is time
          until test -e /go; do sleep 0.1; done
          head -c 1000000 /dev/zero > big
      - uses: actions/upload-artifact@v4
        with: { path: big }
",
    );
    let disk = mount(&project, "size=120m");
    let started = project.start_until(&["run", "test.yml", "--image", SMALL], "│ it is time");
    let label = project.label();
    let container = docker(&["ps", "-q", "--filter", &label]);
    disk.fill();
    docker(&["exec", "--user", "0", &container, "touch", "/go"]);
    let ran = started
        .wait()
        .expect(10)
        .says("infrastructure.output_write_failed")
        .says("the log of a step could not be written: No space left on device")
        .says("run.json could not be written")
        .says("the artifact `artifact` could not be brought out: No space left on device")
        .says("where the results of runs are kept");
    assert!(ran.stdout.contains("full"), "{}", ran.stdout);
    // Neither half a record nor half an artifact.
    assert_eq!(ran.file("run.json"), "");
    let artifacts = ran.path("artifacts");
    assert!(!artifacts.join("artifact").exists());
    for kind in ["ps -aq", "network ls -q", "volume ls -q"] {
        let mut arguments: Vec<&str> = kind.split(' ').collect();
        arguments.extend(["--filter", &label]);
        assert_eq!(docker(&arguments), "");
    }
}

#[test]
fn a_container_that_fills_its_disk_is_told_so() {
    let daemon = Daemon::with_disk("160m");
    let project = Project::new(
        "on: push
jobs:
  full:
    runs-on: ubuntu-latest
    steps:
      - {name: beyond, run: cat /dev/zero > /tmp/big}
      - {name: after, if: always(), run: echo this cannot be written down}
",
    );
    let mut command = project.command(&["run", "test.yml", "--image", SMALL]);
    command.env("DOCKER_HOST", daemon.address());
    let ran = project.start(command, "").wait().expect(7);
    let record = ran.record();
    let steps = record["jobs"][0]["results"].as_array().expect("steps");
    for name in ["beyond", "after"] {
        let step = steps.iter().find(|step| step["name"] == name);
        let failure = &step.expect(name)["failure"];
        assert_eq!(failure["cause"], "resource_limit.container_disk_full");
        let message = failure["message"].as_str().expect("a message");
        assert!(
            message.contains("0 MiB of 160 MiB are free in `/`"),
            "{message}"
        );
        let evidence = failure["evidence"][0].as_str().expect("evidence");
        assert!(evidence.contains("No space left on device"), "{evidence}");
    }
    assert_eq!(daemon.left(), "");
}
