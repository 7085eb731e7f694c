//! What `--style seatrial` hands over: one step runs all that a job does in a container, and
//! the steps that it runs are the fallback.

use crate::plan::{BuiltIn, Leg, Placement};
use crate::workflow::{Entries, Job, Step, StepAction};

use super::decide::{Fate, JobPlan};
use super::decide_step::Trouble;

/// The way out of most troubles.
const OTHER_STYLE: &str = "convert it with `--style docker`, where each step runs by itself";

/// The steps of a job that one step of seatrial's stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Handover {
    /// Index of the first of them: the added step stands before it.
    pub(crate) before: usize,
    /// Which steps they are.
    pub(crate) moved: Vec<bool>,
    /// Actions that it leaves to the runner, `owner/name`.
    pub(crate) skipped: Vec<String>,
    /// Names of the secrets that the job reads.
    pub(crate) secrets: Vec<String>,
}

/// What is handed over of a job, all of whose legs have the same steps.
///
/// # Errors
/// Something of the job needs what one of those steps leaves behind within the job, or the
/// runner in the midst of them.
pub(super) fn of(job: &Job, legs: &[&Leg], planned: &JobPlan) -> Result<Handover, Trouble> {
    if !planned.folder.is_empty() {
        let line = job
            .steps
            .get(planned.checkout)
            .map_or(0, |step| step.span.start.line);
        return Err(Trouble::new(
            line,
            "the repository is checked out to a folder of its own, and one step is to run the whole job in the workspace",
            OTHER_STYLE,
        ));
    }
    let placement = |index: usize| {
        let step = legs.first().and_then(|leg| leg.steps.get(index));
        step.map(|step| &step.placement)
    };
    let moved: Vec<bool> = planned
        .fates
        .iter()
        .enumerate()
        .map(|(index, fate)| match fate {
            Fate::Container | Fate::Provided => true,
            Fate::Runner => false,
            Fate::Untouched => {
                index > planned.checkout && matches!(placement(index), Some(Placement::Composite(used)) if used.origin == crate::plan::Origin::Here)
            }
        })
        .collect();
    let line = |index: usize| {
        let step = job.steps.get(index);
        step.map_or(job.id.span.start.line, |step| step.span.start.line)
    };
    let (Some(before), Some(last)) = (
        moved.iter().position(|moved| *moved),
        moved.iter().rposition(|moved| *moved),
    ) else {
        return Err(Trouble::new(
            job.id.span.start.line,
            "none of its steps can be handed over",
            OTHER_STYLE,
        ));
    };
    let mut skipped: Vec<String> = Vec::new();
    for (index, step) in job.steps.iter().enumerate() {
        if moved.get(index) == Some(&true) || index == planned.checkout {
            continue;
        }
        let StepAction::Uses { action, .. } = &step.action else {
            return Err(Trouble::new(
                line(index),
                "this step stays on the runner, and one step is to run the whole job in a container",
                OTHER_STYLE,
            ));
        };
        let downloads = matches!(
            placement(index),
            Some(Placement::BuiltIn(BuiltIn::DownloadArtifact))
        );
        let stands_in = matches!(placement(index), Some(Placement::BuiltIn(_))) && !downloads;
        if (before..last).contains(&index) && !stands_in {
            return Err(Trouble::new(
                line(index),
                &format!(
                    "`{}` runs on the runner, between steps that one step is to run in a container",
                    action.value
                ),
                "move it before the first or behind the last of them, or convert with `--style docker`",
            ));
        }
        let name = action.value.split('@').next().unwrap_or_default();
        if !stands_in && !skipped.iter().any(|known| known == name) {
            skipped.push(name.to_owned());
        }
    }
    stays_whole(job, &moved)?;
    Ok(Handover {
        before,
        moved,
        skipped,
        secrets: secrets(job, legs)?,
    })
}

