//! Which part of the build context a stage can take files from.

use std::collections::BTreeSet;

use super::steps::Step;
use super::text::TextLine;
use super::walk;
use super::{Base, Stage};

/// The part of a build context that decides what comes out of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reach {
    /// All of it, or it cannot be told.
    Whole,
    /// Only these files and folders with what is in them, none within another; relative
    /// to the context, without wildcards.
    Paths(BTreeSet<String>),
}

impl Stage<'_> {
    /// The part of the context that this stage and those that it needs copy or mount.
    /// What a base image does on its own (`ONBUILD`) is not counted.
    pub(crate) fn reach(self) -> Reach {
        let mut paths = BTreeSet::new();
        for index in self.needed() {
            for source in walk::end_of(self.file, index).taken {
                let Some(source) = source else {
                    return Reach::Whole;
                };
                if is_remote(&source) {
                    continue;
                }
                match fixed_part(&source) {
                    Some(path) => paths.insert(path),
                    None => return Reach::Whole,
                };
            }
        }
        let within = |path: &str| {
            path.match_indices('/')
                .filter_map(|(at, _)| path.get(..at))
                .any(|above| paths.contains(above))
        };
        Reach::Paths(paths.iter().filter(|path| !within(path)).cloned().collect())
    }

    /// The image that this stage is built on in the end; `None` for `scratch` and for a name
    /// that cannot be told.
    pub(crate) fn root_image(self) -> Option<String> {
        let root = *self.file.chain(self.index).first()?;
        match &self.file.stages.get(root)?.base {
            Base::Image(image) => Some(image.clone()),
            _ => None,
        }
    }

    /// Whether an instruction belongs to this stage or to one that it needs.
    pub(crate) fn includes(self, line: &TextLine) -> bool {
        self.needed().into_iter().any(|index| {
            let name = self
                .file
                .stages
                .get(index)
                .and_then(|stage| stage.name.as_deref());
            line.is_in(name.unwrap_or(&format!("stage-{index}")))
        })
    }

    /// Whether this stage, or one that it needs, is built on something whose name cannot
    /// be told.
    pub(crate) fn has_unknown_base(self) -> bool {
        self.needed().into_iter().any(|index| {
            self.file.stages.get(index).is_some_and(|stage| {
                matches!(stage.base, Base::Unknown(_))
                    || stage
                        .steps
                        .iter()
                        .filter_map(Step::from)
                        .any(|from| from.contains('$'))
            })
        })
    }

    /// The stages that BuildKit builds for this one, in the order of the file: it, what it
    /// is built on, and what it copies or mounts from.
    pub(super) fn needed(self) -> Vec<usize> {
        let mut needed = BTreeSet::from([self.index]);
        for index in (0..=self.index).rev() {
            let Some(stage) = self
                .file
                .stages
                .get(index)
                .filter(|_| needed.contains(&index))
            else {
                continue;
            };
            if let Base::Stage(parent) = stage.base {
                needed.insert(parent);
            }
            let others = stage.steps.iter().filter_map(Step::from);
            needed.extend(others.filter_map(|from| self.file.find(from, index)));
        }
        needed.into_iter().collect()
    }
}

/// Whether `ADD` fetches it from elsewhere.
fn is_remote(source: &str) -> bool {
    source.contains("://") || source.starts_with("git@")
}

/// The path before the first wildcard; `None` for the whole context. As BuildKit does it,
/// `..` ends at the root.
fn fixed_part(source: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in source.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            _ if part.contains(['*', '?', '[', '\\']) => break,
            _ => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::Dockerfile;
    use super::Reach;

    fn reach(text: &str, target: Option<&str>) -> String {
        let file = Dockerfile::parse(text).unwrap();
        match file.stage(target).unwrap().reach() {
            Reach::Whole => "all".to_owned(),
            Reach::Paths(paths) => paths.into_iter().collect::<Vec<_>>().join(" "),
        }
    }

    #[test]
    fn only_what_the_needed_stages_take_counts() {
        for (text, expected) in [
            ("FROM a\nCOPY requirements.txt .\n", "requirements.txt"),
            ("FROM a\nCOPY . .\n", "all"),
            ("FROM a\nCOPY src/ src/lib/x tests /app/\n", "src tests"),
            ("FROM a\nCOPY req*.txt /\n", "all"),
            ("FROM a\nCOPY src/*.py ../a/../b /\n", "b src"),
            ("FROM a\nARG D=docs\nCOPY $D /\n", "docs"),
            ("FROM a\nCOPY $OF_THE_BASE /\n", "all"),
            ("FROM a\nADD https://example.org/x /x\n", ""),
            ("FROM a AS b\nCOPY x /\nFROM a\nCOPY --from=b /x /\n", "x"),
            ("FROM a AS b\nCOPY x /\nFROM a\nCOPY y /\n", "y"),
            ("FROM a AS b\nCOPY x /\nFROM b\nCOPY y /\n", "x y"),
            ("FROM a\nRUN --mount=type=cache,target=/c true\n", ""),
            ("FROM a\nRUN --mount=source=r.txt,target=/r true\n", "r.txt"),
            ("FROM a\nRUN --mount=type=bind,target=/src true\n", "all"),
            ("FROM a\nRUN --mount=from=b,target=/src true\n", ""),
            ("FROM a AS b\nONBUILD COPY . .\nFROM b\n", "all"),
            ("FROM a\nCOPY <<EOF /x\nhello\nEOF\n", ""),
        ] {
            assert_eq!(reach(text, None), expected, "{text}");
        }
        let two = "FROM a AS one\nCOPY x /\nFROM a AS two\nCOPY . .\n";
        assert_eq!(reach(two, Some("one")), "x");
    }
}
