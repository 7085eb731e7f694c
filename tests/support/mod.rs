//! A project in a temporary folder, and seatrial run on it.
#![allow(clippy::expect_used, clippy::panic)]
#![allow(dead_code, reason = "each test file uses a part of it")]

pub(crate) mod browser;
pub(crate) mod daemon;
pub(crate) mod disk;
pub(crate) mod postgres;
pub(crate) mod proxy;

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

/// The small image that `scripts/base-image` makes: busybox, no bash, no Python.
pub(crate) const SMALL: &str = "seatrial-test/small:1";
/// The image with Python that `scripts/base-image` makes or pulls.
pub(crate) const PYTHON: &str = "python:3.11-slim";

/// A repository with one workflow.
pub(crate) struct Project {
    /// Goes with it.
    _folder: tempfile::TempDir,
    /// The user's cache, by which runs of other projects do not hold up its own.
    cache: tempfile::TempDir,
    root: PathBuf,
}

/// Removes the images that were built of it.
impl Drop for Project {
    fn drop(&mut self) {
        let record = std::fs::read_to_string(self.root.join(".seatrial/latest/run.json"));
        let name = self.images();
        if !record.is_ok_and(|record| record.contains(&name)) {
            return;
        }
        // It may be a test that fails: nothing in here may.
        let call = |arguments: &[&str]| {
            let output = Command::new("docker").args(arguments).output();
            output.map_or_else(
                |_| String::new(),
                |output| String::from_utf8_lossy(&output.stdout).into_owned(),
            )
        };
        let (filter, format) = (format!("reference={name}*"), "{{.Repository}}:{{.Tag}}");
        let images = call(&["images", "--filter", &filter, "--format", format]);
        let images: Vec<&str> = images.lines().collect();
        if !images.is_empty() {
            call(&[&["rmi"], images.as_slice()].concat());
        }
    }
}

/// A run that has ended.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    root: PathBuf,
}

impl Project {
    /// How the names of the images begin that are built of it.
    pub(crate) fn images(&self) -> String {
        let folder = self.root.file_name().unwrap_or_default();
        let name = folder.to_string_lossy().to_lowercase();
        format!("seatrial/{}", name.trim_matches(['.', '_', '-']))
    }

    /// A repository whose workflow `test.yml` has this text.
    pub(crate) fn new(workflow: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let project = Self {
            root: folder.path().to_path_buf(),
            _folder: folder,
            cache: tempfile::tempdir().expect("a temporary folder"),
        };
        project.write(".github/workflows/test.yml", workflow);
        project
    }

