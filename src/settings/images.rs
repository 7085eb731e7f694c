//! Which image was named: one for all jobs, those for jobs with a label, or what one is
//! built from.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::error::ValueError;
use super::file::ConfigFile;
use super::flags::ImageFlag;
use super::resolve::{Source, Sourced};
use super::values;
use crate::plan::DefinitionUse;

/// The flag that names images.
const FLAG: Source = Source::Flag("--image");
/// The variable that does.
const VARIABLE: Source = Source::Variable("SEATRIAL_IMAGE");

/// What the tests' own image is built from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BuiltFrom {
    /// A Dockerfile.
    Dockerfile(PathBuf),
    /// A service of a compose file, or a target of a bake file.
    Definition(DefinitionUse),
}

/// The images of a run.
#[derive(Default)]
pub(super) struct Images {
    /// The image of all jobs that no label names one for.
    pub(super) image: Option<Sourced<String>>,
    /// Images by the label of a job, in lower case.
    pub(super) labels: BTreeMap<String, Sourced<String>>,
    /// What the tests' own image is built from. An `image` goes before it.
    pub(super) built: Option<Sourced<BuiltFrom>>,
}

/// What besides says something about the image.
pub(super) struct Building {
    /// What it may be built from.
    pub(super) from: Vec<Sourced<BuiltFrom>>,
    /// Who asks for a stage of it.
    pub(super) target: Option<Source>,
    /// Whether a flag gives it arguments.
    pub(super) arguments: bool,
}

impl Images {
    /// Puts the sources together: an image as it is and one that is built exclude each
    /// other, and the higher source wins, also over what the lower one says of labels.
    ///
    /// # Errors
    /// A word of the variable cannot be used, or two values contradict each other.
    pub(super) fn resolve(
        flags: Vec<ImageFlag>,
        variable: &[String],
        file: &ConfigFile,
        building: Building,
    ) -> Result<Self, ValueError> {
        let mut images = Self {
            image: file.image.clone().map(|image| of(Source::File, image)),
            ..Self::default()
        };
        for (label, image) in &file.images {
            let image = of(Source::File, image.clone());
            images.labels.insert(label.clone(), image);
        }
        images.lay_over(words(variable)?, VARIABLE)?;
        images.lay_over(flags, FLAG)?;
        images.choose(building)
    }

    /// Takes what a higher source names.
    fn lay_over(&mut self, named: Vec<ImageFlag>, source: Source) -> Result<(), ValueError> {
        for ImageFlag { label, image } in named {
            let image = of(source, image);
            if let Some(label) = label {
                self.labels.insert(label, image);
                continue;
            }
            let before = self.image.replace(image);
            if before.is_some_and(|before| before.source == source) {
                return Err(ValueError::new(
                    source.cause(),
                    format!("{source} names two images for all jobs"),
                )
                .with_hint(format!(
                    "`{source} LABEL=IMAGE` is for jobs with that label"
                )));
            }
        }
        Ok(())
    }

    fn choose(mut self, building: Building) -> Result<Self, ValueError> {
        self.built = highest(building.from)?;
        if let (Some(image), Some(built)) = (&self.image, &self.built) {
            match image.source.rank().cmp(&built.source.rank()) {
                std::cmp::Ordering::Greater => {}
                std::cmp::Ordering::Less => self.image = None,
                std::cmp::Ordering::Equal => {
                    return Err(ValueError::new(
                        image.source.cause(),
                        format!("{} and {} exclude each other", image.source, built.source),
                    )
                    .with_hint("one takes an image as it is, the other builds one"));
                }
            }
        }
        let arguments = building.arguments.then_some(Source::Flag("--build-arg"));
        for (asking, what) in [(building.target, "a stage"), (arguments, "an argument")] {
            if let (Some(image), Some(asking)) = (&self.image, asking)
                && asking.rank() >= image.source.rank()
            {
                return Err(ValueError::new(
                    asking.cause(),
                    format!(
                        "{asking} asks for {what}, and {} for an image that is not built",
                        image.source
                    ),
                )
                .with_hint("name the Dockerfile, or leave one of the two out"));
            }
        }
        let all = [
            self.image.as_ref().map(|image| image.source),
            self.built.as_ref().map(|built| built.source),
        ];
        let least = all.into_iter().flatten().map(Source::rank).max();
        self.labels
            .retain(|_, image| least.is_none_or(|least| image.source.rank() >= least));
        Ok(self)
    }
}

/// What the highest source says that the image is built from.
fn highest(from: Vec<Sourced<BuiltFrom>>) -> Result<Option<Sourced<BuiltFrom>>, ValueError> {
    let rank = from.iter().map(|one| one.source.rank()).max();
    let mut highest = from
        .into_iter()
        .filter(|one| Some(one.source.rank()) == rank);
    let first = highest.next();
    match (&first, highest.next()) {
        (Some(first), Some(second)) => Err(ValueError::new(
            first.source.cause(),
            format!("{} and {} exclude each other", first.source, second.source),
        )
        .with_hint("each says what the tests' image is built from")),
        _ => Ok(first),
    }
}

fn of(source: Source, value: String) -> Sourced<String> {
    Sourced { value, source }
}

/// The words of the variable, each of which is what the flag takes.
fn words(variable: &[String]) -> Result<Vec<ImageFlag>, ValueError> {
    variable
        .iter()
        .map(|word| {
            values::image(word).map_err(|expected| {
                ValueError::new(
                    VARIABLE.cause(),
                    format!("the value of {VARIABLE} cannot be used: `{word}`"),
                )
                .with_hint(expected)
            })
        })
        .collect()
}
