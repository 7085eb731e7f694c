//! Getting a database from a server, with curl.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

/// Longest that one ecosystem may take.
const LIMIT: Duration = Duration::from_secs(180);
/// Longest that connecting may take, in seconds.
const CONNECT: &str = "15";
/// Most bytes of an archive.
const MOST: &str = "4294967296";

/// Gets `SERVER/ECOSYSTEM/all.zip` into a folder of that name below `folder`. What was there
/// stays until all of the new one is.
///
/// # Errors
/// Why not: one line.
pub(crate) async fn download(
    curl: &Path,
    server: &str,
    ecosystem: &str,
    folder: &Path,
) -> Result<(), String> {
    let unwritable = |error: std::io::Error| format!("{}: {error}", folder.display());
    let place = folder.join(ecosystem);
    std::fs::create_dir_all(folder).map_err(unwritable)?;
    let part = tempfile::Builder::new()
        .suffix(".part")
        .tempfile_in(folder)
        .map_err(unwritable)?;
    let work = Command::new(curl)
        .args(["--fail", "--silent", "--show-error", "--location"])
        .args(["--proto", "=https,file", "--proto-redir", "=https"])
        .args(["--connect-timeout", CONNECT, "--max-filesize", MOST])
        .arg("--output")
        .arg(part.path())
        .arg(format!("{server}/{ecosystem}/all.zip"))
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = match tokio::time::timeout(LIMIT, work).await {
        Err(_) => return Err(format!("it took longer than {} s", LIMIT.as_secs())),
        Ok(Err(error)) => return Err(format!("curl cannot be started: {error}")),
        Ok(Ok(output)) => output,
    };
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let line = said.lines().rev().find(|line| !line.trim().is_empty());
        return Err(line.map_or_else(
            || format!("curl failed ({})", output.status),
            |line| line.trim().to_owned(),
        ));
    }
    std::fs::create_dir_all(&place).map_err(unwritable)?;
    part.persist(place.join("all.zip"))
        .map_err(|error| unwritable(error.error))?;
    Ok(())
}
