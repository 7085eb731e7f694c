//! `os-release` (os-release(5)): the distribution of an image.

/// A distribution.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct OsRelease {
    /// `debian`, `alpine` …
    pub(crate) id: String,
    /// `12`, `3.18.4` …; empty for a rolling one.
    pub(crate) version: String,
    /// A name for people.
    pub(crate) name: String,
}

impl OsRelease {
    /// Reads the file.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let field = |name: &str| {
            text.lines().take(200).find_map(|line| {
                let value = line.trim().strip_prefix(name)?.strip_prefix('=')?;
                let value = value.trim().trim_matches(['"', '\'']);
                let plain: String = value
                    .chars()
                    .filter(|c| !c.is_control())
                    .take(100)
                    .collect();
                Some(plain)
            })
        };
        let id = field("ID").filter(|id| !id.is_empty())?;
        let version = field("VERSION_ID").unwrap_or_default();
        let name = field("PRETTY_NAME").unwrap_or_else(|| format!("{id} {version}"));
        Some(Self { id, version, name })
    }

    /// The ecosystem of its packages, as OSV names it (OSV schema, "Defined Ecosystems"):
    /// `Debian:12`, `Ubuntu:22.04`, `Alpine:v3.18`. Absent where OSV has none.
    pub(crate) fn ecosystem(&self) -> Option<String> {
        let mut numbers = self.version.split('.');
        let major = numbers.next().unwrap_or_default();
        let minor = numbers.next().unwrap_or_default();
        match self.id.as_str() {
            "debian" if !major.is_empty() => Some(format!("Debian:{major}")),
            "ubuntu" if !major.is_empty() => Some(format!("Ubuntu:{}", self.version)),
            "alpine" if !minor.is_empty() => Some(format!("Alpine:v{major}.{minor}")),
            _ => None,
        }
    }
}
