//! `seatrial scan` on real images.
#![allow(clippy::expect_used, clippy::panic)]

mod support;

use std::process::Command;

use serde_json::Value;
use support::{PYTHON, Project, Ran, SMALL};

const WORKFLOW: &str = "on: push
jobs:
  unit:
    runs-on: ubuntu-latest
    steps: [{ run: pytest }]
";

/// An image that a test built; it goes with the test.
struct Built(String);

impl Drop for Built {
    fn drop(&mut self) {
        let _ = Command::new("docker")
            .args(["image", "rm", "--force", &self.0])
            .output();
    }
}

/// The tag that seatrial gives to the image of a project.
fn built(ran: &Ran) -> Built {
    let value = json(ran);
    let image = &value["images"][0];
    let name = image["name"].as_str().expect("a name");
    assert!(name.starts_with("seatrial/"), "{name}");
    // By its id: with all names that it has.
    Built(image["id"].as_str().expect("an id").to_owned())
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout)
        .unwrap_or_else(|error| panic!("{error}\n{}\n{}", ran.stdout, ran.stderr))
}

/// Rules and places of the findings, sorted.
fn findings(ran: &Ran) -> Vec<String> {
    let value = json(ran);
    let found = value["findings"].as_array().expect("findings");
    let mut found: Vec<String> = found
        .iter()
        .map(|one| {
            let rule = one["rule"].as_str().unwrap_or_default();
            let place = &one["place"];
            match place["file"].as_str() {
                Some(file) => match place["line"].as_u64() {
                    Some(line) => format!("{rule} {file}:{line}"),
                    None => format!("{rule} {file}"),
                },
                None => format!(
                    "{rule} layer {} {}",
                    place["layer"].as_u64().unwrap_or_default(),
                    place["path"].as_str().unwrap_or_default()
                ),
            }
        })
        .collect();
    found.sort();
    found
}

/// A token that is put together here, so that this file is none that a scanner finds.
fn token() -> String {
    format!("ghp_{}", "aB3xY9kQ2mN7".repeat(3))
}

#[test]
fn a_careless_repository_is_told_everything() {
    let project = Project::new(
        "on: push
jobs:
  unit:
    runs-on: ubuntu-latest
    services:
      db: { image: postgres, options: --privileged }
    steps: [{ run: pytest }]
",
    );
    let password = "q8Zk2Lw0Vx7Tn4";
    project
        .write(
            "Dockerfile.test",
            &format!(
                "FROM {SMALL}
ENV API_TOKEN={password}
RUN --mount=type=bind,target=/ctx cp /ctx/key /key
RUN rm /key
RUN touch /open && chmod 666 /open
RUN cp /bin/busybox /opt && chmod 4755 /opt
RUN mkdir -p /var/cache/apk && dd if=/dev/zero of=/var/cache/apk/x bs=1k count=100
RUN wget -qO- http://127.0.0.1:9/ | sh || true
COPY . /src
"
            ),
        )
        .write("key", &format!("token = {}\n", token()))
        .write(".env", "A=1\n")
        .write(
            "compose.yml",
            "services:\n  a:\n    build: .\n    volumes: ['/var/run/docker.sock:/s']\n",
        )
        .write(
            "seatrial.toml",
            "[container]\nallow = ['--privileged']\n[scan]\nmax-size = '2m'\n",
        );
    let ran = project.seatrial(&["scan", "--format", "json"]);
    let image = built(&ran);
    let ran = ran.expect(6);
    assert_eq!(
        findings(&ran),
        [
            "ST1001 Dockerfile.test:1",
            "ST1101 Dockerfile.test:1",
            "ST1103 .github/workflows/test.yml:6",
            "ST1104 Dockerfile.test:1",
            "ST1201 Dockerfile.test:2",
            "ST1204 layer 2 /key",
            "ST1301 Dockerfile.test:8",
            "ST1401 layer 4 /open",
            "ST1402 layer 5 /opt",
            "ST1501 layer 6 /var/cache/apk",
            "ST1502 layer 0 ",
            "ST1601 Dockerfile.test",
            "ST1701 .github/workflows/test.yml:6",
            "ST1702 compose.yml:4",
        ]
    );
    let value = json(&ran);
    assert_eq!(
        value["reasons"],
        serde_json::json!([
            "policy.root_user",
            "policy.secret_in_env",
            "policy.docker_socket",
            "policy.policy_rule"
        ])
    );
    // The same as text and as SARIF; a secret is in none of them, nor in the list of packages.
    let mut all = ran.stdout + &ran.stderr;
    let table = project
        .seatrial(&["scan"])
        .expect(6)
        .says("5 denied, 9 warnings");
    all += &table.stdout;
    let sarif = project.seatrial(&[
        "scan",
        "-f",
        "sarif",
        "-o",
        "out.sarif",
        "--sbom",
        "sbom.json",
    ]);
    assert_eq!(sarif.expect(6).stdout, "");
    let read = |name: &str| std::fs::read_to_string(project.root().join(name)).expect(name);
    all += &read("out.sarif");
    all += &read("sbom.json");
    assert!(!all.contains(password) && !all.contains(&token()), "{all}");
    let sarif: Value = serde_json::from_str(&read("out.sarif")).expect("SARIF");
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    assert_eq!(results.len(), 14);
    for result in results {
        let location = &result["locations"][0]["physicalLocation"]["artifactLocation"];
        let uri = location["uri"].as_str().expect("a place");
        assert!(
            project.root().join(uri).is_file(),
            "{uri} is no file of the repository"
        );
    }
    drop(image);
}

