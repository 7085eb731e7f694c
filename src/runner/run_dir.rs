//! The folder of a run: `.seatrial/runs/<id>/`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::record::{JobKey, RunId, RunRecord, slug};

/// Name of the folder that seatrial keeps everything in.
pub(crate) const HOME: &str = ".seatrial";

/// The folder of one run.
#[derive(Debug, Clone)]
pub(crate) struct RunDir {
    home: PathBuf,
    path: PathBuf,
}

impl RunDir {
    /// Makes the folder of a new run below `root`.
    ///
    /// # Errors
    /// It cannot be made, or `.seatrial` is a link that leads elsewhere.
    pub(crate) fn create(root: &Path, id: &RunId) -> io::Result<Self> {
        let home = root.join(HOME);
        make_home(&home)?;
        let path = home.join("runs").join(slug(&id.0));
        for folder in ["logs", "artifacts", "coverage", "junit"] {
            std::fs::create_dir_all(path.join(folder))?;
        }
        std::fs::create_dir_all(home.join("cache/actions"))?;
        Ok(Self { home, path })
    }

    /// The folder itself.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where artifacts of the run lie.
    pub(crate) fn artifacts(&self) -> PathBuf {
        self.path.join("artifacts")
    }

    /// Where caches of `actions/cache` lie, kept from run to run.
    pub(crate) fn caches(&self) -> PathBuf {
        self.home.join("cache/actions")
    }

    /// Where it is kept what is known of images, from run to run.
    pub(crate) fn images(&self) -> PathBuf {
        self.home.join("cache")
    }

    /// The events of the run, one a line.
    pub(crate) fn events(&self) -> PathBuf {
        self.path.join("events.jsonl")
    }

    /// Log of one step.
    pub(crate) fn log(&self, job: &JobKey, number: u32, name: &str) -> PathBuf {
        let mut name = slug(name);
        name.truncate(50);
        self.path
            .join("logs")
            .join(job.slug())
            .join(format!("{number:02}-{name}.log"))
    }

    /// Log of something of a job that is no step.
    pub(crate) fn log_of_job(&self, job: &JobKey, name: &str) -> PathBuf {
        self.path
            .join("logs")
            .join(job.slug())
            .join(format!("{name}.log"))
    }

    /// Path of something of one leg, relative to the run's folder.
    pub(crate) fn of_job(kind: &str, job: &JobKey, name: &str) -> String {
        format!("{kind}/{}/{name}", job.slug())
    }

    /// Writes `run.json` in one step: a reader sees the old one or the new one.
    pub(crate) fn save(&self, record: &RunRecord) -> io::Result<()> {
        let text = serde_json::to_vec_pretty(record).map_err(io::Error::other)?;
        write_atomically(&self.path.join("run.json"), &text)
    }

    /// Lets `.seatrial/latest` point to this run.
    pub(crate) fn make_latest(&self) -> io::Result<()> {
        let name = self
            .path
            .file_name()
            .ok_or_else(|| io::Error::other("the run has no name"))?;
        let target = Path::new("runs").join(name);
        let staging = self.home.join(format!(".latest-{}", std::process::id()));
        let _ = std::fs::remove_file(&staging);
        std::os::unix::fs::symlink(target, &staging)?;
        std::fs::rename(staging, self.home.join("latest"))
    }
}

/// Makes a folder for what seatrial keeps; in its own one, git ignores all.
///
/// # Errors
/// It cannot be made, or is a link that leads elsewhere.
pub(crate) fn make_home(folder: &Path) -> io::Result<()> {
    if std::fs::symlink_metadata(folder).is_ok_and(|meta| meta.is_symlink()) {
        return Err(io::Error::other(format!(
            "{} is a symbolic link; seatrial does not write through it",
            folder.display()
        )));
    }
    std::fs::create_dir_all(folder)?;
    // Results never belong into the repository.
    let ignore = folder.join(".gitignore");
    if folder.file_name().is_some_and(|name| name == HOME) && !ignore.exists() {
        std::fs::write(ignore, "*\n")?;
    }
    Ok(())
}

/// Writes a file beside its place and moves it there.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path
        .parent()
        .ok_or_else(|| io::Error::other("the file has no folder"))?;
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    // Temporary files are private; results are for whoever may read the folder.
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(file.path(), mode)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
