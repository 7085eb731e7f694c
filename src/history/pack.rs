//! An entry as bytes: small, because there are many.
//!
//! Of 5,000 tests of a run nearly all have the names of the run before it and passed at the
//! first attempt. So the names of a step's tests, and the files of the coverage, become
//! *parts* that are named by a hash of what they hold: runs that have the same ones share
//! them. What is left of a test is two bits and its time.

use std::collections::BTreeMap;
use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::{Deserialize, Serialize};

use super::entry::{Entry, TestEntry};
use crate::record::{FileCoverage, TestOutcome};

/// Largest text of an entry or a part, unpacked: a history may come from anywhere.
const LARGEST: u64 = 256 << 20;
/// Bytes of the hash that names a part.
const HASH: usize = 16;
/// Tests whose outcomes share a byte.
const PER_BYTE: usize = 4;

/// What an entry becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Packed {
    /// What is the run's own.
    pub(crate) body: Vec<u8>,
    /// What other runs may have, too, by its name.
    pub(crate) parts: BTreeMap<String, Vec<u8>>,
}

/// Why bytes are no entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PackError {
    /// A text is longer than any that is written.
    #[error("it is larger than {} MiB", LARGEST >> 20)]
    TooLarge,
    /// A part is not among those that were given.
    #[error("a part of it is missing")]
    Missing,
    /// They were changed, or never were one.
    #[error("it is damaged: {0}")]
    Damaged(String),
}

/// The run's own part.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Body {
    /// The entry as JSON, without tests and without files of the coverage.
    head: String,
    /// Where the files of the coverage are.
    coverage: Option<[u8; HASH]>,
    /// Steps with tests.
    steps: Vec<StepBody>,
}

/// Tests of a step.
#[derive(Debug, Default, Serialize, Deserialize)]
struct StepBody {
    /// Index of the leg in the entry.
    leg: u32,
    /// Index of the step in the leg.
    step: u32,
    /// Where the names of the tests are.
    names: [u8; HASH],
    /// Outcomes, four to a byte.
    outcomes: Vec<u8>,
    /// Milliseconds.
    millis: Vec<u64>,
    /// What is worth telling of some tests.
    odd: Vec<Odd>,
}

/// What most tests do not have.
#[derive(Debug, Serialize, Deserialize)]
struct Odd {
    /// Index of the test in its step.
    at: u32,
    retries: u32,
    message: String,
}

/// Packs an entry.
///
/// # Errors
/// It holds more than fits.
pub(crate) fn pack(entry: &Entry) -> Result<Packed, PackError> {
    let mut head = entry.clone();
    let mut parts = BTreeMap::new();
    let mut body = Body::default();
    if let Some(coverage) = head.coverage.as_mut().filter(|one| !one.files.is_empty()) {
        let files = std::mem::take(&mut coverage.files);
        body.coverage = Some(add(&mut parts, &files)?);
    }
    for (at, leg) in head.legs.iter_mut().enumerate() {
        for (number, step) in leg.steps.iter_mut().enumerate() {
            let tests = std::mem::take(&mut step.tests);
            if tests.is_empty() {
                continue;
            }
            let names: Vec<&str> = tests.iter().map(|test| test.id.as_str()).collect();
            body.steps.push(StepBody {
                leg: index(at)?,
                step: index(number)?,
                names: add(&mut parts, &names)?,
                outcomes: tests.chunks(PER_BYTE).map(outcomes).collect(),
                millis: tests.iter().map(|test| test.millis).collect(),
                odd: odd(&tests)?,
            });
        }
    }
    body.head = serde_json::to_string(&head).map_err(|error| damaged(&error))?;
    Ok(Packed {
        body: deflate(&body)?,
        parts,
    })
}

/// Unpacks an entry without its tests and without the files of its coverage: what thousands
/// of runs are read for at a time.
///
/// # Errors
/// The bytes are none that [`pack`] gave.
pub(crate) fn unpack_head(bytes: &[u8]) -> Result<Entry, PackError> {
    let body: Body = inflate(bytes)?;
    serde_json::from_str(&body.head).map_err(|error| damaged(&error))
}

