//! What a project's own metadata says about its dependencies.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::script::join;

use super::words;

/// What names a version by asking the repository's history, which is not copied.
const OF_HISTORY: &[&str] = &[
    "setuptools_scm",
    "setuptools-scm",
    "hatch-vcs",
    "versioningit",
    "versioneer",
    "poetry-dynamic-versioning",
    "dunamai",
    "flit_scm",
    "flit-scm",
    "uv-dynamic-versioning",
    "pbr",
    "source = \"scm\"",
    "source = \"vcs\"",
];

/// Whether building the project in `folder` asks git for its version.
pub(super) fn asks_history(folder: &str, files: &BTreeMap<String, String>) -> bool {
    ["pyproject.toml", "setup.py", "setup.cfg"]
        .iter()
        .filter_map(|name| files.get(&join(folder, name)))
        .any(|text| OF_HISTORY.iter().any(|name| text.contains(name)))
}

/// A command that installs the dependencies of a project alone, and the files that it
/// reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Alone {
    pub(super) files: BTreeSet<String>,
    pub(super) commands: Vec<String>,
}

/// How the dependencies of a project and of some of its extras are installed without
/// the project; `None` where they are not written down in `pyproject.toml`.
pub(super) fn alone(
    folder: &str,
    extras: &[String],
    pip: &str,
    python: Option<&str>,
    files: &BTreeMap<String, String>,
) -> Option<Alone> {
    let file = join(folder, "pyproject.toml");
    let document: toml::Table = files.get(&file)?.parse().ok()?;
    let project = document.get("project")?.as_table()?;
    let name = project.get("name")?.as_str()?;
    if !words::is_plain_path(&file) || project.contains_key("dynamic") && is_dynamic(project) {
        return None;
    }
    let optional = project
        .get("optional-dependencies")
        .and_then(toml::Value::as_table);
    let mut lists = vec![project.get("dependencies")];
    for extra in extras {
        lists.push(Some(optional?.get(extra)?));
    }
    let of_itself = |text: &str| {
        text.split(['[', ' ', '=', '<', '>', '~', '!', ';'])
            .next()
            .is_some_and(|first| first.eq_ignore_ascii_case(name))
    };
    let mut any = false;
    for one in lists.into_iter().flatten() {
        for text in one.as_array()? {
            let text = text.as_str()?;
            // An extra made of others needs the project to be resolved.
            if of_itself(text) || text.contains("file:") {
                return None;
            }
            any = true;
        }
    }
    if !any {
        return None;
    }
    // Python reads TOML by itself since 3.11; pip brings a reader along for older ones.
    let module = match python.and_then(minor) {
        Some(minor) if minor < 11 => "pip._vendor.tomli",
        _ => "tomllib",
    };
    let wanted: String = extras
        .iter()
        .map(|extra| format!(", *p['optional-dependencies']['{extra}']"))
        .collect();
    let script = format!(
        "import {module} as toml; p = toml.load(open('{file}', 'rb'))['project']; \
         print(*p.get('dependencies', []){wanted}, sep='\\n')"
    );
    Some(Alone {
        files: [file].into(),
        commands: vec![
            format!("python -c \"{script}\" > /tmp/dependencies.txt"),
            format!("{pip} -r /tmp/dependencies.txt"),
        ],
    })
}

/// Whether dependencies are computed when the project is built.
fn is_dynamic(project: &toml::Table) -> bool {
    project
        .get("dynamic")
        .and_then(toml::Value::as_array)
        .is_some_and(|names| {
            names.iter().any(|name| {
                matches!(
                    name.as_str(),
                    Some("dependencies" | "optional-dependencies")
                )
            })
        })
}

/// The minor release: 9 of `3.9` and of `3.9.18`.
fn minor(version: &str) -> Option<u32> {
    version.split('.').nth(1)?.parse().ok()
}

/// Whether uv's or poetry's project is a package that is itself installed.
pub(super) fn is_package(text: &str) -> bool {
    let Ok(document) = text.parse::<toml::Table>() else {
        return true;
    };
    let tool = |name: &str, key: &str| {
        document
            .get("tool")?
            .as_table()?
            .get(name)?
            .as_table()?
            .get(key)?
            .as_bool()
    };
    tool("poetry", "package-mode").unwrap_or(true)
        && tool("uv", "package").unwrap_or(true)
        && tool("pdm", "distribution").unwrap_or(true)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn of(text: &str, extras: &[&str], python: &str) -> Option<Vec<String>> {
        let files = [("pyproject.toml".to_owned(), text.to_owned())].into();
        let extras: Vec<String> = extras.iter().map(ToString::to_string).collect();
        alone("", &extras, "pip install", Some(python), &files).map(|alone| alone.commands)
    }

    #[test]
    fn dependencies_that_are_written_down_can_be_installed_alone() {
        let text = "[project]\nname = 'x'\ndependencies = ['idna']\n\
                    [project.optional-dependencies]\ntest = ['pytest']\nall = ['x[test]']\n";
        insta::assert_snapshot!(of(text, &["test"], "3.12").unwrap().join("\n"), @r#"
        python -c "import tomllib as toml; p = toml.load(open('pyproject.toml', 'rb'))['project']; print(*p.get('dependencies', []), *p['optional-dependencies']['test'], sep='\n')" > /tmp/dependencies.txt
        pip install -r /tmp/dependencies.txt
        "#);
        assert!(of(text, &[], "3.9").unwrap().join("").contains("_vendor"));
        // Not there, and made of another one.
        assert_eq!(of(text, &["doc"], "3.12"), None);
        assert_eq!(of(text, &["all"], "3.12"), None);
    }

    #[test]
    fn dependencies_that_are_computed_cannot() {
        let dynamic = "[project]\nname = 'x'\ndynamic = ['version', 'dependencies']\n";
        assert_eq!(of(dynamic, &[], "3.12"), None);
        let version = "[project]\nname = 'x'\ndynamic = ['version']\ndependencies = ['idna']\n";
        assert!(of(version, &[], "3.12").is_some());
        assert_eq!(of("[project]\nname = 'x'\n", &[], "3.12"), None);
    }
}
