//! The keys of runs.

use super::Form::{Day, Either, List, Map, Number, Size, Switch, Text, Whole, Word};
use super::{Content, Form, Key, Table};

/// A key that its table does not need.
pub(super) const fn key(
    name: &'static str,
    form: Form,
    example: &'static str,
    default: &'static str,
    meaning: &'static str,
) -> Key {
    Key {
        name,
        form,
        needed: false,
        example,
        default,
        meaning,
    }
}

/// A key that its table needs.
pub(super) const fn needed(
    name: &'static str,
    form: Form,
    example: &'static str,
    meaning: &'static str,
) -> Key {
    Key {
        needed: true,
        ..key(name, form, example, "", meaning)
    }
}

/// A table of keys.
pub(super) const fn table(
    name: &'static str,
    meaning: &'static str,
    keys: &'static [Key],
) -> Table {
    Table {
        name,
        meaning,
        repeated: false,
        content: Content::Keys(keys),
    }
}

/// A time, or `false` for none.
const TIME: Form = Either(&Size, &Switch);

/// A table of names that the user chooses.
pub(super) const fn names(
    name: &'static str,
    meaning: &'static str,
    form: Form,
    example: &'static str,
) -> Table {
    Table {
        name,
        meaning,
        repeated: false,
        content: Content::Names(form, example),
    }
}

/// A table of which the file may have several.
pub(super) const fn repeated(
    name: &'static str,
    meaning: &'static str,
    keys: &'static [Key],
) -> Table {
    Table {
        repeated: true,
        ..table(name, meaning, keys)
    }
}

