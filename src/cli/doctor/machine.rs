//! What this machine has: buildx, git, free disk.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use super::checks::Check;
use crate::cli::App;
use crate::cli::project;
use crate::report::bytes;

/// How long a program may take to tell its version.
const PATIENCE: Duration = Duration::from_secs(10);
/// Free disk below which runs are in danger.
const LEAST_DISK: u64 = 2 << 30;

/// All of it.
pub(super) async fn checks(app: &App) -> Vec<Check> {
    let root = project::root(app, None)
        .ok()
        .or_else(|| std::env::current_dir().ok());
    let mut checks = vec![buildx(app).await, git(app).await];
    if let Some(root) = root {
        checks.push(disk(app, &root).await);
    }
    checks
}

async fn buildx(app: &App) -> Check {
    let remedy = "install Docker's buildx plugin (the package docker-buildx-plugin or docker-buildx); without it images are built by the engine's own builder, without cache mounts";
    let Some(docker) = app.environment.which("docker") else {
        return Check::warn("buildx", "the `docker` command is not installed", remedy);
    };
    match answer(&docker, &["buildx", "version"]).await {
        // "github.com/docker/buildx v0.13.1 788433953af1"
        Some(text) => Check::ok(
            "buildx",
            text.split_whitespace().nth(1).unwrap_or("installed"),
        ),
        None => Check::warn("buildx", "not installed", remedy),
    }
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

async fn disk(app: &App, root: &Path) -> Check {
    let free = match app.environment.which("df") {
        Some(df) => answer(&df, &["-Pk", &root.to_string_lossy()])
            .await
            .and_then(|text| free_bytes(&text)),
        None => None,
    };
    match free {
        None => Check::ok("disk", "free space cannot be told"),
        Some(free) => {
            let message = format!("{} free in {}", bytes(free), root.display());
            if free < LEAST_DISK {
                Check::warn(
                    "disk",
                    &message,
                    "make room: `docker system df` tells what images and caches take, and old runs are in .seatrial/runs",
                )
            } else {
                Check::ok("disk", &message)
            }
        }
    }
}

/// The fourth column of the last line that `df -Pk` prints (POSIX, df).
fn free_bytes(text: &str) -> Option<u64> {
    let kib: u64 = text
        .lines()
        .next_back()?
        .split_whitespace()
        .nth(3)?
        .parse()
        .ok()?;
    kib.checked_mul(1024)
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
    use super::free_bytes;

    #[test]
    fn df_is_understood() {
        let text = "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/vda 263174212 15728640 80740352 17% /\n";
        assert_eq!(free_bytes(text), Some(80_740_352 * 1024));
        assert_eq!(free_bytes("df: nothing\n"), None);
        assert_eq!(free_bytes(""), None);
    }
}
