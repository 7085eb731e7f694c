//! Options of pytest and coverage.py that stand in configuration files.
//!
//! pytest documentation, "Configuration": `pyproject.toml`, `pytest.toml`,
//! `pytest.ini`, `tox.ini`, `setup.cfg`. coverage.py documentation,
//! "Configuration reference": `.coveragerc`, `setup.cfg`, `tox.ini`,
//! `pyproject.toml`. Which file counts when several are there is the caller's
//! concern.

use toml::{Table, Value};

use crate::plan::script::base_name;

/// Where coverage.py writes its reports, as configured.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct CoveragePaths {
    /// `[xml] output`.
    pub(crate) xml: Option<String>,
    /// `[html] directory`.
    pub(crate) html: Option<String>,
    /// `[lcov] output`.
    pub(crate) lcov: Option<String>,
    /// `[json] output`.
    pub(crate) json: Option<String>,
}

/// The `addopts` of pytest in a configuration file, as one line for
/// `script::split`. `None` when the file has none or is of no known name.
pub(crate) fn addopts_of(file_name: &str, text: &str) -> Option<String> {
    match base_name(file_name) {
        "pyproject.toml" => {
            let table = toml_of(text)?;
            toml_at(&table, &["tool", "pytest", "ini_options", "addopts"])
                .or_else(|| toml_at(&table, &["tool", "pytest", "addopts"]))
                .and_then(options)
        }
        "pytest.toml" | ".pytest.toml" => {
            toml_at(&toml_of(text)?, &["pytest", "addopts"]).and_then(options)
        }
        "pytest.ini" | ".pytest.ini" | "tox.ini" => ini_value(text, &["pytest"], "addopts"),
        "setup.cfg" => ini_value(text, &["tool:pytest"], "addopts"),
        _ => None,
    }
}

/// `fail_under` of coverage.py in per cent, and the `precision` to which the
/// total is rounded before it is compared (default 0).
pub(crate) fn fail_under_of(file_name: &str, text: &str) -> Option<(f64, u8)> {
    let percent: f64 = coverage_value(file_name, text, "report", "fail_under")?
        .parse()
        .ok()?;
    if !(0.0..=100.0).contains(&percent) {
        return None;
    }
    let precision = coverage_value(file_name, text, "report", "precision")
        .and_then(|precision| precision.parse().ok())
        .unwrap_or(0);
    Some((percent, precision))
}

/// The paths of coverage.py's reports in a configuration file.
pub(crate) fn coverage_paths_of(file_name: &str, text: &str) -> CoveragePaths {
    let value = |section, key| {
        coverage_value(file_name, text, section, key).filter(|value| !value.is_empty())
    };
    CoveragePaths {
        xml: value("xml", "output"),
        html: value("html", "directory"),
        lcov: value("lcov", "output"),
        json: value("json", "output"),
    }
}

/// The entries of coverage.py's `[paths]`: the values of each in order, the place where
/// the files are first.
pub(crate) fn path_aliases_of(file_name: &str, text: &str) -> Vec<Vec<String>> {
    match base_name(file_name) {
        name if name.ends_with(".toml") => {
            let table = toml_of(text);
            let entries = table
                .as_ref()
                .and_then(|table| toml_at(table, &["tool", "coverage", "paths"]))
                .and_then(Value::as_table);
            let values = entries.into_iter().flat_map(Table::values);
            values
                .filter_map(Value::as_array)
                .map(|list| {
                    let texts = list.iter().filter_map(Value::as_str);
                    texts.map(ToOwned::to_owned).collect()
                })
                .collect()
        }
        "setup.cfg" | "tox.ini" => ini_lists(text, &["coverage:paths"]),
        _ => ini_lists(text, &["coverage:paths", "paths"]),
    }
}

