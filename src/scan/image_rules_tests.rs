#![allow(clippy::unwrap_used)]

use super::*;
use crate::scan::image::{Entry, ImageConfig, RawLayer};
use crate::scan::secret::find;

/// An image of one layer for each list of entries: path, mode, bytes.
fn image(config: &str, layers: &[&[(&str, u32, u64)]]) -> Image {
    let config: ImageConfig = serde_json::from_str(config).unwrap();
    let layers = layers
        .iter()
        .map(|entries| RawLayer {
            entries: entries
                .iter()
                .map(|(path, mode, size)| Entry {
                    path: path.trim_end_matches('/').to_owned(),
                    mode: *mode,
                    size: *size,
                    kind: if path.ends_with('/') {
                        EntryKind::Folder
                    } else {
                        EntryKind::File
                    },
                })
                .collect(),
            ..RawLayer::default()
        })
        .collect();
    Image::merge("i", config, layers)
}

fn found(image: &Image) -> Vec<(&'static str, String)> {
    check(image, &Origin::default(), &Policy::default())
        .into_iter()
        .map(|finding| (finding.rule.id(), finding.message))
        .collect()
}

const USER: &str = r#"{"config":{"User":"1000"}}"#;

fn files(layers: &[&[(&str, u32, u64)]]) -> Vec<(&'static str, String)> {
    found(&image(USER, layers))
}

#[test]
fn the_user() {
    for (config, expected) in [
        (r#"{"config":{"User":"app"}}"#, None),
        (r#"{"config":{"User":"1000:0"}}"#, None),
        (
            r#"{"config":{}}"#,
            Some("the image names no user, so its commands run as root"),
        ),
        (
            r#"{"config":{"User":"0"}}"#,
            Some("the user of the image is `0`"),
        ),
    ] {
        let told = found(&image(config, &[]));
        assert_eq!(told.first().map(|one| one.1.as_str()), expected, "{config}");
    }
    let root = image(r#"{"config":{}}"#, &[]);
    let origin = Origin {
        any_user: true,
        ..Origin::default()
    };
    assert_eq!(check(&root, &origin, &Policy::default()), []);
}

#[test]
fn secrets_of_variables_and_history_are_told_once() {
    let config = r#"{"config":{"User":"1","Env":["API_TOKEN=q8Zk2Lw0Vx7Tn4","LANG=C.UTF-8"]},
        "history":[{"created_by":"ENV API_TOKEN=q8Zk2Lw0Vx7Tn4","empty_layer":true},
        {"created_by":"RUN |1 DEPLOY_TOKEN=w1Xy7Kq9Pb3Ls5 /bin/sh -c make # buildkit","empty_layer":true}]}"#;
    let image = image(config, &[]);
    let told = found(&image);
    assert_eq!(
        told,
        [
            ("ST1201", "the variable `API_TOKEN` holds what looks like a secret (`q8Z…`, 14 characters)".to_owned()),
            ("ST1203", "`DEPLOY_TOKEN` in an instruction holds what looks like a secret (`w1X…`, 14 characters)".to_owned()),
        ]
    );
    let all = format!(
        "{:?}",
        check(&image, &Origin::default(), &Policy::default())
    );
    assert!(
        !all.contains("q8Zk2Lw0Vx7Tn4") && !all.contains("w1Xy7Kq9Pb3Ls5"),
        "{all}"
    );
}

#[test]
fn rights_of_files() {
    assert_eq!(
        files(&[&[
            ("app/data", 0o666, 1),
            ("srv/", 0o777, 0),
            ("tmp/", 0o1777, 0),
            ("dev/null", 0o666, 0)
        ]]),
        [(
            "ST1401",
            "everybody can write `/app/data`, `/srv`".to_owned()
        )]
    );
    let told = files(&[&[
        ("usr/bin/su", 0o4755, 1),
        ("usr/local/bin/su", 0o4755, 1),
        ("opt/x", 0o2755, 1),
        ("srv/", 0o2755, 0),
    ]]);
    let ids: Vec<&str> = told.iter().map(|one| one.0).collect();
    assert_eq!(ids, ["ST1402", "ST1402", "ST1403"]);
    assert!(told[0].1.contains("setuid") && told[1].1.contains("setgid"));
    assert_eq!(files(&[&[("usr/bin/x", 0o755, 1)], &[]]), []);
    // What a later layer mends is no finding.
    assert_eq!(files(&[&[("a", 0o666, 1)], &[("a", 0o644, 1)]]), []);
}

#[test]
fn caches_and_size() {
    assert_eq!(
        files(&[&[
            ("var/lib/apt/lists/a", 0o644, 2 << 20),
            ("root/.cache/pip/http/b", 0o644, 1 << 20)
        ]]),
        [
            (
                "ST1501",
                "1.0 MiB of `/root/.cache/pip` are left".to_owned()
            ),
            (
                "ST1501",
                "2.0 MiB of `/var/lib/apt/lists` are left".to_owned()
            ),
        ]
    );
    assert_eq!(
        files(&[&[("var/cache/apt/x.deb", 0o644, 1 << 20)], &[("var/cache/.wh.apt", 0, 0)]]),
        [("ST1501", "1.0 MiB of `/var/cache/apt` are left in this layer: removing them in a later one frees nothing".to_owned())]
    );
    assert_eq!(
        files(&[&[
            ("var/lib/apt/lists/lock", 0o644, 0),
            ("app/var/cache/apt/x", 0o644, 1 << 20)
        ]]),
        []
    );
    let large = image(USER, &[&[("a", 0o644, 3 << 20)]]);
    let policy = Policy {
        max_size: Some(2 << 20),
        ..Policy::default()
    };
    let told = check(&large, &Origin::default(), &policy);
    assert_eq!(
        told[0].message,
        "the image has 3.0 MiB, its budget is 2.0 MiB"
    );
    let policy = Policy {
        max_size: Some(3 << 20),
        ..Policy::default()
    };
    assert_eq!(check(&large, &Origin::default(), &policy), []);
}

#[test]
fn a_removed_file_still_gives_its_secret_away() {
    let token = format!("ghp_{}", "aB3xY9kQ2mN7".repeat(3));
    let secret = find(token.as_bytes()).remove(0);
    let lower = RawLayer {
        entries: vec![Entry {
            path: "app/key".to_owned(),
            mode: 0o600,
            size: 1,
            kind: EntryKind::File,
        }],
        secrets: vec![("app/key".to_owned(), secret)],
        ..RawLayer::default()
    };
    let upper = RawLayer {
        entries: vec![Entry {
            path: "app/.wh.key".to_owned(),
            mode: 0,
            size: 0,
            kind: EntryKind::File,
        }],
        ..RawLayer::default()
    };
    let image = Image::merge("i", serde_json::from_str(USER).unwrap(), vec![lower, upper]);
    let told = check(&image, &Origin::default(), &Policy::default());
    assert!(
        told[0].message.contains("still to be read"),
        "{}",
        told[0].message
    );
    assert_eq!(told[0].rule, Rule::SecretInFile);
    assert!(matches!(&told[0].place, Place::Image(place) if place.layer == Some((1, 2))));
}
