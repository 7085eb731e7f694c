//! Jobs on this machine, as a runner would run them: the fallback for a machine
//! without a container engine. Each job has a private folder with its own copy
//! of the checkout; the user's tree is never touched.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use process_wrap::tokio::{ChildWrapper, CommandWrap, ProcessGroup};
use tokio::sync::watch;

use super::tree::TreeKind;
use super::{
    CONTROL, End, Engine, EngineError, ExecEnd, ExecSpec, JobSpec, NewFile, OpenJob, Output,
    SourceTree, StepHost, Stop, Sweep, TarReader,
};
use crate::docker::RUN_VARIABLE;
use crate::record::Cause;

/// From SIGINT to SIGTERM.
const AFTER_INTERRUPT: Duration = Duration::from_secs(10);
/// From SIGTERM to SIGKILL.
const AFTER_TERMINATE: Duration = Duration::from_secs(5);
/// How long output may lag behind the end of its process.
const OUTPUT_LAG: Duration = Duration::from_millis(300);

/// This machine as a place where jobs run.
#[derive(Debug)]
pub(crate) struct HostEngine {
    folder: tempfile::TempDir,
}

impl HostEngine {
    /// Jobs below a private temporary folder, which goes with the engine.
    pub(crate) fn new() -> std::io::Result<Self> {
        Ok(Self {
            folder: tempfile::Builder::new()
                .prefix("seatrial-host-")
                .tempdir()?,
        })
    }
}

#[async_trait]
impl Engine for HostEngine {
    fn describe(&self) -> String {
        "host (no container)".to_owned()
    }

    fn root(&self, job: &str) -> String {
        self.folder.path().join(job).display().to_string()
    }

    async fn open(
        &self,
        spec: &JobSpec,
        _stop: watch::Receiver<Stop>,
    ) -> Result<Box<dyn StepHost>, EngineError> {
        if let Some(service) = spec.services.first() {
            return Err(EngineError::new(
                Cause::UnsupportedFeature,
                format!("the service `{}` needs a container engine", service.label),
            ));
        }
        let job = crate::record::slug(&spec.job);
        let root = self.folder.path().join(&job);
        let control = format!("{}{CONTROL}", root.display());
        let host = LocalHost {
            name: format!("this machine, {}", root.display()),
            root: root.clone(),
            control: control.clone(),
            run: spec.run.clone(),
            groups: Mutex::default(),
            opened: OpenJob::default(),
        };
        let made = (|| {
            for dir in [format!("{control}/steps")].iter().chain(&spec.dirs) {
                std::fs::create_dir_all(dir)?;
            }
            for file in &spec.files {
                write_file(file)?;
            }
            if let Some((tree, dir)) = &spec.source {
                copy_tree(tree, Path::new(dir))?;
            }
            Ok(())
        })();
        made.map_err(|error| failed(&error))?;
        Ok(Box::new(host))
    }

    async fn sweep(&self, _scope: Sweep) -> Result<Vec<String>, EngineError> {
        Ok(Vec::new())
    }
}

/// A job's folder on this machine.
struct LocalHost {
    name: String,
    root: PathBuf,
    control: String,
    /// The run, which the watchdog finds its processes by.
    run: String,
    /// Process groups of the commands, for what they left in the background.
    groups: Mutex<Vec<u32>>,
    opened: OpenJob,
}

#[async_trait]
impl StepHost for LocalHost {
    fn name(&self) -> &str {
        &self.name
    }

    fn control(&self) -> &str {
        &self.control
    }

    fn opened(&self) -> &OpenJob {
        &self.opened
    }

