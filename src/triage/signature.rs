//! What a failure looks like in a log, and what it means.

use serde::Serialize;

/// What kind of thing went wrong. What lies deeper explains what follows from it, see
/// [`Category::explains`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Category {
    /// The container engine does not answer or refuses.
    Engine,
    /// The machine that the job runs on was lost, or GitHub's part of it failed.
    Runner,
    /// No room left on a disk.
    Disk,
    /// Names are not resolved, hosts not reached.
    Network,
    /// A certificate or a proxy is in the way.
    Certificates,
    /// An image or its layers cannot be had from a registry.
    Registry,
    /// Files or sockets that the user may not use.
    Permissions,
    /// The image cannot be built.
    Build,
    /// Memory or processes ran out.
    Memory,
    /// A time limit was reached.
    Timeout,
    /// A service did not come up.
    Service,
    /// The checkout, or git itself.
    Git,
    /// Packages cannot be resolved or installed.
    Install,
    /// A command or a program is not there.
    Command,
    /// A library of the system is not there.
    Library,
    /// The version of Python does not fit.
    Python,
    /// The shell or its script is wrong.
    Shell,
    /// A module cannot be imported.
    Import,
    /// A database, its schema or its migrations.
    Database,
    /// A port is taken.
    Port,
    /// Time zone, language or encoding.
    Locale,
    /// A fixture or a plug-in of pytest.
    Fixture,
    /// Workers of a test run died.
    Worker,
    /// A connection was refused or broke: the other side is what matters.
    Connection,
    /// A test asserts something that does not hold.
    Test,
    /// No test was found.
    NoTests,
    /// Coverage was not measured, or is too low.
    Coverage,
    /// A report was not written or cannot be read.
    Report,
    /// An artifact cannot be kept or had.
    Artifact,
    /// Nothing of the table.
    Unknown,
}

impl Category {
    /// In words, for people.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Engine => "container engine",
            Self::Runner => "runner",
            Self::Disk => "disk",
            Self::Network => "network",
            Self::Certificates => "certificates and proxies",
            Self::Registry => "registry",
            Self::Permissions => "permissions",
            Self::Build => "image build",
            Self::Memory => "memory and processes",
            Self::Timeout => "time limit",
            Self::Service => "service",
            Self::Git => "git",
            Self::Install => "installing packages",
            Self::Command => "missing command",
            Self::Library => "missing library",
            Self::Python => "Python version",
            Self::Shell => "shell",
            Self::Import => "import",
            Self::Database => "database",
            Self::Port => "port",
            Self::Locale => "time zone, language, encoding",
            Self::Fixture => "fixture or plug-in",
            Self::Worker => "test worker",
            Self::Connection => "connection",
            Self::Test => "test",
            Self::NoTests => "no tests",
            Self::Coverage => "coverage",
            Self::Report => "report",
            Self::Artifact => "artifact",
            Self::Unknown => "unknown",
        }
    }

    /// Whether this kind of failure leads to the other one, where it came first in the same
    /// job.
    pub(crate) fn explains(self, symptom: Self) -> bool {
        use Category as C;
        // What a step that did not get that far cannot have left.
        let nothing_came = matches!(symptom, C::NoTests | C::Coverage | C::Report | C::Artifact);
        match self {
            C::Engine | C::Runner | C::Disk => symptom != self && symptom != C::Unknown,
            C::Network | C::Certificates => {
                nothing_came
                    || matches!(
                        symptom,
                        C::Registry
                            | C::Build
                            | C::Service
                            | C::Git
                            | C::Install
                            | C::Connection
                            | C::Command
                            | C::Import
                            | C::Timeout
                    )
            }
            C::Registry => nothing_came || matches!(symptom, C::Build | C::Service),
            C::Permissions => {
                nothing_came || matches!(symptom, C::Build | C::Install | C::Git | C::Service)
            }
            C::Build => nothing_came || matches!(symptom, C::Registry | C::Service),
            C::Memory => {
                nothing_came || matches!(symptom, C::Worker | C::Connection | C::Timeout | C::Build)
            }
            C::Timeout => nothing_came,
            C::Service => {
                nothing_came
                    || matches!(
                        symptom,
                        C::Network | C::Connection | C::Database | C::Timeout | C::Fixture
                    )
            }
            C::Git => nothing_came || matches!(symptom, C::Install | C::Python),
            C::Install => {
                nothing_came || matches!(symptom, C::Command | C::Import | C::Fixture | C::Build)
            }
            C::Command => nothing_came || matches!(symptom, C::Install | C::Build | C::Service),
            C::Shell => nothing_came || matches!(symptom, C::Command | C::Install | C::Build),
            C::Python => nothing_came || matches!(symptom, C::Install | C::Build | C::Import),
            C::Library => {
                nothing_came
                    || matches!(
                        symptom,
                        C::Import | C::Install | C::Build | C::Fixture | C::Service
                    )
            }
            C::Import => nothing_came || matches!(symptom, C::Fixture),
            C::Database => nothing_came || matches!(symptom, C::Fixture | C::Connection),
            C::Port => nothing_came || matches!(symptom, C::Service | C::Connection),
            C::Worker => (nothing_came && symptom != C::Coverage) || symptom == C::Connection,
            C::Locale | C::Connection => nothing_came && symptom != C::Coverage,
            C::Fixture => nothing_came,
            C::NoTests => matches!(symptom, C::Coverage | C::Report | C::Artifact),
            C::Coverage | C::Report => symptom == C::Artifact,
            // Tests in the build of an image: a command of the Dockerfile failed.
            C::Test => symptom == C::Build,
            C::Artifact | C::Unknown => false,
        }
    }
}

