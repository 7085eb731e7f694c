//! Which source wins.

#![allow(clippy::unwrap_used)]

use super::images::BuiltFrom;
use super::resolve::Source;
use super::{ConfigFile, CoverageFlags, EngineKind, Environment, Flags, Settings, SettingsError};
use crate::gate::Masked;
use crate::plan::DefinitionUse;
use crate::record::Cause;

/// The file with this text.
fn file(text: &str) -> ConfigFile {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("seatrial.toml"), text).unwrap();
    ConfigFile::load(dir.path()).unwrap()
}

fn resolve(flags: Flags, variables: &[(&str, &str)], text: &str) -> Settings {
    let environment = Environment::from_iter(variables.iter().copied());
    Settings::resolve(flags, &environment, &file(text)).unwrap()
}

/// Cause and message of what is wrong.
fn refused(flags: Flags, variables: &[(&str, &str)], text: &str) -> (Cause, String) {
    let environment = Environment::from_iter(variables.iter().copied());
    match Settings::resolve(flags, &environment, &file(text)).unwrap_err() {
        SettingsError::Value(error) => (error.cause, error.message),
        SettingsError::File(error) => (Cause::ConfigInvalid, error.problems[0].message.clone()),
    }
}

#[test]
fn flag_over_variable_over_file_over_nothing() {
    let text = "[coverage]\nmin = 70";
    let variable = [("SEATRIAL_COVERAGE_MIN", "80")];
    let flags = || Flags {
        coverage: CoverageFlags {
            min: Some(90.0),
            ..CoverageFlags::default()
        },
        ..Flags::default()
    };
    for (settings, expected) in [
        (
            resolve(flags(), &variable, text),
            Some((90.0, "--coverage-min")),
        ),
        (
            resolve(Flags::default(), &variable, text),
            Some((80.0, "SEATRIAL_COVERAGE_MIN")),
        ),
        (
            resolve(Flags::default(), &[], text),
            Some((70.0, "seatrial.toml")),
        ),
        (resolve(Flags::default(), &[], ""), None),
    ] {
        let found = settings
            .coverage
            .min
            .map(|min| (min.value, min.source.to_string()));
        assert_eq!(found, expected.map(|(min, by)| (min, by.to_owned())));
    }
}

#[test]
fn defaults_are_careful() {
    let settings = resolve(Flags::default(), &[], "");
    assert!(!settings.upload && !settings.fallback);
    assert_eq!(settings.engine, EngineKind::Docker);
    assert_eq!(settings.masked, Masked::Deny);
}

#[test]
fn a_teams_own_switch_leads_to_this_machine_unless_the_engine_is_named() {
    let engine = |flag: Option<EngineKind>, variables: &[(&str, &str)]| {
        let flags = Flags {
            engine: flag,
            ..Flags::default()
        };
        let settings = resolve(flags, variables, "");
        (settings.engine, settings.engine_by.map(|by| by.to_string()))
    };
    let off = ("CI_USE_DOCKER_TESTS", "false");
    let by = |name: &str| Some(name.to_owned());
    assert_eq!(
        engine(None, &[off]),
        (EngineKind::Host, by("CI_USE_DOCKER_TESTS"))
    );
    assert_eq!(
        engine(Some(EngineKind::Docker), &[off]),
        (EngineKind::Docker, by("--engine"))
    );
    assert_eq!(
        engine(None, &[off, ("SEATRIAL_ENGINE", "docker")]),
        (EngineKind::Docker, by("SEATRIAL_ENGINE"))
    );
    let on = ("CI_USE_DOCKER_TESTS", "true");
    assert_eq!(engine(None, &[on]), (EngineKind::Docker, None));
    let (_, message) = refused(Flags::default(), &[("CI_USE_DOCKER_TESTS", "maybe")], "");
    assert!(message.contains("CI_USE_DOCKER_TESTS"), "{message}");
}

