//! The history of runs: in a file, and in a real PostgreSQL server in a container. Without an
//! engine these tests fail.
#![allow(clippy::expect_used, clippy::panic)]

mod support;

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use support::postgres::{PASSWORD, server};
use support::{Project, Ran, SMALL};

/// A workflow with one step.
const SMALL_JOB: &str =
    "on: push\njobs:\n  a: {runs-on: ubuntu-latest, steps: [{run: 'echo here'}]}\n";

/// Where a history is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Server,
}

/// A repository with a history of one kind.
struct Place {
    project: Project,
    kind: Kind,
    url: String,
}

impl Place {
    /// An empty history; `name` is that of a database.
    fn new(kind: Kind, name: &str) -> Self {
        let url = match kind {
            Kind::File => String::new(),
            Kind::Server => server().database(name, "sslmode=require"),
        };
        let project = Project::new(SMALL_JOB);
        Self { project, kind, url }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.project.command(arguments);
        if self.kind == Kind::Server {
            command
                .env("SEATRIAL_HISTORY_URL", &self.url)
                .env("SSL_CERT_FILE", server().certificate());
        }
        command
    }

    fn call(&self, arguments: &[&str]) -> Ran {
        let ran = self.project.end(&mut self.command(arguments));
        assert!(!ran.stdout.contains(PASSWORD) && !ran.stderr.contains(PASSWORD));
        ran
    }

    /// Takes a text in through standard input.
    fn import(&self, text: &str) -> Ran {
        let path = self.project.root().join("import.jsonl");
        fs::write(&path, text).expect("a file");
        let mut command = self.command(&["history", "import", "-"]);
        command.stdin(fs::File::open(path).expect("it"));
        self.project.end(&mut command)
    }

    /// Everything in it, a run each line, in order.
    fn export(&self) -> Vec<Value> {
        let ran = self.call(&["history", "export"]).expect(0);
        lines(&ran.stdout)
    }

    fn listed(&self, more: &[&str]) -> Vec<String> {
        let arguments = [&["history", "list", "--format", "json"], more].concat();
        let ran = self.call(&arguments).expect(0);
        let list: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        let runs = list["runs"].as_array().expect("runs");
        let name = |run: &Value| run["run"].as_str().unwrap_or_default().to_owned();
        runs.iter().map(name).collect()
    }
}

fn lines(text: &str) -> Vec<Value> {
    let line = |line| serde_json::from_str(line).expect("JSON");
    text.lines().map(line).collect()
}

/// A run with so many tests, some of them not well.
fn entry(number: u64, tests: u64) -> Value {
    let cases: Vec<Value> = (0..tests)
        .map(|at| match (at + number) % 97 {
            0 => json!({"id": format!("t.py::test_{at}"), "outcome": "failed", "millis": at, "message": "no\u{0}"}),
            1 => json!({"id": format!("t.py::test_{at}"), "outcome": "passed", "millis": at, "retries": 2}),
            2 => json!({"id": format!("t.py::test_{at}"), "outcome": "skipped", "millis": 0}),
            rest => json!({"id": format!("t.py::test_{at}"), "outcome": "passed", "millis": rest}),
        })
        .collect();
    let start = 1_795_382_094_000 + number * 60_000;
    json!({
        "schema": 1,
        "run": format!("20261122-{number:06}-{:012x}", number * 7_919),
        "source": if number.is_multiple_of(2) { "ci" } else { "local" },
        "version": "0.1.0",
        "workflow": ".github/workflows/test.yml",
        "name": "Tests",
        "repository": if number.is_multiple_of(5) { "acme/other" } else { "acme/widgets" },
        "sha": format!("{number:040x}"),
        "reference": if number.is_multiple_of(3) { "refs/heads/topic" } else { "refs/heads/main" },
        "event": "push",
        "dirty": false,
        "partial": false,
        "engine": "docker 27.3.1",
        "cpus": 4,
        "memory": 16_000_000_000_u64,
        "started_at": start,
        "finished_at": start + 50_000,
        "passed": false,
        "exit_code": 1,
        "failures": [{"cause": "tests_failed.tests_failed", "message": "they failed"}],
        "signatures": ["test.assertion"],
        "reports_collected": true,
        "images": [{
            "name": "Dockerfile.test", "origin": "built", "warmth": "partly", "millis": 9000,
            "steps": 3, "cached": 1, "bytes": 123_456_789,
            "layers": [{"name": "RUN pip install", "cached": false, "millis": 8000}]
        }],
        "legs": [{
            "key": "unit (3.11)", "job": "unit", "conclusion": "failure", "queue_millis": 5,
            "startup_millis": 700, "millis": 40_000,
            "steps": [{
                "number": 1, "name": "Run tests", "test": true, "conclusion": "failure",
                "millis": 39_000, "cause": "tests_failed.tests_failed", "tests": cases
            }]
        }],
        "coverage": {
            "lines_valid": 10, "lines_covered": 9, "branches_valid": 0, "branches_covered": 0,
            "files": [{
                "path": "src/calc.py", "lines_valid": 10, "lines_covered": 9,
                "branches_valid": 0, "branches_covered": 0
            }]
        }
    })
}

