//! `codecov/codecov-action`: keeps the report; uploads only when asked and with a
//! token.

use tokio::sync::watch;

use super::{Call, Done};
use crate::engine::{End, ExecSpec, Stop};
use crate::record::{Cause, Failure};

pub(super) async fn run(call: &Call<'_>) -> Done {
    let token = call
        .env
        .iter()
        .find(|(name, _)| name == "CODECOV_TOKEN")
        .map_or(call.input("token"), |(_, value)| value.as_str());
    let mut files: Vec<&str> = Vec::new();
    for input in [call.input("files"), call.input("file")] {
        files.extend(
            input
                .split([',', '\n'])
                .map(str::trim)
                .filter(|file| !file.is_empty()),
        );
    }
    let named = if files.is_empty() {
        "coverage".to_owned()
    } else {
        files.join(", ")
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
    let mut command = "codecovcli upload-process --disable-search".to_owned();
    for file in &files {
        command.push_str(&format!(" --file '{}'", file.replace('\'', "'\\''")));
    }
    let mut env = call.env.to_vec();
    env.push(("CODECOV_TOKEN".to_owned(), token.to_owned()));
    let spec = ExecSpec {
        name: "codecov".to_owned(),
        command: ["sh", "-e", "{0}"].map(ToOwned::to_owned).to_vec(),
        script: format!(
            "command -v codecovcli >/dev/null || {{ echo 'codecovcli is not installed in the image (pip install codecov-cli)'; exit 1; }}\n{command}\n"
        )
        .into_bytes(),
        env,
        cwd: call.workspace.to_owned(),
        ..ExecSpec::default()
    };
    let (_keep, stop) = watch::channel(Stop::Run);
    match call.host.exec(&spec, call.log.clone(), stop).await {
        Ok(end) if end.end == End::Exited(0) => Done::default(),
        Ok(_) if call.flag("fail_ci_if_error") => Done {
            failure: Some(Failure::new(
                Cause::SetupFailed,
                format!("{named} could not be uploaded to Codecov"),
            )),
            ..Done::default()
        },
        Ok(_) => Done {
            notices: vec![format!("{named} could not be uploaded to Codecov")],
            ..Done::default()
        },
        Err(error) => Done {
            failure: Some(error.failure()),
            ..Done::default()
        },
    }
}