#[test]
fn silence_is_limited_where_nobody_watches() {
    let minutes = |variables: &[(&str, &str)], text: &str| {
        resolve(Flags::default(), variables, text).no_output_minutes
    };
    let file = "[run]\nno-output-minutes = 20";
    let ci = ("CI", "true");
    assert_eq!(minutes(&[], ""), None);
    assert_eq!(minutes(&[ci], ""), Some(10.0));
    assert_eq!(minutes(&[ci], file), Some(20.0));
    let variable = ("SEATRIAL_NO_OUTPUT_MINUTES", "0");
    assert_eq!(minutes(&[ci, variable], file), None);
    let (_, message) = refused(
        Flags::default(),
        &[("SEATRIAL_NO_OUTPUT_MINUTES", "-1")],
        "",
    );
    assert!(message.contains("SEATRIAL_NO_OUTPUT_MINUTES"), "{message}");
}

#[test]
fn lists_replace_each_other_and_pairs_add_up() {
    let text = "jobs = ['a', 'b']\n[vars]\nX = '1'\nY = '2'\n[actions]\nskip = ['a/b']";
    let settings = resolve(Flags::default(), &[("SEATRIAL_JOBS", "c, d")], text);
    assert_eq!(settings.jobs, ["c", "d"]);
    let flags = Flags {
        vars: vec![("Y".to_owned(), "3".to_owned())],
        skip_actions: vec!["c/d".to_owned()],
        ..Flags::default()
    };
    let settings = resolve(flags, &[], text);
    assert_eq!(settings.jobs, ["a", "b"]);
    assert_eq!(settings.skip_actions, ["a/b", "c/d"]);
    assert_eq!(
        settings.vars,
        [
            ("X".to_owned(), "1".to_owned()),
            ("Y".to_owned(), "3".to_owned()),
        ]
    );
}

/// `--image` with these words.
fn images(words: &[&str]) -> Flags {
    Flags {
        images: words
            .iter()
            .map(|word| super::image(word).unwrap())
            .collect(),
        ..Flags::default()
    }
}

/// `label=image` of each, and the image of all jobs.
fn named(settings: &Settings) -> Vec<String> {
    let labels = settings.images.iter();
    let mut all: Vec<String> = labels
        .map(|(label, image)| format!("{label}={}", image.value))
        .collect();
    all.extend(settings.image.as_ref().map(|image| image.value.clone()));
    all
}

#[test]
fn images_by_label_are_laid_over_each_other() {
    let text = "[images]\nUbuntu-Latest = 'a:1'\ngpu = 'b:1'";
    let none = Flags::default;
    assert_eq!(
        named(&resolve(none(), &[], text)),
        ["gpu=b:1", "ubuntu-latest=a:1"]
    );
    let variable = [("SEATRIAL_IMAGE", "gpu=c:1, x=d:1")];
    let over = resolve(images(&["ubuntu-latest=e:1"]), &variable, text);
    assert_eq!(named(&over), ["gpu=c:1", "ubuntu-latest=e:1", "x=d:1"]);
    // What is asked for all jobs goes over what a lower source says of some.
    assert_eq!(named(&resolve(images(&["f:1"]), &variable, text)), ["f:1"]);
    let both = resolve(images(&["f:1", "gpu=g:1"]), &[], text);
    assert_eq!(named(&both), ["gpu=g:1", "f:1"]);
    let all = "[image]\nname = 'h:1'\n[images]\ngpu = 'b:1'";
    assert_eq!(named(&resolve(none(), &[], all)), ["gpu=b:1", "h:1"]);
    let (cause, message) = refused(images(&["a", "b"]), &[], "");
    assert_eq!(cause, Cause::Usage);
    assert_eq!(message, "--image names two images for all jobs");
    let (cause, _) = refused(none(), &[("SEATRIAL_IMAGE", "gpu=")], "");
    assert_eq!(cause, Cause::ConfigInvalid);
    assert!(super::image("=x").is_err() && super::image("").is_err());
    let mut build = images(&["a"]);
    build.build_args = vec![("A".to_owned(), "1".to_owned())];
    assert_eq!(
        refused(build, &[], "").1,
        "--build-arg asks for an argument, and --image for an image that is not built"
    );
}

