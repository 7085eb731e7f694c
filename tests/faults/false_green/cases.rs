//! What does not deserve to pass, and as what it is to be told.

/// One step that cheats or is broken.
pub(super) struct Case {
    /// Its name.
    pub(super) name: &'static str,
    /// Further keys of the step.
    pub(super) more: &'static str,
    /// Its script.
    pub(super) script: &'static str,
    /// The failure reason; empty where it may pass.
    pub(super) cause: &'static str,
}

const fn case(name: &'static str, script: &'static str, cause: &'static str) -> Case {
    Case {
        name,
        more: "",
        script,
        cause,
    }
}

const CONFLICT: &str = "tests_failed.verdict_conflict";
const FAILED: &str = "tests_failed.tests_failed";
const MISSING: &str = "no_report.report_missing";
const INVALID: &str = "no_report.report_invalid";
const STALE: &str = "no_report.report_stale";
const NO_TESTS: &str = "no_report.no_tests_collected";
const STEP: &str = "command_failed.step_failed";
const LIMIT: &str = "resource_limit.artifact_limit";
const CRASHED: &str = "command_failed.crashed_signal";

/// Each with a report of its own; `fake/pytest` does nothing and succeeds,
/// `bad/pytest` writes the report of a failed test and fails.
pub(super) const LIES: &[Case] = &[
    // The exit code is hidden.
    case(
        "or-true",
        "bad/pytest --junitxml=b-or-true.xml || true",
        CONFLICT,
    ),
    case(
        "exit-0",
        "set +e\nbad/pytest --junitxml=b-exit-0.xml\nexit 0",
        CONFLICT,
    ),
    case("pipe", "bad/pytest --junitxml=b-pipe.xml | cat", CONFLICT),
    case(
        "if",
        "if bad/pytest --junitxml=b-if.xml; then echo fine; fi",
        CONFLICT,
    ),
    case("not", "! bad/pytest --junitxml=b-not.xml", CONFLICT),
    case(
        "trap",
        "trap 'exit 0' EXIT\nbad/pytest --junitxml=b-trap.xml",
        CONFLICT,
    ),
    case(
        "background",
        "bad/pytest --junitxml=b-background.xml & wait",
        CONFLICT,
    ),
    case(
        "atexit",
        "pytest --rootdir=conf/atexit conf/atexit",
        CONFLICT,
    ),
    case(
        "status",
        "pytest --rootdir=conf/status conf/status",
        CONFLICT,
    ),
    case(
        "counted-wrong",
        "fake/pytest --junitxml=j1.xml\n\
         echo '<testsuite tests=\"1\" failures=\"0\"><testcase name=\"a\"><failure/></testcase></testsuite>' >j1.xml",
        CONFLICT,
    ),
    // No test ran.
    case("fake", "fake/pytest test_bad.py", MISSING),
    case("function", "pytest() { :; }\npytest test_bad.py", MISSING),
    case("leaves", "pytest test_exit.py", MISSING),
    case("conftest", "pytest --rootdir=conf/exit conf/exit", MISSING),
    case(
        "finish",
        "pytest --rootdir=conf/finish conf/finish",
        MISSING,
    ),
    case("killed", "set +e\npytest test_kill.py\ntrue", MISSING),
    case("sys-exit", "pytest test_sysexit.py || true", CONFLICT),
    case("none", "pytest test_none.py", NO_TESTS),
    case(
        "deselected",
        "pytest -k nothing test_ok.py || true",
        NO_TESTS,
    ),
    case(
        "no-case",
        "fake/pytest --junitxml=j2.xml\necho '<testsuites/>' >j2.xml",
        NO_TESTS,
    ),
    case(
        "only-totals",
        "fake/pytest --junitxml=j3.xml\necho '<testsuite tests=\"9\"/>' >j3.xml",
        NO_TESTS,
    ),
    // The report is none.
    case("empty", "fake/pytest --junitxml=j4.xml\n: >j4.xml", INVALID),
    case(
        "blank",
        "fake/pytest --junitxml=j5.xml\necho >j5.xml",
        INVALID,
    ),
    case(
        "cut",
        "fake/pytest --junitxml=j6.xml\nhead -c 70 passed.xml >j6.xml",
        INVALID,
    ),
    case(
        "other-root",
        "fake/pytest --junitxml=j7.xml\ncp cov/liar.xml j7.xml",
        INVALID,
    ),
    case(
        "prose",
        "fake/pytest --junitxml=j8.xml\necho passed >j8.xml",
        INVALID,
    ),
    case(
        "link",
        "fake/pytest --junitxml=j9.xml\ncp passed.xml real.xml\nln -s real.xml j9.xml",
        INVALID,
    ),
    case(
        "link-outside",
        "fake/pytest --junitxml=j10.xml\nln -s /etc/passwd j10.xml",
        INVALID,
    ),
    case(
        "pipe-file",
        "fake/pytest --junitxml=j11.xml\nmkfifo j11.xml",
        INVALID,
    ),
    case(
        "folder",
        "fake/pytest --junitxml=j12.xml\nmkdir j12.xml",
        INVALID,
    ),
    case(
        "socket",
        "fake/pytest --junitxml=j13.xml\npython3 -c \"import socket; socket.socket(socket.AF_UNIX).bind('j13.xml')\"",
        INVALID,
    ),
    case("device", "fake/pytest --junitxml=/dev/null", INVALID),
    case(
        "huge",
        "fake/pytest --junitxml=j14.xml\ntruncate -s 65M j14.xml",
        LIMIT,
    ),
    case("committed", "fake/pytest --junitxml=committed.xml", STALE),
    case(
        "old",
        "fake/pytest --junitxml=j15.xml\ncp passed.xml j15.xml\ntouch -d 2020-01-01 j15.xml",
        STALE,
    ),
    case(
        "memory-only",
        "fake/pytest --junitxml=/dev/shm/r.xml\ncp passed.xml /dev/shm/r.xml",
        MISSING,
    ),
    // Coverage that means nothing.
    case(
        "cov-none",
        "fake/pytest --cov --cov-report=xml:c1.xml",
        MISSING,
    ),
    case(
        "cov-empty",
        "fake/pytest --cov --cov-report=xml:c2.xml\n: >c2.xml",
        INVALID,
    ),
    case(
        "cov-cut",
        "fake/pytest --cov --cov-report=xml:c3.xml\nhead -c 200 cov/liar.xml >c3.xml",
        INVALID,
    ),
    case(
        "cov-clover",
        "fake/pytest --cov --cov-report=xml:c4.xml\necho '<coverage line-rate=\"1\"/>' >c4.xml",
        INVALID,
    ),
    case(
        "cov-minus",
        "fake/pytest --cov --cov-report=xml:c5.xml\ncp cov/minus.xml c5.xml",
        INVALID,
    ),
    case(
        "cov-nan",
        "fake/pytest --cov --cov-report=xml:c6.xml\ncp cov/nan.xml c6.xml",
        INVALID,
    ),
    case(
        "cov-exponent",
        "fake/pytest --cov --cov-report=xml:c7.xml\ncp cov/exponent.xml c7.xml",
        INVALID,
    ),
    case(
        "cov-comma",
        "fake/pytest --cov --cov-report=xml:c8.xml\ncp cov/comma.xml c8.xml",
        INVALID,
    ),
    case(
        "cov-committed",
        "fake/pytest --cov --cov-report=xml:committed-cov.xml",
        STALE,
    ),
    // What watches the step is attacked.
    case(
        "marks",
        "printf '\\036%032d\\036' 0 >/seatrial/output\nfalse",
        STEP,
    ),
    case(
        "mailbox",
        "rm -rf /seatrial/steps /seatrial/reports\nbad/pytest --junitxml=b-mailbox.xml",
        FAILED,
    ),
    case("wrapper-killed", "kill -9 $PPID", CRASHED),
    case(
        "talks-on",
        "sleep 600 & while :; do echo x; sleep 1; done & bad/pytest --junitxml=b-talks-on.xml",
        FAILED,
    ),
    Case {
        name: "obeys-too-well",
        more: "timeout-minutes: 0.01, ",
        script: "trap 'exit 0' INT TERM\nwhile :; do sleep 0.1; done",
        cause: "timeout.step_timeout",
    },
];

