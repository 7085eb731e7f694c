//! Which workflow tests: whether a script calls a test command.
//!
//! Used to find the workflow to run when none is named, so it leans towards what
//! is usual in Python projects and knows the plain forms of other languages.

use super::model::{Job, Step, StepAction, Workflow};
use super::shell_words::commands;
use super::test_tools::{after_options, called, is_test_name, module, program, test_script};

/// How deep `bash -c '…'` is followed.
const MAX_SHELLS: usize = 3;

/// Whether any job has a step that calls a test command.
pub(crate) fn looks_like_tests(workflow: &Workflow) -> bool {
    workflow.jobs.iter().any(|job| !test_steps(job).is_empty())
}

/// The steps of a job that call a test command, by their index.
pub(crate) fn test_steps(job: &Job) -> Vec<usize> {
    let tests = |step: &Step| match &step.action {
        StepAction::Run { script, .. } => test_command(script.as_str()).is_some(),
        StepAction::Uses { .. } => false,
    };
    (0..job.steps.len())
        .filter(|index| job.steps.get(*index).is_some_and(tests))
        .collect()
}

/// The name of the first test command a script calls: `pytest` for
/// `cd x && FOO=1 python -m pytest -x`, nothing for `pip install pytest`.
pub(crate) fn test_command(script: &str) -> Option<&'static str> {
    in_script(script, 0)
}

/// The name of the test command that a simple command calls, given as its words.
pub(crate) fn tests_with(words: &[String]) -> Option<&'static str> {
    in_command(words, 0)
}

fn in_script(script: &str, shells: usize) -> Option<&'static str> {
    commands(script)
        .iter()
        .find_map(|words| in_command(words, shells))
}

/// What one simple command calls.
fn in_command(words: &[String], shells: usize) -> Option<&'static str> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut rest = words.as_slice();
    // Each turn takes off at least one word.
    while let Some((first, behind)) = rest.split_first() {
        if is_assignment(first) {
            rest = behind;
            continue;
        }
        let name = program(first);
        rest = match name {
            "if" | "then" | "elif" | "else" | "while" | "until" | "do" | "!" | "{" | "time"
            | "exec" | "command" | "nohup" => behind,
            "env" | "sudo" | "nice" | "xvfb-run" | "dbus-run-session" | "catchsegv" => {
                let valued = ["-u", "-n", "-s", "-e", "-f", "-l", "-p", "-w", "-C", "-g"];
                after_options(behind, &valued)
            }
            "timeout" => {
                let behind = after_options(behind, &["-s", "-k", "--signal", "--kill-after"]);
                behind.get(1..).unwrap_or_default()
            }
            "uv" | "poetry" | "pdm" | "pipenv" | "rye" | "pixi" | "conda" | "mamba"
            | "micromamba" | "pipx" | "bundle" => match runner(name, behind) {
                Runner::Calls(behind) => behind,
                Runner::Tests(name) => return Some(name),
                Runner::Other => return None,
            },
            "uvx" | "npx" | "bunx" => after_options(behind, UV_OPTIONS),
            "bash" | "sh" | "dash" | "zsh" | "ash" if shells < MAX_SHELLS => {
                return in_shell(behind, shells);
            }
            _ => return called(first, name, behind),
        };
        // `uv run -m pytest`: the module takes the program's place.
        if let Some(("-m" | "--module", behind)) = rest.split_first().map(|(f, b)| (*f, b)) {
            return module(behind);
        }
    }
    None
}

/// `NAME=…`.
fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        let name = name.strip_suffix('+').unwrap_or(name);
        !name.is_empty()
            && !name.starts_with(|first: char| first.is_ascii_digit())
            && name
                .chars()
                .all(|character| character.is_ascii_alphanumeric() || character == '_')
    })
}

/// Options of `uv run` and its like that take a word.
const UV_OPTIONS: &[&str] = &[
    "--group",
    "--only-group",
    "--no-group",
    "--extra",
    "--no-extra",
    "--with",
    "--with-requirements",
    "--with-editable",
    "--python",
    "-p",
    "--project",
    "--directory",
    "--package",
    "--env-file",
    "--index",
    "--index-url",
    "--resolution",
    "--from",
    "--spec",
    "--color",
    "-n",
    "--name",
    "--prefix",
    "-e",
    "--environment",
    "-C",
    "-P",
    "--verbosity",
];

/// What a program that runs others does.
enum Runner<'w> {
    /// It calls what these words say.
    Calls(&'w [&'w str]),
    /// It runs tests by itself.
    Tests(&'static str),
    /// Something else: it installs, builds …
    Other,
}

