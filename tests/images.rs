//! Which image a job gets, on a real Docker Engine.
#![allow(clippy::expect_used, clippy::panic)]

mod support;

use support::{Built, PYTHON, Project, SMALL, docker};

const TWO_LABELS: &str = "name: Test
on: push
jobs:
  plain:
    runs-on: ubuntu-latest
    steps:
      - run: echo \"plain has $(command -v python3 || echo no python)\"
  other:
    strategy:
      matrix:
        os: [ubuntu-24.04, ubuntu-22.04]
    runs-on: ${{ matrix.os }}
    steps:
      - run: echo \"${{ matrix.os }} has $(command -v python3 || echo no python)\"
";

#[test]
fn a_label_has_its_own_image() {
    let project = Project::new(TWO_LABELS);
    // The image of the label goes before the one of all jobs.
    let label = format!("Ubuntu-Latest={PYTHON}");
    project
        .run_in(SMALL, &["--image", &label])
        .expect(0)
        .says("plain has /")
        .says("ubuntu-24.04 has no python")
        .says("ubuntu-22.04 has no python");
    project.write(
        "seatrial.toml",
        &format!("[images]\n\"ubuntu-24.04\" = \"{SMALL}\"\n\"ubuntu-22.04\" = \"{PYTHON}\"\nubuntu-latest = \"{SMALL}\"\n"),
    );
    // And before a Dockerfile; a flag goes before the file.
    project.write("Dockerfile.test", "FROM no-such-image:1\n");
    let ran = project.seatrial(&["run", "test.yml", "--image", &label]);
    support::assert_nothing_left(&ran);
    ran.expect(0)
        .says("plain has /")
        .says("ubuntu-24.04 has no python")
        .says("ubuntu-22.04 has /");
    project
        .seatrial(&["plan", "test.yml", "--image", "ubuntu-lates=x"])
        .expect(0)
        .says("no job of the workflow runs on that");
}

#[test]
fn a_job_that_needs_no_language_gets_what_is_there() {
    let project = Project::new(
        "name: Test
on: push
jobs:
  shell:
    runs-on: ubuntu-latest
    steps:
      - run: echo \"$(id -un) in a shell\"
",
    );
    let ran = project.seatrial(&["run", "test.yml"]);
    support::assert_nothing_left(&ran);
    ran.expect(0).says("runner in a shell");
    // Beside a job that says what it needs, one image is enough.
    let project = Project::new(
        "name: Test
on: push
jobs:
  shell:
    runs-on: ubuntu-latest
    steps:
      - run: echo hello
  python:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/setup-python@v5
        with: { python-version: '3.11' }
      - run: python --version
",
    );
    let plan = project.seatrial(&["plan", "test.yml", "--format", "json"]);
    assert_eq!(plan.stdout.matches("python:3.11-slim").count(), 2);
    // A container of another job is that job's own.
    let project = Project::new(&format!(
        "name: Test
on: push
jobs:
  shell:
    runs-on: ubuntu-latest
    steps:
      - run: echo hello
  own:
    runs-on: ubuntu-latest
    container: {SMALL}
    steps:
      - run: echo hello
"
    ));
    let plan = project.seatrial(&["plan", "test.yml", "--format", "json"]);
    assert_eq!(plan.stdout.matches(SMALL).count(), 1);
}

/// A workflow with one job and these steps.
fn one_job(steps: &str) -> String {
    format!("name: Test\non: push\njobs:\n  unit:\n    runs-on: ubuntu-latest\n    steps:\n{steps}")
}

/// How the image of the last run came about, and how many steps its build had.
fn image_of(ran: &support::Ran) -> (String, u64) {
    let image = &ran.record()["images"][0];
    (
        image["origin"].as_str().unwrap_or_default().to_owned(),
        image["steps"].as_u64().unwrap_or_default(),
    )
}