fn text(entries: &[Value]) -> String {
    entries.iter().map(|entry| format!("{entry}\n")).collect()
}

fn name(number: u64) -> String {
    entry(number, 0)["run"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

/// What holds for a history of either kind.
fn keeps_what_it_is_given(kind: Kind, database: &str) {
    let place = Place::new(kind, database);
    let all: Vec<Value> = (0..12).map(|number| entry(number, 200)).collect();
    place.import(&text(&all)).expect(0).says("added 12 runs");
    place
        .import(&text(&all[..3]))
        .expect(0)
        .says("added 0 runs, knew 3 already");
    assert_eq!(place.export(), all);
    let newest: Vec<String> = (0..12).rev().map(name).collect();
    assert_eq!(place.listed(&[]), newest);
    assert_eq!(place.listed(&["--limit", "2"]), newest[..2]);
    assert_eq!(place.listed(&["--branch", "topic"]), [9, 6, 3, 0].map(name));
    assert_eq!(
        place.listed(&["--repository", "acme/other"]),
        [10, 5, 0].map(name)
    );
    assert_eq!(
        place.listed(&["--workflow", "test.yml", "--limit", "1"]),
        [name(11)]
    );
    assert_eq!(place.listed(&["--workflow", "none.yml"]), [""; 0]);
    assert_eq!(place.listed(&["--since", "1s"]), [""; 0]);
    follows(&place, &all);
    place
        .call(&["history", "list"])
        .expect(0)
        .says("tests_failed.tests_failed")
        .says("90.0 %");
    let latest = place.call(&["history", "show", "latest", "--format", "json"]);
    let latest: Value = serde_json::from_str(&latest.expect(0).stdout).expect("JSON");
    assert_eq!(latest["run"], place.listed(&["--limit", "1"])[0].as_str());
    let shown = place.call(&["history", "show", &name(4)[..17], "--format", "json"]);
    let shown: Value = serde_json::from_str(&shown.expect(0).stdout).expect("JSON");
    assert_eq!(shown, all[4]);
    place
        .call(&["history", "show", &name(4)])
        .expect(0)
        .says("ci, docker, 4 cores, 16 GiB")
        .says("t.py::test_93")
        .says("flaky: passed after 2 failures");
    place
        .call(&["history", "show", "2026"])
        .expect(2)
        .says("`2026` can be 12 runs");
    place
        .call(&["history", "show", "1999"])
        .expect(2)
        .says("the history has no run `1999`");
    place
        .call(&[
            "history",
            "prune",
            "--keep",
            "2",
            "--repository",
            "acme/other",
        ])
        .expect(0)
        .says("removed 1 run, 11 left");
    place
        .call(&["history", "prune", "--keep", "2"])
        .expect(0)
        .says("removed 7 runs, 4 left");
    assert_eq!(place.listed(&[]), [11, 10, 9, 5].map(name).as_slice());
    place
        .call(&["history", "prune", "--older-than", "1s"])
        .expect(0)
        .says("removed 4 runs, 0 left");
    place
        .call(&["history", "list"])
        .expect(0)
        .says("no run of these is in the history");
    place.call(&["history", "prune"]).expect(2);
    decisions_come_in(&place);
}

/// Decisions about a roll-out are lines of an export as well, behind the runs.
fn decisions_come_in(place: &Place) {
    let decision = |at: u64, id: &str, repository: &str| {
        json!({
            "schema": 1,
            "decision": {
                "id": id, "at": at, "repository": repository, "workflow": ".github/workflows/test.yml",
                "sha": format!("{at:040x}"), "kind": "roll_back", "before": "true", "after": "false",
                "reason": "3 runs in a row lost reports", "triggers": ["lost_reports"],
                "done": ["CI_USE_DOCKER_TESTS is false"],
            }
        })
    };
    let all = [
        entry(7, 1),
        decision(1_000, "b0b", "acme/widgets"),
        decision(2_000, "a11ce", "acme/other"),
    ];
    let ran = place.import(&text(&all)).expect(0);
    assert_eq!(ran.stdout, "added 1 run and 2 decisions\n");
    assert_eq!(place.export(), all);
    let again = place.import(&text(&all[1..])).expect(0);
    assert_eq!(again.stdout, "added 0 runs, knew 2 already\n");
    let only = ["history", "export", "--repository", "acme/other"];
    assert_eq!(lines(&place.call(&only).expect(0).stdout), all[2..]);
    let since = place
        .call(&["history", "export", "--since", "1d"])
        .expect(0);
    assert_eq!(since.stdout, "");
    let mut bad = decision(3_000, "no name", "acme/other");
    place
        .import(&text(&[bad.clone()]))
        .expect(2)
        .says("standard input:1: the decision has no usable name");
    bad["schema"] = json!(2);
    place
        .import(&text(&[bad]))
        .expect(2)
        .says("later version of seatrial");
}

/// Trends are read without the tests of the runs, and in the order of time.
fn follows(place: &Place, all: &[Value]) {
    let sizes = |more: &[&str]| {
        let arguments = ["trends", "--metric", "image-size", "--format", "json"];
        let ran = place.call(&[&arguments, more].concat()).expect(0);
        let trends: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        let mut groups: Vec<Vec<String>> = Vec::new();
        for group in trends["groups"].as_array().expect("groups") {
            let points = group["trends"][0]["points"].as_array().expect("points");
            let name = |point: &Value| point["run"].as_str().unwrap_or_default().to_owned();
            groups.push(points.iter().map(name).collect());
        }
        groups
    };
    let groups = sizes(&[]);
    assert_eq!(groups.len(), 4, "two repositories on two kinds of machines");
    assert!(groups.iter().all(|group| group.is_sorted()));
    let mut runs = groups.concat();
    runs.sort();
    let names = all
        .iter()
        .map(|entry| entry["run"].as_str().unwrap_or_default());
    assert!(names.eq(runs.iter().map(String::as_str)));
    assert_eq!(sizes(&["--limit", "2"]).concat(), [name(11), name(10)]);
    assert_eq!(sizes(&["--branch", "topic"]).concat().len(), 4);
}

#[test]
fn a_file_keeps_what_it_is_given() {
    keeps_what_it_is_given(Kind::File, "");
}

#[test]
fn a_server_keeps_what_it_is_given() {
    keeps_what_it_is_given(Kind::Server, "keeps");
}

/// Numbers that look like chance and are the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap_or(0) % limit
    }
}

