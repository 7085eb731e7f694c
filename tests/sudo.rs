//! `sudo` in containers of a real Docker Engine, as on GitHub's runner.
#![allow(clippy::expect_used, clippy::panic)]

mod support;

use std::process::Command;

use support::{PYTHON, Project, SMALL, docker};

/// A job that is planned into `python:3.11-slim`, where it runs as `runner`.
fn on_the_runner(script: &str) -> Project {
    let indented: String = script
        .lines()
        .map(|line| format!("          {line}\n"))
        .collect();
    Project::new(&format!(
        "name: Test
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/setup-python@v5
        with:
          python-version: '3.11'
      - run: |
{indented}"
    ))
}

/// Runs it; nothing may be left.
fn run(project: &Project) -> support::Ran {
    let ran = project.seatrial(&["run", "test.yml"]);
    support::assert_nothing_left(&ran);
    ran
}

/// An image built from these lines, once.
fn image(tag: &str, dockerfile: &str) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("Dockerfile"), dockerfile).expect("a Dockerfile");
    let built = Command::new("docker")
        .args(["buildx", "build", "--load", "--quiet", "--tag", tag])
        .arg(folder.path())
        .output()
        .expect("docker buildx");
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
    tag.to_owned()
}

#[test]
fn packages_are_installed_as_on_the_runner() {
    // No `-y` and no `apt-get update`: the runner asks nothing and has its lists.
    let project = on_the_runner(
        "sudo apt-get install libxml2-dev
pkg=$(dpkg-query -W -f '${Status}' libxml2-dev); echo \"libxml2-dev: $pkg\"
sudo apt-get update && sudo apt-get install -y --no-install-recommends tree
tree --version
id -un",
    );
    run(&project)
        .expect(0)
        .says("libxml2-dev: install ok installed")
        .says("test │ tree v")
        .says("test │ runner");
}

#[test]
fn an_action_installs_packages_that_the_image_lacks() {
    let project = Project::new(
        "name: Test
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/setup-python@v5
        with: { python-version: '3.11' }
      - uses: awalsh128/cache-apt-pkgs-action@v1
        id: first
        with: { packages: 'tree, coreutils', version: 1.0 }
      - uses: awalsh128/cache-apt-pkgs-action@v1
        id: again
        with: { packages: tree }
      - run: |
          tree --version
          echo 'named ${{ steps.first.outputs.package-version-list }}'
          echo 'came ${{ steps.first.outputs.all-package-version-list }};'
          echo 'again ${{ steps.again.outputs.package-version-list }}, ${{ steps.again.outputs.all-package-version-list }};'
      - uses: awalsh128/cache-apt-pkgs-action@v1
        continue-on-error: true
        with: { packages: no-such-package-at-all }
",
    );
    run(&project)
        .expect(0)
        .says("test │ tree v")
        .says("│ named tree=")
        .says(",coreutils=")
        .says("│ came tree=")
        .says("│ the image has all of them")
        .says("│ again tree=")
        .says("apt could not install `no-such-package-at-all`");
}

#[test]
fn it_does_what_sudo_does() {
    let project = on_the_runner(
        "expect() { [ \"$2\" = \"$3\" ] || { echo \"$1: '$2' is not '$3'\"; exit 1; }; }
expect user \"$(sudo id -u):$(id -un)\" 0:runner
expect groups \"$(sudo id -G)\" 0
echo piped | sudo tee /etc/made-by-root >/dev/null
expect stdin \"$(cat /etc/made-by-root)\" piped
code=0; sudo sh -c 'exit 7' || code=$?
expect code $code 7
code=0; sudo sh -c 'kill -TERM $$' || code=$?
expect signal $code 143
code=0; sudo no-such-command 2>/tmp/err || code=$?
expect missing \"$code $(cat /tmp/err)\" '1 sudo: no-such-command: command not found'
export KEEP=kept
expect reset \"$(sudo sh -c 'echo ${KEEP-gone} $HOME $USER $SUDO_USER $SUDO_UID')\" 'gone /root root runner 1001'
expect path \"$(sudo printenv PATH)\" /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin
expect frontend \"$(sudo printenv DEBIAN_FRONTEND)\" noninteractive
expect -E \"$(sudo -E sh -c 'echo $KEEP $HOME $USER')\" 'kept /home/runner root'
expect -EH \"$(sudo -EH sh -c 'echo $KEEP $HOME')\" 'kept /root'
expect preserve \"$(sudo --preserve-env=KEEP,NONE sh -c 'echo $KEEP')\" kept
expect assignment \"$(sudo KEEP=given B='a b' sh -c 'echo $KEEP $B')\" 'given a b'
expect -u \"$(sudo -u nobody id -un) $(sudo -n -u daemon -- id -un) $(sudo --user=bin id -un)\" 'nobody daemon bin'
expect number \"$(sudo -u '#4321' id -u)\" 4321
expect -g \"$(sudo -g daemon id -u):$(sudo -g daemon id -gn)\" 1001:daemon
expect -S \"$(echo not a password | sudo -S cat)\" 'not a password'
expect -i \"$(sudo -i pwd) $(sudo -i echo '$HOME' 'a  b')\" '/root /root a  b'
expect -s \"$(sudo -s echo 'a;b') $(echo 'echo $USER' | sudo -s)\" 'a;b root'
expect both \"$(sudo sh -c 'echo out; echo err >&2' 2>&1)\" \"$(printf 'out\\nerr')\"
expect quoted \"$(sudo printf '%s|' 'a b' '' '*' '$x' \"it's\")\" \"a b||*|\\$x|it's|\"
sudo -v; sudo -k; sudo -n true
! sudo 2>/dev/null
expect nested \"$(sudo sudo -u nobody id -un)\" nobody
expect login \"$(bash -lc 'sudo id -un')\" root
echo all of it holds",
    );
    run(&project).expect(0).says("test │ all of it holds");
}

