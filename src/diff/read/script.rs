//! From the steps of a job to items. What runs in a container or in another shell is read as
//! if it stood in the script, with what the container gives to it.

use std::collections::BTreeMap;

use super::environment::Environment;
use super::kind::{self, Kind};
use super::{Body, Item, MAX_ITEMS, Ran};
use crate::audit::{ContainerCall, Script, Shell, Uses, Verb, View, inner_script, swallowed};
use crate::diff::text;
use crate::expr::Terms;
use crate::plan::{Command, Project, base_name, join_paths};
use crate::workflow::{Job, Step, StepAction, Text};

/// Scripts in scripts that are followed.
const MAX_INNER: usize = 3;

/// Names of the checkout's folder.
const CHECKOUT: [&str; 9] = [
    ".",
    "./",
    "$PWD",
    "${PWD}",
    "$(pwd)",
    "`pwd`",
    "$GITHUB_WORKSPACE",
    "${GITHUB_WORKSPACE}",
    "${{ github.workspace }}",
];

/// Actions that run a script which stands in an input: by parts of their names.
const RUN_SCRIPTS: [(&str, &str); 3] = [
    ("nick-fields/retry", "command"),
    ("xvfb", "run"),
    ("nick-invision/retry", "command"),
];

/// Goes through the steps of a job.
pub(super) struct Reader<'a, 'v> {
    pub(super) view: &'v View<'a>,
    pub(super) project: &'v Project,
    pub(super) job: &'a Job,
    /// What the next step sees, without its own `env`.
    pub(super) environment: Environment,
    /// Containers that were started by name, with what they see.
    pub(super) containers: BTreeMap<String, Environment>,
    /// Whether files are copied out of a container somewhere.
    pub(super) copied: bool,
    /// How failures of the next step are swallowed by what runs it.
    pub(super) swallowed: Option<String>,
    /// What was found.
    pub(super) items: Vec<Item<'a>>,
}

/// What surrounds a script.
#[derive(Clone, Default)]
struct Around {
    ran: Ran,
    depth: usize,
    /// The line of the step's script in which it begins.
    line: usize,
}

