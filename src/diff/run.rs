//! The comparison as a whole: jobs, their ways, and what moved from one to another.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::{Diff, Finding, Topic, Verdict, Where};
use super::fold::{folded, together};
use super::item::{self, shown, topic};
use super::matched::{Jobs, Place, Unit};
use super::pair;
use super::read::{Body, Item, JobMeaning, Kind, MAX_ITEMS, Meaning, Way};
use super::{job, reports, step, text, workflow};
use crate::audit::Subject;
use crate::expr::Terms;

/// Compares two workflow files.
pub(crate) fn diff(old: &Subject<'_>, new: &Subject<'_>) -> Diff {
    let (before, after) = (Meaning::of(old), Meaning::of(new));
    let mut found = Vec::new();
    workflow::compare(&before, &after, &mut found);
    let jobs = Jobs::of(&before, &after);
    jobs.compare(&mut found);
    let mut findings = folded(found);
    findings.sort_by_key(|finding| finding.verdict);
    Diff {
        old: old.path.to_owned(),
        new: new.path.to_owned(),
        findings,
    }
}

impl<'m, 'a> Jobs<'m, 'a> {
    fn compare(&self, found: &mut Vec<Finding>) {
        let id =
            |jobs: &'m Meaning<'a>, at: usize| jobs.jobs.get(at).map(|job| job.job.id.as_str());
        let pairs = self.pairs.pairs.iter().copied();
        // A job that another one took in.
        let taken_in = self
            .pairs
            .lost
            .iter()
            .filter_map(|at| Some((*at, self.heir(*at)?)));
        let ids: BTreeMap<&str, &str> = pairs
            .chain(taken_in)
            .filter_map(|(at, to)| Some((id(self.old, at)?, id(self.new, to)?)))
            .collect();
        for (at, to) in &self.pairs.pairs {
            let (Some(old), Some(new)) = (self.old.jobs.get(*at), self.new.jobs.get(*to)) else {
                continue;
            };
            let mut of_job = Vec::new();
            job::compare(old, new, &ids, &mut of_job);
            self.soften(old, &mut of_job);
            let (before, after) = (
                self.old.view.at(old.job.id.span),
                self.new.view.at(new.job.id.span),
            );
            for finding in &mut of_job {
                finding.job = Some(new.job.id.value.clone());
                finding.old = Some(before.clone());
                finding.new = Some(after.clone());
            }
            let mut by_way: Vec<(Where, Vec<Finding>)> = Vec::new();
            for (number, unit) in self.units.iter().enumerate() {
                if (unit.old_job, unit.new_job) == (*at, Some(*to)) {
                    let mut of_unit = Vec::new();
                    self.unit(number, unit, &mut of_unit);
                    by_way.push((unit.place, of_unit));
                }
            }
            let mut of_ways = together(by_way);
            for finding in &mut of_ways {
                finding.job = Some(new.job.id.value.clone());
            }
            found.extend(of_job);
            found.extend(of_ways);
        }
        for at in &self.pairs.lost {
            self.lost_job(*at, found);
        }
        for to in &self.pairs.added {
            self.added_job(*to, found);
        }
    }

