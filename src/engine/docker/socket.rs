//! The engine's own socket inside a job, where the settings grant it.

use std::path::Path;

use crate::engine::{EngineError, JobSpec};
use crate::plan::Mount;
use crate::record::Cause;

/// Where programs look for an engine when nobody tells them otherwise.
const USUAL: &str = "/var/run/docker.sock";
/// The name of the engine's machine in its containers, as Docker Desktop has it. What
/// a job publishes there, it reaches by this name.
const MACHINE: &str = "host.docker.internal:host-gateway";

/// The job with what its containers need to reach the engine by its socket, if that
/// was granted.
pub(super) fn granted(spec: &JobSpec, address: &str) -> Result<JobSpec, EngineError> {
    let mut spec = spec.clone();
    if !spec.engine_socket {
        return Ok(spec);
    }
    let refused = |why: String| {
        EngineError::new(
            Cause::UnsupportedFeature,
            format!("the job cannot be given the engine's socket: {why}"),
        )
    };
    let Some(path) = address.strip_prefix("unix://") else {
        return Err(refused(format!(
            "the engine is reached by `{address}`, not by a socket of this machine"
        )));
    };
    let group = group_of(Path::new(path)).map_err(|error| refused(format!("{path}: {error}")))?;
    let options = &mut spec.options;
    options.mounts.push(Mount::Bind {
        source: path.to_owned(),
        target: USUAL.to_owned(),
        mode: String::new(),
    });
    options.groups.push(group.to_string());
    options.hosts.push(MACHINE.to_owned());
    Ok(spec)
}

/// The group that may use a socket, besides its owner.
#[cfg(unix)]
fn group_of(path: &Path) -> std::io::Result<u32> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).map(|metadata| metadata.gid())
}

#[cfg(not(unix))]
fn group_of(_path: &Path) -> std::io::Result<u32> {
    Err(std::io::ErrorKind::Unsupported.into())
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::os::unix::fs::MetadataExt;
    use std::time::Duration;

    use super::granted;
    use crate::engine::{JobSpec, Limits, Sudo, User};
    use crate::plan::{CreateOptions, Mount};

    fn job_spec() -> JobSpec {
        JobSpec {
            run: String::new(),
            job: String::new(),
            lease: Duration::ZERO,
            name: String::new(),
            image: String::new(),
            user: User {
                uid: 1,
                gid: 1,
                home: String::new(),
            },
            env: Vec::new(),
            dirs: Vec::new(),
            files: Vec::new(),
            source: None,
            limits: Limits::default(),
            network: true,
            sudo: Sudo::Never,
            engine_socket: false,
            options: CreateOptions::default(),
            named_container: false,
            services: Vec::new(),
        }
    }

    #[test]
    fn only_a_grant_brings_the_socket_in() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("engine.sock");
        let _socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
        let address = format!("unix://{}", path.display());
        let mut spec = job_spec();
        assert!(granted(&spec, &address).unwrap().options.mounts.is_empty());
        spec.engine_socket = true;
        let options = granted(&spec, &address).unwrap().options;
        let bind = Mount::Bind {
            source: path.display().to_string(),
            target: "/var/run/docker.sock".to_owned(),
            mode: String::new(),
        };
        assert_eq!(options.mounts, [bind]);
        let group = path.metadata().unwrap().gid();
        assert_eq!(options.groups, [group.to_string()]);
    }

    #[test]
    fn an_engine_elsewhere_has_no_socket_to_give() {
        let mut spec = job_spec();
        assert!(granted(&spec, "tcp://10.0.0.1:2375").is_ok());
        spec.engine_socket = true;
        let error = granted(&spec, "tcp://10.0.0.1:2375").unwrap_err();
        assert_eq!(
            error.message,
            "the job cannot be given the engine's socket: the engine is reached by `tcp://10.0.0.1:2375`, not by a socket of this machine"
        );
        assert!(granted(&spec, "unix:///nowhere/docker.sock").is_err());
    }
}
