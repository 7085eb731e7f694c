//! Jobs on this machine, with services on a real Docker Engine. Without an engine and a
//! Python these tests fail.
#![allow(clippy::expect_used, clippy::panic)]

mod support;

use std::io::Read;
use std::path::Path;
use std::process::Command;

use support::{Project, Ran, SMALL, assert_nothing_left};

/// A run on this machine whose temporary folders lie in one of its own.
fn on_this_machine(project: &Project, more: &[&str]) -> Ran {
    let temp = tempfile::tempdir().expect("a folder");
    let mut command = project.command(&[&["run", "test.yml", "--engine", "host"], more].concat());
    let ran = project.end(command.env("TMPDIR", temp.path()));
    assert_nothing_left(&ran);
    assert_eq!(entries(temp.path()), 0, "left in the temporary folder");
    ran
}

fn entries(folder: &Path) -> usize {
    std::fs::read_dir(folder).expect("a folder").count()
}

#[test]
fn a_job_has_a_python_a_home_and_temporary_files_of_its_own() {
    let project = Project::new(
        "on: push
jobs:
  own:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: |
          case $(python -c 'import sys; print(sys.prefix)') in */own/seatrial/tools/python) echo own python ;; esac
          case $(pip --version) in *own/seatrial/tools/python*) echo own pip ;; esac
          case $HOME in */own/home/runner) echo own home ;; esac
          case $(mktemp) in \"$TMPDIR\"/*) echo own temporary files ;; esac
          test \"$PWD\" = \"$GITHUB_WORKSPACE\" && test -f \"$GITHUB_EVENT_PATH\" && test -d \"$RUNNER_TEMP\"
          echo \"TOKEN ${TOKEN-unset}, outer ${GITHUB_TOKEN-unset}, proxy $SOME_PROXY\"
          python3 - <<'END'
          import os, subprocess
          # Away from its process group, from the job's variables, and from both.
          subprocess.Popen(['sleep', '600'], start_new_session=True)
          subprocess.Popen(['sleep', '600'], start_new_session=True, env={'PATH': os.environ['PATH']})
          END
  asked:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/setup-python@v5
        id: python
        with: { python-version: '3.99' }
      - run: |
          echo \"version ${{ steps.python.outputs.python-version }}\"
          test \"$(command -v python)\" = \"$pythonLocation/bin/python\" && test -z \"$(pip list --format freeze | grep -v -e ^pip -e ^setuptools)\"
      - run: ls $0 && echo by a shell of the job
        shell: bash script-shell {0}
      - run: exit 0
        shell: not-there {0}
        continue-on-error: true
      - run: trap 'echo interrupted' INT; sleep 600
        timeout-minutes: 0.01
        continue-on-error: true
",
    );
    let file = "      - run: echo 'bash \"$@\"' >script-shell\n      - run: ls $0";
    let path = ".github/workflows/test.yml";
    let text = std::fs::read_to_string(project.root().join(path)).expect("the workflow");
    project.write(path, &text.replace("      - run: ls $0", file));
    let temp = tempfile::tempdir().expect("a folder");
    let mut command =
        project.command(&["run", "test.yml", "--engine", "host", "--secret", "TOKEN"]);
    command
        .env("TMPDIR", temp.path())
        .env("TOKEN", "a-secret-value")
        .env("GITHUB_TOKEN", "the token of a run around this one")
        .env("SOME_PROXY", "of the machine");
    let ran = project
        .end(&mut command)
        .expect(0)
        .says("│ own python")
        .says("│ own pip")
        .says("│ own home")
        .says("│ own temporary files")
        .says("TOKEN unset, outer unset, proxy of the machine")
        .says("│ version 3.")
        .says("│ by a shell of the job")
        .says("not-there: No such file")
        .says("│ interrupted");
    assert_eq!(entries(temp.path()), 0, "left in the temporary folder");
    assert_eq!(working_below(temp.path()), "", "processes are left");
    let record = ran.record();
    let notices = record["notices"].to_string();
    assert!(
        notices.contains("asks for Python 3.99, which this machine does not have"),
        "{notices}"
    );
    let environment = record["jobs"][0]["environment"].as_str();
    assert!(environment.is_some_and(|name| name.starts_with("this machine, ")));
}

/// The processes that work below a folder.
fn working_below(folder: &Path) -> String {
    let list = Command::new("sh")
        .args(["-c", "ls -l /proc/[0-9]*/cwd 2>/dev/null | grep -F \"$0\""])
        .arg(folder)
        .output()
        .expect("sh");
    String::from_utf8_lossy(&list.stdout).into_owned()
}

#[test]
fn a_run_that_is_killed_leaves_neither_processes_nor_folders() {
    let project = Project::new(
        "on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: |
          exec 9>\"$HELD\"
          setsid sleep 600 &
          echo waiting
          sleep 600
",
    );
    let temp = tempfile::tempdir().expect("a folder");
    let held = project.root().join("held");
    let made = Command::new("mkfifo").arg(&held).status().expect("mkfifo");
    assert!(made.success());
    let mut command = project.command(&["run", "test.yml", "--engine", "host"]);
    command.env("TMPDIR", temp.path()).env("HELD", &held);
    // Opened for both, so that neither side waits for the other.
    let reading = std::fs::File::options().read(true).write(true).open(&held);
    let reading = reading.expect("the pipe");
    let started = project.start(command, "│ waiting");
    assert_eq!(entries(temp.path()), 1);
    let mut pipe = std::fs::File::open(&held).expect("the pipe");
    drop(reading);
    started.signal("KILL");
    started.wait();
    // It ends when nobody holds it any more.
    let mut rest = Vec::new();
    pipe.read_to_end(&mut rest).expect("the end of all");
    // Whoever was first, the watchdog or this.
    let mut clean = project.command(&["clean"]);
    project.end(clean.env("TMPDIR", temp.path())).expect(0);
    assert_eq!(entries(temp.path()), 0, "left in the temporary folder");
}

