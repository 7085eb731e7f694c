//! `actions/checkout`: the source is there already, from the image or copied in
//! when the job's container was made.

use super::{Call, Done};

pub(super) fn run(call: &Call<'_>) -> Done {
    if !call.input("path").is_empty() {
        return Done::failed("the input `path` of actions/checkout is not supported yet");
    }
    let other = call.input("repository");
    if !other.is_empty() {
        return Done::failed(format!(
            "checking out another repository (`{other}`) is not supported yet"
        ));
    }
    call.say(&format!("{} is {}", call.workspace, call.source));
    Done::default()
}
