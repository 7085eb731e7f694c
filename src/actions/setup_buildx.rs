//! `docker/setup-buildx-action`: the engine's own builder is there without it.

use super::script::quoted;
use super::{Call, Done};

/// Notes that a builder was set up: what one builds is not on the engine on GitHub, unless
/// the build says so.
pub(super) async fn run(call: &Call<'_>) -> Done {
    let noted = call.script(format!(": >{}\n", quoted(&note(call)))).await;
    if let Err(done) = noted {
        return done;
    }
    call.say("nothing to set up: a job that has an engine builds with the engine's own builder");
    Done {
        outputs: vec![
            ("name".to_owned(), "default".to_owned()),
            ("driver".to_owned(), "docker".to_owned()),
        ],
        ..Done::default()
    }
}

/// Whether the job has set one up.
pub(super) async fn has_builder(call: &Call<'_>) -> Result<bool, Done> {
    let script = format!("[ -f {} ]\n", quoted(&note(call)));
    Ok(call.script(script).await?.good())
}

fn note(call: &Call<'_>) -> String {
    format!("{}/tools/buildx", call.host.control())
}
