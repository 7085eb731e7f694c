//! Caches of elsewhere that builds take from and give to.

use std::path::Path;

use toml::Spanned;

use super::environment::Environment;
use super::error::ValueError;
use super::file::{ConfigFile, Reader};
use crate::image::{Builder, CacheOptions, CacheSpec};
use crate::record::Cause;

/// `--cache-from` or `--cache-to`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CacheFlag {
    /// None, whatever the file says.
    Off,
    /// One of them.
    Of(CacheSpec),
}

/// What the command line says of caches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct CacheFlags {
    /// `--cache-from`.
    pub(crate) from: Vec<CacheFlag>,
    /// `--cache-to`.
    pub(crate) to: Vec<CacheFlag>,
    /// `--builder`.
    pub(crate) builder: Option<String>,
}

/// What the file says of them, folders as they are written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct CacheFile {
    /// `image.cache-from`.
    from: Vec<CacheSpec>,
    /// `image.cache-to`.
    to: Vec<CacheSpec>,
    /// `image.builder`.
    builder: Option<String>,
}

/// `off`, or where to take from.
pub(crate) fn cache_from(text: &str) -> Result<CacheFlag, String> {
    flag(text, CacheSpec::taken)
}

/// `off`, or where to give to.
pub(crate) fn cache_to(text: &str) -> Result<CacheFlag, String> {
    flag(text, CacheSpec::given)
}

fn flag(text: &str, read: impl Fn(&str) -> Result<CacheSpec, String>) -> Result<CacheFlag, String> {
    match text.trim() {
        "off" => Ok(CacheFlag::Off),
        text => read(text).map(CacheFlag::Of),
    }
}

/// The name of a builder, as buildx writes it (`store/util.go`, `ValidateName`).
pub(crate) fn builder(text: &str) -> Result<String, String> {
    let name = text.trim().to_ascii_lowercase();
    let fits = |one: char| one.is_ascii_alphanumeric() || matches!(one, '.' | '_' | '-');
    if name.starts_with(|one: char| one.is_ascii_alphabetic()) && name.chars().all(fits) {
        Ok(name)
    } else {
        Err("expected the name of a builder, as `docker buildx ls` lists it".to_owned())
    }
}

impl Reader<'_> {
    /// The keys of `[image]` that are about caches.
    pub(super) fn cache(
        &mut self,
        from: &[Spanned<String>],
        to: &[Spanned<String>],
        named: Option<Spanned<String>>,
    ) -> CacheFile {
        let mut read = |key: &str, one: &Spanned<String>, read: fn(&str) -> _| {
            self.checked(key, one.span(), read(one.get_ref()))
        };
        CacheFile {
            from: from
                .iter()
                .filter_map(|one| read("cache-from", one, CacheSpec::taken))
                .collect(),
            to: to
                .iter()
                .filter_map(|one| read("cache-to", one, CacheSpec::given))
                .collect(),
            builder: named
                .and_then(|name| self.checked("builder", name.span(), builder(name.get_ref()))),
        }
    }
}

