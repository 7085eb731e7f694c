//! Requirements: the lines of a requirements file and the arguments of
//! `pip install` (pip documentation, "Requirements File Format"; PEP 508).

use std::collections::BTreeMap;

use super::version;

/// One requirement.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Requirement {
    /// Name, normalised (PEP 503: lower case, runs of `-_.` are one `-`). What
    /// has no name (a path, a URL without `#egg=`) is here as it is written.
    pub(crate) name: String,
    /// Names of the extras, normalised.
    pub(crate) extras: Vec<String>,
    /// The version of an `==` without wildcard.
    pub(crate) pin: Option<String>,
    /// Something else decides what is installed: another specifier, a URL, a
    /// path, `-e`, a variable.
    pub(crate) other: bool,
    /// There is an environment marker (`; python_version < "3.9"`).
    pub(crate) marker: bool,
}

/// One line of a requirements file; blank lines and comments are no lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RequirementLine {
    /// A requirement.
    Requirement(Requirement),
    /// `-r FILE`.
    Include(String),
    /// `-c FILE`.
    Constraint(String),
    /// Any other option (`--index-url …`), as written.
    Option(String),
}

/// Reads a requirements file. Paths of `-r` and `-c` are relative to it.
pub(crate) fn parse_requirements(text: &str) -> Vec<RequirementLine> {
    logical_lines(text)
        .iter()
        .map(|line| without_comment(line).trim())
        .filter(|line| !line.is_empty())
        .map(parse_line)
        .collect()
}

/// Checks requirements against what is installed (name to version, names in
/// any spelling). The texts tell what is missing, has another version, or
/// cannot be decided here; what cannot be decided is not satisfied.
pub(crate) fn satisfied(
    requirements: &[Requirement],
    installed: &BTreeMap<String, String>,
) -> Result<(), Vec<String>> {
    let installed: BTreeMap<String, &str> = installed
        .iter()
        .map(|(name, version)| (normal_name(name), version.as_str()))
        .collect();
    let reasons: Vec<String> = requirements
        .iter()
        .filter_map(|requirement| {
            unsatisfied(requirement, installed.get(&requirement.name).copied())
        })
        .collect();
    match reasons.is_empty() {
        true => Ok(()),
        false => Err(reasons),
    }
}

/// Reads a requirement of PEP 508, or a URL or path as pip takes it. Options
/// behind it (`--hash=…`) are left out: they do not choose another version.
pub(crate) fn parse_requirement(text: &str) -> Requirement {
    let text = without_options(text).trim();
    let named = |name: &str| Requirement {
        name: name.to_owned(),
        other: true,
        ..Requirement::default()
    };
    let name_end = text
        .find(|one: char| !(one.is_ascii_alphanumeric() || matches!(one, '-' | '_' | '.')))
        .unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(name_end).unwrap_or((text, ""));
    let mut rest = rest.trim_start();
    let is_name = name.starts_with(|one: char| one.is_ascii_alphanumeric())
        && name.ends_with(|one: char| one.is_ascii_alphanumeric());
    let is_path = rest.starts_with(['/', ':', '\\', '+'])
        || [".whl", ".zip", ".tar.gz", ".tar.bz2"]
            .iter()
            .any(|ending| name.ends_with(ending));
    if !is_name || is_path {
        return named(&url_name(text));
    }
    let mut requirement = Requirement {
        name: normal_name(name),
        ..Requirement::default()
    };
    if let Some(inner) = rest.strip_prefix('[') {
        let Some((extras, after)) = inner.split_once(']') else {
            return named(text);
        };
        requirement.extras = extras
            .split(',')
            .map(|extra| normal_name(extra.trim()))
            .filter(|extra| !extra.is_empty())
            .collect();
        rest = after.trim_start();
    }
    if rest.starts_with('@') {
        requirement.other = true;
        // In a URL a marker begins with a blank before the semicolon.
        requirement.marker = rest.contains(" ;");
        return requirement;
    }
    let specifier = match rest.split_once(';') {
        Some((specifier, _)) => {
            requirement.marker = true;
            specifier
        }
        None => rest,
    };
    let specifier = specifier.trim();
    let specifier = specifier
        .strip_prefix('(')
        .and_then(|inner| inner.strip_suffix(')'))
        .unwrap_or(specifier)
        .trim();
    match specifier.strip_prefix("==").map(str::trim) {
        _ if specifier.is_empty() => {}
        Some(pin) if !pin.is_empty() && !pin.contains(['=', ',', '*', '$', ' ', '>', '<', '~']) => {
            requirement.pin = Some(pin.to_owned());
        }
        _ => requirement.other = true,
    }
    requirement
}

