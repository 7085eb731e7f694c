//! Dockerfiles, as far as seatrial has to understand them before BuildKit
//! builds them: stages and their bases, and where in the image the sources end
//! up (Dockerfile reference, <https://docs.docker.com/reference/dockerfile/>).

mod expand;
mod lines;
mod platforms;
mod reach;
mod steps;
mod text;
mod walk;

use std::collections::BTreeMap;

use parse_dockerfile::Instruction;
use thiserror::Error;

pub(crate) use lines::{Line, Says, lines};
pub(crate) use platforms::Ground;
pub(crate) use reach::Reach;
pub(crate) use text::{TextLine, squeezed, text_lines};

use steps::{Step, declarations, directive, steps};
use walk::Scope;

use crate::workflow::nearest;

/// Longest Dockerfile that is read.
const MAX_BYTES: usize = 1 << 20;

/// Most stages; BuildKit has no limit, a hostile file must have one.
const MAX_STAGES: usize = 1000;

/// Why a Dockerfile cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: {message}")]
pub(crate) struct DockerfileError {
    /// The line, from 1.
    pub(crate) line: usize,
    /// What is wrong with it.
    pub(crate) message: String,
}

/// A Dockerfile that was read.
#[derive(Debug, Clone)]
pub(crate) struct Dockerfile {
    stages: Vec<StageText>,
    globals: Scope,
    given: BTreeMap<String, String>,
    escape: char,
    syntax: Option<String>,
}

/// What a stage is built on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Base {
    /// An image that must be there or be pulled.
    Image(String),
    /// A former stage, by its index.
    Stage(usize),
    /// `FROM scratch`.
    Scratch,
    /// The name takes a value that is not in the file; as written.
    Unknown(String),
}

/// One `FROM` with what follows.
#[derive(Debug, Clone)]
struct StageText {
    name: Option<String>,
    base: Base,
    /// The line of `FROM`.
    line: usize,
    /// What `--platform` comes to, where there is one and that can be told.
    platform: Option<Option<String>>,
    /// Whether it has a `RUN`.
    runs: bool,
    steps: Vec<Step>,
}

/// A stage of a Dockerfile.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stage<'a> {
    file: &'a Dockerfile,
    index: usize,
}

impl Dockerfile {
    /// Reads a Dockerfile with the defaults of its arguments.
    pub(crate) fn parse(text: &str) -> Result<Self, DockerfileError> {
        Self::parse_with(text, &BTreeMap::new())
    }

    /// Reads a Dockerfile that is built with these `--build-arg`.
    pub(crate) fn parse_with(
        text: &str,
        arguments: &BTreeMap<String, String>,
    ) -> Result<Self, DockerfileError> {
        if text.len() > MAX_BYTES {
            return Err(DockerfileError {
                line: 1,
                message: format!("the file has more than {MAX_BYTES} bytes"),
            });
        }
        let mut file = Self {
            stages: Vec::new(),
            globals: Scope::default(),
            given: arguments.clone(),
            escape: directive(text, "escape")
                .and_then(|value| value.chars().next())
                .filter(|escape| *escape == '`')
                .unwrap_or('\\'),
            syntax: directive(text, "syntax").map(str::to_owned),
        };
        let mut lines = LineCounter::new(text);
        let instructions = parse_dockerfile::parse_iter(text).map_err(|error| failure(&error))?;
        for instruction in instructions {
            let instruction = instruction.map_err(|error| failure(&error))?;
            file.add(&instruction, &mut lines)?;
        }
        Ok(file)
    }

