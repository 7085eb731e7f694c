//! Runs of workflows, and their jobs.

use jiff::Timestamp;
use serde::Deserialize;

use super::call::{Call, segment};
use super::client::Client;
use super::error::GithubError;

const READ: &str = "Actions: read";

/// A run of a workflow.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Run {
    /// Its id, which is in the address of its page.
    pub(crate) id: u64,
    /// The name of its workflow.
    #[serde(default)]
    pub(crate) name: Option<String>,
    /// Path of its workflow file.
    #[serde(default)]
    pub(crate) path: String,
    /// The branch; absent for that of a fork that is gone.
    #[serde(default)]
    pub(crate) head_branch: Option<String>,
    /// The commit.
    #[serde(default)]
    pub(crate) head_sha: String,
    /// What started it.
    #[serde(default)]
    pub(crate) event: String,
    /// `queued`, `in_progress`, `completed` and others.
    #[serde(default)]
    pub(crate) status: String,
    /// `success`, `failure` and others, when it is completed.
    #[serde(default)]
    pub(crate) conclusion: Option<String>,
    /// Which attempt this is, from 1.
    #[serde(default = "first")]
    pub(crate) run_attempt: u64,
    /// When it was asked for.
    #[serde(default)]
    pub(crate) created_at: Option<Timestamp>,
    /// Its page.
    #[serde(default)]
    pub(crate) html_url: String,
}

fn first() -> u64 {
    1
}

impl Run {
    /// Whether it is over.
    pub(crate) fn is_completed(&self) -> bool {
        self.status == "completed"
    }
}

/// A job of a run.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Job {
    /// Its name, which is that of its check: `unit (3.12)`.
    pub(crate) name: String,
    /// `queued`, `in_progress`, `completed` and others.
    #[serde(default)]
    pub(crate) status: String,
    /// `success`, `failure` and others, when it is completed.
    #[serde(default)]
    pub(crate) conclusion: Option<String>,
    /// Its steps, as far as it came.
    #[serde(default)]
    pub(crate) steps: Vec<JobStep>,
}

/// A step of a job.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct JobStep {
    /// Its name.
    pub(crate) name: String,
    /// Its number, from 1.
    pub(crate) number: u64,
    /// `success`, `failure` and others, when it is completed.
    #[serde(default)]
    pub(crate) conclusion: Option<String>,
}

/// Which runs are listed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted<'a> {
    /// The workflow, by its file name or id; all where it is absent.
    pub(crate) workflow: Option<&'a str>,
    /// The branch.
    pub(crate) branch: Option<&'a str>,
    /// The event.
    pub(crate) event: Option<&'a str>,
    /// The commit, whole.
    pub(crate) commit: Option<&'a str>,
    /// How many at most, the last one first; 100 at most.
    pub(crate) limit: usize,
}

impl Client {
    /// A run.
    ///
    /// # Errors
    /// It is not there, or the token may not read it.
    pub(crate) fn run(&self, id: u64) -> Result<Run, GithubError> {
        self.json(&Call::get(self.path(&format!("/actions/runs/{id}")), READ))
    }

    /// Runs, the last one first.
    ///
    /// # Errors
    /// As [`Client::run`].
    pub(crate) fn runs(&self, wanted: &Wanted<'_>) -> Result<Vec<Run>, GithubError> {
        let mut path = match wanted.workflow {
            Some(workflow) => format!("/actions/workflows/{}/runs", segment(workflow)),
            None => "/actions/runs".to_owned(),
        };
        path.push_str(&format!("?per_page={}", wanted.limit.clamp(1, 100)));
        for (key, value) in [
            ("branch", wanted.branch),
            ("event", wanted.event),
            ("head_sha", wanted.commit),
        ] {
            if let Some(value) = value {
                path.push_str(&format!("&{key}={}", segment(value)));
            }
        }
        #[derive(Deserialize)]
        struct Page {
            workflow_runs: Vec<Run>,
        }
        // One page: there are thousands of runs.
        let page: Page = self.json(&Call::get(self.path(&path), READ))?;
        Ok(page.workflow_runs)
    }

    /// The jobs of an attempt of a run, the legs of matrices among them.
    ///
    /// # Errors
    /// As [`Client::run`].
    pub(crate) fn jobs(&self, run: u64, attempt: u64) -> Result<Vec<Job>, GithubError> {
        let path = format!("/actions/runs/{run}/attempts/{attempt}/jobs?per_page=100");
        self.pages(Call::get(self.path(&path), READ), Some("jobs"))
    }
}
