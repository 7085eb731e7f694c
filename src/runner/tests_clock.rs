//! Which clock time-outs use (F18, F41): tokio's, which is monotonic and stands still while
//! the machine sleeps. Here it is moved by hand, while the time of day goes on as ever: a
//! time-out that looked at that would not come.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use super::tests::{Change, Ran, run_with};
use crate::record::{Cause, Conclusion};

/// Runs a job with this rest of its definition.
fn run(job: &str) -> Ran {
    let text = format!("on: push\njobs:\n  one:\n    runs-on: ubuntu-latest\n{job}");
    let change = Change {
        paused: true,
        ..Change::default()
    };
    let ran = run_with(&text, change);
    let record = &ran.record;
    let by_day = record.finished_at.unwrap() - record.started_at;
    assert!(
        Duration::from_millis(by_day) < ran.passed / 10,
        "{by_day} ms"
    );
    ran
}

#[track_caller]
fn expect(ran: &Ran, minutes: u64) {
    let wanted = Duration::from_secs(minutes * 60);
    let late = ran.passed.checked_sub(wanted);
    assert!(
        late.is_some_and(|late| late < Duration::from_secs(1)),
        "{:?}",
        ran.passed
    );
}

#[test]
fn a_step_times_out_by_the_monotonic_clock() {
    let ran = run("    steps: [{run: hang, timeout-minutes: 90}]\n");
    expect(&ran, 90);
    let failure = ran.step("one", 1).failure.as_ref().unwrap();
    assert_eq!(failure.cause, Cause::StepTimeout);
}

#[test]
fn a_job_times_out_by_the_monotonic_clock() {
    let ran = run("    timeout-minutes: 30\n    steps: [{run: hang}]\n");
    expect(&ran, 30);
    assert_eq!(ran.job("one"), Conclusion::Cancelled);
    let failure = ran.record.jobs[0].failure.as_ref().unwrap();
    assert_eq!(failure.cause, Cause::JobTimeout);
}

#[test]
fn a_job_without_a_limit_has_six_hours_and_its_last_steps_five_minutes() {
    let ran = run("    steps: [{run: hang}, {if: always(), run: hang}]\n");
    expect(&ran, 365);
}
