//! The runs of a history until one, for its page.

use crate::history::{Beside, Entry, Filter, Place, Store, wholes};
use crate::record::RunRecord;

/// Most runs that are read.
const RUNS: u64 = 300;

/// Runs of the same workflow until one, which is the last; the first one first. Nothing where
/// there is no history in a file: it is a help, and no more.
pub(in crate::cli) fn until(place: &Place, record: &RunRecord) -> Vec<Entry> {
    let Some(mut store) = Store::peek(place) else {
        return Vec::new();
    };
    let this = Entry::of_record(record, Beside::default());
    let filter = Filter {
        repository: Some(this.repository.clone()),
        workflow: Some(this.workflow.clone()),
        limit: Some(RUNS),
        ..Filter::default()
    };
    let mut entries = store.heads(&filter).unwrap_or_default();
    let another = |entry: &Entry| {
        entry.run != this.run && (entry.ci_run.is_none() || entry.ci_run != this.ci_run)
    };
    entries.retain(|entry| entry.started_at <= this.started_at && another(entry));
    entries.push(this);
    wholes(entries)
}
