//! `seatrial plan`.

use super::App;
use super::args::{PlanArgs, PlanFormat};
use super::error::CliError;
use super::out::Stream;
use super::request::ask;
use super::screen;
use crate::record::EXIT_SUCCESS;
use crate::report::{self, Look};

/// Shows the plan. Gives the exit code.
#[expect(clippy::unused_async, reason = "commands have one form")]
pub(super) async fn plan(app: &App, args: &PlanArgs) -> u8 {
    match try_plan(app, args) {
        Ok(()) => EXIT_SUCCESS,
        Err(error) => app.fail(&error),
    }
}

fn try_plan(app: &App, args: &PlanArgs) -> Result<(), CliError> {
    let asked = ask(app, &args.selection, args.flags())?;
    for found in &asked.prepared.findings {
        app.out.warning(&found.message);
    }
    let plan = &asked.prepared.plan;
    let text = match args.format {
        PlanFormat::Text => report::plan_text(
            plan,
            screen::width(app, Stream::Stdout),
            Look {
                colour: Stream::Stdout.colour(),
                ascii: app.environment.ascii(),
            },
        ),
        PlanFormat::Json => report::json_text(&report::plan_json(plan)),
        PlanFormat::Mermaid => report::plan_mermaid(plan),
    };
    app.out.data(&text);
    Ok(())
}
