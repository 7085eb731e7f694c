//! `shell:` → the command that runs a script (GitHub docs, "Workflow syntax",
//! `jobs.<job_id>.steps[*].shell`; `ScriptHandlerHelpers` of actions/runner).

use crate::image::Facts;

/// How a script is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shell {
    /// Program and arguments; `{0}` stands for the script's file.
    pub(super) command: Vec<String>,
    /// Ending of the script's file name.
    pub(super) extension: &'static str,
}

/// The shell for a step. `asked` is what the step or its defaults name; nothing
/// means bash where the image has it, else sh, without `pipefail`.
pub(super) fn resolve(asked: Option<&str>, facts: Option<&Facts>) -> Result<Shell, String> {
    let has = |command: &str| facts.is_none_or(|facts| facts.has(command));
    let words = |command: &[&str], extension| Shell {
        command: command.iter().map(ToString::to_string).collect(),
        extension,
    };
    let needs = |command: &str, shell: Shell| {
        if has(command) {
            Ok(shell)
        } else {
            Err(format!(
                "the step asks for the shell `{command}`, which the image does not have"
            ))
        }
    };
    match asked.map(str::trim).filter(|asked| !asked.is_empty()) {
        None if has("bash") => Ok(words(&["bash", "-e", "{0}"], ".sh")),
        None => Ok(words(&["sh", "-e", "{0}"], ".sh")),
        Some("bash") => needs(
            "bash",
            words(
                &["bash", "--noprofile", "--norc", "-eo", "pipefail", "{0}"],
                ".sh",
            ),
        ),
        Some("sh") => Ok(words(&["sh", "-e", "{0}"], ".sh")),
        Some("python") => {
            let python = if has("python") { "python" } else { "python3" };
            Ok(words(&[python, "{0}"], ".py"))
        }
        Some("pwsh") => needs("pwsh", words(&["pwsh", "-command", ". '{0}'"], ".ps1")),
        Some(other @ ("cmd" | "powershell")) => Err(format!(
            "the shell `{other}` exists on Windows runners only"
        )),
        Some(custom) if custom.contains("{0}") => Ok(Shell {
            command: custom.split_whitespace().map(ToOwned::to_owned).collect(),
            extension: "",
        }),
        Some(other) => Err(format!(
            "Invalid shell option `{other}`. Shell must be a valid built-in (bash, sh, cmd, powershell, pwsh) or a format string containing '{{0}}'"
        )),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn facts(commands: &[&str]) -> Facts {
        Facts {
            commands: commands
                .iter()
                .map(|name| ((*name).to_owned(), format!("/bin/{name}")))
                .collect(),
            ..Facts::default()
        }
    }

    #[test]
    fn the_runners_shell_not_the_containers() {
        let with_bash = facts(&["bash", "python"]);
        let small = facts(&[]);
        let line = |asked: Option<&str>, facts: &Facts| {
            resolve(asked, Some(facts)).map(|shell| shell.command.join(" "))
        };
        assert_eq!(line(None, &with_bash).unwrap(), "bash -e {0}");
        assert_eq!(line(None, &small).unwrap(), "sh -e {0}");
        assert_eq!(
            line(Some("bash"), &with_bash).unwrap(),
            "bash --noprofile --norc -eo pipefail {0}"
        );
        assert!(line(Some("bash"), &small).unwrap_err().contains("bash"));
        assert_eq!(line(Some("sh"), &small).unwrap(), "sh -e {0}");
        assert_eq!(line(Some("python"), &with_bash).unwrap(), "python {0}");
        assert_eq!(
            line(Some("bash -l {0}"), &with_bash).unwrap(),
            "bash -l {0}"
        );
        assert!(line(Some("perl"), &with_bash).unwrap_err().contains("{0}"));
        assert!(line(Some("cmd"), &with_bash).is_err());
    }
}
