//! The keys of audits, scans and comparisons.

use super::Form::{self, Day, Either, Number, Size, Text, Whole, Word};
use super::Table;
use super::table::{TEXTS, key, names, needed, repeated, table};

/// How serious something is.
const LEVEL: Form = Word(&["deny", "warn", "allow"]);

/// What a rule of a scan or an audit is set to.
const RULE: Form = Either(
    &LEVEL,
    &Form::Table(&[
        needed("level", LEVEL, "\"allow\"", "how serious it is"),
        key(
            "reason",
            Text,
            "\"why\"",
            "",
            "why; what is allowed needs one",
        ),
    ]),
);

/// The tables, in the order in which a file has them.
pub(super) const TABLES: &[Table] = &[
    table(
        "audit",
        "Audits of workflows, see docs/audit.md",
        &[key(
            "fail-on",
            Word(&["info", "low", "medium", "high", "none"]),
            "\"medium\"",
            "\"high\"",
            "the severity from which findings are denied",
        )],
    ),
    names(
        "audit.rules",
        "Rules of audits, by id or name",
        RULE,
        "no-timeout = \"deny\"",
    ),
    table(
        "scan",
        "Scans of images, see docs/scan.md",
        &[
            key(
                "db",
                Text,
                "\"osv\"",
                "your cache",
                "the folder of the database of vulnerabilities",
            ),
            key(
                "db-max-age",
                Whole(0, 36_500),
                "7",
                "7",
                "days that the newest advisory may be old",
            ),
            key(
                "db-server",
                Text,
                "\"https://osv.example.com/all\"",
                "OSV's own",
                "where the database is fetched from",
            ),
            key(
                "scanner",
                Word(&["osv", "trivy", "grype", "none"]),
                "\"trivy\"",
                "\"osv\"",
                "what looks for vulnerabilities",
            ),
            key(
                "fail-on",
                Word(&["low", "medium", "high", "critical", "none"]),
                "\"high\"",
                "\"critical\"",
                "the severity from which vulnerabilities are denied",
            ),
            key(
                "unknown",
                Word(&["deny", "warn"]),
                "\"deny\"",
                "\"warn\"",
                "what a vulnerability without a severity amounts to",
            ),
            key(
                "bases",
                TEXTS,
                "[\"python:3.12-*\"]",
                "official images",
                "base images that are accepted",
            ),
            key(
                "max-size",
                Size,
                "\"800m\"",
                "no budget",
                "the most bytes of an image",
            ),
        ],
    ),
    names(
        "scan.rules",
        "Rules of scans, by id or name",
        RULE,
        "root-user = { level = \"allow\", reason = \"the tests mount file systems\" }",
    ),
    repeated(
        "scan.ignore",
        "Vulnerabilities that are accepted for a while",
        &[
            needed("id", Text, "\"CVE-2024-3651\"", "the advisory"),
            needed("reason", Text, "\"names are checked before\"", "why"),
            needed(
                "expires",
                Day,
                "2030-12-31",
                "the last day on which that holds",
            ),
            key(
                "package",
                Text,
                "\"idna\"",
                "all packages",
                "the package that is meant",
            ),
        ],
    ),
    repeated(
        "compare.ignore",
        "Differences between runner and container that are accepted, see docs/compare.md",
        &[
            needed(
                "test",
                Text,
                "\"tests/test_clock.py::*\"",
                "the tests that are meant",
            ),
            needed("reason", Text, "\"UTC from March on\"", "why"),
            key(
                "until",
                Day,
                "2030-03-31",
                "for good",
                "the last day on which that holds",
            ),
        ],
    ),
    table(
        "rollout",
        "When to go back to the runner, see docs/rollout.md",
        &[
            key(
                "window",
                Whole(1, 1_000),
                "50",
                "20",
                "how many of the last runs are looked at",
            ),
            key(
                "test-minutes",
                Number(0.0, 100_000.0),
                "10",
                "7",
                "the longest that tests may take",
            ),
            key(
                "slower-percent",
                Whole(1, 10_000),
                "50",
                "40",
                "how much longer than before they may take",
            ),
            key(
                "slow-runs",
                Whole(1, 100),
                "5",
                "9",
                "runs of which the middle one must be slow",
            ),
            key(
                "lost-reports",
                Whole(0, 100),
                "1",
                "2",
                "runs in a row that may lose their reports",
            ),
            key(
                "failed-builds-percent",
                Whole(0, 100),
                "5",
                "10",
                "the share of runs whose image may fail",
            ),
            key(
                "failed-builds-runs",
                Whole(1, 1_000),
                "20",
                "10",
                "the fewest runs that make such a share",
            ),
            key(
                "critical",
                TEXTS,
                "[\"tests/payment/*\"]",
                "all tests",
                "tests that must not fail in the container only",
            ),
            key(
                "critical-runs",
                Whole(1, 100),
                "2",
                "4",
                "container runs in a row that such a test must fail; half as many more where it is flaky",
            ),
            key(
                "clean-runs",
                Whole(0, 1_000),
                "10",
                "5",
                "shadow runs without a difference before containers count again",
            ),
            key(
                "on-trigger",
                Word(&["variable", "revert"]),
                "\"revert\"",
                "\"variable\"",
                "what `rollout check --apply` does: set the flag to false, or take the conversion back",
            ),
        ],
    ),
];
