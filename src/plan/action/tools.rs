//! The table: actions that set up languages and tools, and those that run them.

use super::{Action, State};

/// What a set-up of a language amounts to.
const LANGUAGE: State = State::Image("the step fails where the image has another version or none");

pub(super) static SETUP_NODE: Action = Action {
    names: &["actions/setup-node"],
    reads: &[("node-version", ""), ("node-version-file", "")],
    ignores: &[
        "always-auth",
        "architecture",
        "check-latest",
        "registry-url",
        "scope",
        "token",
        "cache",
        "package-manager-cache",
        "cache-dependency-path",
        "mirror",
        "mirror-token",
        "version",
    ],
    outputs: &["node-version"],
    state: LANGUAGE,
};

pub(super) static SETUP_GO: Action = Action {
    names: &["actions/setup-go"],
    reads: &[("go-version", ""), ("go-version-file", "")],
    ignores: &[
        "check-latest",
        "token",
        "cache",
        "cache-dependency-path",
        "architecture",
        "go-download-base-url",
    ],
    outputs: &["go-version"],
    state: LANGUAGE,
};

pub(super) static SETUP_JAVA: Action = Action {
    names: &["actions/setup-java"],
    reads: &[("java-version", ""), ("java-version-file", "")],
    ignores: &[
        "distribution",
        "java-package",
        "architecture",
        "jdkFile",
        "jdkfile",
        "check-latest",
        "server-id",
        "server-username",
        "server-password",
        "settings-path",
        "overwrite-settings",
        "gpg-private-key",
        "gpg-passphrase",
        "cache",
        "cache-dependency-path",
        "job-status",
        "token",
        "mvn-toolchain-id",
        "mvn-toolchain-vendor",
    ],
    outputs: &["version", "path"],
    state: LANGUAGE,
};

pub(super) static SETUP_RUBY: Action = Action {
    names: &["ruby/setup-ruby"],
    reads: &[("ruby-version", "default")],
    ignores: &[
        "rubygems",
        "bundler",
        "bundler-cache",
        "working-directory",
        "cache-version",
        "self-hosted",
        "windows-toolchain",
        "token",
    ],
    outputs: &["ruby-prefix"],
    state: LANGUAGE,
};

pub(super) static SETUP_RUST: Action = Action {
    names: &[
        "dtolnay/rust-toolchain",
        "actions-rs/toolchain",
        "actions-rust-lang/setup-rust-toolchain",
    ],
    reads: &[("toolchain", "")],
    ignores: &[
        "targets",
        "target",
        "components",
        "profile",
        "override",
        "default",
        "cache",
        "rustflags",
        "matcher",
        "rust-src-dir",
        "cache-workspaces",
        "cache-directories",
        "cache-on-failure",
        "cache-key",
    ],
    outputs: &["rustc-version"],
    state: LANGUAGE,
};

pub(super) static SETUP_UV: Action = Action {
    names: &["astral-sh/setup-uv", "hynek/setup-cached-uv"],
    reads: &[
        ("version", ""),
        ("version-file", ""),
        ("uv-version", ""),
        ("python-version", ""),
        ("activate-environment", "false"),
        ("venv-path", ""),
        ("working-directory", ""),
        ("enable-cache", "auto"),
        ("restore-cache", "true"),
        ("save-cache", "true"),
        ("cache-suffix", ""),
        ("cache-dependency-glob", UV_LOCKS),
        ("cache-dependency-path", ""),
        ("cache-local-path", ""),
        ("tool-dir", ""),
        ("tool-bin-dir", ""),
    ],
    ignores: &[
        "checksum",
        "github-token",
        "prune-cache",
        "cache-python",
        "ignore-nothing-to-cache",
        "ignore-empty-workdir",
        "manifest-file",
        "add-problem-matchers",
        "resolution-strategy",
        "server-url",
        "pyproject-file",
        "uv-file",
        "quiet",
    ],
    outputs: &[
        "uv-version",
        "uv-path",
        "uvx-path",
        "cache-hit",
        "cache-key",
        "venv",
        "python-version",
    ],
    state: State::Partial("the image's uv, else one installed by pip"),
};

/// What setup-uv hashes for the key of its cache.
const UV_LOCKS: &str = "**/*requirements*.txt\n**/*requirements*.in\n**/*constraints*.txt\n\
     **/*constraints*.in\n**/pyproject.toml\n**/uv.lock\n**/*.py.lock";

/// What a tool from PyPI amounts to.
const FROM_PYPI: State = State::Partial("the image's, else one installed by pip");

pub(super) static INSTALL_POETRY: Action = Action {
    names: &["snok/install-poetry"],
    reads: &[
        ("version", ""),
        ("virtualenvs-create", "true"),
        ("virtualenvs-in-project", "false"),
        ("virtualenvs-path", "{cache-dir}/virtualenvs"),
        ("installer-parallel", "true"),
        ("plugins", ""),
    ],
    ignores: &["installation-arguments"],
    outputs: &[],
    state: FROM_PYPI,
};

pub(super) static ACTIONS_POETRY: Action = Action {
    names: &["abatilo/actions-poetry", "gr1n/setup-poetry"],
    reads: &[
        ("poetry-version", ""),
        ("poetry-plugins", ""),
        ("version", ""),
    ],
    ignores: &["virtualenvs-in-project"],
    outputs: &[],
    state: FROM_PYPI,
};