    async fn exec(
        &self,
        spec: &ExecSpec,
        output: Arc<dyn Output>,
        mut stop: watch::Receiver<Stop>,
    ) -> Result<ExecEnd, EngineError> {
        let folder = PathBuf::from(format!("{}/steps/{}", self.control, spec.name));
        let script = folder.join(format!("script{}", spec.extension));
        let made = (|| {
            std::fs::create_dir_all(&folder)?;
            std::fs::write(&script, &spec.script)?;
            for (name, _) in &spec.mailbox {
                std::fs::write(folder.join(name), b"")?;
            }
            std::io::pipe()
        })();
        let (mut reader, writer) = made.map_err(|error| failed(&error))?;
        let mut words = spec
            .command
            .iter()
            .map(|word| word.replace("{0}", &script.display().to_string()));
        let program = words.next().unwrap_or_default();
        let errors = writer.try_clone().map_err(|error| failed(&error))?;
        let mut command = CommandWrap::with_new(program, |command| {
            command
                .args(words)
                .current_dir(&spec.cwd)
                .env(RUN_VARIABLE, &self.run)
                .envs(spec.env.iter().map(|(name, value)| (name, value)))
                .envs(
                    spec.mailbox
                        .iter()
                        .map(|(name, variable)| (variable, folder.join(name))),
                )
                .stdin(std::process::Stdio::null())
                .stdout(writer)
                .stderr(errors);
        });
        command.wrap(ProcessGroup::leader());
        let mut child = command.spawn().map_err(|error| {
            EngineError::new(
                Cause::SetupFailed,
                format!("the step cannot be started: {error}"),
            )
        })?;
        // The command holds the writing ends; ours would keep the pipe open.
        drop(command);
        if let Some(id) = child.id() {
            self.groups
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(id);
        }
        let (done, mut drained) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            let mut buffer = [0u8; 16 * 1024];
            while let Ok(count) = reader.read(&mut buffer) {
                if count == 0 {
                    break;
                }
                output.write(buffer.get(..count).unwrap_or_default());
            }
            let _ = done.send(());
        });
        let end = wait(child.as_mut(), &mut stop).await;
        let _ = tokio::time::timeout(OUTPUT_LAG, &mut drained).await;
        let mailbox = spec
            .mailbox
            .iter()
            .filter_map(|(name, _)| Some((*name, std::fs::read(folder.join(name)).ok()?)))
            .collect();
        let after = match end {
            End::Exited(_) => super::after::look(spec).await,
            _ => Vec::new(),
        };
        Ok(ExecEnd {
            mailbox,
            after,
            ..ExecEnd::of(end)
        })
    }

    async fn put_tree(&self, tree: Arc<SourceTree>, dir: &str) -> Result<(), EngineError> {
        copy_tree(&tree, Path::new(dir)).map_err(|error| failed(&error))
    }

    async fn unpack(&self, _dir: &str, _tar: TarReader) -> Result<(), EngineError> {
        // A tar stream of a container must not be unpacked on this machine.
        Err(EngineError::new(
            Cause::UnsupportedFeature,
            "caches are not restored on this machine",
        ))
    }

    async fn get(&self, path: &str) -> Result<Option<TarReader>, EngineError> {
        let place = PathBuf::from(path);
        if !place.exists() {
            return Ok(None);
        }
        let made = (|| {
            let mut tar = tar::Builder::new(tempfile::tempfile()?);
            tar.follow_symlinks(false);
            let name = place.file_name().unwrap_or_default();
            if place.is_dir() {
                tar.append_dir_all(name, &place)?;
            } else {
                tar.append_path_with_name(&place, name)?;
            }
            let mut file = tar.into_inner()?;
            std::io::Seek::rewind(&mut file)?;
            Ok(file)
        })();
        let file = made.map_err(|error: std::io::Error| failed(&error))?;
        Ok(Some(Box::new(file)))
    }

    async fn freeze(&self) -> Result<(), EngineError> {
        Ok(())
    }

    async fn thaw(&self) -> Result<(), EngineError> {
        Ok(())
    }

    async fn halt(&self) -> Result<(), EngineError> {
        let groups =
            std::mem::take(&mut *self.groups.lock().unwrap_or_else(PoisonError::into_inner));
        for group in groups {
            if let Some(group) = i32::try_from(group)
                .ok()
                .and_then(rustix::process::Pid::from_raw)
            {
                // Gone already is fine.
                let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
            }
        }
        Ok(())
    }

    async fn close(&self) -> Result<(), EngineError> {
        self.halt().await?;
        match std::fs::remove_dir_all(&self.root) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failed(&error)),
            _ => Ok(()),
        }
    }
}

/// Waits for the end of a command, or stops it step by step.
async fn wait(child: &mut dyn ChildWrapper, stop: &mut watch::Receiver<Stop>) -> End {
    let ended = |status: std::io::Result<std::process::ExitStatus>| match status {
        Ok(status) => {
            use std::os::unix::process::ExitStatusExt;
            match (status.code(), status.signal()) {
                (Some(code), _) => End::Exited(code.into()),
                (None, signal) => {
                    End::Vanished(format!("ended by signal {}", signal.unwrap_or_default()))
                }
            }
        }
        Err(error) => End::Lost(error.to_string()),
    };
    let level = tokio::select! {
        status = child.wait() => return ended(status),
        level = Stop::wanted(stop, Stop::Gently) => level,
    };
    let rungs: &[(i32, Duration)] = match level {
        Stop::Now => &[],
        _ => &[(2, AFTER_INTERRUPT), (15, AFTER_TERMINATE)],
    };
    for (signal, patience) in rungs {
        let _ = child.signal(*signal);
        if tokio::time::timeout(*patience, child.wait()).await.is_ok() {
            return End::Stopped;
        }
    }
    let _ = child.start_kill();
    let _ = child.wait().await;
    End::Stopped
}

fn write_file(file: &NewFile) -> std::io::Result<()> {
    if let Some(parent) = Path::new(&file.path).parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::write(&file.path, &file.bytes)
}

fn copy_tree(tree: &SourceTree, dir: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(dir)?;
    for entry in &tree.entries {
        let from = tree.root.join(&entry.path);
        let to = dir.join(&entry.path);
        match &entry.kind {
            TreeKind::Folder => std::fs::create_dir_all(&to)?,
            TreeKind::Link(target) => std::os::unix::fs::symlink(target, &to)?,
            TreeKind::File {
                replaced: Some(bytes),
                ..
            } => std::fs::write(&to, bytes)?,
            TreeKind::File { .. } => {
                if let Some(parent) = to.parent() {
                    std::fs::create_dir_all(parent)?;
                }
                std::fs::copy(&from, &to)?;
            }
        }
    }
    Ok(())
}

fn failed(error: &std::io::Error) -> EngineError {
    EngineError::new(Cause::SetupFailed, error.to_string())
}
