//! `tj-actions/changed-files`.

use globset::GlobMatcher;

use super::{Change, Status, find};
use crate::actions::{Call, Done, glob};
use crate::workflow::{Node, NodeKind, parse_yaml};

/// Inputs that choose files in ways that there are none of here: without them the
/// answer would be wrong.
const UNSUPPORTED: [&str; 8] = [
    "dir_names",
    "files_from_source_file",
    "files_ignore_from_source_file",
    "files_yaml_from_source_file",
    "files_ignore_yaml",
    "since",
    "until",
    "path",
];

/// Which files are asked for.
struct Wanted {
    takes: Vec<GlobMatcher>,
    leaves: Vec<GlobMatcher>,
}

impl Wanted {
    fn read<'a>(
        files: impl Iterator<Item = &'a str>,
        ignored: impl Iterator<Item = &'a str>,
    ) -> Result<Self, String> {
        let mut wanted = Self {
            takes: Vec::new(),
            leaves: Vec::new(),
        };
        let compile = |pattern: &str| {
            glob::compile(pattern).map_err(|error| format!("the pattern `{pattern}`: {error}"))
        };
        for line in files.map(str::trim).filter(|line| !line.is_empty()) {
            match line.strip_prefix('!') {
                Some(rest) => wanted.leaves.push(compile(rest)?),
                None => wanted.takes.push(compile(line)?),
            }
        }
        for line in ignored.map(str::trim).filter(|line| !line.is_empty()) {
            wanted.leaves.push(compile(line)?);
        }
        Ok(wanted)
    }

    fn matches(&self, path: &str) -> bool {
        (self.takes.is_empty() || self.takes.iter().any(|glob| glob.is_match(path)))
            && !self.leaves.iter().any(|glob| glob.is_match(path))
    }
}

/// How lists of files are written.
struct Form<'a> {
    json: bool,
    escaped: bool,
    separator: &'a str,
}

impl Form<'_> {
    fn list(&self, files: &[&str]) -> String {
        if !self.json {
            return files.join(self.separator);
        }
        let text = serde_json::json!(files).to_string();
        if self.escaped {
            text.replace('"', "\\\"")
        } else {
            text
        }
    }
}

pub(in crate::actions) async fn run(call: &Call<'_>) -> Done {
    let given = |name: &str| {
        call.with.iter().any(|(key, value)| {
            key.eq_ignore_ascii_case(name) && !matches!(value.trim(), "" | "false" | ".")
        })
    };
    if let Some(name) = UNSUPPORTED.iter().find(|name| given(name)) {
        return Done::failed(format!(
            "the input `{name}` of changed-files is not supported: name the files in `files` or `files_yaml`"
        ));
    }
    let matrix = given("matrix");
    let form = Form {
        json: call.flag("json") || matrix,
        escaped: call.flag("escape_json") && !matrix,
        separator: call.with_raw("separator").unwrap_or(" "),
    };
    let changes = match find(call, call.input("base_sha"), true).await {
        Ok(changes) => changes,
        Err(message) => return Done::failed(message),
    };
    call.say(&format!(
        "{} files changed since {}",
        changes.files.len(),
        changes.since
    ));
    let mut done = Done {
        notices: changes.notice.into_iter().collect(),
        ..Done::default()
    };
    let split = |name: &str, separator: &str| -> Vec<String> {
        let separator = call.with_raw(separator).unwrap_or("\n");
        call.input(name)
            .split(separator)
            .map(ToOwned::to_owned)
            .collect()
    };
    let files = split("files", "files_separator");
    let ignored = split("files_ignore", "files_ignore_separator");
    let groups = match groups(call, &files, &ignored) {
        Ok(groups) => groups,
        Err(message) => return Done::failed(message),
    };
    for (prefix, wanted) in &groups {
        outputs(&changes.files, wanted, prefix, &form, &mut done);
    }
    done
}

