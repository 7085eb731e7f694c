//! Services and options of containers on a real Docker Engine. Without an engine these
//! tests fail.
#![allow(clippy::expect_used, clippy::panic)]

mod support;

use support::{PYTHON, Project, SMALL, docker, left_of};

/// A database that is ready soon: no password, and nothing kept on disk.
const POSTGRES: &str = "      db:
        image: postgres:15
        env: { POSTGRES_HOST_AUTH_METHOD: trust }
        options: >-
          --health-cmd pg_isready --health-interval 10s --health-timeout 5s
          --health-retries 12 --tmpfs /var/lib/postgresql/data
";

/// Asks a PostgreSQL server for encryption, which each answers with one letter, and a
/// Redis server for a sign of life.
const ASK: &str = "
import socket, sys
def ask(host, port, question):
    with socket.create_connection((host, int(port)), 10) as server:
        server.sendall(question)
        return server.recv(100).decode().strip()
for place in sys.argv[1:]:
    kind, host, port = place.split(':')
    question = b'\\0\\0\\0\\x08\\x04\\xd2\\x16\\x2f' if kind == 'pg' else b'PING\\r\\n'
    print(place, 'says', ask(host, port, question))
";

/// A workflow with one job that has these services (YAML, indented by six spaces) and
/// these steps.
fn with_services(services: &str, steps: &str) -> Project {
    let project = Project::new(&format!(
        "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    services:\n{services}    steps:\n      - uses: actions/checkout@v4\n{steps}"
    ));
    project.write("ask.py", ASK);
    project
}

#[test]
fn services_are_reached_by_localhost_and_by_their_label() {
    let services = format!(
        "{POSTGRES}        ports: ['5432:5432']\n      cache:\n        image: redis:7\n        ports: ['6380:6379']\n      idle:\n        image: {SMALL}\n        command: sleep 600\n      none:\n        image: ${{{{ '' }}}}\n"
    );
    let project = with_services(
        &services,
        "      - run: python3 ask.py pg:localhost:5432 pg:db:5432 redis:cache:6379 redis:localhost:6380
      - run: python3 ask.py redis:localhost:${{ job.services.cache.ports['6379'] }}
      - run: test ${{ job.services.db.ports['5432'] }} = 5432 && test -n '${{ job.services.db.id }}' && test -n '${{ job.container.network }}'
",
    );
    let ran = project
        .run_in(PYTHON, &[])
        .expect(0)
        .says("pg:localhost:5432 says N")
        .says("pg:db:5432 says N")
        .says("redis:cache:6379 says +PONG")
        .says("redis:localhost:6380 says +PONG")
        .says("service db (postgres:15): healthy")
        .says("the service `none` has an empty image and is not started");
    assert!(
        ran.file("logs/test/service-db.log")
            .contains("ready to accept connections")
    );
    assert!(ran.file("logs/test/service-cache.log").contains("Redis"));
}

#[test]
fn two_services_on_one_port_get_a_network_of_their_own() {
    let project = with_services(
        "      one:
        image: redis:7
        ports: ['6379:6379']
      two:
        image: redis:7
        ports: ['6380:6379']
      three:
        image: redis:7
        ports: [6379]
",
        "      - run: python3 ask.py redis:localhost:6379 redis:localhost:6380 redis:one:6379 redis:two:6379
      - run: python3 ask.py redis:localhost:${{ job.services.three.ports['6379'] }}
",
    );
    project
        .run_in(PYTHON, &[])
        .expect(0)
        .says("both use port 6379")
        .says("redis:localhost:6380 says +PONG")
        .says("redis:two:6379 says +PONG")
        .says("redis:localhost:49152 says +PONG");
}

#[test]
fn busybox_can_forward_a_port_too() {
    let project = with_services(
        "      cache:
        image: redis:7
        ports: ['7000:6379']
",
        "      - run: printf 'PING\\r\\nQUIT\\r\\n' | nc -w 5 localhost 7000\n",
    );
    project.run_in(SMALL, &[]).expect(0).says("+PONG");
}

