//! What the workflow takes for granted of the image that is built from the Dockerfile: the
//! Python that it asks for, the commands that it calls, what it installs, the files that it
//! tests. Only what is sure is listed; whoever compares it with an image raises no alarm
//! where a step may have brought what is missing.

mod words;

use crate::expr::Value;
use crate::workflow::{Span, StepAction, Text};

use super::script::{self, Command, base_name};
use words::{HARMLESS, PYTHON, SHELL, SYSTEM};

use super::{BuiltIn, ImageNeed, Leg, Placement, Plan, PlanJob, PlanStep};

/// What is taken for granted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Wants {
    /// Commands that steps call, each where it is called first.
    pub(crate) commands: Vec<WantedCommand>,
    /// Versions of Python, in the form of `python-version`.
    pub(crate) pythons: Vec<(String, Place)>,
    /// Files of requirements that steps install.
    pub(crate) requirements: Vec<(String, Place)>,
    /// Paths that test commands name.
    pub(crate) tested: Vec<(String, Place)>,
}

/// A place in a workflow file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Place {
    /// The file; empty for the workflow that was asked for.
    pub(crate) file: String,
    /// The line, from 1.
    pub(crate) line: usize,
}

/// A command that a step calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WantedCommand {
    /// Its name.
    pub(crate) name: String,
    /// Where it is called.
    pub(crate) place: Place,
    /// What has been installed by then.
    pub(crate) after: Installed,
}

/// What may have been installed before a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Installed {
    /// Packages of the system.
    pub(crate) system: bool,
    /// Packages of Python.
    pub(crate) python: bool,
    /// Anything.
    pub(crate) anything: bool,
}

/// What the jobs of a plan take for granted that run in the image of the Dockerfile.
pub(crate) fn wants(plan: &Plan) -> Wants {
    let mut wants = Wants::default();
    let legs = plan.legs().filter(|(_, leg)| {
        leg.left_out.is_none() && matches!(leg.image, ImageNeed::Dockerfile { .. })
    });
    for (job, leg) in legs {
        let mut reader = Reader {
            job,
            leg,
            wants: &mut wants,
            installed: Installed::default(),
        };
        for step in leg.steps.iter() {
            reader.step(step);
        }
    }
    wants
}

/// Goes through the steps of a leg.
struct Reader<'a> {
    job: &'a PlanJob,
    leg: &'a Leg,
    wants: &'a mut Wants,
    installed: Installed,
}

impl Reader<'_> {
    fn step(&mut self, step: &PlanStep) {
        // What may not run promises nothing, and may install all the same.
        let sure = step.step.condition.is_none() && step.step.continue_on_error.is_none();
        match (&step.placement, &step.step.action) {
            (Placement::ProvidedByImage(setup), StepAction::Run { script, .. }) => {
                self.installed.python = true;
                if sure {
                    let place = self.place(script.span);
                    for file in &setup.files {
                        add(&mut self.wants.requirements, file.clone(), &place);
                    }
                }
            }
            (
                Placement::Container,
                StepAction::Run {
                    script,
                    shell,
                    working_directory,
                },
            ) => {
                let shell = shell.as_ref().map_or("bash", |shell| shell.value.as_str());
                if !["bash", "sh"].contains(&shell.trim()) {
                    self.installed.anything = true;
                    return;
                }
                let here = working_directory.is_none() && step.test.is_some();
                self.script(script, sure, here);
            }
            (Placement::BuiltIn(BuiltIn::SetupPython), StepAction::Uses { with, .. }) => {
                let input = |name: &str| {
                    with.iter()
                        .find(|(key, _)| key.value.eq_ignore_ascii_case(name))
                        .and_then(|(key, node)| Some((key.span, node.scalar_text()?)))
                };
                self.installed.python |= input("pip-install").is_some();
                // A Dockerfile that takes its version as an argument is given this one.
                let fixed = self.leg.image == ImageNeed::Dockerfile { python: None };
                if sure
                    && fixed
                    && let Some((span, text)) = input("python-version")
                    && let Some(version) = self.version(&text)
                {
                    let place = self.place(span);
                    add(&mut self.wants.pythons, version, &place);
                }
            }
            (Placement::BuiltIn(BuiltIn::AptPackages), _) => self.installed.system = true,
            (Placement::BuiltIn(built_in), _) if brings_nothing(*built_in) => {}
            (Placement::SkippedAction | Placement::LeftOutAction(_), _) => {}
            _ => self.installed.anything = true,
        }
    }

    fn script(&mut self, script: &Text, sure: bool, tests: bool) {
        let place = self.place(script.span);
        let own = script.value.contains("()") || script.value.contains("function ");
        for command in script::parse(&script.value) {
            let certain = sure
                && !(command.condition
                    || command.conditional
                    || command.or_true
                    || command.substituted);
            let words = called(&command);
            let name = words.first().map(String::as_str).unwrap_or_default();
            if certain && is_plain(name) && !SHELL.contains(&name) && !own {
                let known = self.wants.commands.iter().any(|known| known.name == name);
                if !known {
                    self.wants.commands.push(WantedCommand {
                        name: name.to_owned(),
                        place: place.clone(),
                        after: self.installed,
                    });
                }
            }
            if certain && tests && command.directory.as_deref() == Some("") {
                for path in tested(words) {
                    add(&mut self.wants.tested, path, &place);
                }
            }
            self.installs(&command, words);
        }
    }

    /// Notes what a command may install.
    fn installs(&mut self, command: &Command, words: &[String]) {
        let name = words.first().map_or("", |word| base_name(word));
        let second = words.get(1).map_or("", String::as_str);
        let third = words.get(2).map_or("", String::as_str);
        let changes_path = command.assignments.iter().any(|(name, _)| name == "PATH")
            || words.iter().any(|word| word.starts_with("PATH="))
            || command.writes.iter().any(|file| file.contains("GITHUB_"));
        if changes_path {
            self.installed.anything = true;
        } else if SYSTEM.contains(&name) {
            self.installed.system = true;
        } else if PYTHON.contains(&name) {
            self.installed.python = true;
        } else if name.starts_with("python") && second == "-m" {
            match third {
                "pip" | "uv" | "poetry" | "pipx" | "ensurepip" => self.installed.python = true,
                _ if HARMLESS.contains(&third) || third == "unittest" => {}
                _ => self.installed.anything = true,
            }
        } else if !name.is_empty() && !is_harmless(name, second) {
            self.installed.anything = true;
        }
    }

    /// A version that is written out, or that the leg's matrix holds.
    fn version(&self, text: &str) -> Option<String> {
        let Some(inner) = text.trim().strip_prefix("${{") else {
            return (!text.contains("${{")).then(|| text.to_owned());
        };
        let name = inner.strip_suffix("}}")?.trim().strip_prefix("matrix.")?;
        match &self.leg.matrix {
            Value::Object(matrix) => Some(matrix.get(name)?.to_text()),
            _ => None,
        }
    }

    fn place(&self, span: Span) -> Place {
        Place {
            file: self.job.frame.file.clone(),
            line: span.start.line,
        }
    }
}

