#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::scan::finding::Severity;
use crate::scan::packages::{OsRelease, Package, PackageKind};

fn advisory(json: &str) -> Advisory {
    Advisory::parse(json.as_bytes()).unwrap()
}

fn package(kind: PackageKind, name: &str, version: &str) -> Package {
    Package {
        kind,
        name: name.to_owned(),
        version: version.to_owned(),
        source: None,
        arch: None,
        path: "x".to_owned(),
        layer: 0,
        owner: None,
    }
}

/// Whether an advisory with this `affected` is about a package, and what mends it.
fn hit(kind: PackageKind, version: &str, ecosystem: &str, rest: &str) -> Option<Option<String>> {
    let os = OsRelease::parse("ID=debian\nVERSION_ID=12");
    let packages = [package(kind, "some_thing", version)];
    let mut index = Index::new();
    assert!(index.add(0, os.as_ref(), &packages).is_empty(), "{version}");
    let name = match kind {
        PackageKind::Python => "Some.Thing",
        _ => "some_thing",
    };
    let text = format!(
        r#"{{"id":"X-1","affected":[{{"package":{{"ecosystem":"{ecosystem}","name":"{name}"}},{rest}}}]}}"#
    );
    index.hits(&advisory(&text)).pop().map(|(_, fixed)| fixed)
}

