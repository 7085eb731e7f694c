//! Starting a workflow by hand, and finding the run that came of it.

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::actions::{Run, Wanted};
use super::call::{Call, segment};
use super::client::{Client, header, now};
use super::error::{GithubError, Trouble};

const WRITE: &str = "Actions: write";
/// Pauses between looks for a run that was asked for.
const LOOK: Duration = Duration::from_secs(3);
/// Looks for it.
const LOOKS: u32 = 20;

/// What a dispatch answers since 2026 where it is asked to.
#[derive(Deserialize)]
struct Dispatched {
    workflow_run_id: u64,
}

impl Client {
    /// What starts a workflow by hand, on a branch or tag. GitHub is asked to tell the run.
    pub(crate) fn dispatch_call(&self, workflow: &str, reference: &str, inputs: &Value) -> Call {
        let mut call = self.silent_dispatch(workflow, reference, inputs);
        if let Some(Value::Object(body)) = &mut call.body {
            body.insert("return_run_details".to_owned(), true.into());
        }
        call
    }

    /// The same for servers that do not know how to tell.
    fn silent_dispatch(&self, workflow: &str, reference: &str, inputs: &Value) -> Call {
        let path = format!("/actions/workflows/{}/dispatches", segment(workflow));
        let mut body = json!({"ref": reference});
        if inputs.as_object().is_some_and(|inputs| !inputs.is_empty()) {
            body["inputs"] = inputs.clone();
        }
        Call::post(self.path(&path), body, WRITE)
    }

    /// Starts a workflow by hand and gives the run that came of it.
    ///
    /// # Errors
    /// The workflow is not there or cannot be started by hand, the branch is not there, or no
    /// run of it appears within a minute.
    pub(crate) fn dispatch(
        &self,
        workflow: &str,
        reference: &str,
        inputs: &Value,
    ) -> Result<Run, GithubError> {
        let call = self.dispatch_call(workflow, reference, inputs);
        let answer = match self.answer(&call) {
            // A server that is older than 2026.
            Err(error) if error.message.contains("return_run_details") => {
                self.answer(&self.silent_dispatch(workflow, reference, inputs))
            }
            other => other,
        }?;
        let asked = now(header(&answer.headers, "date"));
        match self.read::<Option<Dispatched>>(&call, answer.body)? {
            Some(told) => self.run(told.workflow_run_id),
            None => self.appearing(workflow, reference, asked),
        }
    }

    /// The first run that was started by hand since `asked`, in seconds since 1970 by GitHub's
    /// clock. Where others start it in the same second, it may be theirs.
    fn appearing(&self, workflow: &str, reference: &str, asked: i64) -> Result<Run, GithubError> {
        let wanted = Wanted {
            workflow: Some(workflow),
            branch: Some(reference),
            event: Some("workflow_dispatch"),
            limit: 20,
            ..Wanted::default()
        };
        for _ in 0..LOOKS {
            let since = |run: &Run| run.created_at.map(Timestamp::as_second) >= Some(asked);
            let new = self.runs(&wanted)?.into_iter().filter(since);
            if let Some(run) = new.min_by_key(|run| run.id) {
                return Ok(run);
            }
            self.pause(LOOK);
        }
        let waited = LOOK.as_secs() * u64::from(LOOKS);
        let message = format!(
            "`{workflow}` was started on `{reference}`, and no run of it appeared within {waited} s"
        );
        Err(GithubError::new(Trouble::Unavailable, message)
            .with_hint("the page of its runs may show it later"))
    }
}
