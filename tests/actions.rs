//! Stand-ins for actions on a real Docker Engine. Without an engine these tests
//! fail.
#![allow(clippy::expect_used, clippy::panic)]

mod support;

use support::{Project, SMALL};

/// A workflow with one job of these steps (YAML, indented by six spaces).
fn one_job(steps: &str) -> String {
    format!("name: Test\non: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n{steps}")
}

#[test]
fn caches_are_saved_and_come_back() {
    let project = Project::new(&one_job(
        "      - id: c
        uses: actions/cache@v4
        with:
          path: |
            ~/.tool
            out*/keep-*
            !out*/keep-not
          key: tool-${{ hashFiles('lock') }}
          restore-keys: tool-
      - run: |
          echo \"hit=[${{ steps.c.outputs.cache-hit }}]\"
          cat ~/.tool/state out1/keep-a 2>/dev/null || echo nothing
          ls -l out1 2>/dev/null || true
          [ ! -e out1/keep-not ] && [ ! -e out1/other ] && echo clean
          mkdir -p ~/.tool out1
          echo kept > ~/.tool/state
          echo also > out1/keep-a; echo no > out1/keep-not; echo no > out1/other
",
    ));
    project.write("lock", "1");
    let ran = project.run_in(SMALL, &[]).expect(0);
    ran.says("hit=[]")
        .says("nothing")
        .says("Cache saved with key: tool-");
    let ran = project.run_in(SMALL, &[]).expect(0);
    ran.says("hit=[true]")
        .says("kept")
        .says("also")
        .says("clean");
    // Another key, the same beginning.
    project.write("lock", "2");
    let ran = project.run_in(SMALL, &[]).expect(0);
    ran.says("hit=[false]").says("kept");
    // Other paths are another cache.
    let workflow = std::fs::read_to_string(project.root().join(".github/workflows/test.yml"))
        .expect("the workflow");
    project.write(
        ".github/workflows/test.yml",
        &workflow.replace("~/.tool\n", "~/.tool2\n"),
    );
    let ran = project.run_in(SMALL, &[]).expect(0);
    ran.says("hit=[]");
}

#[test]
fn a_cache_is_saved_at_once_when_asked_and_else_only_after_success() {
    let project = Project::new(&one_job(
        "      - run: echo one > a; echo two > b
      - uses: actions/cache/save@v4
        with: { path: a, key: at-once }
      - uses: actions/cache@v4
        with: { path: b, key: at-the-end }
      - run: exit 1
",
    ));
    project.run_in(SMALL, &[]).expect(9);
    project.write(
        ".github/workflows/test.yml",
        &one_job(
            "      - id: a
        uses: actions/cache/restore@v4
        with: { path: a, key: at-once }
      - id: b
        uses: actions/cache/restore@v4
        with: { path: b, key: at-the-end }
      - run: echo \"[${{ steps.a.outputs.cache-matched-key }}] [${{ steps.b.outputs.cache-hit }}]\"; cat a
",
        ),
    );
    project
        .run_in(SMALL, &[])
        .expect(0)
        .says("[at-once] []")
        .says("one");
}

#[test]
fn artifacts_of_legs_come_together() {
    let project = Project::new(
        "on: push
jobs:
  leg:
    runs-on: ubuntu-latest
    strategy: { matrix: { x: [1, 2] } }
    steps:
      - run: mkdir d; echo ${{ matrix.x }} > .data.${{ matrix.x }}; echo ${{ matrix.x }} > d/seen.${{ matrix.x }}; echo h > d/.hidden
      - uses: actions/upload-artifact@v4
        with: { name: 'data-${{ matrix.x }}', path: .data.*, include-hidden-files: true }
      - uses: actions/upload-artifact@v4
        with: { name: 'seen-${{ matrix.x }}', path: d }
  combine:
    needs: leg
    runs-on: ubuntu-latest
    steps:
      - uses: actions/download-artifact@v4
        with: { pattern: data-*, merge-multiple: true, path: all }
      - uses: actions/download-artifact@v4
        with: { pattern: seen-* }
      - run: |
          cat all/.data.1 all/.data.2 > both; wc -l < both
          find seen-* -type f | sort
",
    );
    project
        .run_in(SMALL, &[])
        .expect(0)
        .says("combine │ 2")
        .says("seen-1/seen.1")
        .says("seen-2/seen.2");
}

#[test]
fn a_command_that_fails_once_is_tried_again() {
    let project = Project::new(&one_job(
        "      - id: r
        uses: nick-fields/retry@v3
        with:
          retry_wait_seconds: 0
          timeout_seconds: 20
          command: |
            [ -e tried ] && echo \"GOOD=yes\" >> \"$GITHUB_ENV\" && exit 0
            touch tried
            false
      - run: echo \"$GOOD after ${{ steps.r.outputs.total_attempts }}\"
      - uses: nick-fields/retry@v3
        continue-on-error: true
        with: { command: sleep 600, timeout_seconds: 1, max_attempts: 1 }
      - run: if ps | grep -v grep | grep -q 'sleep 600'; then echo ALIVE; else echo it is gone; fi
",
    ));
    project
        .run_in(SMALL, &[])
        .expect(0)
        .says("yes after 2")
        .says("it is gone");
}

#[test]
fn a_second_checkout_lies_where_it_is_wanted() {
    let project = Project::new(&one_job(
        "      - uses: actions/checkout@v4
        with: { path: here/sub }
      - run: ls; cat here/sub/file
",
    ));
    project.write("file", "the source");
    let ran = project.run_in(SMALL, &[]).expect(0).says("the source");
    assert!(!ran.stdout.contains("│ file"), "{}", ran.stdout);
}

#[test]
fn uv_and_other_tools_come_from_pypi_where_the_image_has_none() {
    let project = Project::new(&one_job(
        "      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with: { python-version: '3.11' }
      - id: uv
        uses: astral-sh/setup-uv@v6
        with: { activate-environment: true }
      - run: |
          uv --version
          uv pip install --quiet iniconfig
          python -c 'import iniconfig, sys; print(sys.prefix, \"has it\")'
          deactivate 2>/dev/null || true
          VIRTUAL_ENV= uv pip install --system --quiet pluggy
          /seatrial/tools/python/bin/python -c 'import pluggy; print(\"and the system\")'
          echo \"version [${{ steps.uv.outputs.uv-version }}]\"
      - uses: extractions/setup-just@v2
      - run: just --version
",
    ));
    project.write("pyproject.toml", "[project]\nname = 'x'\nversion = '1'\n");
    let ran = project.seatrial(&["run", "test.yml"]);
    support::assert_nothing_left(&ran);
    let ran = ran
        .expect(0)
        .says("/.venv has it")
        .says("and the system")
        .says("│ just ");
    assert!(!ran.stdout.contains("version []"), "{}", ran.stdout);
}