/// The values of all keys of a section, each split at commas and line ends.
fn ini_lists(text: &str, sections: &[&str]) -> Vec<Vec<String>> {
    let mut lists: Vec<Vec<String>> = Vec::new();
    let mut in_section = false;
    for line in text.trim_start_matches('\u{feff}').lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        let indented = line.starts_with([' ', '\t']);
        let value = if let (false, Some(rest)) = (indented, trimmed.strip_prefix('[')) {
            let name = rest.split(']').next().unwrap_or_default();
            in_section = sections.contains(&name.trim());
            continue;
        } else if !in_section {
            continue;
        } else if indented && !lists.is_empty() {
            trimmed
        } else if let Some((_, value)) = trimmed.split_once(['=', ':']) {
            lists.push(Vec::new());
            value
        } else {
            continue;
        };
        if let Some(list) = lists.last_mut() {
            let values = value.split(',').map(str::trim);
            list.extend(values.filter(|one| !one.is_empty()).map(ToOwned::to_owned));
        }
    }
    lists
}

/// A setting of coverage.py. Files of another name than those that are shared
/// with other tools are read like `.coveragerc`, where sections may have the
/// prefix `coverage:` or not.
fn coverage_value(file_name: &str, text: &str, section: &str, key: &str) -> Option<String> {
    let prefixed = format!("coverage:{section}");
    match base_name(file_name) {
        name if name.ends_with(".toml") => {
            match toml_at(&toml_of(text)?, &["tool", "coverage", section, key])? {
                Value::String(text) => Some(text.clone()),
                Value::Integer(number) => Some(number.to_string()),
                Value::Float(number) => Some(number.to_string()),
                _ => None,
            }
        }
        "setup.cfg" | "tox.ini" => ini_value(text, &[&prefixed], key),
        _ => ini_value(text, &[&prefixed, section], key),
    }
}

fn toml_of(text: &str) -> Option<Table> {
    text.trim_start_matches('\u{feff}').parse().ok()
}

fn toml_at<'a>(table: &'a Table, path: &[&str]) -> Option<&'a Value> {
    let (last, tables) = path.split_last()?;
    let mut table = table;
    for name in tables {
        table = table.get(*name)?.as_table()?;
    }
    table.get(*last)
}

/// A string of options, or a list with one option each.
fn options(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.lines().collect::<Vec<_>>().join(" ")),
        Value::Array(list) => Some(
            list.iter()
                .filter_map(Value::as_str)
                .map(quoted)
                .collect::<Vec<_>>()
                .join(" "),
        ),
        _ => None,
    }
}

/// The word so that `script::split` gives it back.
fn quoted(word: &str) -> String {
    if word.is_empty() || word.contains(|one: char| one.is_whitespace() || "'\"\\".contains(one)) {
        format!("'{}'", word.replace('\'', "'\"'\"'"))
    } else {
        word.to_owned()
    }
}

/// The value of a key in the first of the sections that has it; lines of a
/// value are joined by blanks (Python's `configparser` and `iniconfig`: a line
/// that is indented continues the value; comments have lines of their own).
fn ini_value(text: &str, sections: &[&str], key: &str) -> Option<String> {
    sections
        .iter()
        .find_map(|section| ini_value_in(text, section, key))
}

fn ini_value_in(text: &str, section: &str, key: &str) -> Option<String> {
    let mut value: Option<String> = None;
    let mut in_section = false;
    let mut in_value = false;
    for line in text.trim_start_matches('\u{feff}').lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if in_value && line.starts_with([' ', '\t']) {
            if let Some(value) = &mut value {
                value.push(' ');
                value.push_str(trimmed);
            }
            continue;
        }
        in_value = false;
        if let Some(name) = trimmed
            .strip_prefix('[')
            .and_then(|rest| rest.split(']').next())
        {
            in_section = name.trim() == section;
        } else if in_section
            && let Some((name, rest)) = trimmed.split_once(['=', ':'])
            && name.trim().eq_ignore_ascii_case(key)
        {
            value = Some(rest.trim().to_owned());
            in_value = true;
        }
    }
    value.map(|value| value.trim().to_owned())
}
