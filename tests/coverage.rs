//! `seatrial coverage` on files that coverage.py wrote, without an engine.
#![allow(clippy::expect_used, clippy::panic)]

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use support::{Project, Ran};

/// Reports and data of three processes and of all, see `tests/fixtures/results/union`.
fn union() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/results/union")
}

/// A repository that holds nothing but the sources that the reports are about.
fn repository() -> Project {
    let project = Project::new("on: push\n");
    support::copy_tree(&union().join("src"), &project.root().join("src"));
    project
}

fn seatrial(project: &Project, line: &str, files: &[&str]) -> Ran {
    let files: Vec<String> = files
        .iter()
        .map(|file| union().join(file).display().to_string())
        .collect();
    let mut arguments: Vec<&str> = vec!["coverage"];
    arguments.extend(line.split_whitespace());
    arguments.extend(files.iter().map(String::as_str));
    project.seatrial(&arguments)
}

/// A report without what every producer and run writes anew.
fn without_head(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.contains("<!--"));
    lines
        .map(|line| match line.find(" lines-valid=") {
            Some(at) if line.starts_with("<coverage") => &line[at..],
            _ => line,
        })
        .collect::<Vec<_>>()
        .join("\n")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).expect("a file")
}

#[test]
fn merged_parts_are_the_combined_report_to_the_letter() {
    let project = repository();
    let parts = ["part-a.xml", "part-b.xml", "part-c.xml"];
    let ran = seatrial(&project, "merge --keep-names", &parts);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let expected = without_head(&read(&union().join("combined.xml")));
    assert_eq!(without_head(&ran.stdout), expected);
    assert!(
        ran.stderr
            .contains("92.6 % of 105 lines and 44 branches in 7 files")
    );
    // Some of them as data: what ran, for the statements that the others tell.
    for parts in [
        ["part-a.coverage", "part-b.xml", "part-c.xml"],
        ["combined.xml", "part-b.coverage", "part-a.coverage"],
    ] {
        let ran = seatrial(&project, "show --format json", &parts);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let json: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
        assert_eq!(json["totals"]["missing_lines"], 6, "{parts:?}");
        assert_eq!(json["totals"]["missing_branches"], 5, "{parts:?}");
        let files: Vec<&String> = json["files"].as_object().expect("files").keys().collect();
        assert!(
            files.iter().all(|file| file.starts_with("src/")),
            "{files:?}"
        );
    }
}

