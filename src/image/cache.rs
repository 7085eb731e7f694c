//! Caches of elsewhere that a build takes from and gives to, in the words of buildx
//! (<https://docs.docker.com/build/cache/backends/>). Nothing of them gets into the image, so
//! they are no part of the content key.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::workflow::nearest;

/// What stands for the name of the image in a value: several images of a run would else
/// overwrite each other's cache.
const IMAGE: &str = "{image}";

/// A kind of cache.
struct Kind {
    name: &'static str,
    /// What it needs to be taken from; nothing can be taken from one without a list.
    from: Option<&'static [&'static str]>,
    /// What it needs to be given to.
    to: &'static [&'static str],
}

const KINDS: [Kind; 6] = [
    Kind {
        name: "azblob",
        from: Some(&["name", "account_url"]),
        to: &["name", "account_url"],
    },
    Kind {
        name: "gha",
        from: Some(&[]),
        to: &[],
    },
    Kind {
        name: "inline",
        from: None,
        to: &[],
    },
    Kind {
        name: "local",
        from: Some(&["src"]),
        to: &["dest"],
    },
    Kind {
        name: "registry",
        from: Some(&["ref"]),
        to: &["ref"],
    },
    Kind {
        name: "s3",
        from: Some(&["bucket", "region"]),
        to: &["bucket", "region"],
    },
];

/// Attributes whose values are secrets: everybody on the machine could list them.
const SECRETS: [&str; 3] = ["secret_access_key", "session_token", "token"];

/// What the settings say of caches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct CacheOptions {
    /// Where builds take from.
    pub(crate) from: Vec<CacheSpec>,
    /// Where they give to.
    pub(crate) to: Vec<CacheSpec>,
    /// The builder instead of the engine's own.
    pub(crate) builder: Option<Builder>,
    /// Whether the environment has what GitHub's cache asks for.
    pub(crate) github: bool,
    /// How long it may take.
    pub(crate) limits: CacheLimits,
}

/// A builder of buildx.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Builder {
    /// Its name.
    pub(crate) name: String,
    /// The file in which buildx keeps what it is.
    pub(crate) definition: PathBuf,
}

/// How long a build may be busy with caches at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CacheLimits {
    /// With looking for what there is to take.
    pub(crate) import: Duration,
    /// With giving.
    pub(crate) export: Duration,
    /// With the start of a builder.
    pub(crate) builder: Duration,
}

impl Default for CacheLimits {
    fn default() -> Self {
        Self {
            import: Duration::from_secs(60),
            export: Duration::from_secs(5 * 60),
            builder: Duration::from_secs(2 * 60),
        }
    }
}

/// Work of a build that only caches make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CacheWork {
    /// Looking for what there is to take.
    Import,
    /// Giving.
    Export,
    /// Starting a builder that can give.
    Builder,
}

impl CacheWork {
    /// By the name that BuildKit gives a step.
    pub(super) fn of(step: &str) -> Option<Self> {
        let begins = |text: &str| step.starts_with(text);
        if begins("importing cache manifest") {
            Some(Self::Import)
        } else if begins("exporting cache")
            || begins("preparing build cache for export")
            || begins("sending cache export")
        {
            Some(Self::Export)
        } else if begins("[internal] booting buildkit") {
            Some(Self::Builder)
        } else {
            None
        }
    }
}

impl CacheLimits {
    /// How long a kind of work may take.
    pub(super) fn of(self, work: CacheWork) -> Duration {
        match work {
            CacheWork::Import => self.import,
            CacheWork::Export => self.export,
            CacheWork::Builder => self.builder,
        }
    }
}

/// A cache of elsewhere: `type=registry,ref=registry.example.com/team/cache`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CacheSpec {
    attributes: Vec<(String, String)>,
}

impl fmt::Display for CacheSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs: Vec<String> = self
            .attributes
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        f.write_str(&pairs.join(","))
    }
}

impl CacheSpec {
    /// Reads one to take from: `type=…`, or the reference of an image.
    ///
    /// # Errors
    /// What was expected.
    pub(crate) fn taken(text: &str) -> Result<Self, String> {
        let spec = Self::parse(text)?;
        let kind = spec.kind()?;
        match kind.from {
            Some(needed) => spec.with(kind.name, needed),
            None => Err(format!(
                "type={} can only be given to; an image with such a cache is taken from by its name",
                kind.name
            )),
        }
    }

    /// Reads one to give to.
    ///
    /// # Errors
    /// What was expected.
    pub(crate) fn given(text: &str) -> Result<Self, String> {
        let spec = Self::parse(text)?;
        let kind = spec.kind()?;
        spec.with(kind.name, kind.to)
    }

    fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() || text.contains(['"', '\n']) {
            return Err("expected type=registry,ref=IMAGE or the like, without quotes".to_owned());
        }
        // As buildx has it, what has no attribute is the name of an image.
        if !text.contains('=') {
            let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
            return Ok(Self {
                attributes: vec![pair("type", "registry"), pair("ref", text)],
            });
        }
        let mut attributes = Vec::new();
        for part in text.split(',') {
            let Some((name, value)) = part.split_once('=') else {
                return Err(format!("expected name=value in place of `{part}`"));
            };
            let name = name.trim().to_ascii_lowercase();
            if SECRETS.contains(&name.as_str()) {
                return Err(format!(
                    "`{name}` is a secret; leave it out, and buildx takes it from its own variable"
                ));
            }
            attributes.push((name, value.trim().to_owned()));
        }
        Ok(Self { attributes })
    }

    /// What `type` says.
    fn kind(&self) -> Result<&'static Kind, String> {
        let wanted = self.get("type").unwrap_or_default();
        if let Some(kind) = KINDS.iter().find(|kind| kind.name == wanted) {
            return Ok(kind);
        }
        let names: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
        Err(match nearest(wanted, &names) {
            Some(near) => format!("there is no type `{wanted}`; did you mean type={near}?"),
            None => format!("expected a type: {}", names.join(", ")),
        })
    }

    fn with(self, kind: &str, needed: &[&str]) -> Result<Self, String> {
        match needed
            .iter()
            .find(|name| self.get(name).is_none_or(str::is_empty))
        {
            Some(missing) => Err(format!("type={kind} needs {missing}=…")),
            None => Ok(self),
        }
    }

    fn get(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The same, with the folders of a local cache below this one where they are relative.
    pub(crate) fn below(mut self, folder: &Path) -> Self {
        if self.get("type") == Some("local") {
            for (name, value) in &mut self.attributes {
                if matches!(name.as_str(), "src" | "dest") {
                    *value = folder.join(value.as_str()).to_string_lossy().into_owned();
                }
            }
        }
        self
    }

    /// The same for one image, by its tag: `seatrial/app:tests-python3.12`.
    pub(super) fn of_image(&self, tag: &str) -> Self {
        let name = tag.rsplit_once(':').map_or(tag, |(_, name)| name);
        let attributes = self.attributes.iter();
        Self {
            attributes: attributes
                .map(|(key, value)| (key.clone(), value.replace(IMAGE, name)))
                .collect(),
        }
    }

    /// Whether it is GitHub's cache.
    pub(super) fn is_githubs(&self) -> bool {
        self.get("type") == Some("gha")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn what_buildx_knows_is_read() {
        for (text, expected) in [
            (
                "registry.example.com/team/app:cache",
                "type=registry,ref=registry.example.com/team/app:cache",
            ),
            ("type=registry,ref=a/b", "type=registry,ref=a/b"),
            ("type=gha, scope=tests", "type=gha,scope=tests"),
            ("type=local,src=/c", "type=local,src=/c"),
        ] {
            assert_eq!(CacheSpec::taken(text).unwrap().to_string(), expected);
        }
        for text in [
            "type=inline",
            "type=local,dest=c,mode=max",
            "type=gha,mode=max",
            "a/b",
            "type=s3,bucket=b,region=eu",
        ] {
            CacheSpec::given(text).unwrap();
        }
    }

    #[test]
    fn what_makes_no_sense_is_said() {
        for (text, says) in [
            ("", "expected type=registry,ref=IMAGE"),
            ("type=registry", "type=registry needs ref=…"),
            ("type=local,dest=c", "type=local needs src=…"),
            ("type=local,src=", "type=local needs src=…"),
            ("type=registri,ref=a", "did you mean type=registry?"),
            ("ref=a", "expected a type: azblob, gha"),
            ("type=inline", "can only be given to"),
            ("type=gha,tests", "expected name=value in place of `tests`"),
            ("type=gha,token=abc", "`token` is a secret"),
            ("type=local,\"src=a,b\"", "without quotes"),
        ] {
            let error = CacheSpec::taken(text).unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
        let error = CacheSpec::given("type=local,src=c").unwrap_err();
        assert_eq!(error, "type=local needs dest=…");
    }

    #[test]
    fn folders_and_images_are_put_in() {
        let local = CacheSpec::given("type=local,dest=c/{image}").unwrap();
        let local = local.below(Path::new("/app"));
        assert_eq!(
            local.of_image("seatrial/app:tests-python3.12").to_string(),
            "type=local,dest=/app/c/tests-python3.12"
        );
        let there = CacheSpec::taken("type=local,src=/c").unwrap();
        assert_eq!(
            there.clone().below(Path::new("/app")).to_string(),
            there.to_string()
        );
        let other = CacheSpec::taken("dest").unwrap().below(Path::new("/app"));
        assert_eq!(other.to_string(), "type=registry,ref=dest");
    }
}
