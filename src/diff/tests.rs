//! Pairs of workflows in `tests/fixtures/diff/NN-name/`: `old.yml`, `new.yml` and what is found,
//! `expected.txt`. With `UPDATE_DIFFS=1` the results are written anew, to be read before they
//! are kept.

#![allow(clippy::panic)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{Diff, Topic, Verdict, diff};
use crate::audit::Subject;
use crate::plan::Project;
use crate::workflow::parse;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The comparison; `None` where one of the texts is no workflow.
fn compared(old: &str, new: &str) -> Option<Diff> {
    let (before, after) = (parse(old).ok()?, parse(new).ok()?);
    let project = Project::default();
    let subject = |path, text, workflow| Subject {
        path,
        text,
        workflow,
        project: &project,
    };
    Some(diff(
        &subject("old.yml", old, &before.workflow),
        &subject("new.yml", new, &after.workflow),
    ))
}

/// Everything that is not the same, a line each, and how much is.
fn told(diff: &Diff) -> String {
    let mut text = format!(
        "{}, exit code {}\n",
        diff.verdict().as_str(),
        diff.exit_code()
    );
    for finding in diff
        .findings
        .iter()
        .filter(|one| one.verdict != Verdict::Same)
    {
        let line = |place: &Option<crate::scan::FilePlace>| {
            place
                .as_ref()
                .map_or("-".to_owned(), |place| place.line.to_string())
        };
        let names = [&finding.job, &finding.thing].into_iter().flatten();
        let names: Vec<&str> = names.map(String::as_str).collect();
        text += &format!(
            "{:8} {:11} {}:{} {} | {}{}\n",
            finding.verdict.as_str(),
            finding.topic.as_str(),
            line(&finding.old),
            line(&finding.new),
            names.join(" › "),
            finding.message,
            finding
                .way
                .told()
                .map(|way| format!(" ({way})"))
                .unwrap_or_default(),
        );
        if let Some(note) = &finding.note {
            text += &format!("{:9}note: {note}\n", "");
        }
    }
    text + &format!("{} same\n", diff.count(Verdict::Same))
}

fn fixtures() -> Vec<PathBuf> {
    let folder = root().join("tests/fixtures/diff");
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{error}"));
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found
}

#[test]
fn every_fixture_is_told_as_it_is_written_there() {
    let update = std::env::var_os("UPDATE_DIFFS").is_some();
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for fixture in fixtures() {
        let (old, new) = (
            read(&fixture.join("old.yml")),
            read(&fixture.join("new.yml")),
        );
        let Some(diff) = compared(&old, &new) else {
            panic!("{} holds no workflow", fixture.display());
        };
        for finding in &diff.findings {
            seen.insert((finding.topic, finding.verdict));
        }
        let made = told(&diff);
        let place = fixture.join("expected.txt");
        if update {
            std::fs::write(&place, &made).unwrap_or_else(|error| panic!("{error}"));
        }
        if std::fs::read_to_string(&place).unwrap_or_default() != made {
            wrong.push(format!("{}:\n{made}", fixture.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        fixtures().len() >= 25,
        "there are only {}",
        fixtures().len()
    );
    // Each topic is seen to be otherwise, and those that prove something to be worse.
    for topic in Topic::ALL {
        let otherwise = |(of, verdict): &(Topic, Verdict)| of == topic && *verdict != Verdict::Same;
        assert!(seen.iter().any(otherwise), "no fixture shows {topic:?}");
    }
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let is_yaml = path
            .extension()
            .is_some_and(|ending| ending == "yml" || ending == "yaml");
        if path.is_dir() {
            files(&path, found);
        } else if is_yaml {
            found.push(path);
        }
    }
}

#[test]
fn every_workflow_is_the_same_as_itself() {
    let mut all = Vec::new();
    for folder in ["tests", "examples", ".github"] {
        files(&root().join(folder), &mut all);
    }
    let mut count = 0;
    for path in &all {
        let Ok(text) = std::fs::read_to_string(path) else {
            continue;
        };
        let Some(diff) = compared(&text, &text) else {
            continue;
        };
        count += 1;
        let others: Vec<_> = diff
            .findings
            .iter()
            .filter(|one| one.verdict != Verdict::Same)
            .collect();
        assert!(others.is_empty(), "{}: {others:#?}", path.display());
        assert_eq!(diff.exit_code(), 0);
    }
    assert!(count > 100, "only {count} workflows were read");
}

#[test]
fn a_conversion_only_adds_in_both_styles() {
    let folder = root().join("tests/convert");
    for style in ["after.yml", "after-seatrial.yml"] {
        let mut count = 0;
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let before = read(&entry.path().join("before.yml"));
            let after = read(&entry.path().join(style));
            // Other files that the conversion changes stand below the workflow.
            let after = after.split("\n# ===== ").next().unwrap_or_default();
            let Some(diff) = compared(&before, after) else {
                continue;
            };
            count += 1;
            let name = format!("{} {style}", entry.path().display());
            let only = |verdict: Verdict| matches!(verdict, Verdict::Same | Verdict::Added);
            let all = diff.findings.iter().all(|finding| only(finding.verdict));
            assert!(all, "{name}: {}", told(&diff));
            assert_eq!(diff.verdict(), Verdict::Same, "{name}");
        }
        assert!(count >= 20, "only {count} conversions were read");
    }
}
