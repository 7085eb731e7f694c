//! Workflow commands in the output of a step.
//!
//! What they do, and the wording of the messages, is that of actions/runner
//! (`src/Runner.Worker/ActionCommandManager.cs`, `src/Runner.Common/Constants.cs`).
//! The rules for users: GitHub documentation, "Workflow commands for GitHub
//! Actions".

mod annotation;
pub(super) mod grammar;

use annotation::{annotation, message};
use grammar::{Command, REGISTERED, parse_with, same};

/// Level of an annotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AnnotationLevel {
    /// `::notice::`
    Notice,
    /// `::warning::`
    Warning,
    /// `::error::`; it does not fail the step.
    Error,
}

/// What is to be done with a line of output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// An ordinary line.
    Print,
    /// A group begins.
    Group(String),
    /// The group ends.
    EndGroup,
    /// A message for the summary, perhaps with a place.
    Annotation {
        /// How bad.
        level: AnnotationLevel,
        /// The message; may have several lines.
        message: String,
        /// The file, as the step gave it (a path in the container).
        file: Option<String>,
        /// First line.
        line: Option<u32>,
        /// Last line.
        end_line: Option<u32>,
        /// First column.
        column: Option<u32>,
        /// Last column.
        end_column: Option<u32>,
        /// Title.
        title: Option<String>,
    },
    /// A value to mask from now on. The line itself must not be shown.
    Mask(String),
    /// Shown only when step debugging is on.
    Debug(String),
    /// `save-state`: deprecated, still honoured.
    SaveState {
        /// Name of the state.
        name: String,
        /// Its value.
        value: String,
    },
    /// `set-output`: deprecated, still honoured.
    SetOutput {
        /// Name of the output.
        name: String,
        /// Its value.
        value: String,
    },
    /// `set-env`, where it is allowed.
    SetEnv {
        /// Name of the variable.
        name: String,
        /// Its value.
        value: String,
    },
    /// `add-path`, where it is allowed.
    AddPath(String),
    /// `add-matcher`: the file with problem matchers.
    AddMatcher(String),
    /// `remove-matcher`: either an owner or a file.
    RemoveMatcher {
        /// Owner of the matchers.
        owner: Option<String>,
        /// File that lists them.
        file: Option<String>,
    },
    /// The command cannot be carried out, and **the step fails**. The runner
    /// logs [`Action::unable`] first, then the message.
    Refused {
        /// Name of the command.
        command: String,
        /// Why.
        message: String,
    },
    /// Commands are echoed from now on.
    EchoOn,
    /// Commands are no longer echoed.
    EchoOff,
    /// No commands until the token. The line is shown; a token of more than six
    /// characters is a secret from now on.
    StopCommands {
        /// The token.
        token: String,
    },
    /// The token came: commands count again. The line is shown.
    Resume,
}

impl Action {
    /// The warning that GitHub shows for a deprecated command.
    pub(crate) fn deprecation(&self) -> Option<String> {
        let command = match self {
            Self::SaveState { .. } => "save-state",
            Self::SetOutput { .. } => "set-output",
            _ => return None,
        };
        Some(format!(
            "The `{command}` command is deprecated and will be disabled soon. Please upgrade to \
             using Environment Files. For more information see: \
             https://github.blog/changelog/2022-10-11-github-actions-deprecating-save-state-and-set-output-commands/"
        ))
    }

    /// The first of the two error lines for a refused command. (`stop-commands`
    /// has only its message.)
    pub(crate) fn unable(&self, line: &str) -> Option<String> {
        match self {
            Self::Refused { command, .. } if command != STOP => {
                Some(format!("Unable to process command '{line}' successfully."))
            }
            _ => None,
        }
    }

    /// Whether the command is shown as written while echoing is on (those that
    /// are not `OmitEcho`).
    fn is_echoed(&self) -> bool {
        !matches!(
            self,
            Self::Print
                | Self::Annotation { .. }
                | Self::Mask(_)
                | Self::Debug(_)
                | Self::StopCommands { .. }
                | Self::Resume
        )
    }
}

