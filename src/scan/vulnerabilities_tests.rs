#![allow(clippy::unwrap_used)]

use super::*;
use crate::scan::finding::Level;
use crate::scan::packages::{Package, PackageKind};
use crate::scan::policy::Ignore;

fn target() -> Target {
    let package = |kind, name: &str, layer| Package {
        kind,
        name: name.to_owned(),
        version: if kind == PackageKind::Npm {
            "1.0.0"
        } else {
            "1.0"
        }
        .to_owned(),
        source: None,
        arch: None,
        path: format!("lib/{name}"),
        layer,
        owner: None,
    };
    Target {
        name: "i".to_owned(),
        packages: vec![
            package(PackageKind::Python, "idna", 1),
            package(PackageKind::Apk, "musl", 0),
            package(PackageKind::Npm, "left-pad", 0),
        ],
        created_by: vec!["FROM x".to_owned(), "RUN pip install idna".to_owned()],
        ..Target::default()
    }
}

const ADVISORY: &str = r#"{"id":"GHSA-1","aliases":["CVE-1"],"summary":"It breaks","affected":[
    {"package":{"ecosystem":"PyPI","name":"idna"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"2.0"}]}]}]}"#;

fn search(policy: &Policy, today: &str) -> Outcome {
    let targets = [target()];
    let mut search = Search::new(&targets);
    search.take(&Advisory::parse(ADVISORY.as_bytes()).unwrap());
    search.finish(policy, today.parse().unwrap())
}

fn told(outcome: &Outcome) -> Vec<String> {
    outcome
        .findings
        .iter()
        .map(|one| format!("{} {}", one.rule.id(), one.message))
        .collect()
}

#[test]
fn what_is_found_and_what_was_not_looked_up() {
    let outcome = search(&Policy::default(), "2026-01-01");
    assert_eq!(
        told(&outcome),
        [
            "ST2001 idna 1.0: It breaks (CVE-1), mended in 2.0",
            "ST2004 1 package of apk not checked: no library compares its versions here",
            "ST2004 1 package of npm not checked: the database has no advisory of it",
        ]
    );
    let found = outcome.findings[0].vulnerable.clone().unwrap();
    assert_eq!(
        (found.id.as_str(), found.aliases),
        ("CVE-1", vec!["GHSA-1".to_owned()])
    );
    let Place::Image(place) = &outcome.findings[0].place else {
        unreachable!()
    };
    assert_eq!(
        (place.layer, place.created_by.as_str()),
        (Some((2, 2)), "RUN pip install idna")
    );
}

#[test]
fn ignored_until_the_last_day() {
    let ignore = |id: &str, package: Option<&str>| Policy {
        ignores: vec![Ignore {
            id: id.to_owned(),
            reason: "not reachable".to_owned(),
            expires: "2026-01-31".parse().unwrap(),
            package: package.map(ToOwned::to_owned),
            line: 3,
        }],
        ..Policy::default()
    };
    for (id, package, gone) in [
        ("CVE-1", None, true),
        ("ghsa-1", Some("idna"), true),
        ("CVE-1", Some("other"), false),
        ("CVE-2", None, false),
    ] {
        let outcome = search(&ignore(id, package), "2026-01-31");
        assert_eq!(!told(&outcome)[0].starts_with("ST2001"), gone, "{id}");
        assert_eq!(outcome.ignored.len(), usize::from(gone));
    }
    let over = search(&ignore("CVE-1", None), "2026-02-01");
    assert!(told(&over)[0].starts_with("ST2001") && over.ignored.is_empty());
    assert_eq!(
        told(&over)[1],
        "ST2002 `CVE-1` was ignored until 2026-01-31 (not reachable)"
    );
}

#[test]
fn a_database_ages() {
    let now: Timestamp = "2026-01-31T12:00:00Z".parse().unwrap();
    let policy = Policy::default();
    let age =
        |newest: Option<&str>| too_old(newest.map(|one| one.parse().unwrap()), now, &policy, "osv");
    assert_eq!(age(Some("2026-01-24T11:00:00Z")), None);
    let old = age(Some("2026-01-23T11:00:00Z")).unwrap();
    assert_eq!(
        old.message,
        "the newest advisory of osv is 8 days old, and 7 are allowed"
    );
    assert_eq!(old.level, Level::Warn);
    assert!(age(None).is_some());
}
