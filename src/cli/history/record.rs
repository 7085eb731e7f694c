//! A run that has ended goes into the history. Trouble with that changes no verdict.

use std::time::Duration;

use super::in_time;
use crate::cli::App;
use crate::history::{Beside, Entry, Place, Prune, Store, Trouble};
use crate::record::RunRecord;
use crate::settings::HistoryAsked;
use crate::triage::Diagnosis;

/// How long the end of a run may wait for the history: longer than a lock is waited for, and
/// than a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(12);
/// Milliseconds of a day.
const DAY: u64 = 24 * 60 * 60 * 1000;

/// Adds a run to the history. What is in the way is a warning.
pub(in crate::cli) fn record(
    app: &App,
    asked: &HistoryAsked,
    record: &RunRecord,
    diagnosis: Option<&Diagnosis>,
) {
    if !asked.enabled {
        return;
    }
    let signatures = diagnosis.map(|found| found.findings.iter().map(|one| one.id.clone()));
    let beside = Beside {
        signatures: signatures.into_iter().flatten().collect(),
        rollout: app.environment.docker_tests().map(ToOwned::to_owned),
    };
    let entry = Entry::of_record(record, beside);
    let prune = Prune {
        keep: asked.keep,
        before: asked
            .keep_days
            .map(|days| record.started_at.saturating_sub(days.saturating_mul(DAY))),
        repository: Some(entry.repository.clone()),
    };
    let place = asked.place.clone();
    let recorded = in_time(PATIENCE, move || Store::record(&place, &entry, &prune));
    match recorded {
        Some(Ok(notices)) => {
            for notice in notices {
                app.out.warning(&notice);
            }
        }
        Some(Err(error)) => {
            let place = named(&asked.place);
            let place = match error.message.contains(&place) {
                true => String::new(),
                false => format!(" {place}"),
            };
            app.out.warning(&format!(
                "the run is not in the history{place}: {}",
                error.message
            ));
            let hint = match error.trouble {
                Trouble::Locked | Trouble::Unreachable => Some(take_in(record)),
                _ => error.hint,
            };
            if let Some(hint) = hint {
                app.out.hint(&hint);
            }
        }
        None => {
            app.out.warning(&format!(
                "the run is not in the history: {} has not answered for {} s",
                named(&asked.place),
                PATIENCE.as_secs()
            ));
            app.out.hint(&take_in(record));
        }
    }
}

fn named(place: &Place) -> String {
    match place {
        Place::File(path) => path.display().to_string(),
        Place::Server(url) => url.to_string(),
    }
}

/// How the run can be added later.
fn take_in(record: &RunRecord) -> String {
    format!(
        "later, `seatrial history import .seatrial/runs/{}` adds it",
        record.info.id
    )
}
