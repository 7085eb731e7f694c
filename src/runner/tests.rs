//! What the runner makes of a workflow and a scenario cannot say, on an engine that obeys
//! little scripts.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::{Arc, Mutex};

use super::*;
use crate::engine::fake::FakeEngine;
use crate::image::Facts;
use crate::plan::{self, Inputs, Loaded, Origin, Sources};
use crate::record::{Cause, Conclusion, RunId, RunRecord, SCHEMA};

/// A run that has ended.
pub(super) struct Ran {
    pub(super) record: RunRecord,
    pub(super) lines: Vec<String>,
    /// Time that passed, by the clock of time-outs.
    pub(super) passed: std::time::Duration,
    pub(super) engine: FakeEngine,
    _folder: tempfile::TempDir,
}

/// What to change about a run.
#[derive(Default)]
pub(super) struct Change {
    pub(super) secrets: Vec<(String, String)>,
    /// Stops the run when this line is printed.
    pub(super) stop_at: Option<&'static str>,
    /// Other files of the repository.
    pub(super) files: Vec<(&'static str, &'static str)>,
    /// What a job may leave behind instead of the usual.
    pub(super) leaves: Option<Quota>,
    /// How often a test that failed is run again.
    pub(super) retries: u32,
    /// An engine around the usual one. What is left on that is not looked at.
    pub(super) engine: Option<fn(FakeEngine) -> Arc<dyn Engine>>,
    /// Whether time passes only when everything waits for it.
    pub(super) paused: bool,
}

pub(super) fn run_with(text: &str, change: Change) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let workflow = crate::workflow::parse(text).unwrap().workflow;
    let mut sources = Sources::default();
    for (path, text) in change.files {
        if path.ends_with(".yml") {
            let called = crate::workflow::parse(text).unwrap().workflow;
            sources.workflows.insert(
                (Origin::Here, path.to_owned()),
                Loaded::Ready(Arc::new(called)),
            );
        }
    }
    let inputs = Inputs {
        sources,
        github: GithubFacts {
            repository: "acme/app".to_owned(),
            event_name: "push".to_owned(),
            reference: "refs/heads/main".to_owned(),
            ..GithubFacts::default()
        },
        ..Inputs::default()
    };
    let plan = plan::build(&workflow, &inputs).unwrap();
    let id = RunId("20260101-000000-abc".to_owned());
    let run_dir = RunDir::create(folder.path(), &id).unwrap();
    let lines: Arc<Mutex<Vec<String>>> = Arc::default();
    let (stopper, halt) = Stopper::new();
    let seen = Arc::clone(&lines);
    let listener: Listener = Box::new(move |message| {
        if let Message::Line { step, text } = message {
            if change.stop_at == Some(text.as_str()) {
                stopper.stop(Cause::UserInterrupt, "Ctrl-C");
            }
            seen.lock().unwrap().push(format!("{}: {text}", step.job));
        }
    });
    let events = run_dir.events();
    let bus = Arc::new(Bus::new(Some(&events), listener).unwrap());
    let engine = FakeEngine::default();
    let facts = Facts {
        uid: 1000,
        home: "/home/app".to_owned(),
        path: "/usr/bin:/bin".to_owned(),
        commands: [("bash".to_owned(), "/bin/bash".to_owned())].into(),
        ..Facts::default()
    };
    let setup = Setup {
        fallback: None,
        plan,
        engine: match change.engine {
            Some(around) => around(engine.clone()),
            None => Arc::new(engine.clone()),
        },
        images: Images::none(Some(facts)),
        findings: Vec::new(),
        bus: Arc::clone(&bus),
        run_dir,
        root: folder.path().to_path_buf(),
        info: RunInfo {
            schema: SCHEMA,
            id,
            version: "0".to_owned(),
            workflow: "test.yml".to_owned(),
            name: "Tests".to_owned(),
            event: "push".to_owned(),
            repository: "acme/app".to_owned(),
            sha: String::new(),
            reference: String::new(),
            dirty: false,
            engine: "fake".to_owned(),
            cpus: 2,
            memory: 0,
            partial: false,
            ci: false,
            ci_run: None,
        },
        github: inputs.github.clone(),
        vars: Vec::new(),
        secrets: change.secrets,
        pythons: Vec::new(),
        path: String::new(),
        node: None,
        allowed_options: Vec::new(),
        limits: Limits::default(),
        parallel: 4,
        machine: None,
        leaves: change.leaves.unwrap_or(Quota::JOB),
        no_output_minutes: None,
        retries: change.retries,
        against: None,
        aliases: crate::results::Aliases::default(),
        uploads: false,
        workspace: false,
        halt,
    };
    let mut builder = if change.paused {
        tokio::runtime::Builder::new_current_thread()
    } else {
        tokio::runtime::Builder::new_multi_thread()
    };
    let runtime = builder
        .worker_threads(2)
        .enable_all()
        .start_paused(change.paused)
        .build()
        .unwrap();
    let passed = runtime.block_on(async {
        let begun = tokio::time::Instant::now();
        super::run(setup).await;
        begun.elapsed()
    });
    let record = bus.record().unwrap();
    // Invariant: folding the file again gives the same record.
    let again: Vec<crate::record::Event> = std::fs::read_to_string(events)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(RunRecord::fold(&again).unwrap(), record);
    if change.engine.is_none() {
        assert_eq!(engine.left(), Vec::<String>::new(), "left on the engine");
    }
    let lines = lines.lock().unwrap().clone();
    Ran {
        record,
        lines,
        passed,
        engine,
        _folder: folder,
    }
}

