//! `[paths]` of coverage.py's configuration: several places that are one.
//!
//! coverage.py documentation, "[paths]": each entry is a list, the first of which is where
//! the files really are; the others are patterns for where they were when they were
//! measured. A pattern stands for folders at the beginning of a name: `*` for one folder, or
//! for any beginning where it comes first, `**` for any number. The case of letters does not
//! count, and neither does the kind of slash.

/// Entries of `[paths]`, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Aliases {
    entries: Vec<Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    /// Where the files are, relative to the repository, without a slash at the end; empty
    /// for the repository itself.
    place: String,
    /// Where they were.
    patterns: Vec<Vec<String>>,
}

impl Aliases {
    /// The entries of a configuration.
    pub(crate) fn new(entries: &[Vec<String>]) -> Self {
        let mut aliases = Self::default();
        for values in entries {
            aliases.add(values);
        }
        aliases
    }

    /// Adds an entry: its values in order. One whose first value lies outside of the
    /// repository is of no use and left out.
    fn add(&mut self, values: &[String]) {
        let Some((first, _)) = values.split_first() else {
            return;
        };
        let place: Vec<&str> = parts(first).collect();
        if first.starts_with('/') || place.iter().any(|part| *part == ".." || part.contains('*')) {
            return;
        }
        let patterns = values
            .iter()
            .map(|value| {
                let anywhere = !value.starts_with('*') && !is_absolute(value);
                // What is relative was so to some folder that nobody knows any more.
                let start = anywhere.then(|| "*".to_owned());
                let rest = parts(value).map(str::to_lowercase);
                start.into_iter().chain(rest).collect()
            })
            .filter(|pattern: &Vec<String>| pattern.iter().any(|part| !part.contains('*')))
            .collect();
        self.entries.push(Entry {
            place: place.join("/"),
            patterns,
        });
    }

    /// The names that a name stands for, relative to the repository, in order: which of them
    /// is a file, others know.
    pub(crate) fn of<'a>(&'a self, name: &str) -> impl Iterator<Item = String> + use<'a> {
        let names: Vec<String> = parts(name).map(ToOwned::to_owned).collect();
        self.entries.iter().flat_map(move |entry| {
            let lower: Vec<String> = names.iter().map(|part| part.to_lowercase()).collect();
            let found: Vec<String> = entry
                .patterns
                .iter()
                .filter_map(|pattern| {
                    let at = (1..lower.len())
                        .rev()
                        .find(|at| fits(pattern, lower.get(..*at).unwrap_or_default()))?;
                    let rest = names.get(at..)?.join("/");
                    Some(match entry.place.is_empty() {
                        true => rest,
                        false => format!("{}/{rest}", entry.place),
                    })
                })
                .collect();
            found
        })
    }
}

/// Parts of a path of either kind, without `.` and empty ones.
fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split(['/', '\\'])
        .filter(|part| !part.is_empty() && *part != ".")
}

fn is_absolute(path: &str) -> bool {
    path.starts_with(['/', '\\']) || path.as_bytes().get(1) == Some(&b':')
}

/// Whether a pattern stands for exactly these folders.
fn fits(pattern: &[String], names: &[String]) -> bool {
    // Where each part of the pattern may have come to: as a match of texts, over folders.
    let mut reached = vec![false; names.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    for (at, part) in pattern.iter().enumerate() {
        let any = part == "**" || part == "*" && at == 0;
        let mut next = vec![false; names.len() + 1];
        for place in 0..=names.len() {
            let before = place.checked_sub(1);
            let came = |list: &[bool], place: usize| list.get(place).copied().unwrap_or(false);
            let ends = if any {
                came(&reached, place) || before.is_some_and(|before| came(&next, before))
            } else {
                before.is_some_and(|before| {
                    came(&reached, before)
                        && names.get(before).is_some_and(|name| part_fits(part, name))
                })
            };
            if let Some(slot) = next.get_mut(place) {
                *slot = ends;
            }
        }
        reached = next;
    }
    reached.last().copied().unwrap_or(false)
}

/// Whether a pattern with `*` and `?` stands for the name of one folder.
fn part_fits(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut to) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while to < name.len() {
        match pattern.get(at) {
            Some('*') => {
                back = Some((at, to));
                at += 1;
            }
            Some('?') => (at, to) = (at + 1, to + 1),
            Some(one) if Some(one) == name.get(to) => (at, to) = (at + 1, to + 1),
            _ => match back {
                Some((star, from)) => {
                    back = Some((star, from + 1));
                    (at, to) = (star + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(at).all(|one| *one == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(entries: &[&[&str]], name: &str) -> Vec<String> {
        let entries: Vec<Vec<String>> = entries
            .iter()
            .map(|values| values.iter().map(|&value| value.to_owned()).collect())
            .collect();
        Aliases::new(&entries).of(name).collect()
    }

    #[test]
    fn patterns_stand_for_folders_at_the_beginning() {
        let shop: &[&str] = &[
            "src/shop",
            "*/site-packages/shop",
            r"c:\work\src\shop",
            "/jenkins/*/shop",
        ];
        for (name, expected) in [
            (
                "/usr/lib/python3.11/site-packages/shop/cart.py",
                Some("src/shop/cart.py"),
            ),
            (
                "/usr/lib/python3.11/site-packages/shop/a/b.py",
                Some("src/shop/a/b.py"),
            ),
            (r"C:\Work\src\shop\cart.py", Some("src/shop/cart.py")),
            ("/jenkins/12/shop/cart.py", Some("src/shop/cart.py")),
            ("/jenkins/12/x/shop/cart.py", None),
            // The first value is a pattern, too.
            ("/app/src/shop/cart.py", Some("src/shop/cart.py")),
            ("/usr/lib/python3.11/site-packages/workshop/cart.py", None),
            ("/usr/lib/python3.11/site-packages/shop", None),
            ("", None),
        ] {
            let found = of(&[shop], name);
            assert_eq!(found.first().map(String::as_str), expected, "{name}");
        }
        assert_eq!(
            of(&[&["src/", "**/build/**/pkg"]], "/a/build/b/c/pkg/m.py"),
            ["src/m.py"]
        );
        assert_eq!(of(&[&[".", "/app"]], "/app/a.py"), ["a.py"]);
        // What leads out of the repository, or says nothing, is no alias.
        for entry in [&["/abs", "/app"][..], &["../x", "/app"], &["src", "*"], &[]] {
            assert_eq!(of(&[entry], "/app/a.py"), Vec::<String>::new(), "{entry:?}");
        }
    }

    #[test]
    fn the_first_entry_comes_first() {
        let entries: &[&[&str]] = &[&["one", "/app"], &["two", "/app"]];
        assert_eq!(of(entries, "/app/a.py"), ["one/a.py", "two/a.py"]);
    }

    #[test]
    fn wildcards_within_a_folder() {
        for (pattern, name, fit) in [
            ("py*", "python3", true),
            ("*3", "python3", true),
            ("p?thon*", "python", true),
            ("p?thon", "pthon", false),
            ("*a*b", "xaxxb", true),
            ("*a*b", "xaxx", false),
            ("", "", true),
        ] {
            assert_eq!(part_fits(pattern, name), fit, "{pattern} {name}");
        }
    }
}
