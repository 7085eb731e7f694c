//! Each rule with a text, an image or an advisory that breaks it, and the nearest one that
//! keeps it. A new rule without both does not compile.
#![allow(clippy::unwrap_used)]

use super::context::{Unwanted, UnwantedKind};
use super::image::{Entry, EntryKind, RawLayer};
use super::osv::Advisory;
use super::packages::{Package, PackageKind};
use super::*;

/// What is found in something that breaks the rule, and in its near miss.
struct Case {
    broken: Vec<Finding>,
    kept: Vec<Finding>,
}

/// The same look at both.
fn case<T>(look: impl Fn(T) -> Vec<Finding>, broken: T, kept: T) -> Case {
    Case {
        broken: look(broken),
        kept: look(kept),
    }
}

fn dockerfile_with(text: &str, policy: &Policy) -> Vec<Finding> {
    let text = format!("FROM python:3.12@sha256:00\n{text}\n");
    check_dockerfile(&text, "Dockerfile", None, policy)
        .unwrap()
        .findings
}

fn dockerfile(text: &str) -> Vec<Finding> {
    dockerfile_with(text, &Policy::default())
}

fn image(config: &str, layer: RawLayer) -> Image {
    Image::merge("i", serde_json::from_str(config).unwrap(), vec![layer])
}

fn configured(config: &str) -> Vec<Finding> {
    let image = image(config, RawLayer::default());
    check_image(&image, &Origin::default(), &Policy::default())
}

/// An image of one file.
fn holding(path: &str, mode: u32, size: u64) -> Image {
    let entry = Entry {
        path: path.to_owned(),
        mode,
        size,
        kind: EntryKind::File,
    };
    let layer = RawLayer {
        entries: vec![entry],
        ..RawLayer::default()
    };
    image(r#"{"config":{"User":"1000"}}"#, layer)
}

fn file((path, mode): (&str, u32)) -> Vec<Finding> {
    let image = holding(path, mode, 100 << 10);
    check_image(&image, &Origin::default(), &Policy::default())
}

/// An image with a file of this text, in which secrets are looked for as a scan does.
fn text_in_image(text: &str) -> Vec<Finding> {
    let secrets = super::secret::find(text.as_bytes());
    let layer = RawLayer {
        secrets: secrets
            .into_iter()
            .map(|secret| ("app/key".to_owned(), secret))
            .collect(),
        ..RawLayer::default()
    };
    let image = image(r#"{"config":{"User":"1000"}}"#, layer);
    check_image(&image, &Origin::default(), &Policy::default())
}

fn container(option: &str) -> Vec<Finding> {
    let text = format!(
        "on: push\njobs:\n  a:\n    runs-on: x\n    container: {{ image: 'python:3.12@sha256:00', {option} }}\n    steps: [{{ run: pytest }}]\n"
    );
    let parsed = crate::workflow::parse(&text).unwrap();
    of_workflow(&parsed.workflow, "w.yml", &[], &Policy::default())
}

fn ignore_file(text: Option<&str>) -> Vec<Finding> {
    let unwanted = [Unwanted {
        path: ".git".to_owned(),
        kind: UnwantedKind::History,
    }];
    let ignore = text.map(|text| (".dockerignore", text));
    check_context(ignore, "Dockerfile", &unwanted)
}

fn target(version: &str) -> Target {
    Target {
        name: "i".to_owned(),
        packages: vec![Package {
            kind: PackageKind::Python,
            name: "idna".to_owned(),
            version: version.to_owned(),
            source: None,
            arch: None,
            path: "lib/idna".to_owned(),
            layer: 0,
            owner: None,
        }],
        ..Target::default()
    }
}

/// An image with a version of a package, against an advisory for those below 2.
fn search(version: &str, policy: &Policy) -> Vec<Finding> {
    let advisory = r#"{"id":"CVE-1","summary":"It breaks","affected":[{"package":
        {"ecosystem":"PyPI","name":"idna"},"ranges":[{"type":"ECOSYSTEM","events":
        [{"introduced":"0"},{"fixed":"2.0"}]}]}]}"#;
    let targets = [target(version)];
    let mut search = Search::new(&targets);
    search.take(&Advisory::parse(advisory.as_bytes()).unwrap());
    search
        .finish(policy, "2026-02-01".parse().unwrap())
        .findings
}

fn ignoring(expires: &str) -> Policy {
    Policy {
        ignores: vec![Ignore {
            id: "CVE-1".to_owned(),
            reason: "not reachable".to_owned(),
            expires: expires.parse().unwrap(),
            package: None,
            line: 1,
        }],
        ..Policy::default()
    }
}

