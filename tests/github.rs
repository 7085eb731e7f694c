//! The commands that go to GitHub, against a GitHub with state. `GITHUB_API_URL` leads there.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "support/github/mod.rs"]
mod fake;
mod support;

use std::io::Write;
use std::process::Command;

use fake::{Caller, Content, Fake, Job, Level, Run};
use flate2::Compression;
use flate2::write::DeflateEncoder;
use rawzip::CompressionMethod;
use serde_json::json;
use support::{Project, Ran};

const WORKFLOW: &str =
    "on: push\njobs:\n  unit:\n    runs-on: ubuntu-latest\n    steps:\n      - run: pytest\n";

/// A token that must show up nowhere.
const TOKEN: &str = "ghp_hunter2hunter2";

/// A GitHub that knows the token.
fn fake() -> Fake {
    let fake = Fake::start();
    fake.with(|state| state.tokens.insert(TOKEN.to_owned(), Caller::user("ann")));
    fake
}

/// A command of seatrial in a project, with the way to the fake and nothing of this machine's.
fn command(project: &Project, fake: &Fake, arguments: &[&str]) -> Command {
    let mut command = project.command(arguments);
    for name in [
        "GH_TOKEN",
        "GH_HOST",
        "GH_REPO",
        "GITHUB_SERVER_URL",
        "GITHUB_EVENT_PATH",
    ] {
        command.env_remove(name);
    }
    command
        .env("GITHUB_API_URL", fake.api())
        .env("GITHUB_TOKEN", TOKEN)
        .env("GITHUB_REPOSITORY", "octo/sea");
    command
}

fn run(project: &Project, command: &mut Command) -> Ran {
    let output = command.output().expect("seatrial can be started");
    let ran = project.ran(&output);
    let all = format!("{}{}", ran.stdout, ran.stderr);
    assert!(!all.contains(TOKEN), "the token is shown:\n{all}");
    ran
}

fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let mut output = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut output);
    for (name, text) in files {
        let (mut entry, config) = archive
            .new_file(name)
            .compression_method(CompressionMethod::DEFLATE)
            .start()
            .unwrap();
        let mut writer = config.wrap(DeflateEncoder::new(&mut entry, Compression::default()));
        writer.write_all(text.as_bytes()).unwrap();
        let (encoder, descriptor) = writer.finish().unwrap();
        encoder.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap();
    output
}

/// A log of a step that failed for a module that is not there.
fn log(module: &str) -> String {
    let at = "2026-11-26T10:00:00.0000000Z ";
    format!(
        "{at}E   ModuleNotFoundError: No module named '{module}'\n\
         {at}##[error]Process completed with exit code 2.\n"
    )
}

/// A run with two legs, one of which failed, and an artifact.
fn failed_run() -> Run {
    let job = |name: &str, conclusion: &str| Job {
        name: name.to_owned(),
        conclusion: conclusion.to_owned(),
        steps: vec![
            ("Set up job".to_owned(), "success".to_owned()),
            ("Run pytest".to_owned(), conclusion.to_owned()),
        ],
    };
    let logs = zip(&[
        ("0_unit (3.11).txt", "all of it"),
        ("unit (3.11)/1_Set up job.txt", &log("of_set_up")),
        ("unit (3.11)/2_Run pytest.txt", &log("yaml")),
        (
            "unit (3.12)/2_Run pytest.txt",
            &log("of_a_leg_that_succeeded"),
        ),
    ]);
    let artifact = zip(&[(
        "server.log",
        "OSError: [Errno 28] No space left on device\n",
    )]);
    Run {
        jobs: vec![job("unit (3.11)", "failure"), job("unit (3.12)", "success")],
        logs: Some(Content::Kept(logs)),
        artifacts: vec![
            ("server".to_owned(), Content::Kept(artifact)),
            ("old".to_owned(), Content::Expired),
        ],
        ..Run::completed(4711, "failure")
    }
}

/// What a job in shadow uploads.
fn shadow() -> Vec<u8> {
    let facts = "schema=1
repository=octo/sea
workflow=.github/workflows/test.yml
name=Tests
sha=c0ffee
ref=refs/heads/main
event=push
run_id=4711
attempt=1
job=unit
cpus=4
memory=17179869184
engine=20.10.24
began=1793000000
ended=1793000060
runner=success
container=failure
";
    let report = |failure: &str| {
        format!(
            "<testsuite name='pytest' tests='1'><testcase classname='test_it' name='test_one' time='0.1'>{failure}</testcase></testsuite>"
        )
    };
    zip(&[
        ("runner/junit.xml", &report("")),
        (
            "container/junit.xml",
            &report("<failure message='no clock'>no clock</failure>"),
        ),
        ("shadow.env", facts),
    ])
}

