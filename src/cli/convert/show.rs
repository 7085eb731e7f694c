//! What a person sees of a conversion.

use similar::TextDiff;

use super::files::{Change, Changes};
use crate::cli::App;

/// All changes as one unified diff.
pub(super) fn diff(files: &[Change]) -> String {
    files
        .iter()
        .filter(|change| change.changes())
        .map(|change| {
            let before = change.before.as_deref().unwrap_or_default();
            let old = match change.before {
                Some(_) => format!("a/{}", change.path),
                None => "/dev/null".to_owned(),
            };
            TextDiff::from_lines(before, &change.after)
                .unified_diff()
                .header(&old, &format!("b/{}", change.path))
                .to_string()
        })
        .collect()
}

/// What to do with what was written.
pub(super) fn what_is_next(app: &App, changes: &Changes) {
    if !changes.files.iter().any(Change::changes) {
        return;
    }
    app.out
        .say("the steps themselves are as they were, and are the fallback");
    app.out.say("the variable CI_USE_DOCKER_TESTS (true, false, shadow or a percentage) of the repository chooses");
    app.out.say("`seatrial compare` shows whether the tests agree; `seatrial convert --revert --in-place` takes all back");
}