/// What a step may do that GitHub disabled for security.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Unsecure {
    /// `ACTIONS_ALLOW_UNSECURE_COMMANDS`: `set-env` and `add-path` work.
    pub(crate) commands: bool,
    /// `ACTIONS_ALLOW_UNSECURE_STOPCOMMAND_TOKENS`: any token stops commands.
    pub(crate) stop_tokens: bool,
}

impl Unsecure {
    /// From the two variables of the step's environment: `true` in any case
    /// (`bool.TryParse`); for the second also `1` and `$true`
    /// (`StringUtil.ConvertToBoolean`).
    pub(crate) fn from_variables(commands: Option<&str>, stop_tokens: Option<&str>) -> Self {
        let is = |value: Option<&str>, word: &str| {
            value.is_some_and(|value| value.trim().eq_ignore_ascii_case(word))
        };
        Self {
            commands: is(commands, "true"),
            stop_tokens: ["true", "$true", "1"]
                .iter()
                .any(|word| is(stop_tokens, word)),
        }
    }
}

const STOP: &str = "stop-commands";

/// Follows the output of one step, line by line.
#[derive(Debug, Clone, Default)]
pub(crate) struct CommandFilter {
    unsecure: Unsecure,
    echo: bool,
    echoes: bool,
    stopped: Option<String>,
}

impl CommandFilter {
    /// A filter for a step. `debug` is step debugging, which turns echoing on
    /// from the start (`EchoOnActionCommand`).
    pub(crate) fn new(unsecure: Unsecure, debug: bool) -> Self {
        Self {
            unsecure,
            echo: debug,
            echoes: false,
            stopped: None,
        }
    }

    /// What to do with the next line (without its newline).
    pub(crate) fn line(&mut self, line: &str) -> Action {
        let echo = self.echo;
        let action = self.act(line);
        self.echoes = echo && action.is_echoed();
        action
    }

