//! Names of images, taken apart (distribution/reference, as `docker pull` reads them).

use globset::GlobBuilder;

/// A name of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    /// The registry; `docker.io` where none is named.
    pub(crate) registry: String,
    /// The repository: `library/python` for `python`.
    pub(crate) repository: String,
    /// The tag, where one is named.
    pub(crate) tag: Option<String>,
    /// The digest, where one is named.
    pub(crate) digest: Option<String>,
}

/// Docker's own registry.
const DOCKER: &str = "docker.io";
/// Where the official images are, there and in the mirrors of it that clouds keep.
const LIBRARY: &str = "library/";
/// Mirrors of Docker's official images under the same names.
const MIRRORS: [&str; 3] = [
    "docker.io/library/",
    "public.ecr.aws/docker/library/",
    "mirror.gcr.io/library/",
];

impl Reference {
    /// Reads a name.
    pub(crate) fn parse(text: &str) -> Self {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.to_owned())),
            None => (text, None),
        };
        let (registry, path) = match rest.split_once('/') {
            Some((first, path)) if first.contains(['.', ':']) || first == "localhost" => {
                (first, path)
            }
            _ => (DOCKER, rest),
        };
        let (path, tag) = match path.rsplit_once(':') {
            Some((path, tag)) if !tag.contains('/') => (path, Some(tag.to_owned())),
            _ => (path, None),
        };
        let registry = match registry {
            "index.docker.io" | "registry-1.docker.io" => DOCKER,
            other => other,
        };
        let repository = if registry == DOCKER && !path.contains('/') {
            format!("{LIBRARY}{path}")
        } else {
            path.to_owned()
        };
        Self {
            registry: registry.to_owned(),
            repository,
            tag,
            digest,
        }
    }

    /// Registry and repository.
    pub(crate) fn full(&self) -> String {
        format!("{}/{}", self.registry, self.repository)
    }

    /// Whether it is one of Docker's official images.
    pub(crate) fn is_official(&self) -> bool {
        let full = self.full();
        MIRRORS.iter().any(|mirror| full.starts_with(mirror))
    }

    /// Whether it has no tag, or the one that says nothing, and no digest either.
    pub(crate) fn is_latest(&self) -> bool {
        self.digest.is_none() && self.tag.as_deref().is_none_or(|tag| tag == "latest")
    }

    /// Whether a pattern of `scan.bases` means it: `python`, `python:3.12-*`,
    /// `registry.example.org/**`. One star stays within a part of the path.
    pub(crate) fn matches(&self, pattern: &str) -> bool {
        let wanted = Self::parse(pattern);
        let glob = |pattern: &str, text: &str| {
            GlobBuilder::new(pattern)
                .literal_separator(true)
                .build()
                .is_ok_and(|glob| glob.compile_matcher().is_match(text))
        };
        glob(&wanted.full(), &self.full())
            && wanted
                .tag
                .is_none_or(|tag| self.tag.as_deref().is_some_and(|own| glob(&tag, own)))
            && wanted
                .digest
                .is_none_or(|digest| self.digest.as_deref() == Some(&digest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        for (text, full, tag, digest) in [
            ("python", "docker.io/library/python", None, None),
            (
                "python:3.12-slim",
                "docker.io/library/python",
                Some("3.12-slim"),
                None,
            ),
            ("docker.io/python", "docker.io/library/python", None, None),
            (
                "bitnami/redis:7",
                "docker.io/bitnami/redis",
                Some("7"),
                None,
            ),
            (
                "ghcr.io/a/b:1@sha256:00",
                "ghcr.io/a/b",
                Some("1"),
                Some("sha256:00"),
            ),
            ("localhost:5000/x", "localhost:5000/x", None, None),
            ("localhost:5000/x:y", "localhost:5000/x", Some("y"), None),
        ] {
            let read = Reference::parse(text);
            assert_eq!(read.full(), full, "{text}");
            assert_eq!(read.tag.as_deref(), tag, "{text}");
            assert_eq!(read.digest.as_deref(), digest, "{text}");
        }
    }

    #[test]
    fn official_and_latest() {
        for (text, official, latest) in [
            ("python", true, true),
            ("python:latest", true, true),
            ("python:3.12", true, false),
            ("python@sha256:00", true, false),
            ("python:latest@sha256:00", true, false),
            ("public.ecr.aws/docker/library/python:3.12", true, false),
            ("someone/python:3.12", false, false),
            ("ghcr.io/library/python:3.12", false, false),
        ] {
            let read = Reference::parse(text);
            assert_eq!(read.is_official(), official, "{text}");
            assert_eq!(read.is_latest(), latest, "{text}");
        }
    }

    #[test]
    fn patterns_of_the_allow_list() {
        for (pattern, image, fits) in [
            ("python", "python:3.12", true),
            ("python", "docker.io/library/python", true),
            ("python", "someone/python", false),
            ("python:3.12-*", "python:3.12-slim", true),
            ("python:3.12-*", "python:3.13-slim", false),
            (
                "registry.example.org/**",
                "registry.example.org/a/b:1",
                true,
            ),
            (
                "registry.example.org/*",
                "registry.example.org/a/b:1",
                false,
            ),
            (
                "registry.example.org/**",
                "registry.example.org.evil.org/a",
                false,
            ),
            ("[", "python", false),
        ] {
            assert_eq!(
                Reference::parse(image).matches(pattern),
                fits,
                "{pattern} {image}"
            );
        }
    }
}
