//! Syntax that is not what it looks like: numbers that are meant as versions, bash under sh.

use crate::audit::finding::Finding;
use crate::audit::rule::Rule;
use crate::audit::view::{Script, Seen, View};
use crate::scan::Severity;
use crate::workflow::{Node, NodeKind, parse_yaml, surprising_numbers};

/// Finds ST3604 and ST3605.
pub(super) fn check(view: &View<'_>, found: &mut Vec<Finding>) {
    if let Ok(root) = parse_yaml(view.subject.text) {
        numbers(view, &root, "", found);
    }
    for (_, _, script) in view.scripts().filter(|(_, _, script)| script.is_sh) {
        // One is enough for a script.
        let told = script
            .commands
            .iter()
            .find_map(|seen| bash_only(seen).map(|what| (seen, what)));
        if let Some((seen, what)) = told {
            let message = format!("{what} is not known to `sh`, which runs this script");
            let place = view.command(script, seen);
            found.push(Finding::new(Rule::BashUnderSh, place, message));
        } else if let Some((line, what)) = redirection(script) {
            let message = format!("{what} is not known to `sh`, which runs this script");
            let place = view.in_text(script.text, line, what.trim_matches('`'));
            found.push(Finding::new(Rule::BashUnderSh, place, message));
        }
    }
}

/// Parts of keys whose values are versions.
const VERSIONED: [&str; 12] = [
    "version", "python", "py", "node", "ruby", "go", "java", "jdk", "php", "rust", "django", "tag",
];

/// Numbers that are not what is written. One that is no version does little harm.
fn numbers(view: &View<'_>, node: &Node, key: &str, found: &mut Vec<Finding>) {
    if let NodeKind::Map(entries) = &node.kind {
        for (key, value) in entries {
            numbers(view, value, &key.value, found);
        }
        return;
    }
    if let NodeKind::Seq(items) = &node.kind {
        for item in items {
            numbers(view, item, key, found);
        }
        return;
    }
    let key = key.to_ascii_lowercase();
    let words: Vec<&str> = key.split(|one: char| !one.is_ascii_alphabetic()).collect();
    let is_version = VERSIONED.iter().any(|name| words.contains(name));
    if TIMES.contains(&key.as_str()) {
        return;
    }
    for problem in surprising_numbers(node) {
        let place = view.at(problem.span);
        found.push(Finding {
            severity: if is_version {
                Severity::High
            } else {
                Severity::Low
            },
            ..Finding::new(Rule::FloatVersion, place, problem.message)
        });
    }
}

/// Keys whose values are used as numbers.
const TIMES: [&str; 3] = ["timeout-minutes", "cancel-timeout-minutes", "max-parallel"];

/// Commands that dash, the `sh` of Debian and Ubuntu, does not have.
const COMMANDS: [&str; 9] = [
    "[[",
    "source",
    "declare",
    "typeset",
    "shopt",
    "mapfile",
    "readarray",
    "pushd",
    "popd",
];

/// Forms of expansion that only bash has.
const EXPANSIONS: [&str; 9] = ["//", "^^", ",,", "[@]", "[*]", "!", "@Q", ":0:", "[0]"];

/// What of a command only bash understands.
fn bash_only(seen: &Seen) -> Option<String> {
    let command = &seen.command;
    let name = command.words.first().map_or("", String::as_str);
    if COMMANDS.contains(&name) {
        return Some(format!("`{name}`"));
    }
    if name == "set" && command.words.iter().any(|word| word == "pipefail") {
        return Some("`pipefail`".to_owned());
    }
    if name == "((" || (name.starts_with("((") && name.ends_with("))")) {
        return Some("`((…))`".to_owned());
    }
    if let Some((name, _)) = command
        .assignments
        .iter()
        .find(|(_, value)| value.starts_with('(') && value.ends_with(')'))
    {
        return Some(format!("the array `{name}`"));
    }
    let values = command.assignments.iter().map(|(_, value)| value);
    command
        .words
        .iter()
        .chain(values)
        .find_map(|word| expansion(word))
        .map(|form| format!("`{form}`"))
}

/// `${x//a/b}`, `<(…)`.
fn expansion(word: &str) -> Option<String> {
    if word.starts_with("<(") || word.starts_with(">(") {
        return Some("<(…)".to_owned());
    }
    for (at, _) in word.match_indices("${") {
        let rest = word.get(at + 2..).unwrap_or("");
        if rest.starts_with('{') {
            continue;
        }
        let inner = rest.split('}').next().unwrap_or("");
        let name = inner
            .find(|one: char| !one.is_ascii_alphanumeric() && one != '_')
            .unwrap_or(inner.len());
        let form = inner.get(name..).unwrap_or("");
        let starts = |form: &str| {
            EXPANSIONS
                .iter()
                .any(|known| form.starts_with(known) && (*known != "!" || name == 0))
        };
        if starts(form) {
            return Some(format!("${{{inner}}}"));
        }
    }
    None
}

/// `<<<` and `&>`, which the list of commands does not show; looked for outside of quotes.
fn redirection(script: &Script<'_>) -> Option<(usize, &'static str)> {
    if script.is_inner {
        return None;
    }
    for (at, line) in script.text.value.lines().enumerate() {
        let mut quote = None;
        for (byte, one) in line.char_indices() {
            let rest = line.get(byte..).unwrap_or("");
            match (quote, one) {
                (Some(open), _) if one == open => quote = None,
                (Some(_), _) => {}
                (None, '\'' | '"') => quote = Some(one),
                (None, '#') => break,
                (None, '<') if rest.starts_with("<<<") => return Some((at, "`<<<`")),
                (None, '&') if rest.starts_with("&>") => return Some((at, "`&>`")),
                (None, _) => {}
            }
        }
    }
    None
}