pub(super) fn run(text: &str) -> Ran {
    run_with(text, Change::default())
}

impl Ran {
    pub(super) fn job(&self, key: &str) -> Conclusion {
        self.record
            .jobs
            .iter()
            .find(|job| job.planned.key.0 == key)
            .unwrap_or_else(|| panic!("no job {key}"))
            .conclusion
            .unwrap()
    }

    pub(super) fn step(&self, key: &str, number: u32) -> &crate::record::StepRecord {
        self.record
            .jobs
            .iter()
            .find(|job| job.planned.key.0 == key)
            .unwrap()
            .steps
            .iter()
            .find(|step| step.number == number)
            .unwrap()
    }

    pub(super) fn said(&self, line: &str) -> bool {
        self.lines.iter().any(|said| said == line)
    }
}

#[test]
fn a_leg_whose_services_start_is_cancelled_like_any_other() {
    // The slow leg has its turn first; its service is ready only when it is stopped.
    let ran = run("
on: push
jobs:
  m:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        x: [slow, bad]
    services:
      db:
        image: postgres
        command: ${{ matrix.x == 'slow' && 'hang' || '' }}
    steps:
      - run: exit 1
  after:
    needs: m
    if: always()
    runs-on: ubuntu-latest
    steps: [{run: 'print ${{ needs.m.result }}'}]
");
    assert_eq!(ran.job("m (bad)"), Conclusion::Failure);
    assert_eq!(ran.job("m (slow)"), Conclusion::Cancelled);
    for step in &ran.record.jobs[0].steps {
        assert_eq!(step.outcome, Some(Conclusion::Cancelled));
        let failure = step.failure.as_ref().unwrap();
        assert_eq!(failure.cause, Cause::Superseded);
    }
    assert!(ran.said("after: failure"));
}

#[test]
fn secrets_are_masked_everywhere() {
    let ran = run_with(
        "
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    outputs:
      leak: ${{ steps.s.outputs.leak }}
    steps:
      - name: say ${{ secrets.TOKEN }}
        id: s
        run: |
          print the token is ${{ secrets.TOKEN }}!
          print ::add-mask::hidden-later
          print hidden-later
          output leak=${{ secrets.TOKEN }}
          summary ${{ secrets.TOKEN }}
      - run: |
          pytest --junitxml=out.xml
          write out.xml <testsuite><testcase name='t'><failure message='s3cr3t-value'>x s3cr3t-value</failure><system-out>out s3cr3t-value</system-out></testcase></testsuite>
  b:
    needs: a
    runs-on: ubuntu-latest
    steps: [{run: 'print [${{ needs.a.outputs.leak }}]'}]
",
        Change {
            secrets: vec![("TOKEN".to_owned(), "s3cr3t-value".to_owned())],
            ..Change::default()
        },
    );
    assert!(ran.said("a: the token is ***!"));
    assert!(ran.said("a: ***"));
    assert!(ran.said("b: []"));
    let everything = serde_json::to_string(&ran.record).unwrap();
    assert!(!everything.contains("s3cr3t-value"));
    let logs = ran.record.jobs[0].planned.key.slug();
    let folder = ran._folder.path().join(".seatrial/runs");
    for run in std::fs::read_dir(folder).unwrap() {
        let run = run.unwrap();
        let junit = std::fs::read_to_string(run.path().join("junit.xml")).unwrap();
        assert!(junit.contains(">out ***<") && !junit.contains("s3cr3t-value"));
        for log in std::fs::read_dir(run.path().join("logs").join(&logs)).unwrap() {
            let text = std::fs::read_to_string(log.unwrap().path()).unwrap();
            assert!(!text.contains("s3cr3t-value"));
        }
    }
}

#[test]
fn the_last_test_step_tells_the_facts_and_the_first_where_others_are_skipped() {
    let facts = |steps: &str| {
        let ran = run_with(
            &format!("on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n{steps}"),
            Change {
                secrets: vec![("TOKEN".to_owned(), "s3cr3t-value".to_owned())],
                ..Change::default()
            },
        );
        let facts = ran.record.jobs[0].facts.clone().unwrap();
        facts.home.unwrap()
    };
    let step = |home: &str, more: &str| {
        format!(
            "      - run: |\n          pytest\n          facts {{\"home\": \"{home}\"}}\n          report\n{more}"
        )
    };
    let three = [
        step("/one", ""),
        step("/two", ""),
        step("/${{ secrets.TOKEN }}", ""),
    ];
    assert_eq!(facts(&three.concat()), "/***");
    let failed = [step("/one", "          exit 1\n"), step("/two", "")];
    assert_eq!(facts(&failed.concat()), "/one");
}

#[test]
fn an_out_of_memory_kill_is_never_a_pass() {
    let ran = run("
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps: [{run: oom}]
  b:
    runs-on: ubuntu-latest
    steps: [{run: \"oom\\nexit 1\"}]
");
    let cause = |job: &str| ran.step(job, 1).failure.clone().unwrap().cause;
    assert_eq!(cause("a"), Cause::OomPartial);
    assert_eq!(cause("b"), Cause::Oom);
}

#[test]
fn a_test_step_owes_a_report() {
    let ran = run("
on: push
jobs:
  good:
    runs-on: ubuntu-latest
    steps: [{run: \"pytest tests\\nreport\"}]
  bad:
    runs-on: ubuntu-latest
    steps: [{run: pytest tests}]
");
    assert_eq!(ran.step("good", 1).tests[0].counts.passed, 1);
    let bad = ran
        .record
        .jobs
        .iter()
        .find(|job| job.planned.key.0 == "bad")
        .unwrap();
    assert_eq!(bad.missing[0].failure.cause, Cause::ReportMissing);
}

#[test]
fn a_report_lies_where_its_step_ran() {
    let ran = run("
on: push
defaults:
  run:
    working-directory: side
jobs:
  a:
    runs-on: ubuntu-latest
    steps: [{run: \"pytest --junitxml=out.xml\\nreport out.xml\"}]
  b:
    runs-on: ubuntu-latest
    steps: [{run: \"pytest --junitxml=out.xml\\nreport out.xml\", working-directory: /srv}]
  c:
    runs-on: ubuntu-latest
    defaults: {run: {working-directory: '${{ github.event_name }}-side'}}
    steps: [{run: \"pytest --junitxml=out.xml\\nreport out.xml\"}]
");
    for job in ["a", "b", "c"] {
        assert_eq!(ran.step(job, 1).tests[0].counts.passed, 1, "{job}");
    }
}

#[test]
fn ctrl_c_stops_gently_and_brings_reports_out() {
    let ran = run_with(
        "
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: |
          pytest tests
          report
          print now
          hang
      - if: always()
        run: print no
  b:
    needs: a
    if: always()
    runs-on: ubuntu-latest
    steps: [{run: print no}]
",
        Change {
            stop_at: Some("now"),
            ..Change::default()
        },
    );
    assert_eq!(ran.job("a"), Conclusion::Cancelled);
    assert_eq!(ran.job("b"), Conclusion::Cancelled);
    assert!(!ran.lines.iter().any(|line| line.ends_with(": no")));
    assert_eq!(ran.step("a", 1).tests[0].counts.passed, 1);
    let stopped = ran.record.stopped.clone().unwrap();
    assert_eq!(stopped.cause, Cause::UserInterrupt);
    let log = ran.engine.log();
    assert!(log.ends_with(&["halt a".to_owned(), "close a".to_owned()]));
}