/// Whether a command brings no other commands.
fn is_harmless(name: &str, second: &str) -> bool {
    const OTHERS: &[&str] = &[".", "alias", "builtin", "command", "eval", "exec", "source"];
    HARMLESS.contains(&name)
        || (SHELL.contains(&name) && !OTHERS.contains(&name))
        || (name == "command" && second == "-v")
}

/// Whether a stand-in brings no commands of its own.
fn brings_nothing(built_in: BuiltIn) -> bool {
    matches!(
        built_in,
        BuiltIn::Checkout
            | BuiltIn::Cache
            | BuiltIn::CacheRestore
            | BuiltIn::CacheSave
            | BuiltIn::UploadArtifact
            | BuiltIn::MergeArtifacts
            | BuiltIn::DownloadArtifact
            | BuiltIn::Codecov
            | BuiltIn::CodecovTestResults
            | BuiltIn::Coveralls
            | BuiltIn::AllsGreen
            | BuiltIn::PathsFilter
            | BuiltIn::ChangedFiles
            | BuiltIn::SetupBuildx
            | BuiltIn::BuildPush
            | BuiltIn::DockerMetadata
    )
}

/// The command behind `sudo`, or the command itself.
fn called(command: &Command) -> &[String] {
    let words = command.words.as_slice();
    match words.split_first() {
        Some((first, rest)) if base_name(first) == "sudo" => {
            let options = rest
                .iter()
                .take_while(|word| word.starts_with('-') || word.contains('='));
            rest.get(options.count()..).unwrap_or_default()
        }
        _ => words,
    }
}

/// Whether a word can be looked up as it is.
fn is_plain(word: &str) -> bool {
    word.starts_with(|one: char| one.is_ascii_alphabetic())
        && word
            .chars()
            .all(|one| one.is_ascii_alphanumeric() || "._+-".contains(one))
}

/// The paths that a command of pytest names.
fn tested(words: &[String]) -> Vec<String> {
    let names: Vec<&str> = words.iter().map(String::as_str).collect();
    let arguments = match names.as_slice() {
        ["pytest" | "py.test", rest @ ..] => rest,
        [python, "-m", "pytest", rest @ ..] if python.starts_with("python") => rest,
        _ => return Vec::new(),
    };
    let mut paths = Vec::new();
    let mut option = false;
    for argument in arguments {
        let is_path =
            argument.ends_with(".py") || argument.contains('/') || argument.starts_with("test");
        // The word behind an option may be its value.
        if !option && is_path && !argument.starts_with('-') && !argument.contains(['$', '*', '{']) {
            let file = argument.split("::").next().unwrap_or(argument);
            paths.push(
                file.trim_start_matches("./")
                    .trim_end_matches('/')
                    .to_owned(),
            );
        }
        option = argument.starts_with('-')
            && !argument.contains('=')
            && *argument != "-q"
            && *argument != "-v";
    }
    paths.retain(|path| !path.is_empty());
    paths
}

fn add(list: &mut Vec<(String, Place)>, what: String, place: &Place) {
    if !list.iter().any(|(known, _)| *known == what) {
        list.push((what, place.clone()));
    }
}

#[cfg(test)]
mod tests;
