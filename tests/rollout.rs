//! `seatrial rollout` over a history that was imported, and against a GitHub with state.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "support/github/mod.rs"]
mod fake;
mod support;

use std::io::Write;

use fake::{Fake, Repo, Workflow};
use serde_json::{Value, json};
use support::{Project, Ran};

const FLAG: &str = "CI_USE_DOCKER_TESTS";
const WORKFLOW: &str = "name: Tests
on:
  push:
  workflow_dispatch:
jobs:
  unit:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: pytest
";

/// A run as the history keeps it; `lost` says that its reports did not come out.
fn entry(number: u64, lost: bool) -> Value {
    let failures = match lost {
        true => {
            json!([{"cause": "no_report.report_missing", "message": "junit.xml was not written"}])
        }
        false => json!([]),
    };
    json!({
        "schema": 1,
        "run": format!("20261101-{number:06}-0123456789ab"),
        "source": "ci",
        "version": "0.1.0",
        "workflow": ".github/workflows/test.yml",
        "name": "Tests",
        "repository": "octo/sea",
        "sha": format!("{number:040x}"),
        "reference": "refs/heads/main",
        "event": "push",
        "dirty": false,
        "partial": false,
        "engine": "docker 20.10.24",
        "cpus": 4,
        "memory": 17_179_869_184_u64,
        "started_at": 1_793_000_000_000_u64 + number * 60_000,
        "finished_at": 1_793_000_000_000_u64 + number * 60_000 + 30_000,
        "passed": !lost,
        "exit_code": if lost { 4 } else { 0 },
        "failures": failures,
        "reports_collected": !lost,
        "images": [],
        "legs": [],
    })
}

/// A project with a history, the last runs of which lost their reports, and a GitHub.
fn scene(lost: u64) -> (Project, Fake) {
    let project = Project::new(WORKFLOW);
    project.write("test_one.py", "def test_one():\n    pass\n");
    support::commit(project.root(), "v1");
    let git = std::process::Command::new("git")
        .args(["remote", "add", "origin", "https://github.com/octo/sea.git"])
        .current_dir(project.root())
        .status();
    assert!(git.expect("git").success());
    let lines: String = (0..12)
        .map(|number| format!("{}\n", entry(number, number >= 12 - lost)))
        .collect();
    project.write("runs.jsonl", &lines);
    project
        .seatrial(&["history", "import", "runs.jsonl"])
        .expect(0);
    let fake = Fake::start();
    fake.repo(|repo| {
        repo.workflows = vec![Workflow {
            file: "test.yml".to_owned(),
            by_hand: true,
        }];
        repo.plays = Some(play);
    });
    (project, fake)
}

/// What a job of the converted workflow would say: where its steps run, by the variable and
/// by whether the branch has the conversion.
fn play(repo: &Repo, branch: &str) -> Vec<u8> {
    let flag = repo.variables.get(FLAG).map_or("true", String::as_str);
    let back = flag == "false" || branch != "main";
    let place = if back { "runner" } else { "container" };
    let mut output = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut output);
    let (mut file, config) = archive
        .new_file("unit/3_Choose the runner or a container.txt")
        .compression_method(rawzip::CompressionMethod::STORE)
        .start()
        .unwrap();
    let mut writer = config.wrap(&mut file);
    let line = format!("2026-11-26T10:00:00Z The steps run in: {place} ({FLAG} is `{flag}`)\n");
    writer.write_all(line.as_bytes()).unwrap();
    let (_, descriptor) = writer.finish().unwrap();
    file.finish(descriptor).unwrap();
    archive.finish().unwrap();
    output
}

fn rollout(project: &Project, fake: &Fake, arguments: &[&str]) -> Ran {
    let mut all = vec!["rollout"];
    all.extend(arguments);
    let mut command = project.command(&all);
    for name in ["GH_TOKEN", "GH_HOST", "GH_REPO", "GITHUB_SERVER_URL", FLAG] {
        command.env_remove(name);
    }
    command
        .env("GITHUB_API_URL", fake.api())
        .env("GITHUB_TOKEN", "good")
        .env("GITHUB_REPOSITORY", "octo/sea");
    let output = command.output().expect("seatrial can be started");
    project.ran(&output)
}

