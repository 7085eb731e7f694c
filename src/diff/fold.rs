//! The same finding in several places, said once.

use super::finding::{Finding, Topic, Where};

/// The findings of the ways of a job. What is true of both is said once.
pub(super) fn together(by_way: Vec<(Where, Vec<Finding>)>) -> Vec<Finding> {
    let mut all: Vec<Finding> = Vec::new();
    for (place, findings) in by_way {
        for finding in findings {
            let same = |other: &&mut Finding| {
                (other.verdict, other.topic) == (finding.verdict, finding.topic)
                    && (&other.thing, &other.message) == (&finding.thing, &finding.message)
                    && other.way != Where::Everywhere
                    && other.way != place
            };
            match all.iter_mut().find(same) {
                Some(other) => other.way = Where::Everywhere,
                None => all.push(Finding {
                    way: place,
                    ..finding
                }),
            }
        }
    }
    all
}

/// The same of several commands, said once.
pub(super) fn folded(found: Vec<Finding>) -> Vec<Finding> {
    let mut all: Vec<(Finding, usize)> = Vec::new();
    for finding in found {
        let same = |(other, _): &&mut (Finding, usize)| {
            finding.topic == Topic::Environment
                && (
                    other.verdict,
                    other.topic,
                    &other.job,
                    &other.message,
                    other.way,
                ) == (
                    finding.verdict,
                    finding.topic,
                    &finding.job,
                    &finding.message,
                    finding.way,
                )
        };
        match all.iter_mut().find(same) {
            Some((_, more)) => *more += 1,
            None => all.push((finding, 0)),
        }
    }
    all.into_iter()
        .map(|(mut finding, more)| {
            if more > 0 {
                finding.thing = finding.thing.map(|thing| match more {
                    1 => format!("{thing} and another command"),
                    more => format!("{thing} and {more} other commands"),
                });
            }
            finding
        })
        .collect()
}
