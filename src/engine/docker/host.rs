//! The live container of one job.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use async_trait::async_trait;
use tokio::sync::watch;

use super::super::tree::TreeWriter;
use super::belongings::Belongings;
use super::beside::Beside;
use super::command::{Place, run_command};
use super::relay::Relay;
use super::services::ended;
use crate::docker::{Docker, TarReader, tar_body};
use crate::engine::{
    BesideSpec, CONTROL, EndedService, EngineError, ExecEnd, ExecSpec, JobSpec, OpenJob, Output,
    SourceTree, StepHost, Stop, Sudo, User, now_seconds,
};
use crate::record::Cause;

/// Processes run.
const RUNNING: u8 = 0;
/// Processes are frozen.
const FROZEN: u8 = 1;
/// Processes have ended.
const HALTED: u8 = 2;

/// A container in which the steps of one job run.
pub(super) struct ContainerHost {
    docker: Docker,
    id: String,
    name: String,
    /// What it was opened with, without the files.
    job: JobSpec,
    labels: Vec<(String, String)>,
    user: User,
    sudo: Sudo,
    relay: Relay,
    state: AtomicU8,
    opened: OpenJob,
    belongings: Belongings,
}

impl ContainerHost {
    pub(super) fn new(
        docker: Docker,
        id: String,
        spec: &JobSpec,
        labels: Vec<(String, String)>,
        relay: Relay,
        opened: OpenJob,
        belongings: Belongings,
    ) -> Self {
        Self {
            docker,
            id,
            name: spec.name.clone(),
            job: JobSpec {
                dirs: Vec::new(),
                files: Vec::new(),
                source: None,
                ..spec.clone()
            },
            labels,
            user: spec.user.clone(),
            sudo: spec.sudo,
            relay,
            state: AtomicU8::new(RUNNING),
            opened,
            belongings,
        }
    }
}

#[async_trait]
impl StepHost for ContainerHost {
    fn name(&self) -> &str {
        &self.name
    }

    fn control(&self) -> &str {
        CONTROL
    }

    fn opened(&self) -> &OpenJob {
        &self.opened
    }

    async fn ended_services(&self) -> Result<Vec<EndedService>, EngineError> {
        ended(&self.docker, &self.opened).await
    }

    async fn exec(
        &self,
        spec: &ExecSpec,
        output: Arc<dyn Output>,
        stop: watch::Receiver<Stop>,
    ) -> Result<ExecEnd, EngineError> {
        let place = Place {
            docker: &self.docker,
            container: &self.id,
            relay: &self.relay,
            sudo: self.sudo != Sudo::Never,
        };
        run_command(place, spec, output, stop).await
    }

    async fn beside(
        &self,
        spec: &BesideSpec,
        output: Arc<dyn Output>,
        stop: watch::Receiver<Stop>,
    ) -> Result<ExecEnd, EngineError> {
        let beside = Beside {
            docker: &self.docker,
            job: &self.job,
            container: &self.id,
            labels: &self.labels,
            belongings: &self.belongings,
        };
        beside.run(spec, output, stop).await
    }

    async fn put_tree(&self, source: Arc<SourceTree>, dir: &str) -> Result<(), EngineError> {
        let owner = (self.user.uid, self.user.gid);
        let target = dir.to_owned();
        let body = tar_body(move |writer| {
            let mut tree = TreeWriter::new(writer, owner.0, owner.1, now_seconds());
            for parent in parents(&format!("{target}/")) {
                tree.folder(&parent, owner, 0o755)?;
            }
            tree.tree(&source, &target)?;
            tree.finish()
        });
        Ok(self.docker.upload(&self.id, "/", body).await?)
    }

    async fn unpack(&self, dir: &str, mut tar: TarReader) -> Result<(), EngineError> {
        let body = tar_body(move |mut writer| std::io::copy(&mut tar, &mut writer).map(|_| ()));
        Ok(self.docker.upload(&self.id, dir, body).await?)
    }

    async fn get(&self, path: &str) -> Result<Option<TarReader>, EngineError> {
        if self.state.load(Ordering::SeqCst) == RUNNING {
            return Err(EngineError::new(
                Cause::Invariant,
                "files were asked for from a container that runs",
            ));
        }
        Ok(self.docker.download(&self.id, path).await?)
    }

    async fn freeze(&self) -> Result<(), EngineError> {
        self.docker.pause(&self.id).await?;
        self.state.store(FROZEN, Ordering::SeqCst);
        Ok(())
    }

    async fn thaw(&self) -> Result<(), EngineError> {
        // A container that was killed meanwhile cannot and need not be thawed.
        if self
            .state
            .compare_exchange(FROZEN, RUNNING, Ordering::SeqCst, Ordering::SeqCst)
            .is_ok()
        {
            self.docker.unpause(&self.id).await?;
        }
        Ok(())
    }

    async fn halt(&self) -> Result<(), EngineError> {
        let _ = self.thaw().await;
        self.belongings.kill(&self.docker).await?;
        self.state.store(HALTED, Ordering::SeqCst);
        self.relay.route(None);
        Ok(())
    }

    async fn close(&self) -> Result<(), EngineError> {
        self.belongings.remove(&self.docker).await?;
        self.state.store(HALTED, Ordering::SeqCst);
        Ok(())
    }
}

/// Folders above `path` that have to be there, from the top. Those that every
/// image has keep their owner.
fn parents(path: &str) -> Vec<String> {
    let depth_of_system_folders = 2;
    let mut found = Vec::new();
    for (at, _) in path.match_indices('/').skip(depth_of_system_folders) {
        if let Some(parent) = path.get(..at) {
            found.push(parent.to_owned());
        }
    }
    found
}
