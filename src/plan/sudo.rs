//! Which legs need the rights of root: those whose scripts, or stand-ins, call `sudo`.

use crate::workflow::StepAction;

use super::{BuiltIn, ImageNeed, Leg, Placement, PlanJob, PlanStep};

/// Who may become root in a leg, and why.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SudoUse<'a> {
    /// The first step that calls `sudo`.
    pub(crate) step: &'a PlanStep,
    /// Whether the job has a container of its own: there GitHub brings no `sudo`, and
    /// only what the image has works.
    pub(crate) own_container: bool,
}

/// Whether a leg may become root: only if one of its steps calls `sudo`. Not on this
/// machine, where that is the machine's own affair.
pub(crate) fn sudo_use<'a>(job: &PlanJob, leg: &'a Leg) -> Option<SudoUse<'a>> {
    let step = leg.every_step().into_iter().find(|step| calls(step))?;
    Some(SudoUse {
        step,
        own_container: job.job.container.is_some() && matches!(leg.image, ImageNeed::Named(_)),
    })
}

fn calls(step: &PlanStep) -> bool {
    match (&step.step.action, &step.placement) {
        (_, Placement::BuiltIn(BuiltIn::AptPackages)) => true,
        (_, Placement::ThisMachine) | (StepAction::Uses { .. }, _) => false,
        (StepAction::Run { script, .. }, _) => calls_sudo(&script.value),
    }
}

/// Whether a script calls `sudo`, in whatever language: whether the word stands
/// anywhere but in a comment. Rather a grant too many than a step that fails.
fn calls_sudo(script: &str) -> bool {
    let part_of_a_word = |one: char| one.is_ascii_alphanumeric() || "_-.".contains(one);
    script.lines().any(|line| {
        let code = line.trim_start();
        let code = code.split_once(" #").map_or(code, |(code, _)| code);
        !code.starts_with('#')
            && code
                .split(|one| !part_of_a_word(one))
                .any(|word| word == "sudo")
    })
}

#[cfg(test)]
mod tests {
    use super::calls_sudo;

    #[test]
    fn a_call_of_sudo_is_seen_wherever_it_stands() {
        for script in [
            "sudo apt-get update",
            "echo x | sudo tee /etc/f",
            "if ! sudo -n true; then exit 1; fi",
            "x=$(sudo cat /etc/shadow)",
            "bash -c 'sudo true'",
            "/usr/bin/sudo true",
            "find . | xargs sudo rm",
            "make\nsudo make install",
            "subprocess.run([\"sudo\", \"true\"])",
        ] {
            assert!(calls_sudo(script), "{script}");
        }
        for script in [
            "apt-get update",
            "# sudo apt-get update",
            "make  # without sudo",
            "pip install sudo-tools",
            "pseudo x; sudoku; visudo; my_sudo",
            "",
        ] {
            assert!(!calls_sudo(script), "{script}");
        }
    }
}
