//! What a step is for, by its action or its script: what fails in a step that does one thing
//! is of that kind, whatever it says of it.

use super::signature::Category;

/// Actions, as `uses` begins.
const ACTIONS: [(&str, Category); 16] = [
    ("actions/checkout@", Category::Git),
    ("actions/upload-artifact@", Category::Artifact),
    ("actions/download-artifact@", Category::Artifact),
    ("actions/cache@", Category::Artifact),
    ("actions/cache/", Category::Artifact),
    ("actions/setup-python@", Category::Python),
    ("astral-sh/setup-uv@", Category::Install),
    ("snok/install-poetry@", Category::Install),
    ("docker/login-action@", Category::Registry),
    ("docker/build-push-action@", Category::Build),
    ("docker/bake-action@", Category::Build),
    ("docker/setup-buildx-action@", Category::Engine),
    ("codecov/codecov-action@", Category::Report),
    ("coverallsapp/github-action@", Category::Report),
    ("dorny/test-reporter@", Category::Report),
    ("mikepenz/action-junit-report@", Category::Report),
];

/// Commands, by their first words.
const COMMANDS: [(&str, Category); 58] = [
    ("pip install", Category::Install),
    ("pip3 install", Category::Install),
    ("pip-sync", Category::Install),
    ("uv sync", Category::Install),
    ("uv pip install", Category::Install),
    ("poetry install", Category::Install),
    ("pipenv install", Category::Install),
    ("pipenv sync", Category::Install),
    ("pdm install", Category::Install),
    ("pdm sync", Category::Install),
    ("conda install", Category::Install),
    ("conda create", Category::Install),
    ("conda env", Category::Install),
    ("mamba ", Category::Install),
    ("npm ci", Category::Install),
    ("npm install", Category::Install),
    ("yarn install", Category::Install),
    ("pnpm install", Category::Install),
    ("apt-get ", Category::Install),
    ("apt ", Category::Install),
    ("apk add", Category::Install),
    ("dnf install", Category::Install),
    ("yum install", Category::Install),
    ("docker build", Category::Build),
    ("docker compose build", Category::Build),
    ("docker-compose build", Category::Build),
    ("docker pull", Category::Registry),
    ("docker push", Category::Registry),
    ("docker tag", Category::Registry),
    ("docker login", Category::Registry),
    ("docker compose pull", Category::Registry),
    ("docker compose up", Category::Service),
    ("docker-compose up", Category::Service),
    ("wait-for-it", Category::Service),
    ("pg_isready", Category::Service),
    ("dockerize ", Category::Service),
    ("git clone", Category::Git),
    ("git fetch", Category::Git),
    ("git checkout", Category::Git),
    ("git pull", Category::Git),
    ("git push", Category::Git),
    ("git merge", Category::Git),
    ("git rebase", Category::Git),
    ("git submodule", Category::Git),
    ("git describe", Category::Git),
    ("git lfs", Category::Git),
    ("alembic ", Category::Database),
    ("manage.py migrate", Category::Database),
    ("flask db", Category::Database),
    ("psql ", Category::Database),
    ("createdb ", Category::Database),
    ("pg_restore ", Category::Database),
    ("mysql ", Category::Database),
    ("coverage ", Category::Coverage),
    ("playwright install", Category::Library),
    ("codecov", Category::Report),
    ("coveralls", Category::Report),
    ("aws s3 ", Category::Artifact),
];

/// Words before a command that leave it what it is.
const PREFIXES: [&str; 9] = [
    "sudo ",
    "python ",
    "python3 ",
    "-m ",
    "poetry run ",
    "uv run ",
    "pipenv run ",
    "./",
    "time ",
];

/// Commands that cannot be what failed.
const HARMLESS: [&str; 8] = [
    "echo ", "#", "set ", "cd ", "export ", "env ", "mkdir ", "sleep ",
];

/// What a step is for, by its name as GitHub prints it: `Run actions/checkout@v4`.
pub(super) fn of_name(step: &str) -> Option<Category> {
    let name = step.strip_prefix("Run ").unwrap_or(step);
    let action = ACTIONS.iter().find(|(begin, _)| name.starts_with(begin));
    action.map(|(_, kind)| *kind).or_else(|| of_command(name))
}

/// What a script is for: the one kind of all its commands that are known, where no other one
/// could have failed.
pub(super) fn of_script<'a>(lines: impl Iterator<Item = &'a str>) -> Option<Category> {
    let lines = lines.map(str::trim);
    let script = lines.take_while(|line| !line.starts_with("shell: "));
    let mut kinds = script
        .filter(|line| !line.is_empty() && !HARMLESS.iter().any(|word| line.starts_with(word)))
        .map(of_command);
    let first = kinds.next()??;
    kinds.all(|kind| kind == Some(first)).then_some(first)
}

fn of_command(line: &str) -> Option<Category> {
    let mut rest = line.trim_start();
    while let Some(behind) = PREFIXES.iter().find_map(|word| rest.strip_prefix(word)) {
        rest = behind;
    }
    let known = COMMANDS.iter().find(|(begin, _)| rest.starts_with(begin));
    known.map(|(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::{of_name, of_script};
    use crate::triage::signature::Category;

    #[test]
    fn a_step_that_does_one_thing_is_known() {
        for (name, kind) in [
            ("Run actions/checkout@v4", Some(Category::Git)),
            (
                "Run python -m pip install -r r.txt",
                Some(Category::Install),
            ),
            ("Run sudo apt-get update", Some(Category::Install)),
            ("Run ./ci.sh", None),
        ] {
            assert_eq!(of_name(name), kind, "{name}");
        }
    }

    #[test]
    fn a_script_is_known_where_all_its_commands_are() {
        let of = |text: &str| of_script(text.lines());
        let alone = "set -e\necho begin\npip install -r r.txt\npip install -e .\nshell: /usr/bin/bash -e {0}\nenv:\n  A: git x";
        assert_eq!(of(alone), Some(Category::Install));
        assert_eq!(of("pip install -e .\npytest"), None);
        assert_eq!(of("echo done"), None);
    }
}
