//! The critical path: the chain of images and legs that made the run as long as it was.

use super::bar::Scale;
use crate::record::{Conclusion, ImageRecord, JobRecord, RunRecord};

/// Milliseconds between two links that need no reason.
const SLACK: u64 = 500;

/// A link of the chain.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Link<'a> {
    /// What took the time.
    pub(super) what: What<'a>,
    /// From when on it was all that the run waited for.
    pub(super) from: u64,
    /// Until when.
    pub(super) to: u64,
}

/// What a link is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum What<'a> {
    /// Making an image.
    Image(&'a ImageRecord),
    /// A leg.
    Leg(&'a JobRecord),
    /// Waiting for a place to run at, while as many legs ran as may.
    Place,
}

impl Link<'_> {
    /// Milliseconds it took.
    pub(super) fn millis(&self) -> u64 {
        self.to.saturating_sub(self.from)
    }
}

/// When the making of an image began and ended.
pub(super) fn image_span(record: &RunRecord, image: &ImageRecord) -> (u64, u64) {
    // Records of before it was noted: images come first.
    let end = image
        .finished_at
        .unwrap_or_else(|| record.started_at.saturating_add(image.millis));
    (
        end.saturating_sub(image.millis).max(record.started_at),
        end.max(record.started_at),
    )
}

/// From the start of a run to the last thing that is known of it.
pub(super) fn scale(record: &RunRecord) -> Scale {
    let legs = record.jobs.iter().flat_map(|leg| {
        let steps = leg.steps.iter();
        let steps = steps.flat_map(|step| [step.started_at, step.finished_at]);
        steps.chain([leg.started_at, leg.ready_at, leg.finished_at])
    });
    let images = record
        .images
        .iter()
        .map(|image| Some(image_span(record, image).1));
    let last = legs
        .chain(images)
        .chain([record.finished_at])
        .flatten()
        .max();
    Scale {
        start: record.started_at,
        end: last.unwrap_or(record.started_at).max(record.started_at),
    }
}

/// The chain, first link first. Empty where no leg ran.
pub(super) fn path(record: &RunRecord) -> Vec<Link<'_>> {
    let mut links = Vec::new();
    let mut at = ran(record).max_by_key(|(_, _, end)| *end);
    // Each leg once: a record with a circle is no reason to go round in it.
    for _ in 0..record.jobs.len() {
        let Some((leg, start, end)) = at else { break };
        let mut begun = start;
        let awaited = record.images.iter().filter_map(|image| {
            let span = image_span(record, image);
            let ready = leg.ready_at.or(leg.finished_at).unwrap_or(end);
            let within = span.1 > start + SLACK && span.1 <= ready.saturating_add(SLACK);
            (within && image.millis > SLACK).then_some((image, span))
        });
        let own = |image: &ImageRecord| leg.image.is_empty() || image.name == leg.image;
        match awaited.max_by_key(|(image, span)| (own(image), span.1)) {
            Some((image, (from, to))) => {
                links.push(Link {
                    what: What::Leg(leg),
                    from: to.min(end),
                    to: end,
                });
                let from = from.max(start);
                links.push(Link {
                    what: What::Image(image),
                    from,
                    to: to.min(end),
                });
                begun = start;
            }
            None => links.push(Link {
                what: What::Leg(leg),
                from: start,
                to: end,
            }),
        }
        at = before(record, leg, begun, &mut links);
    }
    links.reverse();
    links
}

/// The leg that another waited for: one that it needs, or one whose place it took.
fn before<'a>(
    record: &'a RunRecord,
    leg: &JobRecord,
    start: u64,
    links: &mut Vec<Link<'a>>,
) -> Option<(&'a JobRecord, u64, u64)> {
    let earlier = || ran(record).filter(|(other, _, end)| *end <= start + SLACK && *other != leg);
    let needed = earlier()
        .filter(|(other, ..)| is_needed(leg, other))
        .max_by_key(|(.., end)| *end);
    let free = needed.map_or(record.started_at, |(.., end)| end);
    if start.saturating_sub(free) <= SLACK {
        return needed;
    }
    // It could have begun, and did not: all places were taken until one became free.
    let took = earlier()
        .filter(|(.., end)| *end > free && start.saturating_sub(*end) <= SLACK)
        .max_by_key(|(.., end)| *end);
    if took.is_some() {
        links.push(Link {
            what: What::Place,
            from: start,
            to: start,
        });
        return took;
    }
    links.push(Link {
        what: What::Place,
        from: free,
        to: start,
    });
    needed
}

/// Whether a leg belongs to a job that another one needs.
pub(super) fn is_needed(leg: &JobRecord, other: &JobRecord) -> bool {
    let job = &other.planned.job;
    leg.planned.needs.iter().any(|need| {
        job.strip_prefix(need.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(" / "))
    })
}

/// Legs that ran, with start and end.
fn ran(record: &RunRecord) -> impl Iterator<Item = (&JobRecord, u64, u64)> {
    record.jobs.iter().filter_map(|leg| {
        let skipped = leg.conclusion == Some(Conclusion::Skipped);
        let start = leg.started_at.filter(|_| !skipped)?;
        Some((leg, start, leg.finished_at?))
    })
}

#[cfg(test)]
mod tests {
    use super::{What, path};
    use crate::gate::sample::{Leg, Run};
    use crate::record::RunRecord;

    fn told(record: &RunRecord) -> Vec<String> {
        let links = path(record);
        let words = links.iter().map(|link| {
            let what = match link.what {
                What::Image(image) => image.name.clone(),
                What::Leg(leg) => leg.planned.key.0.clone(),
                What::Place => "place".to_owned(),
            };
            format!("{what} {}", link.millis())
        });
        words.collect()
    }

    #[test]
    fn the_chain_of_needs() {
        let record = Run::of([
            Leg::new("lint", 0).step("Ruff", "in container", 700),
            Leg::new("slow", 0).step("Wait", "in container", 5_000),
            Leg::new("unit", 1_000).needs(&["lint"]).tests(9_000, 1),
        ])
        .record();
        assert_eq!(told(&record), ["lint 1000", "unit 9300"]);
        assert!(path(&Run::of([]).record()).is_empty());
        // One that needs itself is no trap.
        let record = Run::of([Leg::new("a", 0).needs(&["a"]).tests(10, 1)]).record();
        assert_eq!(told(&record), ["a 310"]);
    }

    #[test]
    fn an_image_that_a_leg_waits_for() {
        let mut record = Run::of([Leg::new("unit", 0).tests(2_000, 1)])
            .image(8_000, None)
            .record();
        let start = record.started_at;
        for leg in &mut record.jobs {
            leg.ready_at = Some(start + 8_100);
            leg.finished_at = Some(start + 10_000);
        }
        assert_eq!(told(&record), ["Dockerfile.test 8000", "unit 2000"]);
    }

    #[test]
    fn places_that_are_taken() {
        let record = Run::of([
            Leg::new("a", 0).tests(4_000, 1),
            Leg::new("b", 4_300).tests(4_000, 1),
        ])
        .record();
        assert_eq!(told(&record), ["a 4300", "place 0", "b 4300"]);
        let record = Run::of([Leg::new("b", 4_300).tests(4_000, 1)]).record();
        assert_eq!(told(&record), ["place 4300", "b 4300"]);
    }
}
