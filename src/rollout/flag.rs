//! The value of `CI_USE_DOCKER_TESTS`.

use std::fmt;

/// Where the tests run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flag {
    /// In the container.
    Container,
    /// On the runner.
    Runner,
    /// In the container for this share of the commits, 0 to 100.
    Share(u8),
    /// In both; the runner's result counts.
    Shadow,
}

/// Where the tests of one commit run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FlagPlace {
    /// In the container.
    Container,
    /// On the runner.
    Runner,
    /// In both.
    Shadow,
}

impl FlagPlace {
    /// The word for it, as converted workflows have it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::Runner => "runner",
            Self::Shadow => "shadow",
        }
    }
}

impl Flag {
    /// Reads a value; `None` for what converted workflows do not understand either.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text.strip_suffix('%').unwrap_or(text) {
            "true" | "True" | "TRUE" | "yes" | "on" => Some(Self::Container),
            "false" | "False" | "FALSE" | "no" | "off" => Some(Self::Runner),
            "shadow" => Some(Self::Shadow),
            digits if digits.bytes().all(|one| one.is_ascii_digit()) => {
                let share = digits.parse().ok().filter(|share| *share <= 100)?;
                Some(Self::Share(share))
            }
            _ => None,
        }
    }

    /// Where the tests of a commit run, by the same count as `docker-tests.sh` of converted
    /// workflows: the first 28 bits of the hash, modulo 100. `None` without a hash.
    pub(crate) fn of_commit(self, sha: &str) -> Option<FlagPlace> {
        Some(match self {
            Self::Container => FlagPlace::Container,
            Self::Runner => FlagPlace::Runner,
            Self::Shadow => FlagPlace::Shadow,
            Self::Share(share) => {
                let number = u32::from_str_radix(sha.get(..7)?, 16).ok()? % 100;
                match number < u32::from(share) {
                    true => FlagPlace::Container,
                    false => FlagPlace::Runner,
                }
            }
        })
    }

    /// Whether containers decide about any commit.
    pub(crate) fn counts_containers(self) -> bool {
        match self {
            Self::Container => true,
            Self::Share(share) => share > 0,
            Self::Runner | Self::Shadow => false,
        }
    }
}

impl fmt::Display for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Container => f.write_str("true"),
            Self::Runner => f.write_str("false"),
            Self::Shadow => f.write_str("shadow"),
            Self::Share(share) => write!(f, "{share}%"),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn values_are_those_of_converted_workflows() {
        for (text, flag) in [
            ("true", Some(Flag::Container)),
            ("on", Some(Flag::Container)),
            ("false", Some(Flag::Runner)),
            ("shadow", Some(Flag::Shadow)),
            ("25%", Some(Flag::Share(25))),
            ("100", Some(Flag::Share(100))),
            ("101%", None),
            ("", None),
            ("%", None),
            ("maybe", None),
            ("-5%", None),
        ] {
            assert_eq!(Flag::parse(text), flag, "{text:?}");
            if let Some(flag) = flag {
                assert_eq!(Flag::parse(&flag.to_string()), Some(flag));
            }
        }
    }

    #[test]
    fn a_share_takes_the_commits_by_their_hash() {
        // 0x00000ff is 255, the 55th of a hundred.
        let sha = "00000ff000000000000000000000000000000000";
        for (share, place) in [
            (0, FlagPlace::Runner),
            (55, FlagPlace::Runner),
            (56, FlagPlace::Container),
            (100, FlagPlace::Container),
        ] {
            assert_eq!(Flag::Share(share).of_commit(sha), Some(place), "{share}");
        }
        assert_eq!(Flag::Share(50).of_commit(""), None);
        assert_eq!(Flag::Shadow.of_commit(""), Some(FlagPlace::Shadow));
    }
}