#[test]
fn nothing_is_built_where_nothing_changed_and_all_is_where_something_did() {
    let project = Project::named("kept-image", &one_job("      - run: cat /app/*.txt\n"));
    let _built = Built("seatrial/kept-image:tests");
    project
        .write(
            "Dockerfile.test",
            &format!("FROM {SMALL}\nWORKDIR /app\nCOPY data.txt .\nUSER 1000\n"),
        )
        .write("source.py", "1");
    // No earlier run of this test has left it in the builder's cache.
    let data = |text: &str| {
        let unique = project.root().display().to_string();
        project.write("data.txt", &format!("{text} {unique}\n"));
    };
    data("one");
    let run = || {
        let ran = project.seatrial(&["run", "test.yml"]).expect(0);
        support::assert_nothing_left(&ran);
        ran
    };
    assert_eq!(image_of(&run()), ("built".to_owned(), 3));
    let unchanged = ("unchanged".to_owned(), 0);
    assert_eq!(image_of(&run()), unchanged);
    // What is not copied is not looked at.
    project.write("source.py", "2");
    assert_eq!(image_of(&run()), unchanged);
    // The same size and the same time of change.
    let file = project.root().join("data.txt");
    let before = std::fs::metadata(&file).and_then(|meta| meta.modified());
    data("two");
    std::fs::File::options()
        .write(true)
        .open(&file)
        .and_then(|file| file.set_modified(before.expect("a time")))
        .expect("a time");
    let ran = run().says("two");
    assert_eq!(image_of(&ran).0, "built");
    // Back again: that image is still there.
    data("one");
    assert_eq!(image_of(&run().says("one")), unchanged);
    // An argument is part of it, and so is the Dockerfile.
    let ran = project
        .seatrial(&["run", "test.yml", "--build-arg", "A=b"])
        .expect(0);
    assert_eq!(
        image_of(&ran),
        ("unchanged".to_owned(), 3),
        "the steps are the same"
    );
    // An image that is gone is built, whatever is remembered.
    drop(Built("seatrial/kept-image:tests"));
    assert_eq!(image_of(&run()).1, 3);
    // Results of runs are no part of an image that takes everything.
    project.write(
        "Dockerfile.test",
        &format!("FROM {SMALL}\nWORKDIR /app\nCOPY . .\nRUN test ! -e .seatrial\nUSER 1000\n"),
    );
    assert_eq!(image_of(&run()).0, "built");
    assert_eq!(image_of(&run()), unchanged);
}

#[test]
fn rules_beside_the_dockerfile_go_before_the_usual_ones() {
    let project = Project::named("own-rules", &one_job("      - run: ls /app\n"));
    let _built = Built("seatrial/own-rules:tests");
    project
        .write(
            "Dockerfile.test",
            &format!("FROM {SMALL}\nWORKDIR /app\nCOPY . .\nRUN test -e a.txt && test ! -e b.txt\nUSER 1000\n"),
        )
        .write("a.txt", "")
        .write("b.txt", "")
        .write(".dockerignore", "a.txt\n")
        .write("Dockerfile.test.dockerignore", "b.txt\n");
    project.seatrial(&["run", "test.yml"]).expect(0);
    project.write("Dockerfile.test.dockerignore", "x\n[\n");
    project
        .seatrial(&["run", "test.yml"])
        .expect(5)
        .says("Dockerfile.test.dockerignore:2");
}

#[test]
fn a_leg_that_is_cancelled_does_not_wait_for_a_build() {
    let project = Project::named(
        "long-build",
        "name: Test
on: push
jobs:
  unit:
    strategy:
      matrix:
        os: [ubuntu-24.04, ubuntu-22.04]
    runs-on: ${{ matrix.os }}
    steps:
      - run: exit 3
",
    );
    // Whoever waits for it fails for another reason, and much later.
    project.write(
        "Dockerfile.test",
        &format!("FROM {SMALL}\nRUN sleep 300; exit 1\n"),
    );
    let label = format!("ubuntu-22.04={SMALL}");
    let ran = project
        .seatrial(&["run", "test.yml", "--image", &label])
        .expect(9);
    support::assert_nothing_left(&ran);
    let images = ran.record()["images"].clone();
    let given_up = images.as_array().expect("images").iter();
    let origins: Vec<_> = given_up.map(|image| image["origin"].clone()).collect();
    assert!(
        origins.contains(&"not needed any more".into()),
        "{origins:?}"
    );
}

#[test]
fn what_is_wrong_with_a_build_is_said_with_its_place() {
    let project = Project::named("wrong-build", &one_job("      - run: echo never\n"));
    project
        .write(".dockerignore", "# rules\n*.md\n")
        .write("notes.md", "");
    for (dockerfile, cause, says) in [
        (
            // The same words in two stages, over several lines.
            "AS one\nRUN echo first && \\\n    true\nFROM one AS two\nRUN echo first && \\\n    false\n",
            "build_failed.build_step_failed",
            ["Dockerfile.test:5: RUN echo first", "first"],
        ),
        (
            "AS one\nCOPY nope.txt /\n",
            "build_failed.build_step_failed",
            [
                "Dockerfile.test:2: ",
                "there is no `nope.txt` in the build context",
            ],
        ),
        (
            "AS one\nCOPY notes.md /\n",
            "build_failed.build_step_failed",
            [
                "Dockerfile.test:2: ",
                ".dockerignore:2 leaves `notes.md` out of the build context",
            ],
        ),
        (
            // This engine's frontend is older than here-documents.
            "AS one\nRUN <<EOF\nnonsense\nEOF\n",
            "build_failed.dockerfile_error",
            ["Dockerfile.test:3: ", "unknown instruction"],
        ),
    ] {
        project.write("Dockerfile.test", &format!("FROM {SMALL} {dockerfile}"));
        let ran = project.seatrial(&["run", "test.yml"]).expect(5);
        assert_eq!(ran.cause(), cause, "{dockerfile}");
        let [place, fact] = says;
        ran.says(place).says(fact);
    }
}

