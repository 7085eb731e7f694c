//! Gates whose failure the script swallows: `pytest || true`, a pipe, `set +e`.

use crate::audit::finding::Finding;
use crate::audit::rule::Rule;
use crate::audit::view::{Script, Seen, View};
use crate::plan::Link;

/// Finds ST3001, ST3002 and ST3005.
pub(super) fn check(view: &View<'_>, found: &mut Vec<Finding>) {
    for (_, _, script) in view.scripts() {
        for (at, seen) in script.commands.iter().enumerate() {
            let Some(gate) = seen.gate.filter(|_| !seen.command.substituted) else {
                continue;
            };
            if let Some((rule, message)) = swallowed(script, at, &gate.told()) {
                found.push(Finding::new(rule, view.command(script, seen), message));
            }
        }
    }
}

/// How the failure of the command at `at`, in words `gate`, is swallowed by its script.
pub(crate) fn swallowed(script: &Script<'_>, at: usize, gate: &str) -> Option<(Rule, String)> {
    let seen = script.commands.get(at)?;
    let masked = || masked(script, at, seen, gate).map(|message| (Rule::MaskedGate, message));
    let piped = || piped(script, seen, gate).map(|message| (Rule::PipedGate, message));
    let unheeded = || unheeded(script, at, seen, gate).map(|message| (Rule::ErrexitOff, message));
    masked().or_else(piped).or_else(unheeded)
}

/// How its failure is swallowed by what stands around it.
fn masked(script: &Script<'_>, at: usize, seen: &Seen, gate: &str) -> Option<String> {
    let command = &seen.command;
    if command.or_true {
        let or = later(script, at).find(|one| one.command.after == Link::Or);
        let shown = or.map_or("true".to_owned(), |one| match one.command.name() {
            "exit" | "return" => one.command.words.join(" "),
            name => name.to_owned(),
        });
        return Some(format!(
            "`|| {shown}` makes every failure of {gate} a success"
        ));
    }
    if command.background {
        let awaited = later(script, at)
            .any(|one| one.command.name() == "wait" && one.command.words.len() > 1);
        return (!awaited)
            .then(|| format!("{gate} runs in the background (`&`), and nobody asks how it ended"));
    }
    let heeded = || {
        later(script, at).any(|one| {
            let fails = match one.command.name() {
                "exit" | "return" => one.command.words.get(1).is_none_or(|code| code != "0"),
                "false" | "kill" => true,
                _ => false,
            };
            fails || !one.command.assignments.is_empty() || reads_status(one)
        })
    };
    if command.condition && !heeded() {
        return Some(format!(
            "{gate} is the condition of an `if` or a loop, and no branch fails"
        ));
    }
    let next = later(script, at).next()?;
    let followed = later(script, at).any(|one| one.command.statement > command.statement);
    let or = later(script, at)
        .take_while(|one| one.command.statement == command.statement)
        .any(|one| one.command.after == Link::Or);
    (seen.errexit && next.command.after == Link::And && followed && !or && !command.condition).then(
        || {
            format!(
                "{gate} stands left of `&&`, where `-e` does not end the script, and more commands follow"
            )
        },
    )
}

/// How its status is lost in a pipe.
fn piped(script: &Script<'_>, seen: &Seen, gate: &str) -> Option<String> {
    let asked = || {
        let text = &script.text.value;
        text.contains("PIPESTATUS") || text.contains("pipestatus")
    };
    (seen.command.piped && !seen.pipefail && !asked()).then(|| {
        format!(
            "{gate} goes into a pipe without `pipefail`: what counts is the last command's status"
        )
    })
}

/// How its status is not looked at where the script goes on after a failure.
fn unheeded(script: &Script<'_>, at: usize, seen: &Seen, gate: &str) -> Option<String> {
    let command = &seen.command;
    if seen.errexit || command.condition || command.piped {
        return None;
    }
    let follows = later(script, at).any(|one| one.command.statement > command.statement);
    let tied = later(script, at)
        .next()
        .is_some_and(|one| matches!(one.command.after, Link::And | Link::Or));
    let read = later(script, at).any(reads_status);
    (follows && !tied && !read).then(|| {
        let why = match script.is_inner {
            true => "in an inner shell without `-e`",
            false => "without `-e`",
        };
        format!("{gate} runs {why}, and its status is never looked at")
    })
}

/// The commands behind one that are no part of another's words.
pub(super) fn later<'s>(script: &'s Script<'_>, at: usize) -> impl Iterator<Item = &'s Seen> {
    let behind = script.commands.get(at + 1..).unwrap_or_default();
    behind.iter().filter(|one| !one.command.substituted)
}

/// Whether a command asks for the status of the one before.
pub(super) fn reads_status(seen: &Seen) -> bool {
    let asks = |text: &str| {
        ["$?", "${?}", "PIPESTATUS", "pipestatus"]
            .iter()
            .any(|form| text.contains(form))
    };
    let command = &seen.command;
    command.words.iter().any(|word| asks(word))
        || command.assignments.iter().any(|(_, value)| asks(value))
}
