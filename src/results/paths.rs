//! From the file names of a report, written in a container, to paths in the
//! repository.

use std::cmp::Ordering;
use std::collections::HashSet;

/// Where a file of a report belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mapped {
    /// Path relative to the repository: not empty, `/` between the parts, no
    /// `.`, `..`, empty part or backslash.
    Path(String),
    /// It could not be placed.
    Unmapped,
}

/// Places file names of reports in the repository.
///
/// An absolute name under the workspace loses the workspace. A relative name is
/// looked for among the repository's files: under each source directory of the
/// report, as it is, and last as the file that shares the longest end with it.
#[derive(Debug, Clone)]
pub(crate) struct PathMap {
    /// Parts of the workspace; `None` where it is no usable absolute path.
    workspace: Option<Vec<String>>,
    /// Source directories relative to the workspace, `""` for the workspace.
    roots: Vec<String>,
    known: HashSet<String>,
    /// The known files, sorted by their parts from the last to the first.
    by_end: Vec<String>,
}

impl PathMap {
    /// A map for reports written with the repository at `workspace` (absolute
    /// path in the container), with the `<source>` directories of the report
    /// and the files of the repository (relative, `/` between the parts).
    ///
    /// Sources outside of the workspace, and with `..` or backslashes, are of no
    /// use and left out; so are such files.
    pub(crate) fn new(
        workspace: &str,
        sources: &[String],
        known: impl IntoIterator<Item = String>,
    ) -> Self {
        let workspace = Parts::of(workspace).filter(|parts| parts.absolute);
        let workspace: Option<Vec<String>> =
            workspace.map(|parts| parts.names.iter().map(|&part| part.to_owned()).collect());
        let known: HashSet<String> = known
            .into_iter()
            .filter_map(|path| {
                let parts = Parts::of(&path)?;
                let inside = !parts.absolute && !parts.names.is_empty();
                inside.then(|| parts.names.join("/"))
            })
            .collect();
        let mut by_end: Vec<String> = known.iter().cloned().collect();
        by_end.sort_unstable_by(|a, b| compare_ends(a, b));
        let mut map = Self {
            workspace,
            roots: Vec::new(),
            known,
            by_end,
        };
        for source in sources {
            let root = Parts::of(source).and_then(|parts| map.inside(&parts));
            if let Some(root) = root
                && !map.roots.contains(&root)
            {
                map.roots.push(root);
            }
        }
        map
    }

    /// Where the file belongs.
    pub(crate) fn map(&self, name: &str) -> Mapped {
        self.place(name).map_or(Mapped::Unmapped, Mapped::Path)
    }

    fn place(&self, name: &str) -> Option<String> {
        let parts = Parts::of(name)?;
        let path = self.inside(&parts).filter(|path| !path.is_empty())?;
        if parts.absolute {
            return Some(path);
        }
        for root in &self.roots {
            let full = if root.is_empty() {
                path.clone()
            } else {
                format!("{root}/{path}")
            };
            if self.known.contains(&full) {
                return Some(full);
            }
        }
        if self.known.contains(&path) {
            return Some(path);
        }
        self.by_longest_end(&path)
    }

    /// The path relative to the workspace; `None` outside of it.
    fn inside(&self, parts: &Parts<'_>) -> Option<String> {
        if !parts.absolute {
            return Some(parts.names.join("/"));
        }
        let workspace = self.workspace.as_ref()?;
        let (head, rest) = parts.names.split_at_checked(workspace.len())?;
        (head == workspace.as_slice()).then(|| rest.join("/"))
    }

    /// The one known file that shares more parts at its end with the path than
    /// any other: the whole path, or at least two parts.
    fn by_longest_end(&self, path: &str) -> Option<String> {
        let at = self
            .by_end
            .partition_point(|known| compare_ends(known, path) == Ordering::Less);
        // Files with the longest common end stand next to where the path would.
        let shared = |index: Option<usize>| {
            let known = index.and_then(|index| self.by_end.get(index));
            known.map_or(0, |known| common_end(known, path))
        };
        let (before, after) = (shared(at.checked_sub(1)), shared(Some(at)));
        let best = before.max(after);
        let enough = best >= 2 || best == path.split('/').count();
        if best == 0 || !enough || before == after {
            return None;
        }
        let (found, next) = if before > after {
            (at.checked_sub(1)?, at.checked_sub(2))
        } else {
            (at, at.checked_add(1))
        };
        if shared(next) == best {
            return None;
        }
        self.by_end.get(found).cloned()
    }
}

