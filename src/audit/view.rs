//! A workflow file as the rules look at it: jobs, steps, and their scripts as commands with
//! the options of the shell that are in force.

use super::gate::{Gate, gate, inner_script};
use crate::plan::{Command, Project, parse_script};
use crate::scan::FilePlace;
use crate::workflow::{Entries, Job, Node, Span, Step, StepAction, Text, Workflow};

/// A workflow file that is to be audited.
pub(crate) struct Subject<'a> {
    /// Its path, relative to the repository.
    pub(crate) path: &'a str,
    /// Its text.
    pub(crate) text: &'a str,
    /// What it says.
    pub(crate) workflow: &'a Workflow,
    /// What the repository's configuration says about its tests.
    pub(crate) project: &'a Project,
}

/// The file, taken apart once for all rules.
pub(crate) struct View<'a> {
    pub(crate) subject: &'a Subject<'a>,
    pub(super) lines: Vec<&'a str>,
    pub(super) jobs: Vec<JobView<'a>>,
}

/// A job.
pub(super) struct JobView<'a> {
    pub(super) job: &'a Job,
    pub(super) steps: Vec<StepView<'a>>,
}

/// A step.
pub(super) struct StepView<'a> {
    pub(super) step: &'a Step,
    /// What it runs: its script, behind it those in `bash -c '…'`. Empty where no shell of
    /// Unix reads it.
    pub(super) scripts: Vec<Script<'a>>,
}

/// A script, or one inside another's `bash -c`.
pub(crate) struct Script<'a> {
    /// The `run` of the step.
    pub(crate) text: &'a Text,
    /// Where the shell that reads it is `sh`.
    pub(crate) is_sh: bool,
    /// Whether it stands in a command of another.
    pub(crate) is_inner: bool,
    /// Its commands in the order of the text.
    pub(crate) commands: Vec<Seen>,
}

/// A command with the options of the shell that are in force when it runs.
pub(crate) struct Seen {
    pub(crate) command: Command,
    /// `set -e`.
    pub(crate) errexit: bool,
    /// `set -o pipefail`.
    pub(crate) pipefail: bool,
    /// What it decides, where it does.
    pub(crate) gate: Option<Gate>,
}

/// The options with which a shell starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shell {
    is_sh: bool,
    errexit: bool,
    pipefail: bool,
}

/// Scripts in scripts that are followed.
const MAX_INNER: usize = 3;

impl<'a> View<'a> {
    pub(crate) fn new(subject: &'a Subject<'a>) -> Self {
        let jobs = subject.workflow.jobs.iter();
        Self {
            subject,
            lines: subject.text.lines().collect(),
            jobs: jobs
                .map(|job| JobView {
                    job,
                    steps: job
                        .steps
                        .iter()
                        .map(|step| StepView {
                            step,
                            scripts: scripts(subject, job, step),
                        })
                        .collect(),
                })
                .collect(),
        }
    }

    /// The place of a part of the file.
    pub(crate) fn at(&self, span: Span) -> FilePlace {
        FilePlace {
            path: self.subject.path.to_owned(),
            line: span.start.line,
            column: span.start.column,
        }
    }

    /// The place of a command of a script.
    pub(crate) fn command(&self, script: &Script<'_>, seen: &Seen) -> FilePlace {
        let words = &seen.command.words;
        let assigned = seen.command.assignments.first().map(|(name, _)| name);
        let word = words.first().or(assigned).map_or("", String::as_str);
        self.in_text(script.text, seen.command.line, word)
    }

    /// The place of a word in a line, counted from 0, of a text of the file. In a block the
    /// lines are those of the file; elsewhere the text begins where it stands.
    pub(super) fn in_text(&self, text: &Text, line: usize, word: &str) -> FilePlace {
        let start = text.span.start.line;
        let wanted = text.value.lines().nth(line).unwrap_or("").trim();
        let holds = |at: usize| {
            let known = self.lines.get(at.saturating_sub(1));
            known.is_some_and(|known| !wanted.is_empty() && known.contains(wanted))
        };
        // A block begins on the line below its key.
        let written = self.subject.text.get(text.span.start.offset..);
        let is_block = written.is_some_and(|written| written.starts_with(['|', '>']));
        let first = start + usize::from(is_block);
        let end = text.span.end.line.max(first + line);
        let found = Some(first + line)
            .filter(|at| holds(*at))
            .or_else(|| (start..=end).find(|at| holds(*at)))
            .unwrap_or(start);
        let written = self.lines.get(found - 1).copied().unwrap_or("");
        let first = written.len() - written.trim_start().len();
        // Not in the key: `run: run`.
        let from = match found == start && written.get(first..).is_some() {
            true => written.find(wanted).unwrap_or(first),
            false => first,
        };
        let rest = written.get(from..).unwrap_or("");
        let byte = from + whole_word(rest, word).unwrap_or(0);
        FilePlace {
            path: self.subject.path.to_owned(),
            line: found,
            column: written.get(..byte).unwrap_or("").chars().count() + 1,
        }
    }