/// Two processes add runs and are killed after any byte, again and again; a third goes on to
/// its end.
fn survives_kills(kind: Kind, database: &str, seed: u64) {
    const ROUNDS: u64 = 6;
    const RUNS: u64 = 8;
    let place = Place::new(kind, database);
    let mut chance = Chance(seed);
    let mut all: Vec<Value> = Vec::new();
    for round in 0..ROUNDS {
        let batch = |writer: u64| {
            let first = (round * 2 + writer) * RUNS;
            (first..first + RUNS).map(|number| entry(number, 600))
        };
        let writers: Vec<_> = [0, 1]
            .map(|writer| batch(writer).collect::<Vec<_>>())
            .to_vec();
        let handles: Vec<_> = writers
            .iter()
            .map(|entries| {
                let text = text(entries);
                let cut = chance.below(text.len());
                let mut child = place
                    .command(&["history", "import", "-"])
                    .stdin(Stdio::piped())
                    .stdout(Stdio::null())
                    .stderr(Stdio::null())
                    .spawn()
                    .expect("seatrial can be started");
                let mut stdin = child.stdin.take().expect("its input");
                std::thread::spawn(move || {
                    // More than a pipe holds: what is behind has been read when it returns.
                    let _ = stdin.write_all(&text.as_bytes()[..cut]);
                    child.kill().expect("a kill");
                    child.wait().expect("its end");
                })
            })
            .collect();
        for handle in handles {
            handle.join().expect("a writer");
        }
        all.extend(writers.into_iter().flatten());
    }
    let there = place.export();
    assert!(there.len() < all.len(), "nobody was killed in time");
    assert!(there.iter().all(|entry| all.contains(entry)));
    // Nothing is left in the way of those who come after, and nothing is there twice.
    place.import(&text(&all)).expect(0);
    assert_eq!(place.export(), all);
}

