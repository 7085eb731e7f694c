//! Where an engine may listen: `DOCKER_HOST`, the docker command's context,
//! rootless Docker, Docker Desktop, Podman.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// What decides where engines are looked for. Read from the environment by the
/// `settings` room.
#[derive(Debug, Clone, Default)]
pub(crate) struct Connect {
    /// `--docker-host` or `DOCKER_HOST`.
    pub(crate) host: Option<String>,
    /// `DOCKER_CONTEXT`.
    pub(crate) context: Option<String>,
    /// `DOCKER_CONFIG`, or `~/.docker`.
    pub(crate) config_dir: Option<PathBuf>,
    /// `XDG_RUNTIME_DIR`.
    pub(crate) runtime_dir: Option<PathBuf>,
}

/// A place where an engine may listen, and how it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// `unix://…` or `tcp://…`.
    pub(crate) address: String,
    /// How it was found, in words.
    pub(crate) source: String,
    /// Whether the user named it: then nothing else is tried.
    pub(crate) explicit: bool,
}

/// All places to try, best first. An address that the user gave is the only one.
///
/// # Errors
/// When a context is named that does not exist.
pub(crate) fn candidates(connect: &Connect) -> Result<Vec<Candidate>, String> {
    if let Some(host) = connect.host.as_deref().filter(|host| !host.is_empty()) {
        return Ok(vec![Candidate {
            address: host.to_owned(),
            source: "DOCKER_HOST".to_owned(),
            explicit: true,
        }]);
    }
    if let Some(found) = from_context(connect)? {
        return Ok(vec![found]);
    }
    let mut found = Vec::new();
    let mut add = |path: PathBuf, source: &str| {
        found.push(Candidate {
            address: format!("unix://{}", path.display()),
            source: source.to_owned(),
            explicit: false,
        });
    };
    add(PathBuf::from("/var/run/docker.sock"), "the default socket");
    if let Some(dir) = &connect.runtime_dir {
        add(dir.join("docker.sock"), "rootless Docker");
        add(dir.join("podman/podman.sock"), "rootless Podman");
    }
    if let Some(dir) = &connect.config_dir {
        add(dir.join("run/docker.sock"), "Docker Desktop");
    }
    add(PathBuf::from("/run/podman/podman.sock"), "Podman");
    Ok(found)
}

/// The endpoint of the docker command's current context. The default context
/// has no endpoint of its own.
fn from_context(connect: &Connect) -> Result<Option<Candidate>, String> {
    let Some(dir) = &connect.config_dir else {
        return Ok(None);
    };
    let (name, explicit) = match connect.context.as_deref().filter(|name| !name.is_empty()) {
        Some(name) => (name.to_owned(), true),
        None => match current_context(dir) {
            Some(name) => (name, false),
            None => return Ok(None),
        },
    };
    if name == "default" {
        return Ok(None);
    }
    // The docker command keeps a context under the hash of its name.
    let meta = dir
        .join("contexts/meta")
        .join(hex::encode(Sha256::digest(name.as_bytes())))
        .join("meta.json");
    let address = std::fs::read_to_string(&meta)
        .ok()
        .and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok())
        .and_then(|value| {
            value
                .pointer("/Endpoints/docker/Host")
                .and_then(|host| host.as_str().map(ToOwned::to_owned))
        });
    match address {
        Some(address) => Ok(Some(Candidate {
            address,
            source: format!("docker context `{name}`"),
            explicit: true,
        })),
        None if explicit => Err(format!(
            "docker context `{name}` does not exist; `docker context ls` shows those that do"
        )),
        None => Ok(None),
    }
}

fn current_context(dir: &Path) -> Option<String> {
    let text = std::fs::read_to_string(dir.join("config.json")).ok()?;
    let value: serde_json::Value = serde_json::from_str(&text).ok()?;
    Some(value.get("currentContext")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn an_address_from_the_user_is_the_only_one() {
        let connect = Connect {
            host: Some("tcp://10.0.0.1:2375".to_owned()),
            runtime_dir: Some("/run/user/1000".into()),
            ..Connect::default()
        };
        let found = candidates(&connect).unwrap();
        assert_eq!(found.len(), 1);
        assert!(found[0].explicit);
    }

    #[test]
    fn contexts_are_followed() {
        let dir = tempfile::tempdir().unwrap();
        let meta = dir
            .path()
            .join("contexts/meta")
            .join(hex::encode(Sha256::digest(b"remote")));
        std::fs::create_dir_all(&meta).unwrap();
        std::fs::write(
            meta.join("meta.json"),
            r#"{"Name":"remote","Endpoints":{"docker":{"Host":"unix:///srv/d.sock"}}}"#,
        )
        .unwrap();
        std::fs::write(
            dir.path().join("config.json"),
            r#"{"currentContext":"remote"}"#,
        )
        .unwrap();
        let connect = Connect {
            config_dir: Some(dir.path().to_owned()),
            ..Connect::default()
        };
        assert_eq!(
            candidates(&connect).unwrap()[0].address,
            "unix:///srv/d.sock"
        );
        let missing = Connect {
            context: Some("nowhere".to_owned()),
            ..connect
        };
        assert!(candidates(&missing).unwrap_err().contains("nowhere"));
    }

    #[test]
    fn rootless_and_podman_sockets_are_tried() {
        let connect = Connect {
            runtime_dir: Some("/run/user/1000".into()),
            ..Connect::default()
        };
        let all: Vec<String> = candidates(&connect)
            .unwrap()
            .into_iter()
            .map(|candidate| candidate.address)
            .collect();
        assert_eq!(
            all,
            [
                "unix:///var/run/docker.sock",
                "unix:///run/user/1000/docker.sock",
                "unix:///run/user/1000/podman/podman.sock",
                "unix:///run/podman/podman.sock",
            ]
        );
    }
}
