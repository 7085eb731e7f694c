//! An engine for tests: it obeys little scripts instead of running them, and
//! complains when it is called out of order.
//!
//! A script is a line each:
//! - `print TEXT` · `times COUNT TEXT` (each `%` is the number) · `exit CODE` · `show NAME` (a variable) · `command` (the command line
//!   and the ending of the script's name) · `folder` (where it runs)
//! - `env` · `output` · `path` · `state` · `summary` with a line for the environment
//!   file, several for a heredoc; `summary-bytes COUNT`
//! - `facts JSON` (what the look at the environment finds, where there is one)
//! - `write FILE TEXT` · `read FILE` · `report` (a JUnit report with one passed test
//!   comes out; `report FILE` where the script runs)
//! - `hang` (until stopped) · `oom` (a process is killed for memory) · `vanish`
//! - `room UNIT PLACE FREE ALL` (what the report tells of a place)
//! - `wait NAME` and `signal NAME` (order two legs)
//! - `pytest …` and a few more commands, which do nothing.
//!
//! A container beside a job whose entrypoint begins with `/obey` takes each of its
//! arguments as a line; any other one tells what it was given.
//!
//! A service whose `command` begins with `unhealthy` fails; one with `hang` waits until
//! it is stopped. Anything else is an error of the test.
#![allow(clippy::unwrap_used, clippy::panic)]

mod files;
mod script;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tokio::sync::watch;

use super::{
    BesideSpec, End, Engine, EngineError, ExecEnd, ExecSpec, JobSpec, OpenJob, OpenService, Output,
    SourceTree, StepHost, Stop, Sweep, TarReader, wiring::wire,
};
use crate::plan::Mount;
use crate::record::Cause;

/// The engine.
#[derive(Clone, Default)]
pub(crate) struct FakeEngine {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    log: Mutex<Vec<String>>,
    open: Mutex<BTreeSet<String>>,
    refused: Mutex<BTreeSet<String>>,
    signals: Signals,
}

struct Signals {
    sender: watch::Sender<BTreeSet<String>>,
}

impl Default for Signals {
    fn default() -> Self {
        Self {
            sender: watch::channel(BTreeSet::new()).0,
        }
    }
}

impl Shared {
    fn signal(&self, name: &str) {
        self.signals.sender.send_modify(|seen| {
            seen.insert(name.to_owned());
        });
    }

    async fn wait(&self, name: &str) {
        let mut seen = self.signals.sender.subscribe();
        seen.wait_for(|seen| seen.contains(name)).await.unwrap();
    }
}

impl FakeEngine {
    /// What was called, in order.
    pub(crate) fn log(&self) -> Vec<String> {
        self.shared.log.lock().unwrap().clone()
    }

    /// Environments that were opened and not closed.
    pub(crate) fn left(&self) -> Vec<String> {
        self.shared.open.lock().unwrap().iter().cloned().collect()
    }

    /// Refuses to open the environment of a leg.
    pub(crate) fn refuse(&self, job: &str) {
        self.shared.refused.lock().unwrap().insert(job.to_owned());
    }
}

#[async_trait]
impl Engine for FakeEngine {
    fn describe(&self) -> String {
        "fake 1".to_owned()
    }

    async fn open(
        &self,
        spec: &JobSpec,
        mut stop: watch::Receiver<Stop>,
    ) -> Result<Box<dyn StepHost>, EngineError> {
        self.shared
            .log
            .lock()
            .unwrap()
            .push(format!("open {}", spec.job));
        if self.shared.refused.lock().unwrap().contains(&spec.job) {
            return Err(EngineError::new(Cause::EngineError, "refused"));
        }
        let wiring = wire(&spec.services)?;
        for service in &spec.services {
            let text = format!(
                "service {} of {}: {}",
                service.label, spec.job, service.image
            );
            self.shared.log.lock().unwrap().push(text);
            service.log.0.write(b"it starts\n");
            let failed = |cause| {
                let message = format!("the service `{}` failed", service.label);
                Err(EngineError::new(cause, message).of_service(&service.label))
            };
            match service.arguments.first().map(String::as_str) {
                Some("unhealthy") => {
                    service.log.0.write(service.arguments.join(" ").as_bytes());
                    return failed(Cause::ServiceUnhealthy);
                }
                Some("hang") => {
                    stop.wait_for(|level| *level != Stop::Run).await.unwrap();
                    return failed(Cause::Superseded);
                }
                _ => {}
            }
        }
        let services = spec.services.iter().zip(&wiring.ports);
        let opened = OpenJob {
            id: format!("id-of-{}", spec.job),
            network: "fake-network".to_owned(),
            services: services
                .map(|(service, ports)| OpenService {
                    label: service.label.clone(),
                    id: format!("id-of-{}", service.label),
                    ports: ports.clone(),
                    ready: "running".to_owned(),
                })
                .collect(),
            notices: wiring.notices,
        };
        assert!(
            self.shared.open.lock().unwrap().insert(spec.job.clone()),
            "{} is open already",
            spec.job
        );
        let mut state = State::default();
        for file in &spec.files {
            state.files.write(&file.path, file.bytes.clone());
        }
        if let Some((tree, dir)) = &spec.source {
            state.files.put(tree, dir);
        }
        Ok(Box::new(FakeHost {
            job: spec.job.clone(),
            shared: Arc::clone(&self.shared),
            state: Mutex::new(state),
            opened,
            mounts: spec.options.mounts.clone(),
        }))
    }

    async fn sweep(&self, _scope: Sweep) -> Result<Vec<String>, EngineError> {
        Ok(Vec::new())
    }
}