#[test]
fn what_the_image_lacks_and_what_it_should_not_hold_is_said() {
    let project = Project::named(
        "compared",
        &one_job("      - run: psql --version || true\n      - run: psql --version\n"),
    );
    let _built = Built("seatrial/compared:tests");
    project
        .write(
            "Dockerfile.test",
            &format!("FROM {SMALL}\nWORKDIR /app\nCOPY . .\nUSER 1000\n"),
        )
        .write(".env", "API_TOKEN=abc\n")
        .write(".dockerignore", "tests\n")
        .write("tests/test_a.py", "");
    let before = [
        "Dockerfile.test:3 puts .env into the image",
        ".dockerignore:1 leaves tests out",
    ];
    let plan = project.seatrial(&["plan", "test.yml"]).expect(0);
    let ran = project.seatrial(&["run", "test.yml"]).expect(9);
    support::assert_nothing_left(&ran);
    let ran = ran.says(".github/workflows/test.yml:8 calls `psql`, which the image of Dockerfile.test:1 lacks; `apt-get install postgresql-client` brings it");
    for said in before {
        assert!(plan.stderr.contains(said), "{}", plan.stderr);
        assert!(ran.file("run.json").contains(said));
    }
}

#[test]
fn an_image_for_another_machine_is_told_of_before_it_fails() {
    let (own, other) = match docker(&["version", "--format", "{{.Server.Arch}}"]).trim() {
        "arm64" => ("linux/arm64", "linux/amd64"),
        _ => ("linux/amd64", "linux/arm64"),
    };
    let name = "seatrial-test-foreign:1";
    let project = Project::named("foreign", &one_job("      - run: echo never\n"));
    project
        .write("foreign/Dockerfile", "FROM scratch\nCOPY Dockerfile /\n")
        .write("Dockerfile.test", &format!("FROM {name}\nRUN echo never\n"));
    let folder = project.root().join("foreign").display().to_string();
    docker(&[
        "buildx",
        "build",
        "--builder",
        "default",
        "--load",
        "--platform",
        other,
        "--tag",
        name,
        &folder,
    ]);
    let built = project.seatrial(&["run", "test.yml"]);
    let taken = project.seatrial(&["run", "test.yml", "--image", name]);
    docker(&["rmi", name]);
    for ran in [&built, &taken] {
        support::assert_nothing_left(ran);
        let events = ran.file("events.jsonl");
        let at = |text: &str| events.find(text).expect(text);
        assert!(
            at("docker pull --platform") < at("image_finished"),
            "{events}"
        );
    }
    built.says(&format!("Dockerfile.test:1 builds on `{name}`, which the engine has for {other}, and {own} is needed"));
    taken.says(&format!(
        "the image `{name}` is for {other}, and the engine runs on {own}"
    ));
}

