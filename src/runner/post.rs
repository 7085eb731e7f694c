//! What actions do at the end of a job, in reverse order of their steps.

use crate::actions::SaveCache;
use crate::record::{Conclusion, EventKind, StepKey};

use super::leg::Running;
use super::phases::{self, Invocation};

/// Something that is to be done when the steps are done.
pub(super) enum Post {
    /// A cache is to be saved, as a step of this name asked for.
    Cache(String, SaveCache),
    /// The `post` phase of an action's own code.
    Action(Box<Invocation>),
}

/// Whether processes are needed at the end: then it comes before the halt.
pub(super) fn needs_processes(running: &Running<'_>) -> bool {
    running
        .posts
        .iter()
        .any(|post| matches!(post, Post::Action(_)))
}

/// Does it all. Saving a cache reads files of an environment that does not run; a
/// `live` one is frozen for that.
pub(super) async fn steps(running: &mut Running<'_>, live: bool) {
    let planned = u32::try_from(running.leg.every_step().len()).unwrap_or(u32::MAX);
    let mut number = planned.max(running.extra_steps);
    while let Some(post) = running.posts.pop() {
        number = number.saturating_add(1);
        match post {
            Post::Action(post) => phases::post(running, &post, number).await,
            Post::Cache(name, save) => {
                if live && running.host.freeze().await.is_err() {
                    running.warn(&format!("the cache of `{name}` is not saved: no freeze"));
                    continue;
                }
                save_cache(running, &name, &save, number).await;
                if live {
                    let _ = running.host.thaw().await;
                }
            }
        }
    }
}

async fn save_cache(running: &Running<'_>, name: &str, save: &SaveCache, number: u32) {
    let bus = &running.shared.setup.bus;
    let step = StepKey {
        job: running.leg.key.clone(),
        step: number,
    };
    let name = format!("Post {name}");
    bus.emit(EventKind::StepStarted {
        step: step.clone(),
        name: name.clone(),
    });
    // As `post-if: success()` of actions/cache.
    let (outcome, note) = if running.state.status == Conclusion::Success {
        (Conclusion::Success, save.save(running.host.as_ref()).await)
    } else {
        (
            Conclusion::Skipped,
            "the cache is saved only when the job succeeds".to_owned(),
        )
    };
    bus.emit(EventKind::StepFinished {
        step,
        name,
        outcome,
        conclusion: outcome,
        exit_code: None,
        failure: None,
        note: Some(note),
    });
}
