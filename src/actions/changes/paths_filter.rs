//! `dorny/paths-filter`.

use globset::GlobMatcher;

use super::{Change, Changes, Status, find};
use crate::actions::{Call, Done, glob};
use crate::workflow::{Node, NodeKind, parse_yaml};

/// One line of a filter.
struct Rule {
    /// Ways of changing that count; empty for all.
    statuses: Vec<Status>,
    negated: bool,
    glob: GlobMatcher,
}

impl Rule {
    fn matches(&self, change: &Change) -> bool {
        (self.statuses.is_empty() || self.statuses.contains(&change.status))
            && self.glob.is_match(&change.path) != self.negated
    }
}

pub(in crate::actions) async fn run(call: &Call<'_>) -> Done {
    let every = match call.input("predicate-quantifier") {
        "every" => true,
        "some" => false,
        other => {
            return Done::failed(format!(
                "Input parameter 'predicate-quantifier' is set to invalid value '{other}'. Valid values: every, some"
            ));
        }
    };
    let listing = call.input("list-files");
    let text = call.input("filters");
    // A single line without a colon names a file.
    let text = if text.lines().count() == 1 && !text.contains(':') {
        match call.read(text).await {
            Ok(Some(found)) => found,
            Ok(None) => return Done::failed(format!("Filters file '{text}' does not exist")),
            Err(done) => return done,
        }
    } else {
        text.to_owned()
    };
    let filters = match filters(&text) {
        Ok(filters) => filters,
        Err(message) => return Done::failed(format!("Invalid filter: {message}")),
    };
    let Changes {
        files,
        since,
        notice,
    } = match find(call, call.input("base"), false).await {
        Ok(changes) => changes,
        Err(message) => return Done::failed(message),
    };
    call.say(&format!("{} files changed since {since}", files.len()));
    let mut done = Done {
        notices: notice.into_iter().collect(),
        ..Done::default()
    };
    let mut changed = Vec::new();
    for (name, rules) in &filters {
        let hits: Vec<&str> = files
            .iter()
            .filter(|change| {
                if every {
                    rules.iter().all(|rule| rule.matches(change))
                } else {
                    rules.iter().any(|rule| rule.matches(change))
                }
            })
            .map(|change| change.path.as_str())
            .collect();
        call.say(&format!("filter {name} = {}", !hits.is_empty()));
        done.output(name, (!hits.is_empty()).to_string());
        done.output(&format!("{name}_count"), hits.len().to_string());
        match list(listing, &hits) {
            Ok(Some(text)) => done.output(&format!("{name}_files"), text),
            Ok(None) => {}
            Err(message) => return Done::failed(message),
        }
        if !hits.is_empty() {
            changed.push(name.clone());
        }
    }
    done.output("changes", serde_json::json!(changed).to_string());
    done
}

/// The files of a filter as `list-files` wants them.
fn list(how: &str, files: &[&str]) -> Result<Option<String>, String> {
    let harmless = |file: &str| {
        file.chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-./".contains(c))
    };
    Ok(Some(match how {
        "" | "none" => return Ok(None),
        "json" => serde_json::json!(files).to_string(),
        "csv" => files
            .iter()
            .map(|file| {
                if file.contains([',', '"', '\n']) {
                    format!("\"{}\"", file.replace('"', "\"\""))
                } else {
                    (*file).to_owned()
                }
            })
            .collect::<Vec<_>>()
            .join(","),
        "shell" => files
            .iter()
            .map(|file| {
                if harmless(file) {
                    (*file).to_owned()
                } else {
                    crate::actions::script::quoted(file)
                }
            })
            .collect::<Vec<_>>()
            .join(" "),
        "escape" => files
            .iter()
            .map(|file| {
                file.chars()
                    .flat_map(|c| {
                        let plain = c.is_ascii_alphanumeric() || "_-./:=@,".contains(c);
                        (!plain).then_some('\\').into_iter().chain([c])
                    })
                    .collect::<String>()
            })
            .collect::<Vec<_>>()
            .join(" "),
        other => {
            return Err(format!(
                "Input parameter 'list-files' is set to invalid value '{other}'"
            ));
        }
    }))
}

