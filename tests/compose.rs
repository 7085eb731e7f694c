//! Services and images that a compose file describes, on a real Docker Engine with the
//! compose plugin. Without them these tests fail.
#![allow(clippy::expect_used, clippy::panic)]

mod support;

use support::{Built, PYTHON, Project, SMALL, assert_nothing_left};

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
    project.write("docker-bake.hcl", "target \"test\" {}\n");
    for (arguments, plugin) in [
        (&["plan", "test.yml"][..], "compose"),
        (&["plan", "test.yml", "--bake", "test"], "buildx"),
    ] {
        let mut command = project.command(arguments);
        let bin = project.root().join("bin");
        command.env("PATH", format!("{}:/usr/bin:/bin", bin.display()));
        project
            .end(&mut command)
            .expect(2)
            .says(&format!("`docker {plugin}`, which is not installed"));
    }
}

/// A Dockerfile that tells how it was built.
const DOCKERFILE: &str = "FROM python:3.11-slim AS base
ARG WORD=none
FROM base AS test
ARG WORD
RUN echo \"$WORD in test\" > /built && cp told /told 2>/dev/null || true
COPY told /told
FROM base AS last
RUN echo last > /built
COPY told /told
";

const SHOW: &str = "on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: echo \"built as $(cat /built) with $(cat /told), $(cat api/told)\"
";

const BAKE: &str = "variable \"WORD\" { default = \"of-bake\" }
target \"base\" {
  context = \"api\"
  dockerfile = \"ci/Dockerfile\"
}
target \"test\" {
  inherits = [\"base\"]
  target = \"test\"
  args = { WORD = WORD }
  labels = { team = \"ours\" }
  tags = [\"team/tests\"]
}
target \"lint\" { context = \"..\" }
target \"fetched\" { contexts = { more = \"docker-image://x\" } }
";

/// A repository whose image is described beside its Dockerfile, in a part of it.
fn described() -> Project {
    let project = Project::named("described", SHOW);
    project
        .write("api/ci/Dockerfile", DOCKERFILE)
        .write("api/told", "file of the context")
        .write("docker-bake.hcl", BAKE)
        .write(
            "docker-compose.test.yml",
            "services:
  tests:
    profiles: [ci]
    build: { context: api, dockerfile: ci/Dockerfile, args: { WORD: of-compose } }
    command: pytest
  unit:
    build: { context: ., dockerfile: no/Dockerfile }
  odd:
    build: { context: api, ssh: [default] }
  db:
    image: postgres:15
",
        );
    project
}

#[test]
fn an_image_is_built_as_a_bake_target_or_a_service_says() {
    let _built = (
        Built("seatrial/described:test"),
        Built("seatrial/described:tests"),
    );
    let project = described();
    project.write("seatrial.toml", "[image]\nbake = \"test\"\n");
    let ran = project.seatrial(&["run", "test.yml"]);
    assert_nothing_left(&ran);
    let ran = ran
        .expect(0)
        .says("built as of-bake in test with file of the context, file of the context")
        .says("docker-bake.hcl#test: `labels` has no effect");
    assert_ne!(ran.record()["images"][0]["steps"], 0);
    // The same again is the same image, and a changed argument another one.
    let again = project.seatrial(&["run", "test.yml"]).expect(0);
    assert_eq!(again.record()["images"][0]["steps"], 0);
    project
        .seatrial(&["run", "test.yml", "--build-arg", "WORD=of-flag"])
        .expect(0)
        .says("built as of-flag in test");
    // Without a stage it is the last one, and a flag goes over the file.
    let service = ["--compose", "docker-compose.test.yml#tests"];
    let arguments = [&["run", "test.yml"][..], &service].concat();
    project
        .seatrial(&arguments)
        .expect(0)
        .says("built as last with file of the context");
}

#[test]
fn what_describes_no_image_for_tests_is_refused_with_its_place() {
    let project = described();
    let plan = |arguments: &[&str]| project.seatrial(&[&["plan", "test.yml"], arguments].concat());
    plan(&["--bake", "tset"])
        .expect(2)
        .says("docker-bake.hcl (Line: 1, Col: 1): there is no target `tset`")
        .says("did you mean `test`?");
    plan(&["--bake", "fetched"])
        .expect(2)
        .says("docker-bake.hcl (Line: 14, Col: 9): the target `fetched` is built with `contexts`");
    plan(&["--bake", "lint"])
        .expect(2)
        .says("docker-bake.hcl#lint: the context .. lies outside the repository");
    plan(&["--bake", "no.hcl#test"])
        .expect(2)
        .says("no.hcl: No such file");
    let of = |name: &str| plan(&["--compose", &format!("docker-compose.test.yml#{name}")]);
    of("tets").expect(2).says("did you mean `tests`?");
    of("db")
        .expect(2)
        .says("the service `db` is not built")
        .says("`[image] name = \"postgres:15\"`");
    of("odd").expect(2).says("(Line: 9, Col: 28)").says("`ssh`");
    of("unit")
        .expect(2)
        .says("docker-compose.test.yml#unit: the Dockerfile no/Dockerfile: No such file");
    project.write("broken.hcl", "target \"test\" { args = { A = missing } }\n");
    plan(&["--bake", "broken.hcl#test"])
        .expect(2)
        .says("broken.hcl cannot be used: `docker buildx` says: ")
        .says("There is no variable named \"missing\"");
    plan(&["--bake", "test", "--target", "tset"])
        .expect(5)
        .says("api/ci/Dockerfile has no stage `tset`");
    // A scan takes the same image.
    project
        .seatrial(&["scan", "--workflow", "test.yml", "--bake", "tset"])
        .expect(2)
        .says("there is no target `tset`");
    plan(&["--bake", "test", "--compose", "x.yml#y"])
        .expect(2)
        .says("--compose and --bake exclude each other");
}

#[test]
fn what_describes_an_image_for_tests_is_hinted_at_once() {
    let project = described();
    let hint = "docker-compose.test.yml describes an image that looks like the tests' own, the service `tests`";
    let planned = project.seatrial(&["plan", "test.yml"]).expect(0).says(hint);
    assert_eq!(planned.stderr.matches(hint).count(), 1);
    // Nothing is said where the image is settled, and no program was asked.
    for settled in [&["--image", SMALL][..], &["--bake", "test"]] {
        let planned = project.seatrial(&[&["plan", "test.yml"], settled].concat());
        assert!(!planned.stderr.contains(hint), "{}", planned.stderr);
    }
    project.write("Dockerfile.test", "FROM python:3.11-slim\n");
    let planned = project.seatrial(&["plan", "test.yml"]).expect(0);
    assert!(!planned.stderr.contains(hint), "{}", planned.stderr);
}
