//! The `secrets` context: named on the command line, in a file, or printed by a
//! command.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use super::environment::Environment;
use super::error::{FileError, ValueError};
use super::flags::SecretFlag;
use super::resolve::Source;
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

    /// The same secrets, and those that commands print. A command is not called for
    /// a secret that has a value already.
    ///
    /// # Errors
    /// A command cannot be started, fails, or prints nothing or no text. What it
    /// prints is not part of the message.
    pub(crate) fn with_commands(
        mut self,
        commands: &[SecretCommand],
        root: &Path,
    ) -> Result<Self, ValueError> {
        for command in commands {
            if !self.0.iter().any(|(name, _)| *name == command.name) {
                let value = command.value(root)?;
                self.0.push((command.name.clone(), value));
            }
        }
        self.0.sort();
        Ok(self)
    }

    /// The pairs, sorted by name.
    pub(crate) fn into_pairs(self) -> Vec<(String, String)> {
        self.0
    }
}

/// A command whose output is the value of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SecretCommand {
    /// Name of the secret.
    pub(crate) name: String,
    /// Program and arguments.
    pub(crate) command: Vec<String>,
    /// Where it was named.
    pub(crate) source: Source,
}

/// Longest output of a command, in bytes: as much as GitHub takes for a secret
/// (GitHub docs, "Secrets reference": 48 KB).
const MAX_OUTPUT: usize = 48 << 10;

impl SecretCommand {
    /// What the command prints, without line ends behind it.
    fn value(&self, root: &Path) -> Result<String, ValueError> {
        let wrong = |what: String| {
            ValueError::new(
                self.source.cause(),
                format!("the command for the secret `{}` {what}", self.name),
            )
        };
        let (program, arguments) = self
            .command
            .split_first()
            .ok_or_else(|| wrong("is empty".to_owned()))?;
        let output = Command::new(program)
            .args(arguments)
            .current_dir(root)
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .map_err(|error| wrong(format!("cannot be started: {error}")))?;
        if !output.status.success() {
            return Err(wrong(format!("failed ({})", output.status)));
        }
        if output.stdout.len() > MAX_OUTPUT {
            return Err(wrong("prints more than 48 KiB".to_owned()));
        }
        let text = String::from_utf8(output.stdout)
            .map_err(|_| wrong("prints something that is not UTF-8 text".to_owned()))?;
        let value = text.trim_end_matches(['\n', '\r']);
        if value.is_empty() {
            return Err(wrong("prints nothing".to_owned()));
        }
        Ok(value.to_owned())
    }

    /// `NAME=COMMAND` of a flag; a shell takes the command apart.
    ///
    /// # Errors
    /// What was expected.
    pub(crate) fn from_flag(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((name, command)) if is_name(name) && !command.trim().is_empty() => Ok(Self {
                name: name.to_owned(),
                command: ["/bin/sh", "-c", command].map(ToOwned::to_owned).to_vec(),
                source: Source::Flag("--secret-command"),
            }),
            _ => Err("expected NAME=COMMAND, the name of letters, digits and `_`".to_owned()),
        }
    }
}

/// Whether GitHub would accept the name of a secret.
pub(super) fn is_name(name: &str) -> bool {
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
/// `\t`, `\"` and `\\` mean what they mean in most languages. A value in quotes may
/// have several lines, and `NAME<<END` begins one that ends before the line `END`.
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

/// A name and a value.
type Pair = (String, String);

fn parse(text: &str) -> Result<Vec<(String, String)>, Vec<Problem>> {
    let mut found = Vec::new();
    let mut problems = Vec::new();
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let rest = lines.get(at + 1..).unwrap_or_default();
        match entry(line, rest) {
            Ok((entry, more)) => {
                found.extend(entry);
                at += more;
            }
            Err(message) => {
                let place = Mark {
                    line: at + 1,
                    column: 1,
                    offset: 0,
                };
                let span = Span {
                    start: place,
                    end: place,
                };
                problems.push(Problem::new(span, message).with_hint(
                    "an entry is NAME=VALUE or NAME<<END, the name of letters, digits and `_`",
                ));
            }
        }
        at += 1;
    }
    if problems.is_empty() {
        Ok(found)
    } else {
        Err(problems)
    }
}

