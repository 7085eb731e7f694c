//! Whether a version is in the ranges of an advisory (OSV schema, "Evaluation").

use std::cmp::Ordering;

use super::model::{Affected, Event, Range};
use super::version::Scheme;

/// Most events of a range that are looked at.
const EVENTS: usize = 10_000;

/// Whether a version is affected, and then the least version that mends it, where the
/// advisory knows one.
pub(super) fn affects(
    affected: &Affected,
    version: &str,
    scheme: Scheme,
) -> Option<Option<String>> {
    // Only Python writes one version in several ways.
    let is_same = |one: &String| {
        one == version
            || (scheme == Scheme::Python && scheme.compare(one, version) == Some(Ordering::Equal))
    };
    let listed = affected.versions.iter().any(is_same);
    let within = affected
        .ranges
        .iter()
        .filter(|range| range.kind != "GIT")
        .any(|range| contains(range, version, scheme));
    if !listed && !within {
        return None;
    }
    let mut fixed: Option<&str> = None;
    for event in affected.ranges.iter().flat_map(|range| &range.events) {
        let Some(one) = event.fixed.as_deref() else {
            continue;
        };
        let newer = scheme.compare(one, version) == Some(Ordering::Greater);
        let least = fixed.is_none_or(|best| scheme.compare(one, best) == Some(Ordering::Less));
        if newer && least {
            fixed = Some(one);
        }
    }
    Some(fixed.map(ToOwned::to_owned))
}

/// One side of a range.
enum Side<'e> {
    Introduced(&'e str),
    Fixed(&'e str),
    LastAffected(&'e str),
}

fn contains(range: &Range, version: &str, scheme: Scheme) -> bool {
    // Events are sorted by what they say, not by where they stand.
    let mut sides: Vec<Side<'_>> = Vec::new();
    let mut limits = Vec::new();
    for event in range.events.iter().take(EVENTS) {
        let Event {
            introduced,
            fixed,
            last_affected,
            limit,
        } = event;
        sides.extend(introduced.as_deref().map(Side::Introduced));
        sides.extend(fixed.as_deref().map(Side::Fixed));
        sides.extend(last_affected.as_deref().map(Side::LastAffected));
        limits.extend(limit.as_deref());
    }
    let below =
        |limit: &str| limit == "*" || scheme.compare(version, limit) == Some(Ordering::Less);
    if !limits.is_empty() && !limits.iter().any(|limit| below(limit)) {
        return false;
    }
    // The last event at or below the version decides. Of those at the same version an
    // end goes before a beginning, as in a sorted list of half-open ranges.
    let mut best: Option<(&str, bool)> = None;
    for side in &sides {
        let (at, applies, affected) = match side {
            Side::Introduced("0") => ("0", true, true),
            Side::Introduced(at) => (*at, is_from(scheme, version, at), true),
            Side::Fixed(at) => (*at, is_from(scheme, version, at), false),
            Side::LastAffected(at) => (
                *at,
                scheme.compare(version, at) == Some(Ordering::Greater),
                false,
            ),
        };
        if !applies {
            continue;
        }
        let later = match best {
            None | Some(("0", _)) => true,
            Some(_) if at == "0" => false,
            Some((known, known_affected)) => match scheme.compare(at, known) {
                Some(Ordering::Greater) => true,
                Some(Ordering::Equal) => affected && !known_affected,
                _ => false,
            },
        };
        if later {
            best = Some((at, affected));
        }
    }
    best.is_some_and(|(_, affected)| affected)
}

fn is_from(scheme: Scheme, version: &str, at: &str) -> bool {
    matches!(
        scheme.compare(version, at),
        Some(Ordering::Greater | Ordering::Equal)
    )
}
