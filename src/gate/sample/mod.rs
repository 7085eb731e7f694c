//! Records for tests, built from events as the runner would emit them.

#![allow(clippy::unwrap_used)]

mod run;

use crate::record::{
    Conclusion, CoverageSummary, Event, EventKind, Failure, FileCoverage, JobKey, LeftOut,
    PlannedJob, PlannedStep, ReportKind, StepKey, TestCase, TestOutcome,
};

pub(crate) use run::Run;

/// Start of every sample run, milliseconds since the Unix epoch.
pub(crate) const START: u64 = 1_795_382_094_000;

/// A step of a sample leg.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    /// The step as planned.
    pub(crate) planned: PlannedStep,
    /// What it takes.
    pub(crate) millis: u64,
    /// Before `continue-on-error`.
    pub(crate) outcome: Conclusion,
    /// After `continue-on-error`.
    pub(crate) conclusion: Conclusion,
    /// Of its process.
    pub(crate) exit_code: Option<i64>,
    /// Why it failed.
    pub(crate) failure: Option<Failure>,
    /// Why it was skipped.
    pub(crate) note: Option<String>,
    /// Its reports: path, cases, whether whole.
    pub(crate) tests: Vec<(String, Vec<TestCase>, bool)>,
}

/// A sample leg.
#[derive(Debug, Clone)]
pub(crate) struct Leg {
    /// The leg as planned, without its steps.
    pub(crate) planned: PlannedJob,
    /// Milliseconds after the start of the run.
    pub(crate) start: u64,
    /// How it ends, if it does.
    pub(crate) conclusion: Option<Conclusion>,
    /// Why it failed.
    pub(crate) failure: Option<Failure>,
    /// Why it was skipped.
    pub(crate) note: Option<String>,
    /// Why its environment did not open.
    pub(crate) unopened: Option<Failure>,
    /// Its steps.
    pub(crate) steps: Vec<Step>,
    /// Events just before its end.
    pub(crate) extra: Vec<EventKind>,
}

impl Leg {
    /// A leg that starts so many milliseconds after the run.
    pub(crate) fn new(key: &str, start: u64) -> Self {
        Self {
            planned: PlannedJob {
                key: JobKey(key.to_owned()),
                job: key.split(' ').next().unwrap_or_default().to_owned(),
                name: key.to_owned(),
                needs: Vec::new(),
                left_out: None,
                steps: Vec::new(),
            },
            start,
            conclusion: Some(Conclusion::Success),
            failure: None,
            note: None,
            unopened: None,
            steps: Vec::new(),
            extra: Vec::new(),
        }
    }

    /// The leg needs these jobs.
    pub(crate) fn needs(mut self, jobs: &[&str]) -> Self {
        self.planned.needs = jobs.iter().map(|job| (*job).to_owned()).collect();
        self
    }

    /// Adds a step that succeeds.
    pub(crate) fn step(mut self, name: &str, placement: &str, millis: u64) -> Self {
        self.steps.push(Step {
            planned: PlannedStep {
                inside: None,
                number: u32::try_from(self.steps.len()).unwrap() + 1,
                name: name.to_owned(),
                placement: placement.to_owned(),
                test: false,
                ends_with_tests: true,
                due: Vec::new(),
            },
            millis,
            outcome: Conclusion::Success,
            conclusion: Conclusion::Success,
            exit_code: Some(0),
            failure: None,
            note: None,
            tests: Vec::new(),
        });
        self
    }

    /// Adds a step that the image makes superfluous.
    pub(crate) fn setup(self, name: &str, note: &str) -> Self {
        self.step(name, "provided by the image", 0).with(|step| {
            step.exit_code = None;
            step.note = Some(note.to_owned());
        })
    }

    /// Adds a test step that owes JUnit and Cobertura, with passing tests.
    pub(crate) fn tests(self, millis: u64, passed: usize) -> Self {
        self.step("Run tests", "in container", millis).with(|step| {
            step.planned.test = true;
            step.planned.due = vec![ReportKind::Junit, ReportKind::Cobertura];
            let cases = (0..passed).map(|n| case(n, TestOutcome::Passed)).collect();
            step.tests
                .push(("jobs/unit/junit.xml".to_owned(), cases, true));
        })
    }

