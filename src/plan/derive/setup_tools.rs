//! Tools that set-up actions install: the image has them before they are needed.

use std::collections::BTreeSet;

use crate::plan::BuiltIn;

use super::{Cache, Layer, Phase, words};

/// A tool that an action installs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tool {
    /// Its command, and its name on the package index.
    pub(super) name: &'static str,
    /// As pip takes it.
    requirement: String,
    /// Settings that the action makes, as commands.
    settings: Vec<String>,
}

/// The tool that an action installs; `None` where it installs none, or a version that
/// is not a plain one. `input` gives the action's inputs.
pub(super) fn of(built_in: BuiltIn, input: impl Fn(&str) -> Option<String>) -> Option<Tool> {
    let (name, version) = match built_in {
        BuiltIn::SetupUv => ("uv", input("version").or_else(|| input("uv-version"))),
        BuiltIn::InstallPoetry => ("poetry", input("version")),
        BuiltIn::ActionsPoetry => (
            "poetry",
            input("poetry-version").or_else(|| input("version")),
        ),
        BuiltIn::SetupPdm => ("pdm", input("version")),
        BuiltIn::SetupNox => ("nox", None),
        BuiltIn::InstallHatch => ("hatch", input("version")),
        _ => return None,
    };
    if name == "poetry" && (input("plugins").is_some() || input("poetry-plugins").is_some()) {
        return None;
    }
    // Without an environment of its own poetry takes that of its interpreter, which is
    // another one here.
    if input("virtualenvs-create").is_some_and(|create| create == "false") {
        return None;
    }
    let mut settings = Vec::new();
    if built_in == BuiltIn::InstallPoetry {
        for (setting, name) in [
            ("virtualenvs.create", "virtualenvs-create"),
            ("virtualenvs.in-project", "virtualenvs-in-project"),
            ("virtualenvs.path", "virtualenvs-path"),
            ("installer.parallel", "installer-parallel"),
        ] {
            if let Some(value) = input(name) {
                settings.push(format!("poetry config {setting} {}", words::quoted(&value)));
            }
        }
    }
    Some(Tool {
        name,
        requirement: requirement(name, version.as_deref().unwrap_or_default().trim())?,
        settings,
    })
}

/// `uv==0.5.1`, `uv==0.5.*`, `uv`.
fn requirement(name: &str, version: &str) -> Option<String> {
    let version = version.trim_start_matches('v');
    if matches!(version, "" | "latest" | "head" | "main") {
        return Some(name.to_owned());
    }
    let plain = version.trim_end_matches(".x").trim_end_matches(".*");
    let digits = plain
        .split('.')
        .all(|part| !part.is_empty() && part.bytes().all(|one| one.is_ascii_digit()));
    if !digits {
        return None;
    }
    Some(if plain.matches('.').count() >= 2 {
        format!("{name}=={plain}")
    } else {
        format!("{name}=={plain}.*")
    })
}

impl Tool {
    /// The layer that installs it. All but uv bring many packages along, which must not
    /// mix with those of the tests.
    pub(super) fn layer(&self, step: u32) -> Layer {
        let (name, requirement) = (self.name, words::quoted(&self.requirement));
        let mut commands = if name == "uv" {
            vec![format!("pip install {requirement}")]
        } else {
            vec![
                format!("python -m venv /opt/{name}"),
                format!("/opt/{name}/bin/pip install {requirement}"),
                format!("ln -s /opt/{name}/bin/{name} /opt/venv/bin/{name}"),
            ]
        };
        commands.extend(self.settings.iter().cloned());
        Layer {
            commands,
            caches: BTreeSet::from([Cache::Pip]),
            needs: None,
            own_folder: (name != "uv").then_some(name),
            ..Layer::new(Phase::Dependencies, step, name.to_owned(), false)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::requirement;

    #[test]
    fn versions_are_requirements() {
        for (version, found) in [
            ("", Some("uv")),
            ("latest", Some("uv")),
            ("0.5.1", Some("uv==0.5.1")),
            ("0.5.x", Some("uv==0.5.*")),
            ("0.5", Some("uv==0.5.*")),
            (">=0.4", None),
        ] {
            assert_eq!(requirement("uv", version).as_deref(), found, "{version}");
        }
    }
}
