//! The Dockerfiles of a conversion: the team's own, or derived ones that it gets.

use std::path::Path;

use super::files::{Change, change};
use crate::cli::prepare::Request;
use crate::cli::request::Asked;
use crate::convert::{Decided, ImageUse};
use crate::image::Recipe;
use crate::plan::{DOCKERIGNORE, Derived, ImageNeed, Leg, PYTHON_VERSION, PlanJob};
use crate::record::slug;
use crate::settings::BuiltFrom;

/// The file that a derived Dockerfile is written to.
const DOCKERFILE: &str = "Dockerfile.test";
/// How a file begins that seatrial derived.
pub(super) const MARK: &str = "# The tests' image, derived by seatrial";

/// Whether the tests' Dockerfile is one that seatrial derived, edited since or not.
pub(super) fn is_derived(request: &Request) -> bool {
    let file = match &request.built {
        None => request.root.join(DOCKERFILE),
        Some(BuiltFrom::Dockerfile(file)) => request.root.join(file),
        Some(BuiltFrom::Definition(_)) => return false,
    };
    std::fs::read_to_string(file).is_ok_and(|text| text.starts_with(MARK))
}

/// The images of the jobs.
pub(super) struct Images {
    /// The team's own Dockerfile.
    own: Option<ImageUse>,
    /// Derived ones without their version of Python, with the names that they get.
    derived: Vec<(String, String, Derived)>,
}

impl Images {
    /// Those of a plan.
    pub(super) fn of(asked: &Asked) -> Self {
        let root = &asked.request.root;
        let own = match &asked.prepared.recipe {
            Some(Recipe::Dockerfile {
                file,
                context,
                target,
                args,
                ..
            }) => Some(ImageUse {
                dockerfile: file
                    .strip_prefix(root)
                    .unwrap_or(file)
                    .display()
                    .to_string(),
                context: context
                    .strip_prefix(root)
                    .unwrap_or(context)
                    .display()
                    .to_string(),
                target: target.clone(),
                build_args: args.clone(),
                takes_python: asked
                    .prepared
                    .plan
                    .dockerfile
                    .as_ref()
                    .is_some_and(|used| used.python_argument),
                derived: false,
            }),
            _ => None,
        };
        let mut derived: Vec<(String, String, Derived)> = Vec::new();
        for (job, leg) in asked.prepared.plan.legs() {
            let tests = leg.every_step().iter().any(|step| step.test.is_some());
            let Some(found) = leg
                .derived
                .as_ref()
                .filter(|_| tests && leg.left_out.is_none())
            else {
                continue;
            };
            let text = without_python(&found.dockerfile);
            if derived.iter().any(|(known, _, _)| *known == text) {
                continue;
            }
            let name = if derived.is_empty() {
                DOCKERFILE.to_owned()
            } else {
                format!("{DOCKERFILE}.{}", slug(&job.job.id.value))
            };
            derived.push((text, name, Derived::clone(found)));
        }
        Self { own, derived }
    }

    /// The image of a leg.
    pub(super) fn of_leg(&self, _: &PlanJob, leg: &Leg) -> Option<ImageUse> {
        if let ImageNeed::Dockerfile { .. } = leg.image {
            return self.own.clone();
        }
        let text = without_python(&leg.derived.as_ref()?.dockerfile);
        let (_, name, derived) = self.derived.iter().find(|(known, _, _)| *known == text)?;
        Some(ImageUse {
            dockerfile: name.clone(),
            context: String::new(),
            // The source is copied over it when the container starts.
            target: Some(derived.target.to_owned()),
            build_args: Vec::new(),
            takes_python: derived.python.is_some(),
            derived: true,
        })
    }

    /// The files that jobs need and the repository lacks. A Dockerfile that is there stays
    /// as it is: somebody may have edited it.
    pub(super) fn files(&self, root: &Path, decided: &Decided) -> Vec<Change> {
        let mut files = Vec::new();
        for (_, name, derived) in &self.derived {
            let used = decided
                .jobs
                .values()
                .any(|job| job.image.dockerfile == *name);
            if used && !root.join(name).exists() {
                files.push(change(root, name, derived.dockerfile.clone()));
            }
        }
        let ignores = [
            ".dockerignore".to_owned(),
            format!("{DOCKERFILE}.dockerignore"),
        ];
        if !ignores.iter().any(|name| root.join(name).exists()) {
            files.push(change(root, ".dockerignore", DOCKERIGNORE.to_owned()));
        }
        files
    }
}

/// A Dockerfile without the version that is an argument of it.
fn without_python(dockerfile: &str) -> String {
    let argument = format!("ARG {PYTHON_VERSION}=");
    dockerfile
        .lines()
        .filter(|line| !line.starts_with(&argument))
        .collect::<Vec<_>>()
        .join("\n")
}
