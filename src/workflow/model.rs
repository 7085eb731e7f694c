//! What a workflow file says, with the place of everything it says.
//!
//! Values that may hold an expression stay as text: the `plan` room evaluates
//! them. Key names and their meaning are those of GitHub's "Workflow syntax for
//! GitHub Actions".

use super::node::{Node, Span, Text};

/// A list of `key: value` in the order of the file (`env`, `with`, `outputs` …).
/// Values are scalars, or expressions in a scalar.
pub(crate) type Entries = Vec<(Text, Node)>;

/// A whole workflow file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Workflow {
    /// `name`, as written; GitHub shows the file's path where it is absent.
    pub(crate) name: Option<Text>,
    /// `run-name`.
    pub(crate) run_name: Option<Text>,
    /// `on`, in the order of the file.
    pub(crate) on: Vec<Trigger>,
    /// Workflow-level `env`.
    pub(crate) env: Entries,
    /// Workflow-level `defaults.run`.
    pub(crate) defaults: RunDefaults,
    /// `permissions`: no effect outside GitHub, kept for the report.
    pub(crate) permissions: Option<Node>,
    /// `concurrency`: no effect across runs.
    pub(crate) concurrency: Option<Node>,
    /// `jobs`, in the order of the file.
    pub(crate) jobs: Vec<Job>,
}

/// One event under `on`.
#[derive(Debug, Clone)]
pub(crate) struct Trigger {
    /// Event name: `push`, `pull_request` …
    pub(crate) event: Text,
    /// `branches`.
    pub(crate) branches: Vec<Text>,
    /// `branches-ignore`.
    pub(crate) branches_ignore: Vec<Text>,
    /// `tags`.
    pub(crate) tags: Vec<Text>,
    /// `tags-ignore`.
    pub(crate) tags_ignore: Vec<Text>,
    /// `paths`.
    pub(crate) paths: Vec<Text>,
    /// `paths-ignore`.
    pub(crate) paths_ignore: Vec<Text>,
    /// `types`.
    pub(crate) types: Vec<Text>,
    /// `inputs` of `workflow_dispatch` and `workflow_call`.
    pub(crate) inputs: Vec<Input>,
    /// Everything of the event as it stands, for keys that have no field
    /// (`cron`, `secrets`, `outputs`, `workflows` …).
    pub(crate) raw: Node,
}

/// One input of `workflow_dispatch` or `workflow_call`.
#[derive(Debug, Clone)]
pub(crate) struct Input {
    /// Name of the input.
    pub(crate) name: Text,
    /// `type`: `string` where absent.
    pub(crate) kind: Option<Text>,
    /// `required`.
    pub(crate) required: bool,
    /// `default`.
    pub(crate) default: Option<Node>,
    /// `options` of a `choice`.
    pub(crate) options: Vec<Text>,
}

/// `defaults.run`.
#[derive(Debug, Clone, Default)]
pub(crate) struct RunDefaults {
    /// `shell`.
    pub(crate) shell: Option<Text>,
    /// `working-directory`.
    pub(crate) working_directory: Option<Text>,
}

