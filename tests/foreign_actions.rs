//! Actions whose own code is run, on a real engine.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod support;

use std::path::Path;

use support::{PYTHON, Project, SMALL};

/// A server with one repository, `acme/tools`, tagged `v1`.
fn server(files: &[(&str, &str)]) -> tempfile::TempDir {
    let server = tempfile::tempdir().unwrap();
    let repository = server.path().join("acme/tools");
    for (path, text) in files {
        let place = repository.join(path);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::write(place, text).unwrap();
    }
    support::commit(&repository, "v1");
    server
}

#[test]
fn actions_and_workflows_of_other_repositories_are_fetched_and_run() {
    let server = server(&[
        (
            "greet/action.yml",
            "
name: Greet
description: Says hello with a script of its own
inputs:
  who: { description: whom, default: nobody }
outputs:
  said: { description: what, value: '${{ steps.say.outputs.said }}' }
runs:
  using: composite
  steps:
    - id: say
      shell: sh
      env: { FROM: '${{ github.action_repository }}@${{ github.action_ref }}' }
      run: |
        sh \"$GITHUB_ACTION_PATH/greet.sh\" '${{ inputs.who }}'
        echo \"a script sees [${{ github.action_repository }}${{ github.action_ref }}$GITHUB_ACTION_REPOSITORY]\"
",
        ),
        (
            "greet/greet.sh",
            "echo \"Hello $1 from $FROM\"\necho \"said=hello $1\" >> \"$GITHUB_OUTPUT\"\n",
        ),
        (
            ".github/workflows/tests.yml",
            "
on:
  workflow_call:
    inputs:
      who: { type: string, required: true }
    outputs:
      said: { value: '${{ jobs.greet.outputs.said }}' }
jobs:
  greet:
    runs-on: ubuntu-latest
    outputs: { said: '${{ steps.g.outputs.said }}' }
    steps:
      - id: g
        uses: acme/tools/greet@v1
        with: { who: '${{ inputs.who }}' }
",
        ),
    ]);
    let project = Project::new(
        "
on: push
jobs:
  call:
    uses: acme/tools/.github/workflows/tests.yml@v1
    with: { who: world }
  after:
    needs: call
    runs-on: ubuntu-latest
    steps:
      - run: echo \"it said ${{ needs.call.outputs.said }}\"
",
    );
    let ran = project.run_with_server(server.path(), &["--image", SMALL]);
    assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
    assert!(
        ran.stdout.contains("Hello world from acme/tools@v1"),
        "{}",
        ran.stdout
    );
    // As on GitHub's runner: the step knows the action, its script does not.
    assert!(ran.stdout.contains("a script sees []"), "{}", ran.stdout);
    assert!(ran.stdout.contains("it said hello world"), "{}", ran.stdout);
}

/// A stand-in for Node that the job brings itself: the phases of an action are what
/// matters here, and the images of the tests have no Node.
const NODE: &str = "#!/bin/sh\n. \"$1\"\n";

#[test]
fn a_javascript_action_has_three_phases_and_keeps_state() {
    let server = server(&[
        (
            "action.yml",
            "
name: Phases
description: Three phases
inputs:
  some thing: { description: x, default: '${{ github.repository }}' }
runs:
  using: node20
  pre: pre.js
  main: main.js
  post: post.js
  post-if: always()
",
        ),
        ("pre.js", "echo \"pre before checkout: $(ls | wc -l)\"\n"),
        (
            "main.js",
            "echo \"main with $INPUT_SOME_THING\"\necho kept=yes >> \"$GITHUB_STATE\"\necho out=1 >> \"$GITHUB_OUTPUT\"\nexit 3\n",
        ),
        ("post.js", "echo \"post knows $STATE_kept\"\n"),
    ]);
    let project = Project::new(
        "
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: acme/tools@v1
        continue-on-error: true
        id: x
      - run: echo \"${{ steps.x.outcome }} ${{ steps.x.outputs.out }}\"
",
    );
    project.write(
        "Dockerfile.test",
        "FROM python:3.11-slim\nCOPY node /usr/local/bin/node\nRUN chmod 755 /usr/local/bin/node && useradd -m app\nUSER app\n",
    );
    project.write("node", NODE);
    let ran = project.run_with_server(server.path(), &[]);
    assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
    let order: Vec<usize> = [
        "pre before checkout: 0",
        "main with ",
        "failure 1",
        "post knows yes",
    ]
    .iter()
    .map(|line| {
        ran.stdout
            .find(line)
            .unwrap_or_else(|| panic!("{line}:\n{}", ran.stdout))
    })
    .collect();
    assert!(order.is_sorted(), "{order:?}\n{}", ran.stdout);
}

/// A server with a JavaScript action, and a project that uses it.
fn with_javascript_action(main: &str) -> (tempfile::TempDir, Project) {
    let server = server(&[
        (
            "action.yml",
            "name: x\ndescription: x\nruns: { using: node20, main: main.js }\n",
        ),
        ("main.js", main),
    ]);
    let project = Project::new(
        "
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: acme/tools@v1
",
    );
    (server, project)
}

