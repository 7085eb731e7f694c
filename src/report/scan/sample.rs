//! A result of a scan for tests, with something of everything.

use crate::scan::{
    Checked, FilePlace, Finding, ImagePlace, Level, OsRelease, Package, PackageKind, Place, Report,
    Rule, Severity, Target, Vulnerable,
};

fn package(kind: PackageKind, name: &str, version: &str) -> Package {
    Package {
        kind,
        name: name.to_owned(),
        version: version.to_owned(),
        source: None,
        arch: None,
        path: format!("usr/{name}"),
        layer: 0,
        owner: None,
    }
}

pub(super) fn report() -> Report {
    let image = "seatrial/shop:test";
    let layer = |path: &str| {
        Place::Image(ImagePlace {
            image: image.to_owned(),
            layer: Some((2, 3)),
            created_by: "RUN pip install -r requirements.txt".to_owned(),
            path: Some(path.to_owned()),
            line: 0,
        })
    };
    let vulnerability = Finding {
        severity: Severity::Critical,
        level: Level::Deny,
        vulnerable: Some(Vulnerable {
            id: "CVE-2099-0001".to_owned(),
            aliases: vec!["GHSA-aaaa-bbbb-cccc".to_owned(), "PYSEC-2099-1".to_owned()],
            package: "jinja2".to_owned(),
            version: "2.10".to_owned(),
            ecosystem: "PyPI".to_owned(),
            purl: "pkg:pypi/jinja2@2.10".to_owned(),
            fixed: Some("2.10.1".to_owned()),
            url: "https://osv.dev/vulnerability/CVE-2099-0001".to_owned(),
        }),
        ..Finding::new(
            Rule::Vulnerability,
            layer("/usr/lib/jinja2.dist-info/METADATA"),
            "jinja2 2.10: sandbox escape (CVE-2099-0001), mended in 2.10.1",
        )
    };
    let allowed = Finding {
        level: Level::Allow,
        because: Some("the tests mount".to_owned()),
        ..Finding::new(
            Rule::RootUser,
            Place::File(FilePlace::line("Dockerfile.test", 1)),
            "the image names no user, so its commands run as root",
        )
    };
    Report {
        targets: vec![Target {
            name: image.to_owned(),
            id: "sha256:0123456789abcdef0123456789abcdef".to_owned(),
            bytes: 194 << 20,
            created_by: ["FROM x", "COPY . .", "RUN make"]
                .map(ToOwned::to_owned)
                .to_vec(),
            os: OsRelease::parse("ID=debian\nVERSION_ID=12\nPRETTY_NAME=\"Debian 12\""),
            packages: vec![
                package(PackageKind::Deb, "libssl3", "3.0.11-1"),
                package(PackageKind::Python, "jinja2", "2.10"),
                package(PackageKind::Python, "idna", "3.4"),
            ],
            file: Some(FilePlace::line("Dockerfile.test", 1)),
        }],
        findings: vec![
            vulnerability,
            Finding::new(
                Rule::SecretInEnv,
                Place::File(FilePlace {
                    path: "Dockerfile.test".to_owned(),
                    line: 7,
                    column: 0,
                }),
                "`ENV API_TOKEN` holds what looks like a secret (`q8Z…`, 14 characters)",
            ),
            Finding::new(
                Rule::PackageCache,
                layer("/var/lib/apt/lists"),
                "17.2 MiB of `/var/lib/apt/lists` are left",
            ),
            allowed,
        ],
        notices: vec!["`/usr/bin/tool` is a Go program: its modules are not listed".to_owned()],
        checked: Checked::Database {
            source: "osv".to_owned(),
            advisories: 1234,
            newest: "2026-11-20T00:00:00Z".parse().ok(),
        },
        made: jiff::Timestamp::from_second(1_795_651_200).unwrap_or_default(),
        ignored: vec![("CVE-2099-0007".to_owned(), "not reachable".to_owned())],
    }
}