#[test]
fn a_careful_repository_passes() {
    let project = Project::new(WORKFLOW);
    project
        .write(
            "Dockerfile.test",
            &format!("FROM {SMALL}\nCOPY src /src\nUSER 1000\n"),
        )
        .write("src/app.py", "")
        .write(".dockerignore", ".git\n")
        .write(
            "seatrial.toml",
            &format!(
                "[scan]\nbases = ['{SMALL}']\n[scan.rules]\n\
                 ST1104 = {{ level = 'allow', reason = 'made by a script' }}\n"
            ),
        );
    let ran = project.seatrial(&["scan", "--format", "json"]);
    let _image = built(&ran);
    let ran = ran.expect(0);
    assert_eq!(findings(&ran), ["ST1104 Dockerfile.test:1"]);
    assert_eq!(json(&ran)["allowed"], 1);
    project
        .seatrial(&["scan"])
        .expect(0)
        .says("passed: 0 denied, 0 warnings, 1 allowed by seatrial.toml");
}

/// The advisories in `tests/fixtures/scan/osv`.
fn advisories() -> String {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    folder
        .join("tests/fixtures/scan/osv")
        .to_string_lossy()
        .into_owned()
}

/// An image with an old package from a wheel, one whose metadata is there alone, and the
/// packages of Debian as they are.
fn old_image(project: &Project) -> Built {
    project
        .write("wheel/idna/__init__.py", "__version__ = '2.0'\n")
        .write(
            "wheel/idna-2.0.dist-info/METADATA",
            "Metadata-Version: 2.1\nName: idna\nVersion: 2.0\n",
        )
        .write(
            "wheel/idna-2.0.dist-info/WHEEL",
            "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        .write("wheel/idna-2.0.dist-info/RECORD", "")
        .write(
            "Planted_Thing-1.4.1.dist-info/METADATA",
            "Metadata-Version: 2.1\nName: Planted_Thing\nVersion: 1.4.1\n\nText\n",
        )
        .write(
            "Dockerfile",
            &format!(
                "FROM {PYTHON}
WORKDIR /build
COPY wheel wheel
RUN cd wheel && python -m zipfile -c ../idna-2.0-py3-none-any.whl * \\
    && pip install --no-index --no-cache-dir --no-compile ../idna-2.0-py3-none-any.whl
COPY Planted_Thing-1.4.1.dist-info /srv/site-packages/Planted_Thing-1.4.1.dist-info
USER 1000
"
            ),
        );
    let tag = format!("seatrial-test/old-{}:1", std::process::id());
    let folder = project.root().to_string_lossy().into_owned();
    support::docker(&["build", "--quiet", "--tag", &tag, &folder]);
    Built(tag)
}

#[test]
fn an_old_image_has_the_planted_advisories_and_no_others() {
    let project = Project::new(WORKFLOW);
    let image = old_image(&project);
    let database = advisories();
    let of_engine = project.seatrial(&["scan", &image.0, "-f", "json", "--db", &database]);
    // From then on of a file, where no engine is needed.
    let file = project
        .root()
        .join("image.tar")
        .to_string_lossy()
        .into_owned();
    support::docker(&["save", "--output", &file, &image.0]);
    let scan = |more: &[&str]| {
        let common = ["scan", "--input", &file, "-f", "json", "--db", &database];
        let mut command = project.command(&[&common[..], more].concat());
        project.end(command.env("DOCKER_HOST", "unix:///nowhere"))
    };
    let found = |ran: &Ran| {
        let value = json(ran);
        let found = value["findings"].as_array().expect("findings");
        let mut found: Vec<String> = found
            .iter()
            .filter(|one| one["rule"] == "ST2001")
            .map(|one| {
                let of = &one["vulnerability"];
                format!(
                    "{} {} {} {} {}",
                    of["id"].as_str().unwrap_or_default(),
                    of["package"].as_str().unwrap_or_default(),
                    one["severity"].as_str().unwrap_or_default(),
                    one["level"].as_str().unwrap_or_default(),
                    of["fixed"].as_str().unwrap_or("-"),
                )
            })
            .collect();
        found.sort();
        found.dedup();
        found
    };
    // The packages that Debian builds of one source share its advisories.
    let debian = |level: &str| {
        [
            "libpython3.11-minimal",
            "libpython3.11-stdlib",
            "python3.11",
            "python3.11-minimal",
            "python3.11-venv",
        ]
        .map(|name| format!("CVE-2099-0003 {name} low {level} -"))
        .to_vec()
    };
    let python = |high: &str, critical: &str| {
        vec![
            format!("CVE-2099-0001 idna high {high} 3.7"),
            format!("CVE-2099-0002 Planted_Thing critical {critical} -"),
        ]
    };
    let ran = of_engine.expect(6);
    assert_eq!(
        found(&ran),
        [python("warn", "deny"), debian("warn")].concat()
    );
    let value = json(&ran);
    assert_eq!(value["reasons"][0], "policy.vulnerability_threshold");
    assert_eq!(value["vulnerabilities"]["advisories"], 14);
    let idna = value["findings"].to_string();
    assert!(idna.contains("GHSA-aaaa-aaaa-aaaa") && idna.contains("PYSEC-2099-1"));
    // Gated by severity.
    assert_eq!(
        found(&scan(&["--fail-on", "low"]).expect(6)),
        [python("deny", "deny"), debian("deny")].concat()
    );
    scan(&["--fail-on", "none"]).expect(0);
    // What the settings look over for a time, and what they looked over once.
    project.write(
        "seatrial.toml",
        "[scan.rules]\nST2003 = { level = 'allow', reason = 'a test' }\n\
         [[scan.ignore]]\nid = 'CVE-2099-0002'\nreason = 'not reachable'\nexpires = 2999-12-31\n\
         [[scan.ignore]]\nid = 'GHSA-aaaa-aaaa-aaaa'\nreason = 'then'\nexpires = 2020-01-31\n",
    );
    let ran = scan(&["--fail-on", "critical", "--sbom", "sbom.json"]).expect(0);
    assert_eq!(
        found(&ran),
        [vec![python("warn", "deny")[0].clone()], debian("warn")].concat()
    );
    assert!(ran.stdout.contains("ST2002"));
    let sbom = std::fs::read_to_string(project.root().join("sbom.json")).expect("an SBOM");
    for purl in [
        "pkg:pypi/idna@2.0",
        "pkg:pypi/planted-thing@1.4.1",
        "pkg:deb/debian/python3.11@",
    ] {
        assert!(sbom.contains(purl), "{purl}");
    }
}

/// A folder with a stand-in for a scanner, in front of the usual `PATH`.
fn with_scanner(project: &Project, name: &str, script: &str) -> std::process::Command {
    use std::os::unix::fs::PermissionsExt;
    project.write(&format!("bin/{name}"), &format!("#!/bin/sh\n{script}\n"));
    let program = project.root().join("bin").join(name);
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("a program");
    let path = std::env::var("PATH").expect("PATH");
    let mut command = project.command(&["scan", SMALL, "-f", "json", "--scanner", name]);
    command.env(
        "PATH",
        format!("{}:{path}", project.root().join("bin").display()),
    );
    command
}

#[test]
fn other_scanners_answer_through_the_same_gate() {
    let project = Project::new(WORKFLOW);
    project.write(
        "seatrial.toml",
        "[scan]\nfail-on = 'high'\n[scan.rules]\nST1001 = { level = 'allow', reason = 'a base' }\n",
    );
    let answer = |name: &str| {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/scan");
        format!("echo \"$@\" > asked; cat {}", folder.join(name).display())
    };
    let run = |name: &str, script: &str| {
        let output = with_scanner(&project, name, script)
            .output()
            .expect("seatrial can be started");
        let value: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), value, said)
    };
    let count = |value: &Value, rule: &str| {
        let found = value["findings"].as_array().expect("findings");
        found.iter().filter(|one| one["rule"] == rule).count()
    };
    let asked = || std::fs::read_to_string(project.root().join("asked")).expect("its arguments");
    let id = support::docker(&["image", "inspect", "--format", "{{.Id}}", SMALL]);
    let short = id.trim_start_matches("sha256:").get(..12).expect("an id");

    let (code, value, _) = run("trivy", &answer("trivy.json"));
    assert_eq!((code, count(&value, "ST2001")), (Some(6), 3));
    assert_eq!(value["vulnerabilities"]["by"], "trivy");
    assert!(asked().trim_end().ends_with(short), "{}", asked());
    let (code, value, _) = run("grype", &answer("grype.json"));
    assert_eq!((code, count(&value, "ST2001")), (Some(0), 2));
    assert!(asked().contains(&id), "{}", asked());
    // One that cannot do its work is told, and does not fail the command by itself.
    let (code, value, _) = run("trivy", "echo 'FATAL no database' >&2; exit 1");
    assert_eq!((code, count(&value, "ST2004")), (Some(0), 1));
    let why = value["vulnerabilities"]["why"].as_str().expect("a reason");
    assert!(why.contains("FATAL no database"), "{why}");
    // One that answers nonsense is an error.
    let (code, _, said) = run("grype", "echo '{}'");
    assert_eq!(code, Some(4));
    assert!(
        said.contains("the answer of grype cannot be read"),
        "{said}"
    );
    let mut missing = project.command(&["scan", SMALL, "--scanner", "grype"]);
    let output = missing.output().expect("seatrial can be started");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_database_is_downloaded_once_and_kept() {
    let project = Project::new(WORKFLOW);
    let zip = "import zipfile, sys; z = zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED); \
               z.write(sys.argv[2], 'DEBIAN-CVE-2099-0003.json'); z.close()";
    project.write(
        "seatrial.toml",
        &format!(
            "[scan]\ndb-server = 'file://{}'\n[scan.rules]\nST1001 = {{ level = 'allow', reason = 'x' }}\n",
            project.root().join("server").display()
        ),
    );
    project
        .write(
            "status",
            "Package: python3.11\nStatus: install ok installed\nVersion: 3.11.2-6\n",
        )
        .write("os-release", "ID=debian\nVERSION_ID=12\n")
        .write(
            "Dockerfile",
            &format!(
                "FROM {SMALL}\nCOPY status /var/lib/dpkg/status\nCOPY os-release /etc/os-release\n"
            ),
        );
    let image = Built(format!("seatrial-test/debian-{}:1", std::process::id()));
    let folder = project.root().to_string_lossy().into_owned();
    support::docker(&["build", "--quiet", "--tag", &image.0, &folder]);
    let scan = |more: &[&str]| {
        let output = project
            .command(&[&["scan", &image.0, "-f", "json"], more].concat())
            .env("XDG_CACHE_HOME", project.root().join("cache"))
            .output()
            .expect("seatrial can be started");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{said}");
        serde_json::from_slice::<Value>(&output.stdout).expect("JSON")
    };
    let checked = |value: &Value| value["vulnerabilities"]["checked"].clone();
    assert_eq!(checked(&scan(&[])), false);
    // Where the advisories of its packages cannot be had, that is
    // told, and nothing is stopped.
    let value = scan(&["--download"]);
    assert_eq!(checked(&value), false);
    let notices = value["notices"].to_string();
    assert!(
        notices.contains("of Debian were not downloaded"),
        "{notices}"
    );
    assert!(value["findings"].to_string().contains("ST2004"));
    project.write("server/Debian/x", "");
    let made = Command::new("python3")
        .args(["-c", zip])
        .arg(project.root().join("server/Debian/all.zip"))
        .arg(format!("{}/Debian/DEBIAN-CVE-2099-0003.json", advisories()))
        .status()
        .expect("python3");
    assert!(made.success());
    assert_eq!(scan(&["--download"])["vulnerabilities"]["advisories"], 1);
    // Later scans use it, also when the server is gone.
    std::fs::remove_dir_all(project.root().join("server")).expect("the server");
    assert_eq!(scan(&[])["vulnerabilities"]["advisories"], 1);
    let value = scan(&["--download"]);
    assert_eq!(value["vulnerabilities"]["advisories"], 1);
    assert!(value["notices"].to_string().contains("were not downloaded"));
}