    /// A job that runs in fewer cases, where other jobs do the same in the others.
    fn soften(&self, old: &JobMeaning<'_>, found: &mut [Finding]) {
        let narrowed = |finding: &&mut Finding| {
            finding.topic == Topic::Condition && finding.verdict == Verdict::Weakened
        };
        let Some(finding) = found.iter_mut().find(narrowed) else {
            return;
        };
        let decides = |item: &&Item<'_>| item.kind.decides() || item.kind == Kind::Upload;
        let Some(way) = old.ways.first() else {
            return;
        };
        let mut all = way.items.iter().filter(decides).peekable();
        let some = all.peek().is_some();
        let covered = |item: &Item<'_>| -> Option<bool> {
            let wanted = old.condition.as_ref()?.and(item.condition.as_ref()?)?;
            let mut union = Terms::never();
            for job in &self.new.jobs {
                for other in job.ways.iter().take(1).flat_map(|way| &way.items) {
                    if pair::is_same(item, other) {
                        let when = job.condition.as_ref()?.and(other.condition.as_ref()?)?;
                        union = union.or(&when)?;
                    }
                }
            }
            Some(wanted.implies(&union))
        };
        if some && all.all(|item| covered(item) == Some(true)) {
            finding.verdict = Verdict::Changed;
            finding.note = Some("in the other cases another job runs the same".to_owned());
        }
    }

    /// Two ways of a job.
    fn unit(&self, number: usize, unit: &Unit<'m, 'a>, found: &mut Vec<Finding>) {
        let Some(way) = unit.new else {
            return;
        };
        let mut steps: Vec<(usize, usize)> = Vec::new();
        for (at, partners) in &unit.items.pairs {
            let Some(old) = unit.old.items.get(*at) else {
                continue;
            };
            let new: Vec<&Item<'_>> = partners
                .iter()
                .filter_map(|to| way.items.get(*to))
                .collect();
            let Some(first) = new.first() else { continue };
            let mut of_item = Vec::new();
            item::compare(old, first, &way.items, &mut of_item);
            let both = (old.step.span.start.offset, first.step.span.start.offset);
            if !steps.contains(&both) {
                steps.push(both);
                self.steps(unit, way, both, &new, old, &mut of_item);
            }
            if of_item.is_empty() {
                of_item.push(Finding::new(
                    Verdict::Same,
                    topic(old.kind),
                    "it is the same",
                ));
            }
            let thing = shown(first);
            found.extend(of_item.into_iter().map(|finding| {
                finding
                    .of(thing.as_str())
                    .at(Some(&old.at), Some(&first.at))
            }));
        }
        if unit.old.is_cut || way.is_cut {
            let message =
                format!("it has more than {MAX_ITEMS} commands: the rest is not compared");
            found.push(Finding::new(Verdict::Weakened, Topic::Command, message));
        }
        for (at, old) in unit.old.items.iter().enumerate() {
            if !unit.items.has_old(at) {
                self.without_partner((number, at), unit, old, found);
            }
        }
        let taken: BTreeSet<&Place> = self.moved.values().collect();
        for (at, new) in way.items.iter().enumerate() {
            let place = unit.new_job.map(|job| (job, way.place, at));
            let is_taken = place.is_some_and(|place| taken.contains(&place));
            let is_told = !matches!(new.kind, Kind::Threshold | Kind::Quiet);
            if !unit.items.has_new(at) && !is_taken && is_told {
                found.push(
                    Finding::new(Verdict::Added, topic(new.kind), "it is new")
                        .of(shown(new))
                        .at(None, Some(&new.at)),
                );
            }
        }
        reports::compare(unit.old, way, &unit.items, found);
        let (old, new) = (self.old.subject.project, self.new.subject.project);
        reports::thresholds((unit.old, old), (way, new), &unit.items, found);
    }

    /// The steps of two items.
    fn steps(
        &self,
        unit: &Unit<'_, '_>,
        way: &Way<'_>,
        both: (usize, usize),
        new: &[&Item<'_>],
        old: &Item<'_>,
        found: &mut Vec<Finding>,
    ) {
        let Some(first) = new.first() else { return };
        // The same command in several steps runs when any of them does.
        let union = new.iter().try_fold(Terms::never(), |all, item| {
            all.or(item.condition.as_ref()?)
        });
        found.extend(step::condition(
            (old.step.condition.as_ref(), old.condition.as_ref()),
            (first.step.condition.as_ref(), union.as_ref()),
            "it",
        ));
        found.extend(step::timeout(
            old.step.timeout_minutes.as_ref(),
            first.step.timeout_minutes.as_ref(),
            "that of the job counts",
        ));
        let matters = unit.items.pairs.iter().any(|(at, partners)| {
            let (Some(a), Some(b)) = (
                unit.old.items.get(*at),
                partners.first().and_then(|to| way.items.get(*to)),
            ) else {
                return false;
            };
            let steps = (a.step.span.start.offset, b.step.span.start.offset);
            steps == both
                && (a.kind.decides()
                    || matches!(a.kind, Kind::Upload | Kind::Action | Kind::Hidden))
        });
        found.extend(step::forgiven(
            old.step.continue_on_error.as_ref(),
            first.step.continue_on_error.as_ref(),
            matters,
        ));
    }

    /// An item that has no partner in its job.
    fn without_partner(
        &self,
        key: (usize, usize),
        unit: &Unit<'_, '_>,
        old: &Item<'_>,
        found: &mut Vec<Finding>,
    ) {
        let thing = shown(old);
        if let Some((job, other)) = self.moved.get(&key).and_then(|place| self.item(*place)) {
            let mut of_item = Vec::new();
            item::compare(old, other, std::slice::from_ref(other), &mut of_item);
            of_item.retain(|finding| finding.verdict != Verdict::Same);
            let message = format!("job `{}` runs it now", job.job.id.value);
            of_item.push(Finding::new(Verdict::Changed, topic(old.kind), message));
            found.extend(of_item.into_iter().map(|finding| {
                finding
                    .of(thing.as_str())
                    .at(Some(&old.at), Some(&other.at))
            }));
            return;
        }
        let items = unit.new.map(|way| way.items.as_slice()).unwrap_or_default();
        let finding = match old.kind {
            // The reports and thresholds are compared for themselves.
            Kind::Threshold | Kind::Quiet => return,
            Kind::Report if writes(old) => return,
            Kind::Tests(_) => {
                let wanted = item::pytest(old).map(|(_, options)| options);
                let can = |other: &&Item<'_>| item::can_stand_for(old, other);
                let other = items.iter().filter(can).find(|other| {
                    let options = item::pytest(other).map(|(_, options)| options);
                    wanted
                        .as_ref()
                        .zip(options.as_ref())
                        .is_some_and(|(old, new)| new.covers(old))
                });
                match other {
                    Some(other) => {
                        let message = format!("`{}` runs its tests too", shown(other));
                        Finding::new(Verdict::Changed, Topic::Command, message)
                    }
                    None => hidden(items, "these tests are not run any more"),
                }
            }
            Kind::Other | Kind::Hidden => hidden(items, "it is not run any more"),
            Kind::Upload => Finding::new(Verdict::Lost, Topic::Upload, "it is not there any more"),
            Kind::Action => Finding::new(Verdict::Lost, Topic::Action, "it is not used any more"),
            Kind::Setup if unit.new.is_some_and(|way| way.place == Where::Container) => {
                Finding::new(Verdict::Same, Topic::Setup, "the image holds what it does")
            }
            Kind::Setup => {
                let finding =
                    Finding::new(Verdict::Changed, Topic::Setup, "it is not there any more");
                let contained = |item: &Item<'_>| matches!(&item.body, Body::Command(ran) if ran.container.is_some());
                match items.iter().any(contained) {
                    true => finding.noted("the image has to hold what it does"),
                    false => finding,
                }
            }
            kind => Finding::new(Verdict::Changed, topic(kind), "it is not there any more"),
        };
        found.push(finding.of(thing).at(Some(&old.at), None));
    }

    fn lost_job(&self, at: usize, found: &mut Vec<Finding>) {
        let Some(old) = self.old.jobs.get(at) else {
            return;
        };
        let mut moved = false;
        let mut gone = Vec::new();
        let mut of_items = Vec::new();
        for (number, unit) in self.units.iter().enumerate() {
            if unit.old_job != at || unit.new_job.is_some() {
                continue;
            }
            for (index, item) in unit.old.items.iter().enumerate() {
                if !item.kind.is_missed() {
                    continue;
                }
                let is_moved = self.moved.contains_key(&(number, index));
                moved |= is_moved;
                if !is_moved {
                    gone.push(shown(item));
                }
                self.without_partner((number, index), unit, item, &mut of_items);
            }
        }
        let place = self.old.view.at(old.job.id.span);
        let id = &old.job.id.value;
        let name = job::shown_name(old.job);
        if moved {
            let message = format!("the job `{id}` is gone, other jobs run what it ran");
            found.push(
                Finding::new(Verdict::Changed, Topic::Job, message)
                    .noted(job::required(name))
                    .at(Some(&place), None),
            );
            found.extend(of_items.into_iter().map(|mut finding| {
                finding.job = Some(id.clone());
                finding
            }));
            return;
        }
        gone.dedup();
        let what = match gone.is_empty() {
            true => String::new(),
            false => format!(", and with it {}", text::listed(&gone)),
        };
        found.push(
            Finding::new(
                Verdict::Lost,
                Topic::Job,
                format!("the job `{id}` is gone{what}"),
            )
            .noted(job::required(name))
            .at(Some(&place), None),
        );
    }

    fn added_job(&self, to: usize, found: &mut Vec<Finding>) {
        let Some(new) = self.new.jobs.get(to) else {
            return;
        };
        let message = format!("the job `{}`", new.job.id.value);
        let place = self.new.view.at(new.job.id.span);
        found.push(Finding::new(Verdict::Added, Topic::Job, message).at(None, Some(&place)));
    }
}

/// Whether a command's reports are compared for themselves.
fn writes(item: &Item<'_>) -> bool {
    match &item.body {
        Body::Command(ran) => {
            let due = &ran.due;
            [&due.junit, &due.cobertura, &due.html, &due.lcov, &due.json]
                .iter()
                .any(|paths| !paths.is_empty())
        }
        Body::Action(_) => false,
    }
}

/// A command that is gone; something that is not read may run it.
fn hidden(items: &[Item<'_>], message: &str) -> Finding {
    let finding = Finding::new(Verdict::Lost, Topic::Command, message);
    match items.iter().find(|item| item.kind == Kind::Hidden) {
        Some(item) => {
            let instead = text::short(&item.words.join(" "));
            finding.noted(format!(
                "`{instead}` may run it: an image's own command and files of services are not read"
            ))
        }
        None => finding,
    }
}
