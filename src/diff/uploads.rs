//! Actions and their inputs, above all those that keep or publish what tests left.

use super::finding::{Finding, Topic, Verdict};
use super::item::topic;
use super::read::{Body, Item, Kind};
use super::text;
use super::triggers::arrow;
use crate::audit::Uses;

/// Inputs that name files to be kept: one a line, or separated by commas.
pub(super) const FILES: [&str; 12] = [
    "path",
    "file",
    "files",
    "directory",
    "report_paths",
    "path-to-lcov",
    "junit_files",
    "coverage-reports",
    "paths",
    "report-path",
    "sarif_file",
    "test_results",
];

/// Compares two actions that belong together.
pub(super) fn compare(old: &Item<'_>, new: &Item<'_>, found: &mut Vec<Finding>) {
    let (Body::Action(was), Body::Action(is)) = (&old.body, &new.body) else {
        return;
    };
    let topic = topic(old.kind);
    let count = found.len();
    if was.version != is.version {
        let message = format!("its version {}", arrow(Some(was.version), Some(is.version)));
        found.push(Finding::new(Verdict::Changed, topic, message));
    }
    let mut keys: Vec<String> = was
        .with
        .iter()
        .chain(is.with)
        .map(|(key, _)| key.value.to_ascii_lowercase())
        .collect();
    keys.sort();
    keys.dedup();
    for key in keys {
        let (before, after) = (was.input(&key), is.input(&key));
        if before.trim() != after.trim() {
            input(old.kind, &key, &before, &after, found);
        }
    }
    if found.len() == count {
        let message = match old.kind {
            Kind::Upload => "it keeps the same",
            _ => "it is used in the same way",
        };
        found.push(Finding::new(Verdict::Same, topic, message));
    }
}

/// One input that is another.
fn input(kind: Kind, key: &str, before: &str, after: &str, found: &mut Vec<Finding>) {
    let topic = topic(kind);
    if kind == Kind::Upload && FILES.contains(&key) {
        let (was, is) = (list(before), list(after));
        let gone: Vec<&String> = was
            .iter()
            .filter(|path| !path.starts_with('!') && !is.contains(path))
            .collect();
        let out: Vec<&String> = is
            .iter()
            .filter(|path| path.starts_with('!') && !was.contains(path))
            .collect();
        let more: Vec<&String> = is
            .iter()
            .filter(|path| !path.starts_with('!') && !was.contains(path))
            .collect();
        if !gone.is_empty() && !covers(&is, &gone) {
            // Whether a report is lost by it is asked of the reports.
            let verdict = match more.is_empty() {
                true => Verdict::Lost,
                false => Verdict::Changed,
            };
            let message = format!("it does not keep {} any more", text::listed(&gone));
            found.push(Finding::new(verdict, topic, message));
        }
        if !out.is_empty() {
            let message = format!("it leaves out {} now", text::listed(&out));
            found.push(Finding::new(Verdict::Weakened, topic, message));
        }
        if !more.is_empty() {
            let message = format!("it keeps {} too", text::listed(&more));
            found.push(Finding::new(Verdict::Added, topic, message));
        }
        return;
    }
    let told = format!("`{key}` {}", arrow(Some(before), Some(after)));
    if key == "if-no-files-found" && strictness(after) < strictness(before) {
        let message = format!("{told}: that there is nothing to keep is no failure any more");
        found.push(Finding::new(Verdict::Weakened, topic, message));
        return;
    }
    let is_limit = [
        "threshold",
        "minimum",
        "min_coverage",
        "fail_under",
        "fail-below",
    ]
    .iter()
    .any(|part| key.contains(part));
    let number = |text: &str| text.trim().trim_end_matches('%').parse::<f64>().ok();
    let lower = match (number(before), number(after)) {
        (Some(before), Some(after)) => after < before,
        (Some(_), None) => after.trim().is_empty(),
        _ => false,
    };
    if is_limit && lower {
        found.push(Finding::new(Verdict::Weakened, Topic::Threshold, told));
        return;
    }
    let fails = key.contains("fail") || key.contains("require");
    if fails && before.trim() == "true" && matches!(after.trim(), "false" | "") {
        let message = format!("{told}: its failure does not count any more");
        found.push(Finding::new(Verdict::Weakened, Topic::Gate, message));
        return;
    }
    found.push(Finding::new(Verdict::Changed, topic, told));
}

/// The entries of a list of files.
pub(super) fn list(text: &str) -> Vec<String> {
    text.split(['\n', ','])
        .map(|entry| {
            entry
                .trim()
                .trim_start_matches("./")
                .trim_end_matches('/')
                .to_owned()
        })
        .filter(|entry| !entry.is_empty())
        .collect()
}

/// Whether patterns take in all of the paths.
fn covers(patterns: &[String], paths: &[&String]) -> bool {
    paths
        .iter()
        .all(|path| patterns.iter().any(|pattern| takes(pattern, path)))
}

/// Whether a pattern of files takes in a path. An expression stands for anything.
pub(super) fn takes(pattern: &str, path: &str) -> bool {
    let pattern = pattern.trim_start_matches("./").trim_end_matches('/');
    let path = path.trim_start_matches("./").trim_end_matches('/');
    if pattern == "." || pattern == path || path.starts_with(&format!("{pattern}/")) {
        return true;
    }
    let pattern = without_expressions(pattern, "*");
    let path = without_expressions(path, "x");
    let built = globset::GlobBuilder::new(&pattern)
        .literal_separator(true)
        .build();
    let Ok(glob) = built else {
        return false;
    };
    let matcher = glob.compile_matcher();
    let mut parts = path.as_str();
    loop {
        // A folder that matches is kept with all that is in it.
        if matcher.is_match(parts) {
            return true;
        }
        match parts.rsplit_once('/') {
            Some((folder, _)) => parts = folder,
            None => return false,
        }
    }
}

/// A text with something in place of its expressions and variables.
fn without_expressions(text: &str, instead: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("${{") {
        plain.push_str(before);
        plain.push_str(instead);
        rest = behind.split_once("}}").map_or("", |(_, rest)| rest);
    }
    plain.push_str(rest);
    plain
}

/// How strictly `if-no-files-found` asks; it warns where nothing is said.
fn strictness(text: &str) -> u8 {
    match text.trim() {
        "error" => 2,
        "ignore" => 0,
        _ => 1,
    }
}

/// The patterns of an action that keeps files.
pub(super) fn patterns(uses: &Uses<'_>) -> Vec<String> {
    FILES
        .iter()
        .flat_map(|key| list(&uses.input(key)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::takes;

    #[test]
    fn patterns_take_in_paths() {
        for (pattern, path, expected) in [
            ("reports/", "reports/junit.xml", true),
            ("./junit-*.xml", "junit-${{ matrix.python }}.xml", true),
            (
                "junit-${{ matrix.p }}.xml",
                "junit-${{ matrix.python }}.xml",
                true,
            ),
            ("**/junit.xml", "a/b/junit.xml", true),
            ("htmlcov", "htmlcov/index.html", true),
            ("reports/*", "reports/a/b.xml", true),
            ("*.xml", "reports/junit.xml", false),
            ("report", "reports", false),
        ] {
            assert_eq!(takes(pattern, path), expected, "{pattern} {path}");
        }
    }
}