    /// The same in a folder of this name, which its images have, too.
    pub(crate) fn named(name: &'static str, workflow: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let project = Self {
            root: folder.path().join(name),
            _folder: folder,
            cache: tempfile::tempdir().expect("a temporary folder"),
        };
        project.write(".github/workflows/test.yml", workflow);
        project
    }

    /// A copy of a folder of `tests/fixtures/`.
    pub(crate) fn of_fixture(path: &str) -> Self {
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/fixtures")
            .join(path);
        let folder = tempfile::tempdir().expect("a temporary folder");
        copy_tree(&fixture, folder.path());
        Self {
            root: folder.path().to_path_buf(),
            _folder: folder,
            cache: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    /// Its folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Writes a file.
    pub(crate) fn write(&self, path: &str, text: &str) -> &Self {
        let place = self.root().join(path);
        std::fs::create_dir_all(place.parent().expect("a parent")).expect("folders");
        std::fs::write(place, text).expect("a file");
        self
    }

    /// The command, not yet started.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_seatrial"));
        command
            .current_dir(self.root())
            .args(arguments)
            .env_remove("GITHUB_ACTIONS")
            .env_remove("CI")
            .env("NO_COLOR", "1")
            .env("XDG_CACHE_HOME", self.cache.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs the command to its end.
    pub(crate) fn seatrial(&self, arguments: &[&str]) -> Ran {
        let output = self
            .command(arguments)
            .output()
            .expect("seatrial can be started");
        self.ran(&output)
    }

    /// Runs the workflow in an image; nothing of it may be left on the engine.
    pub(crate) fn run_in(&self, image: &str, more: &[&str]) -> Ran {
        let mut arguments = vec!["run", "test.yml", "--image", image];
        arguments.extend(more);
        let ran = self.seatrial(&arguments);
        assert_nothing_left(&ran);
        ran
    }

    /// Runs the workflow with actions and workflows of other repositories from a folder
    /// that holds them as `owner/repo`.
    pub(crate) fn run_with_server(&self, server: &Path, arguments: &[&str]) -> Ran {
        let output = self
            .command(&[&["run", "test.yml"], arguments].concat())
            .env("GITHUB_SERVER_URL", format!("file://{}", server.display()))
            .env("XDG_CACHE_HOME", self.root().join(".seatrial/cache"))
            .output()
            .expect("seatrial can be started");
        let ran = self.ran(&output);
        assert_nothing_left(&ran);
        ran
    }

    /// Runs a command to its end.
    pub(crate) fn end(&self, command: &mut Command) -> Ran {
        self.ran(&command.output().expect("seatrial can be started"))
    }

    pub(crate) fn ran(&self, output: &std::process::Output) -> Ran {
        Ran {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            root: self.root().to_path_buf(),
        }
    }

    /// A filter for what the run that is under way has on the engine.
    pub(crate) fn label(&self) -> String {
        let runs = std::fs::read_dir(self.root().join(".seatrial/runs")).expect("runs");
        let latest = runs
            .map(|run| run.expect("a run").file_name())
            .max()
            .expect("a run");
        format!("label=dev.seatrial.run={}", latest.display())
    }

    /// Starts the command and waits until it prints a line that holds `text`.
    pub(crate) fn start_until(&self, arguments: &[&str], text: &str) -> Started {
        self.start(self.command(arguments), text)
    }

    /// Starts a command and waits until it prints a line that holds `text`.
    pub(crate) fn start(&self, mut command: Command, text: &str) -> Started {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("seatrial can be started");
        let stdout = BufReader::new(child.stdout.take().expect("stdout"));
        let mut started = Started {
            child,
            stdout,
            seen: String::new(),
            root: self.root().to_path_buf(),
        };
        started.read_until(text);
        started
    }
}

/// A command that is under way.
pub(crate) struct Started {
    child: Child,
    stdout: BufReader<std::process::ChildStdout>,
    seen: String,
    root: PathBuf,
}

impl Started {
    /// Waits until it prints a line that holds `text`.
    #[track_caller]
    pub(crate) fn read_until(&mut self, text: &str) {
        while !text.is_empty() {
            let mut line = String::new();
            let count = self.stdout.read_line(&mut line).expect("a line");
            assert!(count > 0, "`{text}` was never printed:\n{}", self.seen);
            self.seen.push_str(&line);
            if line.contains(text) {
                break;
            }
        }
    }

    /// Sends a signal, by name.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args(["-s", name, &self.child.id().to_string()])
            .status()
            .expect("kill");
        assert!(sent.success());
    }

    /// Lets time pass, when it is the time that is tested.
    pub(crate) fn let_pass(&mut self, time: Duration) {
        std::thread::sleep(time);
    }

    /// Waits for its end.
    pub(crate) fn wait(mut self) -> Ran {
        self.stdout
            .read_to_string(&mut self.seen)
            .expect("the rest of stdout");
        let mut stderr = String::new();
        if let Some(mut pipe) = self.child.stderr.take() {
            pipe.read_to_string(&mut stderr).expect("stderr");
        }
        let status = self.child.wait().expect("its end");
        Ran {
            code: status.code().unwrap_or(-1),
            stdout: self.seen,
            stderr,
            root: self.root,
        }
    }
}

impl Ran {
    /// A file of the run's folder; empty when it is not there.
    pub(crate) fn file(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap_or_default()
    }

    /// The place of a file of the run's folder.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root.join(".seatrial/latest").join(path)
    }

    /// `run.json`.
    pub(crate) fn record(&self) -> serde_json::Value {
        serde_json::from_str(&self.file("run.json")).unwrap_or_else(|error| {
            panic!(
                "no run.json ({error}), exit code {}\n{}\n{}",
                self.code, self.stdout, self.stderr
            )
        })
    }

    /// The deciding failure reason; empty when the run passed.
    pub(crate) fn cause(&self) -> String {
        self.record()["verdict"]["failures"][0]["cause"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Fails the test with everything that was printed unless the exit code fits.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "exit code\n--- stdout\n{}\n--- stderr\n{}",
            self.stdout, self.stderr
        );
        self
    }

    /// Fails the test unless something was printed.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(
            self.stdout.contains(text) || self.stderr.contains(text),
            "`{text}` was not printed\n--- stdout\n{}\n--- stderr\n{}",
            self.stdout,
            self.stderr
        );
        self
    }
}

