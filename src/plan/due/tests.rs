#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;

use super::*;
use crate::plan::script::split;

fn show(due: &Due) -> String {
    let mut parts = vec![due.pytest_runs.to_string()];
    for (label, list) in [
        ("junit", &due.junit),
        ("xml", &due.cobertura),
        ("html", &due.html),
        ("lcov", &due.lcov),
        ("json", &due.json),
    ] {
        parts.extend(list.iter().map(|path| format!("{label}={path}")));
    }
    for (set, label) in [
        (!due.measured.is_empty(), "cov"),
        (due.masked, "masked"),
        (due.piped, "piped"),
        (due.unsure, "unsure"),
    ] {
        if set {
            parts.push(label.to_owned());
        }
    }
    parts.join(" ")
}

fn plain(script: &str) -> String {
    show(&due(script, &Project::default()))
}

#[test]
fn invocations() {
    for command in [
        "pytest",
        "py.test -q tests",
        ".venv/bin/pytest",
        "python -m pytest",
        "python3.12 -X dev -W error -bb -m pytest tests",
        "python -Wd -um pytest",
        "python .venv/bin/pytest",
        "py -3 -m pytest",
        "uv run pytest",
        "uv run --extra test --frozen -- pytest -q",
        "uv run --with x python -m pytest",
        "uv run -m pytest",
        "uv --quiet run -p 3.12 pytest",
        "uvx --with x pytest",
        "uv tool run pytest",
        "poetry run pytest",
        "poetry run python -m pytest",
        "pdm run pytest",
        "pipenv run pytest",
        "hatch run pytest",
        "hatch run test:pytest -q",
        "hatch -e test run pytest",
        "hatch run +py=3.12 test:pytest",
        "conda run -n env --no-capture-output pytest",
        "xvfb-run pytest",
        "xvfb-run -a --server-args '-screen 0 1x1x24' uv run pytest",
        "env -u A X=1 B=2 pytest",
        "X=1 pytest",
        "timeout -k 5 60 pytest",
        "timeout 60 xvfb-run pytest",
        "exec pytest",
        "time pytest",
        "sudo -E -u me pytest",
        "nice -n 5 pytest",
        "bash -c pytest",
        "bash -euo pipefail -c 'cd . && pytest'",
        "sh -ec \"pytest -q\"",
        "/usr/bin/env pytest",
    ] {
        assert!(
            plain(command).starts_with('1'),
            "{command:?}: {}",
            plain(command)
        );
    }
    for command in [
        "",
        "echo pytest",
        "pip install pytest",
        "pytest --version",
        "pytest --co -q",
        "pytest --collect-only",
        "pytest --help",
        "pytest --fixtures",
        "pytest --markers --junitxml=x",
        "python -c 'import pytest'",
        "python setup.py test",
        "python",
        "python -m",
        "uv pip install pytest",
        "uv sync",
        "tox -e py",
        "# pytest",
        "env",
        "timeout 5",
        "bash script.sh pytest",
        "cat <<EOF\npytest\nEOF",
        "coverage xml --help",
        "unset PYTEST_ADDOPTS",
    ] {
        assert_eq!(plain(command), "0", "{command:?}");
    }
}

