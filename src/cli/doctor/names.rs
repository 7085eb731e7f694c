//! The names of the checks that the workflow files of a checkout give, as they are and as a
//! conversion leaves them.

use std::path::Path;

use crate::cli::App;
use crate::cli::convert::{converted_text, only_what_is_there};
use crate::cli::error::CliError;
use crate::cli::prepare::{Request, prepare};
use crate::cli::{project, request};
use crate::plan::{OnThisMachine, Plan};
use crate::settings::{ConfigFile, Flags, Settings};

/// Names of the checks of one workflow file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Names {
    /// Its path.
    pub(super) path: String,
    /// Those that it gives as it is.
    pub(super) now: Given,
    /// Those that it gives when it is converted; absent where nothing of it is converted.
    pub(super) converted: Option<Given>,
}

/// Names of checks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Given {
    /// Names of jobs and of legs, as GitHub shows them.
    pub(super) known: Vec<String>,
    /// Names of jobs whose legs are known only when they run.
    pub(super) open: Vec<String>,
}

impl Given {
    /// Whether a check of this name is given.
    pub(super) fn has(&self, name: &str) -> bool {
        self.known.iter().any(|one| one == name)
    }

    /// Whether a leg may turn out to have this name.
    pub(super) fn may_have(&self, name: &str) -> bool {
        self.open.iter().any(|job| {
            name.strip_prefix(job.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(" ("))
        })
    }

    fn of(plan: &Plan) -> Self {
        let mut all = Self::default();
        for (job, leg) in plan.legs() {
            let names = if job.pending {
                &mut all.open
            } else {
                &mut all.known
            };
            if !names.contains(&leg.name) {
                names.push(leg.name.clone());
            }
        }
        all
    }
}

/// The names of all workflow files. Those that cannot be read come as errors, in words.
pub(super) fn names(app: &App, root: &Path) -> Result<(Vec<Names>, Vec<String>), CliError> {
    let mut all = Vec::new();
    let mut unread = Vec::new();
    let file = ConfigFile::load(root)?;
    for path in project::files(root) {
        let shown = path
            .strip_prefix(root)
            .unwrap_or(&path)
            .display()
            .to_string();
        match names_of(app, root, &file, &shown) {
            Ok(names) => all.push(names),
            Err(error) => {
                let why = match (&error.problems, error.message.as_str()) {
                    (Some(found), "") => found
                        .problems
                        .first()
                        .map(|problem| problem.message.clone())
                        .unwrap_or_default(),
                    (_, message) => message.to_owned(),
                };
                unread.push(format!("{shown}: {why}"));
            }
        }
    }
    Ok((all, unread))
}

fn names_of(app: &App, root: &Path, file: &ConfigFile, path: &str) -> Result<Names, CliError> {
    let settings = Settings::resolve(Flags::default(), &app.environment, file)?;
    let workflow = project::named(root, path)?;
    let mut request = request::request(app, root, &settings, &workflow)?;
    // All of it: GitHub runs more than somebody may have chosen here.
    request.jobs.clear();
    request.matrix.clear();
    only_what_is_there(&mut request);
    let given = |request: &Request| {
        // Names do not depend on where jobs run, and there nothing is refused that a conversion
        // adds, such as building an image.
        let here = Request {
            on_this_machine: Some(OnThisMachine { services: true }),
            ..request.clone()
        };
        let prepared = prepare(&here).map_err(|error| error.into_error(path, &request.text))?;
        Ok::<_, CliError>(Given::of(&prepared.plan))
    };
    let now = given(&request)?;
    // What cannot be converted keeps its names.
    let converted = match converted_text(app, settings, request.clone(), path) {
        Err(_) => None,
        Ok(text) => {
            request.text = text;
            only_what_is_there(&mut request);
            Some(given(&request)?)
        }
    };
    Ok(Names {
        path: path.to_owned(),
        now,
        converted,
    })
}