#[test]
fn an_image_and_a_dockerfile_exclude_each_other() {
    let text = "[image]\ndockerfile = 'Dockerfile.ci'\ntarget = 'test'";
    let settings = resolve(Flags::default(), &[("SEATRIAL_IMAGE", "python:3.12")], text);
    // The image goes before what another one would be built from.
    let of_file = BuiltFrom::Dockerfile("Dockerfile.ci".into());
    assert_eq!(settings.built.unwrap().value, of_file);
    let image = settings.image.unwrap();
    assert_eq!(image.value, "python:3.12");
    assert_eq!(image.source, Source::Variable("SEATRIAL_IMAGE"));

    let both = [("SEATRIAL_IMAGE", "a"), ("SEATRIAL_DOCKERFILE", "b")];
    let (cause, message) = refused(Flags::default(), &both, "");
    assert_eq!(cause, Cause::ConfigInvalid);
    assert_eq!(
        message,
        "SEATRIAL_IMAGE and SEATRIAL_DOCKERFILE exclude each other"
    );

    let flags = Flags {
        target: Some("test".to_owned()),
        ..Flags::default()
    };
    let (cause, message) = refused(flags, &[], "[image]\nname = 'python:3.12'");
    assert_eq!(cause, Cause::Usage);
    assert!(
        message.starts_with("--target asks for a stage"),
        "{message}"
    );
}

#[test]
fn the_highest_source_says_what_is_built() {
    let of = |flags: Flags, variables: &[(&str, &str)]| {
        let text = "[image]\nbake = 'test'\ntarget = 'old'\nargs = { A = 'file', B = 'file' }";
        let settings = resolve(flags, variables, text);
        let built = match settings.built.unwrap().value {
            BuiltFrom::Dockerfile(file) => file.display().to_string(),
            BuiltFrom::Definition(wanted) => wanted.to_string(),
        };
        let target = settings.target.unwrap_or_default();
        let args = settings.build_args.iter();
        let args: Vec<String> = args
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        format!("{built} {target} {}", args.join(" "))
    };
    let flags = || Flags {
        build_args: vec![("A".to_owned(), "flag".to_owned())],
        ..Flags::default()
    };
    assert_eq!(of(flags(), &[]), "test old A=flag B=file");
    // A Dockerfile of a higher source says nothing of stage and arguments.
    let dockerfile = [("SEATRIAL_DOCKERFILE", "D")];
    assert_eq!(of(flags(), &dockerfile), "D old A=flag B=file");
    let compose = [("SEATRIAL_COMPOSE", "c.yml#tests")];
    assert_eq!(of(flags(), &compose), "c.yml#tests  A=flag");
    let staged = Flags {
        target: Some("new".to_owned()),
        ..flags()
    };
    assert_eq!(of(staged, &compose), "c.yml#tests new A=flag");
    let both = [compose[0], dockerfile[0]];
    assert_eq!(
        refused(flags(), &both, "").1,
        "SEATRIAL_DOCKERFILE and SEATRIAL_COMPOSE exclude each other"
    );
    // What a higher source says ends the quarrel of lower ones.
    let bake = Flags {
        bake: DefinitionUse::bake("ci").ok(),
        ..flags()
    };
    assert_eq!(of(bake, &both), "ci  A=flag");
    let (cause, _) = refused(flags(), &[("SEATRIAL_COMPOSE", "c.yml")], "");
    assert_eq!(cause, Cause::ConfigInvalid);
}

#[test]
fn wrong_variables_are_named() {
    for (name, value) in [
        ("SEATRIAL_COVERAGE_MIN", "lots"),
        ("SEATRIAL_PARALLEL", "0"),
        ("SEATRIAL_MEMORY", "1q"),
        ("SEATRIAL_ENGINE", "podman"),
        ("SEATRIAL_UPLOAD", "maybe"),
    ] {
        let (cause, message) = refused(Flags::default(), &[(name, value)], "");
        assert_eq!(cause, Cause::ConfigInvalid);
        assert!(
            message.contains(name) && message.contains(value),
            "{message}"
        );
    }
}

#[test]
fn a_file_of_secrets_that_is_not_there() {
    let flags = Flags {
        secret_file: Some("/nowhere/at/all".into()),
        ..Flags::default()
    };
    let (_, message) = refused(flags, &[], "");
    assert!(message.contains("cannot be read"), "{message}");
}