fn flag(fake: &Fake) -> Option<String> {
    fake.repo(|repo| repo.variables.get(FLAG).cloned())
}

#[test]
fn decisions_travel_with_the_runs() {
    let (ours, fake) = scene(0);
    rollout(&ours, &fake, &["set", "25%"]).expect(0);
    let (theirs, _) = scene(0);
    let export = ours.seatrial(&["history", "export"]).expect(0).stdout;
    theirs.write("export.jsonl", &export);
    let ran = theirs.seatrial(&["history", "import", "export.jsonl"]);
    let ran = ran.expect(0).says("added 0 runs and 1 decision");
    assert!(ran.stdout.contains("knew 12 already"), "{}", ran.stdout);
    let state = rollout(&theirs, &fake, &["status", "--format", "json"]).expect(0);
    let state: Value = serde_json::from_str(&state.stdout).expect("JSON");
    assert_eq!(state["decisions"][0]["after"], "25%");
}

#[test]
fn a_quiet_history_lets_the_flag_be_set() {
    let (project, fake) = scene(2);
    rollout(&project, &fake, &["check"]).expect(0);
    let ran = rollout(&project, &fake, &["set", "25%", "--dry-run"]).expect(0);
    assert!(
        ran.stdout
            .starts_with("POST /repos/octo/sea/actions/variables {"),
        "{}",
        ran.stdout
    );
    assert_eq!(flag(&fake), None);
    rollout(&project, &fake, &["set", "25%"]).expect(0);
    assert_eq!(flag(&fake).as_deref(), Some("25%"));
    let ran = rollout(&project, &fake, &["status", "--github", "--format", "json"]).expect(0);
    let state: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(state["flag"], "25%");
    assert_eq!(state["runs"], 12);
    assert_eq!(state["decisions"][0]["after"], "25%");
    assert_eq!(state["triggers"].as_array().map(Vec::len), Some(4));
    rollout(&project, &fake, &["set", "maybe"]).expect(2);
}

#[test]
fn a_trigger_goes_back_and_the_run_shows_it() {
    let (project, fake) = scene(3);
    fake.repo(|repo| repo.variables.insert(FLAG.to_owned(), "true".to_owned()));
    // Looking alone changes nothing and asks nobody.
    let ran = rollout(&project, &fake, &["check"]).expect(12);
    assert!(ran.stdout.contains("fires lost_reports"), "{}", ran.stdout);
    assert_eq!(fake.asked(), [""; 0]);
    let ran = rollout(&project, &fake, &["check", "--apply", "--dry-run"]).expect(12);
    assert!(
        ran.stdout
            .contains("PATCH /repos/octo/sea/actions/variables/CI_USE_DOCKER_TESTS")
    );
    assert!(
        ran.stdout
            .contains("POST /repos/octo/sea/actions/workflows/test.yml/dispatches")
    );
    assert_eq!(flag(&fake).as_deref(), Some("true"));

    let ran = rollout(&project, &fake, &["check", "--apply"]).expect(12);
    assert!(
        ran.stderr.contains("the run went back to the runner"),
        "{}",
        ran.stderr
    );
    assert_eq!(flag(&fake).as_deref(), Some("false"));
    assert_eq!(fake.repo(|repo| repo.runs.len()), 1);
    // Once is enough.
    let ran = rollout(&project, &fake, &["check", "--apply"]).expect(12);
    assert!(
        ran.stderr.contains("nothing to go back from"),
        "{}",
        ran.stderr
    );
    let ran = rollout(&project, &fake, &["status", "--format", "json"]).expect(0);
    let state: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let decision = &state["decisions"][0];
    assert_eq!(decision["kind"], "roll_back");
    assert_eq!(decision["before"], "true");
    assert_eq!(decision["triggers"], json!(["lost_reports"]));
    assert_eq!(state["readiness"]["clean"], 0);

    // Back to containers only after clean shadow runs, or by somebody's word.
    let refused = rollout(&project, &fake, &["set", "true"]).expect(12);
    assert!(
        refused.stderr.contains("0 of 5 clean shadow runs"),
        "{}",
        refused.stderr
    );
    assert_eq!(flag(&fake).as_deref(), Some("false"));
    rollout(&project, &fake, &["set", "shadow"]).expect(0);
    rollout(
        &project,
        &fake,
        &["set", "true", "--force", "the disk was full"],
    )
    .expect(0);
    assert_eq!(flag(&fake).as_deref(), Some("true"));
}

