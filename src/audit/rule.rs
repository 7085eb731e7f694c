//! The rules: one table of ids, severities and remedies.
//!
//! Ids are published: they may be added, never changed or used again. `docs/audit.md` has
//! a heading for each; a test holds both together.

use crate::scan::Severity;

macro_rules! rules {
    ($( $rule:ident = $id:literal, $name:literal, $severity:ident, $title:literal, $remedy:literal; )*) => {
        /// What a workflow is looked at for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum Rule { $( #[doc = $title] $rule, )* }

        impl Rule {
            /// Every rule, in the order of the ids.
            pub(crate) const ALL: &'static [Self] = &[$( Self::$rule, )*];

            /// The published id.
            pub(crate) fn id(self) -> &'static str {
                match self { $( Self::$rule => $id, )* }
            }

            /// A name that can be remembered, which settings and comments take as well.
            pub(crate) fn name(self) -> &'static str {
                match self { $( Self::$rule => $name, )* }
            }

            /// How grave it is.
            pub(crate) fn severity(self) -> Severity {
                match self { $( Self::$rule => Severity::$severity, )* }
            }

            /// What it is about, without full stop.
            pub(crate) fn title(self) -> &'static str {
                match self { $( Self::$rule => $title, )* }
            }

            /// The way out, an imperative.
            pub(crate) fn remedy(self) -> &'static str {
                match self { $( Self::$rule => $remedy, )* }
            }
        }
    };
}

rules! {
    MaskedGate = "ST3001", "masked-gate", High,
        "the failure of a test command is swallowed",
        "let it fail the step; what has to run afterwards belongs into a step with `if: always()`";
    ErrexitOff = "ST3002", "errexit-off", High,
        "a test command runs where a failure does not end the script",
        "take `set +e` out, or keep the status at once: `code=$?`, and end with `exit $code`";
    ForgivenGate = "ST3003", "forgiven-gate", Medium,
        "a step that tests may fail without consequence",
        "take `continue-on-error` out, or look at `steps.ID.outcome` in a later step";
    GateWhenPresent = "ST3004", "gate-when-present", High,
        "a threshold is only checked where its report is there",
        "fail where the report is missing: `test -f coverage.xml` on a line of its own, or `else exit 1`";
    PipedGate = "ST3005", "piped-gate", High,
        "the exit status of a test command is lost in a pipe",
        "say `shell: bash`, which has pipefail, or begin the script with `set -o pipefail`";
    StatusOfAnother = "ST3006", "status-of-another", High,
        "the exit status of a test command is asked for too late",
        "keep it in the next command: `code=$?`; assign a command's output without `export` or `local`";
    ReportInRemovedContainer = "ST3101", "report-in-removed-container", High,
        "a report is copied from a container that is gone",
        "leave `--rm` out and remove the container after `docker cp`";
    UnusedReport = "ST3102", "unused-report", Low,
        "a report is written and never used",
        "upload it with actions/upload-artifact and `if: always()`, or do not write it";
    HiddenReport = "ST3103", "hidden-report", High,
        "an upload leaves hidden files out",
        "add `include-hidden-files: true`";
    UnwritableReport = "ST3104", "unwritable-report", High,
        "the user of a container may not write where it has to",
        "write below `/tmp` or a mounted folder, or use the user that owns it (1001 on GitHub's runners)";
    MountWithoutUser = "ST3201", "mount-without-user", Medium,
        "a container writes into the workspace as root",
        "add `--user \"$(id -u):$(id -g)\"`, or mount it `:ro` and copy the results out with `docker cp`";
    UnlimitedContainer = "ST3202", "unlimited-container", Low,
        "a container may take all memory of the machine",
        "add `--memory`, and `--pids-limit` where tests start processes";
    SecretOnCommandLine = "ST3203", "secret-on-command-line", High,
        "a secret stands on the command line of a container or a build",
        "mount a file (`--mount type=bind,readonly`), `RUN --mount=type=secret` for builds, or at least `-e NAME` without the value";
    SleepForService = "ST3301", "sleep-for-service", Medium,
        "a service is awaited by sleeping",
        "wait for the service itself: a health check, `docker compose up --wait`, or a loop with an end";
    ServiceWithoutHealth = "ST3302", "service-without-health", Medium,
        "nothing waits until a service is ready",
        "give it a health check in `options`, such as `--health-cmd pg_isready --health-interval 2s`";
    ImageBuiltInEachJob = "ST3401", "image-built-in-each-job", Low,
        "several jobs build the same image",
        "build it in one job, or share the layers: `cache-from` and `cache-to`";
    InstallWithoutCache = "ST3402", "install-without-cache", Low,
        "several jobs download the same packages",
        "cache them: `cache: pip` of actions/setup-python, or actions/cache";
    UnreachableJob = "ST3501", "unreachable-job", High,
        "a job can never run",
        "mend its condition, or take the job out";
    SilentJob = "ST3502", "silent-job", Medium,
        "a job may fail without anybody noticing",
        "take `continue-on-error` out, or let a job that needs it look at its result";
    UncheckedNeeds = "ST3503", "unchecked-needs", High,
        "a job runs in any case and does not look at the results of those that it needs",
        "fail unless `needs.*.result` are all `success`, or take `always()` out";
    ComposeV1 = "ST3601", "compose-v1", High,
        "docker-compose (version 1) is no longer on GitHub's runners",
        "write `docker compose`";
    DeprecatedAction = "ST3602", "deprecated-action", High,
        "a version of an action no longer works or is about to stop",
        "use the version that is named";
    DeprecatedCommand = "ST3603", "deprecated-command", Medium,
        "a workflow command is disabled or deprecated",
        "write to the environment file: `echo \"name=value\" >> \"$GITHUB_OUTPUT\"`";
    FloatVersion = "ST3604", "float-version", High,
        "a version is read as a number",
        "quote it";
    BashUnderSh = "ST3605", "bash-under-sh", High,
        "syntax of bash in a script that `sh` runs",
        "say `shell: bash`, or write it as POSIX has it";
    TemplateInjection = "ST3701", "template-injection", High,
        "text that anybody can write becomes part of a script",
        "give it to the step as a variable (`env:`) and write \"$NAME\" in the script";
    NoTimeout = "ST3801", "no-timeout", Low,
        "a job that hangs runs for six hours",
        "add `timeout-minutes`";
    OtherSystem = "ST3802", "other-system", Info,
        "a leg needs Windows or macOS",
        "leave it on GitHub's runners: Linux containers cannot stand in for it";
    UnusedIgnore = "ST3901", "unused-ignore", Info,
        "a comment ignores a rule that finds nothing there",
        "take the comment out, or move it to the line of the finding";
}

