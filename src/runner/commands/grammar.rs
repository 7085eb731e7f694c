//! The grammar of workflow commands (actions/runner,
//! `src/Runner.Common/ActionCommand.cs`).

use std::collections::BTreeMap;

/// A workflow command as it stands in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Command {
    /// Its name, lower case.
    pub(crate) name: String,
    /// Its properties, names in lower case (the runner compares them in any
    /// case); of one given twice the last.
    pub(crate) properties: BTreeMap<String, String>,
    /// What comes behind it in the line.
    pub(crate) data: String,
}

/// The commands the runner knows (`ActionCommandManager.Initialize`, without
/// `internal-set-repo-path`, which only the runner's own plugins may use). A
/// line with any other name is ordinary output.
pub(in crate::runner) const REGISTERED: &[&str] = &[
    "add-mask",
    "add-matcher",
    "add-path",
    "debug",
    "echo",
    "endgroup",
    "error",
    "group",
    "notice",
    "remove-matcher",
    "save-state",
    "set-env",
    "set-output",
    "stop-commands",
    "warning",
];

/// Reads the workflow command of a line: `::name key=value,key=value::data`
/// behind nothing but blanks, or `##[name key=value;key=value]data` anywhere in
/// the line. The token that resumes commands, where there is one, counts as a
/// command's name.
pub(super) fn parse_with(line: &str, token: Option<&str>) -> Option<Command> {
    let known = |name: &str| {
        token.is_some_and(|token| same(token, name))
            || REGISTERED
                .iter()
                .any(|known| known.eq_ignore_ascii_case(name))
    };
    double_colon(line, &known).or_else(|| brackets(line, &known))
}

/// Whether two names are the same in any case.
pub(super) fn same(one: &str, other: &str) -> bool {
    one.chars()
        .flat_map(char::to_uppercase)
        .eq(other.chars().flat_map(char::to_uppercase))
}

/// `TryParseV2`.
fn double_colon(line: &str, known: &dyn Fn(&str) -> bool) -> Option<Command> {
    let (head, data) = line.trim_start().strip_prefix("::")?.split_once("::")?;
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    known(name).then(|| Command {
        name: name.to_lowercase(),
        // A head that begins with the blank has no properties.
        properties: match name.is_empty() {
            true => BTreeMap::new(),
            false => pairs(properties.trim(), ',', PROPERTY),
        },
        data: unescape(data, DATA),
    })
}

/// `TryParse`. Only the first `##[` of a line is looked at.
fn brackets(line: &str, known: &dyn Fn(&str) -> bool) -> Option<Command> {
    let (_, rest) = line.split_once("##[")?;
    let (head, data) = rest.split_once(']')?;
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    known(name).then(|| Command {
        name: name.to_lowercase(),
        properties: match name.is_empty() {
            true => BTreeMap::new(),
            false => pairs(properties, ';', BRACKETS),
        },
        data: unescape(data, BRACKETS),
    })
}

const DATA: &[(&str, &str)] = &[("%0D", "\r"), ("%0A", "\n"), ("%25", "%")];

const PROPERTY: &[(&str, &str)] = &[
    ("%0D", "\r"),
    ("%0A", "\n"),
    ("%3A", ":"),
    ("%2C", ","),
    ("%25", "%"),
];

const BRACKETS: &[(&str, &str)] = &[
    ("%3B", ";"),
    ("%0D", "\r"),
    ("%0A", "\n"),
    ("%5D", "]"),
    ("%25", "%"),
];

/// Replaces one after the other, in the case given, as the runner does.
fn unescape(text: &str, escapes: &[(&str, &str)]) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    escapes
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// `key=value` with separators between. Without a value it is left out; `=`
/// before the key or the value are skipped (`RemoveEmptyEntries`).
fn pairs(text: &str, separator: char, escapes: &[(&str, &str)]) -> BTreeMap<String, String> {
    text.split(separator)
        .filter_map(|pair| pair.trim_start_matches('=').split_once('='))
        .map(|(key, value)| (key, value.trim_start_matches('=')))
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| (key.to_lowercase(), unescape(value, escapes)))
        .collect()
}
