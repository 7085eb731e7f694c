//! Jobs, steps and defaults that are written in braces and brackets, written anew line by
//! line so that lines can be added among them. Values stay as they are written.

use crate::workflow::{Node, NodeKind, Text};

use super::Refusal;
use super::edit::Rewritten;
use super::geometry::{Geometry, is_alias};
use super::lines::{line_break, lines};

/// The lines of a part of the file, and what they become.
struct Part {
    first: usize,
    last: usize,
    new: Vec<String>,
}

/// Writes the named jobs in block style where they are not. Gives the text, and which lines
/// of it are new.
///
/// # Errors
/// Something in braces cannot be written line by line: an anchor, an alias, another key on
/// the same line.
pub(super) fn unfold(
    text: &str,
    root: &Node,
    jobs: &[&str],
) -> Result<(String, Vec<Rewritten>), Refusal> {
    let geometry = Geometry::new(text);
    let Some(all) = root.get("jobs") else {
        return Ok((text.to_owned(), Vec::new()));
    };
    if geometry.is_flow(root) || geometry.is_flow(all) {
        return Err(Refusal::new(
            all.span.start.line,
            "all jobs are written in braces; write each on lines of its own",
        ));
    }
    let mut parts = Vec::new();
    for name in jobs {
        let Some((id, job)) = all.entry(name) else {
            continue;
        };
        of_job(&geometry, id, job, &mut parts)?;
    }
    parts.sort_by_key(|part| part.first);
    parts.dedup_by_key(|part| part.first);
    Ok(made(text, &parts))
}

fn of_job(
    geometry: &Geometry<'_>,
    id: &Text,
    job: &Node,
    parts: &mut Vec<Part>,
) -> Result<(), Refusal> {
    if is_alias(id, job) {
        return Ok(());
    }
    if geometry.is_flow(job) {
        parts.push(part(geometry, id, job, map_lines(geometry, job, 2)?)?);
        return Ok(());
    }
    if let Some((key, defaults)) = job.entry("defaults") {
        let flow = geometry.is_flow(defaults)
            || defaults.get("run").is_some_and(|run| geometry.is_flow(run));
        if flow && !is_alias(key, defaults) {
            parts.push(part(
                geometry,
                key,
                defaults,
                map_lines(geometry, defaults, 2)?,
            )?);
        }
    }
    let Some((key, steps)) = job.entry("steps") else {
        return Ok(());
    };
    if is_alias(key, steps) {
        return Ok(());
    }
    if geometry.is_flow(steps) {
        parts.push(part(geometry, key, steps, list_lines(geometry, steps)?)?);
        return Ok(());
    }
    let NodeKind::Seq(items) = &steps.kind else {
        return Ok(());
    };
    for (item, (first, last)) in items.iter().zip(geometry.items(steps)) {
        if item.span.start.line < first || !geometry.is_flow(item) {
            continue;
        }
        let dash = " ".repeat(geometry.dash(steps).map_or(0, |(_, column)| column - 1));
        let mut new = item_lines(geometry, item)?;
        add_comment(geometry, item, &mut new);
        parts.push(Part {
            first,
            last,
            new: new
                .into_iter()
                .map(|line| format!("{dash}{line}"))
                .collect(),
        });
    }
    Ok(())
}

/// The lines of an entry, with its key.
fn part(
    geometry: &Geometry<'_>,
    key: &Text,
    value: &Node,
    inner: Vec<String>,
) -> Result<Part, Refusal> {
    let first = key.span.start.line;
    let line = geometry.line(first);
    let column = key.span.start.column.saturating_sub(1);
    if line.chars().take(column).any(|one| one != ' ') {
        return Err(Refusal::new(
            first,
            "this key stands behind something else on its line, and its value is written in braces",
        ));
    }
    let blank = " ".repeat(column);
    let mut new = vec![format!("{}:", key_text(key))];
    new.extend(inner.into_iter().map(|line| format!("  {line}")));
    add_comment(geometry, value, &mut new);
    Ok(Part {
        first,
        last: value.span.end.line.max(first),
        new: new
            .into_iter()
            .map(|line| format!("{blank}{line}"))
            .collect(),
    })
}

/// A comment behind the closing brace goes behind the first line.
fn add_comment(geometry: &Geometry<'_>, value: &Node, new: &mut [String]) {
    let line = geometry.line(value.span.end.line);
    let behind: String = line
        .chars()
        .skip(value.span.end.column.saturating_sub(1))
        .collect();
    if let (Some(first), Some(at)) = (new.first_mut(), behind.find('#')) {
        first.push_str("  ");
        first.push_str(behind.get(at..).unwrap_or_default());
    }
}

fn key_text(key: &Text) -> String {
    let plain = key
        .value
        .chars()
        .all(|one| one.is_alphanumeric() || "-_.".contains(one));
    if plain {
        key.value.clone()
    } else {
        format!("'{}'", key.value.replace('\'', "''"))
    }
}