pub(super) static SETUP_PDM: Action = Action {
    names: &["pdm-project/setup-pdm"],
    reads: &[
        ("python-version", ""),
        ("python-version-file", ""),
        ("version", ""),
    ],
    ignores: &[
        "architecture",
        "token",
        "prerelease",
        "enable-pep582",
        "cache",
        "cache-dependency-path",
        "allow-python-prereleases",
        "update-python",
    ],
    outputs: &["python-version", "python-path", "pdm-version", "pdm-bin"],
    state: FROM_PYPI,
};

pub(super) static SETUP_NOX: Action = Action {
    names: &["wntrblm/nox", "theacodes/nox", "excitedleigh/setup-nox"],
    reads: &[(
        "python-versions",
        "3.8, 3.9, 3.10, 3.11, 3.12, 3.13, pypy-3.9, pypy-3.10",
    )],
    ignores: &[],
    outputs: &[],
    state: State::Partial("nox by pip; sessions run with the Pythons that the image has"),
};

pub(super) static INSTALL_HATCH: Action = Action {
    names: &["pypa/hatch"],
    reads: &[("version", "")],
    ignores: &["python-version"],
    outputs: &[],
    state: FROM_PYPI,
};

pub(super) static SETUP_PIXI: Action = Action {
    names: &["prefix-dev/setup-pixi"],
    reads: &[
        ("environments", ""),
        ("run-install", "true"),
        ("frozen", ""),
        ("locked", ""),
        ("manifest-path", ""),
    ],
    ignores: &[
        "pixi-version",
        "pixi-url",
        "pixi-url-headers",
        "log-level",
        "global-environments",
        "activate-environment",
        "cache",
        "cache-key",
        "cache-write",
        "global-cache",
        "global-cache-key",
        "global-cache-write",
        "pixi-bin-path",
        "auth-host",
        "auth-token",
        "auth-username",
        "auth-password",
        "auth-conda-token",
        "auth-s3-access-key-id",
        "auth-s3-secret-access-key",
        "auth-s3-session-token",
        "pypi-keyring-provider",
        "post-cleanup",
        "working-directory",
    ],
    outputs: &[],
    state: State::Image("the image's pixi; the step fails without one"),
};

pub(super) static SETUP_JUST: Action = Action {
    names: &["extractions/setup-just"],
    reads: &[("just-version", "")],
    ignores: &["github-token"],
    outputs: &[],
    state: FROM_PYPI,
};

pub(super) static INSTALL_TOOL: Action = Action {
    names: &["taiki-e/install-action"],
    reads: &[("tool", "")],
    ignores: &["checksum", "fallback"],
    outputs: &[],
    state: State::Partial("the image's tools; just, ruff, uv and others that PyPI has, by pip"),
};

pub(super) static APT_PACKAGES: Action = Action {
    names: &["awalsh128/cache-apt-pkgs-action"],
    reads: &[("packages", ""), ("empty_packages_behavior", "error")],
    ignores: &[
        "version",
        "execute_install_scripts",
        "execute_postinst",
        "refresh",
        "debug",
        "add-repository",
    ],
    outputs: &[
        "cache-hit",
        "package-version-list",
        "all-package-version-list",
    ],
    state: State::Partial(
        "packages that the image lacks are installed by apt, with sudo; nothing is cached",
    ),
};

pub(super) static SETUP_BROWSER: Action = Action {
    names: &[
        "browser-actions/setup-chrome",
        "browser-actions/setup-firefox",
        "browser-actions/setup-edge",
        "browser-actions/setup-geckodriver",
        "nanasess/setup-chromedriver",
        "microsoft/playwright-github-action",
    ],
    reads: &[],
    ignores: &[
        "chrome-version",
        "firefox-version",
        "edge-version",
        "geckodriver-version",
        "chromedriver-version",
        "chromeapp",
        "install-dependencies",
        "install-chromedriver",
        "no-sudo",
        "token",
        "browsers",
    ],
    outputs: &["chrome-path", "chrome-version", "chromedriver-path"],
    state: State::Image("the image's browser; the step fails without one"),
};

pub(super) static RUFF: Action = Action {
    names: &["astral-sh/ruff-action", "chartboost/ruff-action"],
    reads: &[("args", "check"), ("src", "."), ("version", "")],
    ignores: &[
        "version-file",
        "checksum",
        "github-token",
        "manifest-file",
        "changed-files",
    ],
    outputs: &["ruff-version", "ruff-path"],
    state: FROM_PYPI,
};

pub(super) static PRE_COMMIT: Action = Action {
    names: &["pre-commit/action"],
    reads: &[("extra_args", "--all-files")],
    ignores: &["token"],
    outputs: &[],
    state: FROM_PYPI,
};

pub(super) static RETRY: Action = Action {
    names: &["nick-fields/retry", "nick-invision/retry"],
    reads: &[
        ("command", ""),
        ("max_attempts", "3"),
        ("timeout_minutes", ""),
        ("timeout_seconds", ""),
        ("retry_wait_seconds", "10"),
        ("shell", ""),
        ("retry_on", "any"),
        ("retry_on_exit_code", ""),
        ("warning_on_retry", "true"),
        ("on_retry_command", ""),
        ("new_command_on_retry", ""),
        ("continue_on_error", "false"),
    ],
    ignores: &["polling_interval_seconds"],
    outputs: &["total_attempts", "exit_code", "exit_error"],
    state: State::Full,
};
