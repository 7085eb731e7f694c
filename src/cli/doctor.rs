//! `seatrial doctor`: whether this machine is ready, and what to do where it is not.

mod advice;
mod checks;
mod github;
mod machine;
mod names;
mod required;

use std::path::Path;

use serde_json::json;

use super::App;
use super::args::{DoctorArgs, Format};
use super::engine::{Found, find};
use super::error::CliError;
use super::out::Stream;
use crate::record::EXIT_SUCCESS;
use crate::report::{Look, Sign, one_line};
use checks::{Check, Status};

/// Looks at everything. Gives the exit code.
pub(super) async fn doctor(app: &App, args: &DoctorArgs) -> u8 {
    let (checks, code) = match find(&app.environment).await {
        Ok(found) => (with_engine(app, &found).await, EXIT_SUCCESS),
        Err(error) => {
            let code = error.cause.exit_code();
            (without_engine(app, &error).await, code)
        }
    };
    let code = match checks.iter().any(|check| check.status == Status::Fail) {
        true if code == EXIT_SUCCESS => crate::record::Cause::EngineUnreachable.exit_code(),
        _ => code,
    };
    match args.format {
        Format::Text => app.out.data(&text(&checks, look(app), NOT_READY)),
        Format::Json => app
            .out
            .data(&crate::report::json_text(&document(&checks, code))),
    }
    code
}

/// Looks at the link to GitHub instead. Gives the exit code.
pub(super) fn doctor_github(app: &App, args: &DoctorArgs) -> u8 {
    let (checks, code) = github::checks(app);
    match args.format {
        Format::Text => {
            let not_ready = "not ready: see above\n";
            app.out.data(&text(&checks, look(app), not_ready));
        }
        Format::Json => app
            .out
            .data(&crate::report::json_text(&document(&checks, code))),
    }
    code
}

/// What is said at the end where this machine is not ready.
const NOT_READY: &str = "not ready: seatrial cannot run tests in containers here\n";

fn look(app: &App) -> Look {
    Look {
        colour: Stream::Stdout.colour(),
        ascii: app.environment.ascii(),
    }
}

async fn with_engine(app: &App, found: &Found) -> Vec<Check> {
    let mut all = vec![checks::engine(&found.version, &found.candidate)];
    all.extend(checks::components(&found.version));
    match found.docker.info().await {
        Ok(info) => {
            all.extend(checks::info(&info));
            all.extend(advice::of_engine(&info, &found.version.product));
            // `host` and `none` have no addresses.
            if let Ok(networks) = found.docker.networks().await {
                all.push(advice::pools(&info, networks.saturating_sub(2) as u64));
            }
            let root = Path::new(&info.root);
            if found.docker.address().starts_with("unix:") && root.is_dir() {
                all.push(machine::disk("engine's disk", root));
            }
        }
        Err(error) => all.push(Check::fail("engine", &error.to_string(), None)),
    }
    all.push(checks::leftovers(
        found
            .docker
            .leftovers(None)
            .await
            .map_err(|error| error.to_string()),
    ));
    all.extend(machine::checks(app).await);
    all
}

async fn without_engine(app: &App, error: &CliError) -> Vec<Check> {
    let mut message = error.message.clone();
    for line in &error.details {
        message.push_str(&format!("; tried {line}"));
    }
    let mut all = vec![Check::fail("engine", &message, error.hint.as_deref())];
    all.extend(machine::checks(app).await);
    all
}

/// A line each, a remedy below where there is one.
fn text(checks: &[Check], look: Look, not_ready: &str) -> String {
    let width = checks
        .iter()
        .map(|check| check.name.len())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    for check in checks {
        let (sign, word) = match check.status {
            Status::Ok => (Sign::Good, "ok  "),
            Status::Warn => (Sign::Warn, "warn"),
            Status::Fail => (Sign::Bad, "FAIL"),
        };
        let word = look.paint(sign.tone(), word);
        text.push_str(&format!(
            "{} {word} {:width$}  {}\n",
            look.painted(sign),
            check.name,
            look.own(&one_line(&check.message))
        ));
        if let Some(remedy) = &check.remedy {
            text.push_str(&format!(
                "{:indent$}{}\n",
                "",
                one_line(remedy),
                indent = width + 9
            ));
        }
    }
    text.push('\n');
    text.push_str(&conclusion(checks, not_ready));
    text
}

fn conclusion(checks: &[Check], not_ready: &str) -> String {
    let count = |status| checks.iter().filter(|check| check.status == status).count();
    match (count(Status::Fail), count(Status::Warn)) {
        (0, 0) => "ready\n".to_owned(),
        (0, 1) => "ready, with 1 warning\n".to_owned(),
        (0, warnings) => format!("ready, with {warnings} warnings\n"),
        _ => not_ready.to_owned(),
    }
}

fn document(checks: &[Check], code: u8) -> serde_json::Value {
    json!({
        "schema": 1,
        "ready": code == EXIT_SUCCESS,
        "exit_code": code,
        "checks": checks
            .iter()
            .map(|check| json!({
                "name": check.name,
                "status": check.status.as_str(),
                "message": check.message,
                "remedy": check.remedy,
            }))
            .collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_a_word_and_a_remedy_stands_below() {
        let checks = [
            Check::ok("engine", "docker 28.2.2"),
            Check::warn("buildx", "not installed", "install docker-buildx"),
            Check::fail("git", "broken", None),
        ];
        let look = Look {
            colour: false,
            ascii: true,
        };
        assert_eq!(
            text(&checks, look, NOT_READY),
            "+ ok   engine  docker 28.2.2\n\
             ! warn buildx  not installed\n\
             \u{20}              install docker-buildx\n\
             x FAIL git     broken\n\
             \n\
             not ready: seatrial cannot run tests in containers here\n"
        );
        assert_eq!(
            conclusion(&checks[..2], NOT_READY),
            "ready, with 1 warning\n"
        );
        assert_eq!(conclusion(&checks[..1], NOT_READY), "ready\n");
        let document = document(&checks, 10);
        assert_eq!(document["ready"], false);
        assert_eq!(document["checks"][1]["status"], "warn");
        assert_eq!(document["checks"][0]["remedy"], serde_json::Value::Null);
    }
}