#[test]
fn a_file_survives_writers_that_are_killed() {
    survives_kills(Kind::File, "", 7);
}

#[test]
fn a_server_survives_writers_that_are_killed() {
    survives_kills(Kind::Server, "kills", 11);
}

#[test]
fn each_run_is_added_by_itself() {
    let project = Project::new(
        "on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: echo ${{ secrets.TOKEN }}; exit ${{ vars.code }}
        name: with ${{ secrets.TOKEN }}
",
    );
    let run = |code: &str, more: &[&str]| {
        let code = format!("code={code}");
        project.run_in(
            SMALL,
            &[&["--var", &code, "--secret", "TOKEN=sesame-open"], more].concat(),
        )
    };
    run("0", &[]).expect(0);
    run("3", &[]).expect(9);
    run("0", &["--no-history"]).expect(0);
    let export = project.seatrial(&["history", "export"]).expect(0).stdout;
    let runs = lines(&export);
    assert_eq!(runs.len(), 2);
    assert_eq!(
        (&runs[0]["passed"], &runs[1]["passed"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(
        runs[1]["failures"][0]["cause"],
        "command_failed.step_failed"
    );
    assert_eq!(runs[0]["source"], "local");
    assert!(runs[0]["images"][0]["bytes"].as_u64() > Some(1_000_000));
    // What is known of a run that is kept is what was added by itself.
    for file in ["history.db", "history.db-wal"] {
        let bytes = fs::read(project.root().join(".seatrial").join(file)).unwrap_or_default();
        assert!(!bytes.windows(11).any(|part| part == b"sesame-open"));
    }
    assert!(!export.contains("sesame-open"));
    project
        .seatrial(&["history", "import", ".seatrial/runs"])
        .expect(0)
        .says("added 1 run, knew 2 already");
    project.write("seatrial.toml", "[history]\nenabled = false\n");
    run("0", &[]).expect(0);
    let list = project.seatrial(&["history", "list"]).expect(0);
    assert_eq!(list.stdout.lines().count(), 4, "{}", list.stdout);
}

#[test]
fn the_page_has_charts_of_a_server_too() {
    let place = Place::new(Kind::Server, "charts");
    let page = || {
        place
            .call(&["run", "test.yml", "--image", SMALL])
            .expect(0)
            .file("report.html")
    };
    let charts = "<div class=\"charts\">";
    assert!(!page().contains(charts));
    assert!(page().contains(charts));
}

#[test]
fn trouble_with_the_history_changes_no_verdict() {
    let project = Project::new(SMALL_JOB);
    let path = project.root().join(".seatrial/history.db");
    project.run_in(SMALL, &[]).expect(0);
    fs::write(&path, "no database ".repeat(1000)).expect("a file");
    for end in ["-wal", "-shm"] {
        let _ = fs::remove_file(path.with_file_name(format!("history.db{end}")));
    }
    project
        .run_in(SMALL, &[])
        .expect(0)
        .says("warning: the history was damaged; it is kept as")
        .says("a new one has been begun");
    // In place of the file something that cannot be opened.
    fs::remove_file(&path).expect("it");
    fs::create_dir(&path).expect("a folder");
    project
        .run_in(SMALL, &[])
        .expect(0)
        .says("warning: the run is not in the history");
    fs::remove_dir(&path).expect("it");
    std::os::unix::fs::symlink("/tmp/elsewhere.db", &path).expect("a link");
    project
        .run_in(SMALL, &[])
        .expect(0)
        .says("history.db is a symbolic link; seatrial does not write through it");
    let mut nobody = project.command(&["run", "test.yml", "--image", SMALL]);
    nobody.env(
        "SEATRIAL_HISTORY_URL",
        "postgres://ann:hunter2@127.0.0.1:1/ci",
    );
    let ran = project.end(&mut nobody).expect(0);
    assert!(!ran.stdout.contains("hunter2") && !ran.stderr.contains("hunter2"));
    ran.says("the history's server cannot be used (postgres://ann@127.0.0.1:1/ci)")
        .says("hint: later, `seatrial history import .seatrial/runs/");
    // One that takes the call and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("an address").port();
    let url = format!("postgres://127.0.0.1:{port}/ci?connect_timeout=1");
    nobody.env("SEATRIAL_HISTORY_URL", url);
    project
        .end(&mut nobody)
        .expect(0)
        .says("it has not answered for 4 s");
}

#[test]
fn what_is_wrong_with_a_server_is_told() {
    let place = Place::new(Kind::Server, "wrong");
    let list = |url: &str, certificate: bool| {
        let mut command = place.command(&["history", "list"]);
        command.env("SEATRIAL_HISTORY_URL", url);
        if !certificate {
            command.env("SSL_CERT_FILE", "/dev/null");
        }
        let ran = place.project.end(&mut command);
        assert!(!ran.stderr.contains(PASSWORD));
        ran
    };
    list(&place.url, true).expect(0);
    // Its certificate is not one that is trusted.
    list(&place.url, false)
        .expect(10)
        .says("TLS")
        .says("SSL_CERT_FILE names a file of certificates to trust");
    let open = place.url.replace("require", "disable");
    list(&open, false).expect(0);
    list(&open.replace(PASSWORD, "guess"), true)
        .expect(10)
        .says("password authentication failed");
    list(&open.replace("/wrong?", "/nowhere?"), true)
        .expect(10)
        .says("database \"nowhere\" does not exist");
    list("postgres://ann:hun#ter2@127.0.0.1:x/ci", true)
        .expect(10)
        .says("is no URL of a PostgreSQL server");
    list("hunter2", true)
        .expect(2)
        .says("the value of SEATRIAL_HISTORY_URL cannot be used");
    // A later version has changed it.
    server().run("wrong", "UPDATE seatrial_schema SET version = 99");
    list(&place.url, true)
        .expect(0)
        .says("a later version of seatrial made the history (form 99");
    place
        .import(&text(&[entry(1, 1)]))
        .expect(10)
        .says("it is only read");
    let prune = ["history", "prune", "--keep", "0"];
    place.call(&prune).expect(10).says("it is only read");
    // And an earlier one: without what came later.
    server().run(
        "wrong",
        "UPDATE seatrial_schema SET version = 1; DROP INDEX seatrial_runs_by_time, seatrial_runs_by_workflow, seatrial_runs_by_repository, seatrial_troubles_by_test; DROP TABLE seatrial_decisions",
    );
    place.import(&text(&[entry(1, 1)])).expect(0);
    let version = server().run("wrong", "SELECT version FROM seatrial_schema");
    assert_eq!(version.trim(), "3");
    // Somebody who may only read.
    let sql = "CREATE ROLE reader LOGIN PASSWORD 'reads'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader";
    server().run("wrong", sql);
    let reader = open.replace("postgres:hunter2-secret@", "reader:reads@");
    list(&reader, true).expect(0).says("tests_failed");
}

/// A way to a server on which nothing comes back any more once something of `seatrial_` was
/// asked: as from one that has frozen. Gives its port.
fn freezing(server: String) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.expect("a connection");
            let mut server = TcpStream::connect(&server).expect("the server");
            let frozen = Arc::new(AtomicBool::new(false));
            let mut back = (
                server.try_clone().expect("it"),
                client.try_clone().expect("it"),
            );
            let is_frozen = Arc::clone(&frozen);
            std::thread::spawn(move || {
                let mut part = [0; 4096];
                while let Ok(length @ 1..) = back.0.read(&mut part) {
                    if !is_frozen.load(Ordering::SeqCst) {
                        let _ = back.1.write_all(&part[..length]);
                    }
                }
            });
            std::thread::spawn(move || {
                let mut part = [0; 4096];
                while let Ok(length @ 1..) = client.read(&mut part) {
                    let asked = part[..length].windows(9).any(|word| word == b"seatrial_");
                    frozen.fetch_or(asked, Ordering::SeqCst);
                    let _ = server.write_all(&part[..length]);
                }
            });
        }
    });
    port
}

