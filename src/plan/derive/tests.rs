#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use crate::plan::{self, GithubFacts, Plan};

/// Plans a job with these steps, in a repository with these files.
fn plan_of(head: &str, steps: &str, files: &[(&str, &str)]) -> Plan {
    let steps: String = steps
        .lines()
        .map(|line| format!("      {line}\n"))
        .collect();
    let text =
        format!("on: push\n{head}jobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n{steps}");
    let workflow = crate::workflow::parse(&text).unwrap().workflow;
    let inputs = Inputs {
        github: GithubFacts {
            workflow_file: ".github/workflows/test.yml".to_owned(),
            ..GithubFacts::default()
        },
        project: files
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect(),
        derive: true,
        ..Inputs::default()
    };
    plan::build(&workflow, &inputs).unwrap()
}

const FILES: &[(&str, &str)] = &[
    ("requirements.txt", "idna\n"),
    (
        "dev.txt",
        "-r requirements.txt\ngit+https://example.org/x@1\n",
    ),
    ("local.txt", "-e .\npytest\n"),
    (
        "pyproject.toml",
        "[project]\nname = 'x'\ndependencies = ['idna']\n[project.optional-dependencies]\ntest = ['pytest']\n",
    ),
];

/// What comes after the user's layers, with the steps that are baked.
fn derived(head: &str, steps: &str, files: &[(&str, &str)]) -> String {
    let begin = "- uses: actions/checkout@v4\n- uses: actions/setup-python@v5\n  with: {python-version: '3.12'}\n";
    let plan = plan_of(head, &format!("{begin}{steps}\n- run: pytest"), files);
    let leg = &plan.jobs[0].legs[0];
    let Some(derived) = &leg.derived else {
        return "nothing".to_owned();
    };
    let baked: Vec<String> = leg
        .steps
        .iter()
        .filter(|step| matches!(step.placement, Placement::Baked(_)))
        .map(|step| step.number.to_string())
        .collect();
    let (_, after) = derived
        .dockerfile
        .split_once("RUN python -m venv /opt/venv\n")
        .unwrap();
    let packages: String = derived
        .dockerfile
        .lines()
        .skip_while(|line| !line.starts_with("RUN apt-get"))
        .take_while(|line| !line.is_empty())
        .map(|line| format!("{line}\n"))
        .collect();
    let (layers, source) = after.split_once("\nFROM dependencies AS test\n").unwrap();
    let source = source
        .trim_start_matches("COPY --chown=1001:1001 . .\n")
        .trim_end_matches("CMD [\"python\", \"-m\", \"pytest\"]\n");
    let short = |text: &str| {
        text.replace("--mount=type=cache,target=/home/runner/.cache/", "--mount=")
            .replace(",uid=1001,gid=1001", "")
            .replace("# hadolint ignore=DL3013\n", "")
    };
    format!(
        "baked: {}, target: {}\n{packages}{}--- source{}",
        baked.join(" "),
        derived.target,
        short(layers),
        short(source)
    )
}

fn run(line: &str) -> String {
    format!("- run: {line}")
}

#[test]
fn a_whole_dockerfile() {
    let plan = plan_of(
        "",
        "- uses: actions/checkout@v4
- uses: actions/setup-python@v5
  with: {python-version: '3.12'}
- name: Install system packages
  run: |
    sudo apt-get update
    sudo apt-get install -y libpq-dev
- name: Install dependencies
  run: |
    python -m pip install --upgrade pip
    pip install -r requirements.txt
- run: pip install -e .[test]
- run: pytest",
        FILES,
    );
    insta::assert_snapshot!(plan.jobs[0].legs[0].derived.as_ref().unwrap().dockerfile);
}

#[test]
fn requirements_that_are_fetched_with_git() {
    insta::assert_snapshot!(derived("", &run("pip install -r dev.txt"), FILES));
}

#[test]
fn a_project_among_the_requirements_needs_the_source() {
    insta::assert_snapshot!(derived("", &run("pip install -r local.txt"), FILES));
}

