//! Removing what runs left on the engine: what dead runs left at the start of the
//! next, and what a killed one still makes while the engine finishes its calls.

use std::time::Duration;

use tokio::time::Instant;

use super::EngineError;
use crate::docker::{Docker, DockerError, Leftover, Owner};
use crate::engine::Sweep;

/// How long nothing new may have appeared before a run counts as gone. An engine
/// finishes calls whose caller is dead: containers appeared more than two seconds later.
const QUIET: Duration = Duration::from_secs(5);
/// Time between two looks.
const INTERVAL: Duration = Duration::from_millis(250);
/// When to give up on an engine that does not let go of something, or does not answer.
const LIMIT: Duration = Duration::from_secs(10 * 60);

/// Removes everything of `scope`; gives the names of what was removed. What cannot be
/// removed keeps nothing else from it.
pub(super) async fn sweep(
    docker: &Docker,
    scope: Sweep,
    current: &Owner,
) -> Result<Vec<String>, EngineError> {
    let mut removed = Vec::new();
    let mut trouble = Ok(());
    for leftover in docker.leftovers(None).await? {
        let wanted = match scope {
            Sweep::Everything => true,
            // Whose it is cannot be told of some: leave them to `clean --all`.
            Sweep::Dead => leftover.is_dead(current),
        };
        if wanted {
            match docker.remove_leftover(&leftover).await {
                Ok(()) => removed.push(format!("{leftover} of run {}", leftover.run)),
                Err(error) => trouble = Err(error),
            }
        }
    }
    match trouble {
        // What was removed is worth more than what was not: the next sweep tries again.
        Err(error) if removed.is_empty() => Err(error.into()),
        _ => Ok(removed),
    }
}

/// Removes everything of one run, until nothing of it has appeared for a while.
///
/// # Errors
/// The last error, when the engine did not let go of everything within ten minutes.
pub(crate) async fn reap(docker: &Docker, run: &str) -> Result<(), EngineError> {
    let begun = Instant::now();
    let mut seen = begun;
    loop {
        let trouble = match docker.leftovers(Some(run)).await {
            Ok(found) if found.is_empty() => None,
            Ok(found) => {
                seen = Instant::now();
                remove_all(docker, &found).await.err()
            }
            Err(error) => {
                seen = Instant::now();
                Some(error)
            }
        };
        if seen.elapsed() >= QUIET {
            return Ok(());
        }
        if begun.elapsed() >= LIMIT {
            return trouble.map_or(Ok(()), |error| Err(error.into()));
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

/// Removes containers, then what they used. One after the other, see
/// `Belongings::each_container`.
async fn remove_all(docker: &Docker, found: &[Leftover]) -> Result<(), DockerError> {
    let mut result = Ok(());
    for one in found {
        result = docker.remove_leftover(one).await.and(result);
    }
    result
}
