//! Actions whose own code is run, as that of any other, and of which something is to
//! be known.

/// One row.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct OwnCode {
    /// Names, `owner/repo` in lower case, with the actions in folders below them.
    pub(crate) names: &'static [&'static str],
    /// Whether it does its work with a container engine.
    pub(crate) engine: bool,
    /// What is to be known.
    pub(crate) note: &'static str,
}

impl OwnCode {
    /// Every row.
    pub(crate) const ALL: &'static [Self] = &[
        Self {
            names: &["docker/bake-action"],
            engine: true,
            note: "its own code, in jobs that have the engine's socket; the image needs `docker` with buildx",
        },
        Self {
            names: &[
                "conda-incubator/setup-miniconda",
                "mamba-org/setup-micromamba",
                "mamba-org/provision-with-micromamba",
            ],
            engine: false,
            note: "its own code: it brings conda and makes the environment as on GitHub; steps that use it need `shell: bash -el {0}` as there",
        },
    ];

    /// The row of an action, by `owner/repo[/path]` in lower case.
    pub(crate) fn of(name: &str) -> Option<&'static Self> {
        Self::ALL
            .iter()
            .find(|row| super::skipped::named(row.names, name))
    }
}
