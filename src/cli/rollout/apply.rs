//! Going back for real: the variable or a revert of the conversion, a run, and a look at where
//! that run's steps ran.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Map, Value};

use super::FLAG;
use crate::cli::App;
use crate::cli::convert::originals;
use crate::cli::error::CliError;
use crate::cli::history::archive::Walk;
use crate::github::{Call, Change, Client, FileChange, Run, Trouble};
use crate::record::Cause;
use crate::rollout::{FlagPlace, Way};

/// Pauses between looks at a run that goes on.
const LOOK: Duration = Duration::from_secs(10);
/// Largest archive of logs, in bytes.
const LOGS: u64 = 1 << 30;
/// What a converted job prints of where its steps run, see `docker-tests.sh`.
const TOLD: &str = "The steps run in: ";

/// What is acted on.
pub(super) struct Target<'a> {
    /// The way to GitHub.
    pub(super) client: &'a Client,
    /// The checkout, whose conversion is taken back.
    pub(super) root: &'a Path,
    /// Path of the workflow in the repository.
    pub(super) workflow: &'a str,
    /// The branch that the workflow is started on.
    pub(super) branch: &'a str,
    /// How long the run may take; no wait where it is zero.
    pub(super) wait: Duration,
}

/// What was done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Done {
    /// The flag from then on; absent where it stays.
    pub(super) after: Option<String>,
    /// What was done, a line each.
    pub(super) lines: Vec<String>,
    /// The page of the run that shows it.
    pub(super) run: Option<String>,
    /// Whether that run is known to have gone back; absent where nobody waited for it.
    pub(super) verified: Option<bool>,
}

impl Target<'_> {
    /// The calls that going back would make, for a dry run.
    pub(super) fn calls(&self, way: Way, today: &str) -> Result<Vec<Call>, CliError> {
        let mut calls = match way {
            Way::Variable => vec![self.client.set_variable_call(FLAG, "false")?],
            Way::Revert => self.change(today)?.calls(self.client),
        };
        calls.push(self.dispatch_call(way, today));
        Ok(calls)
    }

    fn dispatch_call(&self, way: Way, today: &str) -> Call {
        let branch = match way {
            Way::Variable => self.branch.to_owned(),
            Way::Revert => branch_name(today),
        };
        self.client
            .dispatch_call(self.file(), &branch, &Value::Object(Map::new()))
    }

    /// Goes back.
    pub(super) fn go_back(&self, app: &App, way: Way, today: &str) -> Result<Done, CliError> {
        let mut done = Done::default();
        let branch = match way {
            Way::Variable => {
                self.client.set_variable(FLAG, "false")?;
                done.after = Some("false".to_owned());
                done.lines
                    .push(format!("{FLAG} is `false` in {}", self.client.repository()));
                self.branch.to_owned()
            }
            Way::Revert => {
                let change = self.change(today)?;
                let made = change.make(self.client)?;
                done.lines.push(format!(
                    "the conversion is taken back on the branch `{}`: {}",
                    change.branch, made.pull_request
                ));
                change.branch
            }
        };
        for line in &done.lines {
            app.out.say(line);
        }
        self.verify(app, &branch, &mut done)?;
        Ok(done)
    }

    /// Starts the workflow and looks where its steps ran.
    fn verify(&self, app: &App, branch: &str, done: &mut Done) -> Result<(), CliError> {
        let inputs = Value::Object(Map::new());
        let run = match self.client.dispatch(self.file(), branch, &inputs) {
            Ok(run) => run,
            Err(error) if error.trouble == Trouble::Invalid => {
                let line = format!("the workflow was not started again: {}", error.message);
                app.out.warning(&line);
                done.lines.push(line);
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        app.out.say(&format!("started: {}", run.html_url));
        done.run = Some(run.html_url.clone());
        if self.wait.is_zero() {
            return Ok(());
        }
        let run = self.finished(run)?;
        let places = self.places(&run)?;
        let on_runner = |place: &String| place == FlagPlace::Runner.as_str();
        let back = !places.is_empty() && places.iter().all(on_runner);
        done.verified = Some(back);
        let line = match (places.as_slice(), back) {
            ([], _) => "the run says nowhere where its steps ran".to_owned(),
            (_, true) => "the run went back to the runner: all its jobs say so".to_owned(),
            (all, false) => format!(
                "the run did not go back to the runner: its steps ran in {}",
                all.join(", ")
            ),
        };
        app.out.say(&line);
        done.lines.push(line);
        Ok(())
    }

    fn finished(&self, mut run: Run) -> Result<Run, CliError> {
        let begun = Instant::now();
        while !run.is_completed() {
            if begun.elapsed() >= self.wait {
                let message = format!(
                    "the run was not over after {} minutes: {}",
                    self.wait.as_secs() / 60,
                    run.html_url
                );
                return Err(CliError::new(Cause::GithubRequest, message)
                    .with_hint("`--wait MINUTES` waits longer"));
            }
            self.client.pause(LOOK);
            run = self.client.run(run.id)?;
        }
        Ok(run)
    }

    /// Where the jobs of a run say that their steps ran.
    fn places(&self, run: &Run) -> Result<Vec<String>, CliError> {
        let file = self.client.logs(run.id, run.run_attempt, LOGS)?;
        let mut places = Vec::new();
        let mut take = |_: &str, log: &mut dyn Read| {
            for line in BufReader::new(log).lines().map_while(Result::ok) {
                let said = line.split_once(TOLD).map(|(_, place)| place);
                let word = said.and_then(|place| place.split([' ', '(']).next());
                places.extend(word.map(ToOwned::to_owned));
            }
        };
        let mut walk = Walk::new(|_| true, &mut take);
        walk.archive(file, "logs.zip");
        if let Some(note) = walk.notes().into_iter().next() {
            return Err(CliError::new(Cause::GithubRequest, note));
        }
        Ok(places)
    }

    fn change(&self, today: &str) -> Result<Change, CliError> {
        let files = originals(self.root, self.workflow)?
            .into_iter()
            .map(|(path, text)| FileChange {
                path,
                text: Some(text),
                executable: false,
            })
            .collect();
        Ok(Change {
            branch: branch_name(today),
            base: self.branch.to_owned(),
            message: format!(
                "Run the tests on the runner again\n\nA roll-back trigger of seatrial fired for {}.",
                self.workflow
            ),
            files,
        })
    }

    /// The file's name, as the API wants it.
    fn file(&self) -> &str {
        self.workflow.rsplit('/').next().unwrap_or(self.workflow)
    }
}

fn branch_name(today: &str) -> String {
    format!("seatrial/runner-{today}")
}