#[test]
fn a_cache_that_does_not_work_fails_nothing() {
    let project = Project::named(
        "cached",
        &one_job("      - run: echo \"ran in $(cat /made)\"\n"),
    );
    let _built = Built("seatrial/cached:tests");
    project.write(
        "seatrial.toml",
        "[image]\ncache-from = ['type=local,src=none']\ncache-to = ['type=local,dest=.seatrial/{image}']\n",
    );
    let builder = "seatrial-test-builder";
    let buildx = tempfile::tempdir().expect("a folder");
    let created = std::process::Command::new("docker")
        .args([
            "buildx",
            "create",
            "--name",
            builder,
            "--driver",
            "docker-container",
        ])
        .args(["--driver-opt", "image=seatrial-no-such-image:1"])
        .env("BUILDX_CONFIG", buildx.path())
        .status();
    assert!(created.is_ok_and(|status| status.success()));
    let run = |image: &str, flags: &[&str]| {
        let dockerfile = format!("FROM {SMALL}\nRUN echo {image} > /made\nUSER 1000\n");
        project.write("Dockerfile.test", &dockerfile);
        let arguments = [&["run", "test.yml"], flags].concat();
        let mut command = project.command(&arguments);
        let ran = project.end(command.env("BUILDX_CONFIG", buildx.path()));
        support::assert_nothing_left(&ran);
        ran.expect(0).says(&format!("ran in {image}"))
    };
    // Nothing to take, and this engine's own builder cannot give to a folder.
    let ran = run("one", &[])
        .says("local cache import at")
        .says("was not given to `type=local,dest=")
        .says(".seatrial/tests`")
        .says("--builder");
    let cache = &ran.record()["images"][0]["cache"];
    assert_eq!(cache["given_up"], 1, "{cache}");
    // Inline it can, and an image that has it is taken from.
    let off = ["--cache-from", "off", "--cache-to", "type=inline"];
    let ran = run("two", &off);
    assert_eq!(ran.record()["images"][0]["cache"]["given_up"], 0);
    let from = ["--cache-from", "seatrial/cached:tests", "--cache-to", "off"];
    let ran = run("three", &from);
    assert!(!ran.stderr.contains("nothing was taken"), "{}", ran.stderr);
    let nowhere = ["--cache-from", "seatrial/cached:nope", "--cache-to", "off"];
    run("four", &nowhere).says("nothing was taken from the cache seatrial/cached:nope: ");
    // A builder that cannot be started is done without.
    let ran = run("five", &["--builder", builder, "--cache-to", "off"])
        .says("was built without the builder `seatrial-test-builder`");
    assert_eq!(ran.record()["images"][0]["cache"]["given_up"], 1);
    // And where nothing changed, there is nothing to take.
    let ran = run("five", &from);
    assert!(ran.record()["images"][0]["cache"].is_null());
}

#[test]
fn a_password_of_a_mirror_is_not_told() {
    let project = Project::named("hushed", &one_job("      - run: 'true'\n"));
    project.write("seatrial.toml", "[image]\nmirrors = true\n");
    project.write(
        "Dockerfile.test",
        &format!(
            "FROM {SMALL}\nRUN --mount=type=secret,id=PIP_INDEX_URL \\\n    echo of $(cat /run/secrets/PIP_INDEX_URL); exit 3\n"
        ),
    );
    let mut command = project.command(&["run", "test.yml"]);
    command.env("PIP_INDEX_URL", "https://robot:hush-hush@mirror.example/");
    let ran = project.end(&mut command).expect(5);
    support::assert_nothing_left(&ran);
    for file in ["events.jsonl", "run.json"] {
        let text = ran.file(file);
        assert!(text.contains("of https://***@mirror.example/"), "{text}");
        assert!(!text.contains("hush-hush"), "{text}");
    }
    let ran = ran.says("of https://***@mirror.example/");
    assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("hush-hush"));
}

#[test]
fn a_named_image_that_seatrial_built_of_something_else_is_said_to_be_stale() {
    let project = Project::named("stale", &one_job("      - run: echo here\n"));
    let _built = Built("seatrial/stale:tests");
    let dockerfile = format!("FROM {SMALL}\nCOPY data.txt /\nUSER 1000\n");
    project.write("Dockerfile.test", &dockerfile);
    project.write("data.txt", &project.root().display().to_string());
    project.seatrial(&["run", "test.yml"]).expect(0);
    docker(&["tag", "seatrial/stale:tests", "seatrial-stale:1"]);
    // Somebody else's, although it stands on seatrial's and bears its label.
    let container = docker(&["create", "seatrial-stale:1"]);
    docker(&["commit", &container, "seatrial-stale:child"]);
    docker(&["rm", &container]);
    let stale = |image: &str| {
        let ran = project.run_in(image, &["--job", "unit"]).expect(0);
        let found = ran.stdout.lines().find(|line| line.contains("is stale"));
        let found = found.unwrap_or_default().to_owned();
        found
            .split("is stale: ")
            .last()
            .unwrap_or_default()
            .to_owned()
    };
    assert_eq!(stale("seatrial-stale:1"), "");
    project.write("data.txt", "new");
    let changed = stale("seatrial-stale:1");
    assert!(
        changed.starts_with("files of the build context changed since seatrial built it"),
        "{changed}"
    );
    project.write("Dockerfile.test", &format!("{dockerfile}ENV A=b\n"));
    project.write("seatrial.toml", "[image]\nargs = { B = \"c\" }\n");
    let changed = stale("seatrial-stale:1");
    assert!(
        changed.starts_with(
            "Dockerfile.test, files of the build context and the build argument B changed"
        ),
        "{changed}"
    );
    assert_eq!(stale("seatrial-stale:child"), "");
    assert_eq!(stale(SMALL), "");
}