#[test]
fn an_import_fetches_what_runs_left() {
    let (fake, project) = (fake(), Project::new(WORKFLOW));
    fake.repo(|repo| {
        let artifacts = vec![
            ("server".to_owned(), Content::Kept(b"no archive".to_vec())),
            ("seatrial-old-0".to_owned(), Content::Expired),
            ("seatrial-shadow-unit-0".to_owned(), Content::Kept(shadow())),
        ];
        repo.runs.push(Run {
            artifacts,
            ..Run::completed(4711, "success")
        });
        repo.runs.push(Run {
            status: "in_progress".to_owned(),
            conclusion: None,
            ..Run::completed(4712, "success")
        });
        repo.runs.push(Run {
            file: "lint.yml".to_owned(),
            ..Run::completed(4713, "success")
        });
    });
    let import = |arguments: &[&str]| {
        let all = [&["history", "import"], arguments].concat();
        run(&project, &mut command(&project, &fake, &all))
    };
    let last = ["--github-runs", "10", "--workflow", "test.yml"];
    let ran = import(&last);
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (0, "added 2 runs\n"),
        "{}",
        ran.stderr
    );
    for part in [
        "run 4711 of Tests: 2 of 3 artifacts",
        "run 4711 of Tests: the artifact seatrial-old-0 is no longer kept",
        "run 4712 of Tests is not over: it is left out",
    ] {
        assert!(ran.stderr.contains(part), "{part} in {}", ran.stderr);
    }
    assert!(!ran.stderr.contains("4713"), "{}", ran.stderr);
    assert_eq!(
        import(&["--github-run", "4711"]).stdout,
        "added 0 runs, knew 2 already\n"
    );
    // What is named by hand may be anything, and is said to be nothing.
    let ran = import(&["--github-run", "4711", "--artifact", "server"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    let ran = import(&["--github-run", "4711", "--artifact", "none"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr
            .contains("the artifacts of these runs have no run")
            && ran.stderr.contains("hint: --artifact says"),
        "{}",
        ran.stderr
    );
    assert_eq!(import(&[]).code, 2);
    assert_eq!(import(&["--workflow", "test.yml", "runs.jsonl"]).code, 2);
}

#[test]
fn triage_fetches_a_run() {
    let (fake, project) = (fake(), Project::new(WORKFLOW));
    fake.repo(|repo| repo.runs.push(failed_run()));
    let arguments = ["triage", "--github-run", "4711", "--format", "json"];
    let ran = run(&project, &mut command(&project, &fake, &arguments));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stderr
            .contains("run 4711 of Tests in octo/sea, attempt 1: failure"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr
            .contains("the artifact old is left out: it is no longer kept")
    );
    let found: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert!(
        ran.stdout.contains("'yaml'") && ran.stdout.contains("unit (3.11)"),
        "{found:#}"
    );
    assert!(
        ran.stdout.contains("artifact server/server.log"),
        "{found:#}"
    );
    for succeeded in ["of_set_up", "of_a_leg_that_succeeded"] {
        assert!(!ran.stdout.contains(succeeded), "{found:#}");
    }
    // By its address; the host is that of the environment.
    let host = fake.api().trim_start_matches("http://");
    let address = format!("https://{host}/octo/sea/actions/runs/4711/attempts/1");
    let ran = run(
        &project,
        &mut command(&project, &fake, &["triage", "--github-run", &address]),
    );
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("yaml"), "{}", ran.stdout);
}

#[test]
fn triage_says_why_a_run_cannot_be_fetched() {
    let (fake, project) = (fake(), Project::new(WORKFLOW));
    fake.repo(|repo| {
        let gone = Some(Content::Expired);
        repo.runs = vec![
            Run {
                status: "in_progress".to_owned(),
                ..Run::completed(3, "")
            },
            Run {
                logs: gone.clone(),
                ..Run::completed(2, "failure")
            },
            Run {
                id: 1,
                logs: gone,
                ..failed_run()
            },
        ];
    });
    let of = |id: &str| {
        let ran = run(
            &project,
            &mut command(&project, &fake, &["triage", "--github-run", id]),
        );
        (ran.code, ran.stdout, ran.stderr)
    };
    let (code, _, error) = of("3");
    assert!(
        code == 2 && error.contains("is not over: in_progress"),
        "{error}"
    );
    let (code, _, error) = of("2");
    assert!(
        code == 2 && error.contains("hint: GitHub deletes logs and artifacts"),
        "{error}"
    );
    // Its artifacts are there.
    let (code, output, error) = of("1");
    assert!(
        code == 0 && error.contains("its logs are left out"),
        "{error}"
    );
    assert!(output.contains("No space left"), "{output}");
    let (code, _, error) = of("9");
    assert!(
        code == 2 && error.contains("GitHub knows no such thing"),
        "{error}"
    );
    let (code, _, error) = of("https://github.com/octo/sea/actions/runs/1");
    assert!(
        code == 2 && error.contains("the address is at github.com"),
        "{error}"
    );
}

#[test]
fn without_a_token_nobody_is_asked() {
    let (fake, project) = (fake(), Project::new(WORKFLOW));
    let arguments = ["triage", "--github-run", "1"];
    let home = tempfile::tempdir().expect("a folder");
    let mut bare = command(&project, &fake, &arguments);
    bare.env_remove("GITHUB_TOKEN")
        .env("GH_CONFIG_DIR", home.path())
        .env("PATH", "/usr/bin:/bin");
    let ran = run(&project, &mut bare);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("there is no token for 127.0.0.1"),
        "{}",
        ran.stderr
    );
    assert_eq!(fake.asked(), [""; 0]);
    fake.with(|state| {
        state.tokens.insert(
            TOKEN.to_owned(),
            Caller::user("ann").but("actions", Level::None),
        )
    });
    let ran = run(&project, &mut command(&project, &fake, &arguments));
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("Actions: read (actions=read)"),
        "{}",
        ran.stderr
    );
    fake.with(|state| {
        state.tokens.clear();
        state.once(503, &[("retry-after", "0")], &json!({"message": "busy"}));
    });
    let ran = run(&project, &mut command(&project, &fake, &arguments));
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("waiting 0 s"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("does not accept the token"),
        "{}",
        ran.stderr
    );
}

