//! What this machine has: buildx, git, free disk.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use super::checks::Check;
use crate::cli::{App, disk, project};
use crate::report::bytes;

/// How long a program may take to tell its version.
const PATIENCE: Duration = Duration::from_secs(10);

/// All of it.
pub(super) async fn checks(app: &App) -> Vec<Check> {
    let root = project::root(app, None)
        .ok()
        .or_else(|| std::env::current_dir().ok());
    let mut checks = vec![buildx(app).await, git(app).await];
    if let Some(root) = root {
        checks.push(disk("disk", &root));
    }
    checks
}

async fn buildx(app: &App) -> Check {
    match app.environment.which("docker") {
        Some(docker) => builder(answer(&docker, &["buildx", "version"]).await.as_deref()),
        None => without_buildx("the `docker` command is not installed"),
    }
}

/// What `docker buildx version` says: `github.com/docker/buildx v0.13.1 788433953af1`.
fn builder(said: Option<&str>) -> Check {
    match said {
        Some(text) => Check::ok(
            "buildx",
            text.split_whitespace().nth(1).unwrap_or("installed"),
        ),
        None => without_buildx("not installed"),
    }
}

fn without_buildx(why: &str) -> Check {
    Check::warn(
        "buildx",
        &format!(
            "{why}; images are built by the engine's own builder, whose cache a hostile image can poison (CVE-2024-24557) and which knows no cache mounts"
        ),
        "install Docker's buildx plugin (the package docker-buildx-plugin or docker-buildx)",
    )
}

async fn git(app: &App) -> Check {
    let remedy = "install git; without it seatrial knows neither commit nor branch";
    let Some(git) = app.environment.which("git") else {
        return Check::warn("git", "not installed", remedy);
    };
    match answer(&git, &["--version"]).await {
        Some(text) => Check::ok("git", text.trim().trim_start_matches("git version ")),
        None => Check::warn("git", "does not work", remedy),
    }
}

/// Room in a folder, which lies on the disk of the runs or of the engine.
pub(super) fn disk(name: &str, folder: &Path) -> Check {
    match disk::free(folder) {
        None => Check::ok(name, "free space cannot be told"),
        Some(free) => judged(name, free, folder),
    }
}

fn judged(name: &str, free: u64, folder: &Path) -> Check {
    let message = format!("{} free in {}", bytes(free), folder.display());
    if free < disk::LITTLE {
        Check::warn(
            name,
            &message,
            "make room: `docker system df` tells what images and caches take, and old runs are in .seatrial/runs",
        )
    } else {
        Check::ok(name, &message)
    }
}

/// What a program prints, when it succeeds in time.
async fn answer(program: &PathBuf, arguments: &[&str]) -> Option<String> {
    let output = tokio::process::Command::new(program)
        .args(arguments)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(PATIENCE, output).await.ok()?.ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::checks::Status;

    #[test]
    fn little_room_is_a_warning() {
        let folder = Path::new("/var/lib/docker");
        assert_eq!(judged("disk", disk::LITTLE, folder).status, Status::Ok);
        let check = judged("disk", disk::LITTLE - 1, folder);
        assert_eq!(check.status, Status::Warn);
        assert!(check.message.ends_with("free in /var/lib/docker"));
    }

    #[test]
    fn the_engines_own_builder_is_a_warning() {
        let check = builder(Some("github.com/docker/buildx v0.13.1 788433953af1\n"));
        assert_eq!(
            (check.status, check.message.as_str()),
            (Status::Ok, "v0.13.1")
        );
        let check = builder(None);
        assert_eq!(check.status, Status::Warn);
        assert!(check.message.contains("CVE-2024-24557") && check.remedy.is_some());
    }
}
