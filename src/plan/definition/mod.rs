//! Files that describe beside a Dockerfile how the tests' image is built: a service of a
//! compose file, a target of a bake file.

mod bake;
mod hint;
mod read;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::PathBuf;

pub(crate) use hint::hint;

/// What describes the build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DefinitionKind {
    /// A service of a compose file.
    Compose,
    /// A target of a bake file.
    Bake,
}

impl DefinitionKind {
    /// What the file calls a thing that is built.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Compose => "service",
            Self::Bake => "target",
        }
    }

    /// The key of `[image]` in `seatrial.toml`.
    fn key(self) -> &'static str {
        match self {
            Self::Compose => "compose",
            Self::Bake => "bake",
        }
    }
}

/// Which description the settings name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DefinitionUse {
    /// What it is.
    pub(crate) kind: DefinitionKind,
    /// Its file; without one bake looks for those with the usual names.
    pub(crate) file: Option<PathBuf>,
    /// The service or target.
    pub(crate) name: String,
}

impl DefinitionUse {
    /// Reads `FILE#SERVICE`.
    ///
    /// # Errors
    /// What was expected.
    pub(crate) fn compose(text: &str) -> Result<Self, String> {
        match text.rsplit_once('#') {
            Some((file, name)) if !file.is_empty() && is_name(name) => Ok(Self {
                kind: DefinitionKind::Compose,
                file: Some(PathBuf::from(file)),
                name: name.to_owned(),
            }),
            _ => Err(
                "expected FILE#SERVICE, such as docker-compose.test.yml#tests: the file and the service of it that is built"
                    .to_owned(),
            ),
        }
    }

    /// Reads `TARGET` or `FILE#TARGET`.
    ///
    /// # Errors
    /// What was expected.
    pub(crate) fn bake(text: &str) -> Result<Self, String> {
        let (file, name) = match text.rsplit_once('#') {
            Some((file, name)) => (Some(PathBuf::from(file)), name),
            None => (None, text),
        };
        let named = file
            .as_ref()
            .is_none_or(|file| !file.as_os_str().is_empty());
        if !named || !is_name(name) {
            return Err(
                "expected TARGET or FILE#TARGET, such as docker-bake.hcl#test: a target of the bake file"
                    .to_owned(),
            );
        }
        Ok(Self {
            kind: DefinitionKind::Bake,
            file,
            name: name.to_owned(),
        })
    }
}

/// As the settings write it.
impl fmt::Display for DefinitionUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}#", file.display())?;
        }
        f.write_str(&self.name)
    }
}

/// How an image is built. Paths are as the docker command gives them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Definition {
    /// The build context: a folder, relative to where the docker command ran.
    pub(crate) context: String,
    /// The Dockerfile, relative to the context.
    pub(crate) dockerfile: String,
    /// The stage; the last one where absent.
    pub(crate) target: Option<String>,
    /// Build arguments.
    pub(crate) args: Vec<(String, String)>,
    /// What it says beside that and has no effect here.
    pub(crate) no_effect: Vec<String>,
}

/// Whether this can be the name of a service or target. It becomes a word of a command.
fn is_name(text: &str) -> bool {
    let inner = |one: char| one.is_ascii_alphanumeric() || matches!(one, '_' | '-' | '.');
    !text.is_empty() && !text.starts_with(['-', '.']) && text.chars().all(inner)
}
