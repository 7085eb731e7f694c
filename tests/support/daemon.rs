//! A second Docker Engine with directories, network and mounts of its own, for tests that
//! stop and kill it. Needs root.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{SMALL, docker};

/// How long an engine may take to start.
const START: Duration = Duration::from_secs(60);

/// An engine that ends with its owner, and all that it started with it.
pub(crate) struct Daemon {
    folder: tempfile::TempDir,
    child: Child,
    /// Where a disk of its own is mounted.
    disk: Option<PathBuf>,
}

impl Daemon {
    /// Starts an engine that has the small image.
    pub(crate) fn start() -> Self {
        Self::with_settings("{}")
    }

    /// The same, with a `daemon.json`.
    pub(crate) fn with_settings(settings: &str) -> Self {
        Self::begin(
            tempfile::tempdir().expect("a temporary folder"),
            settings,
            None,
        )
    }

    /// The same, on a disk of this size, which is memory. Of the storage drivers that take
    /// memory, overlay2 tells a program that the disk is full when it is.
    pub(crate) fn with_disk(size: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let disk = folder.path().join("data");
        std::fs::create_dir(&disk).expect("a folder");
        let mounted = Command::new("mount")
            .args([
                "-t",
                "tmpfs",
                "-o",
                &format!("size={size}"),
                "seatrial-test",
            ])
            .arg(&disk)
            .status();
        assert!(mounted.expect("mount").success(), "it needs root");
        Self::begin(folder, "{}", Some(disk))
    }

    fn begin(folder: tempfile::TempDir, settings: &str, disk: Option<PathBuf>) -> Self {
        std::fs::write(folder.path().join("daemon.json"), settings).expect("a file");
        let child = launch(folder.path(), disk.as_deref());
        let daemon = Self {
            folder,
            child,
            disk,
        };
        daemon.wait_until_it_answers();
        let saved = daemon.folder.path().join("image.tar");
        docker(&["save", "--output", &saved.display().to_string(), SMALL]);
        let address = daemon.address();
        docker(&[
            "-H",
            &address,
            "load",
            "--quiet",
            "--input",
            &saved.display().to_string(),
        ]);
        daemon
    }

    /// Its address, as `DOCKER_HOST` has it.
    pub(crate) fn address(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("engine.sock")
    }

    /// Sends a signal, by name.
    pub(crate) fn signal(&self, name: &str) {
        let pid = std::fs::read_to_string(self.folder.path().join("pid")).expect("a pid");
        let sent = Command::new("kill").args(["-s", name, pid.trim()]).status();
        assert!(sent.expect("kill").success());
    }

    /// Waits for its end and starts it anew.
    pub(crate) fn restart(&mut self) {
        self.child.wait().expect("its end");
        let _ = std::fs::remove_file(self.folder.path().join("pid"));
        self.child = launch(self.folder.path(), self.disk.as_deref());
        self.wait_until_it_answers();
    }

    /// What bears the labels of any run there.
    pub(crate) fn left(&self) -> String {
        let address = self.address();
        ["ps -aq", "network ls -q", "volume ls -q"]
            .iter()
            .map(|command| {
                let mut arguments: Vec<&str> = vec!["-H", &address];
                arguments.extend(command.split(' '));
                arguments.extend(["--filter", "label=dev.seatrial.run"]);
                docker(&arguments)
            })
            .collect()
    }

    fn wait_until_it_answers(&self) {
        let until = Instant::now() + START;
        let answers = || {
            Command::new("docker")
                .args(["-H", &self.address(), "version"])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|status| status.success())
        };
        while !answers() {
            assert!(
                Instant::now() < until,
                "the second engine does not start; it needs root:\n{}",
                std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
            );
        }
    }
}

fn launch(folder: &Path, disk: Option<&Path>) -> Child {
    let driver = match disk {
        Some(_) => "overlay2".to_owned(),
        None => docker(&["info", "--format", "{{.Driver}}"]),
    };
    let log = std::fs::File::create(folder.join("log")).expect("a log");
    let at = |name: &str| folder.join(name).display().to_string();
    Command::new("unshare")
        .args(["--net", "--mount", "--propagation", "private", "dockerd"])
        .args(["--config-file", &at("daemon.json")])
        .args(["--data-root", &at("data"), "--exec-root", &at("exec")])
        .args(["--pidfile", &at("pid"), "--storage-driver", &driver])
        .arg(format!("--host=unix://{}", at("engine.sock")))
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("the log"))
        .stderr(log)
        .spawn()
        .expect("unshare and dockerd can be started")
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let folder = self.folder.path().display().to_string();
        let _ = Command::new("kill")
            .args(["-s", "CONT", &self.child.id().to_string()])
            .status();
        let _ = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        let _ = self.child.wait();
        // A killed engine leaves its containerd and the shims of its containers, which
        // name its folder.
        for process in std::fs::read_dir("/proc").expect("/proc").flatten() {
            let name = process.file_name().to_string_lossy().into_owned();
            let words = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
            let ours = String::from_utf8_lossy(&words).contains(&folder);
            if ours && name.parse::<u32>().is_ok() {
                let _ = Command::new("kill").args(["-s", "KILL", &name]).status();
            }
        }
        if let Some(disk) = &self.disk {
            let _ = Command::new("umount").arg("-l").arg(disk).status();
        }
    }
}
