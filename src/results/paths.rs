//! From the file names of a report, written in a container, to paths in the
//! repository.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashSet};

use super::aliases::Aliases;

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
    /// Places that are one, by the project's own configuration.
    aliases: Aliases,
    /// Absolute source directories outside of the workspace; `None` where names
    /// outside of it are not placed.
    elsewhere: Option<Vec<String>>,
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
            aliases: Aliases::default(),
            elsewhere: None,
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

    /// The same map with places that the project says are one: they come first.
    pub(crate) fn aliased(mut self, aliases: Aliases) -> Self {
        self.aliases = aliases;
        self
    }

    /// The same map for reports of which nobody knows where the repository was:
    /// absolute names outside of the workspace, and names relative to source
    /// directories there, are looked for by their end.
    pub(crate) fn anywhere(mut self, sources: &[String]) -> Self {
        let absolute = sources.iter().filter(|source| {
            Parts::of(source).is_some_and(|parts| parts.absolute && self.inside(&parts).is_none())
        });
        self.elsewhere = Some(absolute.cloned().collect());
        self
    }

    /// Where the repository seems to have been when these absolute names were
    /// written: what stands before most of those that are placed by their end.
    pub(crate) fn guess_workspace<'n>(
        &self,
        names: impl IntoIterator<Item = &'n String>,
    ) -> Option<String> {
        let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
        for name in names {
            if let Mapped::Path(path) = self.map(name)
                && let Some(before) = name.strip_suffix(path.as_str())
                && before.starts_with('/')
            {
                *votes.entry(before).or_default() += 1;
            }
        }
        let best = votes
            .into_iter()
            .max_by_key(|(before, votes)| (*votes, before.len()))?;
        Some(best.0.to_owned())
    }

    /// Where the file belongs.
    pub(crate) fn map(&self, name: &str) -> Mapped {
        self.place(name).map_or(Mapped::Unmapped, Mapped::Path)
    }

    /// Where the file belongs, if it is one of the repository's.
    pub(crate) fn known(&self, name: &str) -> Option<String> {
        self.place(name).filter(|path| self.known.contains(path))
    }

    fn place(&self, name: &str) -> Option<String> {
        if let Some(path) = self.aliases.of(name).find(|path| self.known.contains(path)) {
            return Some(path);
        }
        let parts = Parts::of(name)?;
        let Some(path) = self.inside(&parts) else {
            self.elsewhere.as_ref()?;
            return self.by_longest_end(&parts.names.join("/"));
        };
        if path.is_empty() {
            return None;
        }
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
        let ends = self.elsewhere.iter().flatten().filter_map(|source| {
            let found = self.by_longest_end(&format!("{}/{path}", source.trim_matches('/')))?;
            let whole = common_end(&found, &path) == parts.names.len();
            whole.then_some(found)
        });
        // Where two sources lead to two files, neither is meant.
        let mut ends: Vec<String> = ends.collect();
        ends.dedup();
        if let [only] = ends.as_slice() {
            return Some(only.clone());
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
    fn places_that_are_one_come_first() {
        let entry = ["src/shop", "*/site-packages/shop"]
            .map(str::to_owned)
            .to_vec();
        let files = FILES.iter().map(|&file| file.to_owned());
        let map = PathMap::new("/app", &[], files).aliased(Aliases::new(&[entry]));
        let place = |name: &str| map.map(name);
        let cart = Mapped::Path("src/shop/cart.py".to_owned());
        assert_eq!(place("/venv/lib/site-packages/shop/cart.py"), cart);
        // What is no file of the repository is left to the other rules.
        assert_eq!(
            place("/venv/lib/site-packages/shop/none.py"),
            Mapped::Unmapped
        );
        assert_eq!(place("/app/src/shop/cart.py"), cart);
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
    fn anywhere() {
        let place = |sources: &[&str], name: &str| {
            let sources: Vec<String> = sources.iter().map(|&s| s.to_owned()).collect();
            let files = FILES.iter().map(|&f| f.to_owned());
            let map = PathMap::new("/home/me/repo", &sources, files).anywhere(&sources);
            match map.map(name) {
                Mapped::Path(path) => Some(path),
                Mapped::Unmapped => None,
            }
        };
        let some = |path: &str| Some(path.to_owned());
        assert_eq!(place(&[], "/home/me/repo/new.py"), some("new.py"));
        assert_eq!(
            place(&[], "/app/src/shop/cart.py"),
            some("src/shop/cart.py")
        );
        assert_eq!(place(&[], "/app/setup.py"), None);
        assert_eq!(place(&[], "/usr/lib/json/tool.py"), None);
        let src = &["/app/src/shop"][..];
        assert_eq!(place(src, "__init__.py"), some("src/shop/__init__.py"));
        assert_eq!(place(src, "setup.py"), some("setup.py"));
        assert_eq!(place(&["/x/a/deep", "/x/b/deep"], "tree/mod.py"), None);
        assert_eq!(place(&["/x/lib"], "__init__.py"), some("lib/__init__.py"));
        assert_eq!(place(&["/x/lib"], "../__init__.py"), None);

        let files = FILES.iter().map(|&f| f.to_owned());
        let map = PathMap::new("/home/me/repo", &[], files).anywhere(&[]);
        let names = ["/app/setup.py", "/app/src/shop/cart.py", "/usr/x.py"].map(str::to_owned);
        assert_eq!(map.guess_workspace(&names).as_deref(), Some("/app/"));
        assert_eq!(map.guess_workspace(&names[2..]), None);
    }

    #[test]
    fn without_workspace() {
        let map = PathMap::new("", &[], ["a.py".to_owned(), "../b.py".to_owned()]);
        assert_eq!(map.map("a.py"), Mapped::Path("a.py".to_owned()));
        assert_eq!(map.map("/a.py"), Mapped::Unmapped);
        assert_eq!(map.map("b.py"), Mapped::Unmapped);
    }
}