/// How sure it is that a line means what its signature says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Confidence {
    /// The words also stand in logs of steps that succeed.
    Possible,
    /// They are a failure, whose cause may lie deeper.
    Likely,
    /// They have no other meaning.
    Certain,
}

/// What a failure looks like in one line of a log.
#[derive(Debug)]
pub(crate) struct Signature {
    /// Its id; it can never be renamed.
    pub(crate) id: &'static str,
    /// What kind of failure.
    pub(crate) category: Category,
    /// How sure.
    pub(crate) confidence: Confidence,
    /// Words that all stand in the line, in this order.
    pub(crate) words: &'static [&'static str],
    /// Words of which none stands in it.
    pub(crate) unless: &'static [&'static str],
    /// What is wrong.
    pub(crate) cause: &'static str,
    /// What to do next.
    pub(crate) next: &'static str,
    /// A line that has it.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "what the tests of the table read")
    )]
    pub(crate) example: &'static str,
    /// The nearest line that has not.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "what the tests of the table read")
    )]
    pub(crate) near_miss: &'static str,
}

impl Signature {
    /// Whether a line has it.
    pub(crate) fn fits(&self, line: &str) -> bool {
        in_order(self.words, line) && !self.unless.iter().any(|word| line.contains(word))
    }
}

/// Whether all words stand in a line, in their order.
pub(super) fn in_order(words: &[&str], line: &str) -> bool {
    let mut rest = line;
    words.iter().all(|word| match rest.split_once(word) {
        Some((_, behind)) => {
            rest = behind;
            true
        }
        None => false,
    })
}

/// Signatures, one after the other: id, category, confidence, `[words]`, words that must not
/// be there, cause, next, example, near miss.
macro_rules! signatures {
    ($($id:literal $category:ident $confidence:ident $words:expr, $(not $unless:expr,)?
       $cause:literal, $next:literal, yes $example:literal, no $near_miss:literal;)*) => {
        /// The signatures of this file.
        pub(in crate::triage) const SIGNATURES: &[$crate::triage::signature::Signature] = &[$(
            $crate::triage::signature::Signature {
                id: $id,
                category: $crate::triage::signature::Category::$category,
                confidence: $crate::triage::signature::Confidence::$confidence,
                words: &$words,
                unless: signatures!(@unless $($unless)?),
                cause: $cause,
                next: $next,
                example: $example,
                near_miss: $near_miss,
            },
        )*];
    };
    (@unless) => { &[] };
    (@unless $unless:expr) => { &$unless };
}
pub(super) use signatures;
