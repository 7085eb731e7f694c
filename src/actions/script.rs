//! Commands of a stand-in's own, run in the job.

use super::{Call, Done};
use crate::engine::{End, ExecSpec, random_token};
use crate::record::{Cause, Failure};

/// The file in which a script leaves what it found out, and its variable.
const ANSWERS: (&str, &str) = ("answers", "SEATRIAL_ANSWERS");

/// What a script came to.
pub(super) struct Said {
    /// Its exit code; `None` when it did not end by itself.
    pub(super) code: Option<i64>,
    /// What it wrote into `$SEATRIAL_ANSWERS`, lines of `name=value`.
    answers: String,
}

impl Said {
    /// Whether it succeeded.
    pub(super) fn good(&self) -> bool {
        self.code == Some(0)
    }

    /// All of its answers of one name.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.answers
            .lines()
            .filter_map(|line| line.split_once('='))
            .filter(move |(key, _)| *key == name)
            .map(|(_, value)| value.trim())
    }

    /// One of its answers; empty when it was not given.
    pub(super) fn answer(&self, name: &str) -> &str {
        self.answers
            .lines()
            .filter_map(|line| line.split_once('='))
            .find(|(key, _)| *key == name)
            .map_or("", |(_, value)| value.trim())
    }
}

impl Call<'_> {
    /// Runs a script of the stand-in's own with `sh -e` in the workspace, as the
    /// job's user and with its variables.
    ///
    /// # Errors
    /// The engine's trouble, or a script that did not end by itself, as the end of
    /// the stand-in.
    pub(super) async fn script(&self, script: String) -> Result<Said, Done> {
        self.script_with(script, &[]).await
    }

    /// As [`Self::script`], with more variables.
    pub(super) async fn script_with(
        &self,
        script: String,
        more: &[(String, String)],
    ) -> Result<Said, Done> {
        let mut env = self.env.to_vec();
        env.extend_from_slice(more);
        let spec = ExecSpec {
            name: self.exec_name(),
            command: ["sh", "-e", "{0}"].map(ToOwned::to_owned).to_vec(),
            script: script.into_bytes(),
            env,
            cwd: self.workspace.to_owned(),
            mailbox: vec![ANSWERS],
            ..ExecSpec::default()
        };
        let end = self
            .host
            .exec(&spec, self.log.clone(), self.stop.clone())
            .await?;
        let answers = String::from_utf8_lossy(end.mail(ANSWERS.0)).into_owned();
        match end.end {
            End::Exited(code) => Ok(Said {
                code: Some(code),
                answers,
            }),
            // The runner knows why.
            End::Stopped => Err(Done::failed("it was stopped")),
            End::Vanished(what) => Err(Done::failure(Failure::new(Cause::CrashedSignal, what))),
            End::Lost(what) => Err(Done::failure(Failure::new(Cause::EngineLost, what))),
        }
    }

    /// What a file of the job holds, a relative path from the workspace; `None` when
    /// it is not there.
    ///
    /// # Errors
    /// As of [`Self::script`].
    pub(super) async fn read(&self, path: &str) -> Result<Option<String>, Done> {
        let place = quoted(&self.place(path));
        let said = self
            .script(format!(
                "[ -f {place} ] || exit 3\ncat {place} >\"$SEATRIAL_ANSWERS\"\n"
            ))
            .await?;
        Ok(said.good().then_some(said.answers))
    }

    /// A name for a command that no other command of the job has.
    pub(super) fn exec_name(&self) -> String {
        let token = random_token();
        format!("action-{}", token.get(..12).unwrap_or(&token))
    }
}

/// A word as it has to stand in a script.
pub(super) fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_word_stays_a_word() {
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's; rm"), "'it'\\''s; rm'");
    }
}
