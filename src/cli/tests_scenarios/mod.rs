//! `tests/scenarios/`: a folder for each rule of GitHub's, run by the command line's
//! own code on the fake engine. `CONTRIBUTING.md` says how to write one.
//!
//! `SCENARIO=NN` runs those whose folder begins with `NN`, `INSTA_UPDATE=always`
//! accepts what they give.
#![allow(clippy::unwrap_used, clippy::panic)]

mod page;
mod render;
mod run;
mod scenario;

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use similar::TextDiff;

pub(crate) use scenario::Scenario;

/// Threads that run scenarios. Most of them wait for files, not for a processor.
const THREADS: usize = 4;

#[test]
fn every_scenario_gives_what_github_would() {
    let accept = std::env::var("INSTA_UPDATE").is_ok_and(|value| value == "always");
    let wanted = std::env::var("SCENARIO").unwrap_or_default();
    let scenarios: Vec<Scenario> = Scenario::all()
        .into_iter()
        .filter(|scenario| scenario.name.starts_with(&wanted))
        .collect();
    assert!(!scenarios.is_empty(), "no scenario begins with {wanted}");
    let next = AtomicUsize::new(0);
    let wrong: Mutex<Vec<(String, String)>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some(scenario) = scenarios.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let run = std::panic::AssertUnwindSafe(|| run::run(scenario));
                    let got = std::panic::catch_unwind(run)
                        .unwrap_or_else(|_| "it panicked; see the output above\n".to_owned());
                    let file = scenario.folder.join("expected.txt");
                    if let Some(difference) = compare(&file, &got, accept) {
                        wrong
                            .lock()
                            .unwrap()
                            .push((scenario.name.clone(), difference));
                    }
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().unwrap();
    wrong.sort();
    let told: Vec<String> = wrong
        .iter()
        .map(|(name, difference)| format!("{name}:\n{difference}"))
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {} scenarios differ\n\n{}",
        wrong.len(),
        scenarios.len(),
        told.join("\n")
    );
}

#[test]
fn every_scenario_has_its_number_and_says_what_it_covers() {
    let mut numbers = std::collections::BTreeSet::new();
    for Scenario { name, toml, .. } in Scenario::all() {
        let number = name.split('-').next().unwrap();
        assert!(number.len() == 3 && number.parse::<u32>().is_ok(), "{name}");
        assert!(numbers.insert(number.to_owned()), "{name}: number taken");
        assert!(!toml.covers.is_empty(), "{name} covers nothing");
    }
}

/// How a text differs from the file that holds what is expected.
fn compare(file: &Path, got: &str, accept: bool) -> Option<String> {
    let expected = std::fs::read_to_string(file).unwrap_or_default();
    if expected == got {
        return None;
    }
    if accept {
        std::fs::write(file, got).unwrap();
        return None;
    }
    let difference = TextDiff::from_lines(expected.as_str(), got);
    Some(
        difference
            .unified_diff()
            .header("expected", "now")
            .to_string(),
    )
}