/// Whether nothing that stays reads what a step left for later ones: the steps that are
/// handed over have neither outputs nor an outcome of their own at GitHub.
fn stays_whole(job: &Job, moved: &[bool]) -> Result<(), Trouble> {
    let ids: Vec<&str> = job
        .steps
        .iter()
        .zip(moved)
        .filter(|(_, moved)| **moved)
        .filter_map(|(step, _)| step.id.as_ref().map(|id| id.value.as_str()))
        .collect();
    let reads = |text: &str| {
        ids.iter()
            .find(|id| names(text, "steps").iter().any(|name| name == *id))
            .copied()
    };
    let trouble = |line: usize, id: &str| {
        Trouble::new(
            line,
            &format!(
                "it reads what step `{id}` gave, which has no outputs and no outcome of its own where one step runs the whole job"
            ),
            OTHER_STYLE,
        )
    };
    for (name, value) in job.outputs.iter() {
        if let Some(id) = value.scalar_text().as_deref().and_then(reads) {
            return Err(trouble(name.span.start.line, id));
        }
    }
    let hands_on = job.steps.iter().zip(moved).any(|(step, moved)| {
        *moved
            && matches!(&step.action, StepAction::Run { script, .. } if script.value.contains("GITHUB_ENV"))
    });
    for (step, _) in job.steps.iter().zip(moved).filter(|(_, moved)| !**moved) {
        let texts = texts(step);
        if let Some(id) = texts.iter().find_map(|text| reads(text)) {
            return Err(trouble(step.span.start.line, id));
        }
        if hands_on && texts.iter().any(|text| !names(text, "env").is_empty()) {
            return Err(Trouble::new(
                step.span.start.line,
                "it reads a variable, and steps of the job set variables that do not leave the container",
                OTHER_STYLE,
            ));
        }
    }
    Ok(())
}

/// The texts of a step that may hold expressions, but for its script.
fn texts(step: &Step) -> Vec<String> {
    let mut found: Vec<String> = [&step.condition, &step.name]
        .into_iter()
        .flatten()
        .map(|text| text.value.clone())
        .collect();
    let of = |entries: &Entries| -> Vec<String> {
        let values = entries.iter();
        values
            .filter_map(|(_, value)| value.scalar_text())
            .collect()
    };
    found.extend(of(&step.env));
    if let StepAction::Uses { with, .. } = &step.action {
        found.extend(of(with));
    }
    found
}

/// The secrets that a job reads by name.
fn secrets(job: &Job, legs: &[&Leg]) -> Result<Vec<String>, Trouble> {
    let mut found: Vec<String> = Vec::new();
    let values = |entries: &Entries| -> Vec<(usize, String)> {
        let lines = entries
            .iter()
            .map(|(name, value)| (name.span.start.line, value));
        lines
            .filter_map(|(line, value)| Some((line, value.scalar_text()?)))
            .collect()
    };
    let mut all = values(&job.env);
    for (_, service) in &job.services {
        all.extend(values(&service.env));
    }
    for step in legs.iter().flat_map(|leg| leg.every_step()) {
        let line = step.step.span.start.line;
        all.extend(texts(&step.step).into_iter().map(|text| (line, text)));
        if let StepAction::Run { script, .. } = &step.step.action {
            all.push((line, script.value.clone()));
        }
    }
    for (line, text) in &all {
        if text.contains("secrets[") || text.contains("toJSON(secrets") {
            return Err(Trouble::new(
                *line,
                "it reads secrets whose names are known only while it runs",
                "name them: `secrets.NAME`",
            ));
        }
        for name in names(text, "secrets") {
            if !found.contains(&name) {
                found.push(name);
            }
        }
    }
    Ok(found)
}

/// The names behind `context.` in a text: `secrets.TOKEN` gives `TOKEN`.
fn names(text: &str, context: &str) -> Vec<String> {
    let word = |one: char| one.is_ascii_alphanumeric() || one == '_' || one == '-';
    let prefix = format!("{context}.");
    text.match_indices(&prefix)
        .filter(|(at, _)| {
            let before = text
                .get(..*at)
                .and_then(|before| before.chars().next_back());
            before.is_none_or(|one| !word(one) && one != '.')
        })
        .filter_map(|(at, _)| {
            let rest = text.get(at + prefix.len()..)?;
            let name: String = rest.chars().take_while(|one| word(*one)).collect();
            (!name.is_empty()).then_some(name)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn names_are_whole_words_behind_their_context() {
        let text = "${{ secrets.A_1 && my.secrets.B || secrets.c-d }} secrets. xsecrets.E";
        assert_eq!(names(text, "secrets"), ["A_1", "c-d"]);
        assert!(names("", "env").is_empty());
    }
}
