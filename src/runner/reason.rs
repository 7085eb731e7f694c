//! Why a command ended as it did: a pure decision over the evidence. The order of
//! the questions matters; nothing is concluded from the number 137.

use crate::engine::{End, ExecEnd};
use crate::plan::TestStep;
use crate::record::{Cause, Conclusion, Failure};

/// The result of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ended {
    /// Before `continue-on-error`.
    pub(super) outcome: Conclusion,
    /// Exit code, where it ended by itself.
    pub(super) exit_code: Option<i64>,
    /// Why it failed.
    pub(super) failure: Option<Failure>,
}

/// Judges the end of a command. `stopped` is why we stopped it, if we did; `no_space` is
/// the line of its output that tells of a full disk.
pub(super) fn of(
    end: &ExecEnd,
    stopped: Option<&Failure>,
    test: Option<&TestStep>,
    no_space: Option<&str>,
) -> Ended {
    let exit_code = match end.end {
        End::Exited(code) => Some(code),
        _ => None,
    };
    let failed = |failure: Failure| Ended {
        outcome: Conclusion::Failure,
        exit_code,
        failure: Some(failure),
    };
    if let Some(reason) = stopped
        && end.end != End::Exited(0)
    {
        return Ended {
            exit_code,
            ..self::stopped(reason)
        };
    }
    if let End::Lost(what) = &end.end {
        return failed(Failure::new(Cause::EngineLost, what.clone()));
    }
    if end.oom_kills > 0 {
        let killed = if end.oom_kills == 1 {
            "a process was killed".to_owned()
        } else {
            format!("{} processes were killed", end.oom_kills)
        };
        let cause = if exit_code == Some(0) {
            Cause::OomPartial
        } else {
            Cause::Oom
        };
        return failed(Failure::new(
            cause,
            format!("{killed} because the job's memory limit was reached"),
        ));
    }
    // Refused and dealt with, it is no failure.
    if end.forks_refused > 0 && exit_code != Some(0) {
        return failed(Failure::new(
            Cause::PidsLimit,
            "a process could not be started because the job's limit of processes was reached (`run.pids`)",
        ));
    }
    match &end.end {
        End::Exited(0) => Ended {
            outcome: Conclusion::Success,
            exit_code,
            failure: None,
        },
        End::Exited(code) => {
            failed(disk_full(end, no_space).unwrap_or_else(|| by_code(*code, test)))
        }
        End::Vanished(what) => failed(Failure::new(Cause::CrashedSignal, what.clone())),
        End::Stopped | End::Lost(_) => failed(Failure::new(
            Cause::Invariant,
            "the command was stopped and nobody asked for it",
        )),
    }
}

/// The failure of a command whose disk was full. It takes both: its output says so, and
/// the disk is full. Output may quote what another program met, and a full disk need not
/// hurt.
fn disk_full(end: &ExecEnd, no_space: Option<&str>) -> Option<Failure> {
    let line = no_space?;
    let room = end.rooms.iter().find(|room| room.is_full())?;
    let message = format!("a disk that the container writes to is full: {room}");
    Some(Failure::new(Cause::ContainerDiskFull, message).with_evidence(format!("output: {line}")))
}

/// Whether a stop is the affair of the step alone, so that its job goes on.
pub(super) fn is_of_step(stopped: &Failure) -> bool {
    matches!(stopped.cause, Cause::StepTimeout | Cause::NoOutput)
}

/// The end of a step that was told to stop: its own time was over, or its job ended.
pub(super) fn stopped(reason: &Failure) -> Ended {
    Ended {
        outcome: if is_of_step(reason) {
            Conclusion::Failure
        } else {
            Conclusion::Cancelled
        },
        exit_code: None,
        failure: Some(reason.clone()),
    }
}

