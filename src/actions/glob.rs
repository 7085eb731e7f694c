//! Patterns for files as GitHub's own actions read them (`@actions/glob`): a line
//! each, `!` leaves out, the last line that matches decides.

use globset::{GlobBuilder, GlobMatcher};

/// Several lines of patterns.
#[derive(Debug, Clone, Default)]
pub(super) struct Patterns {
    /// Whether a line takes in or leaves out, and what it matches.
    rules: Vec<(bool, Vec<GlobMatcher>)>,
    /// Folders and files to be read.
    roots: Vec<String>,
}

impl Patterns {
    /// Reads lines; `place` makes an absolute path of one. With `descendants` a
    /// pattern that matches a folder also matches everything below it.
    ///
    /// # Errors
    /// A pattern that cannot be read, in words.
    pub(super) fn parse(
        text: &str,
        place: &dyn Fn(&str) -> String,
        descendants: bool,
    ) -> Result<Self, String> {
        let mut patterns = Self::default();
        for line in text.lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (takes, pattern) = match line.strip_prefix('!') {
                Some(rest) => (false, place(rest.trim())),
                None => (true, place(line)),
            };
            let mut forms = vec![matcher(&pattern)?];
            if descendants {
                forms.push(matcher(&format!("{}/**", pattern.trim_end_matches('/')))?);
            }
            if takes {
                patterns.roots.push(root_of(&pattern));
            }
            patterns.rules.push((takes, forms));
        }
        patterns.roots.sort();
        patterns.roots.dedup();
        // What lies below another root is read with it.
        let all = patterns.roots.clone();
        patterns
            .roots
            .retain(|root| !all.iter().any(|other| is_below(root, other)));
        Ok(patterns)
    }

    /// Folders and files to be read: none lies below another.
    pub(super) fn roots(&self) -> &[String] {
        &self.roots
    }

    /// Whether an absolute path is meant.
    pub(super) fn matches(&self, path: &str) -> bool {
        self.rules
            .iter()
            .rev()
            .find(|(_, forms)| forms.iter().any(|glob| glob.is_match(path)))
            .is_some_and(|(takes, _)| *takes)
    }

    /// Whether a path or a folder above it is meant, down from `root`.
    pub(super) fn covers(&self, root: &str, path: &str) -> bool {
        let mut at = path;
        loop {
            if self.matches(at) {
                return true;
            }
            if at == root || at.is_empty() {
                return false;
            }
            at = at.rsplit_once('/').map_or("", |(parent, _)| parent);
        }
    }
}

/// Whether `path` lies below `folder`, and is not the folder itself.
fn is_below(path: &str, folder: &str) -> bool {
    path != folder
        && path
            .strip_prefix(folder.trim_end_matches('/'))
            .is_some_and(|rest| rest.starts_with('/'))
}

/// The part of a pattern before its first part with a wildcard.
fn root_of(pattern: &str) -> String {
    let parts: Vec<&str> = pattern
        .split('/')
        .take_while(|part| !part.contains(['*', '?', '[']))
        .collect();
    match parts.join("/") {
        root if root.is_empty() => "/".to_owned(),
        root => root,
    }
}

/// `@actions/glob` turns braces off: they stand for themselves.
fn matcher(pattern: &str) -> Result<GlobMatcher, String> {
    compile(&pattern.replace('{', "[{]").replace('}', "[}]"))
        .map_err(|error| format!("the pattern `{pattern}` cannot be read: {error}"))
}

/// A pattern for names or relative paths, with braces.
///
/// # Errors
/// A pattern that cannot be read.
pub(super) fn compile(pattern: &str) -> Result<GlobMatcher, globset::Error> {
    GlobBuilder::new(pattern)
        .literal_separator(true)
        .build()
        .map(|glob| glob.compile_matcher())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::Patterns;

    fn patterns(text: &str, descendants: bool) -> Patterns {
        Patterns::parse(text, &|line| format!("/w/{line}"), descendants).unwrap()
    }

    #[test]
    fn the_last_line_that_matches_decides() {
        let found = patterns("dist/**\n!dist/**/*.tmp\n# a remark\ndist/keep.tmp", true);
        assert_eq!(found.roots(), ["/w/dist"]);
        for (path, taken) in [
            ("/w/dist/a/b", true),
            ("/w/dist/a/b.tmp", false),
            ("/w/dist/keep.tmp", true),
            ("/w/other", false),
        ] {
            assert_eq!(found.matches(path), taken, "{path}");
        }
    }

    #[test]
    fn a_folder_means_what_is_in_it() {
        let found = patterns("d*t", true);
        assert!(found.matches("/w/dist/a/b") && found.matches("/w/dist"));
        assert_eq!(found.roots(), ["/w"]);
        let only = patterns("d*t", false);
        assert!(only.matches("/w/dist") && !only.matches("/w/dist/a"));
        assert!(only.covers("/w", "/w/dist/a/b") && !only.covers("/w", "/w/other/a"));
    }

    #[test]
    fn braces_stand_for_themselves() {
        let found = patterns("{a,b}.txt", true);
        assert!(found.matches("/w/{a,b}.txt") && !found.matches("/w/a.txt"));
    }

    #[test]
    fn roots_below_others_are_read_once() {
        assert_eq!(patterns("a/b\na\nab", true).roots(), ["/w/a", "/w/ab"]);
    }
}