impl Rule {
    /// The rule of an id or a name, in any case.
    pub(crate) fn find(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| {
            rule.id().eq_ignore_ascii_case(text) || rule.name().eq_ignore_ascii_case(text)
        })
    }

    /// Where the documentation tells more: the anchor of the heading.
    pub(crate) fn anchor(self) -> String {
        format!("{}-{}", self.id(), self.name()).to_ascii_lowercase()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const PAGE: &str = include_str!("../../docs/audit.md");

    #[test]
    fn every_rule_has_its_heading_and_the_page_no_other() {
        let heading = |rule: &Rule| format!("### {} {}", rule.id(), rule.name());
        let headings: Vec<&str> = PAGE
            .lines()
            .filter(|line| line.starts_with("### ST"))
            .collect();
        let rules: Vec<String> = Rule::ALL.iter().map(heading).collect();
        assert_eq!(headings, rules);
        for rule in Rule::ALL {
            let (_, after) = PAGE.split_once(&heading(rule)).unwrap();
            let line = after.trim_start().lines().next().unwrap();
            let expected = format!("*Severity {}.*", rule.severity().as_str());
            assert_eq!(line, expected, "{}", rule.id());
        }
    }

    #[test]
    fn ids_rise_and_are_found_by_both_names() {
        assert!(Rule::ALL.windows(2).all(|pair| pair[0].id() < pair[1].id()));
        for rule in Rule::ALL {
            assert_eq!(Rule::find(rule.id()), Some(*rule));
            assert_eq!(Rule::find(&rule.name().to_uppercase()), Some(*rule));
            // No id means two things, in whatever file it stands.
            assert_eq!(crate::scan::Rule::find(rule.id()), None);
            assert_eq!(crate::scan::Rule::find(rule.name()), None);
        }
    }
}
