//! The reports that tests write, whether they come out and are kept; and thresholds, wherever
//! they stand.

use super::finding::{Finding, Topic, Verdict};
use super::item::{pytest, shown};
use super::pair::Items;
use super::read::{Body, Item, Kind, Ran, Way};
use super::text;
use super::triggers::arrow;
use super::uploads::{patterns, takes};
use crate::plan::Project;

/// A report of a way.
struct Report<'i, 'a> {
    kind: &'static str,
    path: String,
    item: &'i Item<'a>,
    comes_out: bool,
}

fn all<'i, 'a>(way: &'i Way<'a>) -> Vec<Report<'i, 'a>> {
    let mut found = Vec::new();
    for item in &way.items {
        let Body::Command(ran) = &item.body else {
            continue;
        };
        let due = &ran.due;
        for (kind, paths) in [
            ("JUnit", &due.junit),
            ("Cobertura", &due.cobertura),
            ("HTML", &due.html),
            ("LCOV", &due.lcov),
            ("JSON", &due.json),
        ] {
            for path in paths {
                found.push(Report {
                    kind,
                    path: of_checkout(path, ran),
                    item,
                    comes_out: ran.comes_out,
                });
            }
        }
    }
    found
}

fn of_checkout(path: &str, ran: &Ran) -> String {
    super::read::from_checkout(path, &ran.roots)
}

/// Compares the reports of two ways.
pub(super) fn compare(old: &Way<'_>, new: &Way<'_>, items: &Items, found: &mut Vec<Finding>) {
    let (before, after) = (all(old), all(new));
    let mut taken = vec![false; after.len()];
    let mut partners: Vec<Option<usize>> = vec![None; before.len()];
    for exact in [true, false] {
        for (report, partner) in before.iter().zip(&mut partners) {
            if partner.is_some() {
                continue;
            }
            let fits = |(at, other): &(usize, &Report<'_, '_>)| {
                !taken.get(*at).copied().unwrap_or(true)
                    && other.kind == report.kind
                    && (!exact || other.path == report.path)
            };
            let to = after.iter().enumerate().find(fits).map(|(at, _)| at);
            if let Some(taken) = to.and_then(|at| taken.get_mut(at)) {
                *taken = true;
            }
            *partner = to;
        }
    }
    let keeps = |way: &Way<'_>, path: &str| {
        way.items.iter().any(|item| match &item.body {
            Body::Action(uses) if item.kind == Kind::Upload => {
                patterns(uses).iter().any(|pattern| takes(pattern, path))
            }
            _ => false,
        })
    };
    for (report, partner) in before.iter().zip(&partners) {
        let what = format!("the {} report `{}`", report.kind, text::short(&report.path));
        let thing = shown(report.item);
        let other = partner.and_then(|at| after.get(at));
        let finding = match other {
            None => Finding::new(
                Verdict::Lost,
                Topic::Report,
                format!("{what} is not written any more"),
            )
            .at(Some(&report.item.at), None),
            Some(other) => one(
                report,
                other,
                &what,
                keeps(old, &report.path),
                keeps(new, &other.path),
                items,
                old,
            )
            .at(Some(&report.item.at), Some(&other.item.at)),
        };
        found.push(finding.of(thing));
    }
    for (report, _) in after.iter().zip(&taken).filter(|(_, taken)| !**taken) {
        let message = format!("the {} report `{}`", report.kind, text::short(&report.path));
        found.push(
            Finding::new(Verdict::Added, Topic::Report, message)
                .of(shown(report.item))
                .at(None, Some(&report.item.at)),
        );
    }
}

/// A report that is written on both sides.
fn one(
    old: &Report<'_, '_>,
    new: &Report<'_, '_>,
    what: &str,
    was_kept: bool,
    is_kept: bool,
    items: &Items,
    way: &Way<'_>,
) -> Finding {
    if old.comes_out && !new.comes_out {
        let message = format!(
            "{what} stays in its container: nothing mounts the checkout there or copies it out"
        );
        return Finding::new(Verdict::Lost, Topic::Report, message);
    }
    // An upload that is gone as a whole is told by itself.
    let uploads = way.items.iter().enumerate();
    let mut gone = uploads.filter(|(at, item)| item.kind == Kind::Upload && !items.has_old(*at));
    if was_kept && !is_kept && gone.next().is_none() {
        let message = format!(
            "{what} is written as `{}`, which nothing uploads",
            text::short(&new.path)
        );
        let message = match old.path == new.path {
            true => format!("{what} is not uploaded any more"),
            false => message,
        };
        return Finding::new(Verdict::Lost, Topic::Report, message);
    }
    if old.path == new.path {
        return Finding::new(Verdict::Same, Topic::Report, what.to_owned());
    }
    let message = format!(
        "the {} report {}",
        old.kind,
        arrow(Some(&old.path), Some(&new.path))
    );
    Finding::new(Verdict::Changed, Topic::Report, message)
}

