//! The table: GitHub's own actions for source, Python, caches and artifacts.
//!
//! Inputs are those of all versions of an action: a workflow may name any of them.

use super::{Action, State};

pub(super) static CHECKOUT: Action = Action {
    names: &["actions/checkout"],
    reads: &[("repository", ""), ("ref", ""), ("path", "")],
    ignores: &[
        "token",
        "ssh-key",
        "ssh-known-hosts",
        "ssh-strict",
        "ssh-user",
        "persist-credentials",
        "clean",
        "filter",
        "sparse-checkout",
        "sparse-checkout-cone-mode",
        "fetch-depth",
        "fetch-tags",
        "show-progress",
        "lfs",
        "submodules",
        "set-safe-directory",
        "github-server-url",
    ],
    outputs: &["ref", "commit"],
    state: State::Partial("the repository's own checkout as it is, uncommitted work included"),
};

pub(super) static SETUP_PYTHON: Action = Action {
    names: &["actions/setup-python"],
    reads: &[
        ("python-version", ""),
        ("python-version-file", ""),
        ("cache", ""),
        ("cache-dependency-path", ""),
        ("update-environment", "true"),
        ("allow-prereleases", "false"),
        ("freethreaded", "false"),
        ("pip-install", ""),
    ],
    ignores: &["architecture", "check-latest", "token", "pip-version"],
    outputs: &["python-version", "python-path", "cache-hit"],
    state: State::Partial("the image's Python, checked against what is asked for"),
};

pub(super) static CACHE: Action = Action {
    names: &["actions/cache"],
    reads: &[
        ("path", ""),
        ("key", ""),
        ("restore-keys", ""),
        ("fail-on-cache-miss", "false"),
        ("lookup-only", "false"),
    ],
    ignores: &["upload-chunk-size", "enableCrossOsArchive", "save-always"],
    outputs: &["cache-hit"],
    state: State::Full,
};

pub(super) static CACHE_RESTORE: Action = Action {
    names: &["actions/cache/restore"],
    reads: &[
        ("path", ""),
        ("key", ""),
        ("restore-keys", ""),
        ("fail-on-cache-miss", "false"),
        ("lookup-only", "false"),
    ],
    ignores: &["enableCrossOsArchive"],
    outputs: &["cache-hit", "cache-primary-key", "cache-matched-key"],
    state: State::Full,
};

pub(super) static CACHE_SAVE: Action = Action {
    names: &["actions/cache/save"],
    reads: &[("path", ""), ("key", "")],
    ignores: &["upload-chunk-size", "enableCrossOsArchive"],
    outputs: &[],
    state: State::Full,
};

pub(super) static UPLOAD_ARTIFACT: Action = Action {
    names: &["actions/upload-artifact"],
    reads: &[
        ("name", "artifact"),
        ("path", ""),
        ("if-no-files-found", "warn"),
        ("include-hidden-files", ""),
        ("overwrite", "false"),
    ],
    ignores: &["retention-days", "compression-level", "archive"],
    outputs: &["artifact-id", "artifact-url", "artifact-digest"],
    state: State::Full,
};

pub(super) static MERGE_ARTIFACTS: Action = Action {
    names: &["actions/upload-artifact/merge"],
    reads: &[
        ("name", "merged-artifacts"),
        ("pattern", "*"),
        ("separate-directories", "false"),
        ("include-hidden-files", "false"),
        ("delete-merged", "false"),
    ],
    ignores: &["retention-days", "compression-level"],
    outputs: &["artifact-id", "artifact-url", "artifact-digest"],
    state: State::Full,
};

pub(super) static DOWNLOAD_ARTIFACT: Action = Action {
    names: &["actions/download-artifact"],
    reads: &[
        ("name", ""),
        ("artifact-ids", ""),
        ("path", ""),
        ("pattern", ""),
        ("merge-multiple", "false"),
        ("repository", ""),
        ("run-id", ""),
    ],
    ignores: &["github-token", "skip-decompress", "digest-mismatch"],
    outputs: &["download-path"],
    state: State::Partial("artifacts of the same run only"),
};
