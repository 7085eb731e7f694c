//! What a hostile job leaves behind (S8, T1–T4, T22): nothing of it comes to be outside of
//! the run's folder, and inside of it only regular files and folders, within limits.

use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::support::{Project, Ran, alone, docker, pytest_image};

/// Adds to an image, as root, what a job could not make: devices, files of others.
const TREE: &str = r#"
RUN mkdir /tree && cd /tree && echo text >index.html && chown 1000 index.html \
 && mknod block b 8 0 && mknod char c 1 5 && mkfifo pipe && cp /bin/true setuid && chmod 6755 setuid \
 && ln /etc/shadow hard && ln -s /etc/shadow link && ln -s /etc folder && ln -s loop loop \
 && ln -s ../../../../../../../../tmp up && ln -s /proc/self/root proc \
 && touch -- ..x ... '.. ' -rf 'a\..\b' '$(id)' CON.txt nul \
 && touch $(printf 'x%.0s' $(seq 250)) \
 && python3 -c 'import os, socket; os.mkdir(b"bad-\xff"); open(b"bad-\xff/f", "w"); open(b"esc-\x1b[2J", "w"); open(b"line\nbreak", "w"); socket.socket(socket.AF_UNIX).bind("socket")'
"#;

/// Each job owes reports and uploads an artifact, and its test failed or passed.
const WORKFLOW: &str = r#"
on: push
jobs:
  kinds:
    runs-on: ubuntu-latest
    container: IMAGE
    steps:
      - uses: actions/checkout@v4
      - {name: test, run: 'touch /tree/index.html; bad/coverage html -d /tree'}
      - {uses: actions/upload-artifact@v4, with: {name: kinds, path: /tree, include-hidden-files: true}}
  linked:
    runs-on: ubuntu-latest
    container: IMAGE
    steps:
      - uses: actions/checkout@v4
      - {name: folder, run: 'ln -s /etc out; bad/coverage html -d out'}
      - {name: through, run: 'bad/coverage html -d out/alternatives'}
      - {name: up, run: 'bad/coverage xml -o ../../../../../../../etc/passwd'}
      - {name: dots, run: 'bad/coverage html -d ..'}
      - {uses: actions/upload-artifact@v4, with: {name: up, path: ../../../../../../tree/index.html}}
      - {if: always(), name: bad-name, uses: actions/upload-artifact@v4, with: {name: ../../up, path: /tree/index.html}}
  sparse:
    runs-on: ubuntu-latest
    container: IMAGE
    steps:
      - uses: actions/checkout@v4
      - {name: test, run: 'truncate -s 50G big.xml; bad/coverage xml -o big.xml'}
      - {name: folder, run: 'mkdir out; truncate -s 50G out/big; bad/coverage html -d out'}
      - {if: always(), name: upload, uses: actions/upload-artifact@v4, with: {name: big, path: out}}
      - {if: always(), name: honest, run: 'bad/pytest --junitxml=j.xml'}
  deep:
    runs-on: ubuntu-latest
    container: IMAGE
    steps:
      - uses: actions/checkout@v4
      - name: test
        run: |
          python3 -c "
          import os
          os.mkdir('out'); os.chdir('out')
          for _ in range(500):
              os.mkdir('d'); os.chdir('d')
          open('f', 'w')
          "
          bad/coverage html -d out
"#;

/// What is to be told of each step.
const CAUSES: &[(&str, &str)] = &[
    ("linked › folder", "no_report.report_invalid"),
    ("linked › through", "no_report.report_stale"),
    ("linked › up", "no_report.report_stale"),
    ("linked › bad-name", "command_failed.setup_failed"),
    ("sparse › test", "resource_limit.artifact_limit"),
    ("sparse › folder", "resource_limit.artifact_limit"),
    ("sparse › upload", "resource_limit.artifact_limit"),
    ("sparse › honest", "tests_failed.tests_failed"),
    ("deep › test", "resource_limit.artifact_limit"),
];

/// Far above what it takes, far below reading 50 GiB.
const LONGEST: Duration = Duration::from_secs(90);

