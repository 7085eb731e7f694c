//! An engine for tests: it obeys little scripts instead of running them, and
//! complains when it is called out of order.
//!
//! A script is a line each of: `print TEXT` · `exit CODE` · `env NAME=VALUE` ·
//! `output NAME=VALUE` · `path FOLDER` · `summary TEXT` · `hang` (until stopped) ·
//! `oom` (a process is killed for memory) · `vanish` · `report` (a JUnit report
//! with one passed test comes out; `report FILE` where the script runs) · `wait NAME` and `signal NAME` (order two
//! legs) · `show NAME` (print a variable). Anything else is an error of the test.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tokio::sync::watch;

use super::{
    End, Engine, EngineError, ExecEnd, ExecSpec, JobSpec, Output, SourceTree, StepHost, Stop,
    Sweep, TarReader,
};
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

    async fn open(&self, spec: &JobSpec) -> Result<Box<dyn StepHost>, EngineError> {
        self.shared
            .log
            .lock()
            .unwrap()
            .push(format!("open {}", spec.job));
        if self.shared.refused.lock().unwrap().contains(&spec.job) {
            return Err(EngineError::new(Cause::EngineError, "refused"));
        }
        assert!(
            self.shared.open.lock().unwrap().insert(spec.job.clone()),
            "{} is open already",
            spec.job
        );
        Ok(Box::new(FakeHost {
            job: spec.job.clone(),
            shared: Arc::clone(&self.shared),
            state: Mutex::new(State::default()),
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
    reports: BTreeSet<String>,
}

struct FakeHost {
    job: String,
    shared: Arc<Shared>,
    state: Mutex<State>,
}

impl FakeHost {
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

    async fn exec(
        &self,
        spec: &ExecSpec,
        output: Arc<dyn Output>,
        mut stop: watch::Receiver<Stop>,
    ) -> Result<ExecEnd, EngineError> {
        self.must_run("exec");
        self.note(&format!("exec {}", spec.name));
        let mut mail: Vec<(&'static str, Vec<u8>)> = spec
            .mailbox
            .iter()
            .map(|(name, _)| (*name, Vec::new()))
            .collect();
        let mut end = End::Exited(0);
        let mut oom_kills = 0;
        let script = String::from_utf8_lossy(&spec.script).into_owned();
        for line in script.lines() {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            match word {
                "print" => output.write(format!("{rest}\n").as_bytes()),
                "show" => {
                    let value = spec
                        .env
                        .iter()
                        .find(|(name, _)| name == rest)
                        .map_or("(unset)", |(_, value)| value.as_str());
                    output.write(format!("{rest}={value}\n").as_bytes());
                }
                "exit" => {
                    end = End::Exited(rest.parse().unwrap());
                    break;
                }
                "env" | "output" | "path" | "summary" => {
                    let (_, bytes) = mail.iter_mut().find(|(name, _)| *name == word).unwrap();
                    bytes.extend(rest.bytes());
                    bytes.push(b'\n');
                }
                "hang" => {
                    stop.wait_for(|level| *level != Stop::Run).await.unwrap();
                    end = End::Stopped;
                    break;
                }
                "oom" => oom_kills += 1,
                "vanish" => {
                    end = End::Vanished("killed".to_owned());
                    break;
                }
                "report" => {
                    let path = if rest.is_empty() {
                        format!("/seatrial/reports/{}/junit.xml", spec.name)
                    } else {
                        format!("{}/{rest}", spec.cwd)
                    };
                    self.state.lock().unwrap().reports.insert(path);
                }
                "signal" => self.shared.signals.sender.send_modify(|seen| {
                    seen.insert(rest.to_owned());
                }),
                "wait" => {
                    let mut seen = self.shared.signals.sender.subscribe();
                    seen.wait_for(|seen| seen.contains(rest)).await.unwrap();
                }
                "" => {}
                // So that a step can be a test step for the plan.
                "pytest" => {}
                other => panic!("the fake engine does not know `{other}`"),
            }
        }
        Ok(ExecEnd {
            end,
            mailbox: mail,
            oom_kills,
        })
    }

    async fn put_tree(&self, _tree: Arc<SourceTree>, _dir: &str) -> Result<(), EngineError> {
        self.must_run("put_tree");
        Ok(())
    }

    async fn unpack(&self, _dir: &str, _tar: TarReader) -> Result<(), EngineError> {
        self.must_run("unpack");
        Ok(())
    }

    async fn get(&self, path: &str) -> Result<Option<TarReader>, EngineError> {
        let state = self.state.lock().unwrap();
        assert!(
            (state.frozen || state.halted) && !state.closed,
            "get of {} while it runs or after it was closed",
            self.job
        );
        if !state.reports.contains(path) {
            return Ok(None);
        }
        let xml = br#"<testsuites><testsuite name="pytest"><testcase classname="t" name="one" time="0.1"/></testsuite></testsuites>"#;
        let mut header = tar::Header::new_gnu();
        header.set_size(xml.len() as u64);
        header.set_mode(0o644);
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap();
        header.set_mtime(now.as_secs());
        let mut tar = tar::Builder::new(Vec::new());
        tar.append_data(&mut header, "junit.xml", xml.as_slice())
            .unwrap();
        Ok(Some(Box::new(std::io::Cursor::new(
            tar.into_inner().unwrap(),
        ))))
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
