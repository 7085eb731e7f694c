//! A panic in the work of one job (F43): its job says so, the others keep their results,
//! and the run ends.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::watch;

use super::tests::{Change, Ran, run_with};
use crate::engine::fake::FakeEngine;
use crate::engine::{
    BesideSpec, EndedService, Engine, EngineError, ExecEnd, ExecSpec, JobSpec, OpenJob, Output,
    SourceTree, StepHost, Stop, Sweep, TarReader,
};
use crate::record::{Cause, Conclusion};

/// An engine whose job `bad` panics in one kind of call.
struct Panicking {
    engine: FakeEngine,
    call: &'static str,
}

struct Host {
    inner: Box<dyn StepHost>,
    call: &'static str,
    bad: bool,
}

impl Host {
    fn come(&self, call: &str) {
        assert!(!(self.bad && self.call == call), "in {call}");
    }
}

#[async_trait]
impl Engine for Panicking {
    fn describe(&self) -> String {
        self.engine.describe()
    }

    async fn open(
        &self,
        spec: &JobSpec,
        stop: watch::Receiver<Stop>,
    ) -> Result<Box<dyn StepHost>, EngineError> {
        let bad = spec.job == "bad";
        assert!(!(bad && self.call == "open"), "in open");
        let inner = self.engine.open(spec, stop).await?;
        Ok(Box::new(Host {
            inner,
            call: self.call,
            bad,
        }))
    }

    async fn sweep(&self, scope: Sweep) -> Result<Vec<String>, EngineError> {
        self.engine.sweep(scope).await
    }
}

#[async_trait]
impl StepHost for Host {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn control(&self) -> &str {
        self.inner.control()
    }

    fn opened(&self) -> &OpenJob {
        self.inner.opened()
    }

    async fn ended_services(&self) -> Result<Vec<EndedService>, EngineError> {
        self.come("ended_services");
        self.inner.ended_services().await
    }

    async fn exec(
        &self,
        spec: &ExecSpec,
        output: Arc<dyn Output>,
        stop: watch::Receiver<Stop>,
    ) -> Result<ExecEnd, EngineError> {
        self.come("exec");
        self.inner.exec(spec, output, stop).await
    }

    async fn beside(
        &self,
        spec: &BesideSpec,
        output: Arc<dyn Output>,
        stop: watch::Receiver<Stop>,
    ) -> Result<ExecEnd, EngineError> {
        self.inner.beside(spec, output, stop).await
    }

    async fn put_tree(&self, tree: Arc<SourceTree>, dir: &str) -> Result<(), EngineError> {
        self.come("put_tree");
        self.inner.put_tree(tree, dir).await
    }

    async fn unpack(&self, dir: &str, tar: TarReader) -> Result<(), EngineError> {
        self.inner.unpack(dir, tar).await
    }

    async fn get(&self, path: &str) -> Result<Option<TarReader>, EngineError> {
        self.come("get");
        self.inner.get(path).await
    }

    async fn freeze(&self) -> Result<(), EngineError> {
        self.come("freeze");
        self.inner.freeze().await
    }

    async fn thaw(&self) -> Result<(), EngineError> {
        self.come("thaw");
        self.inner.thaw().await
    }

    async fn halt(&self) -> Result<(), EngineError> {
        self.come("halt");
        self.inner.halt().await
    }

    async fn close(&self) -> Result<(), EngineError> {
        self.come("close");
        self.inner.close().await
    }
}

const TEXT: &str = "on: push
jobs:
  bad:
    runs-on: ubuntu-latest
    services: {one: {image: 'redis:7'}}
    steps:
      - uses: actions/checkout@v4
      - {uses: actions/checkout@v4, with: {path: other}}
      - run: \"report\\nwrite a b\\npytest\"
      - {uses: actions/upload-artifact@v4, with: {path: a}}
  good:
    runs-on: ubuntu-latest
    steps: [{run: \"report\\npytest\"}]
  after-bad: {needs: bad, runs-on: ubuntu-latest, steps: [{run: print no}]}
  after-good: {needs: good, runs-on: ubuntu-latest, steps: [{run: print yes}]}
";

macro_rules! panicking {
    ($($call:literal),*) => {
        &[$(($call, |engine| Arc::new(Panicking { engine, call: $call }))),*]
    };
}

type Around = fn(FakeEngine) -> Arc<dyn Engine>;

fn expect_others(ran: &Ran) {
    assert_eq!(ran.job("good"), Conclusion::Success);
    assert_eq!(ran.job("after-good"), Conclusion::Success);
    let good = ran
        .record
        .jobs
        .iter()
        .find(|job| job.planned.key.0 == "good");
    let tests = good.unwrap().steps.iter().map(|step| step.tests.len());
    assert_eq!(tests.sum::<usize>(), 1);
    assert!(ran.record.finished_at.is_some());
}

#[test]
fn a_panic_in_one_job_costs_that_job_and_no_other() {
    let calls: &[(&str, Around)] = panicking!(
        "open",
        "exec",
        "put_tree",
        "freeze",
        "get",
        "thaw",
        "ended_services",
        "halt"
    );
    for (call, around) in calls {
        let ran = run_with(
            TEXT,
            Change {
                engine: Some(*around),
                ..Change::default()
            },
        );
        assert_eq!(ran.job("bad"), Conclusion::Failure, "{call}");
        assert_eq!(ran.job("after-bad"), Conclusion::Skipped, "{call}");
        let bad = ran
            .record
            .jobs
            .iter()
            .find(|job| job.planned.key.0 == "bad");
        let failure = bad.unwrap().failure.as_ref().unwrap();
        assert_eq!(failure.cause, Cause::Panic, "{call}");
        expect_others(&ran);
    }
}

#[test]
fn a_panic_while_a_job_is_removed_costs_no_result() {
    let calls: &[(&str, Around)] = panicking!("close");
    for (_, around) in calls {
        let ran = run_with(
            TEXT,
            Change {
                engine: Some(*around),
                ..Change::default()
            },
        );
        assert_eq!(ran.job("bad"), Conclusion::Success);
        let told = "internal error while the job was removed";
        let notices = &ran.record.notices;
        assert!(
            notices
                .iter()
                .any(|notice| notice.message.starts_with(told))
        );
        expect_others(&ran);
    }
}