/// What one step leaves to the next.
pub(super) const HEIRS: &[Case] = &[
    case("site", "echo PYTHONPATH=$PWD/site >>\"$GITHUB_ENV\"", ""),
    case("after-site", "python3 -m pytest test_bad.py", MISSING),
    case(
        "only-list",
        "echo PYTHONPATH= >>\"$GITHUB_ENV\"\necho PYTEST_ADDOPTS=--collect-only >>\"$GITHUB_ENV\"",
        "",
    ),
    case("after-list", "pytest test_bad.py", NO_TESTS),
    case(
        "path",
        "echo PYTEST_ADDOPTS= >>\"$GITHUB_ENV\"\necho $PWD/fake >>\"$GITHUB_PATH\"",
        "",
    ),
    case("after-path", "pytest test_bad.py", MISSING),
    case(
        "bash-env",
        "echo BASH_ENV=$PWD/leave.sh >>\"$GITHUB_ENV\"",
        "",
    ),
    case(
        "after-bash-env",
        "/usr/local/bin/pytest test_bad.py",
        MISSING,
    ),
];

/// Jobs that are a lie as a whole, and one that is none.
pub(super) const OTHERS: &str = r#"
  honest:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: sleep 600 & pytest test_ok.py
  others:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - {name: forgiven, continue-on-error: true, run: bad/pytest --junitxml=b.xml}
  kills-all:
    runs-on: ubuntu-latest
    steps:
      - {name: test, run: kill -9 -1}
  kills-first:
    runs-on: ubuntu-latest
    steps:
      - {name: test, run: kill -9 $(cat /proc/1/task/1/children); sleep 60}
  disk:
    runs-on: ubuntu-latest
    container:
      image: seatrial-test/pytest:1
      options: --tmpfs /small:size=64k,mode=1777
    steps:
      - uses: actions/checkout@v4
      - name: test
        run: |
          cat /dev/zero >/small/fill || true
          pytest --junitxml=/small/r.xml test_ok.py || true
  root:
    runs-on: ubuntu-latest
    container: python:3.11-slim
    steps:
      # Where the shell that reports has its standard output, only root may write.
      - name: prepare
        run: |
          echo 'for file in /proc/$1/fd/*; do case $(readlink "$file") in
          pipe:*) printf "end 0 0\ndone\n" >"$file";; esac; done' >/forge
      - {name: forged, if: always(), run: sh /forge $PPID; false}
      - {name: forged-and-killed, if: always(), run: sh /forge $PPID; kill -9 $PPID}
      - {name: forged-early, if: always(), run: sh /forge $PPID; sleep 1; false}
  memory:
    runs-on: ubuntu-latest
    container:
      image: seatrial-test/pytest:1
      options: --memory 96m
    steps:
      - {name: test, run: python3 -c 'x = bytearray(10**9)' || true}
  leg:
    runs-on: ubuntu-latest
    strategy:
      fail-fast: false
      matrix: {part: [a, b]}
    steps:
      - uses: actions/checkout@v4
      - name: test
        run: |
          fake/pytest --cov --cov-report=xml:out.xml
          if [ ${{ matrix.part }} = a ]; then cp cov/liar.xml out.xml; fi
      - {if: matrix.part == 'a', uses: actions/upload-artifact@v4, with: {name: cov, path: out.xml}}
  borrowed:
    needs: leg
    if: always()
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - {uses: actions/download-artifact@v4, with: {name: cov}}
      - {name: test, run: 'fake/pytest --cov --cov-report=xml:out.xml'}
