//! What the repository's own configuration says about its tests.

use std::collections::BTreeMap;

use super::due;

/// Settings of pytest and coverage.py that decide which reports come out.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Project {
    /// What the configuration adds to the command lines of tests.
    pub(super) options: due::Project,
    /// `fail_under` of coverage.py's configuration: percent, digits, and the file
    /// that says so.
    pub(crate) fail_under: Option<(f64, u8, String)>,
}

/// Configuration files that may hold such settings, in the order in which pytest
/// and coverage.py look at them.
pub(crate) const PROJECT_FILES: [&str; 7] = [
    "pytest.ini",
    ".pytest.ini",
    ".coveragerc",
    "pyproject.toml",
    "tox.ini",
    "setup.cfg",
    ".python-version",
];

impl Project {
    /// Reads the files, given by name.
    pub(crate) fn read(files: &BTreeMap<String, String>) -> Self {
        let mut project = Self::default();
        for name in PROJECT_FILES {
            let Some(text) = files.get(name) else {
                continue;
            };
            if project.options.addopts.is_none() {
                project.options.addopts = due::addopts_of(name, text);
            }
            let found = due::coverage_paths_of(name, text);
            let paths = &mut project.options.paths;
            paths.xml = paths.xml.take().or(found.xml);
            paths.html = paths.html.take().or(found.html);
            paths.lcov = paths.lcov.take().or(found.lcov);
            paths.json = paths.json.take().or(found.json);
            if project.fail_under.is_none() {
                project.fail_under = due::fail_under_of(name, text)
                    .map(|(percent, precision)| (percent, precision, name.to_owned()));
            }
        }
        project
    }
}