/// A name as PEP 503 normalises it.
pub(crate) fn normal_name(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for one in name.chars() {
        match one {
            '-' | '_' | '.' if normal.ends_with('-') => {}
            '-' | '_' | '.' => normal.push('-'),
            _ => normal.extend(one.to_lowercase()),
        }
    }
    normal
}

fn unsatisfied(requirement: &Requirement, version: Option<&str>) -> Option<String> {
    let name = &requirement.name;
    if requirement.other {
        return Some(format!("{name}: only a name or `==` can be compared"));
    }
    let Some(version) = version else {
        return Some(match requirement.marker {
            true => format!("{name} is not installed, and has a marker"),
            false => format!("{name} is not installed"),
        });
    };
    if !requirement.extras.is_empty() {
        return Some(format!(
            "{name}: whether the extra {} is installed cannot be told",
            requirement.extras.join(", ")
        ));
    }
    let pin = requirement.pin.as_deref()?;
    match version::matches(pin, version) {
        Some(true) => None,
        Some(false) => Some(format!("{name} is installed as {version}, not {pin}")),
        None => Some(format!("{name}: {version} and {pin} cannot be compared")),
    }
}

/// Joins the lines that end in a backslash. A comment line ends the joining,
/// as in pip (`join_lines`).
fn logical_lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut open: Option<String> = None;
    for line in text.trim_start_matches('\u{feff}').lines() {
        let comment = line.trim_start().starts_with('#');
        match (line.strip_suffix('\\').filter(|_| !comment), &mut open) {
            (Some(part), Some(whole)) => whole.push_str(part),
            (Some(part), None) => open = Some(part.to_owned()),
            (None, _) => {
                let mut whole = open.take().unwrap_or_default();
                if comment && !whole.is_empty() {
                    whole.push(' ');
                }
                whole.push_str(line);
                lines.push(whole);
            }
        }
    }
    lines.extend(open);
    lines
}

/// A `#` at the start or after a blank begins a comment (pip's `COMMENT_RE`).
fn without_comment(line: &str) -> &str {
    let mut before = ' ';
    for (at, one) in line.char_indices() {
        if one == '#' && before.is_whitespace() {
            return line.get(..at).unwrap_or(line);
        }
        before = one;
    }
    line
}

fn parse_line(line: &str) -> RequirementLine {
    for (names, make) in [
        (
            ["-r", "--requirement"],
            RequirementLine::Include as fn(String) -> RequirementLine,
        ),
        (["-c", "--constraint"], RequirementLine::Constraint),
    ] {
        if let Some(file) = names.iter().find_map(|name| option_value(line, name)) {
            return make(file.to_owned());
        }
    }
    if let Some(what) = option_value(line, "-e").or_else(|| option_value(line, "--editable")) {
        return RequirementLine::Requirement(Requirement {
            name: url_name(what),
            other: true,
            ..Requirement::default()
        });
    }
    match line.starts_with('-') {
        true => RequirementLine::Option(line.to_owned()),
        false => RequirementLine::Requirement(parse_requirement(line)),
    }
}

/// The value of `-r FILE`, `-rFILE`, `--requirement FILE` and
/// `--requirement=FILE`.
fn option_value<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let rest = line.strip_prefix(name)?;
    let value = match rest.strip_prefix('=') {
        Some(value) => value,
        None if rest.starts_with(char::is_whitespace) || !name.starts_with("--") => rest,
        None => return None,
    };
    Some(value.trim().trim_matches('"')).filter(|value| !value.is_empty())
}

/// Cuts what begins with ` --`: options of a single requirement.
fn without_options(text: &str) -> &str {
    match text.find(" --").into_iter().chain(text.find("\t--")).min() {
        Some(at) => text.get(..at).unwrap_or(text),
        None => text,
    }
}

/// The name in `#egg=name`, else the text.
fn url_name(text: &str) -> String {
    let egg = text
        .split_once("#egg=")
        .or_else(|| text.split_once("&egg="))
        .map(|(_, egg)| egg.split(['&', '[', ' ', ';']).next().unwrap_or(egg));
    match egg {
        Some(egg) if !egg.is_empty() => normal_name(egg),
        _ => text.to_owned(),
    }
}