/// A path in its parts, without `.` and empty ones.
struct Parts<'a> {
    absolute: bool,
    names: Vec<&'a str>,
}

impl<'a> Parts<'a> {
    /// `None` for what is never placed: an empty path, `..`, backslashes and
    /// control characters.
    fn of(path: &'a str) -> Option<Self> {
        if path.is_empty() || path.chars().any(|c| c == '\\' || c.is_control()) {
            return None;
        }
        let names: Vec<&str> = path
            .split('/')
            .filter(|part| !part.is_empty() && *part != ".")
            .collect();
        let absolute = path.starts_with('/');
        (!names.contains(&"..")).then_some(Self { absolute, names })
    }
}

fn compare_ends(a: &str, b: &str) -> Ordering {
    a.rsplit('/').cmp(b.rsplit('/'))
}

/// Number of parts at the end that the paths share.
fn common_end(a: &str, b: &str) -> usize {
    a.rsplit('/')
        .zip(b.rsplit('/'))
        .take_while(|(a, b)| a == b)
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: &[&str] = &[
        "src/shop/cart.py",
        "src/shop/__init__.py",
        "lib/__init__.py",
        "setup.py",
        "a/deep/tree/mod.py",
        "b/deep/tree/mod.py",
        "c/tree/mod.py",
    ];

    fn map(sources: &[&str], name: &str) -> Option<String> {
        let sources: Vec<String> = sources.iter().map(|&s| s.to_owned()).collect();
        let files = FILES.iter().map(|&f| f.to_owned());
        match PathMap::new("/app/", &sources, files).map(name) {
            Mapped::Path(path) => Some(path),
            Mapped::Unmapped => None,
        }
    }

    #[test]
    fn absolute_names() {
        assert_eq!(
            map(&[], "/app/src/shop/cart.py").as_deref(),
            Some("src/shop/cart.py")
        );
        assert_eq!(
            map(&[], "/app//./build/gen.py").as_deref(),
            Some("build/gen.py")
        );
        assert_eq!(map(&[], "/usr/lib/src/shop/cart.py"), None);
        assert_eq!(map(&[], "/application/setup.py"), None);
        assert_eq!(map(&[], "/app"), None);
        assert_eq!(map(&[], "/"), None);
    }

    #[test]
    fn relative_names() {
        assert_eq!(
            map(&["/app/src"], "shop/cart.py").as_deref(),
            Some("src/shop/cart.py")
        );
        assert_eq!(
            map(&["/x", "src/"], "shop/__init__.py").as_deref(),
            Some("src/shop/__init__.py")
        );
        assert_eq!(map(&["/app/src"], "setup.py").as_deref(), Some("setup.py"));
        assert_eq!(map(&["/app"], "./setup.py").as_deref(), Some("setup.py"));
    }

    #[test]
    fn longest_end() {
        assert_eq!(
            map(&[], "shop/cart.py").as_deref(),
            Some("src/shop/cart.py")
        );
        assert_eq!(map(&[], "cart.py").as_deref(), Some("src/shop/cart.py"));
        assert_eq!(
            map(&[], "build/lib/shop/cart.py").as_deref(),
            Some("src/shop/cart.py")
        );
        assert_eq!(
            map(&[], "x/c/tree/mod.py").as_deref(),
            Some("c/tree/mod.py")
        );
        // Ambiguous, or too little in common.
        assert_eq!(map(&[], "__init__.py"), None);
        assert_eq!(map(&[], "mod.py"), None);
        assert_eq!(map(&[], "deep/tree/mod.py"), None);
        assert_eq!(map(&[], "other/setup.py"), None);
        assert_eq!(map(&[], "unknown.py"), None);
    }

    #[test]
    fn never_outside() {
        for name in [
            "../setup.py",
            "src/../setup.py",
            "/app/../setup.py",
            "src\\shop\\cart.py",
            "",
            ".",
            "a\nb",
        ] {
            assert_eq!(map(&["/app"], name), None, "{name:?}");
        }
        assert_eq!(
            map(&["..", "/app/../x", "C:\\src"], "cart.py").as_deref(),
            Some("src/shop/cart.py")
        );
    }

    #[test]
    fn without_workspace() {
        let map = PathMap::new("", &[], ["a.py".to_owned(), "../b.py".to_owned()]);
        assert_eq!(map.map("a.py"), Mapped::Path("a.py".to_owned()));
        assert_eq!(map.map("/a.py"), Mapped::Unmapped);
        assert_eq!(map.map("b.py"), Mapped::Unmapped);
    }
}