#[test]
fn a_frontend_of_others_needs_a_grant() {
    let project = Project::named("frontend", &one_job("      - run: 'true'\n"));
    project.write(
        "Dockerfile.test",
        &format!("# syntax=localhost:1/evil/frontend:1\nFROM {SMALL}\n"),
    );
    for command in ["plan", "run"] {
        project
            .seatrial(&[command, "test.yml"])
            .expect(6)
            .says("Dockerfile.test asks for the build frontend `localhost:1/evil/frontend:1`")
            .says("frontends = [");
    }
    project.write("seatrial.toml", "[image]\nframe = 1\n");
    project.seatrial(&["plan", "test.yml"]).expect(2);
    project.write(
        "seatrial.toml",
        "[image]\nfrontends = [\"localhost:1/evil/frontend:1\"]\n",
    );
    project.seatrial(&["plan", "test.yml"]).expect(0);
}

/// A container and two images that are not to be touched.
struct Decoys(String);

impl Drop for Decoys {
    fn drop(&mut self) {
        docker(&["rm", &self.0]);
        docker(&["rmi", "seatrial-decoy:1", "seatrial/pruned-decoy:tests"]);
    }
}

#[test]
fn only_old_images_of_seatrial_are_removed() {
    let project = Project::named("pruned", &one_job("      - run: cat /data.txt\n"));
    const LABEL: &str = "seatrial/pruned:tests";
    let _built = Built(LABEL);
    project.write(
        "Dockerfile.test",
        &format!("FROM {SMALL}\nCOPY data.txt /\nUSER 1000\n"),
    );
    let run = |text: &str| {
        project.write(
            "data.txt",
            &format!("{text} {}\n", project.root().display()),
        );
        let ran = project.seatrial(&["run", "test.yml"]).expect(0);
        ran.record()["images"][0]["id"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let ids = [run("one"), run("two"), run("three"), run("four")];
    // One is in use, one has a name of its own, and an image of others is built on one.
    let used = docker(&["create", &ids[0], "true"]);
    docker(&["tag", &ids[1], "seatrial-decoy:1"]);
    let decoy = tempfile::tempdir().expect("a folder");
    std::fs::write(
        decoy.path().join("Dockerfile"),
        format!("FROM {LABEL}\nENV A=b\n"),
    )
    .expect("a file");
    let folder = decoy.path().display().to_string();
    docker(&[
        "build",
        "--quiet",
        "--tag",
        "seatrial/pruned-decoy:tests",
        &folder,
    ]);
    let there = || {
        let format = "{{.ID}} {{.Repository}}:{{.Tag}}";
        let filter = format!("label=dev.seatrial.image={LABEL}");
        let images = docker(&[
            "images",
            "--no-trunc",
            "--filter",
            &filter,
            "--format",
            format,
        ]);
        let mut lines: Vec<String> = images.lines().map(ToOwned::to_owned).collect();
        lines.sort();
        lines.join("\n")
    };
    let _decoys = Decoys(used);
    let before = there();
    let arguments = |more: &'static str| ["image", "prune", "--keep", "1", "--older-than", more];
    // The newest by use: it was given a name last.
    docker(&["tag", &ids[3], LABEL]);
    let dry = [&arguments("0s")[..], &["--dry-run"]].concat();
    let would = project.seatrial(&dry).expect(0);
    assert_eq!(there(), before);
    project.seatrial(&arguments("1d")).expect(0);
    assert!(
        would.stdout.contains("would remove seatrial/pruned:tests-"),
        "{}",
        would.stdout
    );
    let is_there = |id: &str| {
        there()
            .lines()
            .any(|line| line.starts_with(id) && line.contains(LABEL))
    };
    assert!(ids.iter().all(|id| is_there(id)), "none is a day old");
    let ran = project.seatrial(&arguments("0s")).expect(0);
    let after = format!("{}\n{}", ran.stdout, there());
    assert!(is_there(&ids[0]), "it is in use:\n{after}");
    assert!(
        !is_there(&ids[1]) && after.contains(&format!("{} seatrial-decoy:1", ids[1])),
        "{after}"
    );
    assert!(!after.contains(&ids[2]), "{after}");
    assert!(is_there(&ids[3]), "the newest:\n{after}");
    assert!(after.contains("seatrial/pruned-decoy:tests"), "{after}");
}
