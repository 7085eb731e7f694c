//! Coverage files that the command line names, read and joined.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::args::InputArgs;
use crate::cli::error::CliError;
use crate::cli::{App, git, project, project_files};
use crate::plan::Project;
use crate::record::Cause;
use crate::results::data::Data;
use crate::results::{self, Aliases, Coverage, Format, PathMap};

/// Deepest folder within a named one that is looked into.
const DEPTH: usize = 16;
/// Most coverage files of one call.
const FILES: usize = 100_000;
/// Names of files that are named in a message.
const NAMED: usize = 5;
/// Bytes in which a Cobertura report has its root element.
const HEAD: u64 = 4096;
/// Folders that hold no reports of the repository's tests.
const FOREIGN: [&str; 4] = [".git", "node_modules", "venv", ".venv"];

/// The files to read, and the repository they are about.
pub(super) struct Inputs {
    files: Vec<PathBuf>,
    /// The repository, unless names stay as they are.
    repository: Option<Repository>,
}

/// The repository, as far as it matters to names of files.
#[derive(Debug, Clone)]
pub(super) struct Repository {
    /// Where it is.
    pub(super) root: PathBuf,
    /// Its files, relative to it.
    files: Vec<String>,
    /// Places of files that are one.
    aliases: Aliases,
}

/// What one file, or several, gave.
#[derive(Default)]
struct Part {
    coverage: Coverage,
    data: Data,
    unmapped: BTreeSet<String>,
    /// Files without any content, as processes leave them that are killed.
    empty: Vec<String>,
    broken: Vec<String>,
    reports: usize,
}

impl Inputs {
    /// Finds the files of the arguments.
    ///
    /// # Errors
    /// One is not there, or a folder holds no coverage.
    pub(super) fn of(app: &App, args: &InputArgs) -> Result<Self, CliError> {
        let repository = match args.keep_names {
            true => None,
            false => Repository::find(app, args.root.as_deref())?,
        };
        Self::of_files(&args.inputs, repository)
    }

    /// Finds the files of these files and folders.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub(super) fn of_files(
        inputs: &[PathBuf],
        repository: Option<Repository>,
    ) -> Result<Self, CliError> {
        let mut files = Vec::new();
        for input in inputs {
            files.extend(files_of(input)?);
        }
        files.dedup();
        Ok(Self { files, repository })
    }

    /// The repository, unless names stay as they are or there is none.
    pub(super) fn root(&self) -> Option<&Path> {
        self.repository.as_ref().map(|found| found.root.as_path())
    }

    /// Reads the files and joins them.
    ///
    /// # Errors
    /// One cannot be read as what it is, or none says what there is to cover.
    pub(super) fn merge(&self, app: &App) -> Result<Coverage, CliError> {
        // Files are read a few at a time and joined at once, so that memory is
        // bounded by the result. The order does not matter.
        let mut all = self
            .files
            .par_iter()
            .map(|file| self.read(file))
            .reduce(Part::default, Part::join);
        if !all.broken.is_empty() {
            all.broken.sort();
            let last = all.broken.pop().unwrap_or_default();
            let more = all.broken.iter().map(|one| format!("also {one}"));
            return Err(CliError::new(Cause::ReportInvalid, last).with_details(more.collect()));
        }
        for file in &all.empty {
            app.out.warning(&format!(
                "{file} holds nothing: the process that made it was stopped before it wrote its data"
            ));
        }
        if all.reports == 0 {
            return Err(no_statements(&all));
        }
        let unknown = all.data.add_to(&mut all.coverage);
        warn_of(
            app,
            "the data tells of files that no report has, so they are left out",
            &unknown,
        );
        let unmapped: Vec<String> = all.unmapped.into_iter().collect();
        warn_of(app, "these files are not in the repository", &unmapped);
        Ok(all.coverage)
    }

    fn read(&self, file: &Path) -> Part {
        let name = file.display().to_string();
        let mut part = Part::default();
        let bytes = match read_file(file) {
            Ok(bytes) => bytes,
            Err(error) => {
                part.broken.push(format!("{name}: {error}"));
                return part;
            }
        };
        if bytes.is_empty() && Format::of(&name, &bytes) == Format::Data {
            part.empty.push(name);
            return part;
        }
        match results::read(&name, &bytes) {
            Ok(results::Read::Report(mut coverage)) => {
                part.reports = 1;
                if let Some(repository) = &self.repository {
                    let map = repository.map(&coverage.sources, coverage.files.keys());
                    part.unmapped.extend(coverage.remap(&map));
                }
                part.coverage = coverage;
            }
            Ok(results::Read::Data(mut data)) => {
                if data.is_empty() {
                    part.empty.push(name);
                }
                if let Some(repository) = &self.repository {
                    data.remap(&repository.map(&[], data.files.keys()));
                }
                part.data = data;
            }
            Err(error) => part.broken.push(format!("{name}: {error}")),
        }
        part
    }
}

impl Part {
    fn join(mut self, mut other: Self) -> Self {
        // Into the larger one: that moves less.
        if self.coverage.files.len() < other.coverage.files.len() {
            std::mem::swap(&mut self, &mut other);
        }
        if other.reports > 0 {
            self.coverage.merge(other.coverage);
        }
        self.data.merge(other.data);
        self.unmapped.extend(other.unmapped);
        self.empty.extend(other.empty);
        self.broken.extend(other.broken);
        self.reports += other.reports;
        self
    }
}

