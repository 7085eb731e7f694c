//! The engine's socket inside a job: which jobs the settings give it to, and which
//! steps want an engine.

use crate::record::Cause;
use crate::workflow::{self, Container, Entries, Problem, Span, Step, StepAction, Text};

use super::action::{ActionRef, BuiltIn, OwnCode};
use super::script::{self, base_name};
use super::{Inputs, Placement, PlanJob, PlanStep};

/// Jobs that get the engine's socket, and with it the rights of root on the engine's
/// machine. Only the settings grant it, never a workflow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum SocketGrant {
    /// None.
    #[default]
    Nobody,
    /// All of them.
    Everybody,
    /// Those with these ids (`build`, or `call / build` in a workflow that is called).
    Jobs(Vec<String>),
}

impl SocketGrant {
    /// Whether a job gets the socket.
    pub(super) fn covers(&self, job: &str) -> bool {
        match self {
            Self::Nobody => false,
            Self::Everybody => true,
            Self::Jobs(jobs) => jobs.iter().any(|granted| granted == job),
        }
    }
}

/// Whether the steps of a job reach an engine: that of this machine, if they run on it
/// or have its socket, or one that the workflow names.
pub(super) fn has_engine(job: &workflow::Job, id: &str, inputs: &Inputs) -> bool {
    let by_container = |container: &Container| {
        let texts = container.volumes.iter().chain(&container.options);
        texts
            .into_iter()
            .any(|text| text.value.contains("docker.sock"))
            || names_engine(&container.env)
    };
    inputs.on_this_machine.is_some()
        || inputs.docker_socket.covers(id)
        || names_engine(&job.env)
        || job.container.as_ref().is_some_and(by_container)
}

/// Whether variables name an engine.
fn names_engine(env: &Entries) -> bool {
    env.iter().any(|(name, _)| name.value == "DOCKER_HOST")
}

/// The problem of an action that does its work with an engine, in a job that has none.
pub(super) fn refusal(uses: &Text, job: &str) -> Option<(Cause, Problem)> {
    let Some(ActionRef::Repository { name, .. }) = ActionRef::parse(&uses.value) else {
        return None;
    };
    let builds = OwnCode::of(&name).is_some_and(|row| row.engine)
        || BuiltIn::of(&name) == Some(BuiltIn::BuildPush);
    if !builds {
        return None;
    }
    let problem = Problem::new(
        uses.span,
        format!("`{name}` builds with a container engine, and job `{job}` has none"),
    )
    .with_hint(format!(
        "{}, or, if the tests do not need it, skip it with `--skip-action {name}`",
        way_out(job)
    ));
    Some((Cause::DockerSocket, problem))
}

/// What a person should know of jobs whose steps call an engine that they do not have,
/// one line for each job.
pub(super) fn warnings(jobs: &[&PlanJob], inputs: &Inputs) -> Vec<Problem> {
    jobs.iter()
        .filter(|job| !has_engine(&job.job, &job.id, inputs))
        .filter_map(|job| {
            let leg = job.legs.iter().find(|leg| leg.left_out.is_none())?;
            let (span, command) = leg.steps.iter().find_map(calls)?;
            let mut problem = Problem::new(
                span,
                format!(
                    "a step calls `{command}`, and job `{}` has no container engine",
                    job.id
                ),
            )
            .with_hint(way_out(&job.id));
            problem.in_file(&job.frame.file);
            Some(problem)
        })
        .collect()
}

fn way_out(job: &str) -> String {
    format!(
        "give it this machine's, and with it the rights of root there, in seatrial.toml: \
         `[container] docker-socket = [\"{job}\"]`"
    )
}

/// Where a step calls an engine, and by which command. Those of a composite action
/// stand in another file: the step that uses it stands for them.
fn calls(step: &PlanStep) -> Option<(Span, &'static str)> {
    match (&step.step.action, &step.placement) {
        (_, Placement::ThisMachine) => None,
        (StepAction::Run { script, .. }, _) => {
            let command = in_script(&step.step, &script.value)?;
            Some((script.span, command))
        }
        (StepAction::Uses { action, .. }, Placement::Composite(used)) => {
            let (_, command) = used.steps.iter().find_map(calls)?;
            Some((action.span, command))
        }
        (StepAction::Uses { .. }, _) => None,
    }
}

/// The command by which a script calls an engine.
fn in_script(step: &Step, script: &str) -> Option<&'static str> {
    if names_engine(&step.env) {
        return None;
    }
    script::parse(script).iter().find_map(|command| {
        if command
            .assignments
            .iter()
            .any(|(name, _)| name == "DOCKER_HOST")
        {
            return None;
        }
        let mut words = command.words.iter().map(|word| base_name(word));
        let name = words.find(|word| *word != "sudo" && !word.starts_with('-'))?;
        match (name, words.next()) {
            ("docker", Some("compose")) => Some("docker compose"),
            ("docker-compose", _) => Some("docker-compose"),
            // Asks nothing of an engine.
            ("docker", None | Some("--version" | "--help")) => None,
            ("docker", _) => Some("docker"),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::SocketGrant;
    use crate::plan::{Inputs, build};
    use crate::workflow::parse;

    /// The warnings about a step in a job `a`.
    fn warnings(step: &str, inputs: &Inputs) -> Vec<String> {
        let text = format!(
            "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - {step}\n"
        );
        let plan = build(&parse(&text).unwrap().workflow, inputs).unwrap();
        plan.warnings
            .iter()
            .map(|problem| format!("{}: {}", problem.span.start.line, problem.message))
            .collect()
    }

    #[test]
    fn calls_of_an_engine_are_seen() {
        for (script, command) in [
            ("docker run x", "docker"),
            ("set -e; sudo -E docker build .", "docker"),
            ("docker compose up -d", "docker compose"),
            ("/usr/local/bin/docker-compose up", "docker-compose"),
            ("if ! docker info; then exit 1; fi", "docker"),
        ] {
            assert_eq!(
                warnings(&format!("run: {script}"), &Inputs::default()),
                [format!(
                    "6: a step calls `{command}`, and job `a` has no container engine"
                )],
                "{script}"
            );
        }
        for script in [
            "echo docker",
            "docker --version",
            "pip install docker",
            "DOCKER_HOST=tcp://dind:2375 docker ps",
        ] {
            let told = warnings(&format!("run: {script}"), &Inputs::default());
            assert!(told.is_empty(), "{script}: {told:?}");
        }
    }

    #[test]
    fn jobs_that_have_an_engine_are_left_alone() {
        for grant in [
            SocketGrant::Everybody,
            SocketGrant::Jobs(vec!["b".to_owned(), "a".to_owned()]),
        ] {
            let inputs = Inputs {
                docker_socket: grant,
                ..Inputs::default()
            };
            assert!(warnings("run: docker ps", &inputs).is_empty());
        }
        let other = Inputs {
            docker_socket: SocketGrant::Jobs(vec!["b".to_owned()]),
            ..Inputs::default()
        };
        assert_eq!(warnings("run: docker ps", &other).len(), 1);
        let own = "{ run: docker ps, env: { DOCKER_HOST: tcp://dind:2375 } }";
        assert!(warnings(own, &Inputs::default()).is_empty());
    }
}
