//! Finding an engine that answers, and saying what to do when none does.

use std::path::Path;
use std::time::Duration;

use super::App;
use super::error::CliError;
use crate::docker::{Candidate, Docker, DockerError, Version, candidates};
use crate::record::Cause;
use crate::settings::Environment;

/// An engine that answers.
#[derive(Debug)]
pub(super) struct Found {
    /// The connection.
    pub(super) docker: Docker,
    /// What it says of itself.
    pub(super) version: Version,
    /// Where it was found.
    pub(super) candidate: Candidate,
}

/// Why an address is of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// There is no socket.
    Missing,
    /// There is one, and nobody listens.
    Refused,
    /// There is one, and this user must not use it.
    Forbidden,
    /// Somebody listens and does not answer.
    Silent,
    /// The engine is too old.
    TooOld,
    /// The address is not of a kind that seatrial can use.
    Address,
    /// It answers, and not as an engine does.
    Other,
}

/// An address that was tried in vain.
#[derive(Debug, Clone)]
struct Attempt {
    candidate: Candidate,
    trouble: Trouble,
    reason: String,
}

/// Connects to the engine that the user named, or the first that answers.
pub(super) async fn connect(app: &App) -> Result<(Docker, Version), CliError> {
    find(&app.environment)
        .await
        .map(|found| (found.docker, found.version))
}

/// As [`connect`], and tells where it was found.
pub(super) async fn find(environment: &Environment) -> Result<Found, CliError> {
    let connect = environment.docker_connect();
    let timeout = environment
        .engine_timeout()
        .map_err(|message| CliError::new(Cause::ConfigInvalid, message))?;
    let candidates =
        candidates(&connect).map_err(|message| CliError::new(Cause::EngineUnreachable, message))?;
    let mut attempts = Vec::new();
    for candidate in candidates {
        match attempt(&candidate, timeout).await {
            Ok((docker, version)) => {
                return Ok(Found {
                    docker,
                    version,
                    candidate,
                });
            }
            Err((trouble, reason)) => attempts.push(Attempt {
                candidate,
                trouble,
                reason,
            }),
        }
    }
    Err(explain(&attempts, environment))
}

async fn attempt(
    candidate: &Candidate,
    timeout: Option<Duration>,
) -> Result<(Docker, Version), (Trouble, String)> {
    if let Some(path) = candidate.address.strip_prefix("unix://") {
        probe(path).await?;
    }
    let docker = Docker::connect(&candidate.address, timeout)
        .await
        .map_err(|error| classify(&error))?;
    let version = docker.version().await.map_err(|error| classify(&error))?;
    Ok((docker, version))
}

/// How long the kernel may take to connect to a socket.
const PROBE: Duration = Duration::from_secs(5);

/// Knocks at a socket. The system's own error tells what the client library's
/// does not.
#[cfg(unix)]
async fn probe(path: &str) -> Result<(), (Trouble, String)> {
    use std::io::ErrorKind;
    let socket = path.to_owned();
    let knock =
        tokio::task::spawn_blocking(move || std::os::unix::net::UnixStream::connect(socket));
    let knocked = match tokio::time::timeout(PROBE, knock).await {
        Ok(Ok(knocked)) => knocked,
        Ok(Err(_)) => return Ok(()),
        Err(_) => return Err((Trouble::Silent, "nobody takes the connection".to_owned())),
    };
    match knocked.map_err(|error| error.kind()) {
        Ok(_) => Ok(()),
        Err(ErrorKind::NotFound) => Err((Trouble::Missing, "no such socket".to_owned())),
        Err(ErrorKind::PermissionDenied) => {
            Err((Trouble::Forbidden, "permission denied".to_owned()))
        }
        Err(ErrorKind::ConnectionRefused) => Err((
            Trouble::Refused,
            "the socket is there, but nothing listens".to_owned(),
        )),
        Err(other) => Err((Trouble::Other, other.to_string())),
    }
}

#[cfg(not(unix))]
async fn probe(_path: &str) -> Result<(), (Trouble, String)> {
    Ok(())
}