#[test]
fn reports() {
    let table = [
        ("pytest --junitxml=a.xml", "1 junit=a.xml"),
        ("pytest --junit-xml a.xml --junitxml b.xml", "1 junit=b.xml"),
        ("pytest -- --junitxml=a.xml", "1"),
        ("pytest --cov", "1 cov"),
        ("pytest --cov-report=xml", "1"),
        (
            "pytest --cov=src --cov-report=xml",
            "1 xml=coverage.xml cov",
        ),
        (
            "pytest --cov src --cov-report xml:a/b.xml",
            "1 xml=a/b.xml cov",
        ),
        (
            "pytest --cov --cov-report xml: --cov-report=html --cov-report lcov",
            "1 xml=coverage.xml html=htmlcov lcov=coverage.lcov cov",
        ),
        (
            "pytest --cov --cov-report=html:h --cov-report=lcov:l --cov-report=json",
            "1 html=h lcov=l json=coverage.json cov",
        ),
        (
            "pytest --cov --cov-report=xml:a --cov-report=xml:b",
            "1 xml=b cov",
        ),
        (
            "pytest --cov --cov-report=term-missing --cov-report=",
            "1 cov",
        ),
        ("pytest --cov --cov-report=xml --no-cov", "1"),
        ("pytest --no-cov --cov --junitxml=a", "1 junit=a"),
        ("coverage run -m pytest", "1 cov"),
        (
            "coverage run --source=a --branch -m pytest --junitxml=j",
            "1 junit=j cov",
        ),
        ("coverage run --source a --rcfile b -m pytest", "1 cov"),
        ("coverage run .venv/bin/pytest", "1 cov"),
        ("python -m coverage run -p -m pytest", "1 cov"),
        ("uv run coverage run -m pytest", "1 cov"),
        ("coverage run -m unittest", "0 cov"),
        ("coverage run manage.py test", "0 cov"),
        (
            "coverage run -m pytest\ncoverage xml",
            "1 xml=coverage.xml cov",
        ),
        ("coverage xml -o out/c.xml", "0 xml=out/c.xml"),
        ("coverage xml -oc.xml", "0 xml=c.xml"),
        ("coverage xml -o -", "0"),
        ("coverage html", "0 html=htmlcov"),
        ("coverage html -d h", "0 html=h"),
        ("coverage html --directory=h", "0 html=h"),
        (
            "coverage lcov -o x; coverage json -q",
            "0 lcov=x json=coverage.json",
        ),
        (
            "coverage report --fail-under=80; coverage combine; coverage erase",
            "0",
        ),
        (
            "pytest --junitxml=a; pytest --junitxml=b; pytest --junitxml=a",
            "3 junit=a junit=b",
        ),
        ("pytest || true", "1 masked"),
        ("pytest --junitxml=a || echo failed", "1 junit=a masked"),
        ("pytest || exit 1", "1"),
        ("pytest | tee log", "1 piped"),
        ("bash -c 'pytest' || true", "1 masked"),
        ("if x; then pytest; fi", "1 unsure"),
        ("pytest && coverage xml", "1 xml=coverage.xml"),
        ("cd sub && pytest --junitxml=a.xml", "1 junit=sub/a.xml"),
        ("cd sub && pytest --junitxml=../a.xml", "1 junit=a.xml"),
        (
            "cd sub && pytest --junitxml=/tmp/a.xml",
            "1 junit=/tmp/a.xml",
        ),
        (
            "(cd sub && pytest --junitxml=a); coverage xml",
            "1 junit=sub/a xml=coverage.xml",
        ),
        (
            "cd sub; bash -c 'cd x; pytest --junitxml=a'",
            "1 junit=sub/x/a",
        ),
        ("cd $DIR && pytest --junitxml=a", "1 junit=a unsure"),
        (
            "uv run --directory sub pytest --junitxml=a",
            "1 junit=a unsure",
        ),
        (
            "pytest --junitxml=r-${{ matrix.py }}.xml",
            "1 junit=r-${{ matrix.py }}.xml",
        ),
        ("pytest --junitxml=\"$OUT/a.xml\"", "1 junit=$OUT/a.xml"),
        ("PYTEST_ADDOPTS=--junitxml=a pytest", "1 junit=a"),
        (
            "PYTEST_ADDOPTS='--junitxml=a --cov' pytest --junitxml=b",
            "1 junit=b cov",
        ),
        ("export PYTEST_ADDOPTS='--junitxml=a'\npytest", "1 junit=a"),
        (
            "pytest \\\n  --cov=x \\\n  --cov-report=xml",
            "1 xml=coverage.xml cov",
        ),
        ("pytest --junitxml", "1"),
        ("pytest --junitxml=", "1"),
        ("OUT=$(pytest -q)", "1"),
    ];
    for (script, expected) in table {
        assert_eq!(plain(script), expected, "{script:?}");
    }
}

#[test]
fn places_that_are_one() {
    let rc = "[run]\nbranch = true\n[paths]\nsource =\n    src/shop\n    */site-packages/shop\n# x\nother = a, /b\n[report]\nfail_under = 9\n";
    let expected = vec![vec!["src/shop", "*/site-packages/shop"], vec!["a", "/b"]];
    let toml = "[tool.coverage.paths]\nother = ['a', '/b']\nsource = ['src/shop', '*/site-packages/shop']\n";
    let prefixed = rc.replace("[paths]", "[coverage:paths]");
    assert_eq!(path_aliases_of(".coveragerc", rc), expected);
    assert_eq!(path_aliases_of("tox.ini", &prefixed), expected);
    assert_eq!(path_aliases_of("tox.ini", rc), Vec::<Vec<String>>::new());
    let mut found = path_aliases_of("pyproject.toml", toml);
    found.reverse();
    assert_eq!(found, expected);
}

