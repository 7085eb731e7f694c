//! Reports that are written and lost.

use crate::audit::container::{ContainerCall, Verb};
use crate::audit::finding::Finding;
use crate::audit::rule::Rule;
use crate::audit::view::{JobView, Seen, StepView, Uses, View};
use crate::plan::base_name;
use crate::workflow::{Node, NodeKind, StepAction};

/// Finds ST3101, ST3102, ST3103 and ST3104.
pub(super) fn check(view: &View<'_>, found: &mut Vec<Finding>) {
    for job in &view.jobs {
        removed(view, job, found);
        unused(view, job, found);
        hidden(view, job, found);
        unwritable(view, job, found);
    }
}

/// `docker run --rm --name x …` and then `docker cp x:…`.
fn removed(view: &View<'_>, job: &JobView<'_>, found: &mut Vec<Finding>) {
    // Names, and files with ids, of containers that are gone when their command ends.
    let mut gone: Vec<&str> = Vec::new();
    for (_, script, seen) in job.commands() {
        let words = &seen.command.words;
        if let Some(call) = ContainerCall::of(words) {
            if call.removes && !call.detached {
                let service = (call.verb == Verb::Compose).then_some(call.image).flatten();
                gone.extend(call.name.or(call.id_file).or(service));
            } else if call.verb == Verb::Run {
                gone.retain(|name| Some(*name) != call.name);
            }
            continue;
        }
        if !copies(words) {
            continue;
        }
        let from = words.iter().find(|word| word.contains(':'));
        let Some(name) = gone.iter().find(|name| {
            from.is_some_and(|from| {
                let (container, _) = from.rsplit_once(':').unwrap_or((from, ""));
                container == **name || (container.contains("$(") && container.contains(**name))
            })
        }) else {
            continue;
        };
        let message = format!("`{name}` was run with `--rm` and is gone: there is nothing to copy");
        let place = view.command(script, seen);
        found.push(Finding::new(Rule::ReportInRemovedContainer, place, message));
    }
}

/// `docker cp`, `docker container cp`, `docker compose cp`.
fn copies(words: &[String]) -> bool {
    let Some((program, rest)) = words.split_first() else {
        return false;
    };
    matches!(base_name(program), "docker" | "podman" | "docker-compose")
        && rest.iter().take(3).any(|word| word == "cp")
}

/// A report that no later step and no other command names.
fn unused(view: &View<'_>, job: &JobView<'_>, found: &mut Vec<Finding>) {
    for (at, step) in job.steps.iter().enumerate() {
        let (StepAction::Run { script, .. }, Some(read)) =
            (&step.step.action, step.scripts.first())
        else {
            continue;
        };
        for report in view.subject.project.reports_of(&script.value) {
            let later = job.steps.get(at + 1..).unwrap_or_default();
            if report.contains('$')
                || report.starts_with("/tmp/")
                || later.iter().any(|step| uses(step, &report))
            {
                continue;
            }
            let name = base_name(&report);
            let writers: Vec<&Seen> = read
                .commands
                .iter()
                .filter(|seen| {
                    let words = seen.command.words.join(" ");
                    !view.subject.project.reports_of(&words).is_empty()
                })
                .collect();
            let words = writers.iter().flat_map(|seen| &seen.command.words);
            let written: usize = words.map(|word| word.matches(name).count()).sum();
            // Another command names it, be it in a here-document.
            if script.value.matches(name).count() > written {
                continue;
            }
            let writer = writers.iter().find(|seen| {
                let words = seen.command.words.join(" ");
                let written = view.subject.project.reports_of(&words);
                written.iter().any(|path| base_name(path) == name)
            });
            let place = match writer {
                Some(seen) => view.command(read, seen),
                None => view.at(script.span),
            };
            let message = format!("`{report}` is written, and no step uploads or reads it");
            found.push(Finding::new(Rule::UnusedReport, place, message));
        }
    }
}

/// Whether a step can be what a report is for.
fn uses(step: &StepView<'_>, report: &str) -> bool {
    let name = base_name(report);
    match &step.step.action {
        StepAction::Run { script, .. } => script.value.contains(name),
        StepAction::Uses { .. } => {
            let Some(uses) = Uses::of(step.step) else {
                return false;
            };
            let action = uses.name.to_ascii_lowercase();
            // Those find reports by themselves.
            let finds = ["cov", "sonar", "report", "junit", "test-results", "summary"];
            finds.iter().any(|word| action.contains(word))
                || (!uses.prepares() && uses.with.iter().any(|(_, node)| takes(node, report)))
        }
    }
}

/// Whether an input names a report: itself, its folder, or a pattern.
fn takes(node: &Node, report: &str) -> bool {
    let Some(text) = node.scalar_text() else {
        return matches!(&node.kind, NodeKind::Seq(items) if items.iter().any(|item| takes(item, report)));
    };
    text.split(['\n', ',']).map(str::trim).any(|line| {
        let line = line.trim_start_matches("./").trim_end_matches('/');
        let line = line
            .trim_start_matches("${{ github.workspace }}/")
            .trim_end_matches("/**");
        let folder = report
            .strip_prefix(line)
            .is_some_and(|rest| rest.starts_with('/'));
        let below = line
            .strip_prefix(report)
            .is_some_and(|rest| rest.starts_with('/'));
        line.contains('*')
            || line == report
            || line == "."
            || folder
            || below
            || line.ends_with(&format!("/{report}"))
            || line.contains(base_name(report))
    })
}

