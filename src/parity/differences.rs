//! Where two environments differ, fact by fact.

use std::collections::{BTreeMap, BTreeSet};

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::observe::Observed;
use crate::record::{JobFacts, JobKey};

/// Most entries of a list that are named.
const NAMED: usize = 12;

/// A fact in which the environments of some legs differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FactDifference {
    /// The fact, in words.
    pub(crate) fact: Cow<'static, str>,
    /// In the control.
    pub(crate) control: String,
    /// In the candidate.
    pub(crate) candidate: String,
    /// The legs in which it is so.
    pub(crate) jobs: Vec<JobKey>,
}

/// All differences, those of several legs taken together.
pub(super) fn of_legs(control: &Observed<'_>, candidate: &Observed<'_>) -> Vec<FactDifference> {
    let mut found: Vec<FactDifference> = Vec::new();
    for (job, leg) in &control.legs {
        let (Some(one), Some(other)) = (leg.facts(), candidate.facts(job)) else {
            continue;
        };
        for (fact, control, candidate) in between(one, other) {
            let known = found.iter_mut().find(|known| {
                known.fact == fact && known.control == control && known.candidate == candidate
            });
            match known {
                Some(known) => known.jobs.push((*job).clone()),
                None => found.push(FactDifference {
                    fact: Cow::Borrowed(fact),
                    control,
                    candidate,
                    jobs: vec![(*job).clone()],
                }),
            }
        }
    }
    found
}