/// One job.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    /// The key under `jobs`.
    pub(crate) id: Text,
    /// Place of the whole job.
    #[cfg_attr(
        not(test),
        expect(
            dead_code,
            reason = "read by problems that are about a whole job, such as unusable services"
        )
    )]
    pub(crate) span: Span,
    /// `name`.
    pub(crate) name: Option<Text>,
    /// `needs`, one or several.
    pub(crate) needs: Vec<Text>,
    /// `if`, without meaning given to it yet.
    pub(crate) condition: Option<Text>,
    /// `runs-on`: a label, a list of labels, or a map with `group`/`labels`.
    pub(crate) runs_on: Option<Node>,
    /// Job-level `env`.
    pub(crate) env: Entries,
    /// `defaults.run`.
    pub(crate) defaults: RunDefaults,
    /// `strategy`.
    pub(crate) strategy: Option<Strategy>,
    /// `container`.
    pub(crate) container: Option<Container>,
    /// `services`, by their label.
    pub(crate) services: Vec<(Text, Container)>,
    /// `outputs`.
    pub(crate) outputs: Entries,
    /// `timeout-minutes`: a number or an expression.
    pub(crate) timeout_minutes: Option<Node>,
    /// `continue-on-error`: a boolean or an expression.
    pub(crate) continue_on_error: Option<Node>,
    /// `steps`.
    pub(crate) steps: Vec<Step>,
    /// `uses`: a reusable workflow in place of steps.
    pub(crate) uses: Option<Text>,
    /// `with` of a reusable workflow.
    pub(crate) with: Entries,
    /// `secrets` of a reusable workflow: a map, or the word `inherit`.
    pub(crate) secrets: Option<Node>,
    /// `permissions`: no effect outside GitHub.
    pub(crate) permissions: Option<Node>,
    /// `environment`: no effect outside GitHub.
    pub(crate) environment: Option<Node>,
    /// `concurrency`: no effect across runs.
    pub(crate) concurrency: Option<Node>,
    /// Keys that GitHub knows and that mean nothing elsewhere.
    pub(crate) no_effect: Vec<Text>,
}

impl Job {
    /// A job with nothing in it.
    pub(crate) fn empty(id: Text, span: Span) -> Self {
        Self {
            id,
            span,
            name: None,
            needs: Vec::new(),
            condition: None,
            runs_on: None,
            env: Vec::new(),
            defaults: RunDefaults::default(),
            strategy: None,
            container: None,
            services: Vec::new(),
            outputs: Vec::new(),
            timeout_minutes: None,
            continue_on_error: None,
            steps: Vec::new(),
            uses: None,
            with: Vec::new(),
            secrets: None,
            permissions: None,
            environment: None,
            concurrency: None,
            no_effect: Vec::new(),
        }
    }
}

/// `strategy` of a job.
#[derive(Debug, Clone)]
pub(crate) struct Strategy {
    /// `matrix`: a map, or an expression that gives one.
    pub(crate) matrix: Option<Node>,
    /// `fail-fast`: `true` where absent.
    pub(crate) fail_fast: Option<Node>,
    /// `max-parallel`.
    pub(crate) max_parallel: Option<Node>,
}

/// `container` of a job, or one service.
#[derive(Debug, Clone, Default)]
pub(crate) struct Container {
    /// `image`. An expression may make it empty, which means "none".
    pub(crate) image: Option<Text>,
    /// `env`.
    pub(crate) env: Entries,
    /// `ports`.
    pub(crate) ports: Vec<Text>,
    /// `volumes`.
    pub(crate) volumes: Vec<Text>,
    /// `options`, as `docker create` knows them.
    pub(crate) options: Option<Text>,
    /// `credentials`.
    pub(crate) credentials: Entries,
    /// `entrypoint` (services).
    pub(crate) entrypoint: Option<Text>,
    /// `command` (services).
    pub(crate) command: Option<Text>,
}

/// One step.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    /// Place of the whole step.
    pub(crate) span: Span,
    /// `id`.
    pub(crate) id: Option<Text>,
    /// `name`.
    pub(crate) name: Option<Text>,
    /// `if`.
    pub(crate) condition: Option<Text>,
    /// What it does.
    pub(crate) action: StepAction,
    /// `env`.
    pub(crate) env: Entries,
    /// `timeout-minutes`.
    pub(crate) timeout_minutes: Option<Node>,
    /// `continue-on-error`.
    pub(crate) continue_on_error: Option<Node>,
}

/// A step either runs a script or uses an action, never both.
#[derive(Debug, Clone)]
pub(crate) enum StepAction {
    /// `run`.
    Run {
        /// The script.
        script: Text,
        /// `shell`.
        shell: Option<Text>,
        /// `working-directory`.
        working_directory: Option<Text>,
    },
    /// `uses`.
    Uses {
        /// `owner/repo@ref`, `owner/repo/path@ref`, `./path` or `docker://image`.
        action: Text,
        /// `with`.
        with: Entries,
    },
}
