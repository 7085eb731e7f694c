//! The look at the environment at the end of a command, for jobs on this machine.

use std::time::Duration;

use super::ExecSpec;

/// The longest that it may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the command's look prints, with `env` below the command's variables; nothing where
/// there is none, or it does not come to its end.
pub(super) async fn look(spec: &ExecSpec, env: &[(String, String)]) -> Vec<u8> {
    let Some(script) = spec.after else {
        return Vec::new();
    };
    let mut command = tokio::process::Command::new("sh");
    command
        .args(["-c", script])
        .current_dir(&spec.cwd)
        .env_clear()
        .envs(
            env.iter()
                .chain(&spec.env)
                .map(|(name, value)| (name, value)),
        )
        .stdin(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .kill_on_drop(true);
    match tokio::time::timeout(PATIENCE, command.output()).await {
        Ok(Ok(output)) => output.stdout,
        _ => Vec::new(),
    }
}