/// `.coverage` in an upload that leaves hidden files out.
fn hidden(view: &View<'_>, job: &JobView<'_>, found: &mut Vec<Finding>) {
    for (_, uses) in job.actions() {
        if !uses.is("actions/upload-artifact")
            || !leaves_hidden_out(uses.version)
            || uses.input("include-hidden-files") == "true"
        {
            continue;
        }
        let Some((_, node)) = uses.with.iter().find(|(key, _)| key.value == "path") else {
            continue;
        };
        let text = node.scalar_text().unwrap_or_default();
        for line in text.lines().map(str::trim).filter(|line| is_hidden(line)) {
            let message = format!(
                "`{line}` is hidden, and {} leaves hidden files out",
                uses.text.value
            );
            found.push(Finding::new(
                Rule::HiddenReport,
                view.at(node.span),
                message,
            ));
        }
    }
}

/// Since 4.4 hidden files are left out (release notes of actions/upload-artifact). A commit
/// tells no version.
fn leaves_hidden_out(version: &str) -> bool {
    let mut numbers = version.trim_start_matches('v').split('.');
    let Some(Ok(major)) = numbers.next().map(str::parse::<u32>) else {
        return false;
    };
    match numbers.next().map(str::parse::<u32>) {
        Some(Ok(minor)) => major > 4 || (major == 4 && minor >= 4),
        // The newest of its kind.
        _ => (4..1000).contains(&major),
    }
}

/// Whether a pattern only finds what is hidden. It is searched from the folder before its
/// first `*` on; what leads to that may be hidden (`internal-globber.ts` of actions/toolkit).
fn is_hidden(pattern: &str) -> bool {
    if pattern.starts_with('!') || pattern.contains("${{") {
        return false;
    }
    let parts: Vec<&str> = pattern
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    let literal = parts
        .iter()
        .position(|part| part.contains(['*', '?', '[']))
        .unwrap_or(parts.len());
    let from = literal.saturating_sub(1);
    parts
        .iter()
        .skip(from)
        .any(|part| part.starts_with('.') && *part != "..")
}

/// The user whose workspace it is on GitHub's runners.
const RUNNER: &str = "1001";

/// Folders of an image in which only root may write.
const OF_ROOT: [&str; 9] = [
    "bin", "boot", "etc", "lib", "opt", "root", "sbin", "srv", "usr",
];

fn unwritable(view: &View<'_>, job: &JobView<'_>, found: &mut Vec<Finding>) {
    if let Some(container) = &job.job.container
        && let Some(options) = &container.options
        && let Some(user) = user_option(&options.value)
        && !is_root(&user)
        && !user.starts_with(RUNNER)
        && !user.contains('$')
    {
        let message = format!(
            "the workspace belongs to user {RUNNER}, and the container of job `{}` runs as `{user}`",
            job.job.id.value
        );
        found.push(Finding::new(
            Rule::UnwritableReport,
            view.at(options.span),
            message,
        ));
    }
    for (_, script, seen) in job.commands() {
        let Some(call) = ContainerCall::of(&seen.command.words) else {
            continue;
        };
        let Some(user) = call.user.filter(|user| !is_root(user)) else {
            continue;
        };
        let written = view.subject.project.reports_of(&call.command.join(" "));
        let mounted = |path: &str| {
            let mut mounts = call.mounts.iter().filter(|mount| !mount.readonly);
            mounts.any(|mount| {
                path.strip_prefix(mount.target.trim_end_matches('/'))
                    .is_some_and(|rest| rest.starts_with('/'))
            })
        };
        for path in written {
            let mut parts = path.split('/').filter(|part| !part.is_empty());
            let first = parts.next().unwrap_or_default();
            let is_file_of_root = parts.next().is_none();
            if path.starts_with('/')
                && (is_file_of_root || OF_ROOT.contains(&first))
                && !mounted(&path)
            {
                let message = format!("user `{user}` may not write `{path}` in the container");
                let place = view.command(script, seen);
                found.push(Finding::new(Rule::UnwritableReport, place, message));
            }
        }
    }
}

fn is_root(user: &str) -> bool {
    let name = user.split(':').next().unwrap_or(user);
    name == "root" || name == "0"
}

/// The value of `--user` in the options of a container.
fn user_option(options: &str) -> Option<String> {
    let words = crate::plan::words(options);
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        match word.as_str() {
            "--user" | "-u" => return rest.next().cloned(),
            _ => {
                if let Some(user) = word.strip_prefix("--user=") {
                    return Some(user.to_owned());
                }
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{is_hidden, leaves_hidden_out};

    #[test]
    fn hidden_patterns() {
        for (pattern, hidden) in [
            (".coverage", true),
            (".coverage*", true),
            ("reports/.coverage.*", true),
            ("./.coverage", true),
            (".reports/*.xml", true),
            (".reports/", true),
            ("**/.coverage", true),
            (".reports/junit.xml", false),
            ("../reports", false),
            ("coverage.xml", false),
            (".", false),
            ("!.coverage", false),
        ] {
            assert_eq!(is_hidden(pattern), hidden, "{pattern}");
        }
        for (version, leaves) in [
            ("v4", true),
            ("v4.4.0", true),
            ("v4.3.6", false),
            ("v3", false),
            ("v5", true),
            ("main", false),
            ("b4b15b8c7c6ac21ea08fcf65892d2ee8f75cf882", false),
        ] {
            assert_eq!(leaves_hidden_out(version), leaves, "{version}");
        }
    }
}
