//! On which images, and for which platforms, the commands of a build run.

use super::{Base, Stage};

/// A `FROM` of an image whose commands run, in the build or in the image that comes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ground {
    /// The line that it stands on, from 1.
    pub(crate) line: usize,
    /// The image.
    pub(crate) image: String,
    /// What `--platform` says, where that can be told: of `$BUILDPLATFORM` and the like only
    /// the builder knows it.
    pub(crate) platform: Option<String>,
    /// Whether there is a `--platform`, whatever it says.
    pub(crate) is_explicit: bool,
}

impl Stage<'_> {
    /// What this stage is built on, and those that run commands for it, in the order of the
    /// file. A stage that files are only copied from is none of them: it runs nowhere.
    pub(crate) fn grounds(self) -> Vec<Ground> {
        let own = self.file.chain(self.index);
        let run: Vec<usize> = self
            .needed()
            .into_iter()
            .filter(|index| {
                let stage = self.file.stages.get(*index);
                own.contains(index) || stage.is_some_and(|stage| stage.runs)
            })
            .flat_map(|index| self.file.chain(index))
            .collect();
        let mut grounds = Vec::new();
        for (index, stage) in self.file.stages.iter().enumerate() {
            if let Base::Image(image) = &stage.base
                && run.contains(&index)
            {
                grounds.push(Ground {
                    line: stage.line,
                    image: image.clone(),
                    platform: stage.platform.clone().flatten(),
                    is_explicit: stage.platform.is_some(),
                });
            }
        }
        grounds
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::Dockerfile;

    fn grounds(text: &str) -> Vec<String> {
        let file = Dockerfile::parse(text).unwrap();
        let grounds = file.stage(None).unwrap().grounds();
        let shown = |ground: super::Ground| {
            let platform = match (ground.platform, ground.is_explicit) {
                (Some(platform), _) => platform,
                (None, true) => "?".to_owned(),
                (None, false) => "-".to_owned(),
            };
            format!("{} {} {platform}", ground.line, ground.image)
        };
        grounds.into_iter().map(shown).collect()
    }

    #[test]
    fn only_stages_whose_commands_run_count() {
        for (text, expected) in [
            ("FROM a\n", &["1 a -"][..]),
            (
                "FROM --platform=linux/amd64 a\nRUN x\n",
                &["1 a linux/amd64"],
            ),
            (
                "ARG P=linux/arm64\nFROM --platform=$P a\n",
                &["2 a linux/arm64"],
            ),
            ("FROM --platform=$BUILDPLATFORM a\n", &["1 a ?"]),
            (
                "ARG TARGETPLATFORM\nFROM --platform=${TARGETPLATFORM} a\n",
                &["2 a ?"],
            ),
            ("FROM a AS b\nRUN x\nFROM b\n", &["1 a -"]),
            // Not built, only copied from, and run for what is copied.
            ("FROM a AS b\nRUN x\nFROM c\n", &["3 c -"]),
            (
                "FROM --platform=linux/s390x a AS b\nFROM c\nCOPY --from=b /x /x\n",
                &["2 c -"],
            ),
            (
                "FROM a AS b\nRUN make\nFROM c\nCOPY --from=b /x /x\n",
                &["1 a -", "3 c -"],
            ),
            ("FROM scratch\n", &[]),
            ("FROM $OF_NOBODY\n", &[]),
        ] {
            assert_eq!(grounds(text), expected, "{text}");
        }
    }
}