fn classify(error: &DockerError) -> (Trouble, String) {
    match error {
        DockerError::Unreachable { detail, .. } => {
            let trouble = if detail.contains("refused") {
                Trouble::Refused
            } else {
                Trouble::Other
            };
            (trouble, detail.clone())
        }
        DockerError::Unresponsive { .. } | DockerError::Unkillable { .. } => {
            (Trouble::Silent, error.to_string())
        }
        DockerError::TooOld { .. } => (Trouble::TooOld, error.to_string()),
        DockerError::Address(message) => (Trouble::Address, message.clone()),
        DockerError::Refused { .. } | DockerError::Broken { .. } => {
            (Trouble::Other, error.to_string())
        }
    }
}

/// What matters most of several troubles: the one that is nearest to a solution.
const WEIGHT: [Trouble; 7] = [
    Trouble::Forbidden,
    Trouble::Silent,
    Trouble::TooOld,
    Trouble::Refused,
    Trouble::Address,
    Trouble::Other,
    Trouble::Missing,
];

fn explain(attempts: &[Attempt], environment: &Environment) -> CliError {
    let worst = WEIGHT
        .iter()
        .find_map(|trouble| attempts.iter().find(|attempt| attempt.trouble == *trouble));
    let Some(worst) = worst else {
        return CliError::new(Cause::EngineUnreachable, "no container engine was found");
    };
    let cause = match worst.trouble {
        Trouble::Silent => Cause::EngineUnresponsive,
        _ => Cause::EngineUnreachable,
    };
    let address = &worst.candidate.address;
    let message = match worst.trouble {
        Trouble::Forbidden => format!("this user may not use the container engine at {address}"),
        Trouble::Silent => format!("the container engine at {address} does not answer"),
        Trouble::TooOld => format!("the container engine at {address} is too old"),
        Trouble::Refused => format!("no container engine runs at {address}"),
        Trouble::Address => "the container engine's address cannot be used".to_owned(),
        Trouble::Other => format!("the container engine at {address} cannot be used"),
        Trouble::Missing => "no container engine was found".to_owned(),
    };
    let details = attempts
        .iter()
        .map(|attempt| {
            format!(
                "{} ({}): {}",
                attempt.candidate.address, attempt.candidate.source, attempt.reason
            )
        })
        .collect();
    CliError::new(cause, message)
        .with_details(details)
        .with_hint(remedy(worst, environment))
}

/// What to do, as a command where there is one.
fn remedy(worst: &Attempt, environment: &Environment) -> String {
    let address = &worst.candidate.address;
    let remote = !address.starts_with("unix://");
    match worst.trouble {
        Trouble::Forbidden => {
            let user = environment.user().unwrap_or("$USER");
            format!(
                "`sudo usermod -aG docker {user}` and log in again, or install rootless Docker (https://docs.docker.com/engine/security/rootless/)"
            )
        }
        Trouble::Missing if worst.candidate.explicit => {
            let source = &worst.candidate.source;
            let way = if source == "DOCKER_HOST" {
                "unset it"
            } else {
                "`docker context use default`"
            };
            format!("start the engine that {source} names, or {way}")
        }
        Trouble::Missing if environment.which("docker").is_some() => start("start"),
        Trouble::Missing => {
            "install Docker Engine: https://docs.docker.com/engine/install/".to_owned()
        }
        Trouble::Refused if remote => format!(
            "start the engine that {} names, or look whether the port is right",
            worst.candidate.source
        ),
        Trouble::Refused => start("start"),
        Trouble::Silent => start("restart"),
        Trouble::TooOld => "install Docker Engine 20.10 or newer".to_owned(),
        Trouble::Address => match address.strip_prefix("ssh://") {
            Some(host) => format!(
                "forward its socket: `ssh -fnNT -L /tmp/docker.sock:/var/run/docker.sock {host}`, then DOCKER_HOST=unix:///tmp/docker.sock"
            ),
            None => "set DOCKER_HOST to unix:///path/to/socket or tcp://host:port".to_owned(),
        },
        Trouble::Other if remote && environment.docker_tls() => {
            "seatrial cannot use TLS; forward the engine's socket through ssh instead".to_owned()
        }
        Trouble::Other => format!("look whether `docker -H {address} version` works"),
    }
}

/// How the engine of this machine is started.
fn start(verb: &str) -> String {
    if cfg!(target_os = "macos") {
        "start Docker Desktop: `open -a Docker`".to_owned()
    } else if Path::new("/run/systemd/system").exists() {
        format!("`sudo systemctl {verb} docker`")
    } else {
        format!("`sudo service docker {verb}`")
    }
}

#[cfg(all(test, unix))]
#[path = "engine_tests.rs"]
mod tests;
