//! The `secrets` context: named on the command line, or in a file.

use std::collections::BTreeMap;
use std::path::Path;

use super::environment::Environment;
use super::error::{FileError, ValueError};
use super::flags::SecretFlag;
use crate::record::Cause;
use crate::workflow::{Mark, Problem, Span};

/// Names and values. Values are never shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Secrets(Vec<(String, String)>);

/// The names only.
impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}

impl Secrets {
    /// The secrets that the flags name, those of a file among them; a flag wins
    /// over the file.
    pub(super) fn gather(
        flags: &[SecretFlag],
        file: Vec<(String, String)>,
        environment: &Environment,
    ) -> Result<Self, ValueError> {
        let mut found: BTreeMap<String, String> = file.into_iter().collect();
        for flag in flags {
            if !is_name(&flag.name) {
                return Err(ValueError::new(
                    Cause::Usage,
                    format!("--secret: `{}` cannot be the name of a secret", flag.name),
                )
                .with_hint("expected NAME or NAME=VALUE, the name of letters, digits and `_`"));
            }
            let value = match &flag.value {
                Some(value) => value.clone(),
                None => environment.secret(&flag.name).ok_or_else(|| {
                    ValueError::new(
                        Cause::Usage,
                        format!("--secret {0}: there is no variable {0}", flag.name),
                    )
                    .with_hint(format!(
                        "set the variable, or put `{}=…` into a file for --secret-file",
                        flag.name
                    ))
                })?,
            };
            found.insert(flag.name.clone(), value);
        }
        Ok(Self(found.into_iter().collect()))
    }

    /// The pairs, sorted by name.
    pub(crate) fn into_pairs(self) -> Vec<(String, String)> {
        self.0
    }
}

/// Whether GitHub would accept the name of a secret.
fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

impl From<&str> for SecretFlag {
    /// Takes any text: what clap refuses it repeats, and the text may hold the
    /// value. [`Secrets::gather`] looks at the name.
    fn from(text: &str) -> Self {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (text, None),
        };
        Self {
            name: name.to_owned(),
            value,
        }
    }
}

/// Reads a file of lines `NAME=VALUE`: `#` begins a comment line, `export` before
/// the name and quotes around the value are taken off; between double quotes `\n`,
/// `\t`, `\"` and `\\` mean what they mean in most languages.
pub(super) fn read_file(path: &Path) -> Result<Vec<(String, String)>, FileError> {
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| FileError {
        file: file.clone(),
        text: String::new(),
        problems: vec![Problem::new(
            Span::default(),
            format!("the file of secrets cannot be read: {error}"),
        )],
    })?;
    // The text is not part of an error: its lines are secrets.
    parse(&text).map_err(|problems| FileError {
        file,
        text: String::new(),
        problems,
    })
}

fn parse(text: &str) -> Result<Vec<(String, String)>, Vec<Problem>> {
    let mut found = Vec::new();
    let mut problems = Vec::new();
    for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let pair = line.strip_prefix("export ").unwrap_or(line);
        let place = Mark {
            line: number + 1,
            column: 1,
            offset: 0,
        };
        let wrong = |message: &str| {
            Problem::new(
                Span {
                    start: place,
                    end: place,
                },
                message,
            )
            .with_hint("each line is NAME=VALUE, the name of letters, digits and `_`")
        };
        match pair.split_once('=') {
            Some((name, value)) if is_name(name.trim()) => match unquoted(value.trim()) {
                Some(value) => found.push((name.trim().to_owned(), value)),
                None => problems.push(wrong("a quote is not closed")),
            },
            _ => problems.push(wrong("this is not NAME=VALUE")),
        }
    }
    if problems.is_empty() {
        Ok(found)
    } else {
        Err(problems)
    }
}

/// The value without its quotes; `None` when only one of them is there.
fn unquoted(value: &str) -> Option<String> {
    if let Some(rest) = value.strip_prefix('\'') {
        return rest.strip_suffix('\'').map(ToOwned::to_owned);
    }
    let Some(rest) = value.strip_prefix('"') else {
        return Some(value.to_owned());
    };
    let mut plain = String::new();
    let mut characters = rest.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => return characters.next().is_none().then_some(plain),
            '\\' => match characters.next()? {
                'n' => plain.push('\n'),
                't' => plain.push('\t'),
                other @ ('"' | '\\') => plain.push(other),
                other => plain.extend(['\\', other]),
            },
            other => plain.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn files_of_secrets() {
        let text = "# tokens\n\nA=plain text # all of it\nexport B='sin\"gle'\nC=\"two\\nlines\\\"\"\r\nD=\n";
        let pairs = parse(text).unwrap();
        let pairs: Vec<(&str, &str)> = pairs
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(
            pairs,
            [
                ("A", "plain text # all of it"),
                ("B", "sin\"gle"),
                ("C", "two\nlines\""),
                ("D", ""),
            ]
        );
    }

    #[test]
    fn broken_lines_are_named_by_number_and_never_shown() {
        let problems = parse("A=1\nhunter2\n9B=hunter2\nC=\"hunter2\n").unwrap_err();
        let lines: Vec<usize> = problems
            .iter()
            .map(|problem| problem.span.start.line)
            .collect();
        assert_eq!(lines, [2, 3, 4]);
        assert!(!format!("{problems:?}").contains("hunter2"));
    }

    #[test]
    fn flags_win_and_values_come_from_the_environment() {
        let environment = Environment::from_iter([("TOKEN", "from outside")]);
        let flags = ["TOKEN", "OTHER=given"].map(SecretFlag::from);
        let file = vec![
            ("OTHER".to_owned(), "of the file".to_owned()),
            ("THIRD".to_owned(), "3".to_owned()),
        ];
        let secrets = Secrets::gather(&flags, file, &environment).unwrap();
        assert_eq!(format!("{secrets:?}"), r#"{"OTHER", "THIRD", "TOKEN"}"#);
        let pairs = secrets.into_pairs();
        assert_eq!(pairs[0].1, "given");
        assert_eq!(pairs[2].1, "from outside");
        let missing = [SecretFlag::from("ABSENT")];
        let error = Secrets::gather(&missing, Vec::new(), &environment).unwrap_err();
        assert_eq!(
            error.message,
            "--secret ABSENT: there is no variable ABSENT"
        );
        let odd = [SecretFlag::from("my-token=hunter2")];
        let error = Secrets::gather(&odd, Vec::new(), &environment).unwrap_err();
        assert!(error.message.contains("`my-token`") && !error.message.contains("hunter2"));
    }
}