/// Makes a git repository of a folder, with one commit and this tag.
pub(crate) fn commit(folder: &Path, tag: &str) {
    for arguments in [
        &["init", "--quiet"][..],
        &["add", "."],
        &["commit", "--quiet", "-m", "x"],
        &["tag", tag],
    ] {
        let done = Command::new("git")
            .arg("-C")
            .arg(folder)
            .args(["-c", "user.name=t", "-c", "user.email=t@example.org"])
            .args(arguments)
            .status()
            .expect("git can be started");
        assert!(done.success(), "git {arguments:?}");
    }
}

/// Copies the files of a folder.
pub(crate) fn copy_tree(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("the fixture") {
        let path = entry.expect("an entry").path();
        let place = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy_tree(&path, &place);
        } else {
            std::fs::copy(&path, &place).expect("a copy");
        }
    }
}

/// Shows a figure that a test measured (`cargo test -- --nocapture`).
#[allow(clippy::print_stdout)]
pub(crate) fn tell(figure: &str) {
    println!("{figure}");
}

/// Holds back other tests of this file that load the engine heavily.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs `docker` and gives what it prints.
pub(crate) fn docker(arguments: &[&str]) -> String {
    let output = Command::new("docker")
        .args(arguments)
        .output()
        .expect("the docker command (scripts/setup installs what is missing)");
    assert!(
        output.status.success(),
        "docker {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Removes the images that a test built, by the tag that moves.
pub(crate) struct Built(pub(crate) &'static str);

impl Drop for Built {
    fn drop(&mut self) {
        let filter = format!("label=dev.seatrial.image={}", self.0);
        let format = "{{.Repository}}:{{.Tag}}";
        for name in docker(&["images", "--filter", &filter, "--format", format]).lines() {
            docker(&["rmi", name]);
        }
    }
}

/// What bears the labels of a run.
pub(crate) fn left_of(run: &str) -> String {
    let filter = format!("label=dev.seatrial.run={run}");
    ["ps -aq", "network ls -q", "volume ls -q"]
        .iter()
        .map(|command| {
            let mut arguments: Vec<&str> = command.split(' ').collect();
            arguments.extend(["--filter", &filter]);
            docker(&arguments)
        })
        .collect()
}

/// Fails the test when anything of the latest run is left on the engine.
#[track_caller]
pub(crate) fn assert_nothing_left(ran: &Ran) {
    let text = ran.file("run.json");
    if text.is_empty() {
        return;
    }
    let id = ran.record()["info"]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    assert_eq!(left_of(&id), "", "left of run {id}");
}

/// An image with pytest and pytest-cov, made once.
pub(crate) fn pytest_image() -> &'static str {
    const TAG: &str = "seatrial-test/pytest:1";
    static MADE: OnceLock<()> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(
            folder.path().join("Dockerfile"),
            format!(
                "FROM {PYTHON}\n\
                 RUN pip install --no-cache-dir pytest==8.3.3 pytest-cov==5.0.0\n\
                 RUN useradd --uid 1000 --create-home app\n\
                 USER 1000\n"
            ),
        )
        .expect("a Dockerfile");
        let status = Command::new("docker")
            .args(["buildx", "build", "--load", "--quiet", "--tag", TAG])
            .arg(folder.path())
            .stdout(Stdio::null())
            .status()
            .expect("docker buildx");
        assert!(status.success(), "the image with pytest can be built");
    });
    TAG
}
