//! The rows of the page, from the code's own tables.

use crate::cli::tests_scenarios::Scenario;
use crate::expr::Function;
use crate::plan::{BuiltIn, GithubFacts, OwnCode, Refused, Skipped, github_context};
use crate::runner::tests_tables::{commands, environment_files};
use crate::workflow::tests_keys::{events, keys};

/// The scenario that prints whole contexts, from which their properties are read.
const WHOLE_CONTEXTS: &str = "612";

/// Rows under one heading.
pub(super) struct Section {
    /// The heading.
    pub(super) title: &'static str,
    /// A sentence below it.
    pub(super) intro: &'static str,
    /// Heading of the first column.
    pub(super) column: &'static str,
    /// The rows.
    pub(super) rows: Vec<Row>,
}

/// One row.
pub(super) struct Row {
    /// Its name in `covers`.
    pub(super) id: String,
    /// The first column.
    pub(super) shown: String,
    /// What a workflow writes that uses it, for properties of contexts.
    pub(super) property: Option<String>,
}

fn row(kind: &str, name: &str) -> Row {
    Row {
        id: format!("{kind}:{name}"),
        shown: format!("`{name}`"),
        property: None,
    }
}

/// Rules that no table of the code lists.
const RULES: [(&str, &str); 38] = [
    ("if-forms", "`if` with and without `${{ }}`"),
    ("leg-names", "names of legs"),
    ("object-axes", "objects and lists as values of a matrix"),
    ("matrix-limit", "256 legs at most"),
    ("matrix-outputs", "outputs of a matrix"),
    ("dynamic-matrix", "a matrix from another job's output"),
    ("reusable-workflows", "workflows that are called"),
    ("other-systems", "labels of Windows and macOS"),
    ("default-variables", "the runner's own variables"),
    ("secrets", "masking of secrets"),
    ("stopped-run", "a run that is stopped"),
    ("environments", "a job whose environment cannot be had"),
    ("selection", "`--job` and `--matrix`"),
    ("memory", "memory that runs out"),
    ("disk", "a disk that is full"),
    ("reports", "reports of tests"),
    ("unknown-actions", "actions that are not to be had"),
    ("composite-actions", "composite actions"),
    ("javascript-actions", "JavaScript actions"),
    ("docker-actions", "Docker actions"),
    (
        "other-repositories",
        "actions and workflows of other repositories",
    ),
    ("unknown-keys", "unknown keys"),
    ("missing-keys", "missing and contradictory keys"),
    ("types", "values of a wrong type"),
    ("needs", "unknown and cyclic `needs`"),
    ("identifiers", "ids"),
    (
        "context-availability",
        "contexts and functions where GitHub has none",
    ),
    ("post-steps", "steps at the end of a job, in reverse order"),
    ("images", "which image a job gets"),
    ("sudo", "`sudo` in a script"),
    ("docker-socket", "`docker` in a script"),
    ("operators", "operators, precedence, texts"),
    ("coercion", "comparison of different types, truthiness"),
    ("numbers", "numbers in all forms"),
    ("index", "`.` and `[ ]`"),
    ("object-filter", "`.*`"),
    ("expression-errors", "errors of expressions"),
    ("provided", "set-up that the image holds already"),
];

/// Rules about YAML.
const YAML: [(&str, &str); 6] = [
    ("core-schema", "YAML 1.2 core schema"),
    ("numbers", "numbers that are not what they seem"),
    (
        "anchors",
        "anchors and aliases; merge keys are refused, as on GitHub",
    ),
    ("duplicate-keys", "duplicate keys"),
    ("documents", "several documents"),
    ("syntax", "broken YAML"),
];

/// What `shell` may be.
const SHELLS: [&str; 8] = [
    "unspecified",
    "bash",
    "sh",
    "python",
    "pwsh",
    "custom",
    "cmd",
    "powershell",
];