/// A token that is put together here, so that this file is none that a scanner finds.
fn token(length: usize) -> String {
    let body: String = "aB3xY9kQ2mN7".chars().cycle().take(length).collect();
    format!("ghp_{body}")
}

fn cases(rule: Rule) -> Case {
    let bases = Policy {
        bases: vec!["registry.example.org/**".to_owned()],
        ..Policy::default()
    };
    let place = Place::File(FilePlace::line("Dockerfile", 1));
    let from = |name: &str| check_base(name, &place, &Policy::default());
    match rule {
        Rule::RootUser => case(dockerfile, "USER root", "USER root\nUSER 1000"),
        Rule::UnofficialBase => case(from, "ghcr.io/a/b:1", "docker.io/library/python:3"),
        Rule::UnlistedBase => case(
            |name| check_base(name, &place, &bases),
            "python:3.12",
            "registry.example.org/team/python:3.12",
        ),
        Rule::LatestBase => case(from, "python:latest", "python:3-latest"),
        Rule::NoDigest => case(from, "python:3.12", "python:3.12@sha256:00"),
        Rule::SecretInEnv => case(
            dockerfile,
            "ENV API_TOKEN=q8Zk2Lw0Vx7Tn4",
            "ENV API_TOKEN=$API_TOKEN",
        ),
        Rule::SecretInArg => case(dockerfile, "ARG NPM_TOKEN", "ARG NPM_VERSION"),
        Rule::SecretInHistory => case(
            configured,
            r#"{"history":[{"created_by":"RUN |1 TOKEN=w1Xy7Kq9Pb3Ls5 make"}]}"#,
            r#"{"history":[{"created_by":"RUN |1 VERSION=w1Xy7Kq9Pb3Ls5 make"}]}"#,
        ),
        Rule::SecretInFile => case(text_in_image, &*token(36), &*token(12)),
        Rule::PipeToShell => case(
            dockerfile,
            "RUN curl https://example.org/i.sh | sh",
            "RUN curl https://example.org/i.tar | tar x",
        ),
        Rule::WorldWritable => case(file, ("app/a", 0o666), ("app/a", 0o664)),
        Rule::SetuidFile => case(file, ("opt/tool", 0o4755), ("opt/tool", 0o755)),
        Rule::UsualSetuid => case(file, ("usr/bin/su", 0o4755), ("usr/bin/su", 0o755)),
        Rule::PackageCache => case(
            file,
            ("var/cache/apt/a.deb", 0o644),
            ("var/lib/apt/a.deb", 0o644),
        ),
        Rule::ImageSize => {
            let image = holding("app/a", 0o644, 2 << 20);
            let budget = |bytes| {
                let policy = Policy {
                    max_size: Some(bytes),
                    ..Policy::default()
                };
                check_image(&image, &Origin::default(), &policy)
            };
            case(budget, (2 << 20) - 1, 2 << 20)
        }
        Rule::NoDockerignore => case(ignore_file, None, Some(".git\n")),
        Rule::LeakyDockerignore => case(ignore_file, Some("docs\n"), Some(".git\n")),
        Rule::PrivilegedOption => case(container, "options: --privileged", "options: --init"),
        Rule::DockerSocket => case(
            container,
            "volumes: ['/var/run/docker.sock:/s']",
            "volumes: ['sockets:/var/run']",
        ),
        Rule::Vulnerability => case(|version| search(version, &Policy::default()), "1.9", "2.0"),
        Rule::ExpiredIgnore => case(
            |expires| search("1.9", &ignoring(expires)),
            "2026-01-31",
            "2026-02-01",
        ),
        Rule::OldDatabase => {
            let now = "2026-02-08T00:00:00Z".parse().unwrap();
            let age = |newest: &str| {
                let newest = newest.parse().unwrap();
                too_old(Some(newest), now, &Policy::default(), "osv")
                    .into_iter()
                    .collect()
            };
            case(age, "2026-01-31T00:00:00Z", "2026-02-01T00:00:00Z")
        }
        Rule::NotChecked => case(
            |version| search(version, &Policy::default()),
            "no version",
            "2.0",
        ),
    }
}

#[test]
fn each_rule_is_broken_by_one_thing_and_kept_by_the_nearest() {
    for rule in Rule::ALL {
        let Case { broken, kept } = cases(*rule);
        let of = |found: &[Finding]| {
            let of_rule = |one: &&Finding| one.rule == *rule;
            found.iter().filter(of_rule).count()
        };
        assert_eq!(of(&broken), 1, "{} is not broken: {broken:?}", rule.id());
        assert_eq!(of(&kept), 0, "{} is not kept: {kept:?}", rule.id());
    }
}
