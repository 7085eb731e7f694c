//! Actions that are left out on purpose, each with the reason.

/// An action that is skipped with a notice: what it does has no place off GitHub,
/// or must not happen in a trial run. The step succeeds without outputs.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Skipped {
    /// Names, `owner/repo` in lower case, with the actions in folders below them;
    /// `owner/` means all of an owner.
    pub(crate) names: &'static [&'static str],
    /// Why, in words that follow the action's name.
    pub(crate) reason: &'static str,
}

impl Skipped {
    /// Every row.
    pub(crate) const ALL: &'static [Self] = &[
        Self {
            names: &[
                "pypa/gh-action-pypi-publish",
                "softprops/action-gh-release",
                "ncipollo/release-action",
                "actions/create-release",
                "actions/upload-release-asset",
                "svenstaro/upload-release-action",
                "release-drafter/release-drafter",
                "googleapis/release-please-action",
                "python-semantic-release/python-semantic-release",
                "python-semantic-release/publish-action",
                "actions/deploy-pages",
                "actions/configure-pages",
                "actions/upload-pages-artifact",
                "peaceiris/actions-gh-pages",
                "jamesives/github-pages-deploy-action",
                "aws-actions/configure-aws-credentials",
                "google-github-actions/auth",
                "azure/login",
            ],
            reason: "publishes, and a trial run publishes nothing",
        },
        Self {
            names: &["docker/login-action", "redhat-actions/podman-login"],
            reason: "logs in to a registry, for which a trial run has no credentials",
        },
        Self {
            names: &[
                "docker/setup-qemu-action",
                "docker/setup-docker-action",
                "docker/setup-compose-action",
            ],
            reason: "changes the engine of GitHub's runner, which is not there",
        },
        Self {
            names: &[
                "enricomi/publish-unit-test-result-action",
                "dorny/test-reporter",
                "mikepenz/action-junit-report",
                "test-summary/action",
                "phoenix-actions/test-reporting",
                "py-cov-action/python-coverage-comment-action",
                "mishakav/pytest-coverage-comment",
                "orgoro/coverage",
                "irongut/codecoveragesummary",
                "5monkeys/cobertura-action",
                "insightsengineering/coverage-action",
                "pmeier/pytest-results-action",
                "schneegans/dynamic-badges-action",
            ],
            reason: "reports to GitHub; seatrial's own summary shows the same tests and coverage",
        },
        Self {
            names: &[
                "marocchino/sticky-pull-request-comment",
                "thollander/actions-comment-pull-request",
                "mshick/add-pr-comment",
                "peter-evans/",
                "actions/labeler",
                "actions/stale",
                "actions/first-interaction",
                "dessant/lock-threads",
                "amannn/action-semantic-pull-request",
                "stefanzweifel/git-auto-commit-action",
                "jasonetco/create-an-issue",
                "actions/add-to-project",
            ],
            reason: "writes to the repository or its pull requests on GitHub",
        },
        Self {
            names: &[
                "slackapi/slack-github-action",
                "8398a7/action-slack",
                "rtcamp/action-slack-notify",
                "act10ns/slack",
                "ravsamhq/notify-slack-action",
                "zulip/github-actions-zulip",
                "appleboy/telegram-action",
                "appleboy/discord-action",
                "sarisia/actions-status-discord",
                "dawidd6/action-send-mail",
            ],
            reason: "sends a message to people",
        },
        Self {
            names: &["mxschmitt/action-tmate", "lhotari/action-upterm"],
            reason: "opens a shell for people from outside; `docker exec` reaches the job's container",
        },
        Self {
            names: &[
                "benchmark-action/github-action-benchmark",
                "boa-dev/criterion-compare-action",
            ],
            reason: "compares with results that are kept on GitHub",
        },
        Self {
            names: &["codspeedhq/action"],
            reason: "measures for codspeed.io; the benchmarks that it would run are not run",
        },
        Self {
            names: &[
                "github/codeql-action",
                "actions/dependency-review-action",
                "ossf/scorecard-action",
                "sonarsource/sonarcloud-github-action",
                "sonarsource/sonarqube-scan-action",
                "trufflesecurity/trufflehog",
                "gitleaks/gitleaks-action",
                "zizmorcore/zizmor-action",
                "aquasecurity/trivy-action",
                "anchore/sbom-action",
                "actions/attest",
                "actions/attest-build-provenance",
                "actions/attest-sbom",
            ],
            reason: "analyses or attests for GitHub's security pages, and tests nothing",
        },
        Self {
            names: &[
                "step-security/harden-runner",
                "jlumbroso/free-disk-space",
                "easimon/maximize-build-space",
            ],
            reason: "changes GitHub's runner, which is not there; the job's container is isolated already",
        },
        Self {
            names: &[
                "styfle/cancel-workflow-action",
                "actions/create-github-app-token",
                "dawidd6/action-download-artifact",
            ],
            reason: "talks to GitHub's API, and a trial run has no rights there",
        },
    ];

    /// The row of an action, by `owner/repo[/path]` in lower case.
    pub(crate) fn of(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|row| named(row.names, name))
    }
}

/// An action that is an error of the plan although its code might be run: it
/// cannot do its work here, and tests may hang on it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    /// Names, as of [`Skipped`].
    pub(crate) names: &'static [&'static str],
    /// Why, in words that follow the action's name.
    pub(crate) reason: &'static str,
    /// The way out.
    pub(crate) hint: &'static str,
}

impl Refused {
    /// Every row.
    pub(crate) const ALL: &'static [Self] = &[
        Self {
            names: &["actions/github-script"],
            reason: "runs a script against GitHub's API, for which a trial run has no rights",
            hint: "do what tests need of it in a `run:` step",
        },
        Self {
            names: &["pypa/cibuildwheel"],
            reason: "starts containers of its own, and the job has no engine",
            hint: "build a wheel for the image's Python in a `run:` step: `pip wheel .`",
        },
        Self {
            names: &["tecolicom/actions-use-apt-tools"],
            reason: "installs Debian packages with the rights of root",
            hint: "install them in the image, in Dockerfile.test: `RUN apt-get install …`",
        },
    ];

    /// The row of an action, by `owner/repo[/path]` in lower case.
    pub(crate) fn of(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|row| named(row.names, name))
    }
}

/// Whether one of the names means the action, or a repository or owner above it.
pub(super) fn named(names: &[&str], action: &str) -> bool {
    names.iter().any(|name| {
        action
            .strip_prefix(name)
            .is_some_and(|rest| rest.is_empty() || name.ends_with('/') || rest.starts_with('/'))
    })
}

#[cfg(test)]
mod tests {
    use super::{Refused, Skipped};

    #[test]
    fn a_name_means_what_lies_below_it_and_no_other() {
        for name in [
            "github/codeql-action/init",
            "peter-evans/create-pull-request",
            "actions/attest",
        ] {
            assert!(Skipped::of(name).is_some(), "{name}");
        }
        for name in [
            "github/codeql-action2",
            "actions/checkout",
            "peter-evans2/x",
        ] {
            assert!(Skipped::of(name).is_none(), "{name}");
        }
        assert!(Refused::of("actions/github-script").is_some());
    }
}
