//! Going on without containers when an image cannot be made. That is settled before the
//! first job begins: what ran in containers and what did not would prove nothing together.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::engine::{Engine, Stop};
use crate::image::Access;
use crate::plan::{ImageNeed, Plan};
use crate::record::{EventKind, Failure, Level};

use super::script::more_urgent;
use super::{Images, Setup};

/// Where jobs run when there are no images for them.
pub(crate) struct Fallback {
    /// The same workflow, planned for this machine.
    pub(crate) plan: Plan,
    /// This machine.
    pub(crate) engine: Arc<dyn Engine>,
    /// Images of what runs beside the jobs.
    pub(crate) images: Images,
}

/// Makes the images of all jobs; where one fails, the jobs run elsewhere.
pub(super) async fn settle(mut setup: Setup) -> Setup {
    let Some(fallback) = setup.fallback.take() else {
        return setup;
    };
    let Some(failure) = first_failure(&setup).await else {
        return setup;
    };
    let bus = &setup.bus;
    setup.images.finish(bus).await;
    let engine = fallback.engine.describe();
    let message = format!(
        "tests ran on this machine, not in containers: {}",
        failure.message
    );
    bus.emit(EventKind::FellBack { engine, failure });
    bus.notice(Level::Warning, None, message);
    let Fallback {
        plan,
        engine,
        images,
    } = fallback;
    Setup {
        plan,
        engine,
        images,
        ..setup
    }
}

/// Why the first image that failed could not be made. A run that is stopped meanwhile has
/// none: its jobs are not begun in any case.
async fn first_failure(setup: &Setup) -> Option<Failure> {
    let built: BTreeSet<_> = setup
        .plan
        .legs()
        .filter(|(job, leg)| !job.pending && leg.left_out.is_none() && leg.call.is_none())
        // Those with a name may need a login, which is known when their job starts.
        .filter(|(_, leg)| !matches!(leg.image, ImageNeed::Named(_)))
        .map(|(_, leg)| (&leg.image, leg.derived.as_ref()))
        .collect();
    let access = Access::default();
    let making = built
        .into_iter()
        .map(|(need, derived)| setup.images.get(need, derived, &access, &setup.bus));
    let mut halt = setup.halt.clone();
    tokio::select! {
        made = futures_util::future::join_all(making) => made.into_iter().find_map(Result::err),
        _ = more_urgent(&mut halt, Stop::Run) => None,
    }
}
