//! The files of the workspace as they are while a job runs, for `hashFiles`.
//!
//! The checkout tells as much as long as no command ran. Later the job's environment is
//! asked, once before each step that calls `hashFiles`.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::watch;

use crate::actions::Hashes;
use crate::engine::{End, ExecSpec, Output, Stop};
use crate::plan::{BuiltIn, Placement, PlanStep};
use crate::workflow::{Node, NodeKind, Step, StepAction, Text};

use super::leg::Running;
use super::variables::command_env;

/// Prints the SHA-256 of all files but git's own; links count as what they lead to.
const SCRIPT: &str = r#"cd "$1" && find . -path ./.git -prune -o \( -type f -o -type l \) \
-exec sha256sum {} + 2>/dev/null >"$SEATRIAL_ANSWERS" || true
"#;

/// The files of the workspace, when a step asks for them and they may differ from the
/// checkout's.
pub(super) async fn before(running: &Running<'_>, planned: &PlanStep) -> Option<Arc<Hashes>> {
    if !running.changed || !calls_hash_files(&planned.step) {
        return None;
    }
    let spec = ExecSpec {
        name: format!("{}-files", planned.number),
        command: ["sh", "{0}", running.layout.workspace.as_str()]
            .map(ToOwned::to_owned)
            .to_vec(),
        script: SCRIPT.as_bytes().to_vec(),
        env: command_env(running, planned, &running.state.env),
        cwd: "/".to_owned(),
        mailbox: vec![("answers", "SEATRIAL_ANSWERS")],
        ..ExecSpec::default()
    };
    let (_keep, stop) = watch::channel(Stop::Run);
    let end = running
        .host
        .exec(&spec, Arc::new(Nowhere), stop)
        .await
        .ok()?;
    if end.end != End::Exited(0) {
        return None;
    }
    let text = String::from_utf8_lossy(end.mail("answers")).into_owned();
    let hashes: Hashes = text.lines().filter_map(line).collect();
    if hashes.is_empty() {
        running.warn("hashFiles looks at the checkout: the image has no `find` and `sha256sum`");
        return None;
    }
    Some(Arc::new(hashes))
}

/// Whether files may differ from the checkout's once this step has run.
pub(super) fn may_change(placement: &Placement) -> bool {
    !matches!(
        placement,
        Placement::BuiltIn(BuiltIn::Checkout | BuiltIn::SetupPython)
            | Placement::SkippedAction
            | Placement::Composite(_)
    )
}

/// A line of `sha256sum`: 64 digits, a space, `*`, the path. One that begins with a
/// backslash has a path with a line break in it, and no pattern is meant for that.
fn line(text: &str) -> Option<(PathBuf, [u8; 32])> {
    let (digits, path) = text.split_at_checked(64)?;
    let path = path.strip_prefix(" *").or(path.strip_prefix("  "))?;
    let digest: [u8; 32] = hex::decode(digits).ok()?.try_into().ok()?;
    Some((PathBuf::from(path.strip_prefix("./")?), digest))
}

/// Whether an expression of the step calls `hashFiles`.
fn calls_hash_files(step: &Step) -> bool {
    let texts = [&step.condition, &step.name];
    let mut nodes: Vec<&Node> = step.env.iter().map(|(_, node)| node).collect();
    nodes.extend(step.timeout_minutes.iter().chain(&step.continue_on_error));
    let script = match &step.action {
        StepAction::Run { script, .. } => Some(script),
        StepAction::Uses { with, .. } => {
            nodes.extend(with.iter().map(|(_, node)| node));
            None
        }
    };
    let texts = texts.into_iter().flatten().chain(script);
    texts.into_iter().any(in_text) || nodes.into_iter().any(in_node)
}

fn in_text(text: &Text) -> bool {
    text.value.to_ascii_lowercase().contains("hashfiles(")
}

fn in_node(node: &Node) -> bool {
    matches!(&node.kind, NodeKind::String(text) if text.to_ascii_lowercase().contains("hashfiles("))
}

/// Takes output that nobody wants.
pub(super) struct Nowhere;

impl Output for Nowhere {
    fn write(&self, _bytes: &[u8]) {}
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn lines_of_sha256sum() {
        let digits = "0".repeat(63) + "1";
        let mut digest = [0; 32];
        digest[31] = 1;
        for (text, path) in [
            (format!("{digits} *./a/b c.txt"), Some("a/b c.txt")),
            (format!("{digits}  ./a"), Some("a")),
            (format!("\\{digits} *./a\\nb"), None),
            (format!("{digits} *elsewhere"), None),
            ("sha256sum: x: Is a directory".to_owned(), None),
            (String::new(), None),
        ] {
            let expected = path.map(|path| (path.into(), digest));
            assert_eq!(line(&text), expected, "{text}");
        }
    }
}
