//! `uses:` — which action is meant, and what seatrial does in its place.

mod github;
mod meaning;
mod own_code;
mod reports;
mod skipped;
mod tools;

pub(crate) use meaning::Meaning;
pub(crate) use own_code::OwnCode;
pub(crate) use skipped::{Refused, Skipped};

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
    /// `./path` or `$/path` in the repository.
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
        if ["./", ".\\", "$/"]
            .iter()
            .any(|here| text.starts_with(here))
        {
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

/// What is known of an action that seatrial stands in for: one row of the table.
#[derive(Debug)]
pub(crate) struct Action {
    /// Its names, `owner/repo[/path]` in lower case. Actions that do the same and
    /// take the same inputs share a row; the first one names it.
    pub(crate) names: &'static [&'static str],
    /// Inputs that mean here what they mean on GitHub, each with the value that
    /// the action gives it when the workflow does not.
    pub(crate) reads: &'static [(&'static str, &'static str)],
    /// Inputs of the action that have no effect here; that is said when they are
    /// given.
    pub(crate) ignores: &'static [&'static str],
    /// Outputs that are set.
    pub(crate) outputs: &'static [&'static str],
    /// How much of the action there is.
    pub(crate) state: State,
}

/// How much of an action its stand-in does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// All that has a meaning off GitHub.
    Full,
    /// A part, in words: what is different.
    Partial(&'static str),
    /// Nothing can be set up: what the image has is checked, in words.
    Image(&'static str),
}

/// The stand-ins, each with its row of the table.
macro_rules! built_ins {
    ($($name:ident => $row:path),+ $(,)?) => {
        /// The actions that seatrial stands in for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) enum BuiltIn {
            $(
                #[doc = concat!("See [`", stringify!($row), "`].")]
                $name,
            )+
        }

        impl BuiltIn {
            /// Every stand-in.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Its row of the table.
            pub(crate) fn row(self) -> &'static Action {
                match self {
                    $(Self::$name => &$row),+
                }
            }
        }
    };
}

built_ins! {
    Checkout => github::CHECKOUT,
    SetupPython => github::SETUP_PYTHON,
    Cache => github::CACHE,
    CacheRestore => github::CACHE_RESTORE,
    CacheSave => github::CACHE_SAVE,
    UploadArtifact => github::UPLOAD_ARTIFACT,
    MergeArtifacts => github::MERGE_ARTIFACTS,
    DownloadArtifact => github::DOWNLOAD_ARTIFACT,
    SetupNode => tools::SETUP_NODE,
    SetupGo => tools::SETUP_GO,
    SetupJava => tools::SETUP_JAVA,
    SetupRuby => tools::SETUP_RUBY,
    SetupRust => tools::SETUP_RUST,
    SetupUv => tools::SETUP_UV,
    InstallPoetry => tools::INSTALL_POETRY,
    ActionsPoetry => tools::ACTIONS_POETRY,
    SetupPdm => tools::SETUP_PDM,
    SetupNox => tools::SETUP_NOX,
    InstallHatch => tools::INSTALL_HATCH,
    SetupPixi => tools::SETUP_PIXI,
    SetupJust => tools::SETUP_JUST,
    InstallTool => tools::INSTALL_TOOL,
    AptPackages => tools::APT_PACKAGES,
    SetupBrowser => tools::SETUP_BROWSER,
    Ruff => tools::RUFF,
    PreCommit => tools::PRE_COMMIT,
    Retry => tools::RETRY,
    Codecov => reports::CODECOV,
    CodecovTestResults => reports::CODECOV_TEST_RESULTS,
    Coveralls => reports::COVERALLS,
    AllsGreen => reports::ALLS_GREEN,
    PathsFilter => reports::PATHS_FILTER,
    ChangedFiles => reports::CHANGED_FILES,
    SetupBuildx => reports::SETUP_BUILDX,
    BuildPush => reports::BUILD_PUSH,
    DockerMetadata => reports::DOCKER_METADATA,
}

impl BuiltIn {
    /// The action it stands in for; of several, the one that names it.
    pub(crate) fn action(self) -> &'static str {
        self.row().names.first().copied().unwrap_or_default()
    }

    /// The stand-in for an action, by `owner/repo[/path]` in lower case.
    pub(crate) fn of(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|built_in| built_in.row().names.contains(&name))
    }

    /// Inputs that the stand-in reads.
    pub(crate) fn inputs(self) -> impl Iterator<Item = &'static str> {
        self.row().reads.iter().map(|(name, _)| *name)
    }

    /// What the action gives an input that the workflow does not give.
    pub(crate) fn default_of(self, input: &str) -> &'static str {
        self.row()
            .reads
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(input))
            .map_or("", |(_, default)| default)
    }
}

#[cfg(test)]
mod tests {
    use super::{ActionRef, BuiltIn, Refused, Skipped};

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
    fn every_name_leads_to_one_row() {
        let mut seen = std::collections::BTreeSet::new();
        for built_in in BuiltIn::ALL {
            for name in built_in.row().names {
                assert_eq!(BuiltIn::of(name), Some(*built_in));
                assert!(seen.insert(*name), "{name} stands in two rows");
                assert_eq!(*name, name.to_ascii_lowercase());
                assert!(Skipped::of(name).is_none() && Refused::of(name).is_none());
            }
        }
        assert_eq!(BuiltIn::of("actions/unknown"), None);
    }

    #[test]
    fn no_input_is_named_twice() {
        for built_in in BuiltIn::ALL {
            let row = built_in.row();
            let mut seen = std::collections::BTreeSet::new();
            let names = row.reads.iter().map(|(name, _)| name).chain(row.ignores);
            for name in names {
                assert!(seen.insert(name), "{}: {name}", built_in.action());
            }
        }
    }
}