#[test]
fn a_service_that_never_becomes_healthy_fails_the_job_with_its_log() {
    let project = with_services(
        &format!(
            "      sick:
        image: {SMALL}
        entrypoint: sh
        command: -c \"echo I am not well; sleep 600\"
        options: --health-cmd \"echo no luck; exit 1\" --health-interval 1s --health-retries 2
"
        ),
        "      - run: echo not reached\n",
    );
    let ran = project
        .run_in(SMALL, &[])
        .expect(10)
        .says("the service `sick` did not become healthy")
        .says("no luck")
        .says("I am not well");
    assert_eq!(ran.cause(), "infrastructure.service_unhealthy");
    assert!(
        ran.file("logs/test/service-sick.log")
            .contains("I am not well")
    );
    assert!(!ran.stdout.contains("│ not reached"));
}

#[test]
fn a_service_that_ends_fails_the_job_with_its_log() {
    let project = with_services(
        "      cache:
        image: redis:7
        command: redis-server --no-such-option
",
        "      - run: echo not reached\n",
    );
    let ran = project
        .run_in(SMALL, &[])
        .expect(9)
        .says("the service `cache` ended with exit code 1 before it was ready");
    assert_eq!(ran.cause(), "command_failed.service_exited");
    assert!(ran.stdout.contains("no-such-option"), "{}", ran.stdout);
}

#[test]
fn a_service_that_ends_while_the_steps_run_is_told() {
    let project = with_services(
        &format!(
            "      short:
        image: {SMALL}
        command: sh -c \"nc -l -p 7001; exit 3\"
"
        ),
        "      - run: |
          until echo bye | nc -w 1 localhost 7001; do sleep 0.1; done
          while nc -w 1 localhost 7001 </dev/null; do sleep 0.1; done
          sleep 1
",
    );
    project
        .run_in(SMALL, &[])
        .expect(0)
        .says("the service `short` ended with exit code 3 before the job did");
}

#[test]
fn an_interrupt_while_services_start_leaves_nothing() {
    let project = with_services(
        &format!(
            "      slow:
        image: {SMALL}
        command: sh -c \"echo started; sleep 600\"
        options: --health-cmd \"false\" --health-interval 30s --health-retries 20
"
        ),
        "      - run: echo not reached\n",
    );
    let started = project.start_until(&["run", "test.yml", "--image", SMALL], "Set up job");
    let label = project.label();
    let slow = [
        "ps",
        "-q",
        "--filter",
        "name=-test-slow",
        "--filter",
        &label,
    ];
    while docker(&slow).is_empty() {
        std::thread::yield_now();
    }
    started.signal("INT");
    let ran = started.wait().expect(130);
    support::assert_nothing_left(&ran);
}