#[test]
fn jobs_that_run_by_themselves_count_as_the_run_that_they_are_part_of() {
    let (project, fake) = scene(0);
    let mut lines = String::new();
    for number in 20..23 {
        for (job, lost) in [("unit", false), ("smoke", true)] {
            let mut part = entry(number, lost);
            part["run"] = json!(format!("20261101-{number:06}-{job}"));
            part["partial"] = json!(true);
            part["ci_run"] = json!({"id": number.to_string(), "attempt": 1});
            lines.push_str(&format!("{part}\n"));
        }
    }
    project.write("parts.jsonl", &lines);
    project
        .seatrial(&["history", "import", "parts.jsonl"])
        .expect(0)
        .says("added 6 runs");
    let ran = rollout(&project, &fake, &["check", "--format", "json"]).expect(12);
    let state: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(state["runs"], 15);
    let fires = |trigger: &&Value| trigger["fired"] == true;
    let fired: Vec<&Value> = state["triggers"]
        .as_array()
        .expect("triggers")
        .iter()
        .filter(fires)
        .collect();
    assert_eq!(fired.len(), 1, "{fired:?}");
    assert_eq!(fired[0]["trigger"], "lost_reports");
}

#[test]
fn the_conversion_is_taken_back_where_that_is_agreed() {
    let (project, fake) = scene(3);
    project.write("seatrial.toml", "[rollout]\non-trigger = 'revert'\n");
    let convert = [
        "convert",
        "test.yml",
        "--in-place",
        "--dockerfile",
        "Dockerfile.test",
    ];
    project.write(
        "Dockerfile.test",
        "FROM python:3.11-slim\nRUN pip install pytest\nCOPY . .\n",
    );
    project.seatrial(&convert).expect(0);
    let ran = rollout(&project, &fake, &["check", "--apply"]).expect(12);
    assert!(
        ran.stderr
            .contains("taken back on the branch `seatrial/runner-"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("the run went back to the runner"),
        "{}",
        ran.stderr
    );
    let text = fake.repo(|repo| {
        let branch = repo
            .branches
            .iter()
            .find(|(name, _)| name.starts_with("seatrial/"));
        let commit = branch.expect("a branch").1.clone();
        let tree = repo.commits[&commit].tree.clone();
        repo.trees[&tree][".github/workflows/test.yml"].clone()
    });
    assert_eq!(text, WORKFLOW);
    assert_eq!(flag(&fake), None);
}

#[test]
fn what_github_refuses_is_told_and_kept() {
    let (project, fake) = scene(3);
    fake.with(|state| {
        let caller = fake::Caller::app().but("actions_variables", fake::Level::Read);
        state.tokens.insert("good".to_owned(), caller);
    });
    let ran = rollout(&project, &fake, &["check", "--apply"]).expect(2);
    assert!(ran.stderr.contains("Variables: write"), "{}", ran.stderr);
    let ran = rollout(&project, &fake, &["status", "--format", "json"]).expect(0);
    let state: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let done = state["decisions"][0]["done"][0]
        .as_str()
        .unwrap_or_default();
    assert!(done.starts_with("it failed: "), "{done}");

    // A workflow that cannot be started by hand goes back with the next push.
    let (project, fake) = scene(3);
    fake.repo(|repo| repo.workflows[0].by_hand = false);
    let ran = rollout(&project, &fake, &["check", "--apply"]).expect(12);
    assert!(
        ran.stderr.contains("was not started again"),
        "{}",
        ran.stderr
    );
    assert_eq!(flag(&fake).as_deref(), Some("false"));
}