#[test]
fn every_form_is_written_and_read_again() {
    let project = repository();
    let ran = seatrial(
        &project,
        "merge -o out/all.xml --lcov out/all.info -o out/all.json",
        &["combined.xml"],
    );
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    let table = |input: &str| {
        let ran = project.seatrial(&["coverage", "show", input]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stdout
    };
    let shown = table("out/all.xml");
    assert!(shown.contains("src/two/util.py"), "{shown}");
    assert_eq!(table("out/all.info"), shown);
    // A folder is looked through; JUnit reports beside them are none.
    project.write("out/junit.xml", "<testsuites/>");
    assert_eq!(table("out"), shown);
    assert_eq!(table("."), shown);
}

#[test]
fn pages_show_the_source_and_nothing_from_outside() {
    let project = repository();
    let report = "SF:src/two/util.py\nDA:4,1\nend_of_record\nSF:src/link.py\nDA:1,0\n\
                  end_of_record\nSF:/etc/passwd\nDA:1,1\nend_of_record\n";
    project.write("lcov.info", report);
    std::os::unix::fs::symlink("/etc/passwd", project.root().join("src/link.py")).expect("a link");
    let ran = project.seatrial(&["coverage", "merge", "lcov.info", "--html", "pages"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    let pages: Vec<String> = std::fs::read_dir(project.root().join("pages"))
        .expect("pages")
        .map(|entry| read(&entry.expect("an entry").path()))
        .collect();
    assert_eq!(pages.len(), 4);
    assert!(pages.iter().any(|page| page.contains("def sign(number):")));
    assert!(pages.iter().all(|page| !page.contains("root:")));
}

#[test]
fn files_of_processes_that_were_killed_are_told() {
    let project = repository();
    project.write("data/.coverage.host.12.XaBcDe", "");
    let data = project.root().join("data");
    for part in ["a", "b", "c"] {
        let from = union().join(format!("part-{part}.coverage"));
        let to = data.join(format!(".coverage.host.{part}.x"));
        std::fs::copy(from, to).expect("a copy");
    }
    // Data alone does not say what there is to cover.
    let ran = project.seatrial(&["coverage", "show", "data"]);
    assert_eq!(ran.code, 4);
    assert!(
        ran.stderr.contains("a report is needed beside it"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr
            .contains(".coverage.host.12.XaBcDe holds nothing")
    );
    std::fs::copy(union().join("part-c.xml"), data.join("coverage.xml")).expect("a copy");
    let ran = project.seatrial(&["coverage", "show", "data"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stderr
            .contains("no report has, so they are left out: src/space/part.py")
    );
}

#[test]
fn what_cannot_be_read_fails_and_names_the_file() {
    let project = repository();
    project.write("cut/coverage.xml", "<coverage><packages>");
    project.write("cut/.coverage", "nonsense");
    project.write("none/read.me", "");
    for (input, code, says) in [
        (
            "cut",
            4,
            "cut/coverage.xml: the report breaks off: </coverage> is missing",
        ),
        ("none", 4, "none: the folder holds no coverage"),
        ("nowhere", 4, "nowhere: No such file"),
    ] {
        let ran = project.seatrial(&["coverage", "show", input]);
        assert_eq!((ran.code, ran.stdout.as_str()), (code, ""), "{input}");
        assert!(ran.stderr.contains(says), "{}", ran.stderr);
    }
    let ran = project.seatrial(&["coverage", "show", "cut"]);
    let both = ran
        .stderr
        .contains("also cut/.coverage: the report is no SQLite database");
    assert!(both, "{}", ran.stderr);
    let ran = seatrial(&project, "merge -o report.txt", &["combined.xml"]);
    assert_eq!(ran.code, 2);
}

/// `coverage report --fail-under` of the real coverage.py, in its image, on a table of
/// edges: what it lets pass passes here, what it refuses is refused.
#[test]
fn thresholds_are_those_of_coverage_py() {
    let script = include_str!("fixtures/results/fail_under.py");
    let output = Command::new("docker")
        .args(["run", "--rm", "--network=none", "--label=seatrial-test"])
        .args([support::pytest_image(), "python3", "-c", script])
        .output()
        .expect("docker");
    assert!(output.status.success(), "{output:?}");
    let answers = String::from_utf8(output.stdout).expect("text");
    let project = repository();
    let mut cases = 0;
    for line in answers.lines() {
        let case: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let text = |key: &str| case[key].as_str().unwrap_or_default().to_owned();
        if let Some(report) = case["xml"].as_str() {
            project.write("coverage.xml", report);
        }
        let ran = project.seatrial(&[
            "coverage",
            "check",
            "coverage.xml",
            "--min",
            &text("min"),
            "--precision",
            &text("precision"),
        ]);
        let expected = if case["fails"] == true { 3 } else { 0 };
        assert_eq!(ran.code, expected, "{}: {}", text("name"), ran.stdout);
        cases += 1;
    }
    assert!(cases > 80, "{cases} cases");
}

#[test]
fn packages_and_bases_are_limits_too() {
    let project = repository();
    let check = |line: &str| {
        let ran = seatrial(&project, &format!("check {line}"), &["combined.xml"]);
        assert_eq!(ran.stderr, "", "{line}");
        ran
    };
    let base = union().join("part-a.xml").display().to_string();
    let better = union().join("combined.xml").display().to_string();
    for (line, code, says) in [
        (
            "",
            0,
            "92.6 % of 105 lines and 44 branches in 7 files (at least 80 %, default)",
        ),
        ("--min 93", 0, "(at least 93 %, --min; rounded to it)"),
        ("--min 94", 3, "coverage 92.6 % is below 94 % (--min)"),
        ("--package-min src/one=99", 0, ""),
        (
            "--package-min two=95",
            3,
            "coverage of `two` 91.3 % is below 95 %",
        ),
        (
            "--package-min three=1",
            4,
            "no file of the coverage reports is in the package `three`",
        ),
        (&format!("--base {base}"), 0, ""),
        (&format!("--base {better}"), 0, ""),
    ] {
        let ran = check(line);
        assert_eq!(ran.code, code, "{line}: {}", ran.stdout);
        assert!(ran.stdout.contains(says), "{line}: {}", ran.stdout);
    }
    let ran = seatrial(
        &project,
        &format!("check --min 1 --base {better}"),
        &["part-a.xml"],
    );
    assert_eq!(ran.code, 3);
    assert!(
        ran.stdout.contains("coverage fell from 92.6 %"),
        "{}",
        ran.stdout
    );
    let ran = seatrial(
        &project,
        &format!("check --min 1 --tolerance 60 --base {better} --format json"),
        &["part-a.xml"],
    );
    assert_eq!(ran.code, 0);
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(
        (&json["passed"], &json["exit_code"]),
        (&true.into(), &0.into())
    );
    // Settings of the repository, and of coverage.py.
    project.write(
        ".coveragerc",
        "[report]\nfail_under = 92.65\nprecision = 2\n",
    );
    let ran = check("");
    assert_eq!(ran.code, 3, "{}", ran.stdout);
    assert!(
        ran.stdout
            .contains("92.62 % is below 92.65 % (fail_under in .coveragerc)")
    );
    project.write(
        "seatrial.toml",
        "[coverage]\nmin = 90\n[coverage.packages]\n'src/two' = 92\n",
    );
    let ran = check("");
    assert_eq!(ran.code, 3);
    assert!(
        ran.stdout.contains("`src/two` 91.30 % is below 92 %"),
        "{}",
        ran.stdout
    );
    for wrong in [
        "--tolerance 1",
        "--new-lines-min 1",
        &format!("--new-lines-min 1 --base {base}"),
    ] {
        let ran = seatrial(&project, &format!("check {wrong}"), &["combined.xml"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{wrong}");
    }
    let ran = seatrial(&project, "check --base nowhere", &["combined.xml"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr
            .contains("neither a coverage report nor a revision"),
        "{}",
        ran.stderr
    );
}

#[test]
fn new_and_changed_lines_are_held_against_a_revision() {
    let project = repository();
    let git = |line: &str| {
        let done = Command::new("git")
            .current_dir(project.root())
            .args(["-c", "user.name=a", "-c", "user.email=a@b.c"])
            .args(line.split(' '))
            .output()
            .expect("git");
        assert!(done.status.success(), "{done:?}");
    };
    let util = read(&project.root().join("src/two/util.py"));
    // On the branch line 9 (which never runs) and line 8 come.
    let before: Vec<&str> = util.lines().take(6).chain(util.lines().skip(9)).collect();
    project.write("src/two/util.py", &(before.join("\n") + "\n"));
    git("init -q -b main");
    git("add .");
    git("commit -q -m one");
    git("checkout -q -b topic");
    project.write("src/two/util.py", &util);
    project.write("src/two/unseen.py", "x = 1\n");
    let check = |line: &str| seatrial(&project, &format!("check {line}"), &["combined.xml"]);
    for committed in [false, true] {
        if committed {
            git("add .");
            git("commit -q -m two");
        }
        let ran = check("--base main");
        assert_eq!(ran.code, 3, "{}", ran.stdout);
        for says in [
            "2 of 3 new and changed lines are covered",
            "coverage of new and changed lines 66.7 % (2 of 3) is below 80 %",
            "src/two/util.py: line 9 missed",
            "1 changed file is in no coverage report: src/two/unseen.py",
        ] {
            assert!(ran.stdout.contains(says), "{}", ran.stdout);
        }
        assert_eq!(check("--base main --new-lines-min 66").code, 0);
    }
    let ran = check("--base main --tolerance 1");
    assert_eq!(ran.code, 4, "{}", ran.stdout);
    assert!(
        ran.stdout
            .contains("there is no coverage of main to compare with")
    );
    let part = union().join("part-a.xml").display().to_string();
    let both = check(&format!("--base main --base {part} --new-lines-min 60"));
    assert_eq!(both.code, 0, "{}", both.stdout);
    assert_eq!(check("--base HEAD").code, 0);
}
