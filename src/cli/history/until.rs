//! The runs of a history until one, for its page.

use std::time::Duration;

use super::in_time;
use crate::history::{Beside, Entry, Filter, Place, Purpose, Store, StoreError, wholes};
use crate::record::RunRecord;

/// Most runs that are read.
const RUNS: u64 = 300;
/// How long a page waits for a server: its charts are a help, and no more.
const PATIENCE: Duration = Duration::from_secs(3);

/// Runs of the same workflow until one, which is the last; the first one first. Nothing where
/// there is no history, or it does not tell.
pub(in crate::cli) fn until(place: &Place, record: &RunRecord) -> Vec<Entry> {
    let this = Entry::of_record(record, Beside::default());
    let filter = Filter {
        repository: Some(this.repository.clone()),
        workflow: Some(this.workflow.clone()),
        limit: Some(RUNS),
        ..Filter::default()
    };
    let Some(mut entries) = earlier(place, filter) else {
        return Vec::new();
    };
    let another = |entry: &Entry| {
        entry.run != this.run && (entry.ci_run.is_none() || entry.ci_run != this.ci_run)
    };
    entries.retain(|entry| entry.started_at <= this.started_at && another(entry));
    entries.push(this);
    wholes(entries)
}

/// `None` where there is no history.
fn earlier(place: &Place, filter: Filter) -> Option<Vec<Entry>> {
    if let Place::File(_) = place {
        return Some(Store::peek(place)?.heads(&filter).unwrap_or_default());
    }
    let place = place.clone();
    let read = move || Store::open(&place, Purpose::Read)?.heads(&filter);
    in_time::<Result<_, StoreError>>(PATIENCE, read)?.ok()
}