#[test]
fn variables_that_say_how_to_install_come_along() {
    insta::assert_snapshot!(derived(
        "env:\n  PIP_INDEX_URL: https://example.org/simple\n  DJANGO: '4.2'\n",
        &run("pip install django==$DJANGO"),
        FILES
    ));
}

#[test]
fn a_virtual_environment_of_the_workflow() {
    let steps = "- run: |\n    python -m venv .venv\n    source .venv/bin/activate\n    pip install -r requirements.txt";
    insta::assert_snapshot!(derived("", steps, FILES));
}

#[test]
fn tools_with_lock_files() {
    let project = "[project]\nname = 'x'\n[dependency-groups]\ndev = ['pytest']\n";
    let files = [
        ("pyproject.toml", project),
        ("uv.lock", ""),
        ("poetry.lock", ""),
    ];
    let uv = "- uses: astral-sh/setup-uv@v5\n- run: uv sync --locked";
    let poetry = "- run: pipx install poetry==1.8.3\n- run: poetry install --with dev";
    insta::assert_snapshot!([derived("", uv, &files), derived("", poetry, &files)].join("\n\n"));
}

#[test]
fn a_version_from_history_keeps_the_step_and_bakes_its_dependencies() {
    let project = "[build-system]\nrequires = ['setuptools_scm']\n[project]\nname = 'x'\ndynamic = ['version']\ndependencies = ['idna']\n";
    let steps = "- run: pip install -e .\n- run: pip install pytest";
    insta::assert_snapshot!(derived("", steps, &[("pyproject.toml", project)]));
}

#[test]
fn what_may_differ_from_run_to_run_is_not_baked() {
    for step in [
        "- run: pip install x==${{ github.run_number }}",
        "- run: pip install --index-url https://${{ secrets.TOKEN }}@example.org x",
        "- run: pip install x==$(cat version)",
        "- run: pip install x || true",
        "- run: pip install $PACKAGE",
        "- run: pip install -r missing.txt",
        "- run: curl -LO https://example.org/x && pip install x",
        "- run: pip install x\n  continue-on-error: true",
        "- run: pip install x\n  if: steps.a.outputs.b",
        "- run: pip install x\n  shell: python",
        "- run: pip install x\n  env: {PIP_INDEX_URL: '${{ secrets.INDEX }}'}",
        "- run: |\n    pip install x\n    echo \"A=b\" >> $GITHUB_ENV",
        "- run: ./prepare.sh\n- run: pip install x",
        "- run: echo /x >> $GITHUB_PATH\n- run: pip install x",
        "- uses: actions/download-artifact@v4\n- run: pip install x",
        "- run: poetry install",
        "- run: sudo pip install x",
        "- run: sudo apt-get install ./x.deb",
    ] {
        assert_eq!(derived("", step, FILES), "nothing", "{step}");
    }
}

#[test]
fn steps_that_do_no_harm_do_not_end_it() {
    for step in [
        "- run: echo ${{ github.sha }}",
        "- run: echo \"PYTHONPATH=src\" >> $GITHUB_ENV",
        "- run: echo \"x=$(date)\" >> $GITHUB_OUTPUT",
        "- run: mkdir -p tmp",
        "- run: python --version",
        "- run: |\n    until pg_isready; do\n      sleep 1\n    done",
        "- run: pip install x\n  if: runner.os == 'Windows'\n- run: echo",
        "- run: ./never.sh\n  if: false",
        "- uses: actions/cache@v4\n  with: {path: x, key: y}",
    ] {
        let found = derived(
            "",
            &format!("{step}\n- run: pip install -r requirements.txt"),
            FILES,
        );
        assert_ne!(found, "nothing", "{step}");
    }
}

#[test]
fn a_name_stays_in_its_comment() {
    let steps = "- name: \"a\\nRUN evil\\n\\u2028b\"\n  run: pip install -r requirements.txt";
    let found = derived("", steps, FILES);
    assert!(found.contains("# `a RUN evil b`\n"), "{found}");
    let instructions = found.lines().filter(|line| line.starts_with("RUN")).count();
    assert_eq!(instructions, 1, "{found}");
}

