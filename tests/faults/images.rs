//! Images that are hostile in what they say of themselves (T15, T16).

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::{Project, SMALL, assert_nothing_left, docker};

/// Builds a stage of a Dockerfile and gives the image's name.
fn build(folder: &Path, stage: &str) -> String {
    let name = format!("seatrial-test/hostile:{stage}-{}", std::process::id());
    let built = Command::new("docker")
        .args(["buildx", "build", "--load", "--quiet", "--target", stage])
        .args(["--tag", &name])
        .arg(folder)
        .output()
        .expect("docker buildx");
    let error = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success(), "{error}");
    name
}

/// A label of an owner that is certainly dead: of this machine before it was started.
fn dead_owner() -> String {
    let machine = std::fs::read_to_string("/etc/machine-id").unwrap_or_default();
    let machine = machine.trim();
    format!(r#"{{"machine":"{machine}","boot":"former","pid":1,"started":1}}"#)
}

fn inspect(thing: &str) -> Value {
    let all: Value = serde_json::from_str(&docker(&["inspect", thing])).expect("JSON");
    all[0].clone()
}

#[test]
fn what_an_image_says_of_itself_gains_it_nothing() {
    let dockerfile = format!(
        "FROM {SMALL} AS greedy\n\
         LABEL dev.seatrial.run=decoy dev.seatrial.job=decoy dev.seatrial.owner='{}'\n\
         ENTRYPOINT [\"echo\"]\n\
         CMD [\"swallowed\"]\n\
         HEALTHCHECK --interval=1s CMD touch /checked\n\
         STOPSIGNAL SIGWINCH\n\
         ONBUILD RUN false\n\
         VOLUME /kept /also\n\
         USER root\n\
         FROM {SMALL} AS escaped\n\
         WORKDIR /proc/self/fd/8\n",
        dead_owner()
    );
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("Dockerfile"), dockerfile).expect("a Dockerfile");
    let greedy = build(folder.path(), "greedy");
    let escaped = build(folder.path(), "escaped");
    // A container of somebody else's, which bears what looks like the labels of a dead run.
    let decoy = docker(&["create", &greedy]);

    let project = Project::new(&format!(
        "on: push
jobs:
  greedy:
    runs-on: ubuntu-latest
    container: {greedy}
    steps:
      - run: |
          test ! -e /checked && touch /kept/x /also/x
          echo it is here
          until test -e /go; do sleep 0.1; done
  escaped:
    runs-on: ubuntu-latest
    container: {escaped}
    steps:
      - run: echo never
  service:
    runs-on: ubuntu-latest
    container: {SMALL}
    services:
      escaped:
        image: {escaped}
    steps:
      - run: echo never
"
    ));
    let started = project.start_until(&["run", "test.yml"], "│ it is here");
    let label = project.label();
    let container = docker(&["ps", "-q", "--filter", &label, "--filter", "name=greedy"]);
    let found = inspect(&container);
    let volumes: Vec<String> = found["Mounts"]
        .as_array()
        .expect("mounts")
        .iter()
        .filter_map(|mount| Some(mount["Name"].as_str()?.to_owned()))
        .collect();
    docker(&["exec", "--user", "0", &container, "touch", "/go"]);
    let ran = started.wait().expect(2);
    assert_nothing_left(&ran);

    let labels = &found["Config"]["Labels"];
    assert_ne!(labels["dev.seatrial.run"], "decoy");
    assert_eq!(labels["dev.seatrial.job"], "greedy");
    assert!(!labels["dev.seatrial.owner"].to_string().contains("former"));
    assert_eq!(found["Config"]["Healthcheck"]["Test"][0], "NONE");
    assert_eq!(found["Path"], "sh", "the image's entrypoint is not used");
    assert!(volumes.len() >= 2, "{volumes:?}");
    let left = docker(&["volume", "ls", "-q"]);
    for volume in volumes {
        assert!(!left.contains(&volume), "the volume {volume} is left");
    }

    let record = ran.record();
    let job = |name: &str| {
        let jobs = record["jobs"].as_array().expect("jobs");
        let found = jobs.iter().find(|job| job["key"] == name);
        found.expect("the job").clone()
    };
    assert_eq!(job("greedy")["conclusion"], "success");
    for name in ["escaped", "service"] {
        assert_eq!(job(name)["conclusion"], "failure", "{name}");
        assert!(!ran.stdout.contains("│ never"));
    }
    assert_eq!(ran.cause(), "config.image_unusable");
    ran.says("has the working folder `/proc/self/fd/8`, which belongs to the kernel");

    // Every run that began since, of this test and of others, has swept what is dead.
    docker(&["inspect", &decoy]);
    docker(&["rm", "--volumes", &decoy]);
    docker(&["rmi", &greedy, &escaped]);
}