    /// All scripts, with their jobs and steps.
    pub(super) fn scripts(
        &self,
    ) -> impl Iterator<Item = (&JobView<'a>, &StepView<'a>, &Script<'a>)> {
        self.jobs.iter().flat_map(|job| {
            job.steps
                .iter()
                .flat_map(move |step| step.scripts.iter().map(move |script| (job, step, script)))
        })
    }
}

/// Where a word stands that is no part of another.
fn whole_word(text: &str, word: &str) -> Option<usize> {
    let is_part = |one: char| one.is_alphanumeric() || one == '_' || one == '-';
    let is_whole = |at: &usize| {
        let before = text.get(..*at).and_then(|text| text.chars().next_back());
        let behind = text
            .get(at + word.len()..)
            .and_then(|text| text.chars().next());
        !before.is_some_and(is_part) && !behind.is_some_and(is_part)
    };
    let mut places = text.match_indices(word).map(|(at, _)| at);
    places.find(is_whole).filter(|_| !word.is_empty())
}

impl<'a> JobView<'a> {
    /// All commands of all its steps, with their steps and scripts.
    pub(super) fn commands(
        &self,
    ) -> impl Iterator<Item = (&StepView<'a>, &Script<'a>, &Seen)> + Clone {
        self.steps.iter().flat_map(|step| {
            step.scripts.iter().flat_map(move |script| {
                let commands = script.commands.iter();
                commands.map(move |seen| (step, script, seen))
            })
        })
    }

    /// The actions that its steps use: name without version, version, inputs.
    pub(super) fn actions(&self) -> impl Iterator<Item = (&StepView<'a>, Uses<'a>)> {
        self.steps
            .iter()
            .filter_map(|step| Some((step, Uses::of(step.step)?)))
    }
}

/// The action that a step uses.
#[derive(Clone, Copy)]
pub(crate) struct Uses<'a> {
    /// As it is written.
    pub(crate) text: &'a Text,
    /// `owner/repo` or `owner/repo/path`.
    pub(crate) name: &'a str,
    /// What stands behind the `@`.
    pub(crate) version: &'a str,
    /// `with`.
    pub(crate) with: &'a Entries,
}

impl<'a> Uses<'a> {
    pub(crate) fn of(step: &'a Step) -> Option<Self> {
        let StepAction::Uses { action, with } = &step.action else {
            return None;
        };
        let (name, version) = action.value.split_once('@').unwrap_or((&action.value, ""));
        Some(Self {
            text: action,
            name,
            version,
            with,
        })
    }

    /// An input as text; empty where it is absent.
    pub(crate) fn input(&self, name: &str) -> String {
        let found = self
            .with
            .iter()
            .find(|(key, _)| key.value.eq_ignore_ascii_case(name));
        found
            .and_then(|(_, node)| node.scalar_text())
            .unwrap_or_default()
    }

    /// Whether it is this action, in any case and version.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// Whether it only prepares a later step.
    pub(crate) fn prepares(&self) -> bool {
        let name = self.name.to_ascii_lowercase();
        ["checkout", "setup-", "cache", "install"]
            .iter()
            .any(|word| name.contains(word))
    }
}

fn scripts<'a>(subject: &Subject<'a>, job: &Job, step: &'a Step) -> Vec<Script<'a>> {
    let StepAction::Run { script, shell, .. } = &step.action else {
        return Vec::new();
    };
    let defaults = [&job.defaults, &subject.workflow.defaults];
    let named = shell
        .as_ref()
        .or_else(|| defaults.iter().find_map(|one| one.shell.as_ref()))
        .map(Text::as_str);
    let Some(shell) = Shell::of(named, job) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    add(&script.value, script, shell, subject.project, 0, &mut found);
    found
}

/// A script and those within it; `base` is the line where it begins.
fn add<'a>(
    script: &str,
    text: &'a Text,
    shell: Shell,
    project: &Project,
    base: usize,
    found: &mut Vec<Script<'a>>,
) {
    let read = Script::read(script, text, shell, project, base);
    let inner: Vec<_> = read
        .commands
        .iter()
        .filter_map(|seen| {
            let (script, flags) = inner_script(&seen.command.words)?;
            Some((script.to_owned(), Shell::inner(&flags), seen.command.line))
        })
        .collect();
    found.push(Script {
        is_inner: !found.is_empty(),
        ..read
    });
    for (script, shell, line) in inner {
        if found.len() <= MAX_INNER {
            add(&script, text, shell, project, line, found);
        }
    }
}