/// A map line by line; maps and lists below it too, as far as lines will be added there.
fn map_lines(geometry: &Geometry<'_>, map: &Node, levels: usize) -> Result<Vec<String>, Refusal> {
    let NodeKind::Map(entries) = &map.kind else {
        return Err(Refusal::new(map.span.start.line, "this is no map"));
    };
    let mut new = Vec::new();
    for (key, value) in entries {
        let name = key_text(key);
        let inner = match (&value.kind, key.value.as_str()) {
            (NodeKind::Seq(_), "steps") if geometry.is_flow(value) => {
                Some(list_lines(geometry, value)?)
            }
            (NodeKind::Map(inner), "defaults" | "run") if levels > 0 && !inner.is_empty() => {
                Some(map_lines(geometry, value, levels - 1)?)
            }
            _ => None,
        };
        match inner {
            Some(inner) => {
                new.push(format!("{name}:"));
                new.extend(inner.into_iter().map(|line| format!("  {line}")));
            }
            None => new.push(
                format!("{name}: {}", value_text(geometry, key, value)?)
                    .trim_end()
                    .to_owned(),
            ),
        }
    }
    Ok(new)
}

fn list_lines(geometry: &Geometry<'_>, list: &Node) -> Result<Vec<String>, Refusal> {
    let NodeKind::Seq(items) = &list.kind else {
        return Err(Refusal::new(list.span.start.line, "this is no list"));
    };
    let mut new = Vec::new();
    let mut before = list.span.start.offset;
    for item in items {
        if item.span.start.offset < before {
            return Err(alias(list.span.start.line));
        }
        before = item.span.end.offset;
        new.extend(item_lines(geometry, item)?);
    }
    Ok(new)
}

fn item_lines(geometry: &Geometry<'_>, item: &Node) -> Result<Vec<String>, Refusal> {
    let inner = map_lines(geometry, item, 0)?;
    Ok(inner
        .into_iter()
        .enumerate()
        .map(|(index, line)| format!("{}{line}", if index == 0 { "- " } else { "  " }))
        .collect())
}

/// A value as it is written.
fn value_text(geometry: &Geometry<'_>, key: &Text, value: &Node) -> Result<String, Refusal> {
    if is_alias(key, value) {
        return Err(alias(key.span.start.line));
    }
    if value.kind == NodeKind::Null && value.span == key.span {
        return Ok(String::new());
    }
    let text = geometry.slice(value);
    if text.contains(['\n', '\r']) {
        return Err(Refusal::new(
            value.span.start.line,
            "a value in braces goes over several lines",
        ));
    }
    Ok(text.to_owned())
}

fn alias(line: usize) -> Refusal {
    Refusal::new(line, "what is written in braces holds an alias")
}

/// The text with its parts exchanged.
fn made(text: &str, parts: &[Part]) -> (String, Vec<Rewritten>) {
    let end = line_break(text);
    let original = lines(text);
    let (mut made, mut rewritten, mut number) = (String::new(), Vec::new(), 1);
    let mut index = 0;
    while let Some(line) = original.get(index) {
        let Some(part) = parts.iter().find(|part| part.first == index + 1) else {
            made.push_str(line.text);
            made.push_str(line.end);
            number += 1;
            index += 1;
            continue;
        };
        let before = original.get(index..part.last).unwrap_or_default();
        for line in &part.new {
            made.push_str(line);
            made.push_str(end);
        }
        rewritten.push(Rewritten {
            first: number,
            count: part.new.len(),
            before: before.iter().map(|line| line.text.to_owned()).collect(),
            unended: before.last().is_some_and(|line| line.end.is_empty()),
        });
        number += part.new.len();
        index = part.last;
    }
    (made, rewritten)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]

    use super::unfold;
    use crate::workflow::parse_yaml;

    fn unfolded(text: &str) -> Result<String, String> {
        let root = parse_yaml(text).unwrap_or_else(|problems| panic!("{problems:?}"));
        unfold(text, &root, &["t"])
            .map(|(text, _)| {
                let again =
                    parse_yaml(&text).unwrap_or_else(|problems| panic!("{problems:?}\n{text}"));
                assert_eq!(again.get("jobs").map(|_| ()), Some(()));
                text
            })
            .map_err(|refusal| refusal.message)
    }

    #[test]
    fn what_is_in_braces_is_written_line_by_line() {
        let text = "on: push\njobs:\n  t: {runs-on: ubuntu-latest, steps: [{uses: a/b@v1, with: {x: 'y, z'}}, {run: \"a: b\"}]} # why\n  u: {a: b}\n";
        assert_eq!(
            unfolded(text).as_deref(),
            Ok(
                "on: push\njobs:\n  t:  # why\n    runs-on: ubuntu-latest\n    steps:\n      - uses: a/b@v1\n        with: {x: 'y, z'}\n      - run: \"a: b\"\n  u: {a: b}\n"
            )
        );
    }

    #[test]
    fn steps_and_defaults_alone_too() {
        let text = "jobs:\n  t:\n    defaults: {run: {working-directory: x}}\n    steps:\n    - {run: a, shell: sh}\n    - run: b\n";
        assert_eq!(
            unfolded(text).as_deref(),
            Ok(
                "jobs:\n  t:\n    defaults:\n      run:\n        working-directory: x\n    steps:\n    - run: a\n      shell: sh\n    - run: b\n"
            )
        );
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for (text, why) in [
            ("jobs: {t: {steps: []}}\n", "all jobs are written in braces"),
            ("x: &x 1\njobs:\n  t: {a: *x}\n", "holds an alias"),
            ("jobs:\n  t: {a: \"b\n    c\"}\n", "several lines"),
        ] {
            let found = unfolded(text);
            assert!(
                found.as_ref().is_err_and(|found| found.contains(why)),
                "{found:?}"
            );
        }
    }
}
