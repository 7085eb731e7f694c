//! What is said when no engine answers.

#![allow(clippy::unwrap_used)]

use std::io::{Read, Write};
use std::os::unix::net::UnixListener;

use super::*;

/// The error for this `DOCKER_HOST`.
async fn failure(host: &str, more: &[(&str, &str)]) -> CliError {
    let mut variables = vec![("DOCKER_HOST", host)];
    variables.extend(more);
    find(&Environment::from_iter(variables)).await.unwrap_err()
}

#[tokio::test]
async fn a_socket_that_is_not_there() {
    let dir = tempfile::tempdir().unwrap();
    let host = format!("unix://{}/docker.sock", dir.path().display());
    let error = failure(&host, &[]).await;
    assert_eq!(error.cause, Cause::EngineUnreachable);
    assert_eq!(error.message, "no container engine was found");
    assert_eq!(
        error.details,
        [format!("{host} (DOCKER_HOST): no such socket")]
    );
    assert!(error.hint.unwrap().contains("DOCKER_HOST"));
}

#[tokio::test]
async fn a_socket_that_nobody_listens_on() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("docker.sock");
    drop(UnixListener::bind(&path).unwrap());
    let host = format!("unix://{}", path.display());
    let error = failure(&host, &[]).await;
    assert_eq!(error.cause, Cause::EngineUnreachable);
    assert_eq!(error.message, format!("no container engine runs at {host}"));
    assert!(error.hint.unwrap().contains("docker"));
}

#[tokio::test]
async fn something_that_is_no_engine() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("docker.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let serving = std::thread::spawn(move || {
        for stream in listener.incoming().take(2) {
            let mut stream = stream.unwrap();
            let mut request = [0u8; 1024];
            let _ = stream.read(&mut request);
            let _ = stream.write_all(b"hello\r\n");
        }
    });
    let host = format!("unix://{}", path.display());
    let error = failure(&host, &[]).await;
    assert_eq!(
        error.message,
        format!("the container engine at {host} cannot be used")
    );
    assert!(error.hint.unwrap().contains("docker -H"));
    serving.join().unwrap();
}

#[tokio::test]
async fn addresses_that_cannot_be_used() {
    let error = failure("ssh://me@there", &[]).await;
    assert_eq!(
        error.message,
        "the container engine's address cannot be used"
    );
    assert!(error.hint.unwrap().contains("me@there"));
    let error = failure("tcp://127.0.0.1:1", &[]).await;
    assert_eq!(
        error.message,
        "no container engine runs at tcp://127.0.0.1:1"
    );
}

fn attempted(address: &str, trouble: Trouble) -> Attempt {
    Attempt {
        candidate: Candidate {
            address: address.to_owned(),
            source: "the default socket".to_owned(),
            explicit: false,
        },
        trouble,
        reason: "reason".to_owned(),
    }
}

#[test]
fn the_trouble_nearest_to_a_solution_is_told_and_all_are_listed() {
    let environment = Environment::from_iter([("USER", "ada"), ("PATH", "/nowhere")]);
    let attempts = [
        attempted("unix:///run/user/1/docker.sock", Trouble::Missing),
        attempted("unix:///var/run/docker.sock", Trouble::Forbidden),
    ];
    let error = explain(&attempts, &environment);
    assert_eq!(
        error.message,
        "this user may not use the container engine at unix:///var/run/docker.sock"
    );
    assert_eq!(error.details.len(), 2);
    assert!(error.hint.unwrap().contains("usermod -aG docker ada"));

    let error = explain(&attempts[..1], &environment);
    assert!(error.hint.unwrap().starts_with("install Docker Engine"));

    let silent = [attempted("unix:///var/run/docker.sock", Trouble::Silent)];
    assert_eq!(
        explain(&silent, &environment).cause,
        Cause::EngineUnresponsive
    );
}
