//! What `docker run` in a script gives to a container: the workspace, memory.

use crate::audit::container::{ContainerCall, Mount, Verb};
use crate::audit::finding::Finding;
use crate::audit::rule::Rule;
use crate::audit::view::{JobView, View};
use crate::plan::base_name;

/// Finds ST3201 and ST3202.
pub(super) fn check(view: &View<'_>, found: &mut Vec<Finding>) {
    for job in &view.jobs {
        let mended = gives_back(job);
        for (_, script, seen) in job.commands() {
            let Some(call) = ContainerCall::of(&seen.command.words) else {
                continue;
            };
            if call.verb != Verb::Run {
                continue;
            }
            let mut say = |rule, message: String| {
                found.push(Finding::new(rule, view.command(script, seen), message));
            };
            let image = call.image.unwrap_or_default();
            if call.user.is_none()
                && !mended
                && let Some(mount) = call.mounts.iter().find(|mount| is_workspace(mount))
            {
                say(
                    Rule::MountWithoutUser,
                    format!(
                        "`{image}` gets `{}` without `--user`: what it writes there belongs to root",
                        mount.source
                    ),
                );
            }
            if !call.is_limited {
                say(
                    Rule::UnlimitedContainer,
                    format!("`{image}` runs without `--memory`"),
                );
            }
        }
    }
}

/// Whether a mount lets a container write into the workspace.
fn is_workspace(mount: &Mount) -> bool {
    let source = mount.source.replace(' ', "");
    let own = [
        "$PWD",
        "${PWD}",
        "$(pwd)",
        "`pwd`",
        "$GITHUB_WORKSPACE",
        "${GITHUB_WORKSPACE}",
        "${{github.workspace}}",
        "./",
        "../",
    ];
    !mount.readonly && (source == "." || own.iter().any(|start| source.starts_with(start)))
}

/// Whether the job gives the files back to its user afterwards.
fn gives_back(job: &JobView<'_>) -> bool {
    job.commands().any(|(_, _, seen)| {
        let mut words = seen.command.words.iter();
        words.any(|word| base_name(word) == "chown")
    })
}