/// A threshold of a way.
struct Limit<'i, 'a> {
    /// As written; absent where the configuration of coverage.py says it.
    value: Option<String>,
    item: &'i Item<'a>,
    at: usize,
}

fn limits<'i, 'a>(way: &'i Way<'a>) -> Vec<Limit<'i, 'a>> {
    let given = |item: &Item<'_>| -> Option<Option<String>> {
        if let Some((_, options)) = pytest(item) {
            return options.threshold.map(Some);
        }
        (item.kind == Kind::Threshold).then(|| {
            let mut words = item.words.iter();
            while let Some(word) = words.next() {
                let is_limit =
                    word.starts_with("--fail-under") || word.starts_with("--minimum-coverage");
                if is_limit {
                    let value = word.split_once('=').map(|(_, value)| value.to_owned());
                    return value.or_else(|| words.next().cloned());
                }
            }
            None
        })
    };
    let items = way.items.iter().enumerate();
    items
        .filter_map(|(at, item)| {
            Some(Limit {
                value: given(item)?,
                item,
                at,
            })
        })
        .collect()
}

/// Compares the thresholds of two ways, in whatever command they stand.
pub(super) fn thresholds(
    old: (&Way<'_>, &Project),
    new: (&Way<'_>, &Project),
    items: &Items,
    found: &mut Vec<Finding>,
) {
    let (before, after) = (limits(old.0), limits(new.0));
    let mut taken = vec![false; after.len()];
    let mut partners: Vec<Option<usize>> = vec![None; before.len()];
    for exact in [true, false] {
        for (limit, partner) in before.iter().zip(&mut partners) {
            let of_item = items.pairs.iter().find(|(at, _)| *at == limit.at);
            let fits = |at: &usize| {
                let is_free = !taken.get(*at).copied().unwrap_or(true);
                let other = after.get(*at).map(|other| other.at);
                let is_partner = of_item
                    .zip(other)
                    .is_some_and(|((_, new), other)| new.contains(&other));
                is_free && (!exact || is_partner)
            };
            *partner = partner.or_else(|| (0..after.len()).find(fits));
            if let Some(taken) = partner.and_then(|at| taken.get_mut(at)) {
                *taken = true;
            }
        }
    }
    for (limit, partner) in before.iter().zip(&partners) {
        let other = partner.and_then(|at| after.get(at));
        let thing = shown(limit.item);
        let Some(other) = other else {
            let told = value(limit, old.1);
            let message = format!("the threshold {told} is gone");
            found.push(
                Finding::new(Verdict::Lost, Topic::Threshold, message)
                    .of(thing)
                    .at(Some(&limit.item.at), None),
            );
            continue;
        };
        let (was, is) = (value(limit, old.1), value(other, new.1));
        let number = |text: &str| {
            text.trim_matches('`')
                .trim_end_matches('%')
                .parse::<f64>()
                .ok()
        };
        let (verdict, message) = match (number(&was), number(&is)) {
            _ if was == is => (Verdict::Same, format!("the threshold {is}")),
            (Some(a), Some(b)) if b < a => (
                Verdict::Weakened,
                format!("the threshold is lower: {was} → {is}"),
            ),
            (Some(_), Some(_)) => (
                Verdict::Changed,
                format!("the threshold is higher: {was} → {is}"),
            ),
            _ => (Verdict::Changed, format!("the threshold {was} → {is}")),
        };
        found.push(
            Finding::new(verdict, Topic::Threshold, message)
                .of(shown(other.item))
                .at(Some(&limit.item.at), Some(&other.item.at)),
        );
    }
    for (limit, _) in after.iter().zip(&taken).filter(|(_, taken)| !**taken) {
        let message = format!("the threshold {}", value(limit, new.1));
        found.push(
            Finding::new(Verdict::Added, Topic::Threshold, message)
                .of(shown(limit.item))
                .at(None, Some(&limit.item.at)),
        );
    }
}

/// A threshold as text.
fn value(limit: &Limit<'_, '_>, project: &Project) -> String {
    let configured = || {
        project
            .fail_under
            .as_ref()
            .map(|(percent, ..)| percent.to_string())
    };
    match limit.value.clone().or_else(configured) {
        Some(value) => format!("`{value}`"),
        None => "of the configuration".to_owned(),
    }
}
