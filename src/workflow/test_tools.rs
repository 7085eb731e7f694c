//! The tools that test, and the forms in which they are called.

/// A program's name without its directory.
pub(crate) fn program(word: &str) -> &str {
    let name = word.rsplit(['/', '\\']).next().unwrap_or(word);
    let name = name.strip_suffix(".exe").unwrap_or(name);
    // `tox@latest` of uvx, `ruff==1.2` of pipx.
    name.split(['@', '=']).next().unwrap_or(name)
}

/// The words behind the options, where those in `valued` take the next word too.
pub(crate) fn after_options<'w>(words: &'w [&'w str], valued: &[&str]) -> &'w [&'w str] {
    let mut rest = words;
    while let Some((first, behind)) = rest.split_first() {
        if *first == "--" {
            return behind;
        }
        if *first == "-m" || !first.starts_with('-') || first.len() < 2 {
            return rest;
        }
        rest = if valued.contains(first) {
            behind.get(1..).unwrap_or_default()
        } else {
            behind
        };
    }
    rest
}

/// A program that tests, with its words.
pub(crate) fn called(path: &str, name: &str, words: &[&str]) -> Option<&'static str> {
    let python = name.strip_prefix("python").or(name.strip_prefix("pypy"));
    if name == "py"
        || python.is_some_and(|version| version.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
    {
        return python_call(words);
    }
    if let found @ Some(_) = module_call(name, words) {
        return found;
    }
    let sub = || {
        after_options(words, &["-C", "-f", "--manifest-path"])
            .first()
            .copied()
    };
    let has = |names: &[&str]| words.iter().any(|word| names.contains(word));
    match name {
        "hatch" => hatch(words),
        "make" | "gmake" | "just" | "task" | "invoke" | "inv" | "poe" | "rake" | "doit"
        | "spin" | "mise" => words
            .iter()
            .any(|word| is_test_name(word))
            .then_some("test target"),
        "npm" | "yarn" | "pnpm" | "bun" => match sub()? {
            "t" | "tst" => Some("npm test"),
            "run" | "run-script" => words
                .iter()
                .any(|word| is_test_name(word))
                .then_some("npm test"),
            word => is_test_name(word).then_some("npm test"),
        },
        "cargo" => {
            let words = words.iter().filter(|word| !word.starts_with('+'));
            match *words.clone().find(|word| !word.starts_with('-'))? {
                "test" | "t" => Some("cargo test"),
                "nextest" | "llvm-cov" => Some("cargo nextest"),
                _ => None,
            }
        }
        "go" => (sub() == Some("test")).then_some("go test"),
        "deno" => (sub() == Some("test")).then_some("deno test"),
        "dotnet" => (sub() == Some("test")).then_some("dotnet test"),
        "meson" => (sub() == Some("test")).then_some("meson test"),
        "bazel" | "bazelisk" => (sub() == Some("test")).then_some("bazel test"),
        "mix" => (sub() == Some("test")).then_some("mix test"),
        "swift" => (sub() == Some("test")).then_some("swift test"),
        "mvn" | "mvnw" => has(&["test", "verify", "install"]).then_some("mvn test"),
        "gradle" | "gradlew" => has(&["test", "check", "build"]).then_some("gradle test"),
        "django-admin" => (sub() == Some("test")).then_some("django test"),
        "ctest" => Some("ctest"),
        "rspec" => Some("rspec"),
        "phpunit" => Some("phpunit"),
        "jest" => Some("jest"),
        "vitest" => Some("vitest"),
        "mocha" => Some("mocha"),
        _ if path.contains('/') => test_script(path),
        _ => None,
    }
}

/// `python …`: a module, `manage.py test`, `setup.py test`, or a script of tests.
fn python_call(words: &[&str]) -> Option<&'static str> {
    let words = after_options(words, &["-X", "-W", "--check-hash-based-pycs"]);
    let (first, behind) = words.split_first()?;
    if *first == "-m" {
        return module(behind);
    }
    match program(first) {
        "manage.py" => (behind.first() == Some(&"test")).then_some("django test"),
        "setup.py" => behind.contains(&"test").then_some("setup.py test"),
        _ => test_script(first),
    }
}

/// `-m MODULE …`.
pub(crate) fn module(words: &[&str]) -> Option<&'static str> {
    let (name, behind) = words.split_first()?;
    match *name {
        "hatch" => hatch(behind),
        "poetry" | "pdm" | "pipenv" | "uv" => None,
        name => module_call(name, behind),
    }
}