#[test]
fn an_action_that_needs_node_says_what_to_do_without_it() {
    let (server, project) = with_javascript_action("");
    let ran = project.run_with_server(server.path(), &["--image", PYTHON]);
    assert_eq!(ran.code, 9, "{}\n{}", ran.stdout, ran.stderr);
    assert!(
        ran.stdout.contains("the action needs Node (node20)"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_docker_action_shares_files_network_and_environment_files() {
    let project = Project::new(
        "
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: echo from-the-job > shared.txt
      - id: act
        uses: ./.github/actions/box
        with: { who: world }
      - run: |
          cat made-by-action.txt
          echo \"out is ${{ steps.act.outputs.said }}, env is $FROM_ACTION\"
      - uses: docker://seatrial-test/small:1
        with:
          entrypoint: /bin/sh
          args: -c \"echo direct; cat shared.txt\"
      - id: bad
        continue-on-error: true
        uses: ./.github/actions/box
        with: { who: nobody, code: 7 }
      - run: echo \"then ${{ steps.bad.outcome }}\"
",
    );
    project.write(
        ".github/actions/box/action.yml",
        "
name: Box
description: A Docker action
inputs:
  who: { description: whom, required: true }
  code: { description: exit code, default: '0' }
outputs:
  said: { description: what }
runs:
  using: docker
  image: Dockerfile
  args: ['${{ inputs.who }}', '${{ inputs.code }}']
  env:
    OWN: own of ${{ inputs.who }}
",
    );
    project.write(
        ".github/actions/box/Dockerfile",
        "FROM seatrial-test/small:1\nCOPY entry.sh /entry.sh\nENTRYPOINT [\"/bin/sh\", \"/entry.sh\"]\n",
    );
    project.write(
        ".github/actions/box/entry.sh",
        "set -e
echo \"Hello $1 ($INPUT_WHO, $OWN) sees $(cat shared.txt)\"
echo made > made-by-action.txt
echo \"said=hi $1\" >> \"$GITHUB_OUTPUT\"
echo FROM_ACTION=set >> \"$GITHUB_ENV\"
exit \"$2\"
",
    );
    let ran = project.run_with_server(Path::new("/nowhere"), &["--image", PYTHON]);
    assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
    for line in [
        "Hello world (world, own of world) sees from-the-job",
        "│ made",
        "out is hi world, env is set",
        "│ direct",
        "then failure",
    ] {
        assert!(ran.stdout.contains(line), "{line}:\n{}", ran.stdout);
    }
}

#[test]
fn a_node_that_is_given_runs_actions_where_the_image_has_none() {
    let (server, project) = with_javascript_action("echo \"run by the given one\"\n");
    project.write("tools/node", NODE);
    let ran = project.run_with_server(server.path(), &["--image", PYTHON, "--node", "tools/node"]);
    assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
    assert!(
        ran.stdout.contains("run by the given one"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_docker_action_has_three_phases_and_the_places_of_github() {
    let server = server(&[
        (
            "action.yml",
            "
name: Box
description: A Docker action
inputs:
  file: { description: a path, required: true }
runs:
  using: docker
  image: Dockerfile
  pre-entrypoint: /before.sh
  entrypoint: /main.sh
  post-entrypoint: /after.sh
  args: [one]
",
        ),
        (
            "Dockerfile",
            "FROM seatrial-test/small:1\nCOPY *.sh /\nRUN chmod 755 /*.sh\n",
        ),
        (
            "before.sh",
            "#!/bin/sh
echo \"before $1: $(pwd), $(ls | wc -l) files\"
echo kept=1 >> \"$GITHUB_STATE\"
echo at-home > ~/mine
",
        ),
        (
            "main.sh",
            "#!/bin/sh
set -e
echo \"main $1: $STATE_kept, $HOME, $(cat ~/mine)\"
echo \"it is $(cat \"$INPUT_FILE\") at $INPUT_FILE\"
test \"$(pwd)\" = /github/workspace
test \"$GITHUB_WORKSPACE\" = /github/workspace
grep -q ref \"$GITHUB_EVENT_PATH\"
echo \"event at $GITHUB_EVENT_PATH\"
echo changed > sub.txt
echo \"box=$GITHUB_OUTPUT\" >> \"$GITHUB_OUTPUT\"
echo kept=2 >> \"$GITHUB_STATE\"
",
        ),
        (
            "after.sh",
            "#!/bin/sh\necho \"after $1: $STATE_kept, $(cat last.txt)\"\n",
        ),
    ]);
    let project = Project::new(
        "
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: echo made > sub.txt
      - uses: acme/tools@v1
        id: box
        with: { file: '${{ github.workspace }}/sub.txt' }
      - run: |
          cat sub.txt
          echo \"the box was ${{ steps.box.outputs.box }}\"
          echo at last > last.txt
",
    );
    let ran = project.run_with_server(server.path(), &["--image", PYTHON]);
    assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
    for line in [
        "before one: /github/workspace, ",
        "main one: 1, /github/home, at-home",
        "it is made at /github/workspace/sub.txt",
        "event at /github/workflow/event.json",
        "│ changed",
        "the box was /github/file_commands/",
        "after one: 2, at last",
    ] {
        assert!(ran.stdout.contains(line), "{line}:\n{}", ran.stdout);
    }
}