const TESTED: &str = "name: Tests\non: [push, pull_request]\njobs:\n  unit:\n    runs-on: ubuntu-latest\n    strategy:\n      matrix:\n        py: ['3.11', '3.12']\n    steps:\n      - uses: actions/checkout@v4\n      - uses: actions/setup-python@v5\n        with:\n          python-version: ${{ matrix.py }}\n      - run: pip install pytest\n      - run: pytest\n";

fn doctor(project: &Project, fake: &Fake) -> Ran {
    run(
        project,
        &mut command(project, fake, &["doctor", "--github"]),
    )
}

#[test]
fn doctor_tells_the_token_the_flag_and_what_a_conversion_does_to_required_checks() {
    let (fake, project) = (fake(), Project::new(TESTED));
    let ran = doctor(&project, &fake);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    for line in [
        "GITHUB_TOKEN, for 127.0.0.1",
        "of ann",
        "of 5000 are left",
        "octo/sea, public, default branch main",
        "not set: the default in the converted workflow counts",
        "the default branch requires none",
        "\nready\n",
    ] {
        assert!(ran.stdout.contains(line), "{line}:\n{}", ran.stdout);
    }
    fake.repo(|repo| {
        repo.variables
            .insert("CI_USE_DOCKER_TESTS".to_owned(), "yes".to_owned());
        repo.protection = vec![("unit (3.11)".to_owned(), Some(15_368))];
        repo.rules = vec![
            (5, "unit (3.12)".to_owned(), None),
            (5, "unit (3.9)".to_owned(), None),
        ];
    });
    let warned = [
        "`yes`, set in the repository",
        "a conversion keeps `unit (3.11)`, `unit (3.12)`",
        "no workflow file of this checkout gives `unit (3.9)`; the nearest is `unit (3.1",
        "change the requirement (ruleset 5)",
        "ready, with 2 warnings",
    ];
    let ran = doctor(&project, &fake);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    for line in warned {
        assert!(ran.stdout.contains(line), "{line}:\n{}", ran.stdout);
    }
    // Converted by now, it says the same.
    let ran = project.seatrial(&["convert", "--in-place"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let ran = doctor(&project, &fake);
    for line in warned {
        assert!(ran.stdout.contains(line), "{line}:\n{}", ran.stdout);
    }
}

#[test]
fn doctor_says_what_is_missing() {
    let (fake, project) = (fake(), Project::new(TESTED));
    fake.with(|state| {
        let caller = Caller::user("ann").but("actions_variables", Level::None);
        state.tokens.insert(TOKEN.to_owned(), caller);
    });
    let ran = doctor(&project, &fake);
    assert_eq!(ran.code, 0);
    assert!(
        ran.stdout
            .contains("Variables: read (actions_variables=read)"),
        "{}",
        ran.stdout
    );
    fake.repo(|repo| repo.private = true);
    fake.with(|state| {
        let caller = Caller::app().but("metadata", Level::None);
        state.tokens.insert(TOKEN.to_owned(), caller);
    });
    let arguments = ["doctor", "--github", "--format", "json"];
    let ran = run(&project, &mut command(&project, &fake, &arguments));
    assert_eq!(ran.code, 2);
    let found: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(found["ready"], false);
    let statuses: Vec<&str> = found["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| check["status"].as_str().unwrap())
        .collect();
    assert_eq!(statuses, ["ok", "ok", "fail"], "{found:#}");
    fake.with(|state| state.tokens.clear());
    let ran = doctor(&project, &fake);
    assert_eq!(ran.code, 2);
    assert!(ran.stdout.contains("FAIL token"), "{}", ran.stdout);
}

/// A run on this machine, as a step of a workflow for an event.
fn ran_with_comment(project: &Project, fake: &Fake, event: &str, more: &[&str]) -> Ran {
    project.write("event.json", event);
    let arguments = [&["run", "test.yml", "--engine", "host", "--comment"], more].concat();
    let mut command = command(project, fake, &arguments);
    command
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_EVENT_PATH", project.root().join("event.json"))
        .env_remove("GITHUB_STEP_SUMMARY")
        .env_remove("GITHUB_OUTPUT");
    run(project, &mut command)
}

#[test]
fn the_summary_of_a_run_is_one_comment() {
    let workflow = "on: push\njobs:\n  hello:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo hello\n";
    let (fake, project) = (fake(), Project::new(workflow));
    let of_pull = r#"{"pull_request": {"number": 7}}"#;
    let comments = || {
        fake.repo(|repo| {
            repo.comments
                .iter()
                .map(|one| one.body.clone())
                .collect::<Vec<_>>()
        })
    };
    let first = ran_with_comment(&project, &fake, of_pull, &[]);
    assert!(
        first.stderr.contains("the comment is written: https://"),
        "{}",
        first.stderr
    );
    let second = ran_with_comment(&project, &fake, of_pull, &[]);
    assert!(
        second.stderr.contains("the comment is updated"),
        "{}",
        second.stderr
    );
    let all = comments();
    assert_eq!(all.len(), 1);
    assert!(
        all[0].starts_with("<!-- seatrial: .github/workflows/test.yml -->\n## "),
        "{}",
        all[0]
    );
    assert!(all[0].contains("hello"), "{}", all[0]);
    // A push has no pull request, and a refusal changes no verdict.
    let push = ran_with_comment(&project, &fake, "{}", &[]);
    assert_eq!(push.code, second.code);
    assert!(
        push.stderr
            .contains("no comment, as this is no event of a pull request")
    );
    fake.with(|state| {
        let caller = Caller::app().but("pull_requests", Level::Read);
        state.tokens.insert(TOKEN.to_owned(), caller);
    });
    let fork = ran_with_comment(&project, &fake, of_pull, &[]);
    assert_eq!(fork.code, second.code);
    assert!(
        fork.stderr.contains("no comment: ") && fork.stderr.contains("fork"),
        "{}",
        fork.stderr
    );
    assert_eq!(comments(), all);
    // By hand, of the kept run.
    fake.with(|state| state.tokens.insert(TOKEN.to_owned(), Caller::user("ann")));
    let by_hand = |arguments: &[&str]| run(&project, &mut command(&project, &fake, arguments));
    let ran = by_hand(&["report", "--comment=7"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(comments().len(), 1);
    let ran = by_hand(&["report", "--comment"]);
    assert!(
        ran.code == 2 && ran.stderr.contains("--comment=7"),
        "{}",
        ran.stderr
    );
    let ran = by_hand(&["report", "--comment=8"]);
    assert!(
        ran.code == 2 && ran.stderr.contains("GitHub knows no such thing"),
        "{}",
        ran.stderr
    );
    let ran = by_hand(&["report", "--comment=7", "--json"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
}
