//! Versions of an engine's parts, and which of them are known to be dangerous.

/// The first three numbers of a version: `1.1.5+ds1` is 1.1.5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Number(u32, u32, u32);

impl Number {
    /// Reads a version as programs write it.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches(['v', 'V']);
        let end = text
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(text.len());
        let mut parts = text.get(..end)?.split('.').map(str::parse::<u32>);
        let mut next = || parts.next().transpose().ok().flatten();
        let first = next()?;
        Some(Self(first, next().unwrap_or(0), next().unwrap_or(0)))
    }
}

/// What is known against a version of runc.
pub(super) fn runc(version: &str) -> Option<&'static str> {
    let number = Number::read(version)?;
    if number < Number(1, 1, 12) {
        return Some("a container can get at the host's files (CVE-2024-21626)");
    }
    // Of a version to come, the first two candidates do not have the fix.
    let early = ["1.4.0-rc.1", "1.4.0-rc.2"]
        .iter()
        .any(|candidate| version.trim_start_matches('v').starts_with(candidate));
    let fixed =
        !early && number >= Number(1, 3, 3) || (Number(1, 2, 8)..Number(1, 3, 0)).contains(&number);
    (!fixed)
        .then_some("a container can get around the protection of /proc (CVE-2025-31133 and others)")
}

/// What is known against a version of Docker Engine.
pub(super) fn engine(version: &str) -> Option<&'static str> {
    (Number::read(version)? < Number(29, 5, 1)).then_some(
        "copying out of a hostile container can harm the engine (CVE-2026-41567, CVE-2026-42306)",
    )
}

#[cfg(test)]
mod tests {
    use super::{Number, engine, runc};

    #[test]
    fn versions_are_read_as_programs_write_them() {
        for (text, number) in [
            ("1.1.5+ds1", Some(Number(1, 1, 5))),
            ("v0.13.1", Some(Number(0, 13, 1))),
            ("20.10.24+dfsg1", Some(Number(20, 10, 24))),
            ("1.6.20~ds1", Some(Number(1, 6, 20))),
            ("29", Some(Number(29, 0, 0))),
            ("", None),
            ("unknown", None),
        ] {
            assert_eq!(Number::read(text), number, "{text}");
        }
    }

    #[test]
    fn known_trouble() {
        for (version, known) in [
            ("1.1.5", Some("CVE-2024-21626")),
            ("1.1.12", Some("CVE-2025-31133")),
            ("1.2.7", Some("CVE-2025-31133")),
            ("1.2.8", None),
            ("1.3.2", Some("CVE-2025-31133")),
            ("1.3.3", None),
            ("1.4.0-rc.2", Some("CVE-2025-31133")),
            ("1.4.0-rc.3", None),
            ("1.4.0", None),
            ("?", None),
        ] {
            let found = runc(version);
            assert_eq!(found.is_some(), known.is_some(), "{version}");
            assert!(
                found
                    .unwrap_or_default()
                    .contains(known.unwrap_or_default())
            );
        }
        assert!(engine("20.10.24").is_some() && engine("29.5.1").is_none());
    }
}