impl<'a> Reader<'a, '_> {
    /// A step with a script. `inside` is whether the job's container runs it.
    pub(super) fn step(
        &mut self,
        step: &'a Step,
        script: &'a Text,
        condition: Option<Terms>,
        shell: Option<Shell>,
        inside: bool,
    ) {
        let mut environment = self.environment.clone();
        environment.extend(&step.env);
        if inside {
            environment = environment.handed_on();
        }
        let around = Around {
            ran: Ran {
                environment,
                directory: Some(self.directory(step)),
                comes_out: true,
                swallowed: self.swallowed.clone(),
                ..Ran::default()
            },
            ..Around::default()
        };
        match shell {
            Some(shell) => self.script(step, script, &script.value, &condition, shell, around),
            None => {
                // A script of another language is one command.
                let words = script.value.split_whitespace().map(ToOwned::to_owned);
                let at = self.view.at(script.span);
                self.items.push(Item {
                    step,
                    at,
                    condition,
                    kind: Kind::Other,
                    words: words.collect(),
                    body: Body::Command(Box::new(around.ran)),
                });
            }
        }
    }

    /// The folder of a step.
    fn directory(&self, step: &Step) -> String {
        let StepAction::Run {
            working_directory, ..
        } = &step.action
        else {
            return String::new();
        };
        let defaults = [&self.job.defaults, &self.view.subject.workflow.defaults];
        let named = working_directory.as_ref().or_else(|| {
            defaults
                .iter()
                .find_map(|one| one.working_directory.as_ref())
        });
        named.map_or_else(String::new, |text| {
            from_checkout(&join_paths("", text.value.trim()), &[])
        })
    }

    /// A step with an action.
    pub(super) fn action(&mut self, step: &'a Step, condition: Option<Terms>) {
        let Some(uses) = Uses::of(step) else {
            return;
        };
        let name = uses.name.to_ascii_lowercase();
        let script = RUN_SCRIPTS.iter().find_map(|(part, input)| {
            let (_, node) = uses.with.iter().find(|(key, _)| key.value == *input)?;
            name.contains(part).then_some(node.scalar_text()?)
        });
        let shell = Shell::of(Some("bash"), self.job);
        if let (Some(script), Some(shell)) = (script, shell) {
            let mut environment = self.environment.clone();
            environment.extend(&step.env);
            let around = Around {
                ran: Ran {
                    environment,
                    directory: Some(String::new()),
                    comes_out: true,
                    swallowed: self.swallowed.clone(),
                    ..Ran::default()
                },
                ..Around::default()
            };
            self.script(step, uses.text, &script, &condition, shell, around);
            return;
        }
        let inputs = uses.with.iter().map(|(key, node)| {
            format!(
                "{}: {}",
                key.value.to_ascii_lowercase(),
                text::of_node(node)
            )
        });
        let words = std::iter::once(uses.text.value.clone()).chain(inputs);
        self.items.push(Item {
            step,
            at: self.view.at(uses.text.span),
            condition,
            kind: kind::of_action(&uses, step.id.as_ref().map(Text::as_str)),
            words: words.collect(),
            body: Body::Action(uses),
        });
    }

    /// The commands of a script.
    fn script(
        &mut self,
        step: &'a Step,
        text: &'a Text,
        script: &str,
        condition: &Option<Terms>,
        shell: Shell,
        mut around: Around,
    ) {
        let mut read = Script::read(script, text, shell, self.project, around.line);
        read.is_inner = around.depth > 0;
        for (at, seen) in read.commands.iter().enumerate() {
            if self.items.len() > MAX_ITEMS {
                return;
            }
            let command = &seen.command;
            if command.substituted && seen.gate.is_none() {
                continue;
            }
            self.note_variables(command, &mut around.ran.environment);
            if command.words.is_empty() {
                continue;
            }
            let mut ran = around.ran.clone();
            let set = command.assignments.iter().cloned();
            ran.environment.set.extend(set);
            ran.sometimes |= command.conditional;
            if ran.swallowed.is_none() {
                let told = format!("`{}`", text::short(&command.words.join(" ")));
                ran.swallowed = swallowed(&read, at, &told).map(|(_, message)| message);
            }
            ran.directory = match (&ran.directory, &command.directory) {
                (Some(base), Some(inner)) => Some(join_paths(base, inner)),
                _ => None,
            };
            let place = self.view.command(&read, seen);
            let inner = Around {
                ran,
                depth: around.depth,
                line: command.line,
            };
            let found = Found {
                step,
                text,
                condition,
                at: place,
            };
            self.command(&found, &command.words, &command.writes, inner);
        }
    }

    /// Variables that later commands and steps see.
    fn note_variables(&mut self, command: &Command, environment: &mut Environment) {
        let pairs = |words: &[String]| -> Vec<(String, String)> {
            let pairs = words.iter().filter_map(|word| word.split_once('='));
            pairs
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect()
        };
        match command.name() {
            "export" | "declare" => {
                let words = command.words.get(1..).unwrap_or_default();
                environment.set.extend(pairs(words));
            }
            "echo" | "printf"
                if command
                    .writes
                    .iter()
                    .any(|file| file.contains("GITHUB_ENV")) =>
            {
                let words = command.words.get(1..).unwrap_or_default();
                let plain: Vec<String> = words
                    .iter()
                    .filter(|word| !word.starts_with('-'))
                    .cloned()
                    .collect();
                self.environment.set.extend(pairs(&plain));
            }
            _ => {}
        }
    }

    /// A command, or what it runs in a container or another shell.
    fn command(
        &mut self,
        found: &Found<'a, '_>,
        words: &[String],
        writes: &[String],
        around: Around,
    ) {
        let (words, around) = with_own_variables(words, around);
        if around.depth < MAX_INNER {
            if let Some(call) = ContainerCall::of(words).filter(|call| call.verb != Verb::Build) {
                return self.in_container(found, &call, words, writes, around);
            }
            if let Some((script, flags)) = inner_script(words) {
                let inner = Around {
                    depth: around.depth + 1,
                    ..around
                };
                let script = script.to_owned();
                return self.script(
                    found.step,
                    found.text,
                    &script,
                    found.condition,
                    Shell::inner(&flags),
                    inner,
                );
            }
        }
        let kind = kind::of_command(words, writes, self.project);
        let mut said = words.to_vec();
        if kind == Kind::Other {
            let kept = writes.iter().filter(|file| file.contains("GITHUB_"));
            said.extend(kept.map(|file| format!("> {file}")));
        }
        let mut ran = around.ran;
        ran.due = self.project.due_of(Command {
            words: words.to_vec(),
            directory: ran.directory.clone(),
            ..Command::default()
        });
        self.items.push(Item {
            step: found.step,
            at: found.at.clone(),
            condition: found.condition.clone(),
            kind,
            words: said,
            body: Body::Command(Box::new(ran)),
        });
    }

    fn in_container(
        &mut self,
        found: &Found<'a, '_>,
        call: &ContainerCall<'_>,
        words: &[String],
        writes: &[String],
        mut around: Around,
    ) {
        let base = match call.verb {
            Verb::Exec => call.image.and_then(|name| self.containers.get(name)),
            _ => None,
        };
        let inside = around.ran.environment.inside(call, base);
        if let Some(name) = call.name.filter(|_| call.verb == Verb::Run) {
            self.containers.insert(name.to_owned(), inside.clone());
        }
        let runs = call.runs();
        if runs.is_empty() || only_waits(&runs) {
            // What the image says is not read; a container that only waits does nothing.
            let kind = match runs.is_empty() {
                true => Kind::Hidden,
                false => Kind::Quiet,
            };
            self.items.push(Item {
                step: found.step,
                at: found.at.clone(),
                condition: found.condition.clone(),
                kind,
                words: words.to_vec(),
                body: Body::Command(Box::new(around.ran)),
            });
            return;
        }
        if call.detached && around.ran.swallowed.is_none() {
            around.ran.swallowed =
                Some("its container runs in the background (`--detach`)".to_owned());
        }
        let mounted = call.mounts.iter().any(|mount| !mount.source.is_empty());
        around.ran.comes_out &= mounted
            || self.copied && !call.removes
            || matches!(call.verb, Verb::Compose | Verb::Exec);
        let roots = call
            .mounts
            .iter()
            .filter(|mount| CHECKOUT.contains(&mount.source.as_str()))
            .map(|mount| mount.target.clone())
            .chain(call.workdir.map(ToOwned::to_owned));
        around.ran.roots.extend(roots);
        // Relative paths begin in the container's folder.
        around.ran.directory = Some(match call.workdir {
            Some(folder) => from_checkout(folder, &around.ran.roots),
            None => String::new(),
        });
        around.ran.environment = inside;
        around.ran.container = call.image.map(ToOwned::to_owned);
        around.depth += 1;
        self.command(found, &runs, writes, around);
    }
}

