//! The options of pytest and pytest-cov that decide about reports.

/// Options of one pytest command line.
#[derive(Default)]
pub(super) struct Options {
    /// Tests are listed, or help is shown; none is run.
    pub(super) runs_nothing: bool,
    /// `--junitxml`.
    pub(super) junit: Option<String>,
    /// `--cov` without `--no-cov`.
    pub(super) cov: bool,
    /// `--cov-config`.
    pub(super) cov_config: Option<String>,
    /// `--cov-report`: types with their destinations.
    pub(super) reports: Vec<(String, Option<String>)>,
    /// `-o addopts=…`, which replaces the project's.
    pub(super) addopts: Option<String>,
}

impl Options {
    /// Reads the arguments; what is not of interest is passed over.
    pub(super) fn of(arguments: &[String]) -> Self {
        let mut options = Self::default();
        let mut no_cov = false;
        let mut words = arguments.iter().map(String::as_str);
        while let Some(word) = words.next() {
            let (name, value) = match word.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name, Some(value)),
                _ => (word, None),
            };
            match name {
                "--" => break,
                "--collect-only"
                | "--collectonly"
                | "--co"
                | "--version"
                | "-V"
                | "--help"
                | "-h"
                | "--fixtures"
                | "--funcargs"
                | "--fixtures-per-test"
                | "--markers"
                | "--cache-show"
                | "--setup-plan" => options.runs_nothing = true,
                "--junitxml" | "--junit-xml" => {
                    options.junit = value.or_else(|| words.next()).map(str::to_owned);
                }
                "--cov" => options.cov = true,
                "--no-cov" => no_cov = true,
                "--cov-config" => {
                    options.cov_config = value.or_else(|| words.next()).map(str::to_owned);
                }
                "--cov-report" => options.report(value.or_else(|| words.next()).unwrap_or("")),
                "-o" | "--override-ini" => {
                    options.set_ini(value.or_else(|| words.next()).unwrap_or(""));
                }
                _ => {
                    if let Some(setting) = word.strip_prefix("-o") {
                        options.set_ini(setting);
                    }
                }
            }
        }
        options.cov &= !no_cov;
        options
    }

    /// `--cov-report=TYPE[:DEST]`; the last of a type counts.
    fn report(&mut self, text: &str) {
        let (kind, path) = match text.split_once(':') {
            Some((kind, path)) => (kind, Some(path).filter(|path| !path.is_empty())),
            None => (text, None),
        };
        self.reports.retain(|(other, _)| other != kind);
        self.reports
            .push((kind.to_owned(), path.map(str::to_owned)));
    }

    fn set_ini(&mut self, setting: &str) {
        if let Some(addopts) = setting.strip_prefix("addopts=") {
            self.addopts = Some(addopts.to_owned());
        }
    }
}
