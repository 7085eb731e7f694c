//! What coverage.py 7.17.3 wrote for a small project: two part runs, and the
//! reports after `coverage combine`, with and without branches.

use super::fixture;
use crate::results::{Coverage, PathMap, cobertura, display_percent, lcov};

const BRANCH_A: &str = fixture!("coverage/branch-part-a.xml");
const BRANCH_B: &str = fixture!("coverage/branch-part-b.xml");
const BRANCH_ALL: &str = fixture!("coverage/branch-combined.xml");
const PLAIN_A: &str = fixture!("coverage/plain-part-a.xml");
const PLAIN_B: &str = fixture!("coverage/plain-part-b.xml");
const PLAIN_ALL: &str = fixture!("coverage/plain-combined.xml");
const LCOV_A: &str = fixture!("coverage/branch-part-a.info");
const LCOV_B: &str = fixture!("coverage/branch-part-b.info");
const LCOV_ALL: &str = fixture!("coverage/branch-combined.info");
const PLAIN_LCOV: &str = fixture!("coverage/plain-combined.info");

fn xml(text: &str) -> Coverage {
    cobertura::read(text.as_bytes()).unwrap()
}

fn info(text: &str) -> Coverage {
    lcov::read(text.as_bytes()).unwrap()
}

/// File, line, whether it ran, branches (taken, all, names of the missing).
fn facts(coverage: &Coverage) -> Vec<String> {
    let mut facts = Vec::new();
    for (path, file) in &coverage.files {
        facts.push(path.clone());
        for (number, line) in &file.lines {
            let ran = line.hits();
            let branches = line
                .branches
                .as_ref()
                .map(|b| (b.covered(), b.total(), b.missing().clone()));
            facts.push(format!("{path}:{number} {ran} {branches:?}"));
        }
    }
    facts
}

fn merged(a: Coverage, b: Coverage) -> Coverage {
    let mut all = a;
    all.merge(b);
    all
}

#[test]
fn merging_the_parts_is_combining_them() {
    for (a, b, all) in [
        (xml(BRANCH_A), xml(BRANCH_B), xml(BRANCH_ALL)),
        (xml(PLAIN_A), xml(PLAIN_B), xml(PLAIN_ALL)),
        (info(LCOV_A), info(LCOV_B), info(LCOV_ALL)),
    ] {
        assert_ne!(a.summary(), all.summary());
        assert_ne!(b.summary(), all.summary());
        let both = merged(a.clone(), b.clone());
        assert_eq!(facts(&both), facts(&all));
        assert_eq!(facts(&merged(b, a)), facts(&all));
        assert_eq!(both.summary(), all.summary());
    }
}

#[test]
fn merging_across_formats() {
    let files = [
        "src/shop/__init__.py",
        "src/shop/cart.py",
        "src/shop/never.py",
        "src/shop/inner/__init__.py",
        "src/shop/inner/tax.py",
    ];
    let mapped = |mut coverage: Coverage| {
        let known = files.map(str::to_owned);
        let map = PathMap::new("/app", &coverage.sources, known);
        assert_eq!(coverage.remap(&map), Vec::<String>::new());
        coverage
    };
    let both = merged(mapped(xml(BRANCH_A)), mapped(info(LCOV_B)));
    assert_eq!(facts(&both), facts(&mapped(xml(BRANCH_ALL))));
    assert_eq!(facts(&both), facts(&mapped(info(LCOV_ALL))));
    assert_eq!(both.sources, ["."]);
    assert!(both.files.keys().all(|path| files.contains(&path.as_str())));
}

#[test]
fn figures_are_those_of_coverage_report() {
    let summary = xml(BRANCH_ALL).summary();
    assert_eq!((summary.lines_covered, summary.lines_valid), (43, 54));
    assert_eq!((summary.branches_covered, summary.branches_valid), (23, 30));
    let total = summary.percent().unwrap();
    assert_eq!(display_percent(total, 4), "78.5714");
    let cart = summary.files.iter().find(|f| f.path == "shop/cart.py");
    assert_eq!(cart.map(|f| f.branches_covered), Some(20));

    let plain = xml(PLAIN_ALL).summary();
    assert_eq!(plain.branches_valid, 0);
    assert_eq!(display_percent(plain.percent().unwrap(), 4), "79.6296");
    assert_eq!(info(PLAIN_LCOV).summary().lines_covered, 43);
}

#[test]
fn writes_what_coverage_py_writes() {
    for text in [BRANCH_A, BRANCH_B, BRANCH_ALL, PLAIN_A, PLAIN_B, PLAIN_ALL] {
        // Without branches it writes two attributes in another order.
        let ours = cobertura::write(&xml(text), "7.17.3", 1_700_000_000_000).replace(
            "branches-valid=\"0\" branches-covered=\"0\"",
            "branches-covered=\"0\" branches-valid=\"0\"",
        );
        let theirs: Vec<&str> = text.lines().filter(|l| !l.contains("<!--")).collect();
        assert_eq!(ours.lines().collect::<Vec<_>>(), theirs);
    }
}

#[test]
fn lcov_totals_are_those_of_coverage_py() {
    let kept = |line: &&str| {
        ["SF:", "DA:", "LF:", "LH:", "BRF:", "BRH:", "end"]
            .iter()
            .any(|key| line.starts_with(key))
    };
    for text in [LCOV_A, LCOV_B, LCOV_ALL, PLAIN_LCOV] {
        let ours = lcov::write(&info(text));
        let ours: Vec<&str> = ours.lines().filter(kept).collect();
        let theirs: Vec<&str> = text.lines().filter(kept).collect();
        // coverage.py leaves out the totals of a file without lines.
        let ours: Vec<&str> = ours
            .into_iter()
            .filter(|line| !["LF:0", "LH:0"].contains(line) || theirs.contains(line))
            .collect();
        let count = |lines: &[&str]| lines.iter().filter(|l| !l.starts_with("LH:0")).count();
        assert_eq!(count(&ours), count(&theirs));
        assert_eq!(info(&lcov::write(&info(text))), info(text));
    }
}