/// A Python test tool, as a program or as a module.
fn module_call(name: &str, words: &[&str]) -> Option<&'static str> {
    let has = |names: &[&str]| words.iter().any(|word| names.contains(word));
    if has(&["--version", "--help", "-h"]) {
        return None;
    }
    match name {
        "pytest" | "py.test" => {
            (!has(&["--collect-only", "--co", "--fixtures", "--markers"])).then_some("pytest")
        }
        "tox" => {
            let idle = [
                "--notest",
                "-n",
                "-l",
                "--listenvs",
                "list",
                "l",
                "devenv",
                "config",
            ];
            let lint = only_lint(words, &["-e", "-m"]);
            (!has(&idle) && !lint).then_some("tox")
        }
        "nox" => {
            let idle = ["-l", "--list", "--list-sessions", "--install-only"];
            let lint = only_lint(words, &["-s", "-e", "-t", "--session", "--sessions"]);
            (!has(&idle) && !lint).then_some("nox")
        }
        "unittest" => Some("unittest"),
        "coverage" => (words.first() == Some(&"run")).then_some("coverage run"),
        "nose2" | "nosetests" | "nose" => Some("nose"),
        "trial" | "twisted.trial" => Some("trial"),
        "stestr" => (words.first() == Some(&"run")).then_some("stestr"),
        "zope-testrunner" | "zope.testrunner" => Some("zope.testrunner"),
        "behave" => Some("behave"),
        "ward" => Some("ward"),
        "doctest" => Some("doctest"),
        "test" | "tests" if words.is_empty() => None,
        _ => None,
    }
}

/// `hatch test`, `hatch run test`, `hatch run env:cov`.
fn hatch(words: &[&str]) -> Option<&'static str> {
    let words = after_options(words, &["-e", "--env", "-p", "--project"]);
    let (sub, behind) = words.split_first()?;
    if *sub == "test" {
        return Some("hatch test");
    }
    if *sub != "run" {
        return None;
    }
    let behind = after_options(behind, &["-i", "-x", "-f", "--include", "--exclude"]);
    // `+py=3.12` chooses of a matrix.
    let chosen = behind.iter().take_while(|word| word.starts_with('+'));
    let behind = behind.get(chosen.count()..).unwrap_or_default();
    let (script, arguments) = behind.split_first()?;
    let script = script.rsplit(':').next().unwrap_or(script);
    if is_test_name(script) || script.starts_with("test") || script.starts_with("cov") {
        return Some("hatch test");
    }
    called(script, program(script), arguments)
}

/// Whether all environments chosen with `flags` are for something else than tests.
fn only_lint(words: &[&str], flags: &[&str]) -> bool {
    const OTHER: [&str; 30] = [
        "lint",
        "linters",
        "linting",
        "docs",
        "doc",
        "mypy",
        "style",
        "pep8",
        "flake8",
        "ruff",
        "black",
        "isort",
        "format",
        "fmt",
        "typing",
        "types",
        "type",
        "typecheck",
        "pyright",
        "pre-commit",
        "precommit",
        "package",
        "packaging",
        "build",
        "release",
        "publish",
        "check",
        "checkqa",
        "bandit",
        "doc8",
    ];
    let mut chosen: Vec<&str> = Vec::new();
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        if flags.contains(word) {
            while let Some(name) = words.next_if(|word| !word.starts_with('-')) {
                chosen.extend(name.split(','));
            }
        } else if let Some(name) = flags.iter().find_map(|flag| word.strip_prefix(flag)) {
            chosen.extend(name.trim_start_matches('=').split(','));
        }
    }
    !chosen.is_empty()
        && chosen.iter().all(|name| {
            let name = name.to_ascii_lowercase();
            OTHER.contains(&name.as_str())
                || name
                    .split(['-', '_'])
                    .next()
                    .is_some_and(|first| OTHER.contains(&first))
        })
}

/// The usual names of a target or script that tests; with a colon, in front of it
/// (`test:unit` of npm) or behind it.
pub(crate) fn is_test_name(word: &str) -> bool {
    let named = |part: Option<&str>| part.is_some_and(is_plain_test_name);
    named(word.split(':').next()) || named(word.rsplit(':').next())
}

fn is_plain_test_name(word: &str) -> bool {
    matches!(
        word,
        "test"
            | "tests"
            | "check"
            | "coverage"
            | "cov"
            | "unittest"
            | "unittests"
            | "pytest"
            | "tox"
            | "spec"
            | "testall"
            | "test-all"
            | "test_all"
            | "test-cov"
            | "test_cov"
            | "test-ci"
            | "test-unit"
            | "test-full"
            | "test-integration"
            | "unit-test"
            | "unit-tests"
            | "unit_test"
            | "unit_tests"
            | "integration-tests"
            | "ci-test"
    )
}

/// A script that has "test" for a name: `./runtests.sh`, `scripts/test`.
pub(crate) fn test_script(path: &str) -> Option<&'static str> {
    let name = program(path);
    let stem = [".py", ".sh", ".bash"]
        .iter()
        .find_map(|suffix| name.strip_suffix(suffix))
        .unwrap_or(name);
    let script = matches!(
        stem,
        "test"
            | "tests"
            | "runtests"
            | "runtest"
            | "run_tests"
            | "run-tests"
            | "run_test"
            | "testall"
    );
    script.then_some("test script")
}