#[test]
fn only_a_job_that_calls_sudo_may_become_root() {
    let project = Project::new(
        "name: Test
on: push
jobs:
  with:
    runs-on: ubuntu-latest
    steps:
      - run: sudo grep -e NoNewPrivs -e CapBnd /proc/self/status
      - run: grep -e CapEff /proc/self/status
  without:
    runs-on: ubuntu-latest
    steps:
      - run: |
          grep -e NoNewPrivs -e CapBnd /proc/self/status
          ! command -v su''do
",
    );
    project.write("Dockerfile.test", &format!("FROM {PYTHON}\nUSER 1000\n"));
    project
        .seatrial(&["plan", "test.yml"])
        .expect(0)
        .says("may become root by sudo, which step 1 calls");
    let ran = run(&project).expect(0);
    for line in [
        "with │ NoNewPrivs:\t0",
        "with │ CapEff:\t0000000000000000",
        "without │ NoNewPrivs:\t1",
        "without │ CapBnd:\t0000000000000000",
    ] {
        let blanks = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            blanks(&ran.stdout).contains(&blanks(line)),
            "{line}\n{}",
            ran.stdout
        );
    }
}

#[test]
fn what_became_root_is_stopped_with_its_step() {
    let project = on_the_runner(
        "sudo sh -c 'trap \"\" INT TERM; sleep 4321 & wait; sleep 4321' &
sudo sleep 4321",
    );
    let workflow = project.root().join(".github/workflows/test.yml");
    let text = std::fs::read_to_string(&workflow).expect("the workflow");
    let text = text.replace(
        "      - run: |",
        "      - timeout-minutes: 0.05\n        run: |",
    );
    let after = "      - if: always()\n        run: |\n          for one in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <$one 2>/dev/null | grep -e 'sleep 432''1' && exit 9; done; echo it is gone\n";
    std::fs::write(&workflow, format!("{text}{after}")).expect("the workflow");
    let ran = run(&project).expect(8).says("it is gone");
    assert_eq!(ran.cause(), "timeout.step_timeout");
}

#[test]
fn an_image_of_a_team_with_an_ordinary_user() {
    let project = on_the_runner("id -un; sudo id -un; sudo apt-get --version | head -1");
    project.write(
        "Dockerfile.test",
        &format!("FROM {PYTHON}\nRUN useradd --uid 1000 --create-home app\nUSER app\n"),
    );
    run(&project)
        .expect(0)
        .says("test │ app")
        .says("test │ root")
        .says("test │ apt ");
}

#[test]
fn an_image_whose_user_is_root_or_that_has_only_busybox() {
    let workflow = "name: Test
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: echo \"user $(id -u), $(sudo id -u), $(echo x | sudo tee /etc/f)\"
";
    let project = Project::new(workflow);
    project.run_in(PYTHON, &[]).expect(0).says("user 0, 0, x");
    project.run_in(SMALL, &[]).expect(0).says("user 0, 0, x");
    let user = image(
        "seatrial-test/small-user:1",
        &format!("FROM {SMALL}\nUSER 1000:1000\n"),
    );
    project.run_in(&user, &[]).expect(0).says("user 1000, 0, x");
}

#[test]
fn a_real_sudo_is_used_and_told_to_serve_the_user() {
    let base = format!(
        "FROM {PYTHON}\nRUN apt-get update -qq && apt-get install -y -qq sudo && useradd --uid 1000 --create-home app\nUSER app\n"
    );
    let own = image("seatrial-test/sudo:1", &base);
    let project = Project::new(
        "name: Test
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: |
          sudo --version | head -1
          echo \"$(sudo id -un) for $(sudo printenv SUDO_USER)\"
",
    );
    project
        .run_in(&own, &[])
        .expect(0)
        .says("Sudo version")
        .says("root for app");
    // In a container of its own, as on GitHub: what the image has, and no more.
    let contained = |image: &str| {
        Project::new(&format!(
            "name: Test
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    container: {image}
    steps:
      - run: sudo id -un
"
        ))
    };
    let ran = run(&contained(&own));
    assert_ne!(ran.code, 0, "its user has no entry in sudoers");
    let listed = image(
        "seatrial-test/sudoers:1",
        &format!(
            "FROM {own}\nUSER root\nRUN echo 'app ALL=(ALL) NOPASSWD:ALL' >/etc/sudoers.d/app\nUSER app\n"
        ),
    );
    run(&contained(&listed)).expect(0).says("test │ root");
    run(&contained(PYTHON))
        .expect(9)
        .says("`sudo` is not installed");
}

#[test]
fn where_there_is_no_way_the_line_for_the_image_is_told() {
    // Neither setpriv nor busybox under its name.
    let bare = image(
        "seatrial-test/bare:1",
        &format!("FROM {PYTHON}\nRUN rm /usr/bin/setpriv\nUSER 1000\n"),
    );
    let project = Project::new(
        "name: Test
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: sudo apt-get install -y libxml2-dev
",
    );
    project.run_in(&bare, &[]).expect(9).says(
        "move the command into the image, in Dockerfile.test: `RUN apt-get install -y libxml2-dev`",
    );
    let _ = docker(&["image", "rm", &bare]);
}
