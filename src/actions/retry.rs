//! `nick-fields/retry`: a command that may be tried again.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::{Call, Done};
use crate::engine::{End, ExecEnd, ExecSpec, Stop};

/// What the inputs say.
struct Inputs {
    attempts: u32,
    limit: Option<Duration>,
    wait: Duration,
    shell: &'static str,
    retry_on: RetryOn,
    exit_code: Option<i64>,
}

/// What is worth another attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RetryOn {
    Any,
    Timeout,
    Error,
}

/// How one attempt ended.
enum Attempt {
    Good,
    Failed(i64),
    TimedOut,
    /// It was killed, or the step is to stop.
    Gone,
}

pub(super) async fn run(call: &Call<'_>) -> Done {
    let inputs = match inputs(call) {
        Ok(inputs) => inputs,
        Err(message) => return Done::failed(message),
    };
    match attempts(call, &inputs).await {
        Ok(done) | Err(done) => done,
    }
}

fn inputs(call: &Call<'_>) -> Result<Inputs, String> {
    let number = |name: &str| -> Result<Option<f64>, String> {
        match call.input(name) {
            "" => Ok(None),
            text => text
                .parse::<f64>()
                .ok()
                .filter(|number| *number >= 0.0 && number.is_finite())
                .map(Some)
                .ok_or_else(|| format!("`{name}` is `{text}`, which is no number")),
        }
    };
    if call.input("command").is_empty() {
        return Err("Input required and not supplied: command".to_owned());
    }
    let attempts: u32 = call
        .input("max_attempts")
        .parse()
        .ok()
        .filter(|attempts| *attempts > 0)
        .ok_or("`max_attempts` is not a number from 1")?;
    let limit = match (number("timeout_minutes")?, number("timeout_seconds")?) {
        (Some(_), Some(_)) => {
            return Err("Must specify either timeout_minutes or timeout_seconds inputs".to_owned());
        }
        (Some(minutes), None) => Some(minutes * 60.0),
        (None, seconds) => seconds,
    };
    let shell = match call.input("shell") {
        "" | "bash" if call.facts.is_none_or(|facts| facts.has("bash")) => "bash",
        "" => "sh",
        "sh" => "sh",
        "python" => "python",
        "pwsh" => "pwsh",
        other => {
            return Err(format!(
                "Shell {other} not supported.  See https://docs.github.com/en/actions/using-workflows/workflow-syntax-for-github-actions#jobsjob_idstepsshell for supported shells"
            ));
        }
    };
    let exit_code = match call.input("retry_on_exit_code") {
        "" => None,
        code => Some(
            code.parse()
                .map_err(|_| format!("`retry_on_exit_code` is `{code}`, which is no number"))?,
        ),
    };
    Ok(Inputs {
        attempts,
        limit: limit.map(|seconds| Duration::from_secs_f64(seconds.min(1.0e7))),
        wait: Duration::from_secs_f64(number("retry_wait_seconds")?.unwrap_or(10.0).min(1.0e6)),
        shell,
        retry_on: match call.input("retry_on") {
            "timeout" => RetryOn::Timeout,
            "error" => RetryOn::Error,
            _ => RetryOn::Any,
        },
        exit_code,
    })
}