#[test]
fn services_are_at_localhost_for_one_job_after_the_other() {
    let project = Project::new(
        "on: push
jobs:
  test:
    runs-on: ubuntu-latest
    strategy: { matrix: { leg: [1, 2] } }
    services:
      cache:
        image: redis:7
        ports: ['16379:6379', '6380']
        options: '--health-cmd \"redis-cli ping\" --health-interval 5s'
    steps:
      - run: |
          python3 - <<'END'
          import socket
          with socket.create_connection(('localhost', 16379), 10) as server:
              server.sendall(b'INCR seen\\r\\n')
              print('answer', server.recv(100))
          END
          docker run --rm --network ${{ job.container.network }} redis:7 redis-cli -h cache get seen
          docker port ${{ job.services.cache.id }} 6380
          echo \"also ${{ job.services.cache.ports['6380'] }}\"
",
    );
    let ran = on_this_machine(&project, &[]).expect(0);
    // Each leg has a server of its own, on the same port.
    assert_eq!(
        ran.stdout.matches("answer b':1\\r\\n'").count(),
        2,
        "{}",
        ran.stdout
    );
    let ran = ran
        .says("reached at localhost:16379")
        .says("│ 1")
        .says("127.0.0.1:");
    assert!(ran.stdout.contains("│ also 3") || ran.stdout.contains("│ also 4"));
}

#[test]
fn a_job_builds_an_image_and_tests_in_it_as_on_github() {
    let project = Project::new(
        "on: push
env: { IMAGE: 'seatrial-test/built-on-this-machine:1' }
jobs:
  test:
    runs-on: ubuntu-latest
    defaults:
      run: { shell: '${{ github.event_name && ''bash'' }} ci/in-image {0}' }
    steps:
      - uses: actions/checkout@v4
      - uses: docker/setup-buildx-action@v3
      - uses: docker/build-push-action@v6
        id: build
        with:
          context: .
          file: ci/Dockerfile
          load: true
          tags: ${{ env.IMAGE }}
          build-args: MADE=by the job
          cache-from: type=gha
          cache-to: type=gha,mode=max
          push: false
      - run: |
          echo \"made $MADE, workspace $(ls)\"
          echo result=from the container >>\"$GITHUB_OUTPUT\"
        id: inside
      - run: |
          test \"$(docker image inspect --format '{{.Id}}' \"$IMAGE\")\" = ${{ steps.build.outputs.imageid }}
          echo \"outside: ${{ steps.inside.outputs.result }}\"
          docker image rm \"$IMAGE\"
        shell: bash
      - uses: docker/build-push-action@v6
        with: { context: ci, push: '${{ false }}', tags: '${{ env.IMAGE }}' }
      - run: '! docker image inspect \"$IMAGE\" >/dev/null 2>&1'
        shell: bash
",
    );
    project.write(
        "ci/Dockerfile",
        &format!("FROM {SMALL}\nARG MADE\nENV MADE=$MADE\n"),
    );
    // What teams write to have the steps of a job run in an image: paths are those of
    // the machine, for the container, too.
    project.write(
        "ci/in-image",
        "docker run --rm --user \"$(id -u):$(id -g)\" -v \"$PWD:$PWD\" -w \"$PWD/ci\" \\
  -v \"$1:$1:ro\" -v \"$GITHUB_OUTPUT:$GITHUB_OUTPUT\" -e GITHUB_OUTPUT \"$IMAGE\" sh -e \"$1\"\n",
    );
    on_this_machine(&project, &[])
        .expect(0)
        .says("input `cache-from` has no effect here")
        .says("│ made by the job, workspace Dockerfile")
        .says("│ outside: from the container")
        .says("the image is built and not kept, as on GitHub");
}

#[test]
fn without_an_image_a_run_goes_on_here_only_when_told() {
    let project = Project::new(
        "on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: echo runs in $GITHUB_WORKSPACE
",
    );
    project.write(
        "Dockerfile.test",
        &format!("FROM {SMALL}\nRUN echo cannot be built && exit 3\n"),
    );
    let ran = project.seatrial(&["run", "test.yml"]).expect(5);
    assert_nothing_left(&ran);
    let ran = project
        .seatrial(&["run", "test.yml", "--fallback"])
        .expect(0);
    assert_nothing_left(&ran);
    let ran = ran
        .says("tests ran on this machine, not in containers: ")
        .says("│ runs in /")
        .says("on this machine, not in a container");
    let record = ran.record();
    assert_eq!(record["info"]["engine"], "host (no container)");
    assert_eq!(
        record["fallback"]["cause"],
        "build_failed.build_step_failed"
    );
    assert_eq!(record["images"][0]["failure"], record["fallback"]);
    let mut command = project.command(&["run", "test.yml"]);
    project
        .end(command.env("CI_USE_DOCKER_TESTS", "false"))
        .expect(0)
        .says("warning: CI_USE_DOCKER_TESTS=false: the jobs run on this machine");
}