#[test]
fn volumes_and_options_of_a_jobs_container() {
    let project = Project::new(&format!(
        "on: push
jobs:
  test:
    runs-on: ubuntu-latest
    container:
      image: {SMALL}
      env: {{ FROM_ENV: \"yes\", BOTH: env }}
      volumes: ['data:/data', /own]
      ports: [80]
      options: >-
        --hostname box --add-host other:127.0.0.9 -e FROM_OPTIONS=1 -e BOTH=options
        --tmpfs /memory:size=1m --ulimit nofile=99:99 --user 1234:1234 --name x --memory 64m
    env: {{ JOB: \"yes\" }}
    steps:
      - run: |
          test \"$FROM_ENV$FROM_OPTIONS$BOTH$JOB\" = yes1envyes
          test \"$(hostname)\" = box
          grep -q '127.0.0.9.other' /etc/hosts
          test -d /own && grep -q ' /data ' /proc/mounts
          grep -q ' /memory tmpfs' /proc/mounts
          test \"$(ulimit -n)\" = 99
          test \"$(id -u)\" = 1234
          echo \"env is <${{{{ env.FROM_ENV }}}}> in <${{{{ job.container.network }}}}>\"
"
    ));
    let ran = project
        .run_in(SMALL, &[])
        .expect(0)
        .says("env is <> in <bridge>")
        .says("`--name` has no effect here");
    let id = ran.record()["info"]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    assert_eq!(left_of(&id), "");
    assert!(!docker(&["volume", "ls", "-q"]).contains(&id));
}

#[test]
fn rights_over_the_machine_are_refused_before_anything_runs() {
    let project = Project::new(&format!(
        "on: push
jobs:
  test:
    runs-on: ubuntu-latest
    container:
      image: {SMALL}
      options: --cap-add NET_ADMIN
    steps:
      - run: grep CapEff /proc/self/status
"
    ));
    project
        .run_in(SMALL, &[])
        .expect(6)
        .says("(Line: 7, Col: ")
        .says("`--cap-add=NET_ADMIN` gives a container rights over this machine")
        .says("[container] allow = [\"--cap-add=NET_ADMIN\"]");
    project.write(
        "seatrial.toml",
        "[container]\nallow = [\"--cap-add=NET_ADMIN\"]\n",
    );
    // NET_ADMIN is bit 12.
    project.run_in(SMALL, &[]).expect(0).says("00000000000010");
}

#[test]
fn secrets_cannot_be_seen_from_outside_but_in_a_service() {
    let project = Project::new(&format!(
        "on: push
jobs:
  test:
    runs-on: ubuntu-latest
    container:
      image: {SMALL}
      env: {{ TOKEN: '${{{{ secrets.TOKEN }}}}' }}
    services:
      other:
        image: {SMALL}
        command: sh -c \"echo it is $TOKEN; sleep 600\"
        env: {{ TOKEN: '${{{{ secrets.TOKEN }}}}' }}
    steps:
      - run: test \"$TOKEN\" = s3cr3t-value && echo waiting && until [ -e /tmp/go ]; do sleep 0.1; done
"
    ));
    let mut command = project.command(&["run", "test.yml", "--secret", "TOKEN"]);
    command.env("TOKEN", "s3cr3t-value");
    let started = project.start(command, "│ waiting");
    let own = docker(&[
        "ps",
        "-q",
        "--filter",
        "name=-test$",
        "--filter",
        &project.label(),
    ]);
    assert!(!own.is_empty());
    let shown = docker(&["inspect", &own]);
    assert!(shown.contains("dev.seatrial.run") && !shown.contains("s3cr3t-value"));
    docker(&["exec", &own, "touch", "/tmp/go"]);
    let ran = started.wait().expect(0).says("`docker inspect` shows");
    support::assert_nothing_left(&ran);
    let log = ran.file("logs/test/service-other.log");
    assert!(log.contains("it is ***"), "{log}");
}

#[test]
fn without_an_engine_services_cannot_be_had() {
    let project = with_services("      cache: { image: redis:7 }\n", "      - run: 'true'\n");
    let mut command = project.command(&["run", "test.yml", "--engine", "host"]);
    project
        .end(command.env("DOCKER_HOST", "unix:///nonexistent/docker.sock"))
        .expect(2)
        .says("has services, which need a container engine");
}

#[test]
fn a_plan_names_services() {
    let project = with_services(
        "      cache: { image: 'redis:${{ 7 }}' }\n",
        "      - run: 'true'\n",
    );
    project
        .seatrial(&["plan", "test.yml"])
        .expect(0)
        .says("service cache (redis:7)");
}

#[test]
fn a_server_on_the_ipv6_loopback_can_be_reached() {
    let script = r"
import socket, threading
server = socket.create_server(('::1', 0), family=socket.AF_INET6)
threading.Thread(target=lambda: server.accept()[0].sendall(b'hello'), daemon=True).start()
client = socket.create_connection(('::1', server.getsockname()[1]), 10)
print('it says', client.recv(10).decode())
";
    let steps = "      - run: python3 loopback.py\n";
    for services in [
        "",
        // Both want port 6379, so they get a network of the job's own.
        "    services:\n      a: { image: 'redis:7' }\n      b: { image: 'redis:7' }\n",
    ] {
        let project = Project::new(&format!(
            "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n{services}    steps:\n      - uses: actions/checkout@v4\n{steps}"
        ));
        project.write("loopback.py", script);
        project.run_in(PYTHON, &[]).expect(0).says("it says hello");
    }
}