#[test]
fn a_hostile_job_leaves_only_files_within_limits_and_only_in_the_runs_folder() {
    let _alone = alone();
    let image = HostileImage::build();
    // The project and a canary lie side by side.
    let project = Project::new(&WORKFLOW.replace("IMAGE", &image.0));
    let canary = tempfile::tempdir().unwrap();
    std::fs::write(canary.path().join("canary"), "untouched").unwrap();
    for command in ["coverage", "pytest"] {
        let failed = "<testsuite><testcase name=\"a\"><failure/></testcase></testsuite>";
        let script = format!(
            "#!/bin/sh\ncase $1 in --junitxml=*) echo '{failed}' >\"${{1#*=}}\"; exit 1;; esac\n"
        );
        let path = format!("bad/{command}");
        project.write(&path, &script);
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(project.root().join(path), mode).unwrap();
    }
    let before = (tree(project.root()), tree(canary.path()));
    let begun = Instant::now();
    let ran = project.run_in(pytest_image(), &[]).expect(1);
    let time = begun.elapsed();
    assert!(time < LONGEST, "{time:.1?}");
    assert_eq!(before, (tree(project.root()), tree(canary.path())));
    let record = ran.record();
    let failures = record["verdict"]["failures"].as_array().unwrap();
    for (place, cause) in CAUSES {
        let told = failures.iter().any(|failure| {
            let message = failure["message"].as_str().unwrap();
            failure["cause"] == *cause && message.starts_with(&format!("{place}: "))
        });
        assert!(told, "{place}: {cause}\n{}", ran.stdout);
    }
    harmless(&ran);
}

/// Everything in the run's folder is a folder or a regular file of the caller, without
/// special rights, with a name that a terminal can be shown.
fn harmless(ran: &Ran) {
    let run = ran.path("").canonicalize().unwrap();
    let ours: Vec<Vec<u8>> = ["/etc/passwd", "/etc/shadow", "/etc/hostname"]
        .iter()
        .filter_map(|file| std::fs::read(file).ok())
        .collect();
    let mut kinds = BTreeMap::new();
    let mut folders = vec![run.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let meta = std::fs::symlink_metadata(&path).unwrap();
            let kind = meta.file_type();
            assert!(kind.is_file() || kind.is_dir(), "{path:?}: {kind:?}");
            assert_eq!(meta.mode() & 0o7000, 0, "{path:?}");
            let name = path.file_name().unwrap().to_str().expect("UTF-8");
            assert!(!name.chars().any(char::is_control), "{path:?}");
            assert!(meta.len() <= 64 << 20, "{path:?}: {}", meta.len());
            if kind.is_dir() {
                folders.push(path);
            } else {
                *kinds.entry(folder.clone()).or_insert(0_u32) += 1;
                // Links lead into the image. That has such files, too, but others.
                let bytes = std::fs::read(&path).unwrap();
                assert!(!ours.contains(&bytes), "{path:?}");
            }
        }
    }
    // What was harmless came out. That the number of files ends is shown without an
    // engine, which takes a minute to make 20,000 of them.
    let files: u32 = kinds.values().sum();
    assert!(files > 10, "{files} files");
}

/// Bytes, mode and kind of everything below a folder but ours.
fn tree(folder: &Path) -> BTreeMap<String, (u32, Vec<u8>)> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let meta = std::fs::symlink_metadata(&path).unwrap();
            if path.ends_with(".seatrial") {
                continue;
            }
            let bytes = if meta.is_file() {
                std::fs::read(&path).unwrap()
            } else {
                Vec::new()
            };
            found.insert(path.display().to_string(), (meta.mode(), bytes));
            if meta.is_dir() {
                folders.push(path);
            }
        }
    }
    found
}

/// The image of [`TREE`], removed at the end.
struct HostileImage(String);

impl HostileImage {
    fn build() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = format!("FROM {}\nUSER 0\n{TREE}\nUSER 1000\n", pytest_image());
        std::fs::write(folder.path().join("Dockerfile"), text).unwrap();
        let tag = format!("seatrial-test/hostile:{}", std::process::id());
        let path = folder.path().to_str().unwrap();
        docker(&["buildx", "build", "--load", "--quiet", "--tag", &tag, path]);
        Self(tag)
    }
}

impl Drop for HostileImage {
    fn drop(&mut self) {
        docker(&["rmi", &self.0]);
    }
}
