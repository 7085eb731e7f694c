//! Files of the cache: a reader sees the old one or the new one.

use std::io;
use std::path::Path;

use tempfile::NamedTempFile;

/// Writes a file beside its place and moves it there. Its folder is made.
pub(super) fn write_whole(
    file: &Path,
    write: impl FnOnce(&mut NamedTempFile) -> io::Result<()>,
) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut staging = NamedTempFile::new_in(folder)?;
    write(&mut staging)?;
    staging.persist(file).map_err(|error| error.error)?;
    Ok(())
}
