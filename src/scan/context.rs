//! The rules of the build context: what a `.dockerignore` lets through.

use super::finding::{FilePlace, Finding, Place, Severity};
use super::rule::Rule;
use crate::image::ignore::Ignore;

/// Something in the repository that does not belong into an image.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Unwanted {
    /// Its path from the root of the context, with `/`.
    pub(crate) path: String,
    /// What it is.
    pub(crate) kind: UnwantedKind,
}

/// What does not belong into an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum UnwantedKind {
    /// The history of the repository.
    History,
    /// A virtual environment, or installed packages.
    Installed,
    /// A file that mostly holds secrets.
    Secrets,
}

/// Names of files that mostly hold secrets.
const SECRET_NAMES: [&str; 9] = [
    ".env",
    ".netrc",
    ".pypirc",
    ".npmrc",
    ".git-credentials",
    "id_rsa",
    "id_ed25519",
    "credentials.json",
    ".htpasswd",
];

/// What a file or folder of this name is, where that is told by its name.
pub(crate) fn kind_of(name: &str, is_dir: bool) -> Option<UnwantedKind> {
    match (name, is_dir) {
        (".git", _) => Some(UnwantedKind::History),
        ("node_modules" | ".venv" | ".tox" | ".nox", true) => Some(UnwantedKind::Installed),
        // Examples are written to be read by everybody.
        _ if !is_dir
            && (SECRET_NAMES.contains(&name)
                || (name.starts_with(".env.") && !is_example(name))) =>
        {
            Some(UnwantedKind::Secrets)
        }
        _ => None,
    }
}

fn is_example(name: &str) -> bool {
    ["example", "sample", "template", "dist", "test", "defaults"]
        .iter()
        .any(|word| name.ends_with(word))
}

/// Looks at the ignore file of a build: its path and text, where there is one.
pub(crate) fn check(
    ignore: Option<(&str, &str)>,
    dockerfile: &str,
    unwanted: &[Unwanted],
) -> Vec<Finding> {
    let Some((path, text)) = ignore else {
        let there = list(unwanted.iter().map(|one| one.path.as_str()));
        let mut message = "there is no `.dockerignore`".to_owned();
        if !there.is_empty() {
            message.push_str(&format!(", so the build sees {there}"));
        }
        let place = Place::File(FilePlace::line(dockerfile, 0));
        return vec![Finding {
            severity: worst(unwanted.iter()),
            ..Finding::new(Rule::NoDockerignore, place, message)
        }];
    };
    let read = Ignore::parse(text);
    let mut findings: Vec<Finding> = read
        .problems()
        .iter()
        .map(|problem| {
            let place = Place::File(FilePlace::line(path, problem.line));
            let message = format!("Docker refuses this line: {}", problem.message);
            Finding::new(Rule::LeakyDockerignore, place, message)
        })
        .collect();
    let through: Vec<&Unwanted> = unwanted
        .iter()
        .filter(|one| !read.is_ignored(&one.path, false))
        .collect();
    if !through.is_empty() {
        let names = list(through.iter().map(|one| one.path.as_str()));
        let place = Place::File(FilePlace::line(path, 0));
        findings.push(Finding {
            severity: worst(through.into_iter()),
            ..Finding::new(
                Rule::LeakyDockerignore,
                place,
                format!("the build sees {names}"),
            )
        });
    }
    findings
}

/// A file of secrets is graver than what only makes an image large.
fn worst<'a>(mut unwanted: impl Iterator<Item = &'a Unwanted>) -> Severity {
    if unwanted.any(|one| one.kind == UnwantedKind::Secrets) {
        Severity::High
    } else {
        Severity::Medium
    }
}

/// Names that are listed.
const NAMED: usize = 5;

/// `a`, `b` and 4 more.
pub(crate) fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    let more = names.len().saturating_sub(NAMED);
    let shown: Vec<String> = names
        .iter()
        .take(NAMED)
        .map(|name| format!("`{name}`"))
        .collect();
    match more {
        0 => shown.join(", "),
        _ => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unwanted(paths: &[&str]) -> Vec<Unwanted> {
        paths
            .iter()
            .map(|path| Unwanted {
                path: (*path).to_owned(),
                kind: kind_of(
                    path.rsplit('/').next().unwrap_or(path),
                    !path.contains("env."),
                )
                .or_else(|| kind_of(path.rsplit('/').next().unwrap_or(path), false))
                .unwrap_or(UnwantedKind::Installed),
            })
            .collect()
    }

    #[test]
    fn what_is_let_through_is_named() {
        let there = unwanted(&[".git", ".venv", "api/.env"]);
        let found = check(None, "Dockerfile.test", &there);
        assert_eq!(found[0].rule, Rule::NoDockerignore);
        assert_eq!(
            found[0].message,
            "there is no `.dockerignore`, so the build sees `.git`, `.venv`, `api/.env`"
        );
        // `.env` is matched at the root only.
        let found = check(Some((".dockerignore", ".git\n.venv/\n.env\n")), "D", &there);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].message, "the build sees `api/.env`");
        assert_eq!(found[0].severity, Severity::High);
        assert_eq!(check(Some((".dockerignore", "**/.*\n")), "D", &there), []);
        let found = check(Some((".dockerignore", "*\n[\n")), "D", &there);
        assert!(found[0].message.starts_with("Docker refuses this line"));
    }

    #[test]
    fn names_tell_what_does_not_belong() {
        assert_eq!(kind_of(".env", false), Some(UnwantedKind::Secrets));
        assert_eq!(kind_of(".env.local", false), Some(UnwantedKind::Secrets));
        assert_eq!(kind_of(".env.example", false), None);
        assert_eq!(kind_of("env", true), None);
        assert_eq!(kind_of("node_modules", true), Some(UnwantedKind::Installed));
    }
}
