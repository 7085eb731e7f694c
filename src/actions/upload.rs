//! Coverage and test results on their way to a service: Codecov and Coveralls. The
//! files stay in the run; uploaded is only when asked and with a token.

use super::script::quoted;
use super::{Call, Done};
use crate::plan::BuiltIn;
use crate::record::{Cause, Failure};

/// A service and how it is reached.
struct Service {
    name: &'static str,
    /// Variable and input that hold the token.
    token: (&'static str, &'static str),
    /// The command that uploads, and where it is from.
    command: (&'static str, &'static str),
    /// Input that makes a failed upload a failure.
    strict: &'static str,
}

const CODECOV: Service = Service {
    name: "Codecov",
    token: ("CODECOV_TOKEN", "token"),
    command: ("codecovcli", "pip install codecov-cli"),
    strict: "fail_ci_if_error",
};
const COVERALLS: Service = Service {
    name: "Coveralls",
    token: ("COVERALLS_REPO_TOKEN", "github-token"),
    command: (
        "coveralls",
        "https://github.com/coverallsapp/coverage-reporter",
    ),
    strict: "fail-on-error",
};

pub(super) async fn run(call: &Call<'_>) -> Done {
    let service = match call.built_in {
        BuiltIn::Coveralls => &COVERALLS,
        _ => &CODECOV,
    };
    let token = call
        .variable(service.token.0)
        .unwrap_or_else(|| call.input(service.token.1));
    let files: Vec<&str> = ["files", "file", "path-to-lcov"]
        .iter()
        .flat_map(|input| call.input(input).split([',', '\n', ' ']))
        .map(str::trim)
        .filter(|file| !file.is_empty())
        .collect();
    let named = match (files.is_empty(), call.built_in) {
        (false, _) => files.join(", "),
        (true, BuiltIn::CodecovTestResults) => "test results".to_owned(),
        (true, _) => "coverage".to_owned(),
    };
    if !call.uploads || token.is_empty() {
        let why = if call.uploads {
            "there is no token"
        } else {
            "uploads are made only with --upload"
        };
        call.say(&format!(
            "not uploaded: {why}; {named} stays in the run's folder where it was measured"
        ));
        return Done::default();
    }
    let (command, source) = service.command;
    let script = format!(
        "command -v {command} >/dev/null || {{ echo '{command} is not installed in the image ({source})'; exit 1; }}\n{}\n",
        upload_command(call, &files)
    );
    let variable = [(service.token.0.to_owned(), token.to_owned())];
    let failed = format!("{named} could not be uploaded to {}", service.name);
    match call.script_with(script, &variable).await {
        Ok(said) if said.good() => Done::default(),
        Ok(_) if call.flag(service.strict) => {
            Done::failure(Failure::new(Cause::SetupFailed, failed))
        }
        Ok(_) => Done {
            notices: vec![failed],
            ..Done::default()
        },
        Err(done) => done,
    }
}

fn upload_command(call: &Call<'_>, files: &[&str]) -> String {
    let mut command = match call.built_in {
        BuiltIn::Coveralls if call.flag("parallel-finished") => {
            return "coveralls done".to_owned();
        }
        BuiltIn::Coveralls => "coveralls report".to_owned(),
        BuiltIn::CodecovTestResults => {
            "codecovcli do-upload --report-type test_results --disable-search".to_owned()
        }
        _ => "codecovcli upload-process --disable-search".to_owned(),
    };
    if call.built_in == BuiltIn::Coveralls {
        for file in files {
            command.push_str(&format!(" {}", quoted(file)));
        }
        for (option, input) in [("format", "format"), ("job-flag", "flag-name")] {
            let value = call.input(input);
            if !value.is_empty() {
                command.push_str(&format!(" --{option} {}", quoted(value)));
            }
        }
        if call.flag("parallel") {
            command.push_str(" --parallel");
        }
        return command;
    }
    for file in files {
        command.push_str(&format!(" --file {}", quoted(file)));
    }
    for flag in call.input("flags").split(',').map(str::trim) {
        if !flag.is_empty() {
            command.push_str(&format!(" --flag {}", quoted(flag)));
        }
    }
    let name = call.input("name");
    if !name.is_empty() {
        command.push_str(&format!(" --name {}", quoted(name)));
    }
    command
}