/// Unpacks an entry; `part` gives the part of a name.
///
/// # Errors
/// The bytes are none that [`pack`] gave, or a part is missing.
pub(crate) fn unpack<E: From<PackError>>(
    bytes: &[u8],
    mut part: impl FnMut(&str) -> Result<Option<Vec<u8>>, E>,
) -> Result<Entry, E> {
    let body: Body = inflate(bytes)?;
    let mut entry: Entry = serde_json::from_str(&body.head).map_err(|error| damaged(&error))?;
    if let (Some(coverage), Some(hash)) = (entry.coverage.as_mut(), body.coverage) {
        let bytes = part(&hex::encode(hash))?.ok_or(PackError::Missing)?;
        coverage.files = inflate::<Vec<FileCoverage>>(&bytes)?;
    }
    for step in body.steps {
        let bytes = part(&hex::encode(step.names))?.ok_or(PackError::Missing)?;
        let names: Vec<String> = inflate(&bytes)?;
        let place = entry
            .legs
            .get_mut(step.leg as usize)
            .and_then(|leg| leg.steps.get_mut(step.step as usize))
            .ok_or_else(|| PackError::Damaged("tests of a step that it does not have".into()))?;
        place.tests = tests(names, &step)?;
    }
    Ok(entry)
}

/// The tests of a step, put together again.
fn tests(names: Vec<String>, step: &StepBody) -> Result<Vec<TestEntry>, PackError> {
    if names.len() != step.millis.len() || step.outcomes.len() != names.len().div_ceil(PER_BYTE) {
        return Err(PackError::Damaged("names and outcomes differ".into()));
    }
    let outcome = |at: usize| {
        let byte = step.outcomes.get(at / PER_BYTE).copied().unwrap_or(0);
        match byte >> (2 * (at % PER_BYTE)) & 0b11 {
            0 => TestOutcome::Passed,
            1 => TestOutcome::Failed,
            2 => TestOutcome::Error,
            _ => TestOutcome::Skipped,
        }
    };
    let mut tests: Vec<TestEntry> = names
        .into_iter()
        .zip(&step.millis)
        .enumerate()
        .map(|(at, (id, millis))| TestEntry {
            id,
            outcome: outcome(at),
            millis: *millis,
            retries: 0,
            message: String::new(),
        })
        .collect();
    for odd in &step.odd {
        if let Some(test) = tests.get_mut(odd.at as usize) {
            test.retries = odd.retries;
            test.message.clone_from(&odd.message);
        }
    }
    Ok(tests)
}

/// The outcomes of up to four tests.
fn outcomes(tests: &[TestEntry]) -> u8 {
    tests.iter().rev().fold(0, |byte, test| {
        let outcome = match test.outcome {
            TestOutcome::Passed => 0,
            TestOutcome::Failed => 1,
            TestOutcome::Error => 2,
            TestOutcome::Skipped => 3,
        };
        byte << 2 | outcome
    })
}

fn odd(tests: &[TestEntry]) -> Result<Vec<Odd>, PackError> {
    let mut all = Vec::new();
    for (at, test) in tests.iter().enumerate() {
        if test.retries > 0 || !test.message.is_empty() {
            all.push(Odd {
                at: index(at)?,
                retries: test.retries,
                message: test.message.clone(),
            });
        }
    }
    Ok(all)
}

/// Adds a part. Gives its name.
fn add<T: Serialize>(
    parts: &mut BTreeMap<String, Vec<u8>>,
    what: &T,
) -> Result<[u8; HASH], PackError> {
    let plain = postcard::to_stdvec(what).map_err(|error| damaged(&error))?;
    let mut hash = [0; HASH];
    blake3::Hasher::new()
        .update(&plain)
        .finalize_xof()
        .fill(&mut hash);
    if let std::collections::btree_map::Entry::Vacant(free) = parts.entry(hex::encode(hash)) {
        free.insert(squeeze(&plain)?);
    }
    Ok(hash)
}

fn deflate<T: Serialize>(what: &T) -> Result<Vec<u8>, PackError> {
    squeeze(&postcard::to_stdvec(what).map_err(|error| damaged(&error))?)
}

fn squeeze(plain: &[u8]) -> Result<Vec<u8>, PackError> {
    if plain.len() as u64 > LARGEST {
        return Err(PackError::TooLarge);
    }
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder
        .write_all(plain)
        .and_then(|()| encoder.finish())
        .map_err(|error| damaged(&error))
}

fn inflate<T: for<'de> Deserialize<'de>>(bytes: &[u8]) -> Result<T, PackError> {
    let mut plain = Vec::new();
    DeflateDecoder::new(bytes)
        .take(LARGEST + 1)
        .read_to_end(&mut plain)
        .map_err(|error| damaged(&error))?;
    if plain.len() as u64 > LARGEST {
        return Err(PackError::TooLarge);
    }
    postcard::from_bytes(&plain).map_err(|error| damaged(&error))
}

fn damaged(error: &impl std::fmt::Display) -> PackError {
    PackError::Damaged(error.to_string())
}

fn index(at: usize) -> Result<u32, PackError> {
    u32::try_from(at).map_err(|_| PackError::TooLarge)
}

#[cfg(test)]
#[path = "pack_tests.rs"]
mod tests;