#[test]
fn a_server_that_freezes_is_not_waited_for_without_end() {
    let place = Place::new(Kind::Server, "freezes");
    place.import(&text(&[entry(1, 1)])).expect(0);
    let list = |url: &str| {
        let mut command = place.command(&["history", "list"]);
        command.env("SEATRIAL_HISTORY_URL", url);
        place.project.end(&mut command)
    };
    let open = place.url.replace("require", "disable");
    let host = open
        .split(['@', '/'])
        .find(|part| part.contains("127.0.0.1"));
    let host = host.expect("a host").to_owned();
    let frozen = open.replace(&host, &format!("127.0.0.1:{}", freezing(host.clone())));
    let ran = list(&frozen)
        .expect(10)
        .says("error: the history's server cannot be used (postgres://postgres@127.0.0.1:")
        .says("it has not answered for 10 s");
    assert!(!ran.stderr.contains(PASSWORD));
    // One that takes the call and never says a word.
    let mute = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = mute.local_addr().expect("an address").port();
    list(&format!("postgres://127.0.0.1:{port}/ci?connect_timeout=1"))
        .expect(10)
        .says("it has not answered for 4 s");
}

#[test]
fn runs_of_ci_come_in() {
    let project = Project::new(SMALL_JOB);
    let ran = project.run_in(SMALL, &["--no-history"]).expect(0);
    let run = ran.record()["info"]["id"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let folder = project.root().join(".seatrial/runs").join(&run);
    let root = project.root().to_path_buf();
    let shell = |script: &str| {
        let done = Command::new("sh")
            .args(["-ec", script])
            .current_dir(&root)
            .status();
        assert!(done.expect("a shell").success());
    };
    shell(&format!(
        "mkdir ci && cp -r .seatrial/runs/{run} ci/one && tar czf one.tar.gz -C ci . && zip -qr outer.zip one.tar.gz"
    ));
    fs::write(root.join("ci/one/run.json"), "{").expect("a file");
    let import = |what: &[&str]| project.seatrial(&[&["history", "import"], what].concat());
    // Its events tell of it all the same.
    import(&["ci"])
        .expect(2)
        .says("ci/one/run.json: this is no JSON")
        .says("added 1 run");
    import(&["ci/one/events.jsonl"])
        .expect(0)
        .says("knew 1 already");
    import(&["outer.zip"]).expect(0).says("knew 1 already");
    import(&["nowhere"]).expect(2).says("nowhere: No such file");
    import(&[".github"]).expect(2).says("there is no run in it");
    // Bad lines are named, and the others come in.
    let later = json!({"schema": 99, "run": "x"});
    let odd = json!({"schema": 1, "run": "../x"});
    project.write(
        "mixed.jsonl",
        &format!(
            "{}\n\n{later}\n{odd}\n{{\"run\": \n{}",
            entry(1, 3),
            entry(2, 3)
        ),
    );
    import(&["mixed.jsonl"])
        .expect(2)
        .says("added 2 runs")
        .says("mixed.jsonl:3: it was written by a later version of seatrial (schema 99")
        .says("mixed.jsonl:4: this is no run of a history")
        .says("mixed.jsonl:5: this is no JSON");
    // Events alone tell of a run that has no end, and its record of the rest.
    let events = fs::read_to_string(folder.join("events.jsonl")).expect("events");
    let half: String = events
        .lines()
        .take(4)
        .map(|line| format!("{line}\n"))
        .collect();
    project.write(
        "half/events.jsonl",
        &half.replace(&run, "20261122-000000-half"),
    );
    import(&["half"]).expect(0).says("added 1 run");
    project
        .seatrial(&["history", "show", "20261122-000000-half"])
        .expect(0)
        .says("no verdict");
    let whole = fs::read_to_string(folder.join("run.json")).expect("a record");
    project.write(
        "half/run.json",
        &whole.replace(&run, "20261122-000000-half"),
    );
    import(&["half"]).expect(0).says("completed 1");
    project
        .seatrial(&["history", "export", "-o", "all.jsonl"])
        .expect(0);
    let exported = fs::read_to_string(root.join("all.jsonl")).expect("it");
    assert_eq!(lines(&exported).len(), 4);
}

#[test]
fn without_a_history_there_is_a_way_to_one() {
    let project = Project::new(SMALL_JOB);
    for command in ["list", "export", "show"] {
        let arguments: &[&str] = match command {
            "show" => &["history", "show", "2026"],
            _ => &["history", command],
        };
        project
            .seatrial(arguments)
            .expect(2)
            .says("there is no history in")
            .says("`seatrial run` begins one");
    }
    assert!(!project.root().join(".seatrial").exists());
}
