//! Which job and which item of the new file is which of the old one.

use std::collections::BTreeSet;

use super::finding::Where;
use super::read::{Body, Item, JobMeaning, Kind, Meaning, Way};
use crate::plan::{base_name, without_wrappers};

/// Jobs that belong together.
#[derive(Debug, Default)]
pub(super) struct Jobs {
    /// Their indexes in the old and the new file.
    pub(super) pairs: Vec<(usize, usize)>,
    /// Those that only the old file has.
    pub(super) lost: Vec<usize>,
    /// Those that only the new one has.
    pub(super) added: Vec<usize>,
}

/// Jobs without a partner of their id or name that are looked through for one.
const MAX_GUESSED: usize = 200;

/// Whether two jobs belong together.
type Rule<'r> = &'r dyn Fn(&JobMeaning<'_>, &JobMeaning<'_>) -> bool;

/// Pairs jobs: by id, then by name, then by what they do.
pub(super) fn jobs(old: &Meaning<'_>, new: &Meaning<'_>) -> Jobs {
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    let is_free = |pairs: &[(usize, usize)], old: usize, new: usize| {
        !pairs.iter().any(|pair| pair.0 == old || pair.1 == new)
    };
    let same_id = |a: &JobMeaning<'_>, b: &JobMeaning<'_>| a.job.id.value == b.job.id.value;
    let same_name = |a: &JobMeaning<'_>, b: &JobMeaning<'_>| {
        let name = |job: &JobMeaning<'_>| job.job.name.as_ref().map(|name| name.value.clone());
        name(a).is_some() && name(a) == name(b)
    };
    let rules: [Rule<'_>; 2] = [&same_id, &same_name];
    for rule in rules {
        for (at, job) in old.jobs.iter().enumerate() {
            let mut others = new.jobs.iter().enumerate();
            let found = others.find(|(to, other)| is_free(&pairs, at, *to) && rule(job, other));
            pairs.extend(found.map(|(to, _)| (at, to)));
        }
    }
    // What the jobs that are left do.
    let left = |jobs: &[JobMeaning<'_>], of: &dyn Fn(&(usize, usize)) -> usize| {
        let taken: BTreeSet<usize> = pairs.iter().map(of).collect();
        let left = jobs
            .iter()
            .enumerate()
            .filter(|(at, _)| !taken.contains(at));
        left.take(MAX_GUESSED)
            .map(|(at, job)| (at, said(job)))
            .collect::<Vec<_>>()
    };
    let (before, after) = (
        left(&old.jobs, &|pair| pair.0),
        left(&new.jobs, &|pair| pair.1),
    );
    let mut likely: Vec<(usize, usize, usize)> = Vec::new();
    for (at, job) in &before {
        for (to, other) in &after {
            let score = likeness(job, other);
            if score >= 50 {
                likely.push((score, *at, *to));
            }
        }
    }
    likely.sort_by_key(|(score, at, to)| (std::cmp::Reverse(*score), *at, *to));
    for (_, at, to) in likely {
        if is_free(&pairs, at, to) {
            pairs.push((at, to));
        }
    }
    pairs.sort_unstable();
    let rest = |count: usize, of: &dyn Fn(&(usize, usize)) -> usize| -> Vec<usize> {
        (0..count)
            .filter(|at| !pairs.iter().any(|pair| of(pair) == *at))
            .collect()
    };
    Jobs {
        lost: rest(old.jobs.len(), &|pair| pair.0),
        added: rest(new.jobs.len(), &|pair| pair.1),
        pairs,
    }
}

/// What a job does that decides or is kept.
fn said(job: &JobMeaning<'_>) -> BTreeSet<String> {
    let items = job.ways.iter().flat_map(|way| &way.items);
    items
        .filter(|item| item.kind.is_missed())
        .map(|item| item.words.join(" "))
        .collect()
}

/// How much two sets have in common, in hundredths.
fn likeness(old: &BTreeSet<String>, new: &BTreeSet<String>) -> usize {
    let shared = old.intersection(new).count();
    (shared * 100)
        .checked_div(old.len() + new.len() - shared)
        .unwrap_or(0)
}

/// The ways of two jobs that are compared with each other, and where that is.
pub(super) fn ways<'m, 'a>(
    old: &'m JobMeaning<'a>,
    new: &'m JobMeaning<'a>,
) -> Vec<(&'m Way<'a>, &'m Way<'a>, Where)> {
    let of = |job: &'m JobMeaning<'a>, place: Where| job.ways.iter().find(|way| way.place == place);
    let mut pairs = Vec::new();
    for place in [Where::Everywhere, Where::Container, Where::Runner] {
        let (a, b) = (of(old, place), of(new, place));
        let one = (a, b);
        match one {
            (Some(a), Some(b)) => pairs.push((a, b, place)),
            (None, Some(b)) if place != Where::Everywhere => {
                pairs.extend(of(old, Where::Everywhere).map(|a| (a, b, place)));
            }
            (Some(a), None) if place != Where::Everywhere => {
                pairs.extend(of(new, Where::Everywhere).map(|b| (a, b, place)));
            }
            _ => {}
        }
    }
    pairs
}

/// Items of two ways that belong together.
#[derive(Debug, Default, Clone)]
pub(super) struct Items {
    /// Indexes of old and new ones. A new one may be the same command again, for another
    /// case: those follow the first.
    pub(super) pairs: Vec<(usize, Vec<usize>)>,
}

impl Items {
    /// Whether an old item has a partner.
    pub(super) fn has_old(&self, at: usize) -> bool {
        self.pairs.iter().any(|(old, _)| *old == at)
    }

    /// Whether a new item is a partner.
    pub(super) fn has_new(&self, at: usize) -> bool {
        self.pairs.iter().any(|(_, new)| new.contains(&at))
    }
}

/// Pairs items: first what is the same to the word, then what is for the same.
pub(super) fn items(old: &[Item<'_>], new: &[Item<'_>]) -> Items {
    let mut found = Items::default();
    for (at, item) in old.iter().enumerate() {
        let same = |(to, other): &(usize, &Item<'_>)| !found.has_new(*to) && is_same(item, other);
        let first = new.iter().enumerate().find(same).map(|(to, _)| to);
        found.pairs.extend(first.map(|to| (at, vec![to])));
    }
    let mut likely: Vec<(usize, usize, usize)> = Vec::new();
    for (at, item) in old.iter().enumerate().filter(|(at, _)| !found.has_old(*at)) {
        for (to, other) in new.iter().enumerate().filter(|(to, _)| !found.has_new(*to)) {
            likely.extend(score(item, other).map(|score| (score, at, to)));
        }
    }
    likely.sort_by_key(|(score, at, to)| (std::cmp::Reverse(*score), *at, *to));
    for (_, at, to) in likely {
        if !found.has_old(at) && !found.has_new(to) {
            found.pairs.push((at, vec![to]));
        }
    }
    // The same command again: in a container and, in another case, beside it.
    for (to, other) in new.iter().enumerate() {
        if found.has_new(to) || !other.kind.is_missed() {
            continue;
        }
        let twin = found.pairs.iter_mut().find(|(_, partners)| {
            partners
                .first()
                .and_then(|first| new.get(*first))
                .is_some_and(|first| is_same(first, other) && first.step.span != other.step.span)
        });
        if let Some((_, partners)) = twin {
            partners.push(to);
        }
    }
    found.pairs.sort();
    found
}

/// Whether two items say the same, wherever they say it.
pub(super) fn is_same(old: &Item<'_>, new: &Item<'_>) -> bool {
    old.kind == new.kind && old.words == new.words
}

/// How likely it is that one item became the other; `None` where it did not.
pub(super) fn score(old: &Item<'_>, new: &Item<'_>) -> Option<usize> {
    if std::mem::discriminant(&old.kind) != std::mem::discriminant(&new.kind) {
        return None;
    }
    let words = |item: &Item<'_>| -> BTreeSet<String> { item.words.iter().cloned().collect() };
    let likeness = likeness(&words(old), &words(new));
    match (&old.body, &new.body) {
        (Body::Action(a), Body::Action(b)) => {
            if !a.name.eq_ignore_ascii_case(b.name) {
                return None;
            }
            let input = |name: &str| a.input(name) == b.input(name) && !a.input(name).is_empty();
            Some(
                100 + likeness + usize::from(input("name")) * 100 + usize::from(input("path")) * 50,
            )
        }
        (Body::Command(_), Body::Command(_)) => match (old.kind, new.kind) {
            (Kind::Tests(a), Kind::Tests(b)) => Some(likeness + usize::from(a == b) * 100),
            (Kind::Threshold, _) => Some(100 + likeness),
            (Kind::Quiet | Kind::Machinery, _) => None,
            _ => {
                let program = |item: &Item<'_>| {
                    let inner = without_wrappers(&item.words);
                    inner.first().map(|word| base_name(word).to_owned())
                };
                (program(old) == program(new) && likeness >= 34).then_some(likeness)
            }
        },
        _ => None,
    }
}