    /// The stage that is built for a target: by name (in any case) or index,
    /// the last one without a target. Of two of the same name the last counts.
    pub(crate) fn stage(&self, target: Option<&str>) -> Option<Stage<'_>> {
        let index = match target.filter(|target| !target.is_empty()) {
            None => self.stages.len().checked_sub(1)?,
            Some(target) => self.find(target, self.stages.len())?,
        };
        (index < self.stages.len()).then_some(Stage { file: self, index })
    }

    /// The names that can be targets, in the order of the file.
    pub(crate) fn targets(&self) -> Vec<&str> {
        self.stages
            .iter()
            .filter_map(|stage| stage.name.as_deref())
            .collect()
    }

    /// The target whose name is nearest to one that does not exist.
    pub(crate) fn nearest(&self, target: &str) -> Option<&str> {
        nearest(target, self.targets())
    }

    /// The images that must be there or be pulled to build every stage.
    pub(crate) fn base_images(&self) -> Vec<String> {
        self.images(0..self.stages.len())
    }

    /// The image of the build frontend (`# syntax=docker/dockerfile:1`), which
    /// BuildKit pulls as well.
    pub(crate) fn syntax(&self) -> Option<&str> {
        self.syntax.as_deref()
    }

    /// The place of a stage among the first `before`.
    fn find(&self, name: &str, before: usize) -> Option<usize> {
        let stages = self.stages.get(..before)?;
        stages
            .iter()
            .rposition(|stage| {
                stage
                    .name
                    .as_deref()
                    .is_some_and(|other| other.eq_ignore_ascii_case(name))
            })
            .or_else(|| name.parse().ok().filter(|index| *index < before))
    }

    /// The stages from the one on an image to this one.
    fn chain(&self, index: usize) -> Vec<usize> {
        let mut chain = vec![index];
        let mut current = index;
        while let Some(Base::Stage(parent)) = self.stages.get(current).map(|stage| &stage.base) {
            // A parent always comes first, so this ends.
            if *parent >= current {
                break;
            }
            chain.push(*parent);
            current = *parent;
        }
        chain.reverse();
        chain
    }

    fn images(&self, indices: impl IntoIterator<Item = usize>) -> Vec<String> {
        let mut images: Vec<String> = Vec::new();
        let mut add = |image: &str| {
            if !images.iter().any(|known| known == image) {
                images.push(image.to_owned());
            }
        };
        for index in indices {
            let Some(stage) = self.stages.get(index) else {
                continue;
            };
            if let Base::Image(image) = &stage.base {
                add(image);
            }
            for from in stage.steps.iter().filter_map(Step::from) {
                if self.find(from, index).is_none()
                    && !from.contains('$')
                    && !from.eq_ignore_ascii_case("scratch")
                {
                    add(from);
                }
            }
        }
        images
    }

    fn add(
        &mut self,
        instruction: &Instruction<'_>,
        lines: &mut LineCounter<'_>,
    ) -> Result<(), DockerfileError> {
        if let Instruction::From(from) = instruction {
            let line = lines.line_of(from.from.span.start);
            if self.stages.len() >= MAX_STAGES {
                return Err(DockerfileError {
                    line,
                    message: format!("the file has more than {MAX_STAGES} stages"),
                });
            }
            let platform = from
                .options
                .iter()
                .rfind(|flag| flag.name.value == "platform")
                .and_then(|flag| flag.value.as_ref())
                .map(|value| self.globals.expand(&value.value, self.escape));
            self.stages.push(StageText {
                name: from.as_.as_ref().map(|(_, name)| name.value.to_string()),
                base: self.base(&from.image.value),
                line,
                platform,
                runs: false,
                steps: Vec::new(),
            });
            return Ok(());
        }
        let escape = self.escape;
        let Some(stage) = self.stages.last_mut() else {
            if let Instruction::Arg(argument) = instruction {
                for (name, default) in declarations(&argument.arguments.value, escape) {
                    self.globals
                        .declare(&name, default.as_deref(), &self.given, escape);
                }
            }
            return Ok(());
        };
        stage.runs |= matches!(instruction, Instruction::Run(_));
        stage.steps.extend(steps(instruction, escape));
        Ok(())
    }

    fn base(&self, image: &str) -> Base {
        match self.globals.expand(image, self.escape) {
            None => Base::Unknown(image.to_owned()),
            Some(name) if name.is_empty() => Base::Unknown(image.to_owned()),
            Some(name) if name.eq_ignore_ascii_case("scratch") => Base::Scratch,
            Some(name) => {
                let stage = self.stages.iter().rposition(|stage| {
                    stage
                        .name
                        .as_deref()
                        .is_some_and(|other| other.eq_ignore_ascii_case(&name))
                });
                stage.map_or(Base::Image(name), Base::Stage)
            }
        }
    }
}

impl<'a> Stage<'a> {
    /// The directory in the image to which the whole build context is copied
    /// (`COPY . .`), by this stage or one it is built on. `None` when there is
    /// no such copy, or its place depends on the base image.
    pub(crate) fn source_dir(self) -> Option<String> {
        walk::end_of(self.file, self.index).source_dir
    }

    /// The working directory at the end; `None` when only the base image knows.
    #[cfg_attr(
        not(test),
        expect(
            dead_code,
            reason = "read by the verification of an existing Dockerfile, which comes next"
        )
    )]
    pub(crate) fn workdir(self) -> Option<String> {
        walk::end_of(self.file, self.index).workdir
    }

    /// The last `USER`; `None` when there is none, or it depends on a variable
    /// of the base image.
    #[cfg_attr(
        not(test),
        expect(
            dead_code,
            reason = "read by the verification of an existing Dockerfile, which comes next"
        )
    )]
    pub(crate) fn user(self) -> Option<String> {
        walk::end_of(self.file, self.index).user
    }

    /// The images that must be there or be pulled to build this stage: bases
    /// and `--from` of the stages it needs. (BuildKit builds no others.)
    pub(crate) fn base_images(self) -> Vec<String> {
        self.file.images(self.needed())
    }
}

fn failure(error: &parse_dockerfile::Error) -> DockerfileError {
    DockerfileError {
        line: error.line().max(1),
        message: format!("{error:#}"),
    }
}

/// Lines of places that come in rising order. (The places leave a byte order
/// mark out; it has no newline, so that does not matter.)
struct LineCounter<'a> {
    text: &'a [u8],
    at: usize,
    line: usize,
}

impl<'a> LineCounter<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text: text.trim_start_matches('\u{feff}').as_bytes(),
            at: 0,
            line: 1,
        }
    }

    fn line_of(&mut self, place: usize) -> usize {
        let passed = self.text.get(self.at..place).unwrap_or_default();
        self.line += passed.iter().filter(|byte| **byte == b'\n').count();
        self.at = self.at.max(place);
        self.line
    }
}

#[cfg(test)]
mod tests;