/// A list of texts.
pub(super) const TEXTS: Form = List(&Text);
/// The tables of runs, in the order in which a file has them.
pub(super) const TABLES: &[Table] = &[
    table(
        "",
        "Which workflow, and which part of it",
        &[
            key(
                "workflow",
                Text,
                "\"test.yml\"",
                "the one workflow that calls a test command",
                "the workflow, a path or a name in .github/workflows",
            ),
            key(
                "jobs",
                TEXTS,
                "[\"unit\", \"lint\"]",
                "all jobs",
                "the jobs that are run, with those that they need",
            ),
        ],
    ),
    table(
        "image",
        "The image of the jobs",
        &[
            key(
                "name",
                Text,
                "\"python:3.12\"",
                "",
                "an image that is taken as it is; excludes dockerfile, compose and bake",
            ),
            key(
                "dockerfile",
                Text,
                "\"ci/Dockerfile\"",
                "Dockerfile.test where there is one",
                "the Dockerfile that is built",
            ),
            key(
                "compose",
                Text,
                "\"docker-compose.yml#tests\"",
                "",
                "the service of a compose file that says how the image is built",
            ),
            key(
                "bake",
                Text,
                "\"docker-bake.hcl#tests\"",
                "",
                "the target of a bake file that says how the image is built",
            ),
            key(
                "target",
                Text,
                "\"test\"",
                "the stage test where there is one, else the last",
                "the stage of the Dockerfile",
            ),
            key(
                "args",
                Map(&Text),
                "{ PYTHON = \"3.12\" }",
                "none",
                "build arguments",
            ),
            key(
                "derive",
                Switch,
                "false",
                "true",
                "whether set-up steps become layers of an image",
            ),
            key(
                "frontends",
                TEXTS,
                "[\"team/frontend@sha256:0123\"]",
                "none",
                "build frontends besides Docker's own",
            ),
            key(
                "keep",
                Whole(0, 10_000),
                "5",
                "5",
                "images of each stage that stay on the engine",
            ),
            key(
                "keep-size",
                Size,
                "\"10g\"",
                "none beyond those of keep",
                "old images stay as long as they have no more bytes together",
            ),
            key(
                "ca",
                Text,
                "\"auto\"",
                "\"off\"",
                "certificates that a build gets: off, auto, or a file of the repository",
            ),
            key(
                "mirrors",
                Switch,
                "true",
                "false",
                "whether a build gets the mirrors of your environment",
            ),
            key(
                "proxies",
                Switch,
                "true",
                "false",
                "whether a build gets the proxies of your environment",
            ),
            key(
                "cache-from",
                TEXTS,
                "[\"registry.example.com/team/app:cache\"]",
                "none",
                "caches of elsewhere that builds read",
            ),
            key(
                "cache-to",
                TEXTS,
                "[\"type=registry,ref=registry.example.com/team/app:cache\"]",
                "none",
                "caches of elsewhere that builds write",
            ),
            key(
                "builder",
                Text,
                "\"ci\"",
                "the engine's own",
                "the builder of buildx",
            ),
        ],
    ),
    names(
        "images",
        "The images of jobs that run on these labels",
        Text,
        "ubuntu-latest = \"registry.example.com/team/ci:12\"",
    ),
    table(
        "coverage",
        "The limits of coverage, see docs/coverage.md",
        &[
            key(
                "min",
                Number(0.0, 100.0),
                "85.0",
                "fail_under of coverage.py, else 80",
                "the least total in percent",
            ),
            key(
                "precision",
                Whole(0, 15),
                "1",
                "precision of coverage.py, else 0",
                "digits that totals are rounded to before they are compared",
            ),
            key(
                "base",
                Text,
                "\"main\"",
                "nothing to compare with",
                "a revision or a report to compare with",
            ),
            key(
                "tolerance",
                Number(0.0, 100.0),
                "0.5",
                "0",
                "by how much the total may be below that of a report, in percent",
            ),
            key(
                "new-lines-min",
                Number(0.0, 100.0),
                "90",
                "min, where base is a revision",
                "the least of new and changed lines in percent",
            ),
        ],
    ),
    names(
        "coverage.packages",
        "The least of packages in percent",
        Number(0.0, 100.0),
        "\"src/billing\" = 95",
    ),
    table(
        "actions",
        "Actions of the workflow",
        &[key(
            "skip",
            TEXTS,
            "[\"pre-commit/action\"]",
            "none",
            "actions whose steps are left out",
        )],
    ),
    table(
        "container",
        "What containers of jobs may, see docs/services.md",
        &[
            key(
                "allow",
                TEXTS,
                "[\"--cap-add=NET_ADMIN\"]",
                "none",
                "options of containers that give rights over this machine",
            ),
            key(
                "docker-socket",
                Either(&Switch, &TEXTS),
                "[\"integration\"]",
                "no job",
                "the jobs that get the engine's socket, and with it root on this machine; true is all",
            ),
        ],
    ),
    table(
        "services",
        "Services of a compose file, for jobs that have none of their own",
        &[
            key(
                "compose",
                Text,
                "\"docker-compose.test.yml\"",
                "no file",
                "the compose file",
            ),
            key(
                "jobs",
                TEXTS,
                "[\"integration\"]",
                "all jobs",
                "the jobs that get its services",
            ),
            key(
                "skip",
                TEXTS,
                "[\"pgadmin\"]",
                "none",
                "services that no job gets",
            ),
        ],
    ),
    table(
        "gate",
        "The verdict",
        &[key(
            "masked",
            Word(&["deny", "warn"]),
            "\"warn\"",
            "\"deny\"",
            "what a step amounts to that succeeds although its report holds failed tests",
        )],
    ),
    table(
        "budgets",
        "What a run may take, see docs/trends.md",
        &[
            key(
                "total",
                TIME,
                "\"8m\"",
                "\"5m\"",
                "the run from start to end; false for no budget",
            ),
            key(
                "build",
                TIME,
                "\"3m\"",
                "\"2m\"",
                "building an image of which something is in the cache",
            ),
            key(
                "startup",
                TIME,
                "\"45s\"",
                "\"30s\"",
                "the start of a container with its services",
            ),
        ],
    ),
    repeated(
        "quarantine",
        "Tests whose failure is forgiven for a while, see docs/trends.md",
        &[
            needed(
                "test",
                Text,
                "\"tests/test_cart.py::test_checkout*\"",
                "the tests that are meant",
            ),
            needed("owner", Text, "\"@shop\"", "who sees to it"),
            needed("reason", Text, "\"races with the worker\"", "why"),
            needed(
                "expires",
                Day,
                "2030-12-31",
                "the last day on which that holds",
            ),
        ],
    ),
    table(
        "run",
        "Limits of runs",
        &[
            key(
                "parallel",
                Whole(1, 1024),
                "2",
                "the processors of the engine, at least 2",
                "jobs at a time",
            ),
            key(
                "memory",
                Size,
                "\"2g\"",
                "80 % of the engine's memory, divided by parallel",
                "memory of each job, at least 6m",
            ),
            key(
                "pids",
                Whole(16, 4_194_304),
                "500",
                "2048",
                "processes of each job",
            ),
            key(
                "retries",
                Whole(0, 100),
                "1",
                "0",
                "how often a failed test of pytest is run again",
            ),
            key(
                "no-output-minutes",
                Number(0.0, 1e6),
                "10",
                "without limit, 10 where CI is true",
                "minutes that a step may be silent; 0 is without limit",
            ),
        ],
    ),
    table(
        "history",
        "The history of runs, see docs/history.md",
        &[
            key(
                "enabled",
                Switch,
                "false",
                "true",
                "whether runs are added to it",
            ),
            key(
                "path",
                Text,
                "\"ci/history.db\"",
                "\".seatrial/history.db\"",
                "a file of the repository that ends in .db, .sqlite or .sqlite3; excludes url",
            ),
            key(
                "url",
                Text,
                "\"postgres://ci@db.example.com/seatrial?sslmode=require\"",
                "none: a file",
                "a PostgreSQL server",
            ),
            key(
                "keep",
                Whole(1, 1_000_000_000),
                "5000",
                "all runs",
                "how many runs stay",
            ),
            key(
                "keep-days",
                Whole(1, 100_000),
                "365",
                "for good",
                "for how many days runs stay",
            ),
        ],
    ),
    names(
        "vars",
        "Variables of the workflow: vars.REGION",
        Text,
        "REGION = \"eu\"",
    ),
    names(
        "secrets",
        "Commands that print secrets, which never stand here themselves",
        Form::Table(&[needed(
            "command",
            TEXTS,
            "[\"pass\", \"show\", \"ci/api-token\"]",
            "a program and its arguments; what it prints is the secret",
        )]),
        "API_TOKEN = { command = [\"pass\", \"show\", \"ci/api-token\"] }",
    ),
];
