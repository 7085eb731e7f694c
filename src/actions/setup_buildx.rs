//! `docker/setup-buildx-action`: seatrial builds images itself.

use super::{Call, Done};

pub(super) fn run(call: &Call<'_>) -> Done {
    call.say("nothing to set up: seatrial builds images with BuildKit itself");
    Done {
        outputs: vec![
            ("name".to_owned(), "default".to_owned()),
            ("driver".to_owned(), "docker".to_owned()),
        ],
        ..Done::default()
    }
}
