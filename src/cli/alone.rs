//! The flags for one job as a step of a job at GitHub: which leg this machine has, what came
//! of the jobs before, and that the working tree is the job's workspace.

use clap::Args as ClapArgs;

use super::error::CliError;
use crate::expr::Value;
use crate::plan::Alone;
use crate::record::Cause;

/// What a machine of GitHub's knows of the job that it runs.
#[derive(Debug, Default, Clone, ClapArgs)]
pub(super) struct AloneArgs {
    /// Only the leg of --job whose matrix is this: ${{ toJSON(matrix) }}
    #[arg(
        long,
        value_name = "JSON",
        help_heading = "One job within a workflow run"
    )]
    leg: Option<String>,
    /// What came of the jobs that --job needs: ${{ toJSON(needs) }}. They are not run, and the
    /// job is, whatever its `if` says
    #[arg(
        long,
        value_name = "JSON",
        help_heading = "One job within a workflow run"
    )]
    needs: Option<String>,
    /// The configuration variables: ${{ toJSON(vars) }}; --var goes before them
    #[arg(
        long = "vars",
        value_name = "JSON",
        help_heading = "One job within a workflow run"
    )]
    vars_json: Option<String>,
    /// The working tree is the job's workspace: ignored files come along, and what the job
    /// writes is put back
    #[arg(long, help_heading = "One job within a workflow run")]
    pub(super) workspace: bool,
}

impl AloneArgs {
    /// The configuration variables.
    ///
    /// # Errors
    /// The value is no JSON, or no object.
    pub(super) fn vars(&self) -> Result<Vec<(String, String)>, CliError> {
        let vars = match object("--vars", self.vars_json.as_deref())? {
            Some(Value::Object(vars)) => vars,
            _ => return Ok(Vec::new()),
        };
        let pairs = vars.iter();
        Ok(pairs
            .map(|(name, value)| (name.to_owned(), value.to_text()))
            .collect())
    }

    /// What is known of the job.
    ///
    /// # Errors
    /// A value is no JSON, or not the kind that the context has.
    pub(super) fn read(&self) -> Result<Alone, CliError> {
        Ok(Alone {
            leg: object("--leg", self.leg.as_deref())?,
            needs: object("--needs", self.needs.as_deref())?,
        })
    }
}

/// A context as JSON; `null` and an empty text are those of a job without one.
fn object(flag: &str, text: Option<&str>) -> Result<Option<Value>, CliError> {
    let Some(text) = text else {
        return Ok(None);
    };
    let wrong = |what: &str| {
        CliError::new(Cause::Usage, format!("{flag}: {what}"))
            .with_hint("give it the context as GitHub writes it: an object, or null")
    };
    if text.trim().is_empty() {
        return Ok(Some(Value::Null));
    }
    let json = serde_json::from_str(text).map_err(|error| wrong(&error.to_string()))?;
    match &json {
        serde_json::Value::Null | serde_json::Value::Object(_) => Ok(Some(Value::from_json(&json))),
        _ => Err(wrong("this is no object")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn contexts_are_objects_or_null() {
        assert_eq!(object("--leg", None).unwrap(), None);
        for null in ["null", "", " \n"] {
            assert_eq!(object("--leg", Some(null)).unwrap(), Some(Value::Null));
        }
        assert!(object("--leg", Some(r#"{"a": 1}"#)).unwrap().is_some());
        for wrong in ["[1]", "{", "x"] {
            let error = object("--needs", Some(wrong)).unwrap_err();
            assert_eq!(error.cause, Cause::Usage);
            assert!(error.message.starts_with("--needs: "), "{}", error.message);
        }
    }
}