#[test]
fn where_coverage_is_measured() {
    for (script, expected) in [
        ("pytest", vec![]),
        ("pytest --cov=a", vec![("", None, None)]),
        (
            "pytest --cov --cov-config c.ini",
            vec![("", None, Some("c.ini"))],
        ),
        (
            "cd a && pytest --cov\ncd ../b && pytest --cov",
            vec![("a", None, None), ("b", None, None)],
        ),
        (
            "coverage run --rcfile=r --data-file d --branch -m pytest --cov",
            vec![("", Some("d"), Some("r"))],
        ),
        (
            "coverage run -p manage.py test --data-file=no",
            vec![("", None, None)],
        ),
        ("coverage xml", vec![]),
    ] {
        let due = due(script, &Project::default());
        let found: Vec<_> = due
            .measured
            .iter()
            .map(|one| {
                (
                    one.directory.as_str(),
                    one.data_file.as_deref(),
                    one.rcfile.as_deref(),
                )
            })
            .collect();
        assert_eq!(found, expected, "{script:?}");
    }
}

#[test]
fn the_project_adds_options() {
    let project = Project {
        addopts: Some("-ra --cov=src '--cov-report=xml' --junitxml=j.xml".to_owned()),
        paths: CoveragePaths {
            xml: Some("out/cov.xml".to_owned()),
            html: Some("out/html".to_owned()),
            ..CoveragePaths::default()
        },
    };
    let table = [
        ("pytest", "1 junit=j.xml xml=out/cov.xml cov"),
        (
            "pytest --junitxml=k.xml",
            "1 junit=k.xml xml=out/cov.xml cov",
        ),
        ("pytest --no-cov", "1 junit=j.xml"),
        ("pytest -o addopts=", "1"),
        ("pytest --override-ini=addopts=--junitxml=o", "1 junit=o"),
        ("pytest -oaddopts=", "1"),
        (
            "pytest --cov-report=xml:x --cov-report=html",
            "1 junit=j.xml xml=x html=out/html cov",
        ),
        (
            "coverage xml; coverage html -d h; coverage lcov",
            "0 xml=out/cov.xml html=h lcov=coverage.lcov",
        ),
        ("echo", "0"),
    ];
    for (script, expected) in table {
        assert_eq!(show(&due(script, &project)), expected, "{script:?}");
    }
}

#[test]
fn addopts() {
    let table = [
        (
            "pyproject.toml",
            "[tool.pytest.ini_options]\naddopts = \"-q --cov\"",
            Some("-q --cov"),
        ),
        (
            "sub/pyproject.toml",
            "[tool.pytest.ini_options]\naddopts = '''\n-q\n--cov'''",
            Some("-q --cov"),
        ),
        (
            "pyproject.toml",
            "[tool.pytest.ini_options]\naddopts = [\"-m\", \"not slow\", \"it's\"]",
            Some("-m 'not slow' 'it'\"'\"'s'"),
        ),
        (
            "pyproject.toml",
            "[tool.pytest]\naddopts = [\"-q\"]",
            Some("-q"),
        ),
        (
            "pyproject.toml",
            "[tool.pytest.ini_options]\naddopts = 1",
            None,
        ),
        ("pyproject.toml", "[tool.other]\naddopts = '-q'", None),
        ("pyproject.toml", "not toml [", None),
        ("pytest.toml", "[pytest]\naddopts = ['-q']", Some("-q")),
        (
            "pytest.ini",
            "[pytest]\naddopts = -q --cov\n",
            Some("-q --cov"),
        ),
        (
            ".pytest.ini",
            "\u{feff}[pytest]\r\naddopts: -q\r\n",
            Some("-q"),
        ),
        (
            "tox.ini",
            "[tox]\naddopts=-x\n[pytest]\n# c\naddopts =\n    -q\n    # c\n\n    --cov\nother = 1\n    -y",
            Some("-q --cov"),
        ),
        ("setup.cfg", "[tool:pytest]\naddopts=-q", Some("-q")),
        ("setup.cfg", "[pytest]\naddopts=-q", None),
        ("other.ini", "[pytest]\naddopts=-q", None),
        ("pytest.ini", "[pytest]\ntestpaths=x", None),
        ("pytest.ini", "", None),
    ];
    for (file, text, expected) in table {
        assert_eq!(
            addopts_of(file, text).as_deref(),
            expected,
            "{file} {text:?}"
        );
    }
    let text = "[tool.pytest.ini_options]\naddopts = [\"-m\", \"not slow\", \"it's\", \"\"]";
    let found = addopts_of("pyproject.toml", text).unwrap();
    assert_eq!(split(&found), ["-m", "not slow", "it's", ""]);
}