/// `uv run …`, `poetry run …`, `uv tool run …` and so on.
fn runner<'w>(name: &str, words: &'w [&'w str]) -> Runner<'w> {
    let words = after_options(words, UV_OPTIONS);
    let Some((sub, behind)) = words.split_first() else {
        return Runner::Other;
    };
    let behind = match *sub {
        "run" | "exec" | "x" => behind,
        "tool" if behind.first() == Some(&"run") => behind.get(1..).unwrap_or_default(),
        "test" | "tests" if matches!(name, "pdm" | "rye" | "pixi") => {
            return Runner::Tests("test script");
        }
        _ => return Runner::Other,
    };
    let behind = after_options(behind, UV_OPTIONS);
    // Names of scripts the project defines for itself.
    if matches!(name, "pdm" | "rye" | "pixi" | "pipenv")
        && behind.first().is_some_and(|script| {
            is_test_name(script) && !matches!(*script, "coverage" | "pytest" | "tox")
        })
    {
        return Runner::Tests("test script");
    }
    Runner::Calls(behind)
}

/// `bash -c '…'`, or a script that has "test" for a name.
fn in_shell(words: &[&str], shells: usize) -> Option<&'static str> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.strip_prefix('-') {
            Some("o" | "O") => {
                words.next();
            }
            Some(flags) if !flags.starts_with('-') && flags.ends_with('c') => {
                return in_script(words.next()?, shells + 1);
            }
            Some(_) => {}
            None => return test_script(word),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::test_command;

    #[test]
    fn test_commands_are_found() {
        for (script, name) in [
            ("pytest", "pytest"),
            ("pytest -x tests/", "pytest"),
            ("python -m pytest", "pytest"),
            ("python3.12 -bb -X dev -W error -m pytest", "pytest"),
            ("FOO=1 BAR='a b' pytest", "pytest"),
            ("cd sub && pytest", "pytest"),
            ("pip install pytest\npytest", "pytest"),
            ("pip install -e . \\\n  && pytest", "pytest"),
            ("uv run pytest", "pytest"),
            ("uv run --group test --frozen pytest -n auto", "pytest"),
            ("uv run -m pytest", "pytest"),
            ("uv run python -m unittest discover", "unittest"),
            ("uvx --with tox-uv tox -e py", "tox"),
            ("uv tool run tox", "tox"),
            ("poetry run pytest --cov", "pytest"),
            ("pipenv run coverage run -m pytest", "coverage run"),
            ("pdm run test", "test script"),
            ("hatch test -c", "hatch test"),
            ("hatch run test:cov", "hatch test"),
            ("hatch run +py=3.12 test:pytest", "hatch test"),
            ("conda run -n env pytest", "pytest"),
            ("xvfb-run -a pytest", "pytest"),
            (
                "xvfb-run -s '-screen 0 1024x768x24' python -m pytest",
                "pytest",
            ),
            ("timeout 10m pytest", "pytest"),
            ("sudo -u user env A=b pytest", "pytest"),
            ("coverage run --parallel-mode -m pytest", "coverage run"),
            ("tox", "tox"),
            ("tox -e ${{ matrix.tox || 'py' }}", "tox"),
            ("tox -e py,lint", "tox"),
            ("tox run -f py311", "tox"),
            ("nox -s tests-3.12", "nox"),
            ("python -m nox -s 'tests(django)'", "nox"),
            ("python manage.py test", "django test"),
            ("python setup.py test", "setup.py test"),
            ("python tests/runtests.py --parallel", "test script"),
            ("./runtests.py", "test script"),
            ("scripts/test", "test script"),
            ("bash scripts/test.sh", "test script"),
            ("bash -ec 'cd a; pytest'", "pytest"),
            ("pytest | tee log", "pytest"),
            ("cat list | xargs echo; (cd x; pytest)", "pytest"),
            ("if pytest; then echo ok; fi", "pytest"),
            ("output=$(pytest -q)", "pytest"),
            ("make test", "test target"),
            ("make -C docs test", "test target"),
            ("npm ci\nnpm test", "npm test"),
            ("npm run test:unit -- --ci", "npm test"),
            ("npx jest", "jest"),
            ("cargo +nightly test --all", "cargo test"),
            ("go test ./...", "go test"),
            ("venv/bin/pytest", "pytest"),
            ("./venv/Scripts/pytest.exe", "pytest"),
            ("time pytest", "pytest"),
            ("! pytest", "pytest"),
            ("trial --jobs=2 pkg", "trial"),
        ] {
            assert_eq!(test_command(script), Some(name), "{script}");
        }
    }

    #[test]
    fn other_commands_are_not() {
        for script in [
            "",
            "echo \"pytest\"",
            "echo pytest",
            "# pytest",
            "pip install pytest tox nox coverage",
            "pip install \\\n  pytest \\\n  tox",
            "python -m pip install pytest",
            "uv pip install pytest",
            "uv sync --group test",
            "poetry install --with test",
            "pytest --version",
            "pytest --collect-only",
            "tox --notest",
            "tox -e lint,docs",
            "tox -elint",
            "tox -e mypy-strict",
            "nox -s lint docs",
            "tox list",
            "coverage report",
            "coverage combine && coverage xml",
            "cat <<EOF > x\npytest\nEOF",
            "run=\"pytest -x\"",
            "grep pytest requirements.txt",
            "python setup.py sdist",
            "python -c 'import pytest'",
            "make docs",
            "make test-requirements",
            "npm install",
            "cargo build",
            "go build ./...",
            "hatch build",
            "hatch run lint:all",
            "bash -c",
            "uv",
            "-m",
            "pre-commit run --all-files",
            "docker build --target test .",
        ] {
            assert_eq!(test_command(script), None, "{script}");
        }
    }
}