/// Which caches builds use, by which builder. Folders in `seatrial.toml` are relative to the
/// repository, others to the current folder.
///
/// # Errors
/// The variable does not name a builder, or there is no current folder.
pub(crate) fn caches(
    flags: &CacheFlags,
    root: Option<&Path>,
    environment: &Environment,
    file: &ConfigFile,
) -> Result<CacheOptions, ValueError> {
    let here = std::path::absolute(".").map_err(|error| {
        ValueError::new(
            Cause::PathInvalid,
            format!("the current folder is not known: {error}"),
        )
    })?;
    let file = &file.cache;
    let either = |flags: &[CacheFlag], file: &[CacheSpec]| -> Vec<CacheSpec> {
        if flags.is_empty() {
            let folder = root.unwrap_or(&here);
            return file.iter().map(|spec| spec.clone().below(folder)).collect();
        }
        let flags = flags.iter().filter_map(|flag| match flag {
            CacheFlag::Off => None,
            CacheFlag::Of(spec) => Some(spec.clone().below(&here)),
        });
        flags.collect()
    };
    let variable = environment
        .twin("SEATRIAL_BUILDER")
        .map(|text| {
            builder(text).map_err(|expected| {
                ValueError::new(
                    Cause::ConfigInvalid,
                    format!("the value of SEATRIAL_BUILDER cannot be used: `{text}`"),
                )
                .with_hint(expected)
            })
        })
        .transpose()?;
    let name = flags.builder.clone().or(variable).or(file.builder.clone());
    Ok(CacheOptions {
        from: either(&flags.from, &file.from),
        to: either(&flags.to, &file.to),
        // That one is the engine's own.
        builder: name.filter(|name| name != "default").map(|name| Builder {
            definition: environment.buildx_builder(&name),
            name,
        }),
        github: environment.has_githubs_cache(),
        ..CacheOptions::default()
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const FILE: &str = "[image]\ncache-from = ['team/app:cache', 'type=local,src=c']\n\
                        cache-to = ['type=local,dest=c']\nbuilder = 'Team'\n";

    fn resolved(flags: &CacheFlags, variables: &[(&str, &str)], text: &str) -> Vec<String> {
        let environment = Environment::from_iter(variables.iter().copied());
        let file = ConfigFile::parse(text).unwrap();
        let found = caches(flags, Some(Path::new("/app")), &environment, &file).unwrap();
        let mut all: Vec<String> = found.from.iter().map(ToString::to_string).collect();
        all.push("to".to_owned());
        all.extend(found.to.iter().map(ToString::to_string));
        all.extend(
            found
                .builder
                .map(|one| one.definition.display().to_string()),
        );
        all.extend(found.github.then(|| "github".to_owned()));
        all
    }

    #[test]
    fn flags_go_before_the_file() {
        let home = [("HOME", "/home/a")];
        let none = CacheFlags::default();
        assert_eq!(resolved(&none, &home, ""), ["to"]);
        assert_eq!(
            resolved(&none, &home, FILE),
            [
                "type=registry,ref=team/app:cache",
                "type=local,src=/app/c",
                "to",
                "type=local,dest=/app/c",
                "/home/a/.docker/buildx/instances/team",
            ]
        );
        let flags = CacheFlags {
            from: vec![cache_from("type=gha").unwrap()],
            to: vec![cache_to("off").unwrap()],
            builder: Some(builder("default").unwrap()),
        };
        assert_eq!(resolved(&flags, &home, FILE), ["type=gha", "to"]);
        // Folders of flags are of where they are written.
        let flags = CacheFlags {
            from: vec![cache_from("type=local,src=c").unwrap()],
            ..none
        };
        let here = std::path::absolute("c").unwrap();
        assert_eq!(
            resolved(&flags, &home, "")[0],
            format!("type=local,src={}", here.display())
        );
    }

    #[test]
    fn what_the_environment_has_is_known() {
        let none = CacheFlags::default();
        let token = ("ACTIONS_RUNTIME_TOKEN", "x");
        let address = ("ACTIONS_RESULTS_URL", "https://example.com/");
        let builder = ("SEATRIAL_BUILDER", "ci");
        let folder = ("BUILDX_CONFIG", "/b");
        assert_eq!(resolved(&none, &[token], ""), ["to"]);
        assert_eq!(resolved(&none, &[token, address], ""), ["to", "github"]);
        assert_eq!(
            resolved(&none, &[builder, folder], FILE).last().unwrap(),
            "/b/instances/ci"
        );
        let docker = [builder, ("DOCKER_CONFIG", "/d")];
        assert_eq!(resolved(&none, &docker, "")[1], "/d/buildx/instances/ci");
        let wrong = Environment::from_iter([("SEATRIAL_BUILDER", "../x")]);
        let error = caches(&none, None, &wrong, &ConfigFile::default()).unwrap_err();
        assert!(error.message.contains("SEATRIAL_BUILDER"));
    }

    #[test]
    fn a_wrong_value_of_the_file_has_its_line() {
        for (key, says) in [
            ("cache-from = ['type=inline']", "can only be given to"),
            ("cache-to = ['type=local,src=c']", "needs dest="),
            ("builder = 'a b'", "docker buildx ls"),
        ] {
            let error = ConfigFile::parse(&format!("[image]\n{key}\n")).unwrap_err();
            let problem = &error.problems[0];
            assert_eq!(problem.span.start.line, 2, "{key}");
            assert!(problem.hint.as_deref().unwrap().contains(says), "{key}");
        }
    }
}