    /// Changes the last step.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Step)) -> Self {
        change(self.steps.last_mut().unwrap());
        self
    }

    /// Lets the last step, and with it the leg, fail.
    pub(crate) fn fails(mut self, failure: Failure, exit_code: Option<i64>) -> Self {
        self.conclusion = Some(Conclusion::Failure);
        self.with(|step| {
            step.outcome = Conclusion::Failure;
            step.conclusion = Conclusion::Failure;
            step.failure = Some(failure);
            step.exit_code = exit_code;
        })
    }

    /// Adds steps that were skipped after a failure.
    pub(crate) fn unreached(self, name: &str) -> Self {
        self.step(name, "in container", 0).with(|step| {
            step.outcome = Conclusion::Skipped;
            step.conclusion = Conclusion::Skipped;
            step.exit_code = None;
            step.note = Some("an earlier step failed".to_owned());
        })
    }

    /// The leg never runs.
    pub(crate) fn skipped(mut self, note: &str) -> Self {
        self.conclusion = Some(Conclusion::Skipped);
        self.note = Some(note.to_owned());
        self
    }

    /// The leg is left out on purpose.
    pub(crate) fn left_out(self, option: &str) -> Self {
        self.without(LeftOut::chosen(option))
    }

    /// The leg needs a machine that is not here.
    pub(crate) fn elsewhere(self, label: &str) -> Self {
        self.without(LeftOut::on_runner(label))
    }

    fn without(mut self, left_out: LeftOut) -> Self {
        self.note = Some(left_out.reason.clone());
        self.planned.left_out = Some(left_out);
        self.conclusion = Some(Conclusion::Skipped);
        self
    }

    /// The leg fails before its first step.
    pub(crate) fn unopened(mut self, failure: Failure) -> Self {
        self.unopened = Some(failure);
        self.conclusion = Some(Conclusion::Failure);
        self
    }

    /// The leg ends like this.
    pub(crate) fn ends(mut self, conclusion: Conclusion, failure: Option<Failure>) -> Self {
        self.conclusion = Some(conclusion);
        self.failure = failure;
        self
    }

    /// The leg brings out coverage.
    pub(crate) fn covers(mut self, summary: CoverageSummary) -> Self {
        self.extra.push(EventKind::Coverage {
            job: self.planned.key.clone(),
            path: format!("jobs/{}/coverage.xml", self.planned.key.slug()),
            summary,
        });
        self
    }

    /// A report of the given step is missing.
    pub(crate) fn misses(mut self, step: Option<u32>, kind: ReportKind, failure: Failure) -> Self {
        self.extra.push(EventKind::ReportFailed {
            job: self.planned.key.clone(),
            step,
            kind,
            failure,
        });
        self
    }

    /// Adds an event at the end of the leg.
    pub(crate) fn event(mut self, kind: EventKind) -> Self {
        self.extra.push(kind);
        self
    }

    /// The key of one of its steps.
    pub(crate) fn key(&self, step: u32) -> StepKey {
        StepKey {
            job: self.planned.key.clone(),
            step,
        }
    }

    /// Its events, from start to end.
    pub(super) fn events(&self) -> Vec<Event> {
        let mut events = Vec::new();
        let mut at = START + self.start;
        let job = self.planned.key.clone();
        let runs = self.planned.left_out.is_none() && self.conclusion != Some(Conclusion::Skipped);
        if runs {
            push(&mut events, at, EventKind::JobStarted { job: job.clone() });
            at += 300;
        }
        if let Some(failure) = &self.unopened {
            let kind = EventKind::StepFinished {
                step: self.key(0),
                name: "Set up job".to_owned(),
                outcome: Conclusion::Failure,
                conclusion: Conclusion::Failure,
                exit_code: None,
                failure: Some(failure.clone()),
                note: None,
            };
            push(&mut events, at, kind);
        } else if runs {
            push(
                &mut events,
                at,
                EventKind::JobReady {
                    job: job.clone(),
                    environment: "seatrial-4f1c".to_owned(),
                    image: "Dockerfile.test".to_owned(),
                },
            );
            for step in &self.steps {
                at = self.step_events(step, at, &mut events);
            }
        }
        for kind in &self.extra {
            push(&mut events, at, kind.clone());
        }
        if let Some(conclusion) = self.conclusion {
            let kind = EventKind::JobFinished {
                job,
                conclusion,
                failure: self.failure.clone(),
                note: self.note.clone(),
            };
            push(&mut events, at, kind);
        }
        events
    }

    fn step_events(&self, step: &Step, start: u64, events: &mut Vec<Event>) -> u64 {
        let key = self.key(step.planned.number);
        let name = step.planned.name.clone();
        let end = start + step.millis;
        if step.outcome != Conclusion::Skipped {
            let kind = EventKind::StepStarted {
                step: key.clone(),
                name: name.clone(),
            };
            push(events, start, kind);
        }
        for (path, cases, complete) in &step.tests {
            let kind = EventKind::Tests {
                step: key.clone(),
                path: path.clone(),
                cases: cases.clone(),
                complete: *complete,
            };
            push(events, end, kind);
        }
        let kind = EventKind::StepFinished {
            step: key,
            name,
            outcome: step.outcome,
            conclusion: step.conclusion,
            exit_code: step.exit_code,
            failure: step.failure.clone(),
            note: step.note.clone(),
        };
        push(events, end, kind);
        end
    }
}

/// Adds an event.
pub(super) fn push(events: &mut Vec<Event>, at: u64, kind: EventKind) {
    events.push(Event { at, kind });
}

/// A test case.
pub(crate) fn case(number: usize, outcome: TestOutcome) -> TestCase {
    TestCase {
        id: format!("tests/test_calc.py::test_case_{number}"),
        classname: "tests.test_calc".to_owned(),
        name: format!("test_case_{number}"),
        file: Some("tests/test_calc.py".to_owned()),
        line: Some(10 + u32::try_from(number).unwrap()),
        failed_at: None,
        outcome,
        seconds: 0.01,
        retries: 0,
        message: match outcome {
            TestOutcome::Failed => "assert 3 == 4\n +  where 3 = add(1, 2)".to_owned(),
            TestOutcome::Error => "fixture 'db' not found".to_owned(),
            TestOutcome::Passed | TestOutcome::Skipped => String::new(),
        },
        details: String::new(),
    }
}

/// Coverage of two files, `covered` of 1000 lines in all.
pub(crate) fn coverage(covered: u64) -> CoverageSummary {
    CoverageSummary {
        lines_valid: 1000,
        lines_covered: covered,
        branches_valid: 0,
        branches_covered: 0,
        files: vec![
            FileCoverage {
                path: "src/widgets/core.py".to_owned(),
                lines_valid: 600,
                lines_covered: covered.min(600),
                ..FileCoverage::default()
            },
            FileCoverage {
                path: "src/widgets/cli.py".to_owned(),
                lines_valid: 400,
                lines_covered: covered.saturating_sub(600),
                ..FileCoverage::default()
            },
        ],
    }
}
