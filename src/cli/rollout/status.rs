//! `seatrial rollout status`.

use super::{FLAG, Scene, StatusArgs, rolled_back_at};
use crate::cli::App;
use crate::cli::args::Format;
use crate::cli::error::CliError;
use crate::cli::out::Stream;
use crate::cli::screen;
use crate::record::EXIT_SUCCESS;
use crate::report::{self, Look, RolloutState};
use crate::rollout::{judge, readiness};

/// Shows where things stand.
pub(super) fn status(app: &App, args: &StatusArgs) -> Result<u8, CliError> {
    let scene = Scene::open(app, &args.of)?;
    let flag = match args.github {
        true => scene
            .client(app)?
            .effective_variable(FLAG)?
            .map(|(value, _)| value),
        false => app.environment.docker_tests().map(str::to_owned),
    };
    let (entries, decisions) = scene.past(app)?;
    let back = rolled_back_at(&decisions);
    let state = RolloutState {
        workflow: &scene.workflow,
        repository: scene.repository(),
        sha: &scene.sha,
        flag: flag.as_deref(),
        asked_github: args.github,
        judgement: judge(&entries, &scene.rules),
        readiness: back.map(|since| readiness(&entries, since, &scene.rules)),
        decisions: &decisions,
    };
    show(app, args.format, &state);
    Ok(EXIT_SUCCESS)
}

/// Writes the state in the form that is asked for.
pub(super) fn show(app: &App, format: Format, state: &RolloutState<'_>) {
    app.out.data(&match format {
        Format::Json => report::json_text(&report::rollout_json(state)),
        Format::Text => {
            let look = Look {
                colour: Stream::Stdout.colour(),
                ascii: app.environment.ascii(),
            };
            report::rollout_text(state, screen::width(app, Stream::Stdout), look)
        }
    });
}
