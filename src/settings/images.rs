//! Which image was named: one for all jobs, those for jobs with a label, or a
//! Dockerfile.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::error::ValueError;
use super::file::ConfigFile;
use super::flags::ImageFlag;
use super::resolve::{Source, Sourced};
use super::values;

/// The flag that names images.
const FLAG: Source = Source::Flag("--image");
/// The variable that does.
const VARIABLE: Source = Source::Variable("SEATRIAL_IMAGE");

/// The images of a run.
#[derive(Default)]
pub(super) struct Images {
    /// The image of all jobs that no label names one for.
    pub(super) image: Option<Sourced<String>>,
    /// Images by the label of a job, in lower case.
    pub(super) labels: BTreeMap<String, Sourced<String>>,
    /// The Dockerfile. Never together with `image`.
    pub(super) dockerfile: Option<Sourced<PathBuf>>,
}

/// What besides says something about the image.
pub(super) struct Building {
    /// The Dockerfile.
    pub(super) dockerfile: Option<Sourced<PathBuf>>,
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
        self.dockerfile = building.dockerfile;
        if let (Some(image), Some(dockerfile)) = (&self.image, &self.dockerfile) {
            match image.source.rank().cmp(&dockerfile.source.rank()) {
                std::cmp::Ordering::Greater => self.dockerfile = None,
                std::cmp::Ordering::Less => self.image = None,
                std::cmp::Ordering::Equal => {
                    return Err(ValueError::new(
                        image.source.cause(),
                        format!(
                            "{} and {} exclude each other",
                            image.source, dockerfile.source
                        ),
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
            self.dockerfile.as_ref().map(|file| file.source),
        ];
        let least = all.into_iter().flatten().map(Source::rank).max();
        self.labels
            .retain(|_, image| least.is_none_or(|least| image.source.rank() >= least));
        Ok(self)
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