#[test]
fn thresholds_and_paths() {
    let table = [
        (
            "pyproject.toml",
            "[tool.coverage.report]\nfail_under = 80",
            Some((80.0, 0)),
        ),
        (
            "pyproject.toml",
            "[tool.coverage.report]\nfail_under = 80.5\nprecision = 2",
            Some((80.5, 2)),
        ),
        (
            "pyproject.toml",
            "[tool.coverage.report]\nfail_under = 101",
            None,
        ),
        (
            "pyproject.toml",
            "[tool.coverage.report]\nfail_under = nan",
            None,
        ),
        (
            "pyproject.toml",
            "[tool.coverage.report]\nprecision = 2",
            None,
        ),
        (
            ".coveragerc",
            "[report]\nfail_under = 90\nprecision=1",
            Some((90.0, 1)),
        ),
        (
            ".coveragerc",
            "[coverage:report]\nfail_under = 90",
            Some((90.0, 0)),
        ),
        (
            "setup.cfg",
            "[coverage:report]\nfail_under=7.25",
            Some((7.25, 0)),
        ),
        (
            "tox.ini",
            "[coverage:report]\nfail_under: 0",
            Some((0.0, 0)),
        ),
        ("setup.cfg", "[report]\nfail_under=90", None),
        (".coveragerc", "[report]\nfail_under = much", None),
        (
            ".coveragerc",
            "[report]\nfail_under = 90\nprecision = 1000",
            Some((90.0, 0)),
        ),
        (".coveragerc", "[run]\nfail_under = 90", None),
        ("ci/custom.cfg", "[report]\nFail_Under = 5", Some((5.0, 0))),
    ];
    for (file, text, expected) in table {
        assert_eq!(fail_under_of(file, text), expected, "{file} {text:?}");
    }
    let rc = "[xml]\noutput = a.xml\n[html]\ndirectory = h\n[lcov]\noutput=l\n[json]\noutput=\n";
    let paths = coverage_paths_of(".coveragerc", rc);
    assert_eq!(paths.xml.as_deref(), Some("a.xml"));
    assert_eq!(paths.html.as_deref(), Some("h"));
    assert_eq!(paths.lcov.as_deref(), Some("l"));
    assert_eq!(paths.json, None);
    let toml = "[tool.coverage.xml]\noutput = \"x\"\n[tool.coverage.html]\ndirectory = \"y\"";
    let paths = coverage_paths_of("pyproject.toml", toml);
    assert_eq!(
        (paths.xml.as_deref(), paths.html.as_deref()),
        (Some("x"), Some("y"))
    );
    assert_eq!(coverage_paths_of("setup.cfg", rc), CoveragePaths::default());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn never_panics(text in "(pytest |coverage |run |-m |--cov-report=|xml|:|--junitxml |python |uv |env |timeout |bash -c |-o |[a'\"=\n;|&()$-]){0,30}|\\PC*") {
        let project = Project { addopts: Some(text.clone()), ..Project::default() };
        let _ = due(&text, &project);
    }

    #[test]
    fn configuration_never_panics(text in "(\\[tool\\.coverage\\.report\\]\n|\\[report\\]\n|\\[pytest\\]\n|fail_under|precision|addopts|[=: \n#\\[\\]0-9.-]|é){0,30}|\\PC*") {
        for file in ["pyproject.toml", "pytest.ini", "setup.cfg", ".coveragerc", "x"] {
            let _ = addopts_of(file, &text);
            let _ = fail_under_of(file, &text);
            let _ = coverage_paths_of(file, &text);
        }
    }
}

#[test]
fn hostile() {
    assert_eq!(plain(&"env ".repeat(50_000)), "0");
    assert_eq!(plain(&"bash -c \"".repeat(2_000)), "0");
    let deep = format!(
        "[tool.pytest.ini_options]\naddopts = {}",
        "[".repeat(50_000)
    );
    assert_eq!(addopts_of("pyproject.toml", &deep), None);
    let many = "pytest --junitxml=a\n".repeat(5_000);
    assert_eq!(plain(&many), "5000 junit=a");
}
