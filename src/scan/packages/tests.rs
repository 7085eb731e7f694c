#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::binary::Told;
use super::*;

const STATUS: &str = "Package: libssl3
Status: install ok installed
Architecture: amd64
Source: openssl
Version: 3.0.11-1~deb12u2
Description: Secure Sockets Layer toolkit
 Version: 9 is not this one

Package: removed
Status: deinstall ok config-files
Version: 1

Package: libgcc-s1
Status: install ok installed
Source: gcc-12 (12.2.0-14)
Version: 12.2.0-14+b1

";

fn debian() -> OsRelease {
    OsRelease::parse(
        "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\nVERSION_ID=\"12\"\n",
    )
    .unwrap()
}

#[test]
fn dpkg_is_read_with_its_sources() {
    let packages = read(Database::Dpkg, "var/lib/dpkg/status", STATUS.as_bytes());
    assert_eq!(packages.len(), 2);
    assert_eq!(
        packages[0].advised(),
        ("openssl".to_owned(), "3.0.11-1~deb12u2")
    );
    assert_eq!(packages[1].advised(), ("gcc-12".to_owned(), "12.2.0-14"));
    assert_eq!(
        packages[0].purl(Some(&debian())),
        "pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12"
    );
    let distroless = "Package: base-files\nVersion: 12.4\n";
    let path = "var/lib/dpkg/status.d/base-files";
    assert_eq!(read(Database::Dpkg, path, distroless.as_bytes()).len(), 1);
    assert_eq!(
        read(Database::Dpkg, "var/lib/dpkg/status", distroless.as_bytes()),
        []
    );
}

#[test]
fn apk_is_read_with_its_origins() {
    let text = "C:Q1xyz=\nP:libcrypto3\nV:3.1.4-r5\nA:x86_64\no:openssl\nF:lib\nR:x\n\nP:musl\nV:1.2.4-r2\n\n";
    let packages = read(Database::Apk, "lib/apk/db/installed", text.as_bytes());
    assert_eq!(packages.len(), 2);
    assert_eq!(packages[0].advised(), ("openssl".to_owned(), "3.1.4-r5"));
    assert_eq!(
        packages[0].purl(None),
        "pkg:apk/alpine/libcrypto3@3.1.4-r5?arch=x86_64"
    );
}

#[test]
fn python_and_npm_are_read() {
    let text = "Metadata-Version: 2.1\nName: Jinja2.X\nVersion: 3.1.2\n\nVersion: 9\n";
    let python = read(Database::Python, "x/METADATA", text.as_bytes());
    assert_eq!(python[0].advised(), ("jinja2-x".to_owned(), "3.1.2"));
    assert_eq!(python[0].purl(None), "pkg:pypi/jinja2-x@3.1.2");
    let text = r#"{"name":"@babel/core","version":"7.1.0","main":"x.js"}"#;
    let npm = read(Database::Npm, "x/package.json", text.as_bytes());
    assert_eq!(npm[0].purl(None), "pkg:npm/%40babel/core@7.1.0");
    assert_eq!(read(Database::Npm, "x", b"{\"name\":\"a\"}"), []);
}

#[test]
fn files_are_known_by_their_paths() {
    for (path, database) in [
        ("var/lib/dpkg/status", Some(Database::Dpkg)),
        ("var/lib/dpkg/status.d/base", Some(Database::Dpkg)),
        ("var/lib/dpkg/status.d/base.md5sums", None),
        (
            "var/lib/dpkg/info/python3-pip.list",
            Some(Database::DpkgList),
        ),
        ("app/var/lib/dpkg/status", None),
        ("lib/apk/db/installed", Some(Database::Apk)),
        (
            "a/site-packages/idna-2.0.dist-info/METADATA",
            Some(Database::Python),
        ),
        (
            "a/site-packages/idna.egg-info/PKG-INFO",
            Some(Database::Python),
        ),
        ("a/dist-packages/idna-2.0.egg-info", Some(Database::Python)),
        ("a/METADATA", None),
        ("a/node_modules/b/package.json", Some(Database::Npm)),
        ("a/node_modules/@s/b/package.json", Some(Database::Npm)),
        ("a/node_modules/b/test/package.json", None),
        ("package.json", None),
        ("var/lib/rpm/rpmdb.sqlite", Some(Database::Rpm)),
        ("etc/os-release", Some(Database::OsRelease)),
    ] {
        assert_eq!(Database::of_path(path), database, "{path}");
    }
}

#[test]
fn files_of_the_distribution_have_their_owner() {
    let list = "/.\n/usr/lib/python3/dist-packages/pip-23.0.dist-info/METADATA\n/usr/bin/pip\n";
    assert_eq!(
        owned("var/lib/dpkg/info/python3-pip:all.list", list.as_bytes()),
        [(
            "usr/lib/python3/dist-packages/pip-23.0.dist-info/METADATA".to_owned(),
            "python3-pip".to_owned()
        )]
    );
}

#[test]
fn distributions_have_their_ecosystem() {
    for (text, ecosystem) in [
        ("ID=debian\nVERSION_ID=\"12\"", Some("Debian:12")),
        ("ID=debian\nVERSION_CODENAME=sid", None),
        ("ID=ubuntu\nVERSION_ID=\"22.04\"", Some("Ubuntu:22.04")),
        ("ID=alpine\nVERSION_ID=3.18.4", Some("Alpine:v3.18")),
        ("ID=\"rocky\"\nVERSION_ID=\"9.3\"", None),
    ] {
        let os = OsRelease::parse(text).unwrap();
        assert_eq!(os.ecosystem().as_deref(), ecosystem, "{text}");
    }
    assert_eq!(OsRelease::parse("NAME=x"), None);
}

#[test]
fn programs_that_are_none_tell_nothing() {
    assert_eq!(
        look_into_program("x", b"#!/bin/sh\n.dep-v0"),
        Told::default()
    );
    let go = look_into_program("usr/bin/tool", b"\x7fELF..\xff Go buildinf:..");
    assert!(
        go.notice
            .unwrap()
            .contains("`/usr/bin/tool` is a Go program")
    );
    let broken = look_into_program("x", b"\x7fELF .dep-v0");
    assert!(broken.packages.is_empty() && broken.notice.is_some());
}

proptest! {
    #[test]
    fn never_panics(text in "(Package: |Version: |Source: |\\(|P:|V:|\n|\n\n|Name: |\\{|[a-z0-9:()\"]|\\PC){0,60}") {
        for database in [Database::Dpkg, Database::Apk, Database::Python, Database::Npm] {
            for package in read(database, "x", text.as_bytes()) {
                prop_assert!(!package.name.is_empty() && !package.version.is_empty());
                package.purl(Some(&debian()));
                package.advised();
            }
        }
        owned(&text, text.as_bytes());
        let _ = OsRelease::parse(&text);
    }
}