async fn attempts(call: &Call<'_>, inputs: &Inputs) -> Result<Done, Done> {
    let mut done = Done::default();
    let again = call.input("new_command_on_retry");
    let mut mail: Vec<(&'static str, Vec<u8>)> = Vec::new();
    let mut attempt = 1;
    let (mut end, result) = loop {
        let command = if attempt > 1 && !again.is_empty() {
            again
        } else {
            call.input("command")
        };
        let (end, result) = one(call, inputs, command).await?;
        // The files are the step's: what an earlier attempt wrote stays.
        for (name, bytes) in &end.mailbox {
            match mail.iter_mut().find(|(other, _)| other == name) {
                Some((_, all)) => all.extend_from_slice(bytes),
                None => mail.push((name, bytes.clone())),
            }
        }
        let reason = match result {
            Attempt::Good | Attempt::Gone => break (end, result),
            Attempt::Failed(code) => format!("Child_process exited with error code {code}"),
            Attempt::TimedOut => format!(
                "Timeout of {}ms hit",
                inputs.limit.unwrap_or_default().as_millis()
            ),
        };
        let worth = match result {
            Attempt::TimedOut => inputs.retry_on != RetryOn::Error && inputs.exit_code.is_none(),
            Attempt::Failed(code) => {
                inputs.retry_on != RetryOn::Timeout
                    && inputs.exit_code.is_none_or(|wanted| wanted == code)
            }
            Attempt::Good | Attempt::Gone => false,
        };
        if attempt >= inputs.attempts || !worth {
            let error = if attempt >= inputs.attempts {
                format!("Final attempt failed. {reason}")
            } else {
                reason
            };
            call.say(&error);
            done.output("exit_error", error);
            break (end, result);
        }
        if pause(call, inputs.wait).await {
            break (end, result);
        }
        before_retry(call, inputs).await?;
        let said = format!("Attempt {attempt} failed. Reason: {reason}");
        if call.flag("warning_on_retry") {
            done.notices.push(said);
        } else {
            call.say(&said);
        }
        attempt += 1;
    };
    end.mailbox = mail;
    if matches!(result, Attempt::Good) {
        call.say(&format!("Command completed after {attempt} attempt(s)."));
    }
    done.output("total_attempts", attempt.to_string());
    let code = match result {
        Attempt::Good => 0,
        Attempt::Failed(code) => code,
        Attempt::TimedOut | Attempt::Gone => 1,
    };
    done.output("exit_code", code.to_string());
    if matches!(result, Attempt::TimedOut) {
        end.end = End::Exited(1);
    }
    if call.flag("continue_on_error") && code != 0 && !matches!(result, Attempt::Gone) {
        done.notices.push(format!(
            "the command failed with {code}, which `continue_on_error` allows"
        ));
        end.end = End::Exited(0);
    }
    done.ended = Some(end);
    Ok(done)
}

/// One attempt. As the action, it hands the command to the shell without `-e`.
async fn one(call: &Call<'_>, inputs: &Inputs, command: &str) -> Result<(ExecEnd, Attempt), Done> {
    let spec = ExecSpec {
        name: call.exec_name(),
        command: [inputs.shell, "{0}"].map(ToOwned::to_owned).to_vec(),
        script: format!("{command}\n").into_bytes(),
        env: call.env.to_vec(),
        cwd: call.workspace.to_owned(),
        mailbox: call.mailbox.to_vec(),
        ..ExecSpec::default()
    };
    let (sender, receiver) = watch::channel(Stop::Run);
    let mut outer = call.stop.clone();
    let mut running = call.host.exec(&spec, call.log.clone(), receiver);
    let until = inputs.limit.map(|limit| Instant::now() + limit);
    let mut timed_out = false;
    let mut level = Stop::Run;
    let end = loop {
        tokio::select! {
            end = &mut running => break end?,
            () = at(until), if !timed_out => {
                timed_out = true;
                let _ = sender.send(Stop::Gently);
            }
            next = Stop::more_urgent(&mut outer, level) => {
                level = next;
                let _ = sender.send(level);
            }
        }
    };
    let attempt = match (&end.end, level) {
        (_, Stop::Gently | Stop::Now) => Attempt::Gone,
        _ if timed_out => Attempt::TimedOut,
        (End::Exited(0), _) => Attempt::Good,
        (End::Exited(code), _) => Attempt::Failed(*code),
        _ => Attempt::Gone,
    };
    Ok((end, attempt))
}

async fn at(until: Option<Instant>) {
    match until {
        Some(until) => tokio::time::sleep_until(until).await,
        None => std::future::pending().await,
    }
}

/// Waits; whether the step is to stop meanwhile.
async fn pause(call: &Call<'_>, wait: Duration) -> bool {
    let mut stop = call.stop.clone();
    tokio::select! {
        () = tokio::time::sleep(wait) => false,
        _ = Stop::more_urgent(&mut stop, Stop::Run) => true,
    }
}

/// `on_retry_command`: its failure is told, no more.
async fn before_retry(call: &Call<'_>, inputs: &Inputs) -> Result<(), Done> {
    let command = call.input("on_retry_command");
    if !command.is_empty() {
        let (_, attempt) = one(
            call,
            &Inputs {
                limit: None,
                ..*inputs
            },
            command,
        )
        .await?;
        if let Attempt::Failed(code) = attempt {
            call.say(&format!(
                "WARNING: Retry command threw the error Command failed with exit code {code}"
            ));
        }
    }
    Ok(())
}
