//! What GitHub has withdrawn or is about to: versions of actions, workflow commands,
//! docker-compose.

use crate::audit::finding::Finding;
use crate::audit::rule::Rule;
use crate::audit::view::{JobView, View};
use crate::plan::base_name;
use crate::scan::Severity;
use crate::workflow::StepAction;

/// Finds ST3601, ST3602 and ST3603.
pub(super) fn check(view: &View<'_>, found: &mut Vec<Finding>) {
    for job in &view.jobs {
        old_actions(view, job, found);
        old_compose(view, job, found);
        old_commands(view, job, found);
    }
}

/// Why versions of an action are old.
enum Why {
    /// GitHub refuses them.
    Refused(&'static str),
    /// They run on a Node that GitHub's runners replace by a newer one.
    Node(&'static str),
}

use Why::{Node, Refused};

/// Action, newest of its old versions, version to use, why. GitHub's changelog: artifacts
/// v1 to v3 refused since 2025-01-30, caches v1 to v2 since 2025-03-01; Node 12 left the
/// runners in 2023, Node 16 in 2024 (the actions' `action.yml` say which they use).
const OLD: &[(&str, u32, u32, Why)] = &[
    (
        "actions/upload-artifact",
        3,
        4,
        Refused("since January 2025"),
    ),
    (
        "actions/download-artifact",
        3,
        4,
        Refused("since January 2025"),
    ),
    ("actions/cache", 2, 4, Refused("since March 2025")),
    ("actions/cache", 3, 4, Node("16")),
    ("actions/checkout", 2, 4, Node("12")),
    ("actions/checkout", 3, 4, Node("16")),
    ("actions/setup-python", 3, 5, Node("12 or 16")),
    ("actions/setup-python", 4, 5, Node("16")),
    ("actions/setup-node", 3, 4, Node("12 or 16")),
    ("actions/setup-java", 3, 4, Node("12 or 16")),
    ("actions/setup-go", 4, 5, Node("12 or 16")),
    ("actions/setup-dotnet", 3, 4, Node("12 or 16")),
    ("actions/github-script", 6, 7, Node("12 or 16")),
    ("actions/labeler", 4, 5, Node("12 or 16")),
    ("actions/stale", 8, 9, Node("12 or 16")),
    ("codecov/codecov-action", 3, 5, Node("12 or 16")),
    ("docker/build-push-action", 4, 6, Node("12 or 16")),
    ("docker/login-action", 2, 3, Node("12 or 16")),
    ("docker/metadata-action", 4, 5, Node("12 or 16")),
    ("docker/setup-buildx-action", 2, 3, Node("12 or 16")),
    ("docker/setup-qemu-action", 2, 3, Node("12 or 16")),
    ("dorny/paths-filter", 2, 3, Node("12 or 16")),
    ("dorny/test-reporter", 1, 2, Node("16 or 20")),
    ("pre-commit/action", 2, 3, Node("12")),
    ("peaceiris/actions-gh-pages", 3, 4, Node("12 or 16")),
];

fn old_actions(view: &View<'_>, job: &JobView<'_>, found: &mut Vec<Finding>) {
    for (_, uses) in job.actions() {
        let major = uses.version.trim_start_matches('v').split('.').next();
        let Some(major) = major
            .and_then(|text| text.parse::<u32>().ok())
            .filter(|major| (1..1000).contains(major))
        else {
            continue;
        };
        let old = OLD
            .iter()
            .find(|(name, last, ..)| uses.is(name) && major <= *last);
        let Some((name, _, good, why)) = old else {
            continue;
        };
        let (severity, told) = match why {
            Refused(since) => (Severity::High, format!("is refused by GitHub {since}")),
            Node(version) => (
                Severity::Medium,
                format!("was made for Node {version}, which GitHub's runners no longer have"),
            ),
        };
        let message = format!(
            "`{name}@{}` {told}; use `{name}@v{good}` or newer",
            uses.version
        );
        found.push(Finding {
            severity,
            ..Finding::new(Rule::DeprecatedAction, view.at(uses.text.span), message)
        });
    }
}

/// `docker-compose`, unless the job brings it itself.
fn old_compose(view: &View<'_>, job: &JobView<'_>, found: &mut Vec<Finding>) {
    let mut brought = job.job.container.is_some();
    for (_, script, seen) in job.commands() {
        let words = &seen.command.words;
        let program = words
            .iter()
            .find(|word| !matches!(word.as_str(), "sudo" | "-E" | "time"));
        let calls = program.is_some_and(|word| base_name(word) == "docker-compose");
        if !calls {
            let writes = seen.command.writes.iter();
            brought |= words.iter().chain(writes).any(|word| {
                word.contains("docker-compose")
                    && !word.ends_with(".yml")
                    && !word.ends_with(".yaml")
            });
        } else if !brought {
            let place = view.command(script, seen);
            let message = "`docker-compose` is not there: version 1 left GitHub's runners in 2024";
            found.push(Finding::new(Rule::ComposeV1, place, message));
        }
    }
}

/// Commands on standard output, with whether GitHub refuses them (GitHub's changelog of
/// 2020-10-01 and 2022-10-11).
const COMMANDS: [(&str, bool, &str); 4] = [
    ("::set-output", false, "GITHUB_OUTPUT"),
    ("::save-state", false, "GITHUB_STATE"),
    ("::set-env", true, "GITHUB_ENV"),
    ("::add-path", true, "GITHUB_PATH"),
];

fn old_commands(view: &View<'_>, job: &JobView<'_>, found: &mut Vec<Finding>) {
    for step in &job.steps {
        let StepAction::Run { script, .. } = &step.step.action else {
            continue;
        };
        for (at, line) in script.value.lines().enumerate() {
            if line.trim_start().starts_with('#') {
                continue;
            }
            let command = COMMANDS.iter().find(|(name, ..)| {
                line.split_once(name).is_some_and(|(before, rest)| {
                    let begins = before.ends_with(['"', '\'', ' ']) || before.is_empty();
                    begins && rest.starts_with([' ', ':'])
                })
            });
            let Some((name, refused, file)) = command else {
                continue;
            };
            let (severity, told) = match refused {
                true => (Severity::High, "GitHub refuses it"),
                false => (Severity::Medium, "GitHub has deprecated it"),
            };
            let message = format!("`{name}`: {told}; `{file}` is the file for it");
            let place = view.in_text(script, at, name);
            found.push(Finding {
                severity,
                ..Finding::new(Rule::DeprecatedCommand, place, message)
            });
        }
    }
}