fn events(kind: &str, events: &str) -> String {
    format!(r#""ranges":[{{"type":"{kind}","events":[{events}]}}]"#)
}

#[test]
fn ranges_are_evaluated_as_osv_says() {
    use PackageKind::Python;
    let until = events("ECOSYSTEM", r#"{"fixed":"2.10.1"},{"introduced":"0"}"#);
    for (version, affected) in [
        ("2.10", true),
        ("2.9.dev1", true),
        ("2.10.1rc1", true),
        ("2.10.1", false),
        ("2.10.1.post1", false),
        ("3", false),
        ("1!0", false),
    ] {
        let found = hit(Python, version, "PyPI", &until);
        assert_eq!(found.is_some(), affected, "{version}");
        assert!(found.is_none_or(|fixed| fixed.as_deref() == Some("2.10.1")));
    }
    let twice = events(
        "ECOSYSTEM",
        r#"{"introduced":"1"},{"fixed":"1.5"},{"introduced":"2"},{"last_affected":"2.3"}"#,
    );
    for (version, affected) in [
        ("0.9", false),
        ("1", true),
        ("1.4.9", true),
        ("1.5", false),
        ("1.9", false),
        ("2.0", true),
        ("2.3", true),
        ("2.3.0", true),
        ("2.3.1", false),
    ] {
        assert_eq!(
            hit(Python, version, "PyPI", &twice).is_some(),
            affected,
            "{version}"
        );
    }
    let limited = events("ECOSYSTEM", r#"{"introduced":"1"},{"limit":"2"}"#);
    assert!(hit(Python, "1.5", "PyPI", &limited).is_some());
    assert!(hit(Python, "2", "PyPI", &limited).is_none());
    let listed = r#""versions":["1.0","1.1"]"#;
    assert_eq!(hit(Python, "1.1.0", "PyPI", listed), Some(None));
    assert_eq!(hit(Python, "1.2", "PyPI", listed), None);
    // Ranges of commits say nothing about versions, and broken versions nothing at all.
    assert_eq!(
        hit(Python, "1", "PyPI", &events("GIT", r#"{"introduced":"0"}"#)),
        None
    );
    assert_eq!(
        hit(
            Python,
            "1",
            "PyPI",
            &events("ECOSYSTEM", r#"{"introduced":"x"}"#)
        ),
        None
    );
    assert_eq!(hit(Python, "1", "PyPI", &events("ECOSYSTEM", "")), None);
}

#[test]
fn every_ecosystem_has_its_own_order() {
    let until = |fixed: &str| {
        events(
            "ECOSYSTEM",
            &format!(r#"{{"introduced":"0"}},{{"fixed":"{fixed}"}}"#),
        )
    };
    use PackageKind::{Cargo, Deb, Npm};
    for (kind, ecosystem, version, fixed, affected) in [
        (Deb, "Debian:12", "1.0~rc1-1", "1.0-1", true),
        (Deb, "Debian:12", "1.0-1+deb12u2", "1.0-1+deb12u10", true),
        (Deb, "Debian:12", "1:0.9-1", "1.0-1", false),
        (Npm, "npm", "1.0.0-rc.1", "1.0.0", true),
        (Npm, "npm", "1.10.0", "1.9.0", false),
        (Cargo, "crates.io", "0.9.1", "0.9.2", true),
        (Cargo, "crates.io", "1.0.0+b", "1.0.0", false),
    ] {
        let found = hit(kind, version, ecosystem, &until(fixed));
        assert_eq!(found.is_some(), affected, "{version} {fixed}");
    }
    let semver = events("SEMVER", r#"{"introduced":"1.0.0"},{"fixed":"1.2.0"}"#);
    assert!(hit(Npm, "1.1.9", "npm", &semver).is_some());
}

#[test]
fn releases_and_ecosystems_are_kept_apart() {
    let all = events("ECOSYSTEM", r#"{"introduced":"0"}"#);
    for (ecosystem, affected) in [
        ("Debian:12", true),
        ("Debian", true),
        ("Debian:11", false),
        ("Ubuntu:12", false),
        ("Alpine:v3.18", false),
        ("PyPI", false),
        ("", false),
    ] {
        let found = hit(PackageKind::Deb, "1.0-1", ecosystem, &all);
        assert_eq!(found.is_some(), affected, "{ecosystem}");
    }
    assert!(same_release("Ubuntu:22.04:LTS", "Ubuntu:22.04"));
    assert!(!same_release("Ubuntu:Pro:22.04:LTS", "Ubuntu:22.04"));
    assert!(!same_release("Ubuntu:22.04.1", "Ubuntu:22.04"));
}

#[test]
fn what_is_withdrawn_is_none() {
    let packages = [package(PackageKind::Python, "a", "1")];
    let mut index = Index::new();
    index.add(0, None, &packages);
    let mut found = advisory(
        r#"{"id":"X","affected":[{"package":{"ecosystem":"PyPI","name":"a"},"versions":["1"]},
            {"package":{"ecosystem":"PyPI","name":"A"},"versions":["1"]}]}"#,
    );
    assert_eq!(index.hits(&found).len(), 1, "each package once");
    found.withdrawn = Some("2026-01-01T00:00:00Z".to_owned());
    assert_eq!(index.hits(&found), []);
}

#[test]
fn what_cannot_be_looked_up_is_told() {
    let debian = OsRelease::parse("ID=debian\nVERSION_CODENAME=sid");
    let mut owned = package(PackageKind::Python, "pip", "23");
    owned.owner = Some("python3-pip".to_owned());
    let packages = [
        package(PackageKind::Deb, "a", "1"),
        package(PackageKind::Apk, "b", "1"),
        package(PackageKind::Npm, "c", "workspace"),
        package(PackageKind::Python, "d", "not a version"),
        owned,
    ];
    let mut index = Index::new();
    let why: Vec<Unchecked> = index
        .add(0, debian.as_ref(), &packages)
        .into_iter()
        .map(|(_, why)| why)
        .collect();
    use Unchecked::{Distribution, Kind, Version};
    assert_eq!(why, [Distribution, Kind, Version, Version]);
    assert!(index.entries().is_empty());
}

#[test]
fn ratings_come_from_vectors_before_words() {
    for (json, severity) in [
        (
            r#""severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]"#,
            Severity::Critical,
        ),
        (
            r#""severity":[{"type":"CVSS_V3","score":"CVSS:3.0/AV:L/AC:L/PR:L/UI:R/S:U/C:L/I:N/A:N"}],"database_specific":{"severity":"CRITICAL"}"#,
            Severity::Low,
        ),
        (
            r#""severity":[{"type":"CVSS_V2","score":"AV:N/AC:L/Au:N/C:C/I:C/A:C"}]"#,
            Severity::High,
        ),
        (
            r#""severity":[{"type":"CVSS_V4","score":"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"}]"#,
            Severity::Critical,
        ),
        (
            r#""database_specific":{"severity":"MODERATE"}"#,
            Severity::Medium,
        ),
        (
            r#""severity":[{"type":"Ubuntu","score":"medium"}]"#,
            Severity::Medium,
        ),
        (
            r#""affected":[{"ecosystem_specific":{"urgency":"unimportant"}}]"#,
            Severity::Low,
        ),
        (
            r#""affected":[{"ecosystem_specific":{"urgency":"not yet assigned"}}]"#,
            Severity::Unknown,
        ),
        (r#""database_specific":{"severity":7}"#, Severity::Unknown),
        (
            r#""severity":[{"type":"CVSS_V3","score":"nonsense"}]"#,
            Severity::Unknown,
        ),
    ] {
        let found = advisory(&format!(r#"{{"id":"X",{json}}}"#));
        assert_eq!(found.rating(), severity, "{json}");
    }
}

#[test]
fn names_of_one_vulnerability_are_one() {
    let hit = |package, json: &str| Hit::new(package, &advisory(json), Some("2".to_owned()));
    let groups = grouped(vec![
        hit(
            0,
            r#"{"id":"PYSEC-1","aliases":["CVE-1"],"details":"\n# Head\nText"}"#,
        ),
        hit(
            0,
            r#"{"id":"GHSA-1","aliases":["CVE-1"],"summary":"Sandbox escape.","database_specific":{"severity":"HIGH"}}"#,
        ),
        hit(0, r#"{"id":"GHSA-2","aliases":["PYSEC-9"]}"#),
        hit(1, r#"{"id":"DEBIAN-CVE-1","upstream":["CVE-1"]}"#),
        hit(1, r#"{"id":"DSA-7","upstream":["CVE-1","CVE-2"]}"#),
    ]);
    let told: Vec<String> = groups
        .iter()
        .map(|one| {
            format!(
                "{} {} {} {}",
                one.package,
                one.id,
                one.aliases.join(","),
                one.line
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "0 CVE-1 GHSA-1,PYSEC-1 Head",
            "0 GHSA-2 PYSEC-9 ",
            "1 CVE-1 DEBIAN-CVE-1 ",
            "1 DSA-7  ",
        ]
    );
    assert_eq!(groups[0].severity, Severity::High);
    assert_eq!(groups[0].fixed, ["2"]);
}

proptest! {
    #[test]
    fn never_panics(json in "(\\{\"id\":\"a\",\"affected\":\\[\\{\"package\":\\{\"ecosystem\":\"PyPI\",\"name\":\"a\"\\},\"ranges\":\\[\\{\"type\":\"ECOSYSTEM\",\"events\":\\[\\{\"introduced\":\")?[0-9.a-z:~+!-]{0,12}(\"\\}\\]\\}\\]\\}\\]\\})?|\\PC{0,50}",
                    version in "[0-9a-z.:~+!-]{1,12}") {
        let packages = [package(PackageKind::Python, "a", &version)];
        let mut index = Index::new();
        index.add(0, None, &packages);
        if let Some(advisory) = Advisory::parse(json.as_bytes()) {
            let hits = index.hits(&advisory);
            advisory.rating();
            grouped(hits.into_iter().map(|(at, fixed)| Hit::new(at, &advisory, fixed)).collect());
        }
    }

    /// A half-open range holds exactly what lies between its ends.
    #[test]
    fn a_range_is_what_lies_between(low in 0u32..20, high in 0u32..20, version in 0u32..20) {
        let text = events("ECOSYSTEM", &format!(r#"{{"introduced":"{low}"}},{{"fixed":"{high}"}}"#));
        let found = hit(PackageKind::Python, &version.to_string(), "PyPI", &text).is_some();
        prop_assume!(low < high);
        prop_assert_eq!(found, low <= version && version < high);
    }
}
