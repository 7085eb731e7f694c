//! Memory that runs out (F16, S6): known from the kernel's counter, never from an exit
//! code. `benches/memory` repeats each case fifty times.

use crate::support::{Project, SMALL, alone};

/// What a step does, and what it is called.
const CASES: [(&str, &str, &str); 7] = [
    (
        "the-shell-itself",
        "exec tail /dev/zero",
        "resource_limit.oom",
    ),
    ("a-child", "tail /dev/zero", "resource_limit.oom"),
    (
        "a-child-and-success",
        "tail /dev/zero || true",
        "resource_limit.oom_partial",
    ),
    (
        "a-child-and-failure",
        "tail /dev/zero || exit 1",
        "resource_limit.oom",
    ),
    (
        "a-child-in-the-background",
        "tail /dev/zero & wait; true",
        "resource_limit.oom_partial",
    ),
    // The same exit code, and another reason.
    (
        "killed-by-itself",
        "sh -c 'kill -9 $$'",
        "command_failed.crashed_signal",
    ),
    // The process gave up by itself.
    (
        "a-limit-of-its-own",
        "ulimit -v 20000; tail /dev/zero",
        "command_failed.step_failed",
    ),
];

#[test]
fn memory_that_runs_out_is_told_from_everything_that_looks_like_it() {
    let _alone = alone();
    let repeats: usize =
        std::env::var("FAULT_REPEATS").map_or(1, |count| count.parse().expect("a number"));
    let numbers: Vec<String> = (0..repeats).map(|number| number.to_string()).collect();
    let mut workflow = "on: push\njobs:\n".to_owned();
    for (job, script, _) in CASES {
        workflow.push_str(&format!(
            "  {job}:\n    runs-on: ubuntu-latest\n    strategy: {{fail-fast: false, matrix: {{number: [{}]}}}}\n    steps: [{{run: \"{script}\"}}]\n",
            numbers.join(", ")
        ));
    }
    let project = Project::new(&workflow);
    let ran = project.run_in(SMALL, &["--memory", "32m"]).expect(9);
    let record = ran.record();
    let mut wrong = Vec::new();
    let failures = record["verdict"]["failures"].as_array().unwrap();
    for failure in failures {
        let place = failure["message"].as_str().unwrap();
        let cause = failure["cause"].as_str().unwrap();
        let case = CASES
            .iter()
            .find(|(name, _, _)| place.starts_with(&format!("{name} (")));
        match case {
            Some((_, _, expected)) if cause == *expected => {}
            _ => wrong.push(format!("{cause}: {place}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(failures.len(), CASES.len() * repeats);
}
