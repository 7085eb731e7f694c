//! Hooks in files of others, whose other bytes stay.

#![allow(clippy::unwrap_used)]

use super::hooks::{add, entry, new};
use super::workflow;
use crate::workflow::{parse, parse_yaml};

#[test]
fn an_entry_is_added_and_every_other_byte_stays() {
    let ours = entry(false);
    for (name, before, behind) in [
        ("plain", "repos:\n- repo: local\n  hooks:\n  - id: a\n", ""),
        (
            "indented, with comments",
            "# ours\nrepos:\n  # formatters\n  - repo: https://example.org/a\n    rev: v1\n    hooks:\n      - id: a # why\n        args:\n          - --x\n",
            "\n# the end\nci:\n  autofix_prs: false\n",
        ),
        (
            "no line end",
            "repos:\n  - repo: local\n    hooks:\n      - id: a",
            "",
        ),
        (
            "windows",
            "repos:\r\n  - repo: local\r\n    hooks: []\r\n",
            "\r\ndefault_stages: [commit]\r\n",
        ),
        (
            "keys before",
            "default_stages: [commit]\nrepos:\n- repo: local\n  hooks: [{id: a}]\n",
            "exclude: ^x$\n",
        ),
        (
            "a text over lines",
            "repos:\n  - repo: local\n    hooks:\n      - id: a\n        entry: |\n          - repo: x\n\n          end\n",
            "\n",
        ),
    ] {
        let text = format!("{before}{behind}");
        let after = add(&text, &ours).unwrap().unwrap();
        assert!(after.starts_with(before), "{name}: {after}");
        assert!(after.ends_with(behind), "{name}: {after}");
        assert!(after.contains("- id: seatrial-audit"), "{name}");
        assert_eq!(after.matches('\n').count(), after.lines().count(), "{name}");
        assert_eq!(
            text.contains("\r\n"),
            after.contains("hooks:\r\n"),
            "{name}"
        );
        // Once is enough.
        assert_eq!(add(&after, &ours), Ok(None), "{name}");
    }
}

#[test]
fn what_cannot_be_added_to_is_told() {
    let ours = entry(true);
    assert!(ours.contains("seatrial-convert-check"));
    for (text, told) in [
        ("", "line 1: the file is empty"),
        ("ci: {}\n", "it has no key `repos`"),
        ("repos: []\n", "line 1: `repos` is empty"),
        ("x: 1\nrepos: yes\n", "line 2: `repos` is no list"),
        (
            "repos: [{repo: local, hooks: []}]\n",
            "line 1: `repos` is not written as a list of lines with `-`",
        ),
        ("repos:\n  - repo: 'a\n", "line"),
    ] {
        let error = add(text, &ours).unwrap_err();
        assert!(error.starts_with(told), "{text}: {error}");
    }
}

#[test]
fn what_is_written_anew_can_be_read() {
    let text = new(&entry(false));
    assert!(parse_yaml(&text).is_ok());
    assert_eq!(add(&text, &entry(false)), Ok(None));
    for converted in [false, true] {
        let text = workflow::text(converted);
        assert!(parse(&text).is_ok(), "{text}");
        assert_eq!(text.contains("convert --check"), converted);
    }
    insta::assert_snapshot!("workflow", workflow::text(true));
}