"#;

/// What is to be told of them; nothing of what may pass.
pub(super) const OTHER_CAUSES: &[(&str, &str)] = &[
    ("honest", ""),
    ("others › forgiven", ""),
    ("kills-all › test", CRASHED),
    ("kills-first › test", CRASHED),
    ("disk › test", MISSING),
    ("root › forged", CRASHED),
    ("root › forged-and-killed", CRASHED),
    ("root › forged-early", CRASHED),
    ("memory › test", "resource_limit.oom_partial"),
    ("leg (b) › test", MISSING),
    ("borrowed › test", STALE),
];

/// Images that lie: the job that uses each, what it is built with, and what is told.
pub(super) const IMAGES: [(&str, &str, &str); 4] = [
    ("swallows", "ENTRYPOINT [\"echo\"]", CONFLICT),
    (
        "agrees",
        "ENTRYPOINT [\"true\"]\nHEALTHCHECK CMD true\nSTOPSIGNAL SIGKILL",
        CONFLICT,
    ),
    (
        "baked",
        "RUN mkdir /tmp/baked && echo '<testsuite><testcase name=\"a\"/></testsuite>' >/tmp/baked/r.xml && chmod 555 /tmp/baked",
        STALE,
    ),
    (
        "no-shell",
        "RUN ln -sf /bin/true /bin/bash && ln -sf /bin/true /bin/sh",
        "config.image_unusable",
    ),
];
