//! `docker/setup-buildx-action`: the engine's own builder is there without it.

use super::{Call, Done};

pub(super) fn run(call: &Call<'_>) -> Done {
    call.say("nothing to set up: a job that has the engine's socket builds with the engine's own builder");
    Done {
        outputs: vec![
            ("name".to_owned(), "default".to_owned()),
            ("driver".to_owned(), "docker".to_owned()),
        ],
        ..Done::default()
    }
}
