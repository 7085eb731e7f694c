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
    /// What comes before the script's own text.
    before: &'static str,
    /// What comes behind it.
    behind: &'static str,
}

impl Shell {
    fn new(command: &[&str]) -> Self {
        let program = command.first().copied().unwrap_or_default();
        let extension = match program {
            "bash" | "sh" => ".sh",
            "python" | "python3" => ".py",
            "pwsh" => ".ps1",
            _ => "",
        };
        let (before, behind) = match program {
            "pwsh" => (
                "$ErrorActionPreference = 'stop'\n",
                "\nif ((Test-Path -LiteralPath variable:\\LASTEXITCODE)) { exit $LASTEXITCODE }",
            ),
            _ => ("", ""),
        };
        Self {
            command: command.iter().map(ToString::to_string).collect(),
            extension,
            before,
            behind,
        }
    }

    /// The text of the script's file (`FixUpScriptContents`).
    pub(super) fn text(&self, script: &str) -> String {
        format!("{}{script}{}", self.before, self.behind)
    }
}

/// The shell for a step. `asked` is what the step or its defaults name; nothing
/// means bash where the image has it, else sh, without `pipefail`, and always sh
/// where the job has a `container`.
pub(super) fn resolve(
    asked: Option<&str>,
    in_container: bool,
    facts: Option<&Facts>,
) -> Result<Shell, String> {
    let has = |command: &str| facts.is_none_or(|facts| facts.has(command));
    let needs = |command: &str, words: &[&str]| {
        if has(command) {
            Ok(Shell::new(words))
        } else {
            Err(format!(
                "the step asks for the shell `{command}`, which the image does not have"
            ))
        }
    };
    match asked.map(str::trim).filter(|asked| !asked.is_empty()) {
        None if has("bash") && !in_container => Ok(Shell::new(&["bash", "-e", "{0}"])),
        None => Ok(Shell::new(&["sh", "-e", "{0}"])),
        Some("bash") => needs(
            "bash",
            &["bash", "--noprofile", "--norc", "-eo", "pipefail", "{0}"],
        ),
        Some("sh") => Ok(Shell::new(&["sh", "-e", "{0}"])),
        Some("python") => {
            let python = if has("python") { "python" } else { "python3" };
            Ok(Shell::new(&[python, "{0}"]))
        }
        Some("pwsh") => needs("pwsh", &["pwsh", "-command", ". '{0}'"]),
        Some(other @ ("cmd" | "powershell")) => Err(format!(
            "the shell `{other}` exists on Windows runners only"
        )),
        Some(custom) if custom.contains("{0}") => {
            let words: Vec<&str> = custom.split_whitespace().collect();
            Ok(Shell::new(&words))
        }
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
            resolve(asked, false, Some(facts)).map(|shell| shell.command.join(" "))
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
        let in_container = resolve(None, true, Some(&with_bash)).unwrap();
        assert_eq!(in_container.command.join(" "), "sh -e {0}");
        let pwsh = resolve(Some("pwsh -File {0}"), false, None).unwrap();
        assert_eq!(pwsh.extension, ".ps1");
        assert_eq!(
            pwsh.text("ls"),
            "$ErrorActionPreference = 'stop'\nls\nif ((Test-Path -LiteralPath variable:\\LASTEXITCODE)) { exit $LASTEXITCODE }"
        );
    }
}