/// The failure that an exit code tells. pytest's codes are documented in its
/// reference, "Exit codes".
fn by_code(code: i64, test: Option<&TestStep>) -> Failure {
    let exited = format!("exit code {code}");
    if let Some(test) = test {
        let pytest = test.pytest_runs > 0;
        match code {
            1 => return Failure::new(Cause::TestsFailed, format!("tests failed ({exited})")),
            2 if pytest => {
                return Failure::new(
                    Cause::TestsErrored,
                    format!(
                        "pytest stopped before its end: at `-x` or `--maxfail`, or at an error during collection ({exited})"
                    ),
                );
            }
            3 if pytest => {
                return Failure::new(
                    Cause::TestsErrored,
                    format!("pytest had an internal error ({exited})"),
                );
            }
            5 if pytest => {
                return Failure::new(
                    Cause::NoTestsCollected,
                    format!("no test was selected ({exited})"),
                );
            }
            _ => {}
        }
    }
    match code {
        126 => Failure::new(
            Cause::StepFailed,
            format!("a command is not executable ({exited})"),
        ),
        127 => Failure::new(
            Cause::StepFailed,
            format!("a command was not found ({exited})"),
        ),
        129..=192 => Failure::new(
            Cause::CrashedSignal,
            format!("ended by signal {} ({exited})", code - 128),
        ),
        _ => Failure::new(Cause::StepFailed, exited),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Room;

    fn ended(end: End, oom_kills: u64) -> ExecEnd {
        ExecEnd {
            oom_kills,
            ..ExecEnd::of(end)
        }
    }

    fn pytest() -> TestStep {
        TestStep {
            command: "pytest",
            inject_junit: true,
            pytest_runs: 1,
            ends: true,
            tox_pass_env: "pass_env",
        }
    }

    #[test]
    fn causes_by_evidence() {
        let pytest = pytest();
        for (end, ooms, test, cause) in [
            (End::Exited(1), 0, Some(&pytest), Cause::TestsFailed),
            (End::Exited(2), 0, Some(&pytest), Cause::TestsErrored),
            (End::Exited(5), 0, Some(&pytest), Cause::NoTestsCollected),
            (End::Exited(1), 0, None, Cause::StepFailed),
            (End::Exited(127), 0, Some(&pytest), Cause::StepFailed),
            (End::Exited(137), 0, None, Cause::CrashedSignal),
            (End::Exited(137), 1, None, Cause::Oom),
            (End::Exited(0), 1, Some(&pytest), Cause::OomPartial),
            (End::Vanished("x".to_owned()), 0, None, Cause::CrashedSignal),
            (End::Lost("x".to_owned()), 0, None, Cause::EngineLost),
        ] {
            let result = of(&ended(end.clone(), ooms), None, test, None);
            assert_eq!(
                result.failure.map(|failure| failure.cause),
                Some(cause),
                "{end:?}"
            );
            assert_eq!(result.outcome, Conclusion::Failure);
        }
    }

    #[test]
    fn a_limit_of_processes_is_told_where_it_made_a_step_fail() {
        for (code, cause) in [(254, Some(Cause::PidsLimit)), (0, None)] {
            let end = ExecEnd {
                forks_refused: 3,
                ..ended(End::Exited(code), 0)
            };
            let failure = of(&end, None, None, None).failure;
            assert_eq!(failure.map(|failure| failure.cause), cause);
        }
    }

    #[test]
    fn a_full_disk_is_told_where_the_output_and_the_disk_say_so() {
        let line = Some("cat: write error: No space left on device");
        for (free, code, line, cause) in [
            (0, 1, line, Some(Cause::ContainerDiskFull)),
            (0, 1, None, Some(Cause::TestsFailed)),
            (900_000, 1, line, Some(Cause::TestsFailed)),
            (0, 0, line, None),
        ] {
            let end = ExecEnd {
                rooms: vec![Room {
                    place: "/".to_owned(),
                    files: false,
                    free,
                    all: 1_000_000,
                }],
                ..ended(End::Exited(code), 0)
            };
            let failure = of(&end, None, Some(&pytest()), line).failure;
            assert_eq!(failure.map(|failure| failure.cause), cause);
        }
    }

    #[test]
    fn what_we_stopped_is_told_by_our_reason() {
        let timeout = Failure::new(Cause::StepTimeout, "too long");
        let result = of(
            &ended(End::Stopped, 0),
            Some(&timeout),
            Some(&pytest()),
            None,
        );
        assert_eq!(result.outcome, Conclusion::Failure);
        assert_eq!(result.failure, Some(timeout));
        let interrupt = Failure::new(Cause::UserInterrupt, "Ctrl-C");
        let result = of(
            &ended(End::Exited(2), 0),
            Some(&interrupt),
            Some(&pytest()),
            None,
        );
        assert_eq!(result.outcome, Conclusion::Cancelled);
    }

    #[test]
    fn a_command_that_was_done_already_is_done() {
        let timeout = Failure::new(Cause::StepTimeout, "too long");
        let result = of(&ended(End::Exited(0), 0), Some(&timeout), None, None);
        assert_eq!(result.outcome, Conclusion::Success);
    }
}
