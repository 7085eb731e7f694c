//! Statuses that are asked for too late: `$?` is that of the command just before.

use super::swallowed::{later, reads_status};
use crate::audit::finding::Finding;
use crate::audit::rule::Rule;
use crate::audit::view::{Script, Seen, View};

/// Commands that are never meant by a `$?` behind them.
const BETWEEN: [&str; 9] = [
    "echo", "printf", "set", "true", ":", "export", "date", "cat", "ls",
];

/// Finds ST3006.
pub(super) fn check(view: &View<'_>, found: &mut Vec<Finding>) {
    for (_, _, script) in view.scripts() {
        for (at, seen) in script.commands.iter().enumerate() {
            let Some(gate) = seen.gate else {
                continue;
            };
            let told = if seen.command.substituted {
                substituted(script, at).map(|outer| {
                    let message = format!(
                        "the status of {} is lost: `{}` has one of its own",
                        gate.told(),
                        outer.command.name()
                    );
                    (seen, message)
                })
            } else {
                too_late(script, at, seen).map(|(between, asks)| {
                    let message = format!(
                        "`$?` is the status of {between} here, not of {}",
                        gate.told()
                    );
                    (asks, message)
                })
            };
            if let Some((seen, message)) = told {
                let place = view.command(script, seen);
                found.push(Finding::new(Rule::StatusOfAnother, place, message));
            }
        }
    }
}

/// The command that takes the output of a gate and has a status of its own. A plain
/// assignment has the status of what is substituted into it (POSIX, "Simple Commands").
fn substituted<'s>(script: &'s Script<'_>, at: usize) -> Option<&'s Seen> {
    let outer = later(script, at).next()?;
    (!outer.command.words.is_empty()).then_some(outer)
}

/// What stands between a gate and the `$?` behind it, and the command with that `$?`.
fn too_late<'s>(script: &'s Script<'_>, at: usize, seen: &Seen) -> Option<(String, &'s Seen)> {
    if seen.errexit || seen.command.condition {
        return None;
    }
    let next = later(script, at).next()?;
    if reads_status(next) || next.command.statement == seen.command.statement {
        return None;
    }
    let behind = later(script, at).skip(1);
    let mut before = next;
    for one in behind {
        if one.gate.is_some() {
            return None;
        }
        let name = before.command.name();
        if reads_status(one) {
            let between = match name {
                "" => "an assignment".to_owned(),
                name => format!("`{name}`"),
            };
            let is_idle = name.is_empty() || BETWEEN.contains(&name);
            return is_idle.then_some((between, one));
        }
        before = one;
    }
    None
}
