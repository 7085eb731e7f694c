//! Other scanners: trivy and grype, started where they are installed.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::process::Command;

use crate::scan::foreign::Foreign;

/// Longest that a scanner may take. It may fetch its database first.
const LIMIT: Duration = Duration::from_secs(15 * 60);
/// Most bytes of its answer.
const MOST: u64 = 512 << 20;
/// Most bytes of what it says beside it.
const SAID: u64 = 64 << 10;

/// Lets a scanner look at an image of the engine, and gives its answer.
///
/// # Errors
/// It cannot be started, fails, or does not come to an end: one line.
pub(crate) async fn run(program: &Path, scanner: Foreign, image: &str) -> Result<Vec<u8>, String> {
    let name = scanner.name();
    let mut child = Command::new(program)
        .args(scanner.arguments(image))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("{name} cannot be started: {error}"))?;
    let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(format!("{name} has no output"));
    };
    let (mut answer, mut said) = (Vec::new(), Vec::new());
    let work = async {
        let mut answers = stdout.take(MOST);
        let mut says = stderr.take(SAID);
        let (read, _) = tokio::join!(answers.read_to_end(&mut answer), async {
            let read = says.read_to_end(&mut said).await;
            // The rest must not hold it up.
            let mut rest = says.into_inner();
            let _ = tokio::io::copy(&mut rest, &mut tokio::io::sink()).await;
            read
        });
        read?;
        child.wait().await
    };
    let status = match tokio::time::timeout(LIMIT, work).await {
        Err(_) => {
            return Err(format!(
                "{name} did not come to an end within {} min",
                LIMIT.as_secs() / 60
            ));
        }
        Ok(Err(error)) => return Err(format!("{name} cannot be read: {error}")),
        Ok(Ok(status)) => status,
    };
    if answer.len() as u64 >= MOST {
        return Err(format!("{name} answers more than {} MiB", MOST >> 20));
    }
    if !status.success() {
        let said = String::from_utf8_lossy(&said);
        let last = said
            .lines()
            .rev()
            .find(|line| !line.trim().is_empty())
            .unwrap_or("it says nothing");
        return Err(format!("{name} failed ({status}): {}", last.trim()));
    }
    Ok(answer)
}
