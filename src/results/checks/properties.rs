//! What holds for any input.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use crate::results::branches::{Branches, Condition, ConditionKind, Missing, Target};
use crate::results::coverage::{FileLines, Hits, Line};
use crate::results::{Coverage, PathMap, cobertura, data, junit, lcov};

/// Pieces that documents are made of, so that random texts get past the start.
const PIECES: &[&str] = &[
    "<coverage>",
    "</coverage>",
    "<packages>",
    "</packages>",
    "<packages/>",
    "<class filename='a'>",
    "</class>",
    "<line number='1' hits='1'>",
    "</line>",
    "<line number='2' hits='0'/>",
    "<line number='3' hits='1' condition-coverage='50% (1/2)' missing-branches='exit'/>",
    "<condition number='0' type='jump' coverage='50%'/>",
    "<source>",
    "</source>",
    "<testsuites name='pytest tests'>",
    "</testsuites>",
    "<testsuite name='a' hostname='h'>",
    "</testsuite>",
    "<testcase name='a' file='a.py' line='0'>",
    "</testcase>",
    "<failure message='x'>",
    "</failure>",
    "<error message='failed on teardown'/>",
    "<skipped/>",
    "<properties>",
    "</properties>",
    "<property name='a' value='b'/>",
    "<system-out>",
    "</system-out>",
    "text",
    " ",
    "\r\n",
    "&amp;",
    "&#1;",
    "&",
    ";",
    "&x;",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "<!-->",
    "<!--->",
    "<?xml version='1.0'?>",
    "<?",
    "?>",
    "<!DOCTYPE a>",
    "<!DOCTYPE",
    "<!DOCTYPE a [",
    "]>",
    "<!ENTITY a 'b'>",
    "<!",
    "<",
    ">",
    "/>",
    "</",
    "'",
    "\"",
    "=",
    "a='",
    "ü",
    "\u{feff}",
    "\u{1}",
    "\0",
    "</>",
    "<>",
    "< a>",
    "<!d",
    "<![",
    "%",
    "<a:b c:d='e'/>",
    "<a b=''c=''>",
    "SF:a\n",
    "DA:1,1\n",
    "BRDA:1,0,0,-\n",
    "BRDA:1,0,jump to line 2,1\n",
    "end_of_record\n",
    "\n",
    "TN:",
    ",",
    ":",
    "-1",
    "99999999999999999999",
];

fn read_all(bytes: &[u8]) {
    let _ = lcov::read(bytes);
    let _ = data::read(bytes);
    if let Ok(coverage) = cobertura::read(bytes) {
        let back = cobertura::read(cobertura::write(&coverage, "1", 1).as_bytes()).unwrap();
        assert_eq!(back.files, coverage.files);
    }
    let salvaged = junit::salvage(bytes);
    match junit::read(bytes) {
        Ok(report) => assert_eq!(report, salvaged),
        Err(error) => {
            assert!(!salvaged.complete);
            assert!(error.offset <= Some(bytes.len() as u64));
            assert_eq!(error.to_string().lines().count(), 1);
        }
    }
}

fn missing() -> impl Strategy<Value = (u32, Vec<u32>)> {
    (1u32..5).prop_flat_map(|total| {
        let named = vec(0u32..4, 0..=total as usize);
        (Just(total), named)
    })
}

/// The branches of one line as a report tells them. `kind`: with lines, with
/// labels, or without names.
fn branches(kinds: std::ops::Range<u8>) -> impl Strategy<Value = Branches> {
    (missing(), kinds, vec((0u32..3, 0u8..=100), 0..3)).prop_map(
        |((total, named), kind, conditions)| {
            let mut labels: Vec<String> = named.iter().map(|n| format!("0,{n}")).collect();
            labels.sort();
            labels.dedup();
            let (count, missing) = match kind {
                0 => (
                    named.len(),
                    Missing::Lines(
                        named
                            .iter()
                            .map(|&n| {
                                if n == 0 {
                                    Target::Exit
                                } else {
                                    Target::Line(n)
                                }
                            })
                            .collect(),
                    ),
                ),
                1 => (named.len(), Missing::Unnamed),
                _ => (labels.len(), Missing::Labels(labels)),
            };
            let covered = total - u32::try_from(count).unwrap();
            let conditions = conditions.into_iter().map(|(number, percent)| Condition {
                number,
                kind: ConditionKind::Jump,
                percent,
            });
            Branches::new(covered, total, missing, conditions.collect())
        },
    )
}

fn coverage(kinds: std::ops::Range<u8>) -> impl Strategy<Value = Coverage> {
    let hits = prop_oneof![0u64..3, Just(u64::MAX)];
    let line = (hits, proptest::option::of(branches(kinds))).prop_map(|(hits, branches)| Line {
        hits: Hits::of(hits),
        branches,
    });
    let lines = btree_map(1u32..8, line, 0..6).prop_map(|lines| FileLines { lines });
    let name = prop_oneof!["(src/|lib/x/|/)?[a-c]\\.py", "[a-zäß&<>\"' \t\n]{1,6}",];
    let files = btree_map(name, lines, 0..4);
    (vec("/[a-z&<]{1,4}", 0..3), files, any::<bool>()).prop_map(|(sources, files, counts)| {
        let mut coverage = Coverage { sources, files };
        if !counts {
            let files = coverage.files.values_mut();
            for line in files.flat_map(|file| file.lines.values_mut()) {
                line.hits = Hits::of(line.hits().min(1));
            }
            coverage.settle();
        }
        coverage
    })
}

