//! What the legs of a workflow usually take, for whoever watches a run.

use std::collections::BTreeMap;

use crate::cli::App;
use crate::history::{Filter, Source, Store, StoreError};
use crate::record::Conclusion;
use crate::settings::HistoryAsked;

/// Runs that are looked at.
const RUNS: u64 = 15;

/// The middle time of each leg in milliseconds, of the last runs that succeeded there on a
/// machine like this one. Nothing where the history does not tell: it is a help, and no more.
pub(in crate::cli) fn expected(
    app: &App,
    asked: &HistoryAsked,
    workflow: &str,
) -> BTreeMap<String, u64> {
    let store = asked.enabled.then(|| Store::peek(&asked.place)).flatten();
    let times = store.map(|mut store| times(app, &mut store, workflow));
    times.and_then(Result::ok).unwrap_or_default()
}

fn times(
    app: &App,
    store: &mut Store,
    workflow: &str,
) -> Result<BTreeMap<String, u64>, StoreError> {
    let filter = Filter {
        workflow: Some(workflow.to_owned()),
        limit: Some(RUNS),
        ..Filter::default()
    };
    let source = match app.environment.is_ci() {
        true => Source::Ci,
        false => Source::Local,
    };
    let runs = store.heads(&filter)?;
    let here: Vec<_> = runs.iter().filter(|run| run.source == source).collect();
    let machine = here.first().map(|run| run.machine_class());
    let mut times: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for run in here
        .iter()
        .filter(|run| Some(run.machine_class()) == machine)
    {
        for leg in &run.legs {
            if leg.conclusion == Some(Conclusion::Success) {
                times.entry(leg.key.clone()).or_default().extend(leg.millis);
            }
        }
    }
    Ok(times
        .into_iter()
        .filter_map(|(leg, mut all)| {
            all.sort_unstable();
            Some((leg, *all.get(all.len() / 2)?))
        })
        .collect())
}
