//! Images that are derived from the workflow's own set-up steps, on a real Docker
//! Engine. Each project is a folder of `tests/fixtures/derive/`.
#![allow(clippy::expect_used, clippy::panic)]

mod support;

use std::process::Command;

use support::{Project, Ran};

/// A project whose image is derived.
struct Derived(Project);

impl Derived {
    fn of(name: &str) -> Self {
        Self(Project::of_fixture(&format!("derive/{name}")))
    }

    fn seatrial(&self, arguments: &[&str]) -> Ran {
        let ran = self.0.seatrial(arguments);
        support::assert_nothing_left(&ran);
        ran
    }
}

/// What a command of Docker prints.
fn docker(arguments: &[&str]) -> String {
    let output = Command::new("docker")
        .args(arguments)
        .env("DOCKER_BUILDKIT", "1")
        .output()
        .expect("docker can be started");
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Runs a project, then builds the Dockerfile that it was run with, as a team would.
fn runs_and_builds(name: &str, baked: &[&str], tests: usize) -> Derived {
    let derived = Derived::of(name);
    let ran = derived.seatrial(&["run"]).expect(0);
    for step in baked {
        let line = format!("✓ {step} (0.0 s, line ");
        assert!(
            ran.stdout.contains(&line),
            "`{step}` was not baked:\n{}",
            ran.stdout
        );
    }
    assert_eq!(ran.file("junit.xml").matches("<testcase").count(), tests);
    derived
        .seatrial(&["image", "derive", "--output", "Dockerfile.test"])
        .expect(0);
    let file = derived.0.root().join("Dockerfile.test");
    let said = docker(&[
        "build",
        "--quiet",
        "--file",
        &file.display().to_string(),
        "--tag",
        &format!("{}:kept", derived.0.images()),
        &derived.0.root().display().to_string(),
    ]);
    assert!(said.trim().starts_with("sha256:"), "{said}");
    derived
}

#[test]
fn requirements() {
    let derived = runs_and_builds("pip", &["Install dependencies"], 2);
    // The Dockerfile that was kept holds what the steps install, and the source.
    derived
        .seatrial(&["run"])
        .expect(0)
        .says("provided by the image: ")
        .says("Dockerfile.test (target test)");
    // Nothing is derived over a file that somebody wrote.
    derived.0.write("Dockerfile.test", "FROM scratch\n");
    derived
        .seatrial(&["image", "derive", "-o", "Dockerfile.test"])
        .expect(2)
        .says("Dockerfile.test exists, and seatrial did not write it")
        .says("--force");
}

#[test]
fn a_project_that_can_be_edited() {
    let derived = runs_and_builds("pip-editable", &["Run pip install -e \".[test]\""], 2);
    // The source of the checkout counts, not the one that the image was made of.
    let file = "src/slugs/__init__.py";
    let text = std::fs::read_to_string(derived.0.root().join(file)).expect("the source");
    derived.0.write(file, &text.replace("lower()", "upper()"));
    std::fs::remove_file(derived.0.root().join("Dockerfile.test")).expect("it is there");
    derived.seatrial(&["run"]).expect(1);
}

#[test]
fn uv() {
    runs_and_builds("uv", &["Run uv sync --group test"], 2);
}

#[test]
fn poetry() {
    runs_and_builds("poetry", &["Run poetry install --no-interaction"], 2);
}

#[test]
fn pdm() {
    runs_and_builds("pdm", &["Run pdm install -G test"], 2);
}

#[test]
fn tox() {
    runs_and_builds("tox", &["Run pip install tox"], 2);
}

#[test]
fn nox() {
    runs_and_builds("nox", &["Run python -m pip install nox"], 2);
}

#[test]
fn packages_of_the_distribution_beside_a_service() {
    let steps = [
        "Install system packages",
        "Run pip install -r requirements.txt",
    ];
    runs_and_builds("apt-services", &steps, 2);
}

#[test]
fn what_the_machine_gives_to_a_build_leaves_no_trace() {
    let derived = Derived::of("pip");
    let bundle = std::fs::read_to_string("/etc/ssl/certs/ca-certificates.crt").expect("a bundle");
    derived.0.write("team.pem", &bundle);
    let settings = "[image]\nca = \"team.pem\"\nmirrors = true\nproxies = true\n";
    derived.0.write("seatrial.toml", settings);
    // The mirror is asked: one that has nothing fails the build, which is shown as written.
    let mut command = derived.0.command(&["run"]);
    command.env("PIP_INDEX_URL", "file:///nowhere");
    let failed = derived.0.end(&mut command).expect(5);
    assert!(!format!("{}{}", failed.stdout, failed.stderr).contains("/dev/shm"));
    failed.says("derived.Dockerfile:29");

    let token = "hush-of-the-mirror";
    let mut command = derived.0.command(&["run"]);
    command.env("PIP_EXTRA_INDEX_URL", format!("file:///{token}"));
    command.env("NO_PROXY", format!("{token}.example"));
    let ran = derived.0.end(&mut command).expect(0);
    support::assert_nothing_left(&ran);
    let record = ran.record();
    let steps = record["images"][0]["build"].to_string();
    assert!(steps.contains("pip install") && !steps.contains("/dev/shm"));
    let image = record["images"][0]["id"].as_str().expect("an id");
    let history = docker(&["history", "--no-trunc", image]);
    // Where it was is told, not what it was.
    assert!(history.contains("PIP_CERT=/dev/shm/seatrial-ca"));
    assert!(!history.contains(token) && !history.contains("CERTIFICATE"));
    let places = format!(
        "ls -A /dev/shm; test ! -e /run/secrets || echo there; grep -rlF {token} /app /etc /home /opt /root /run /tmp /usr /var; find / -xdev -name 'seatrial-ca*'; echo looked"
    );
    let looked = docker(&["run", "--rm", "--user", "0", image, "sh", "-c", &places]);
    assert_eq!(looked.trim(), "looked");

    // No part of the key: without the settings the image is that one.
    derived.0.write("seatrial.toml", "");
    let again = derived.seatrial(&["run"]).expect(0).record();
    assert_eq!(again["images"][0]["id"], record["images"][0]["id"]);
    assert_eq!(again["images"][0]["origin"], "unchanged");

    derived.0.write("team.pem", "no certificate\n");
    derived
        .seatrial(&["plan", "--ca", "team.pem"])
        .expect(2)
        .says("--ca: team.pem holds no certificate");
}

#[test]
fn a_step_that_fails_fails_the_build_and_names_its_place() {
    let derived = Derived::of("pip");
    derived
        .0
        .write("requirements.txt", "no-such-package-of-seatrial==1\n");
    derived
        .seatrial(&["run"])
        .expect(5)
        .says("derived.Dockerfile:29")
        .says("no-such-package-of-seatrial==1")
        .says("with --no-derive");
    // In the job it is the step that fails.
    derived.seatrial(&["run", "--no-derive"]).expect(9);
}

#[test]
fn node_beside_python_comes_from_its_own_image() {
    // A stand-in for the official image, under a version that never was.
    let image = "node:9.99.99-slim";
    let folder = tempfile::tempdir().expect("a folder");
    let dockerfile = format!(
        "FROM {}\nUSER 0\nRUN mkdir -p /usr/local/bin /usr/local/lib/node_modules/npm/bin \\\n    && printf '#!/bin/sh\\necho v9.99.99\\n' >/usr/local/bin/node \\\n    && chmod 755 /usr/local/bin/node\n",
        support::SMALL
    );
    std::fs::write(folder.path().join("Dockerfile"), dockerfile).expect("a file");
    docker(&[
        "build",
        "--quiet",
        "--tag",
        image,
        &folder.path().display().to_string(),
    ]);
    let derived = Derived(Project::new(
        "name: Test
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with: {python-version: '3.11'}
      - uses: actions/setup-node@v4
        with: {node-version: 9.99.99}
      - run: node --version && python --version
",
    ));
    let ran = derived.seatrial(&["run", "test.yml"]);
    docker(&["rmi", "--force", image]);
    ran.expect(0).says("v9.99.99").says("Python 3.11");
}
