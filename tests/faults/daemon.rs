//! The engine itself is stopped, killed and started again (F6–F8, S22), or has no
//! network left (F36), on an engine of its own: never a failure of the tests, never a wait without end.

use std::time::{Duration, Instant};

use crate::support::daemon::Daemon;
use crate::support::{Project, Ran, SMALL, Started, docker};

/// Prints a line each tenth of a second. The first lines are the sign to begin.
const WORKFLOW: &str = "\
on: push
jobs:
  long:
    runs-on: ubuntu-latest
    steps:
      - run: for i in $(seq 1 60); do echo \"line $i;\"; sleep 0.1; done
";

/// Starts a run and waits until its step is under way.
fn under_way(daemon: &Daemon, project: &Project) -> Started {
    let mut command = project.command(&["run", "test.yml", "--image", SMALL]);
    command
        .env("DOCKER_HOST", daemon.address())
        .env("SEATRIAL_ENGINE_TIMEOUT", "5");
    project.start(command, "line 5;")
}

#[track_caller]
fn expect_infrastructure(ran: Ran, cause: &str) {
    let ran = ran.expect(10);
    assert_eq!(
        ran.cause(),
        format!("infrastructure.{cause}"),
        "{}",
        ran.stdout
    );
    let record = ran.record();
    let reasons = record["verdict"]["failures"].as_array().unwrap();
    assert!(
        reasons.iter().all(|one| one["cause"]
            .as_str()
            .unwrap()
            .starts_with("infrastructure.")),
        "{reasons:?}"
    );
}

/// The watchdog goes on until the engine lets it.
#[track_caller]
fn assert_soon_nothing_left(daemon: &Daemon) {
    let until = Instant::now() + Duration::from_secs(30);
    let mut left = daemon.left();
    while !left.is_empty() && Instant::now() < until {
        left = daemon.left();
    }
    assert_eq!(left, "");
}

#[test]
fn an_engine_that_hangs_for_a_moment_costs_nothing_but_the_moment() {
    let daemon = Daemon::start();
    let project = Project::new(WORKFLOW);
    let mut run = under_way(&daemon, &project);
    daemon.signal("STOP");
    // Nothing can come while it hangs: the tests of the run go on, unseen.
    run.let_pass(Duration::from_secs(2));
    daemon.signal("CONT");
    let ran = run.wait().expect(0);
    for number in 1..=60 {
        let line = format!("line {number};");
        assert!(ran.stdout.contains(&line), "line {number} is lost");
    }
    assert_soon_nothing_left(&daemon);
}

#[test]
fn an_engine_that_hangs_for_good_is_unresponsive() {
    let daemon = Daemon::start();
    let project = Project::new(WORKFLOW);
    let run = under_way(&daemon, &project);
    daemon.signal("STOP");
    expect_infrastructure(run.wait(), "engine_unresponsive");
    daemon.signal("CONT");
    assert_soon_nothing_left(&daemon);
}

#[test]
fn an_engine_that_is_shut_down_is_lost() {
    assert_lost_after("TERM");
}

#[test]
fn an_engine_that_is_killed_is_lost() {
    assert_lost_after("KILL");
}

#[track_caller]
fn assert_lost_after(signal: &str) {
    let mut daemon = Daemon::start();
    let project = Project::new(WORKFLOW);
    let run = under_way(&daemon, &project);
    daemon.signal(signal);
    expect_infrastructure(run.wait(), "engine_lost");
    daemon.restart();
    assert_soon_nothing_left(&daemon);
}

#[test]
fn an_engine_without_addresses_for_a_network_is_named() {
    // Room for two networks, of which the engine's own bridge takes one.
    let settings = r#"{"default-address-pools": [{"base": "10.99.0.0/23", "size": 24}]}"#;
    let daemon = Daemon::with_settings(settings);
    let address = daemon.address();
    docker(&["-H", &address, "network", "create", "of-others"]);
    let project = Project::new(
        "on: push
jobs:
  apart:
    runs-on: ubuntu-latest
    services:
      one: &same {image: 'seatrial-test/small:1', command: 'sleep 600', options: '--expose 80'}
      two: *same
    steps: [{run: 'true'}]
",
    );
    let run = || {
        let mut command = project.command(&["run", "test.yml", "--image", SMALL]);
        command.env("DOCKER_HOST", &address);
        project.start(command, "Set up job").wait()
    };
    let ran = run().says("it has 4 networks, 0 of them of seatrial runs");
    expect_infrastructure(ran, "network_pool_exhausted");
    assert_eq!(daemon.left(), "");
    docker(&["-H", &address, "network", "rm", "of-others"]);
    run().expect(0);
}
