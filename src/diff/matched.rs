//! Jobs, ways and items of both files that belong together, also where an item moved to another
//! job.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::Where;
use super::pair::{self, Items};
use super::read::{Item, JobMeaning, Kind, Meaning, Way};

/// Two ways that are compared with each other. A job that is gone has only the old one.
pub(super) struct Unit<'m, 'a> {
    /// Index of the old job.
    pub(super) old_job: usize,
    /// Index of the new one.
    pub(super) new_job: Option<usize>,
    /// The old way.
    pub(super) old: &'m Way<'a>,
    /// The new one.
    pub(super) new: Option<&'m Way<'a>>,
    /// Where the comparison holds.
    pub(super) place: Where,
    /// Which items belong together.
    pub(super) items: Items,
}

/// An item of the new file: job, place of the way, index.
pub(super) type Place = (usize, Where, usize);

/// All jobs of both files.
pub(super) struct Jobs<'m, 'a> {
    /// The old file.
    pub(super) old: &'m Meaning<'a>,
    /// The new one.
    pub(super) new: &'m Meaning<'a>,
    /// Which jobs belong together.
    pub(super) pairs: pair::Jobs,
    /// Their ways.
    pub(super) units: Vec<Unit<'m, 'a>>,
    /// Where items of other jobs went: unit and index of the old item.
    pub(super) moved: BTreeMap<(usize, usize), Place>,
}

impl<'m, 'a> Jobs<'m, 'a> {
    /// Finds what belongs together.
    pub(super) fn of(old: &'m Meaning<'a>, new: &'m Meaning<'a>) -> Self {
        let pairs = pair::jobs(old, new);
        let mut units = Vec::new();
        for (at, to) in &pairs.pairs {
            let (Some(before), Some(after)) = (old.jobs.get(*at), new.jobs.get(*to)) else {
                continue;
            };
            for (a, b, place) in pair::ways(before, after) {
                units.push(Unit {
                    old_job: *at,
                    new_job: Some(*to),
                    old: a,
                    new: Some(b),
                    place,
                    items: pair::items(&a.items, &b.items),
                });
            }
        }
        for at in &pairs.lost {
            for way in old.jobs.get(*at).into_iter().flat_map(|job| &job.ways) {
                units.push(Unit {
                    old_job: *at,
                    new_job: None,
                    old: way,
                    new: None,
                    place: way.place,
                    items: Items::default(),
                });
            }
        }
        let mut jobs = Self {
            old,
            new,
            pairs,
            units,
            moved: BTreeMap::new(),
        };
        jobs.moved = jobs.moves();
        jobs
    }

    /// What has no partner in its own job and has one in another.
    fn moves(&self) -> BTreeMap<(usize, usize), Place> {
        let mut moved = BTreeMap::new();
        let mut taken: BTreeSet<Place> = BTreeSet::new();
        for exact in [true, false] {
            for (number, unit) in self.units.iter().enumerate() {
                for (at, item) in unit.old.items.iter().enumerate() {
                    let is_free = item.kind.is_missed()
                        && !unit.items.has_old(at)
                        && !moved.contains_key(&(number, at));
                    if !is_free {
                        continue;
                    }
                    let fits = |other: &Item<'_>| match exact {
                        true => pair::is_same(item, other),
                        false => {
                            matches!(item.kind, Kind::Tests(_) | Kind::Threshold)
                                && pair::score(item, other).is_some_and(|score| score >= 120)
                        }
                    };
                    if let Some(place) = self.elsewhere(unit, &taken, &fits) {
                        taken.insert(place);
                        moved.insert((number, at), place);
                    }
                }
            }
        }
        moved
    }

    /// A free item of another job.
    fn elsewhere(
        &self,
        unit: &Unit<'_, '_>,
        taken: &BTreeSet<Place>,
        fits: &dyn Fn(&Item<'_>) -> bool,
    ) -> Option<Place> {
        for (to, job) in self.new.jobs.iter().enumerate() {
            if Some(to) == unit.new_job {
                continue;
            }
            let of_place = job.ways.iter().find(|way| way.place == unit.place);
            let Some(way) = of_place.or_else(|| job.ways.first()) else {
                continue;
            };
            for (at, item) in way.items.iter().enumerate() {
                let place = (to, way.place, at);
                if !taken.contains(&place) && !self.is_paired(place) && fits(item) {
                    return Some(place);
                }
            }
        }
        None
    }

    /// Whether an item of the new file has a partner in its own job.
    fn is_paired(&self, (job, place, at): Place) -> bool {
        self.units.iter().any(|unit| {
            unit.new_job == Some(job)
                && unit.new.is_some_and(|way| way.place == place)
                && unit.items.has_new(at)
        })
    }

    pub(super) fn item(
        &self,
        (job, place, at): Place,
    ) -> Option<(&'m JobMeaning<'a>, &'m Item<'a>)> {
        let job = self.new.jobs.get(job)?;
        let way = job.ways.iter().find(|way| way.place == place)?;
        Some((job, way.items.get(at)?))
    }

    /// The one job that runs all that a lost one ran.
    pub(super) fn heir(&self, lost: usize) -> Option<usize> {
        let mut heirs = BTreeSet::new();
        for (number, unit) in self
            .units
            .iter()
            .enumerate()
            .filter(|(_, unit)| unit.old_job == lost)
        {
            let items = unit.old.items.iter().enumerate();
            for (at, _) in items.filter(|(_, item)| item.kind.is_missed()) {
                heirs.insert(self.moved.get(&(number, at)).map(|(job, ..)| *job)?);
            }
        }
        match heirs.len() {
            1 => heirs.pop_first(),
            _ => None,
        }
    }
}
