//! seatrial on a real Docker Engine. Without an engine these tests fail.
#![allow(clippy::expect_used, clippy::panic)]

mod support;

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use support::{PYTHON, Project, SMALL, docker, pytest_image};

/// A workflow with one job of these steps (YAML, indented by six spaces).
fn one_job(steps: &str) -> String {
    format!("name: Test\non: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n{steps}")
}

#[test]
fn steps_share_one_container_and_what_runs_in_it() {
    let project = Project::new(&one_job(
        "      - run: |
          echo kept > /tmp/state
          while true; do { printf 'HTTP/1.0 200 OK\\r\\n\\r\\nhello from the server'; } | nc -l -p 5010; echo served; done &
      - run: |
          cat /tmp/state
          for i in 1 2 3 4 5 6 7 8 9 10; do wget -q -O - http://localhost:5010/ && break; sleep 1; done
",
    ));
    project
        .run_in(SMALL, &[])
        .expect(0)
        .says("test │ kept")
        .says("hello from the server");
}

#[test]
fn hash_files_sees_what_steps_have_made() {
    // SHA-256 of the SHA-256 of "a".
    let expected = "bf5d3affb73efd2ec6c36ad3112dd933efed63c4e1cbffcfa88e2759c144f2d8";
    for image in [SMALL, PYTHON] {
        let project = Project::new(&one_job(
            "
      - run: mkdir 'a b' && printf a > 'a b/made here.lock'
      - run: echo 'hash ${{ hashFiles('**/*.lock') }}'
",
        ));
        let ran = project.run_in(image, &[]);
        assert_eq!(ran.code, 0, "{}", ran.stdout);
        assert!(
            ran.stdout.contains(&format!("hash {expected}")),
            "{}",
            ran.stdout
        );
    }
}

#[test]
fn a_background_process_may_go_on_talking() {
    // With its output cut off, it would be killed or blocked after a while.
    let project = Project::new(&one_job(
        "      - run: |
          (i=0; while [ $i -lt 60000 ]; do echo \"line $i of the talking server\"; i=$((i+1)); done; touch /tmp/done; sleep 600) &
      - run: |
          i=0
          until [ -f /tmp/done ]; do i=$((i+1)); [ $i -lt 600 ] || exit 1; sleep 0.1; done
",
    ));
    project.run_in(SMALL, &["--quiet"]).expect(0);
}

#[test]
fn without_bash_steps_run_in_sh_and_stop_at_the_first_error() {
    let project = Project::new(&one_job(
        "      - run: |\n          false\n          echo not reached\n",
    ));
    let ran = project.run_in(SMALL, &[]).expect(9);
    assert_eq!(ran.cause(), "command_failed.step_failed");
    assert!(!ran.stdout.contains("not reached\n"));
}

#[test]
fn a_shell_that_the_image_lacks_is_named() {
    let project = Project::new(&one_job("      - run: echo x\n        shell: bash\n"));
    project.run_in(SMALL, &[]).expect(2).says("`bash`");
}

#[test]
fn a_step_that_takes_too_long_is_dead_before_the_next_one() {
    let project = Project::new(&one_job(
        "      - run: sleep 4321
        timeout-minutes: 0.01
      - if: always()
        run: |
          if ps | grep -v grep | grep -q 'sleep 4321'; then echo ALIVE; else echo it is gone; fi
",
    ));
    let ran = project.run_in(SMALL, &[]).expect(8).says("it is gone");
    assert_eq!(ran.cause(), "timeout.step_timeout");
}

#[test]
fn a_step_that_ignores_signals_is_killed() {
    let project = Project::new(&one_job(
        "      - run: |
          trap '' INT TERM
          echo deaf
          while true; do sleep 1; done
",
    ));
    let started = project.start_until(&["run", "test.yml", "--image", SMALL], "│ deaf");
    started.signal("INT");
    started.signal("INT");
    let ran = started.wait().expect(130);
    support::assert_nothing_left(&ran);
}

#[test]
fn pytest_still_writes_its_report_when_time_is_over() {
    let project = Project::new(&one_job(
        "      - uses: actions/checkout@v4
      - run: pytest tests
        timeout-minutes: 0.06
",
    ));
    project.write(
        "tests/test_slow.py",
        "import time\ndef test_quick(): pass\ndef test_slow(): time.sleep(600)\n",
    );
    let ran = project.run_in(pytest_image(), &[]).expect(8);
    assert!(ran.file("junit.xml").contains("test_quick"));
}

#[test]
fn memory_that_runs_out_is_named() {
    let project = Project::new(&one_job(
        "      - run: python3 -c 'x = bytearray(10**9); print(len(x))'\n",
    ));
    let ran = project.run_in(PYTHON, &["--memory", "96m"]).expect(7);
    assert_eq!(ran.cause(), "resource_limit.oom");
}

#[test]
fn a_limit_of_processes_that_makes_a_step_fail_is_named() {
    let project = Project::new(&one_job(
        "      - run: for i in $(seq 100); do sleep 60 & done; wait\n",
    ));
    project.write("seatrial.toml", "[run]\npids = 32\n");
    let ran = project.run_in(SMALL, &[]).expect(7);
    assert_eq!(ran.cause(), "resource_limit.pids_limit");
}

#[test]
fn a_child_killed_for_memory_is_no_pass_although_the_step_exits_with_0() {
    let project = Project::new(&one_job(
        "      - run: python3 -c 'x = bytearray(10**9)' || echo survived\n",
    ));
    let ran = project
        .run_in(PYTHON, &["--memory", "96m"])
        .expect(7)
        .says("survived");
    assert_eq!(ran.cause(), "resource_limit.oom_partial");
}

/// A library with one module, its tests, and a workflow that measures coverage.
fn library() -> Project {
    let project = Project::new(&one_job(
        "      - uses: actions/checkout@v4
      - run: pytest tests --cov=lib --cov-report=xml --cov-report=html
",
    ));
    project
        .write(
            "lib/__init__.py",
            "def add(a, b):\n    return a + b\n\n\ndef unused():\n    return 1\n",
        )
        .write(
            "tests/test_add.py",
            "from lib import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n",
        )
        .write("pytest.ini", "[pytest]\npythonpath = .\n");
    project
}

#[test]
fn everything_comes_out_and_belongs_to_the_caller() {
    let project = library();
    let before = fingerprint(project.root());
    let ran = project
        .run_in(pytest_image(), &["--coverage-min", "50"])
        .expect(0);
    for file in [
        "run.json",
        "events.jsonl",
        "junit.xml",
        "coverage/coverage.xml",
        "coverage/lcov.info",
        "coverage/test/coverage.xml",
        "coverage/test/htmlcov/index.html",
        "logs/test/01-run-actions-checkout-v4-e20365d0.log",
    ] {
        let meta = std::fs::metadata(ran.path(file))
            .unwrap_or_else(|_| panic!("{file} is missing: {:?}", files(&ran.path(""))));
        assert_eq!(
            meta.uid(),
            std::fs::metadata(project.root()).expect("root").uid()
        );
    }
    assert!(
        ran.file("coverage/coverage.xml")
            .contains("filename=\"lib/__init__.py\"")
    );
    assert!(ran.file("junit.xml").contains("file=\"tests/test_add.py\""));
    // The user's tree is what it was, to the byte.
    assert_eq!(fingerprint(project.root()), before);
    // What the environment was like is known.
    let facts = &ran.record()["jobs"][0]["facts"];
    assert_eq!(facts["uid"], 1000, "{facts}");
    assert_eq!(facts["packages"]["pytest"], "8.3.3");
    assert_eq!(facts["variables"]["CI"], "true");
    assert!(facts["variables"]["GITHUB_SHA"].is_null());
    let peak = facts["memory_peak"].as_u64();
    assert!(
        peak > Some(0) && peak <= facts["memory_limit"].as_u64(),
        "{facts}"
    );
    assert!(facts["cpu_millis"].as_u64() > Some(0), "{facts}");
}

#[test]
fn each_way_to_fail_has_its_own_exit_code_and_keeps_its_reports() {
    let project = library();
    let image = pytest_image();
    let ran = project.run_in(image, &["--coverage-min", "90"]).expect(3);
    assert_eq!(ran.cause(), "coverage.below_threshold");

    // The step's own threshold makes pytest fail without a failed test.
    project.write(".coveragerc", "[report]\nfail_under = 90\n");
    let ran = project.run_in(image, &[]).expect(3);
    assert_eq!(ran.cause(), "coverage.below_threshold");
    std::fs::remove_file(project.root().join(".coveragerc")).expect("the file");

    project.write(
        "tests/test_broken.py",
        "def test_broken():\n    assert 1 == 2, 'on purpose'\n",
    );
    let ran = project
        .run_in(image, &["--coverage-min", "50"])
        .expect(1)
        .says("on purpose")
        .says("tests/test_broken.py");
    assert_eq!(ran.cause(), "tests_failed.tests_failed");
    assert!(ran.file("coverage/coverage.xml").contains("lib"));
    assert!(ran.file("junit.xml").contains("test_broken"));

    // A masked failure is loud.
    project.write(
        ".github/workflows/test.yml",
        &one_job("      - uses: actions/checkout@v4\n      - run: pytest tests || true\n"),
    );
    let ran = project.run_in(image, &[]).expect(1);
    assert_eq!(ran.cause(), "tests_failed.verdict_conflict");

    project.write(
        ".github/workflows/test.yml",
        &one_job("      - uses: actions/checkout@v4\n      - run: pytest tests -k nothing_has_this_name\n"),
    );
    let ran = project.run_in(image, &[]).expect(4);
    assert_eq!(ran.cause(), "no_report.no_tests_collected");

    project.write(
        ".github/workflows/test.yml",
        &one_job("      - uses: actions/checkout@v4\n      - run: pytest -k add\n      - uses: codecov/codecov-action@v4\n        with:\n          files: ./coverage.xml\n"),
    );
    let ran = project.run_in(image, &[]).expect(4);
    assert_eq!(ran.cause(), "no_report.report_missing");
}

#[test]
fn a_report_that_was_there_before_does_not_count() {
    let project = library();
    project.write("coverage.xml", "<coverage/>").write(
        ".github/workflows/test.yml",
        &one_job(
            "      - uses: actions/checkout@v4
      - run: pytest tests
      - uses: codecov/codecov-action@v4
        with: { files: coverage.xml }
",
        ),
    );
    let old = std::fs::File::open(project.root().join("coverage.xml")).expect("the file");
    let past = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
    old.set_modified(past).expect("an older time");
    let ran = project.run_in(pytest_image(), &[]).expect(4);
    assert_eq!(ran.cause(), "no_report.report_stale");
}

#[test]
fn steps_that_write_the_same_reports_owe_one_each() {
    let project = Project::new(&one_job(
        "      - uses: actions/checkout@v4
      - run: pytest --junitxml=junit.xml --cov=lib --cov-report=xml tests/test_one.py
      - run: pytest --junitxml=junit.xml --cov=lib --cov-report=xml tests/test_two.py
      - if: always()
        run: \"pytest() { :; }; pytest --junitxml=junit.xml tests\"
",
    ));
    project.write(
        "lib/__init__.py",
        "def one():\n    return 1\n\ndef two():\n    return 2\n",
    );
    // With it pytest finds the package.
    project.write("conftest.py", "");
    for name in ["one", "two"] {
        let test = format!("import lib\ndef test_{name}():\n    assert lib.{name}()\n");
        project.write(&format!("tests/test_{name}.py"), &test);
    }
    let ran = project.run_in(pytest_image(), &[]).expect(4);
    // The third step ran no pytest, and the report of the second is not its own.
    assert_eq!(ran.cause(), "no_report.report_stale");
    let junit = ran.file("junit.xml");
    assert!(
        junit.contains("test_one") && junit.contains("test_two"),
        "{junit}"
    );
    // Each covers its own function; together they cover all.
    let coverage = &ran.record()["coverage"];
    assert_eq!(coverage["lines_covered"], 4, "{coverage}");
}

#[test]
fn a_link_in_place_of_a_report_reads_nothing_of_this_machine() {
    let project = Project::new(&one_job(
        "      - run: |
          : pytest
          ln -s /etc/passwd coverage.xml
          mkdir htmlcov
          ln -s /etc htmlcov/etc
          echo fine > htmlcov/index.html
      - uses: codecov/codecov-action@v4
        with: { files: coverage.xml }
      - uses: actions/upload-artifact@v4
        with: { name: html, path: htmlcov }
",
    ));
    let ran = project.run_in(SMALL, &[]).expect(4);
    assert_eq!(ran.cause(), "no_report.report_invalid");
    let found = files(&ran.path(""));
    assert!(found.contains(&"artifacts/html/index.html".to_owned()));
    assert!(!found.iter().any(|file| file.contains("etc")), "{found:?}");
}

#[test]
fn a_build_that_fails_shows_its_instruction_and_line() {
    let project = library();
    project.write(
        "Dockerfile.test",
        &format!("FROM {PYTHON}\nWORKDIR /app\nCOPY . .\nRUN echo before && \\\n    exit 7\n"),
    );
    let ran = project
        .seatrial(&["run", "test.yml"])
        .expect(5)
        .says("Dockerfile.test:4")
        .says("before");
    assert_eq!(ran.cause(), "build_failed.build_step_failed");
}

#[test]
fn without_buildx_the_engine_builds_and_it_is_said() {
    let project = library();
    project.write(
        "Dockerfile.test",
        &format!(
            "FROM {}\nWORKDIR /app\nCOPY --chown=1000 . .\n",
            pytest_image()
        ),
    );
    project
        .write(
            ".github/workflows/test.yml",
            &one_job("      - uses: actions/checkout@v4\n      - run: pytest tests\n"),
        )
        .write(".dockerignore", "secret.txt\n")
        .write("secret.txt", "not for the image")
        .write(
            "tests/test_context.py",
            "import os\ndef test_context(): assert not os.path.exists('secret.txt')\n",
        );
    let nothing = tempfile::tempdir().expect("an empty folder");
    let output = project
        .command(&["run", "test.yml"])
        .env("PATH", nothing.path())
        .output()
        .expect("seatrial");
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("the engine's own builder"), "{text}");
}

#[test]
fn an_image_that_is_nowhere_and_one_without_a_shell() {
    let project = Project::new(&one_job("      - run: echo x\n"));
    let ran = project
        .seatrial(&["run", "test.yml", "--image", "localhost:1/none:1"])
        .says("localhost:1/none:1");
    assert!([2, 10].contains(&ran.code), "{}", ran.code);
    let empty = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(empty.path(), [0u8; 1024]).expect("an empty tar");
    docker(&[
        "import",
        &empty.path().display().to_string(),
        "seatrial-test/empty:1",
    ]);
    let ran = project.run_in("seatrial-test/empty:1", &[]).expect(2);
    assert_eq!(ran.cause(), "config.image_unusable");
    docker(&["rmi", "seatrial-test/empty:1"]);
}

#[test]
fn without_an_engine_it_says_so_and_falls_back_only_when_told() {
    let project = Project::new(&one_job("      - run: echo on $RUNNER_NAME\n"));
    let run = |arguments: &[&str]| {
        let output = project
            .command(arguments)
            .env("DOCKER_HOST", "unix:///nonexistent/docker.sock")
            .output()
            .expect("seatrial");
        (
            output.status.code().unwrap_or(-1),
            String::from_utf8_lossy(&output.stdout).into_owned()
                + &String::from_utf8_lossy(&output.stderr),
        )
    };
    let (code, text) = run(&["run", "test.yml"]);
    assert_eq!(code, 10, "{text}");
    assert!(text.contains("/nonexistent/docker.sock"), "{text}");
    let (code, text) = run(&["run", "test.yml", "--fallback"]);
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("on seatrial") && text.contains("not in containers"),
        "{text}"
    );
}

#[test]
fn a_wrong_workflow_is_told_with_place_and_way_out() {
    let project = Project::new(
        "on: push\njobs:\n  unit:\n    runs-on: ubuntu-latest\n    needs: unitt\n    steps:\n      - run: echo\n",
    );
    project
        .seatrial(&["run", "test.yml"])
        .expect(2)
        .says("test.yml:5")
        .says("unitt");
    project.write(
        ".github/workflows/test.yml",
        &one_job("      - uses: some/unknown-action@v1\n"),
    );
    project
        .seatrial(&["run", "test.yml"])
        .expect(2)
        .says("some/unknown-action")
        .says("--skip-action");
}

#[test]
fn an_ordinary_user_may_install_packages_in_a_plain_image() {
    let project = Project::new(&one_job(
        "      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with: { python-version: '3.11' }
      - run: |
          test \"$(id -un)\" = runner
          test \"$(python -c 'import getpass; print(getpass.getuser())')\" = runner
          pip install --quiet --no-index --no-build-isolation .
          sample-command
",
    ));
    project
        .write(
            "pyproject.toml",
            "[build-system]\nrequires = ['setuptools']\nbuild-backend = 'setuptools.build_meta'\n\
             [project]\nname = 'sample'\nversion = '1'\n\
             [project.scripts]\nsample-command = 'sample:main'\n",
        )
        .write(
            "sample.py",
            "def main():\n    print('installed and found')\n",
        );
    let ran = project.seatrial(&["run", "test.yml"]);
    support::assert_nothing_left(&ran);
    ran.expect(0).says("installed and found");
}

#[test]
fn ctrl_c_brings_reports_out_and_leaves_nothing() {
    let project = Project::new(&one_job(
        "      - uses: actions/checkout@v4
      - run: pytest -s tests
",
    ));
    project.write(
        "tests/test_slow.py",
        "import time\ndef test_quick(): pass\ndef test_slow():\n    print('now waiting', flush=True)\n    time.sleep(600)\n",
    );
    let started = project.start_until(
        &["run", "test.yml", "--image", pytest_image()],
        "now waiting",
    );
    started.signal("INT");
    let ran = started.wait().expect(130);
    support::assert_nothing_left(&ran);
    assert_eq!(ran.cause(), "cancelled.user_interrupt");
    assert!(ran.file("junit.xml").contains("test_quick"));
}

#[test]
fn two_runs_at_once_do_not_disturb_each_other() {
    let project = library();
    let image = pytest_image();
    let runs: Vec<_> = (0..2)
        .map(|_| {
            project
                .command(&["run", "test.yml", "--image", image, "--coverage-min", "50"])
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null())
                .spawn()
                .expect("seatrial")
        })
        .collect();
    for mut run in runs {
        assert!(run.wait().expect("its end").success());
    }
    let folders = std::fs::read_dir(project.root().join(".seatrial/runs")).expect("runs");
    for folder in folders {
        let folder = folder.expect("an entry").path();
        assert!(folder.join("coverage/coverage.xml").is_file());
    }
}

#[test]
fn set_up_that_the_image_holds_is_left_out_and_what_it_lacks_is_run() {
    let project = library();
    project
        .write("requirements.txt", "pytest==8.3.3\npytest-cov==5.0.0\n")
        .write(
            "Dockerfile.test",
            &format!(
                "FROM {} AS test\nWORKDIR /app\nCOPY --chown=1000 . .\n",
                pytest_image()
            ),
        )
        .write(
            ".github/workflows/test.yml",
            &one_job(
                "      - uses: actions/checkout@v4
      - name: Install
        run: pip install -r requirements.txt
      - run: pytest tests
",
            ),
        );
    let ran = project.seatrial(&["run", "test.yml"]).expect(0);
    let step = &ran.record()["jobs"][0]["results"][2];
    assert_eq!(step["name"], "Install");
    assert!(
        step["note"]
            .as_str()
            .expect("a note")
            .contains("2 packages")
    );
    project.write(
        "requirements.txt",
        "pytest==8.3.3\nno-such-package-here==1.0\n",
    );
    let ran = project
        .seatrial(&["run", "test.yml"])
        .says("no-such-package-here");
    assert_eq!(ran.record()["jobs"][0]["results"][2]["outcome"], "failure");
}

/// All files below a folder, by path, sorted.
fn files(root: &Path) -> Vec<String> {
    fn walk(root: &Path, folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                walk(root, &path, found);
            } else {
                found.push(
                    path.strip_prefix(root)
                        .expect("below")
                        .display()
                        .to_string(),
                );
            }
        }
    }
    let root = root.canonicalize().expect("the folder");
    let mut found = Vec::new();
    walk(&root, &root, &mut found);
    found.sort();
    found
}

/// Bytes, mode, owner and time of every file of a checkout, ours left out.
fn fingerprint(root: &Path) -> Vec<String> {
    files(root)
        .into_iter()
        .filter(|file| !file.starts_with(".seatrial"))
        .map(|file| {
            let meta = std::fs::metadata(root.join(&file)).expect("a file");
            let bytes = std::fs::read(root.join(&file)).expect("a file");
            format!(
                "{file} {:o} {} {} {} {bytes:?}",
                meta.mode(),
                meta.uid(),
                meta.gid(),
                meta.mtime()
            )
        })
        .collect()
}