/// What a fact's two values are, in words.
type Differing = (&'static str, String, String);

/// What a fact is in an environment, in words; `None` where that is not known.
type Fact = fn(&JobFacts) -> Option<String>;

/// Facts with one value.
const SIMPLE: [(&str, Fact); 18] = [
    ("Python", python),
    ("user", user),
    ("home folder", |facts| facts.home.clone()),
    ("umask", |facts| Some(format!("{:03o}", facts.umask?))),
    ("time zone", time_zone),
    ("encoding of text files", |facts| {
        Some(facts.python.as_ref()?.encoding.to_lowercase())
    }),
    ("language (LC_ALL, LANG)", language),
    ("processors", processors),
    ("memory", |facts| {
        Some(bytes(facts.memory_limit.or(facts.memory)?))
    }),
    ("/dev/shm", |facts| Some(bytes(facts.shared_memory?))),
    ("way to other networks", |facts| {
        Some(yes(facts.default_route?))
    }),
    ("IPv6", |facts| Some(yes(facts.ipv6?))),
    ("names of files differ by case", |facts| {
        Some(yes(facts.case_sensitive?))
    }),
    ("/tmp lies in memory", |facts| {
        Some(yes(facts.tmp_in_memory?))
    }),
    ("architecture", |facts| facts.machine.clone()),
    ("C library", |facts| facts.libc.clone()),
    ("system", |facts| facts.system.clone()),
    ("kernel", |facts| facts.kernel.clone()),
];

fn between(one: &JobFacts, other: &JobFacts) -> Vec<Differing> {
    let mut found: Vec<Differing> = SIMPLE
        .into_iter()
        .filter_map(|(fact, of)| {
            let (one, other) = (of(one)?, of(other)?);
            (one != other).then_some((fact, one, other))
        })
        .collect();
    if let (Some(one), Some(other)) = (&one.programs, &other.programs) {
        let (one, other): (BTreeSet<_>, BTreeSet<_>) =
            (one.iter().collect(), other.iter().collect());
        let only = |a: &BTreeSet<&String>, b: &BTreeSet<&String>| {
            list(a.difference(b).map(|name| (*name).clone()).collect())
        };
        if one != other {
            found.push((
                "programs that the other lacks",
                only(&one, &other),
                only(&other, &one),
            ));
        }
    }
    found.extend(packages(one, other));
    if let (Some(one), Some(other)) = (&one.variables, &other.variables) {
        let only = |a: &BTreeMap<String, Option<String>>, b: &BTreeMap<String, Option<String>>| {
            list(
                a.keys()
                    .filter(|name| !b.contains_key(*name) && !is_of_runner(name))
                    .cloned()
                    .collect(),
            )
        };
        let (ours, theirs) = (only(one, other), only(other, one));
        if ours != theirs {
            found.push(("variables that the other lacks", ours, theirs));
        }
    }
    found
}

/// Whether a variable is the runner's or seatrial's own, which no test should ask for.
fn is_of_runner(name: &str) -> bool {
    ["GITHUB_", "RUNNER_", "SEATRIAL_"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

/// Packages whose version differs or that one side lacks.
fn packages(one: &JobFacts, other: &JobFacts) -> Option<Differing> {
    let (one, other) = (one.packages.as_ref()?, other.packages.as_ref()?);
    let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for name in names {
        let (version, version_there) = (one.get(name), other.get(name));
        if version != version_there {
            ours.extend(version.map(|version| format!("{name} {version}")));
            theirs.extend(version_there.map(|version| format!("{name} {version}")));
        }
    }
    (ours != theirs).then(|| ("packages", list(ours), list(theirs)))
}

fn python(facts: &JobFacts) -> Option<String> {
    let python = facts.python.as_ref()?;
    let implementation = match python.implementation.as_str() {
        "cpython" => String::new(),
        other => format!(" ({other})"),
    };
    Some(format!("{}{implementation}", python.version))
}

/// The user in words: `root`, `1000 (app)`.
pub(super) fn user(facts: &JobFacts) -> Option<String> {
    let uid = facts.uid?;
    Some(match (uid, &facts.user) {
        (0, _) => "root".to_owned(),
        (_, Some(name)) => format!("{uid} ({name})"),
        (_, None) => format!("{uid} (no name)"),
    })
}

/// The time zone in words: `UTC+9 (JST)`.
pub(super) fn time_zone(facts: &JobFacts) -> Option<String> {
    let offset = facts.utc_offset?;
    let minutes = offset.unsigned_abs() / 60;
    let sign = if offset < 0 { '-' } else { '+' };
    let name = facts.time_zone.clone().unwrap_or_default();
    let ahead = match (minutes / 60, minutes % 60) {
        (0, 0) => String::new(),
        (hours, 0) => format!("{sign}{hours}"),
        (hours, minutes) => format!("{sign}{hours}:{minutes:02}"),
    };
    Some(match name.as_str() {
        "" | "UTC" => format!("UTC{ahead}"),
        name => format!("UTC{ahead} ({name})"),
    })
}

/// The language that programs are told to use.
pub(super) fn language(facts: &JobFacts) -> Option<String> {
    facts.variables.as_ref()?;
    let set = ["LC_ALL", "LANG"]
        .iter()
        .find_map(|name| facts.variable(name));
    Some(set.unwrap_or("not set").to_owned())
}

/// How many processors may be used.
pub(super) fn processors(facts: &JobFacts) -> Option<String> {
    let cpus = facts.cpus?;
    Some(match facts.cpu_quota {
        Some(quota) if quota < u64::from(cpus) * 1000 => {
            format!(
                "{cpus}, of which {}.{} may be used",
                quota / 1000,
                quota % 1000 / 100
            )
        }
        _ => cpus.to_string(),
    })
}

/// An amount of memory, rounded.
pub(super) fn bytes(count: u64) -> String {
    let mib = count >> 20;
    if mib >= 10 * 1024 || (mib >= 1024 && mib.is_multiple_of(1024)) {
        format!("{} GiB", (mib + 512) >> 10)
    } else {
        format!("{mib} MiB")
    }
}

fn yes(is: bool) -> String {
    if is { "yes" } else { "no" }.to_owned()
}

fn list(mut names: Vec<String>) -> String {
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    match (names.is_empty(), more) {
        (true, _) => "none".to_owned(),
        (false, 0) => names.join(", "),
        (false, more) => format!("{} and {more} more", names.join(", ")),
    }
}