/// Reads the filters: a map of names to patterns.
fn filters(text: &str) -> Result<Vec<(String, Vec<Rule>)>, String> {
    let root = parse_yaml(text).map_err(|problems| {
        problems
            .first()
            .map_or_else(String::new, |problem| problem.message.clone())
    })?;
    let NodeKind::Map(entries) = root.kind else {
        return Err("Root element is not an object".to_owned());
    };
    let mut found = Vec::new();
    for (name, node) in &entries {
        let mut rules = Vec::new();
        collect(node, &[], &mut rules)?;
        found.push((name.value.clone(), rules));
    }
    Ok(found)
}

/// A pattern, a list of them (anchors nest lists), or patterns by way of changing.
fn collect(node: &Node, statuses: &[Status], rules: &mut Vec<Rule>) -> Result<(), String> {
    match &node.kind {
        NodeKind::Seq(items) => items
            .iter()
            .try_for_each(|item| collect(item, statuses, rules)),
        NodeKind::Map(entries) => entries.iter().try_for_each(|(key, node)| {
            let statuses = key
                .value
                .split('|')
                .map(|word| match word.trim() {
                    "added" => Ok(Status::Added),
                    "modified" => Ok(Status::Modified),
                    "deleted" => Ok(Status::Deleted),
                    "renamed" => Ok(Status::Renamed),
                    other => Err(format!("`{other}` is no way of changing")),
                })
                .collect::<Result<Vec<_>, _>>()?;
            collect(node, &statuses, rules)
        }),
        _ => {
            let text = node.scalar_text().ok_or("a pattern is missing")?;
            let (negated, pattern) = match text.strip_prefix('!') {
                Some(rest) => (true, rest),
                None => (false, text.as_str()),
            };
            rules.push(Rule {
                statuses: statuses.to_vec(),
                negated,
                glob: glob::compile(pattern)
                    .map_err(|error| format!("the pattern `{pattern}`: {error}"))?,
            });
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{Change, Status, filters, list};

    #[test]
    fn filters_are_read_in_all_their_forms() {
        let found = filters(
            "shared: &shared\n  - common/**\n\
             src:\n  - *shared\n  - src/**/*.py\n\
             new:\n  - added|modified: 'docs/**'\n\
             one: '*.md'\n\
             rest:\n  - '!docs/**'\n",
        )
        .unwrap();
        let hits = |path: &str, status| -> Vec<&str> {
            let change = Change {
                path: path.to_owned(),
                status,
            };
            found
                .iter()
                .filter(|(_, rules)| rules.iter().any(|rule| rule.matches(&change)))
                .map(|(name, _)| name.as_str())
                .collect()
        };
        assert_eq!(
            hits("common/a/b", Status::Modified),
            ["shared", "src", "rest"]
        );
        assert_eq!(hits("src/a.py", Status::Deleted), ["src", "rest"]);
        assert_eq!(hits("docs/x", Status::Added), ["new"]);
        assert_eq!(hits("docs/x", Status::Deleted), Vec::<&str>::new());
        assert_eq!(hits("README.md", Status::Added), ["one", "rest"]);
        assert!(filters("- a\n").is_err());
        assert!(filters("a:\n  - moved: x\n").is_err());
    }

    #[test]
    fn files_are_listed_as_asked() {
        let files = ["a b.py", "c.py"];
        for (how, text) in [
            ("json", r#"["a b.py","c.py"]"#),
            ("csv", "a b.py,c.py"),
            ("shell", "'a b.py' c.py"),
            ("escape", "a\\ b.py c.py"),
        ] {
            assert_eq!(list(how, &files).unwrap().unwrap(), text);
        }
        assert_eq!(list("none", &files).unwrap(), None);
        assert!(list("xml", &files).is_err());
    }
}
