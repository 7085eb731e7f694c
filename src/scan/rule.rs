//! The rules: one table of ids, severities and remedies.
//!
//! Ids are published: they may be added, never changed or used again. `docs/scan.md` has
//! a heading for each; a test holds both together.

use super::finding::{Level, Severity};
use crate::record::Cause;

macro_rules! rules {
    ($( $rule:ident = $id:literal, $name:literal, $severity:ident, $level:ident, $cause:ident, $title:literal, $remedy:literal; )*) => {
        /// What an image, its Dockerfile or its workflow is looked at for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum Rule { $( #[doc = $title] $rule, )* }

        impl Rule {
            /// Every rule, in the order of the ids.
            pub(crate) const ALL: &'static [Self] = &[$( Self::$rule, )*];

            /// The published id.
            pub(crate) fn id(self) -> &'static str {
                match self { $( Self::$rule => $id, )* }
            }

            /// A name that can be remembered, which `seatrial.toml` takes as well.
            pub(crate) fn name(self) -> &'static str {
                match self { $( Self::$rule => $name, )* }
            }

            /// How grave it is. A vulnerability has its own.
            pub(crate) fn severity(self) -> Severity {
                match self { $( Self::$rule => Severity::$severity, )* }
            }

            /// What it means where the settings say nothing.
            pub(crate) fn level(self) -> Level {
                match self { $( Self::$rule => Level::$level, )* }
            }

            /// The published reason when it is denied.
            pub(crate) fn cause(self) -> Cause {
                match self { $( Self::$rule => Cause::$cause, )* }
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
    RootUser = "ST1001", "root-user", High, Deny, RootUser,
        "the image runs as root",
        "end the Dockerfile with `USER` and a number, such as `USER 1000`";
    UnofficialBase = "ST1101", "unofficial-base", Medium, Warn, UnofficialBase,
        "a base image is not an official one",
        "build on an official image, or name the ones you trust in `scan.bases`";
    UnlistedBase = "ST1102", "unlisted-base", High, Deny, UnofficialBase,
        "a base image is not on the list of the settings",
        "build on one of `scan.bases`, or add this one to it";
    LatestBase = "ST1103", "latest-base", Medium, Warn, UnpinnedBase,
        "a base image has no tag, or `latest`",
        "name a version: `python:3.12-slim`";
    NoDigest = "ST1104", "base-without-digest", Low, Warn, UnpinnedBase,
        "a base image is not pinned by its digest",
        "add the digest: `python:3.12-slim@sha256:…`; a bot can keep it fresh";
    SecretInEnv = "ST1201", "secret-in-env", Critical, Deny, SecretInEnv,
        "a variable of the image holds a secret",
        "take it out, revoke it, and give it to the step that needs it as a secret of the workflow";
    SecretInArg = "ST1202", "secret-in-arg", High, Deny, SecretInEnv,
        "a build argument holds a secret",
        "mount it where it is needed: `RUN --mount=type=secret,id=…`; arguments stay in the image's history";
    SecretInHistory = "ST1203", "secret-in-history", Critical, Deny, SecretInEnv,
        "the history of the image holds a secret",
        "revoke it, mount it with `RUN --mount=type=secret,id=…` instead, and build again";
    SecretInFile = "ST1204", "secret-in-file", Critical, Deny, SecretInEnv,
        "a file of the image holds a secret",
        "keep the file out by `.dockerignore` and revoke the secret: removing it in a later layer does not remove it";
    PipeToShell = "ST1301", "pipe-to-shell", Medium, Warn, PolicyRule,
        "a download goes straight into a shell",
        "download a version, check its checksum, then run it";
    WorldWritable = "ST1401", "world-writable", Medium, Warn, PolicyRule,
        "files can be written by everybody",
        "take the right away: `chmod o-w`, or `COPY --chmod`";
    SetuidFile = "ST1402", "setuid-file", High, Warn, PolicyRule,
        "programs gain the rights of another user",
        "take the bit away: `chmod a-s`";
    UsualSetuid = "ST1403", "usual-setuid-file", Info, Warn, PolicyRule,
        "setuid programs of the distribution are there",
        "take the bits away: `find / -xdev -perm /6000 -type f -exec chmod a-s {} +`";
    PackageCache = "ST1501", "package-cache", Low, Warn, PolicyRule,
        "a cache of a package manager is left",
        "remove it in the same `RUN`, or mount it: `RUN --mount=type=cache,target=…`";
    ImageSize = "ST1502", "image-size", Medium, Deny, PolicyRule,
        "the image is larger than its budget",
        "leave out what the tests do not need, or raise `scan.max-size`";
    NoDockerignore = "ST1601", "no-dockerignore", Medium, Warn, PolicyRule,
        "there is no `.dockerignore`",
        "write one that names `.git`, virtual environments, caches and files with secrets";
    LeakyDockerignore = "ST1602", "leaky-dockerignore", Medium, Warn, PolicyRule,
        "the `.dockerignore` lets through what does not belong into an image",
        "add a line for it, such as `**/.venv`";
    PrivilegedOption = "ST1701", "privileged-option", Critical, Deny, PrivilegedOption,
        "a container gets rights over its machine",
        "take the option out, or grant it in seatrial.toml: `[container] allow = [\"…\"]`";
    DockerSocket = "ST1702", "docker-socket", Critical, Deny, DockerSocket,
        "a container gets the engine's socket, and with it the rights of root on its machine",
        "take the mount out, or grant it in seatrial.toml: `[container] docker-socket = [\"job\"]`";
    Vulnerability = "ST2001", "vulnerability", Unknown, Deny, VulnerabilityThreshold,
        "a package has a known vulnerability",
        "update the package, or build on a newer base";
    ExpiredIgnore = "ST2002", "expired-ignore", Medium, Warn, VulnerabilityThreshold,
        "an entry of `scan.ignore` is over",
        "look at the vulnerability again: remove the entry, or give it a new date and reason";
    OldDatabase = "ST2003", "old-database", Medium, Warn, VulnerabilityThreshold,
        "the database of vulnerabilities is too old",
        "get a new one, by `--download` where there is a network, or allow more days with `scan.db-max-age`";
    NotChecked = "ST2004", "not-checked", Info, Warn, VulnerabilityThreshold,
        "packages were not checked for vulnerabilities",
        "add the database of that ecosystem, or scan with `--scanner trivy` or `--scanner grype`";
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

    /// The heading in `docs/scan.md`.
    #[cfg(test)]
    pub(crate) fn heading(self) -> String {
        format!("### {} {}", self.id(), self.name())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const PAGE: &str = include_str!("../../docs/scan.md");

    #[test]
    fn every_rule_has_its_heading_and_the_page_no_other() {
        let headings: Vec<&str> = PAGE
            .lines()
            .filter(|line| line.starts_with("### ST"))
            .collect();
        let rules: Vec<String> = Rule::ALL.iter().map(|rule| rule.heading()).collect();
        assert_eq!(headings, rules);
        for rule in Rule::ALL {
            let (_, after) = PAGE.split_once(&rule.heading()).unwrap();
            let line = after.trim_start().lines().next().unwrap();
            let severity = match rule {
                Rule::Vulnerability => "its own",
                _ => rule.severity().as_str(),
            };
            let expected = format!("*Severity {severity}, level {}.*", rule.level().as_str());
            assert_eq!(line, expected, "{}", rule.id());
        }
    }

    #[test]
    fn ids_rise_and_are_found_by_both_names() {
        assert!(Rule::ALL.windows(2).all(|pair| pair[0].id() < pair[1].id()));
        for rule in Rule::ALL {
            assert_eq!(Rule::find(rule.id()), Some(*rule));
            assert_eq!(Rule::find(&rule.name().to_uppercase()), Some(*rule));
        }
        assert_eq!(Rule::find("ST0000"), None);
    }
}