/// Where a command was found.
struct Found<'a, 'f> {
    step: &'a Step,
    text: &'a Text,
    condition: &'f Option<Terms>,
    at: crate::scan::FilePlace,
}

/// Takes off `env NAME=value …`.
fn with_own_variables(words: &[String], mut around: Around) -> (&[String], Around) {
    let Some((first, mut rest)) = words.split_first() else {
        return (words, around);
    };
    if base_name(first) != "env" {
        return (words, around);
    }
    let mut any = false;
    while let Some((word, behind)) = rest.split_first() {
        let Some((name, value)) = word.split_once('=').filter(|_| !word.starts_with('-')) else {
            break;
        };
        around
            .ran
            .environment
            .set
            .insert(name.to_owned(), value.to_owned());
        rest = behind;
        any = true;
    }
    match any && !rest.is_empty() {
        true => (rest, around),
        false => (words, around),
    }
}

/// `sleep infinity`, `tail -f /dev/null`: keeps a container that others enter.
fn only_waits(words: &[String]) -> bool {
    let name = words.first().map_or("", |word| base_name(word));
    match name {
        "sleep" => words.len() == 2,
        "tail" => words.iter().any(|word| word == "/dev/null"),
        "cat" | "bash" | "sh" => words.len() == 1,
        _ => false,
    }
}

/// A path from the checkout on, where one of the folders stands for it.
pub(in crate::diff) fn from_checkout(path: &str, roots: &[String]) -> String {
    let known = CHECKOUT.iter().copied().filter(|name| name.len() > 2);
    let roots = roots.iter().map(String::as_str);
    for root in roots.chain(known) {
        let root = root.trim_end_matches('/');
        let rest = path.strip_prefix(root).filter(|_| !root.is_empty());
        match rest {
            Some("") => return String::new(),
            Some(rest) if rest.starts_with('/') => return rest.trim_start_matches('/').to_owned(),
            _ => {}
        }
    }
    path.to_owned()
}
