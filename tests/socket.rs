//! The engine's socket in a job, on a real Docker Engine. Without an engine these tests
//! fail.
#![allow(clippy::expect_used, clippy::panic)]

mod support;

use std::path::Path;

use support::{PYTHON, Project, SMALL};

/// A repository whose jobs run as an ordinary user in an image with the docker command
/// of this machine.
fn with_docker(workflow: &str) -> Project {
    let project = Project::new(workflow);
    let path = std::env::var_os("PATH").expect("a PATH");
    let docker = std::env::split_paths(&path)
        .map(|folder| folder.join("docker"))
        .find(|file| file.is_file())
        .expect("the docker command");
    std::fs::copy(docker, project.root().join("docker")).expect("a copy");
    project.write(
        "Dockerfile.test",
        &format!(
            "FROM {PYTHON}\nCOPY docker /usr/local/bin/docker\nRUN chmod 755 /usr/local/bin/docker && useradd --uid 1000 --create-home app\nUSER app\n"
        ),
    );
    project
}

/// Runs a workflow with nothing to fetch from.
fn run(project: &Project) -> support::Ran {
    project.run_with_server(Path::new("/nowhere"), &[])
}

#[test]
fn a_job_uses_the_engine_only_when_the_settings_grant_it() {
    let project = with_docker(&format!(
        "on: push
jobs:
  granted:
    runs-on: ubuntu-latest
    steps:
      - run: |
          echo \"user $(id -u), host ${{DOCKER_HOST-unset}}\"
          docker ps --filter label=dev.seatrial.job=granted --format 'own container {{{{.Names}}}}'
          docker run --rm {SMALL} echo from another container
          getent hosts host.docker.internal
  other:
    runs-on: ubuntu-latest
    steps:
      - run: |
          test ! -e /var/run/docker.sock && echo no socket
          ! docker ps
"
    ));
    project.write(
        "seatrial.toml",
        "[container]\ndocker-socket = [\"granted\"]\n",
    );
    run(&project)
        .expect(0)
        .says("│ user 1000, host unset")
        .says("own container seatrial-")
        .says("│ from another container")
        .says("host.docker.internal")
        .says("granted: has the rights of root on this machine's engine")
        .says("│ no socket")
        .says("(Line: 15, Col: 11)")
        .says("a step calls `docker`, and job `other` has no container engine")
        .says("docker-socket = [\"other\"]");
    project
        .seatrial(&["plan", "test.yml"])
        .expect(0)
        .says("has the rights of root on this machine's engine");
}

#[test]
fn a_docker_action_of_such_a_job_has_the_engine_too() {
    let project = with_docker(
        "on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: docker://seatrial-test/small:1
        with:
          entrypoint: /bin/sh
          args: -c \"test -S /var/run/docker.sock && echo the action has it\"
",
    );
    project.write("seatrial.toml", "[container]\ndocker-socket = true\n");
    run(&project).expect(0).says("│ the action has it");
}

/// The three lines stand for the code of the action, which would need the network.
#[test]
fn an_action_that_builds_images_runs_its_own_code() {
    let server = tempfile::tempdir().expect("a folder");
    let folder = server.path().join("docker/bake-action");
    std::fs::create_dir_all(&folder).expect("folders");
    for (file, text) in [
        (
            "action.yml",
            "name: Build\ninputs: { tags: { description: x } }\nruns: { using: node20, main: main.js, post: post.js }\n",
        ),
        (
            "main.js",
            "printf 'FROM seatrial-test/small:1\\nLABEL made=here\\n' | docker build --quiet --tag \"$INPUT_TAGS\" -\n",
        ),
        ("post.js", "docker image rm \"$INPUT_TAGS\"\n"),
    ] {
        std::fs::write(folder.join(file), text).expect("a file");
    }
    support::commit(&folder, "v6");
    let project = with_docker(
        "on: push
jobs:
  test:
    runs-on: ubuntu-latest
    env: { DOCKER_BUILDKIT: 0 }
    steps:
      - uses: docker/setup-buildx-action@v3
      - uses: docker/bake-action@v6
        with: { tags: 'seatrial-test/built-in-a-job:1' }
      - run: docker image inspect --format 'made {{.Config.Labels.made}}' seatrial-test/built-in-a-job:1
",
    );
    project
        .run_with_server(server.path(), &[])
        .expect(6)
        .says("(Line: 8, Col: 15)")
        .says("`docker/bake-action` builds with a container engine, and job `test` has none");
    project.write("node", "#!/bin/sh\n. \"$1\"\n");
    project.write("seatrial.toml", "[container]\ndocker-socket = true\n");
    project
        .run_with_server(server.path(), &["--node", "node"])
        .expect(0)
        .says("│ made here")
        .says("Untagged: seatrial-test/built-in-a-job:1");
}