impl<'a> Script<'a> {
    /// The commands of a script that begins in the line `base` of a step's `run`.
    pub(crate) fn read(
        script: &str,
        text: &'a Text,
        shell: Shell,
        project: &Project,
        base: usize,
    ) -> Self {
        let mut now = shell;
        let commands = parse_script(script).into_iter().map(|mut command| {
            command.line += base;
            let before = now;
            now = now.after(&command.words);
            Seen {
                errexit: before.errexit,
                pipefail: before.pipefail,
                gate: gate(&command.words, project),
                command,
            }
        });
        Self {
            text,
            is_sh: shell.is_sh,
            is_inner: false,
            commands: commands.collect(),
        }
    }
}

impl Shell {
    /// The shell of a step. Nothing where it is none of Unix, or cannot be told (GitHub docs,
    /// "Workflow syntax", `shell`; in a container the default is `sh`).
    pub(crate) fn of(named: Option<&str>, job: &Job) -> Option<Self> {
        let shell = |is_sh, errexit, pipefail| Shell {
            is_sh,
            errexit,
            pipefail,
        };
        let runs_on = job.runs_on.as_ref().and_then(Node::scalar_text);
        match named.map(str::trim) {
            None if runs_on.is_some_and(|label| label.starts_with("windows")) => None,
            None => Some(shell(job.container.is_some(), true, false)),
            Some("bash") => Some(shell(false, true, true)),
            Some("sh") => Some(shell(true, true, false)),
            Some(own) if own.contains("{0}") => {
                let mut words = own.split_whitespace();
                let name = words.next()?.rsplit('/').next()?;
                if !["bash", "sh", "dash", "ash", "zsh"].contains(&name) {
                    return None;
                }
                let options: Vec<&str> = words.collect();
                let short = |option: &&str| {
                    option.starts_with('-') && !option.starts_with("--") && option.contains('e')
                };
                let errexit = options.iter().any(short) || options.contains(&"errexit");
                Some(shell(
                    name != "bash" && name != "zsh",
                    errexit,
                    options.contains(&"pipefail"),
                ))
            }
            _ => None,
        }
    }

    /// The shell of `bash -ec '…'`, by its options.
    pub(crate) fn inner(flags: &str) -> Self {
        Self {
            is_sh: false,
            errexit: flags.contains('e'),
            pipefail: flags.contains("pipefail"),
        }
    }

    /// The options after a command: `set -euo pipefail`, `set +e`.
    fn after(mut self, words: &[String]) -> Self {
        let Some(("set", options)) = words
            .split_first()
            .map(|(name, options)| (name.as_str(), options))
        else {
            return self;
        };
        let mut on = true;
        for option in options {
            match option.chars().next() {
                Some(sign @ ('-' | '+')) => {
                    on = sign == '-';
                    if option.contains('e') {
                        self.errexit = on;
                    }
                }
                _ if option == "pipefail" => self.pipefail = on,
                _ if option == "errexit" => self.errexit = on,
                _ => {}
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn with_view(text: &str, look: impl Fn(&View<'_>)) {
        let parsed = crate::workflow::parse(text).unwrap();
        let subject = Subject {
            path: "w.yml",
            text,
            workflow: &parsed.workflow,
            project: &Project::default(),
        };
        look(&View::new(&subject));
    }

    #[test]
    fn commands_have_places_and_options() {
        let text = "on: push
jobs:
  a:
    runs-on: x
    steps:
      - run: run && b
      - run: |
          # why

          set -uo pipefail
            c \\
              d; set +e
          docker run i sh -ec 'e | f
            g'
      - run: >
          h
          i
      - shell: sh
        run: \"j\"
      - shell: bash {0}
        run: k
      - shell: python
        run: l
";
        with_view(text, |view| {
            let told: Vec<String> = view
                .scripts()
                .flat_map(|(_, _, script)| {
                    let commands = script.commands.iter();
                    commands.map(move |seen| {
                        let place = view.command(script, seen);
                        let flag = |on: bool, letter: &'static str| if on { letter } else { "" };
                        format!(
                            "{} {}:{} {}{}{}{}",
                            seen.command.words.join(" ").replace('\n', " "),
                            place.line,
                            place.column,
                            flag(seen.errexit, "e"),
                            flag(seen.pipefail, "p"),
                            flag(script.is_sh, "s"),
                            flag(script.is_inner, "i"),
                        )
                    })
                })
                .collect();
            assert_eq!(
                told,
                [
                    "run 6:14 e",
                    "b 6:21 e",
                    "set -uo pipefail 10:11 e",
                    "c d 11:13 ep",
                    "set +e 12:18 ep",
                    "docker run i sh -ec e | f   g 13:11 p",
                    "e 13:32 ei",
                    "f 13:36 ei",
                    "g 14:13 ei",
                    "h i 16:11 e",
                    "j 19:15 es",
                    "k 21:14 ",
                ]
            );
        });
    }
}
