//! The instructions of a Dockerfile with their lines, for who has something to say
//! about one of them.

use parse_dockerfile::{Command, Instruction};

use super::steps::{Step, steps};
use super::{Base, Dockerfile, DockerfileError, LineCounter, failure};

/// One instruction.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// Its line, from 1.
    pub(crate) line: usize,
    /// The stage that it belongs to; absent before the first `FROM`.
    pub(crate) stage: Option<usize>,
    /// What it says.
    pub(crate) says: Says,
}

/// What an instruction says, as far as somebody asks. Texts are as written.
#[derive(Debug, Clone)]
pub(crate) enum Says {
    /// `FROM`: what the stage is built on, arguments filled in.
    From(Base),
    /// `COPY --from` or `RUN --mount=from=`: an image that files are taken from.
    Takes(String),
    /// `ARG`: names with defaults.
    Arg(Vec<(String, Option<String>)>),
    /// `ENV`.
    Env(Vec<(String, String)>),
    /// `USER`.
    User(String),
    /// `RUN`: the command with its here-documents.
    Run(String),
    /// Anything else.
    Other,
}

/// All instructions in the order of the file.
///
/// # Errors
/// As [`Dockerfile::parse`].
pub(crate) fn lines(text: &str) -> Result<(Dockerfile, Vec<Line>), DockerfileError> {
    let file = Dockerfile::parse(text)?;
    let mut counter = LineCounter::new(text);
    let mut lines = Vec::new();
    let mut stage = None;
    for instruction in parse_dockerfile::parse_iter(text).map_err(|error| failure(&error))? {
        let instruction = instruction.map_err(|error| failure(&error))?;
        let (start, says) = match &instruction {
            Instruction::From(from) => {
                let next = stage.map_or(0, |stage: usize| stage + 1);
                stage = Some(next);
                let base = file.stages.get(next).map(|stage| stage.base.clone());
                let base = base.unwrap_or(Base::Unknown(from.image.value.to_string()));
                (from.from.span.start, Says::From(base))
            }
            Instruction::Run(run) => {
                let command = match &run.arguments {
                    Command::Exec(words) => words
                        .value
                        .iter()
                        .map(|word| word.value.as_ref())
                        .collect::<Vec<_>>()
                        .join(" "),
                    Command::Shell(text) => text.value.to_owned(),
                    _ => String::new(),
                };
                let documents = run.here_docs.iter().map(|here| here.value.as_ref());
                let whole: Vec<&str> = std::iter::once(command.as_str()).chain(documents).collect();
                (run.run.span.start, Says::Run(whole.join("\n")))
            }
            Instruction::Arg(arg) => (arg.arg.span.start, of_step(&instruction, file.escape)),
            Instruction::Env(env) => (env.env.span.start, of_step(&instruction, file.escape)),
            Instruction::User(user) => (user.user.span.start, of_step(&instruction, file.escape)),
            Instruction::Copy(copy) => (copy.copy.span.start, Says::Other),
            _ => continue,
        };
        let line = counter.line_of(start);
        let taken = taken(&file, stage, &instruction);
        let all = std::iter::once(says).chain(taken.into_iter().map(Says::Takes));
        lines.extend(
            all.filter(|says| !matches!(says, Says::Other))
                .map(|says| Line { line, stage, says }),
        );
    }
    Ok((file, lines))
}

/// The images that an instruction takes files from. A stage is none, and what takes a value
/// is not known.
fn taken(file: &Dockerfile, stage: Option<usize>, instruction: &Instruction<'_>) -> Vec<String> {
    let mut taken = Vec::new();
    for step in steps(instruction, file.escape) {
        let Some(from) = step.from() else {
            continue;
        };
        let is_stage = file.find(from, stage.unwrap_or_default()).is_some();
        if !is_stage && !from.contains('$') && !from.eq_ignore_ascii_case("scratch") {
            taken.push(from.to_owned());
        }
    }
    taken
}

fn of_step(instruction: &Instruction<'_>, escape: char) -> Says {
    match steps(instruction, escape).into_iter().next() {
        Some(Step::Arg(arguments)) => Says::Arg(arguments),
        Some(Step::Env(pairs)) => Says::Env(pairs),
        Some(Step::User(user)) => Says::User(user),
        _ => Says::Other,
    }
}

impl Dockerfile {
    /// The place of the stage that is built for a target, among all stages, and those
    /// that it is built on, the lowest first.
    pub(crate) fn chain_of(&self, target: Option<&str>) -> Option<Vec<usize>> {
        self.stage(target).map(|stage| self.chain(stage.index))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn images_that_files_are_taken_from_are_told() {
        let text = "FROM a AS base\nFROM b\nCOPY --from=base /x /x\nCOPY --from=0 /x /x\n\
                    COPY --from=ghcr.io/x/uv:latest /uv /bin/\nCOPY --from=$IMAGE / /\n\
                    RUN --mount=type=bind,from=tools:1,target=/t make\n";
        let (_, lines) = lines(text).unwrap();
        let told: Vec<(usize, &str)> = lines
            .iter()
            .filter_map(|line| match &line.says {
                Says::Takes(image) => Some((line.line, image.as_str())),
                _ => None,
            })
            .collect();
        assert_eq!(told, [(5, "ghcr.io/x/uv:latest"), (7, "tools:1")]);
    }

    #[test]
    fn instructions_have_their_lines_and_stages() {
        let text = "# comment\nARG V=3.12\nFROM python:$V AS base\n\nENV A=1 \\\n    B=2\nRUN <<EOF\ncurl x\nEOF\n\
                    FROM base AS test\nUSER 1000\nRUN [\"make\", \"all\"]\n";
        let (file, lines) = lines(text).unwrap();
        let told: Vec<(usize, Option<usize>, String)> = lines
            .iter()
            .map(|line| (line.line, line.stage, format!("{:?}", line.says)))
            .collect();
        assert_eq!(
            told,
            [
                (2, None, "Arg([(\"V\", Some(\"3.12\"))])".to_owned()),
                (3, Some(0), "From(Image(\"python:3.12\"))".to_owned()),
                (
                    5,
                    Some(0),
                    "Env([(\"A\", \"1\"), (\"B\", \"2\")])".to_owned()
                ),
                (7, Some(0), "Run(\"\\ncurl x\\n\")".to_owned()),
                (10, Some(1), "From(Stage(0))".to_owned()),
                (11, Some(1), "User(\"1000\")".to_owned()),
                (12, Some(1), "Run(\"make all\")".to_owned()),
            ]
        );
        assert_eq!(file.chain_of(Some("test")), Some(vec![0, 1]));
        assert_eq!(file.chain_of(Some("none")), None);
    }
}