impl Repository {
    /// The repository that is named, else the one around the current folder, else none.
    fn find(app: &App, named: Option<&Path>) -> Result<Option<Self>, CliError> {
        let root = match project::root(app, named) {
            Ok(root) => root,
            Err(error) if named.is_some() || app.environment.root().is_some() => return Err(error),
            Err(_) => match git::top() {
                Some(root) => root,
                None => return Ok(None),
            },
        };
        Ok(Some(Self::of(&root)))
    }

    /// The repository at a place.
    pub(super) fn of(root: &Path) -> Self {
        Self {
            root: root.to_path_buf(),
            files: git::files(root).unwrap_or_else(|| walk(root)),
            aliases: Aliases::new(&Project::read(&project_files::fixed(root)).path_aliases),
        }
    }

    /// How names of a report become names in the repository.
    fn map<'n>(
        &self,
        sources: &[String],
        names: impl Iterator<Item = &'n String> + Clone,
    ) -> PathMap {
        let root = self.root.display().to_string();
        let of = |workspace: &str| {
            let files = self.files.iter().cloned();
            PathMap::new(workspace, sources, files)
                .anywhere(sources)
                .aliased(self.aliases.clone())
        };
        let map = of(&root);
        match map.guess_workspace(names) {
            Some(workspace) if workspace != root => of(&workspace),
            _ => map,
        }
    }
}

/// Nothing says which lines there are to cover.
fn no_statements(all: &Part) -> CliError {
    if all.data.files.is_empty() {
        return CliError::new(
            Cause::ReportMissing,
            "no process wrote its coverage to the end",
        );
    }
    CliError::new(
        Cause::ReportMissing,
        "coverage.py's data tells which lines ran, not which there are: a report is needed beside it",
    )
    .with_hint("run `coverage xml` where the tests ran, and name coverage.xml here as well")
}

fn warn_of(app: &App, what: &str, files: &[String]) {
    if files.is_empty() {
        return;
    }
    let named = files
        .iter()
        .take(NAMED)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    let more = match files.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    app.out.warning(&format!("{what}: {named}{more}"));
}

/// The coverage files that an argument means.
fn files_of(input: &Path) -> Result<Vec<PathBuf>, CliError> {
    let wrong = |what: &dyn std::fmt::Display| {
        CliError::new(Cause::ReportMissing, format!("{}: {what}", input.display()))
    };
    let meta = std::fs::metadata(input).map_err(|error| wrong(&error))?;
    if !meta.is_dir() {
        return Ok(vec![input.to_path_buf()]);
    }
    let mut files = Vec::new();
    for entry in ignore::WalkBuilder::new(input)
        .standard_filters(false)
        .max_depth(Some(DEPTH))
        .sort_by_file_name(Ord::cmp)
        .filter_entry(|entry| {
            let folder = entry.file_type().is_some_and(|kind| kind.is_dir());
            !(folder
                && entry
                    .file_name()
                    .to_str()
                    .is_some_and(|name| FOREIGN.contains(&name)))
        })
        .build()
    {
        let entry = entry.map_err(|error| wrong(&error))?;
        if entry.file_type().is_some_and(|kind| kind.is_file()) && is_coverage(entry.path()) {
            files.push(entry.into_path());
        }
        if files.len() > FILES {
            return Err(wrong(&format!("more than {FILES} coverage files")));
        }
    }
    if files.is_empty() {
        return Err(wrong(&"the folder holds no coverage").with_hint(
            "files are found by their names: coverage.xml, *.info, *.lcov, .coverage, .coverage.*",
        ));
    }
    Ok(files)
}

/// Whether a file of a folder is one. XML files of other names count when they say so:
/// JUnit reports lie beside them.
fn is_coverage(file: &Path) -> bool {
    let Some(name) = file.file_name().and_then(|name| name.to_str()) else {
        return false;
    };
    match Format::named(name) {
        None => false,
        Some(Format::Data | Format::Lcov) => true,
        Some(Format::Cobertura) => {
            let name = name.to_ascii_lowercase();
            ["coverage", "cobertura", "cov"]
                .iter()
                .any(|start| name.starts_with(start))
                || says_so(file)
        }
    }
}

fn says_so(file: &Path) -> bool {
    use std::io::Read as _;
    let mut head = Vec::new();
    let read = std::fs::File::open(file).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    read.is_ok() && head.windows(9).any(|window| window == b"<coverage")
}

/// The bytes of a file, which is not read further than a reader would look.
fn read_file(file: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    let limit = results::MAX_BYTES as u64 + 1;
    std::fs::File::open(file)?
        .take(limit)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The files of a folder that git does not know.
fn walk(root: &Path) -> Vec<String> {
    ignore::WalkBuilder::new(root)
        .hidden(false)
        .build()
        .flatten()
        .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()))
        .filter_map(|entry| {
            let path = entry.path().strip_prefix(root).ok()?;
            path.to_str().map(ToOwned::to_owned)
        })
        .collect()
}