/// Everything that the page lists.
pub(super) fn sections(scenarios: &[Scenario]) -> Vec<Section> {
    let section = |title, intro, column, rows| Section {
        title,
        intro,
        column,
        rows,
    };
    let named = |kind: &str, table: &[(&str, &str)]| -> Vec<Row> {
        let row = |(name, shown): &(&str, &str)| Row {
            shown: (*shown).to_owned(),
            ..row(kind, name)
        };
        table.iter().map(row).collect()
    };
    vec![
        section(
            "Keys of a workflow",
            "",
            "key",
            keys().iter().map(|key| row("key", key)).collect(),
        ),
        section(
            "Events",
            "Any event can be run. What of its payload is made up is in \
             [configuration.md](configuration.md); `--event-file` gives a real one.",
            "event",
            events()
                .iter()
                .map(|(event, _)| row("event", event))
                .collect(),
        ),
        section("Contexts", "", "context", contexts(scenarios)),
        section(
            "Functions",
            "",
            "function",
            Function::ALL
                .iter()
                .map(|function| row("function", function.name()))
                .collect(),
        ),
        section("Rules", "", "rule", named("rule", &RULES)),
        section("YAML", "", "rule", named("yaml", &YAML)),
        section(
            "Environment files",
            "",
            "file",
            environment_files().map(|file| row("file", file)).collect(),
        ),
        section(
            "Workflow commands",
            "",
            "command",
            commands().iter().map(|name| row("command", name)).collect(),
        ),
        section(
            "Shells",
            "",
            "shell",
            SHELLS.iter().map(|name| row("shell", name)).collect(),
        ),
        section(
            "Actions",
            "What is done in their place is in [actions.md](actions.md).",
            "action",
            BuiltIn::ALL
                .iter()
                .flat_map(|action| action.row().names)
                .chain(OwnCode::ALL.iter().flat_map(|own| own.names))
                .chain(Skipped::ALL.iter().flat_map(|skipped| skipped.names))
                .chain(Refused::ALL.iter().flat_map(|refused| refused.names))
                .map(|name| row("action", name))
                .collect(),
        ),
    ]
}

/// The contexts and their properties.
fn contexts(scenarios: &[Scenario]) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut context = |name: &str, properties: &[String]| {
        rows.push(Row {
            // A context that is named is used.
            property: Some(format!("{name}.")),
            ..row("context", name)
        });
        for property in properties {
            let path = format!("{name}.{property}");
            rows.push(Row {
                property: Some(path.clone()),
                ..row("context", &path)
            });
        }
    };
    let github = github_context(&GithubFacts::default(), "", "");
    let of = |variable: &str| printed(scenarios, variable);
    let fixed =
        |names: &[&str]| -> Vec<String> { names.iter().map(|name| (*name).to_owned()).collect() };
    let github: Vec<String> = github
        .as_object()
        .map(|object| object.keys().cloned().collect())
        .unwrap_or_default();
    context("github", &github);
    context("env", &[]);
    context("vars", &[]);
    context("secrets", &[]);
    context("inputs", &[]);
    context("job", &of("JOB"));
    context(
        "steps",
        &fixed(&["<step>.outputs", "<step>.outcome", "<step>.conclusion"]),
    );
    context("runner", &of("RUNNER"));
    context("strategy", &of("STRATEGY"));
    context("matrix", &[]);
    context("jobs", &fixed(&["<job>.result", "<job>.outputs"]));
    context("needs", &fixed(&["<job>.result", "<job>.outputs"]));
    rows
}

/// The keys of an object that the scenario of whole contexts prints.
fn printed(scenarios: &[Scenario], variable: &str) -> Vec<String> {
    let scenario = scenarios
        .iter()
        .find(|scenario| scenario.name.starts_with(WHOLE_CONTEXTS))
        .unwrap();
    let text = std::fs::read_to_string(scenario.folder.join("expected.txt")).unwrap();
    let (_, behind) = text.split_once(&format!("| {variable}={{")).unwrap();
    let (object, _) = behind.split_once("    | }\n").unwrap();
    object
        .lines()
        .filter_map(|line| {
            Some(
                line.strip_prefix("    |   \"")?
                    .split_once('"')?
                    .0
                    .to_owned(),
            )
        })
        .collect()
}