    /// Whether the line given last is to be shown as well, because echoing is
    /// on.
    #[cfg_attr(
        not(any(test, fuzzing)),
        expect(
            dead_code,
            reason = "read by step debugging (`ACTIONS_STEP_DEBUG`), which turns echoing on"
        )
    )]
    pub(crate) fn echoes_line(&self) -> bool {
        self.echoes
    }

    fn act(&mut self, line: &str) -> Action {
        let Some(command) = parse_with(line, self.stopped.as_deref()) else {
            return Action::Print;
        };
        if let Some(token) = &self.stopped {
            if token.is_empty() || !same(token, &command.name) {
                return Action::Print;
            }
            self.stopped = None;
            return Action::Resume;
        }
        let name = |command: Command, make: fn(String, String) -> Action| {
            let Command {
                name,
                mut properties,
                data,
            } = command;
            match properties.remove("name").filter(|value| !value.is_empty()) {
                Some(value) => make(value, data),
                None => refused(
                    &name,
                    format!("Required field 'name' is missing in ##[{name}] command."),
                ),
            }
        };
        match command.name.as_str() {
            "group" => Action::Group(command.data),
            "endgroup" => Action::EndGroup,
            "notice" => annotation(AnnotationLevel::Notice, command),
            "warning" => annotation(AnnotationLevel::Warning, command),
            "error" => annotation(AnnotationLevel::Error, command),
            "debug" => Action::Debug(command.data),
            "add-mask" if command.data.trim().is_empty() => message(
                AnnotationLevel::Warning,
                "Can't add secret mask for empty string in ##[add-mask] command.",
            ),
            "add-mask" => Action::Mask(command.data),
            "save-state" => name(command, |name, value| Action::SaveState { name, value }),
            "set-output" => name(command, |name, value| Action::SetOutput { name, value }),
            "set-env" | "add-path" if !self.unsecure.commands => disabled(&command.name),
            "set-env" => name(command, set_env),
            "add-path" if command.data.is_empty() => refused(
                "add-path",
                "Value cannot be null. (Parameter 'path')".into(),
            ),
            "add-path" => Action::AddPath(command.data),
            "add-matcher" if command.data.is_empty() => {
                message(AnnotationLevel::Warning, "File path must be specified.")
            }
            "add-matcher" => Action::AddMatcher(command.data),
            "remove-matcher" => remove_matcher(command),
            "echo" => self.echo(&command.data),
            STOP => self.stop(command.data),
            _ => Action::Print,
        }
    }

    fn echo(&mut self, value: &str) -> Action {
        let (echo, action) = match value.trim().to_ascii_lowercase().as_str() {
            _ if value.is_empty() => {
                return refused("echo", "Value cannot be null. (Parameter 'value')".into());
            }
            "on" => (true, Action::EchoOn),
            "off" => (false, Action::EchoOff),
            _ => {
                return refused(
                    "echo",
                    format!(
                        "Invalid echo command value. Possible values can be: 'on', 'off'. \
                         Current value is: '{value}'."
                    ),
                );
            }
        };
        self.echo = echo;
        action
    }

    /// `ValidateStopToken`: not empty, not `pause-logging`, not the name of a
    /// command, else one line of hostile output could silence all that follow.
    fn stop(&mut self, token: String) -> Action {
        let invalid = token.is_empty()
            || same(&token, "pause-logging")
            || REGISTERED.iter().any(|name| same(name, &token));
        if invalid && !self.unsecure.stop_tokens {
            return refused(
                STOP,
                "You cannot use a endToken that is an empty string, the string 'pause-logging', or \
                 another workflow command. For more information see: \
                 https://docs.github.com/actions/learn-github-actions/workflow-commands-for-github-actions#example-stopping-and-starting-workflow-commands \
                 or opt into insecure command execution by setting the \
                 `ACTIONS_ALLOW_UNSECURE_STOPCOMMAND_TOKENS` environment variable to `true`."
                    .into(),
            );
        }
        self.stopped = Some(token.clone());
        Action::StopCommands { token }
    }
}

fn refused(command: &str, message: String) -> Action {
    Action::Refused {
        command: command.to_owned(),
        message,
    }
}

fn disabled(command: &str) -> Action {
    refused(
        command,
        format!(
            "The `{command}` command is disabled. Please upgrade to using Environment Files or opt \
             into unsecure command execution by setting the `ACTIONS_ALLOW_UNSECURE_COMMANDS` \
             environment variable to `true`. For more information see: \
             https://github.blog/changelog/2020-10-01-github-actions-deprecating-set-env-and-add-path-commands/"
        ),
    )
}

/// `NODE_OPTIONS` may not be set; that is an error message, and the step goes
/// on.
fn set_env(name: String, value: String) -> Action {
    match name.eq_ignore_ascii_case("NODE_OPTIONS") {
        true => message(
            AnnotationLevel::Error,
            "Can't update NODE_OPTIONS environment variable using ::set-env:: command.",
        ),
        false => Action::SetEnv { name, value },
    }
}

fn remove_matcher(mut command: Command) -> Action {
    let owner = command
        .properties
        .remove("owner")
        .filter(|owner| !owner.is_empty());
    let file = Some(command.data).filter(|file| !file.is_empty());
    match (&owner, &file) {
        (Some(_), Some(_)) => message(
            AnnotationLevel::Warning,
            "Either specify an owner name or a file path in ##[remove-matcher] command. Both \
             values cannot be set.",
        ),
        (None, None) => message(
            AnnotationLevel::Warning,
            "Either an owner name or a file path must be specified in ##[remove-matcher] command.",
        ),
        _ => Action::RemoveMatcher { owner, file },
    }
}

#[cfg(test)]
mod tests;
