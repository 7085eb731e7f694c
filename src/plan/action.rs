//! `uses:` — which action is meant, and whether seatrial has a stand-in for it.

/// Where an action comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ActionRef {
    /// `owner/repo[/path]@ref`.
    Repository {
        /// `owner/repo`, with the path below it where there is one; lower case,
        /// as GitHub does not distinguish case here.
        name: String,
        /// Branch, tag or commit.
        reference: String,
    },
    /// `./path` in the repository.
    Local(String),
    /// `docker://image`.
    Docker(String),
}

impl ActionRef {
    /// Reads the value of `uses`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(image) = text.strip_prefix("docker://") {
            return Some(Self::Docker(image.to_owned()));
        }
        if text.starts_with("./") || text.starts_with(".\\") {
            return Some(Self::Local(text.to_owned()));
        }
        let (name, reference) = text.split_once('@')?;
        let mut parts = name.split('/');
        let (owner, repo) = (parts.next()?, parts.next()?);
        if owner.is_empty() || repo.is_empty() || reference.is_empty() {
            return None;
        }
        Some(Self::Repository {
            name: name.trim_end_matches('/').to_ascii_lowercase(),
            reference: reference.to_owned(),
        })
    }
}

/// The actions that seatrial stands in for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum BuiltIn {
    /// `actions/checkout`
    Checkout,
    /// `actions/setup-python`
    SetupPython,
    /// `actions/cache`
    Cache,
    /// `actions/upload-artifact`
    UploadArtifact,
    /// `actions/download-artifact`
    DownloadArtifact,
    /// `codecov/codecov-action`
    Codecov,
    /// `docker/setup-buildx-action`
    SetupBuildx,
    /// `re-actors/alls-green`
    AllsGreen,
}

impl BuiltIn {
    /// Every stand-in.
    pub(crate) const ALL: [Self; 8] = [
        Self::Checkout,
        Self::SetupPython,
        Self::Cache,
        Self::UploadArtifact,
        Self::DownloadArtifact,
        Self::Codecov,
        Self::SetupBuildx,
        Self::AllsGreen,
    ];

    /// The action it stands in for.
    pub(crate) fn action(self) -> &'static str {
        match self {
            Self::Checkout => "actions/checkout",
            Self::SetupPython => "actions/setup-python",
            Self::Cache => "actions/cache",
            Self::UploadArtifact => "actions/upload-artifact",
            Self::DownloadArtifact => "actions/download-artifact",
            Self::Codecov => "codecov/codecov-action",
            Self::SetupBuildx => "docker/setup-buildx-action",
            Self::AllsGreen => "re-actors/alls-green",
        }
    }

    /// The stand-in for an action, by `owner/repo`.
    pub(crate) fn of(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|built_in| built_in.action() == name)
    }

    /// Inputs that the stand-in reads. All others of the action are reported as
    /// having no effect here.
    pub(crate) fn inputs(self) -> &'static [&'static str] {
        match self {
            Self::Checkout => &["path", "repository"],
            Self::SetupPython => &["python-version", "python-version-file"],
            Self::Cache => &[
                "path",
                "key",
                "restore-keys",
                "lookup-only",
                "fail-on-cache-miss",
            ],
            Self::UploadArtifact => &[
                "name",
                "path",
                "if-no-files-found",
                "include-hidden-files",
                "overwrite",
            ],
            Self::DownloadArtifact => &["name", "path", "pattern", "merge-multiple"],
            Self::Codecov => &["file", "files", "fail_ci_if_error", "token"],
            Self::SetupBuildx => &[],
            Self::AllsGreen => &["jobs", "allowed-failures", "allowed-skips"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ActionRef, BuiltIn};

    #[test]
    fn forms_of_uses() {
        assert_eq!(
            ActionRef::parse("Actions/Checkout@v4"),
            Some(ActionRef::Repository {
                name: "actions/checkout".to_owned(),
                reference: "v4".to_owned()
            })
        );
        assert!(matches!(
            ActionRef::parse("./.github/actions/x"),
            Some(ActionRef::Local(_))
        ));
        assert!(matches!(
            ActionRef::parse("docker://alpine:3"),
            Some(ActionRef::Docker(_))
        ));
        for wrong in ["actions/checkout", "checkout@v4", "/x@v1", "a/b@"] {
            assert_eq!(ActionRef::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_stand_in_is_found_by_its_name() {
        for built_in in BuiltIn::ALL {
            assert_eq!(BuiltIn::of(built_in.action()), Some(built_in));
        }
        assert_eq!(BuiltIn::of("actions/unknown"), None);
    }
}
