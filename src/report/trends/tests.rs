#![allow(clippy::unwrap_used)]

use super::spark::spark;
use super::{trends_json, trends_svg, trends_text};
use crate::history::Entry;
use crate::history::simulated::{Plan, What};
use crate::report::style::Look;
use crate::trend::{Kind, overview};

const PLAIN: Look = Look {
    colour: false,
    ascii: false,
};

/// The last run shows a leg that is slower, and coverage that is better.
fn entries() -> Vec<Entry> {
    let mut plan = Plan::clean(3, 90)
        .with(60, What::Tests("unit (3.12)", 1.4))
        .with(60, What::Coverage(-2.0));
    plan.other_machines = 0.0;
    plan.entries()
}

#[test]
fn trends_for_a_person() {
    let entries = entries();
    let found = overview(&entries, None);
    for (width, ascii) in [(110, false), (60, true)] {
        let look = Look { ascii, ..PLAIN };
        let text = trends_text(&found, &entries, width, look);
        insta::assert_snapshot!(format!("trends_{width}"), text);
    }
    let few = overview(&entries[..3], Some(Kind::Total));
    insta::assert_snapshot!("trends_few", trends_text(&few, &entries[..3], 80, PLAIN));
}

#[test]
fn trends_for_programs() {
    let entries = entries();
    let json = trends_json(&overview(&entries, Some(Kind::Job)), &entries);
    let trends = json["groups"][0]["trends"].as_array().unwrap();
    let unit = trends
        .iter()
        .find(|trend| trend["name"] == "unit (3.12)")
        .unwrap();
    assert_eq!(unit["judgement"], "regression");
    assert_eq!(unit["unit"], "ms");
    let change = &unit["change"];
    assert_eq!(change["first_run"], entries[60].run.0.as_str());
    assert_eq!(change["grown"][0]["part"], "unit (3.12) › Run tests");
    assert_eq!(change["commits"][1], entries[60].sha.as_str());
    assert!(unit["points"].as_array().unwrap().len() > 80);
}

#[test]
fn trends_as_a_picture() {
    let entries = entries();
    let found = overview(&entries, Some(Kind::Coverage));
    insta::assert_snapshot!("trends_svg", trends_svg(&found));
    assert!(trends_svg(&[]).starts_with("<svg "));
}

#[test]
fn sparklines() {
    assert_eq!(spark(&[], PLAIN), "");
    assert_eq!(spark(&[0.0, 0.0], PLAIN), "▁▁");
    assert_eq!(spark(&[100.0, 101.0, 99.0], PLAIN), "▄▅▄");
    assert_eq!(spark(&[1.0, 8.0, 4.0], PLAIN), "▁█▄");
    let look = Look {
        ascii: true,
        ..PLAIN
    };
    assert!(spark(&[1.0, 8.0, 4.0], look).is_ascii());
    assert_eq!(spark(&[1.0; 90], PLAIN).chars().count(), 24);
}