fn merged(parts: &[&Coverage]) -> Coverage {
    let mut all = Coverage::default();
    for part in parts {
        all.merge((*part).clone());
    }
    all
}

/// File, line, whether it ran, branches taken and in all.
type Facts = BTreeMap<(String, u32), (bool, Option<(u32, u32)>)>;

fn facts(coverage: &Coverage) -> Facts {
    let mut facts = Facts::new();
    for (path, file) in &coverage.files {
        for (&number, line) in &file.lines {
            let branches = line.branches.as_ref().map(|b| (b.covered(), b.total()));
            facts.insert((path.clone(), number), (line.hits() > 0, branches));
        }
    }
    facts
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn readers_survive_any_bytes(bytes in vec(any::<u8>(), 0..300)) {
        read_all(&bytes);
    }

    #[test]
    fn readers_survive_any_pieces(pieces in vec(proptest::sample::select(PIECES), 0..40)) {
        read_all(pieces.concat().as_bytes());
        read_all(format!("<coverage><packages>{}", pieces.concat()).as_bytes());
        read_all(format!("<testsuite>{}", pieces.concat()).as_bytes());
    }

    #[test]
    fn cobertura_reads_back(coverage in coverage(0..2)) {
        let text = cobertura::write(&coverage, "1", 1);
        prop_assert_eq!(cobertura::read(text.as_bytes()).unwrap(), coverage);
    }

    #[test]
    fn lcov_reads_back(coverage in coverage(0..3)) {
        let mut expected = coverage;
        expected.sources.clear();
        expected.files.retain(|name, _| !name.chars().any(char::is_control) && name.trim() == name);
        for line in expected.files.values_mut().flat_map(|file| file.lines.values_mut()) {
            if let Some(b) = &mut line.branches {
                *b = Branches::new(b.covered(), b.total(), b.missing().clone(), Vec::new());
            }
        }
        let text = lcov::write(&expected);
        if !expected.files.is_empty() {
            prop_assert_eq!(lcov::read(text.as_bytes()).unwrap(), expected);
        }
    }

    #[test]
    fn merging_is_a_union(a in coverage(0..3), b in coverage(0..3), c in coverage(0..3)) {
        prop_assert_eq!(merged(&[&a, &b]), merged(&[&b, &a]));
        let left = merged(&[&merged(&[&a, &b]), &c]);
        let right = merged(&[&a, &merged(&[&b, &c])]);
        prop_assert_eq!(&left, &right);
        prop_assert_eq!(facts(&merged(&[&a, &a])), facts(&a));
        prop_assert_eq!(facts(&merged(&[&left, &a])), facts(&left));
        let all = facts(&left);
        for part in [&a, &b, &c] {
            for (line, (ran, branches)) in facts(part) {
                let (ran_at_all, joined) = all[&line];
                prop_assert!(ran_at_all || !ran);
                if let Some((covered, total)) = branches {
                    let (most, of) = joined.unwrap();
                    prop_assert!(most >= covered && of >= total && most <= of);
                }
            }
        }
        let summary = left.summary();
        prop_assert!(summary.lines_covered <= summary.lines_valid);
        prop_assert!(summary.branches_covered <= summary.branches_valid);
        // What is written of a merged report says the same.
        let text = cobertura::write(&left, "1", 1);
        let back = cobertura::read(text.as_bytes()).unwrap();
        prop_assert_eq!(facts(&back), all);
        prop_assert_eq!(cobertura::write(&back, "1", 1), text);
    }

    #[test]
    fn mapped_paths_stay_inside(
        workspace in "(/|/app|/a/b/|app|)",
        sources in vec("[a./\\\\]{0,8}|/app/[a.]{0,3}", 0..3),
        known in vec("[ab./\\\\]{0,8}", 0..6),
        names in vec("[ab./\\\\]{0,10}|/app/[ab./]{0,6}", 0..8),
    ) {
        let map = PathMap::new(&workspace, &sources, known);
        for name in names {
            if let crate::results::paths::Mapped::Path(path) = map.map(&name) {
                prop_assert!(!path.contains('\\'));
                prop_assert!(path.split('/').all(|part| !["", ".", ".."].contains(&part)), "{}", path);
            }
        }
    }

    #[test]
    fn any_text_can_be_written(text in any::<String>(), seconds in any::<f64>()) {
        let case = crate::record::TestCase {
            id: String::new(),
            classname: text.clone(),
            name: text.clone(),
            file: Some(text.clone()),
            line: None,
            failed_at: None,
            outcome: crate::record::TestOutcome::Failed,
            seconds,
            retries: 0,
            message: text.clone(),
            details: text.clone(),
        };
        let properties = [(format!("x{text}"), text.clone())];
        let section = junit::Section { name: &text, properties: &properties, cases: vec![&case], more: None, cut: false };
        let report = junit::read(junit::write(&text, &[section]).as_bytes()).unwrap();
        let back = &report.suites[0].cases[0];
        let clean: String = text.chars().map(|c| match c {
            c if crate::results::chars::is_allowed(c) => c,
            _ => '\u{fffd}',
        }).collect();
        prop_assert_eq!(&back.message, &clean);
        prop_assert_eq!(&back.name, &clean);
        prop_assert_eq!(&back.details, &clean);
    }
}
