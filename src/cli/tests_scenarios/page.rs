//! `docs/compatibility.md`, made of the code's own tables and of what the scenarios
//! say that they cover. The binary holds the page as it is checked in.

mod rows;
mod states;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use super::{Scenario, compare};
use rows::{Row, Section, sections};
use states::{State, TESTS, state};

/// Scenarios of a row that are linked.
const LINKED: usize = 5;

const HEAD: &str = "\
# Compatibility

<!-- Generated: CONTRIBUTING.md, section \"Scenarios\", says how. Do not edit. -->

What of GitHub Actions means what here. The lists of keys, contexts, functions, commands and actions
are those of the code; each number is a scenario, a little repository with what comes of it, in
[tests/scenarios](../tests/scenarios). *Works* means that the meaning is GitHub's: that of its
documentation, and where the runner does otherwise, that of the runner.

";

#[test]
fn compatibility_page_code_and_scenarios_agree() {
    let scenarios = Scenario::all();
    let sections = sections(&scenarios);
    let rows: Vec<&Row> = sections.iter().flat_map(|section| &section.rows).collect();
    let known: BTreeSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(known.len(), rows.len(), "a row is there twice");
    let mut wrong = Vec::new();
    for scenario in &scenarios {
        for row in &scenario.toml.covers {
            if !known.contains(row.as_str()) {
                wrong.push(format!("{}: no row `{row}`", scenario.name));
            }
        }
    }
    for id in states::named() {
        if !known.contains(id) {
            wrong.push(format!("states.rs: no row `{id}`"));
        }
    }
    for (_, file, test) in TESTS {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        if !std::fs::read_to_string(path).is_ok_and(|text| text.contains(&format!("fn {test}("))) {
            wrong.push(format!("{file} has no test `{test}`"));
        }
    }
    let shown = shown_by(&scenarios, &rows);
    for row in &rows {
        let tested = TESTS.iter().any(|(id, ..)| *id == row.id);
        // What a stand-in does has its own tests, on both engines.
        let stand_in = row.id.starts_with("action:");
        let works = matches!(state(&row.id), State::Works | State::Differently(_)) && !stand_in;
        if works && !tested && !shown.contains_key(row.id.as_str()) {
            wrong.push(format!("no scenario shows `{}`", row.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let page = page(&sections, &shown);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/compatibility.md");
    let accept = std::env::var("INSTA_UPDATE").is_ok_and(|value| value == "always");
    if let Some(difference) = compare(&file, &page, accept) {
        panic!(
            "docs/compatibility.md is not up to date (INSTA_UPDATE=always renews it):\n{difference}"
        );
    }
}

/// The scenarios of each row: those that say so, and for a property of a context
/// those that name it.
fn shown_by<'r>(scenarios: &[Scenario], rows: &[&'r Row]) -> BTreeMap<&'r str, Vec<String>> {
    let mut shown: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for row in rows {
        for scenario in scenarios {
            let says = scenario.toml.covers.contains(&row.id);
            let names = row
                .property
                .as_ref()
                .is_some_and(|property| scenario.workflows().contains(property.as_str()));
            if says || names {
                let number = scenario.name.split('-').next().unwrap_or_default();
                let link = format!("[{number}](../tests/scenarios/{})", scenario.name);
                shown.entry(&row.id).or_default().push(link);
            }
        }
    }
    shown
}

fn page(sections: &[Section], shown: &BTreeMap<&str, Vec<String>>) -> String {
    let mut text = HEAD.to_owned();
    for section in sections {
        let _ = writeln!(text, "## {}\n", section.title);
        if !section.intro.is_empty() {
            let _ = writeln!(text, "{}\n", section.intro);
        }
        let _ = writeln!(
            text,
            "| {} | state | shown by |\n|---|---|---|",
            section.column
        );
        for row in &section.rows {
            let state = match state(&row.id) {
                State::Works => "works".to_owned(),
                State::Differently(how) => format!("works, differently: {how}"),
                State::NoEffect("") => "no effect here".to_owned(),
                State::NoEffect(why) => format!("no effect here: {why}"),
                State::Refused(why) => format!("refused: {why}"),
            };
            let mut proof = shown.get(row.id.as_str()).cloned().unwrap_or_default();
            let more = proof.len().saturating_sub(LINKED);
            proof.truncate(LINKED);
            if more > 0 {
                proof.push(format!("and {more} more"));
            }
            for (_, file, test) in TESTS.iter().filter(|(id, ..)| *id == row.id) {
                proof.push(format!("`{test}` in [{file}](../{file})"));
            }
            let _ = writeln!(text, "| {} | {state} | {} |", row.shown, proof.join(", "));
        }
        text.push('\n');
    }
    let kept = text.trim_end().len();
    text.truncate(kept);
    text.push('\n');
    text
}
