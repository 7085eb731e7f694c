use super::find;
use crate::parity::observe::{Role, TestKey};
use crate::parity::reason::Reason;
use crate::parity::sample::{facts, other_facts, test};
use crate::record::{JobFacts, JobKey};

/// The rules that hold for a message, and what the first says.
fn causes(
    message: &str,
    role: Role,
    control: Option<&JobFacts>,
    candidate: Option<&JobFacts>,
) -> (Vec<String>, String) {
    let reason = Reason::of(&test(("t.py::test_x", 'F', message)), None);
    let key = TestKey {
        job: JobKey("unit".to_owned()),
        id: "t.py::test_x".to_owned(),
        again: 0,
    };
    let found = find(&key, Some(&reason), role, control, candidate);
    let text = found.first().map(|cause| cause.text.clone());
    (
        found.iter().map(|cause| cause.rule.to_string()).collect(),
        text.unwrap_or_default(),
    )
}

/// What is said of a test that fails in a container with `other_facts`.
fn of(message: &str) -> (Vec<String>, String) {
    causes(
        message,
        Role::Candidate,
        Some(&facts()),
        Some(&other_facts()),
    )
}

#[test]
fn each_rule_holds_where_words_and_facts_meet() {
    for (message, rule, says) in [
        (
            "ImportError: libGL.so.1: cannot open shared object file: No such file",
            "missing_library",
            "lacks the system library libGL.so.1",
        ),
        (
            "OSError: no library called \"cairo-2\" was found",
            "missing_library",
            "cairo-2",
        ),
        (
            "ModuleNotFoundError: No module named 'requests'",
            "missing_module",
            "the control has 2.32.3",
        ),
        (
            "ModuleNotFoundError: No module named 'yaml'",
            "missing_module",
            "the module yaml cannot be found",
        ),
        (
            "FileNotFoundError: [Errno 2] No such file or directory: 'git'",
            "missing_program",
            "lacks the program git",
        ),
        (
            "/bin/sh: 1: git: not found",
            "missing_program",
            "lacks the program git",
        ),
        (
            "Skipped: git is not installed",
            "missing_program",
            "lacks the program git",
        ),
        (
            "ImportError: version `GLIBC_2.38' not found",
            "c_library",
            "glibc 2.36",
        ),
        (
            "Failed: DID NOT RAISE <class 'PermissionError'>",
            "root",
            "the candidate runs as root",
        ),
        (
            "AssertionError: PermissionError not raised",
            "root",
            "whom permissions do not stop",
        ),
        (
            "assert 0o600 == 0o644: st_mode",
            "umask",
            "the umask is 077",
        ),
        (
            "assert time.localtime().tm_hour == 0",
            "time_zone",
            "UTC+9 (JST)",
        ),
        (
            "UnicodeDecodeError: 'ascii' codec can't decode",
            "encoding",
            "ansi_x3.4-1968",
        ),
        (
            "assert locale.getlocale() == x",
            "language",
            "is C in the candidate and C.UTF-8",
        ),
        (
            "KeyError: 'DATABASE_URL'",
            "variable",
            "set only in the control",
        ),
        ("assert Path.home() == x", "home", "/root in the candidate"),
        (
            "OSError: No space left on device: '/dev/shm/torch'",
            "shared_memory",
            "64 MiB",
        ),
        ("MemoryError", "memory", "2 GiB"),
        (
            "assert os.cpu_count() == 4",
            "processors",
            "2, of which 1.5 may be used",
        ),
        (
            "socket.gaierror: Name or service not known",
            "network",
            "no way to other networks",
        ),
        (
            "OSError: [Errno 99] Cannot assign requested address",
            "ipv6",
            "has no IPv6",
        ),
        (
            "OSError: [Errno 18] Invalid cross-device link",
            "files",
            "/tmp lies in memory",
        ),
        (
            "E  site-packages/numpy/core.py:3: AttributeError",
            "package_version",
            "numpy is 2.1.0",
        ),
        ("SyntaxError: invalid syntax", "python_version", "3.12.1"),
    ] {
        let (rules, text) = of(message);
        assert_eq!(
            rules.first().map(String::as_str),
            Some(rule),
            "{message}: {rules:?}"
        );
        assert!(text.contains(says), "{message}: {text}");
    }
}

#[test]
fn no_rule_holds_by_words_alone_or_by_facts_alone() {
    for message in [
        "Failed: DID NOT RAISE <class 'PermissionError'>",
        "assert time.localtime().tm_hour == 0",
        "UnicodeDecodeError: 'ascii' codec can't decode",
        "KeyError: 'DATABASE_URL'",
        "MemoryError",
        "assert os.cpu_count() == 4",
        "socket.gaierror: Name or service not known",
        "FileNotFoundError: [Errno 2] No such file or directory: 'git'",
        "E  site-packages/numpy/core.py:3: AttributeError",
    ] {
        let same = causes(message, Role::Candidate, Some(&facts()), Some(&facts()));
        assert!(same.0.is_empty(), "{message}: {same:?}");
        let unknown = causes(message, Role::Candidate, Some(&facts()), None);
        assert!(unknown.0.is_empty(), "{message}: {unknown:?}");
    }
    // Python's version explains anything, and so does nothing else here.
    assert_eq!(of("assert 1 == 2").0, ["python_version"]);
}

#[test]
fn what_needs_root_fails_where_root_is_not() {
    let message = "PermissionError: [Errno 13] Permission denied: '/etc/x'";
    let refused = causes(
        message,
        Role::Candidate,
        Some(&other_facts()),
        Some(&facts()),
    );
    assert_eq!(refused.0.first().map(String::as_str), Some("root"));
    assert!(
        refused
            .1
            .contains("that runs as 1001 (runner), the control as root"),
        "{}",
        refused.1
    );
    // Root is refused nothing that others are granted.
    assert!(!of(message).0.contains(&"root".to_owned()));
    // A root without its rights is no root.
    let tame = JobFacts {
        capabilities: Some(0),
        ..other_facts()
    };
    let none = causes(message, Role::Candidate, Some(&facts()), Some(&tame));
    assert_eq!(none.0.first().map(String::as_str), Some("user"));
}

#[test]
fn for_a_test_that_was_fixed_the_control_is_looked_at() {
    let message = "Failed: DID NOT RAISE <class 'PermissionError'>";
    let fixed = causes(message, Role::Control, Some(&other_facts()), Some(&facts()));
    assert!(fixed.1.contains("the control runs as root"), "{}", fixed.1);
}

#[test]
fn a_message_names_its_library_without_any_facts() {
    let message = "OSError: libctf.so.0: cannot open shared object file: No such file or directory";
    let (rules, text) = causes(message, Role::Candidate, None, None);
    assert_eq!(rules, ["missing_library"]);
    assert_eq!(
        text,
        "the candidate lacks the system library libctf.so.0, which the control has"
    );
}

#[test]
fn a_user_without_a_name() {
    let nameless = JobFacts {
        uid: Some(1000),
        user: None,
        ..facts()
    };
    let message = "KeyError: 'getpwuid(): uid not found: 1000'";
    let found = causes(message, Role::Candidate, Some(&facts()), Some(&nameless));
    assert_eq!(found.0.first().map(String::as_str), Some("user_name"));
}
