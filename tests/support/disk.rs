//! A disk without room, or one that cannot be written to.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A memory file system, for as long as a test takes.
pub(crate) struct Disk(PathBuf);

impl Disk {
    /// Mounts one of a fixed size at a folder.
    pub(crate) fn mount(at: &Path, options: &str) -> Self {
        std::fs::create_dir_all(at).expect("a folder");
        let kind = ["-t", "tmpfs", "-o", options, "seatrial-test"];
        let disk = Self(at.to_path_buf());
        disk.call(&kind);
        disk
    }

    /// Nothing can be written to it from now on.
    pub(crate) fn seal(&self) {
        self.call(&["-o", "remount,ro"]);
    }

    fn call(&self, options: &[&str]) {
        let mounted = Command::new("mount")
            .args(options)
            .arg(&self.0)
            .output()
            .expect("mount");
        assert!(
            mounted.status.success(),
            "this test mounts a file system and has to run as root: {}",
            String::from_utf8_lossy(&mounted.stderr)
        );
    }

    /// Takes all room that is left.
    pub(crate) fn fill(&self) {
        let mut file = std::fs::File::create(self.0.join("filler")).expect("a file");
        while file.write_all(&[1; 4096]).is_ok() {}
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a run that a failed test left may still write.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
