#![allow(clippy::unwrap_used)]

use super::super::ConfigFile;
use super::*;

fn read(text: &str) -> ScanFile {
    ConfigFile::parse(text).unwrap().scan
}

/// Line, message and hint of each problem.
fn wrong(text: &str) -> Vec<(usize, String, String)> {
    ConfigFile::parse(text)
        .unwrap_err()
        .problems
        .into_iter()
        .map(|problem| {
            let hint = problem.hint.unwrap_or_default();
            (problem.span.start.line, problem.message, hint)
        })
        .collect()
}

#[test]
fn everything_that_can_be_said() {
    let file = read(
        "[scan]\ndb = 'osv'\ndb-max-age = 30\nscanner = 'trivy'\nfail-on = 'high'\nunknown = 'deny'\n\
         bases = ['python:3.12-*']\nmax-size = '800m'\n\
         [scan.rules]\nST1104 = 'deny'\nroot-user = { level = 'allow', reason = 'mounts' }\n\
         [[scan.ignore]]\nid = 'CVE-2099-1'\nreason = 'not reachable'\nexpires = 2099-12-31\npackage = 'idna'\n",
    );
    assert_eq!(file.db.as_deref(), Some("osv"));
    assert_eq!(file.scanner, Some(ScannerKind::Trivy));
    let policy = file.policy;
    assert_eq!(policy.max_age, 30);
    assert_eq!(policy.fail_on, Some(Severity::High));
    assert_eq!(policy.unknown, Level::Deny);
    assert_eq!(policy.max_size, Some(800 << 20));
    assert_eq!(policy.rules[&Rule::NoDigest].level, Level::Deny);
    assert_eq!(
        policy.rules[&Rule::RootUser].reason.as_deref(),
        Some("mounts")
    );
    let ignore = &policy.ignores[0];
    assert_eq!(
        (ignore.line, ignore.expires.to_string().as_str()),
        (12, "2099-12-31")
    );
    assert_eq!(read("").policy, Policy::default());
    assert_eq!(read("[scan]\nfail-on = 'none'\n").policy.fail_on, None);
}

#[test]
fn what_makes_no_sense_is_refused_with_a_way_out() {
    for (text, line, message, hint) in [
        (
            "[scan.rules]\nST1014 = 'deny'\n",
            2,
            "there is no rule `ST1014`",
            "did you mean `ST1104`?",
        ),
        (
            "[scan.rules]\nroot-usr = 'deny'\n",
            2,
            "there is no rule `root-usr`",
            "did you mean `root-user`?",
        ),
        (
            "[scan.rules]\nST1001 = 'allow'\n",
            2,
            "`ST1001` is allowed without a reason",
            "write { level",
        ),
        (
            "[scan.rules]\nST1001 = { level = 'allow', reason = ' ' }\n",
            2,
            "`ST1001` is allowed without a reason",
            "write {",
        ),
        (
            "[scan.rules]\nST1001 = 'no'\n",
            2,
            "the value of `ST1001` cannot be used",
            "write \"deny\"",
        ),
        (
            "[scan.rules]\nST1001 = { level = 'warn', why = 'x' }\n",
            2,
            "unknown key `why`",
            "write",
        ),
        (
            "[[scan.ignore]]\nid = 'CVE-1'\nexpires = 2099-12-31\n",
            2,
            "`CVE-1` is ignored without a reason",
            "add reason",
        ),
        (
            "[[scan.ignore]]\nid = 'CVE-1'\nreason = 'x'\n",
            2,
            "`CVE-1` is ignored without an end",
            "add expires",
        ),
        (
            "[[scan.ignore]]\nid = 'CVE-1'\nreason = 'x'\nexpires = 'soon'\n",
            4,
            "the value of `expires` cannot be used",
            "expected a day",
        ),
        (
            "[scan]\nfail-on = 'grave'\n",
            2,
            "the value of `fail-on` cannot be used",
            "expected low",
        ),
        (
            "[scan]\nscanner = 'clair'\n",
            2,
            "the value of `scanner` cannot be used",
            "expected \"osv\"",
        ),
        (
            "[scan]\nfail_on = 'high'\n",
            2,
            "unknown key `fail_on`",
            "did you mean `fail-on`?",
        ),
    ] {
        let problems = wrong(text);
        assert_eq!(problems.len(), 1, "{text}");
        let (at, said, way) = &problems[0];
        assert_eq!((*at, said.as_str()), (line, message), "{text}");
        assert!(way.starts_with(hint), "{text}: {way}");
    }
}