/// The entry that begins with a line, and how many of the following lines belong to
/// it.
fn entry(line: &str, rest: &[&str]) -> Result<(Option<Pair>, usize), &'static str> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok((None, 0));
    }
    let pair = line.strip_prefix("export ").unwrap_or(line);
    let named = |name: &str| is_name(name.trim()).then(|| name.trim().to_owned());
    if let Some((name, end)) = pair.split_once("<<")
        && let Some(name) = named(name)
    {
        let end = end.trim();
        let length = rest
            .iter()
            .position(|line| line.trim() == end && !end.is_empty());
        let length = length.ok_or("the value does not end")?;
        let value = rest.get(..length).unwrap_or_default().join("\n");
        return Ok((Some((name, value)), length + 1));
    }
    let Some((Some(name), value)) = pair
        .split_once('=')
        .map(|(name, value)| (named(name), value))
    else {
        return Err("this is not NAME=VALUE");
    };
    let mut value = value.trim().to_owned();
    let mut more = 0;
    loop {
        match unquoted(value.trim_end()) {
            Quoted::Value(plain) => return Ok((Some((name, plain)), more)),
            Quoted::Behind => return Err("something stands behind the closing quote"),
            Quoted::Open => {
                let next = rest.get(more).ok_or("a quote is not closed")?;
                value.push('\n');
                value.push_str(next);
                more += 1;
            }
        }
    }
}

/// What a value with quotes is.
enum Quoted {
    /// The value, its quotes taken off.
    Value(String),
    /// The closing quote is missing.
    Open,
    /// The closing quote is not the end.
    Behind,
}

/// Takes the quotes off a value that has some.
fn unquoted(value: &str) -> Quoted {
    if let Some(rest) = value.strip_prefix('\'') {
        return match rest.find('\'') {
            None => Quoted::Open,
            Some(end) if end + 1 == rest.len() => {
                Quoted::Value(rest.get(..end).unwrap_or_default().to_owned())
            }
            Some(_) => Quoted::Behind,
        };
    }
    let Some(rest) = value.strip_prefix('"') else {
        return Quoted::Value(value.to_owned());
    };
    let mut plain = String::new();
    let mut characters = rest.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' if characters.next().is_none() => return Quoted::Value(plain),
            '"' => return Quoted::Behind,
            '\\' => match characters.next() {
                Some('n') => plain.push('\n'),
                Some('t') => plain.push('\t'),
                Some(other @ ('"' | '\\')) => plain.push(other),
                Some(other) => plain.extend(['\\', other]),
                None => return Quoted::Open,
            },
            other => plain.push(other),
        }
    }
    Quoted::Open
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
    fn values_of_several_lines() {
        let text = "KEY=\"-----BEGIN-----\nab=\n-----END-----\"\nOTHER='a\nb'\n\
                    export HERE<<END\n x = 1\n\n# kept\nEND\nLAST=1\n";
        let pairs = parse(text).unwrap();
        let pairs: Vec<(&str, &str)> = pairs
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(
            pairs,
            [
                ("KEY", "-----BEGIN-----\nab=\n-----END-----"),
                ("OTHER", "a\nb"),
                ("HERE", " x = 1\n\n# kept"),
                ("LAST", "1"),
            ]
        );
        let problems = parse("A<<END\nhunter2=1\n").unwrap_err();
        assert_eq!(problems[0].message, "the value does not end");
        let problems = parse("A='b' c\n").unwrap_err();
        assert_eq!(
            problems[0].message,
            "something stands behind the closing quote"
        );
    }

    #[test]
    fn commands_print_secrets() {
        let folder = tempfile::tempdir().unwrap();
        let value = |command: &str| {
            let command = SecretCommand::from_flag(&format!("TOKEN={command}")).unwrap();
            Secrets::default()
                .with_commands(&[command], folder.path())
                .map(|secrets| secrets.into_pairs().remove(0).1)
                .map_err(|error| error.message)
        };
        assert_eq!(value("printf 'a b\\nc\\n\\n'").unwrap(), "a b\nc");
        for (command, words) in [
            ("echo hunter2; exit 3", "failed (exit status: 3)"),
            ("true", "prints nothing"),
            ("printf '\\377'", "not UTF-8"),
        ] {
            let error = value(command).unwrap_err();
            assert!(error.contains(words), "{error}");
            assert!(error.starts_with("the command for the secret `TOKEN`"));
            assert!(!error.contains("hunter2"));
        }
        let known = Secrets(vec![("TOKEN".to_owned(), "given".to_owned())]);
        let fails = SecretCommand::from_flag("TOKEN=exit 1").unwrap();
        let known = known.with_commands(&[fails], folder.path()).unwrap();
        assert_eq!(known.into_pairs()[0].1, "given");
        for odd in ["TOKEN", "my-token=x", "TOKEN= "] {
            assert!(SecretCommand::from_flag(odd).is_err(), "{odd}");
        }
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