#[test]
fn a_matrix_differs_in_the_argument_alone() {
    let plan = plan_of(
        "",
        "- uses: actions/checkout@v4
- uses: actions/setup-python@v5
  with: {python-version: '${{ matrix.python }}'}
- run: pip install -r requirements.txt
- run: pytest
",
        FILES,
    );
    // Without a matrix the expression is empty, and any Python will do.
    let derived = plan.jobs[0].legs[0].derived.as_ref().unwrap();
    assert!(derived.dockerfile.contains("ARG PYTHON_VERSION="));
    assert_eq!(derived.target, DEPENDENCIES);
}

#[test]
fn nothing_is_derived_where_there_is_nothing_to_copy_or_to_stand_on() {
    let without_checkout = plan_of(
        "",
        "- run: pip install -r requirements.txt\n- run: pytest",
        FILES,
    );
    assert!(without_checkout.jobs[0].legs[0].derived.is_none());
    let elsewhere = plan_of(
        "",
        "- uses: actions/checkout@v4\n  with: {path: src}\n- run: pip install -r requirements.txt\n- run: pytest",
        FILES,
    );
    assert!(elsewhere.jobs[0].legs[0].derived.is_none());
}

#[test]
fn a_language_beside_python_comes_from_its_own_image() {
    let steps = "- name: Set up Node
  uses: actions/setup-node@v4
  with: {node-version: 20}
- uses: actions/setup-go@v5
  with: {go-version: '1.22'}
- run: pip install -r requirements.txt";
    let begin = "- uses: actions/checkout@v4\n- uses: actions/setup-python@v5\n  with: {python-version: '3.12'}\n";
    let plan = plan_of("", &format!("{begin}{steps}\n- run: pytest"), FILES);
    let dockerfile = &plan.jobs[0].legs[0].derived.as_ref().unwrap().dockerfile;
    let part: String = dockerfile
        .lines()
        .skip_while(|line| !line.contains("Set up Node"))
        .take_while(|line| !line.starts_with("# The user"))
        .map(|line| format!("{line}\n"))
        .collect();
    insta::assert_snapshot!(part);
}

#[test]
fn steps_of_a_composite_action_are_baked_with_its_inputs() {
    let action = crate::workflow::parse_action(
        "name: setup
inputs:
  file: {default: requirements.txt}
  extra: {default: ''}
runs:
  using: composite
  steps:
    - run: pip install -r ${{ inputs.file }}
      shell: bash
    - run: pip install x==${{ inputs.extra }}
      shell: bash
",
    )
    .unwrap();
    let baked = |with: &str| {
        let text = format!(
            "on: push\njobs:\n  test:\n    runs-on: x\n    steps:\n      - uses: actions/checkout@v4\n      - uses: actions/setup-python@v5\n      - uses: ./setup\n        with: {with}\n      - run: pytest\n"
        );
        let workflow = crate::workflow::parse(&text).unwrap().workflow;
        let mut sources = plan::Sources::default();
        sources.actions.insert(
            (plan::Origin::Here, "setup".to_owned()),
            plan::Loaded::Ready(Arc::new(action.clone())),
        );
        let inputs = Inputs {
            project: [("requirements.txt".to_owned(), "idna\n".to_owned())].into(),
            derive: true,
            sources,
            ..Inputs::default()
        };
        let plan = plan::build(&workflow, &inputs).unwrap();
        plan.jobs[0].legs[0]
            .every_step()
            .into_iter()
            .filter(|step| matches!(step.placement, Placement::Baked(_)))
            .map(|step| step.number)
            .collect::<Vec<_>>()
    };
    assert_eq!(baked("{extra: '2'}"), [4, 5]);
    // What comes of an earlier step is not known before the run.
    assert_eq!(baked("{extra: '${{ steps.a.outputs.b }}'}"), [4]);
    assert!(baked("{file: '${{ github.sha }}'}").is_empty());
}