#[derive(Default)]
struct State {
    frozen: bool,
    halted: bool,
    closed: bool,
    files: files::Files,
}

struct FakeHost {
    job: String,
    shared: Arc<Shared>,
    state: Mutex<State>,
    opened: OpenJob,
    mounts: Vec<Mount>,
}

impl FakeHost {
    /// Where the job has what a container beside it has at `path`, by the volumes that
    /// they share.
    fn shared_place(&self, path: &str, mounts: &[Mount]) -> String {
        let of = |name: &Option<String>| {
            self.mounts.iter().find_map(|mount| match mount {
                Mount::Volume {
                    name: own, target, ..
                } if own == name => Some(target),
                _ => None,
            })
        };
        let place = |mount: &Mount| match mount {
            Mount::Volume { name, target, .. } => {
                let rest = path.strip_prefix(target.as_str())?;
                Some((target.len(), format!("{}{rest}", of(name)?)))
            }
            _ => None,
        };
        let nearest = mounts.iter().filter_map(place).max();
        nearest.map_or_else(|| path.to_owned(), |(_, place)| place)
    }

    /// Obeys the arguments of a container beside the job; its environment files are
    /// those that its variables name.
    async fn obey_beside(
        &self,
        spec: &BesideSpec,
        output: &dyn Output,
        stop: watch::Receiver<Stop>,
    ) -> ExecEnd {
        let mailbox = [("output", "GITHUB_OUTPUT"), ("state", "GITHUB_STATE")];
        let script = ExecSpec {
            script: spec.arguments.join("\n").into_bytes(),
            env: spec.env.clone(),
            cwd: self.shared_place(&spec.cwd, &spec.mounts),
            mailbox: mailbox.to_vec(),
            ..ExecSpec::default()
        };
        let mut ended = script::obey(&script, &self.shared, &self.state, output, stop).await;
        let bytes = std::mem::take(&mut ended.mailbox).into_iter();
        for ((_, bytes), (_, variable)) in bytes.zip(mailbox) {
            let (_, path) = spec.env.iter().find(|(key, _)| key == variable).unwrap();
            let path = self.shared_place(path, &spec.mounts);
            self.state.lock().unwrap().files.write(&path, bytes);
        }
        ended
    }

    fn note(&self, what: &str) {
        self.shared
            .log
            .lock()
            .unwrap()
            .push(format!("{what} {}", self.job));
    }

    fn must_run(&self, call: &str) {
        let state = self.state.lock().unwrap();
        assert!(
            !state.halted && !state.closed && !state.frozen,
            "{call} of {} after it was frozen, halted or closed",
            self.job
        );
    }
}

#[async_trait]
impl StepHost for FakeHost {
    fn name(&self) -> &str {
        &self.job
    }

    fn control(&self) -> &'static str {
        "/seatrial"
    }

    fn opened(&self) -> &OpenJob {
        &self.opened
    }

    async fn exec(
        &self,
        spec: &ExecSpec,
        output: Arc<dyn Output>,
        stop: watch::Receiver<Stop>,
    ) -> Result<ExecEnd, EngineError> {
        self.must_run("exec");
        self.note(&format!("exec {}", spec.name));
        Ok(script::obey(spec, &self.shared, &self.state, output.as_ref(), stop).await)
    }

    async fn beside(
        &self,
        spec: &BesideSpec,
        output: Arc<dyn Output>,
        stop: watch::Receiver<Stop>,
    ) -> Result<ExecEnd, EngineError> {
        self.must_run("beside");
        self.note(&format!("beside {}", spec.image));
        let entrypoint = spec.entrypoint.as_deref().unwrap_or("-");
        let line = format!(
            "{} {entrypoint} {:?} in {}\n",
            spec.image, spec.arguments, spec.cwd
        );
        output.write(line.as_bytes());
        if entrypoint.starts_with("/obey") {
            return Ok(self.obey_beside(spec, output.as_ref(), stop).await);
        }
        for (name, value) in &spec.env {
            if name.starts_with("INPUT_") {
                output.write(format!("{name}={value}\n").as_bytes());
            }
        }
        Ok(ExecEnd::of(End::Exited(0)))
    }

    async fn put_tree(&self, tree: Arc<SourceTree>, dir: &str) -> Result<(), EngineError> {
        self.must_run("put_tree");
        self.state.lock().unwrap().files.put(&tree, dir);
        Ok(())
    }

    async fn unpack(&self, dir: &str, tar: TarReader) -> Result<(), EngineError> {
        self.must_run("unpack");
        self.state.lock().unwrap().files.unpack(dir, tar);
        Ok(())
    }

    async fn get(&self, path: &str) -> Result<Option<TarReader>, EngineError> {
        let state = self.state.lock().unwrap();
        assert!(
            (state.frozen || state.halted) && !state.closed,
            "get of {} while it runs or after it was closed",
            self.job
        );
        let tar = state.files.tar(path);
        Ok(tar.map(|tar| Box::new(std::io::Cursor::new(tar)) as TarReader))
    }

    async fn freeze(&self) -> Result<(), EngineError> {
        self.must_run("freeze");
        self.state.lock().unwrap().frozen = true;
        Ok(())
    }

    async fn thaw(&self) -> Result<(), EngineError> {
        self.state.lock().unwrap().frozen = false;
        Ok(())
    }

    async fn halt(&self) -> Result<(), EngineError> {
        self.note("halt");
        self.state.lock().unwrap().halted = true;
        Ok(())
    }

    async fn close(&self) -> Result<(), EngineError> {
        self.note("close");
        self.state.lock().unwrap().closed = true;
        self.shared.open.lock().unwrap().remove(&self.job);
        Ok(())
    }
}