/// The groups of files that outputs are asked for: one without a name, and those
/// of `files_yaml`.
fn groups(
    call: &Call<'_>,
    files: &[String],
    ignored: &[String],
) -> Result<Vec<(String, Wanted)>, String> {
    let own = Wanted::read(
        files.iter().map(String::as_str),
        ignored.iter().map(String::as_str),
    )?;
    let yaml = call.input("files_yaml");
    let mut found = vec![(String::new(), own)];
    if yaml.is_empty() {
        return Ok(found);
    }
    let root = parse_yaml(yaml).map_err(|problems| {
        problems
            .first()
            .map_or_else(String::new, |problem| problem.message.clone())
    })?;
    let NodeKind::Map(entries) = root.kind else {
        return Err("`files_yaml` is not a map".to_owned());
    };
    for (name, node) in &entries {
        let lines: Vec<String> = match &node.kind {
            NodeKind::Seq(items) => items.iter().filter_map(Node::scalar_text).collect(),
            _ => node
                .scalar_text()
                .unwrap_or_default()
                .lines()
                .map(ToOwned::to_owned)
                .collect(),
        };
        let wanted = Wanted::read(lines.iter().map(String::as_str), std::iter::empty())?;
        found.push((format!("{}_", name.value), wanted));
    }
    Ok(found)
}

fn outputs(all: &[Change], wanted: &Wanted, prefix: &str, form: &Form<'_>, done: &mut Done) {
    let of = |statuses: &[Status]| -> (Vec<&str>, Vec<&str>) {
        all.iter()
            .filter(|change| statuses.contains(&change.status))
            .map(|change| change.path.as_str())
            .partition(|path| wanted.matches(path))
    };
    let mut put = |name: &str, value: String| done.output(&format!("{prefix}{name}"), value);
    for (name, status) in [
        ("added_files", Status::Added),
        ("modified_files", Status::Modified),
        ("deleted_files", Status::Deleted),
        ("renamed_files", Status::Renamed),
    ] {
        let (files, _) = of(&[status]);
        put(&format!("{name}_count"), files.len().to_string());
        put(name, form.list(&files));
    }
    let changed = [Status::Added, Status::Modified, Status::Renamed];
    let modified = [
        Status::Added,
        Status::Modified,
        Status::Renamed,
        Status::Deleted,
    ];
    for (word, list, statuses) in [
        ("changed", "all_changed_files", &changed[..]),
        ("modified", "all_modified_files", &modified[..]),
        ("deleted", "", &[Status::Deleted]),
    ] {
        let (files, others) = of(statuses);
        if !list.is_empty() {
            put(&format!("{list}_count"), files.len().to_string());
            put(list, form.list(&files));
        }
        put(&format!("any_{word}"), (!files.is_empty()).to_string());
        put(
            &format!("only_{word}"),
            (!files.is_empty() && others.is_empty()).to_string(),
        );
        put(&format!("other_{word}_files"), form.list(&others));
    }
    put(
        "all_changed_and_modified_files",
        form.list(&of(&modified).0),
    );
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn outputs_tell_what_changed() {
        let change = |path: &str, status| Change {
            path: path.to_owned(),
            status,
        };
        let all = [
            change("docs/a.md", Status::Modified),
            change("src/a.py", Status::Added),
            change("src/b.py", Status::Deleted),
        ];
        let wanted =
            Wanted::read(["src/**", "!src/gen/**"].into_iter(), std::iter::empty()).unwrap();
        let form = Form {
            json: true,
            escaped: true,
            separator: " ",
        };
        let mut done = Done::default();
        outputs(&all, &wanted, "py_", &form, &mut done);
        let get = |name: &str| {
            let found = done.outputs.iter().find(|(key, _)| key == name);
            found.unwrap().1.clone()
        };
        assert_eq!(get("py_any_changed"), "true");
        assert_eq!(get("py_only_changed"), "false");
        assert_eq!(get("py_all_changed_files"), r#"[\"src/a.py\"]"#);
        assert_eq!(get("py_all_modified_files_count"), "2");
        assert_eq!(get("py_other_changed_files"), r#"[\"docs/a.md\"]"#);
        assert_eq!(get("py_only_deleted"), "true");
    }
}
