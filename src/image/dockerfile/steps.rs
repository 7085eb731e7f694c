//! Instructions in the form the other files here work on.

use parse_dockerfile::{Instruction, Source};

use super::expand::words;

/// The instructions that matter here, texts as written.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// `ARG`: names with defaults.
    Arg(Vec<(String, Option<String>)>),
    /// `ENV`.
    Env(Vec<(String, String)>),
    /// `WORKDIR`.
    Workdir(String),
    /// `USER`.
    User(String),
    /// `COPY` and `ADD`.
    Copy {
        /// Paths in the context, or in what `from` names.
        sources: Vec<String>,
        /// Path in the image.
        destination: String,
        /// `--from`.
        from: Option<String>,
    },
    /// `RUN --mount=from=…`.
    Mount(String),
    /// `RUN --mount=type=bind` without `from`: a path in the context.
    Bind(String),
    /// `ONBUILD`: an instruction for whoever builds on this stage.
    OnBuild,
}

impl Step {
    /// The stage or image it takes files from.
    pub(super) fn from(&self) -> Option<&str> {
        match self {
            Self::Copy {
                from: Some(from), ..
            }
            | Self::Mount(from) => Some(from),
            _ => None,
        }
    }
}

/// The steps of one instruction.
pub(super) fn steps(instruction: &Instruction<'_>, escape: char) -> Vec<Step> {
    match instruction {
        Instruction::Arg(arg) => vec![Step::Arg(declarations(&arg.arguments.value, escape))],
        Instruction::Env(env) => vec![Step::Env(pairs(&env.arguments.value, escape))],
        Instruction::Workdir(dir) => vec![Step::Workdir(dir.arguments.value.to_string())],
        Instruction::User(user) => vec![Step::User(user.arguments.value.to_string())],
        Instruction::Copy(copy) => vec![Step::Copy {
            sources: paths(&copy.src),
            destination: copy.dest.value.to_string(),
            from: copy
                .options
                .iter()
                .rfind(|flag| flag.name.value == "from")
                .and_then(|flag| flag.value.as_ref())
                .map(|value| value.value.to_string()),
        }],
        Instruction::Add(add) => vec![Step::Copy {
            sources: paths(&add.src),
            destination: add.dest.value.to_string(),
            from: None,
        }],
        Instruction::Run(run) => run
            .options
            .iter()
            .filter(|flag| flag.name.value == "mount")
            .filter_map(|flag| flag.value.as_ref())
            .filter_map(|value| mount(&value.value))
            .collect(),
        Instruction::Onbuild(_) => vec![Step::OnBuild],
        _ => Vec::new(),
    }
}

/// What a `--mount` of `RUN` takes files from; none for caches, secrets and the like.
fn mount(options: &str) -> Option<Step> {
    let value = |names: &[&str]| {
        options.split(',').find_map(|part| {
            let (name, value) = part.split_once('=')?;
            names.contains(&name.trim()).then(|| value.to_owned())
        })
    };
    if let Some(from) = value(&["from"]) {
        return Some(Step::Mount(from));
    }
    match value(&["type"]).as_deref() {
        // The default (Dockerfile reference, "RUN --mount").
        None | Some("bind") => Some(Step::Bind(
            value(&["source", "src"]).unwrap_or_else(|| ".".to_owned()),
        )),
        Some(_) => None,
    }
}

fn paths(sources: &[Source<'_>]) -> Vec<String> {
    sources
        .iter()
        .filter_map(|source| match source {
            Source::Path(path) => Some(path.value.to_string()),
            _ => None,
        })
        .collect()
}

/// `ARG name[=default] …`.
pub(super) fn declarations(text: &str, escape: char) -> Vec<(String, Option<String>)> {
    words(text, escape)
        .into_iter()
        .map(|word| match word.split_once('=') {
            Some((name, default)) => (name.to_owned(), Some(default.to_owned())),
            None => (word, None),
        })
        .collect()
}

/// `ENV name=value …`, or the old `ENV name value`.
fn pairs(text: &str, escape: char) -> Vec<(String, String)> {
    let list = words(text, escape);
    if list.first().is_some_and(|first| !first.contains('=')) {
        let (name, value) = text
            .trim()
            .split_once(char::is_whitespace)
            .unwrap_or((text.trim(), ""));
        return vec![(name.to_owned(), value.trim().to_owned())];
    }
    list.iter()
        .filter_map(|word| word.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// A parser directive (`# name=value` at the top of the file).
pub(super) fn directive<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.trim_start_matches('\u{feff}')
        .lines()
        .map_while(|line| line.trim().strip_prefix('#'))
        .map_while(|comment| comment.split_once('='))
        .find(|(key, _)| key.trim().eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
        .filter(|value| !value.is_empty())
}
