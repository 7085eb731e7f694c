//! Runs side by side on one engine and one checkout (F37, F38, S17), and names that
//! nobody should choose (F30, T22).

use std::process::Stdio;

use crate::support::{Project, SMALL, alone, docker, left_of};

const AT_ONCE: usize = 8;

#[test]
fn eight_runs_of_one_checkout_have_their_own_verdict_and_artifacts() {
    let _alone = alone();
    let project = Project::new(
        "on: workflow_dispatch
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: |
          echo \"${{ inputs.number }}\" > number.txt
          exit $(( ${{ inputs.number }} % 2 ))
      - uses: actions/upload-artifact@v4
        if: always()
        with: {name: number, path: number.txt}
",
    );
    let text = std::fs::read_to_string(project.root().join(".github/workflows/test.yml")).unwrap();
    project.write(
        ".github/workflows/test.yml",
        &text.replace(
            "on: workflow_dispatch\n",
            "on: {workflow_dispatch: {inputs: {number: {type: string, required: true}}}}\n",
        ),
    );
    let runs: Vec<_> = (0..AT_ONCE)
        .map(|number| {
            let input = format!("number={number}");
            let arguments = ["run", "test.yml", "--image", SMALL, "--input", &input];
            let mut command = project.command(&[&arguments[..], &["--format", "json"]].concat());
            command.stdout(Stdio::piped()).stderr(Stdio::null());
            command.spawn().unwrap()
        })
        .collect();
    let mut jobs: Vec<(u64, u64)> = Vec::new();
    for (number, run) in runs.into_iter().enumerate() {
        let output = run.wait_with_output().unwrap();
        // A step that fails has exit code 9.
        let expected = if number % 2 == 0 { 0 } else { 9 };
        assert_eq!(output.status.code(), Some(expected), "run {number}");
        let result: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let id = result["info"]["id"].as_str().unwrap();
        let job = &result["jobs"][0];
        let at = |key: &str| job[key].as_u64().unwrap();
        jobs.push((at("started_at"), at("finished_at")));
        let artifact = project
            .root()
            .join(".seatrial/runs")
            .join(id)
            .join("artifacts/number/number.txt");
        let text = std::fs::read_to_string(artifact).unwrap();
        assert_eq!(text.trim(), number.to_string());
        assert_eq!(left_of(id), "");
    }
    // No more jobs at a time than the machine has room for.
    let cores = docker(&["info", "--format", "{{.NCPU}}"]).parse::<usize>();
    let room = cores.unwrap().max(2);
    for (start, _) in &jobs {
        let at_once = jobs
            .iter()
            .filter(|(begun, ended)| begun <= start && start < ended)
            .count();
        assert!(at_once <= room, "{at_once} jobs at a time: {jobs:?}");
    }
    // Whichever was last: the link leads to a whole run.
    let latest = project.root().join(".seatrial/latest/run.json");
    let record: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(latest).unwrap()).unwrap();
    assert!(record["verdict"]["exit_code"].is_number());
}

#[test]
fn names_that_nobody_should_choose_reach_no_shell_and_no_path() {
    let outer = tempfile::tempdir().unwrap();
    let canary = outer.path().join("canary");
    std::fs::write(&canary, "untouched").unwrap();
    // A folder with a space, a colon, a comma, a quote and letters beyond ASCII.
    let root = outer.path().join("a b:c,d'é ✓");
    let workflow = format!(
        "on: push
name: \"../../x $(id) `id`; rm -rf /\"
jobs:
  test:
    name: \"../../{{{{ matrix.value }}}}\"
    runs-on: ubuntu-latest
    strategy:
      matrix:
        value: ['$(touch {0}.1)', '; touch {0}.2;', '../../../canary', \"line\\nbreak\", '{1}', 'CON', '-rf']
    steps:
      - uses: actions/checkout@v4
      - run: test -f 'é ✓/file name' && echo hello > \"out put.txt\"
      - uses: actions/upload-artifact@v4
        with: {{name: \"a-${{{{ strategy.job-index }}}}\", path: \"out put.txt\"}}
",
        canary.display(),
        "long".repeat(75),
    );
    let folder = root.join(".github/workflows");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("test.yml"), workflow).unwrap();
    std::fs::create_dir_all(root.join("é ✓")).unwrap();
    std::fs::write(root.join("é ✓/file name"), "x").unwrap();
    let project = Project::new("on: push");
    let output = project
        .command(&["run", "test.yml", "--image", SMALL])
        .current_dir(&root)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{text}");
    for leg in 0..7 {
        let artifact = root.join(format!(".seatrial/latest/artifacts/a-{leg}/out put.txt"));
        assert_eq!(std::fs::read_to_string(artifact).unwrap(), "hello\n");
    }
    let names: Vec<_> = std::fs::read_dir(outer.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert_eq!(std::fs::read_to_string(canary).unwrap(), "untouched");
}
