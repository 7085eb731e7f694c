//! Services and images that a compose file describes, on a real Docker Engine with the
//! compose plugin. Without them these tests fail.
#![allow(clippy::expect_used, clippy::panic)]

mod support;

use support::{PYTHON, Project, SMALL, assert_nothing_left};

const WORKFLOW: &str = "on: push
jobs:
  own:
    runs-on: ubuntu-latest
    services:
      other: { image: 'seatrial-test/small:1', command: sleep 600 }
    steps:
      - run: test -z '${{ job.services.cache.id }}' && test -n '${{ job.services.other.id }}'
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: python3 ask.py localhost:${{ job.services.cache.ports['6379'] }} store:6379 | tee said
";

/// Reads from a Redis server the key that another service is to have filled in.
const ASK: &str = "
import socket, sys
for place in sys.argv[1:]:
    host, port = place.split(':')
    with socket.create_connection((host, int(port)), 10) as server:
        server.sendall(b'GET filled\\r\\n')
        print(place, 'has', server.recv(100).decode().split()[-1])
";

/// A server, one that fills it once it is healthy, and one that runs only when that is done.
const COMPOSE: &str = "services:
  tests:
    build: .
    depends_on: [last]
    volumes: ['.:/src']
  cache:
    image: redis:7
    command: redis-server --save ''
    ports: ['6390:6379']
    volumes: ['kept:/data']
    networks: { default: { aliases: [store] } }
    healthcheck: { test: [CMD, redis-cli, ping], interval: 1s }
  fill:
    image: redis:7
    entrypoint: [sh, -c]
    command: ['redis-cli -h cache set filled \"$$WORD\"']
    environment: { WORD: '${FILLED_WITH:-in-time}' }
    depends_on: { cache: { condition: service_healthy } }
  last:
    image: redis:7
    command: ['sh', '-c', 'redis-cli -h cache get filled; exec sleep 600']
    healthcheck: { disable: true }
    depends_on: { fill: { condition: service_completed_successfully } }
volumes: { kept: {} }
";

fn project(compose: &str, settings: &str) -> Project {
    let project = Project::new(WORKFLOW);
    project
        .write("ask.py", ASK)
        .write("docker-compose.test.yml", compose)
        .write("seatrial.toml", settings);
    project
}

#[test]
fn a_compose_file_gives_services_in_their_order() {
    let settings = "[services]\ncompose = \"docker-compose.test.yml\"\n";
    let project = project(COMPOSE, settings);
    let ran = project
        .run_in(PYTHON, &[])
        .expect(0)
        .says("localhost:6390 has in-time")
        .says("store:6379 has in-time")
        .says("service fill (redis:7): ended with exit code 0");
    assert!(ran.file("logs/test/service-last.log").contains("in-time"));
    assert!(!ran.stdout.contains("before the job did"), "{}", ran.stdout);
    assert_nothing_left(&ran);
}

#[test]
fn a_service_that_another_waits_for_and_that_fails_ends_the_job() {
    let broken = COMPOSE.replace("redis-cli -h cache set filled", "echo no luck; exit 3;");
    let settings = "[services]\ncompose = \"docker-compose.test.yml\"\njobs = [\"test\"]\n";
    let ran = project(&broken, settings)
        .run_in(SMALL, &["--job", "test"])
        .expect(9)
        .says("the service `fill` ended with exit code 3 before it was ready")
        .says("no luck");
    assert_nothing_left(&ran);
}

#[test]
fn what_cannot_be_had_is_refused_before_anything_runs() {
    let settings = "[services]\ncompose = \"docker-compose.test.yml\"\n";
    let bind = COMPOSE.replace("kept:/data'", "./data:/data'");
    project(&bind, settings)
        .seatrial(&["plan", "test.yml"])
        .expect(6)
        .says("docker-compose.test.yml (Line: ")
        .says("gives a container rights over this machine");
    project(
        &COMPOSE.replace("condition: service_healthy", "condition: odd"),
        settings,
    )
    .seatrial(&["plan", "test.yml"])
    .expect(2)
    .says("docker-compose.test.yml cannot be used: `docker compose` says:");
    let named = "[services]\ncompose = \"docker-compose.test.yml\"\njobs = [\"tset\"]\n";
    project(COMPOSE, named)
        .seatrial(&["plan", "test.yml"])
        .expect(2)
        .says("the workflow has no job `tset`")
        .says("did you mean `test`?");
}

#[test]
fn without_the_plugin_it_is_said_how_to_get_it() {
    let project = project(
        COMPOSE,
        "[services]\ncompose = \"docker-compose.test.yml\"\n",
    );
    project.write("bin/docker", "#!/bin/sh\nexit 1\n");
    let program = project.root().join("bin/docker");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&program, mode).expect("a program");
    let mut command = project.command(&["plan", "test.yml"]);
    command.env(
        "PATH",
        format!("{}:/usr/bin:/bin", project.root().join("bin").display()),
    );
    let output = command.output().expect("seatrial");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("`docker compose`, which is not installed"),
        "{said}"
    );
}
