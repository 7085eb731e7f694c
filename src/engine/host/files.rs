//! Files of a job on this machine: what comes in, and what goes out as a tar stream.

use std::fs;
use std::io::{Error, ErrorKind, Result, Seek};
use std::path::{Path, PathBuf};

use super::super::tree::TreeKind;
use super::super::{JobSpec, NewFile, SourceTree, TarReader};

/// Makes the folders and files of a job, and links in its home.
pub(super) fn lay_out(spec: &JobSpec, own: &[PathBuf], links: &[(String, PathBuf)]) -> Result<()> {
    for dir in own {
        fs::create_dir_all(dir)?;
    }
    for (path, target) in links {
        let link = Path::new(&spec.user.home).join(path);
        if let Some(parent) = link.parent() {
            fs::create_dir_all(parent)?;
        }
        std::os::unix::fs::symlink(target, link)?;
    }
    for dir in &spec.dirs {
        fs::create_dir_all(dir)?;
    }
    for file in &spec.files {
        write(file)?;
    }
    if let Some((tree, dir)) = &spec.source {
        copy(tree, Path::new(dir))?;
    }
    Ok(())
}

fn write(file: &NewFile) -> Result<()> {
    if let Some(parent) = Path::new(&file.path).parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(&file.path, &file.bytes)?;
    set_mode(Path::new(&file.path), file.mode)
}

/// A script, as a shell reads it or the kernel starts it.
pub(super) fn script(path: &Path, text: &[u8]) -> Result<()> {
    fs::write(path, text)?;
    set_mode(path, 0o755)
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_path: &Path, _mode: u32) -> Result<()> {
    Ok(())
}

/// Copies the files of a tree below `dir`.
pub(super) fn copy(tree: &SourceTree, dir: &Path) -> Result<()> {
    fs::create_dir_all(dir)?;
    for entry in &tree.entries {
        let from = tree.root.join(&entry.path);
        let to = dir.join(&entry.path);
        match &entry.kind {
            TreeKind::Folder => fs::create_dir_all(&to)?,
            TreeKind::Link(target) => std::os::unix::fs::symlink(target, &to)?,
            TreeKind::File {
                replaced: Some(bytes),
                ..
            } => fs::write(&to, bytes)?,
            TreeKind::File { .. } => {
                if let Some(parent) = to.parent() {
                    fs::create_dir_all(parent)?;
                }
                fs::copy(&from, &to)?;
            }
        }
    }
    Ok(())
}

/// One path as a tar stream; `None` when it does not exist.
pub(super) fn get(place: &Path) -> Result<Option<TarReader>> {
    if fs::symlink_metadata(place).is_err() {
        return Ok(None);
    }
    let mut tar = tar::Builder::new(tempfile::tempfile()?);
    tar.follow_symlinks(false);
    let name = place.file_name().unwrap_or_default();
    if place.is_dir() {
        tar.append_dir_all(name, place)?;
    } else {
        tar.append_path_with_name(place, name)?;
    }
    let mut file = tar.into_inner()?;
    file.rewind()?;
    Ok(Some(Box::new(file)))
}

/// Unpacks a stream that [`get`] once gave below `dir`, which is to lie in the job's
/// `root`: nothing else of this machine is written to. Nothing in the stream leads out
/// of `dir` (`Entry::unpack_in` of the tar crate).
pub(super) fn unpack(root: &Path, dir: &Path, tar: TarReader) -> Result<()> {
    let (root, dir) = (root.canonicalize()?, dir.canonicalize()?);
    if !dir.starts_with(&root) {
        return Err(Error::new(
            ErrorKind::PermissionDenied,
            format!("{} does not lie in the job's own folder", dir.display()),
        ));
    }
    let mut archive = tar::Archive::new(tar);
    archive.set_preserve_permissions(true);
    for entry in archive.entries()? {
        let mut entry = entry?;
        if !entry.unpack_in(&dir)? {
            let path = entry.path()?.display().to_string();
            return Err(Error::new(
                ErrorKind::InvalidData,
                format!("`{path}` leads out of the folder"),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn what_goes_out_comes_back_and_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("job");
        let kept = root.join("home/cache");
        fs::create_dir_all(kept.join("deep")).unwrap();
        fs::write(kept.join("deep/file"), "text").unwrap();
        std::os::unix::fs::symlink("deep/file", kept.join("link")).unwrap();
        let tar = get(&kept).unwrap().unwrap();
        fs::remove_dir_all(&kept).unwrap();
        unpack(&root, &root.join("home"), tar).unwrap();
        assert_eq!(fs::read_to_string(kept.join("link")).unwrap(), "text");
        assert!(get(&root.join("missing")).unwrap().is_none());
        let tar = get(&kept).unwrap().unwrap();
        let error = unpack(&root, folder.path(), tar).unwrap_err();
        assert!(error.to_string().contains("own folder"), "{error}");
        assert!(!folder.path().join("cache").exists());
    }

    #[test]
    fn a_stream_that_leads_out_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("job");
        fs::create_dir(&root).unwrap();
        let mut tar = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_size(1);
        header.set_mode(0o644);
        let name = b"../out";
        header.as_mut_bytes()[..name.len()].copy_from_slice(name);
        header.set_cksum();
        tar.append(&header, &b"x"[..]).unwrap();
        let bytes = std::io::Cursor::new(tar.into_inner().unwrap());
        assert!(unpack(&root, &root, Box::new(bytes)).is_err());
        assert!(!folder.path().join("out").exists());
    }
}
