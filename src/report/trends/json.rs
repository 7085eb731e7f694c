//! Trends for programs.

use serde_json::{Value, json};

use super::{around, run};
use crate::history::Entry;
use crate::trend::{Cache, Change, Followed, Overview, Unit};

/// Version of the form.
const SCHEMA: u32 = 1;

/// What is said of runs, with all figures.
pub(crate) fn trends_json(overviews: &[Overview], entries: &[Entry]) -> Value {
    let groups: Vec<Value> = overviews
        .iter()
        .map(|one| {
            let trends = one.trends.iter().map(|trend| followed(trend, entries));
            json!({
                "repository": one.repository,
                "workflow": one.workflow,
                "machine": one.machine,
                "runs": one.runs,
                "trends": trends.collect::<Vec<Value>>(),
            })
        })
        .collect();
    json!({ "schema": SCHEMA, "groups": groups })
}

fn followed(followed: &Followed, entries: &[Entry]) -> Value {
    let trend = &followed.trend;
    let metric = &trend.metric;
    let or_null = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let points: Vec<Value> = trend
        .points
        .iter()
        .filter_map(|point| {
            let entry = entries.get(point.run)?;
            Some(json!({ "run": entry.run.0, "sha": entry.sha, "value": point.value }))
        })
        .collect();
    let levels: Vec<Value> = trend
        .levels
        .iter()
        .map(|level| {
            json!({
                "first_run": run(trend, level.from, entries).map(|entry| entry.run.0.as_str()),
                "runs": level.until - level.from,
                "median": level.median,
            })
        })
        .collect();
    json!({
        "metric": metric.kind.as_str(),
        "name": metric.name(),
        "leg": or_null(&metric.leg),
        "step": or_null(&metric.step),
        "cache": metric.cache.map(Cache::as_str),
        "unit": match metric.kind.unit() {
            Unit::Millis => "ms",
            Unit::Percent => "percent",
            Unit::Bytes => "bytes",
        },
        "normal": trend.normal.map(|normal| json!({ "median": normal.median, "noise": normal.noise })),
        "last": trend.last().map(|point| point.value),
        "judgement": trend.judgement.as_str().replace(' ', "_"),
        "change": trend.judgement.change().map(|change| of_change(followed, &change, entries)),
        "levels": levels,
        "points": points,
    })
}

fn of_change(followed: &Followed, change: &Change, entries: &[Entry]) -> Value {
    let trend = &followed.trend;
    let around = around(trend, change, entries);
    let grown: Vec<Value> = followed
        .grown
        .iter()
        .map(|one| json!({ "part": one.part, "before": one.before, "after": one.after }))
        .collect();
    json!({
        "before": change.before,
        "after": change.after,
        "drift": change.drift,
        "first_run": around.map(|(_, first)| first.run.0.as_str()),
        "last_run_before": around.map(|(before, _)| before.run.0.as_str()),
        "commits": around.map(|(before, first)| json!([before.sha, first.sha])),
        "known_with_run": run(trend, change.found, entries).map(|entry| entry.run.0.as_str()),
        "grown": grown,
    })
}
