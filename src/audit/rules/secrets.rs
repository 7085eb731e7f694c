//! Text that must not become part of a command line: secrets, and what strangers write.

use crate::audit::container::ContainerCall;
use crate::audit::finding::Finding;
use crate::audit::rule::Rule;
use crate::audit::view::{JobView, StepView, Uses, View};
use crate::workflow::{Entries, StepAction, Text};

/// Finds ST3203 and ST3701.
pub(super) fn check(view: &View<'_>, found: &mut Vec<Finding>) {
    for job in &view.jobs {
        for (step, script, seen) in job.commands() {
            let Some(call) = ContainerCall::of(&seen.command.words) else {
                continue;
            };
            for variable in &call.variables {
                let Some((name, value)) = variable.split_once('=') else {
                    continue;
                };
                if let Some(secret) = secret_in(value, view, job, step) {
                    let message = format!(
                        "`{name}` gives the secret `{secret}` to a container where every process of the machine can read it"
                    );
                    let place = view.command(script, seen);
                    found.push(Finding::new(Rule::SecretOnCommandLine, place, message));
                }
            }
        }
        for step in &job.steps {
            injected(view, step, found);
        }
    }
}

/// The secret that a value holds: by its expression, or by a variable that is one.
fn secret_in(
    value: &str,
    view: &View<'_>,
    job: &JobView<'_>,
    step: &StepView<'_>,
) -> Option<String> {
    if let Some(name) = secret_of(value) {
        return Some(name);
    }
    let name = value
        .trim_start_matches('$')
        .trim_start_matches('{')
        .trim_end_matches('}');
    if !value.starts_with('$') {
        return None;
    }
    let given: [&Entries; 3] = [&step.step.env, &job.job.env, &view.subject.workflow.env];
    let (_, node) = given
        .into_iter()
        .flatten()
        .find(|(key, _)| key.value == name)?;
    secret_of(&node.scalar_text()?)
}

/// `NAME` of `${{ secrets.NAME }}`.
fn secret_of(text: &str) -> Option<String> {
    let (_, inner) = text.split_once("${{")?;
    let (inner, _) = inner.split_once("}}")?;
    let (_, name) = inner.split_once("secrets.")?;
    let end = name
        .find(|one: char| !one.is_ascii_alphanumeric() && one != '_')
        .unwrap_or(name.len());
    name.get(..end).map(ToOwned::to_owned)
}

/// Parts of the `github` context that whoever opens an issue or a pull request can write
/// (GitHub docs, "Secure use reference", "Understanding the risk of script injections").
const FREE: [&str; 21] = [
    "github.event.issue.title",
    "github.event.issue.body",
    "github.event.pull_request.title",
    "github.event.pull_request.body",
    "github.event.pull_request.head.ref",
    "github.event.pull_request.head.label",
    "github.event.pull_request.head.repo.default_branch",
    "github.event.comment.body",
    "github.event.review.body",
    "github.event.review_comment.body",
    "github.event.discussion.title",
    "github.event.discussion.body",
    "github.event.head_commit.message",
    "github.event.head_commit.author.email",
    "github.event.head_commit.author.name",
    "github.event.commits",
    "github.event.pages",
    "github.event.workflow_run.head_branch",
    "github.event.workflow_run.head_commit.message",
    "github.event.workflow_run.display_title",
    "github.head_ref",
];

fn injected(view: &View<'_>, step: &StepView<'_>, found: &mut Vec<Finding>) {
    let (text, value): (&Text, String) = match &step.step.action {
        StepAction::Run { script, .. } => (script, script.value.clone()),
        StepAction::Uses { action, .. } => {
            let Some(uses) = Uses::of(step.step).filter(|uses| uses.is("actions/github-script"))
            else {
                return;
            };
            (action, uses.input("script"))
        }
    };
    let is_run = matches!(step.step.action, StepAction::Run { .. });
    for (at, line) in value.lines().enumerate() {
        for expression in line.split("${{").skip(1) {
            let Some((inner, _)) = expression.split_once("}}") else {
                continue;
            };
            let Some(path) = free(inner) else {
                continue;
            };
            let message =
                format!("`{path}` becomes part of the script: who writes it can run commands");
            let place = if is_run {
                view.in_text(text, at, inner.trim())
            } else {
                view.at(text.span)
            };
            found.push(Finding::new(Rule::TemplateInjection, place, message));
        }
    }
}

/// The free text that an expression gives. A comparison or `contains` gives no text.
fn free(expression: &str) -> Option<&'static str> {
    let low = expression.to_ascii_lowercase();
    let decides = ["==", "!=", "contains(", "startswith(", "endswith("]
        .iter()
        .any(|form| low.contains(form));
    if decides {
        return None;
    }
    FREE.iter().copied().find(|path| {
        low.match_indices(path).any(|(at, _)| {
            let behind = low.get(at + path.len()..).unwrap_or("");
            !behind.starts_with(|one: char| one.is_ascii_alphanumeric() || one == '_')
        })
    })
}
