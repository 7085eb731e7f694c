//! What the repository's own configuration says about its tests.

use std::collections::BTreeMap;

use super::{due, script};

/// Settings of pytest and coverage.py that decide which reports come out.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Project {
    /// What the configuration adds to the command lines of tests.
    pub(super) options: due::Project,
    /// The name under which tox's configuration lists the variables that it hands
    /// on; an addition must use the same name, or it replaces the list.
    pub(crate) tox_pass_env: &'static str,
    /// `[paths]` of coverage.py's configuration: places that are one, where the files are
    /// first.
    pub(crate) path_aliases: Vec<Vec<String>>,
    /// `fail_under` of coverage.py's configuration: percent, digits, and the file
    /// that says so.
    pub(crate) fail_under: Option<(f64, u8, String)>,
}

/// Configuration files that may hold such settings, in the order in which pytest
/// and coverage.py look at them.
pub(crate) const PROJECT_FILES: [&str; 8] = [
    "pytest.ini",
    ".pytest.ini",
    ".coveragerc",
    "pyproject.toml",
    "tox.ini",
    "setup.cfg",
    ".python-version",
    ".ruby-version",
];

impl Project {
    /// The files and folders that a script's tests write reports to, as its own options
    /// and coverage.py's configuration say; relative to where the script starts.
    pub(crate) fn reports_of(&self, script: &str) -> Vec<String> {
        let options = due::Project {
            addopts: None,
            paths: self.options.paths.clone(),
        };
        let due = due::due(script, &options);
        [due.junit, due.cobertura, due.html, due.lcov, due.json].concat()
    }

    /// What one command must leave behind, with what the configuration adds to it.
    pub(crate) fn due_of(&self, command: script::Command) -> due::Due {
        due::due_of(command, &self.options)
    }

    /// Reads the files, given by name.
    pub(crate) fn read(files: &BTreeMap<String, String>) -> Self {
        let mut project = Self {
            tox_pass_env: "pass_env",
            ..Self::default()
        };
        for name in PROJECT_FILES {
            let Some(text) = files.get(name) else {
                continue;
            };
            let old_name = |line: &str| {
                line.trim_start()
                    .strip_prefix("passenv")
                    .is_some_and(|rest| rest.trim_start().starts_with('='))
            };
            if text.lines().any(old_name) {
                project.tox_pass_env = "passenv";
            }
            if project.options.addopts.is_none() {
                project.options.addopts = due::addopts_of(name, text);
            }
            let found = due::coverage_paths_of(name, text);
            let paths = &mut project.options.paths;
            paths.xml = paths.xml.take().or(found.xml);
            paths.html = paths.html.take().or(found.html);
            paths.lcov = paths.lcov.take().or(found.lcov);
            paths.json = paths.json.take().or(found.json);
            if project.path_aliases.is_empty() {
                project.path_aliases = due::path_aliases_of(name, text);
            }
            if project.fail_under.is_none() {
                project.fail_under = due::fail_under_of(name, text)
                    .map(|(percent, precision)| (percent, precision, name.to_owned()));
            }
        }
        project
    }
}
