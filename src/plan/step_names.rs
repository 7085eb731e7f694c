//! The names of steps by which `github.action` calls them (`IdBuilder` and
//! `ReferenceNameBuilder` of actions/runner): a step's id, or a name made of what it does.

use std::collections::{BTreeMap, BTreeSet};

use crate::workflow::StepAction;

use super::PlanStep;

/// Longest name (`WorkflowConstants.MaxNodeNameLength` of actions/runner).
const MAX: usize = 100;

/// The name of every step of a job, by its number. The steps of a composite action have
/// the name of the step that uses it.
pub(crate) fn step_names(steps: &[PlanStep]) -> BTreeMap<u32, String> {
    // Ids are none of these: those that begin with `__` are reserved.
    let mut taken = BTreeSet::new();
    let mut names = BTreeMap::new();
    for step in steps {
        let name = match &step.step.id {
            Some(id) => id.value.clone(),
            None => free(&made(&step.step.action), &mut taken),
        };
        let mut all = Vec::new();
        super::steps::every(std::slice::from_ref(step), &mut all);
        names.extend(all.iter().map(|step| (step.number, name.clone())));
    }
    names
}

/// `__run`, `__self` for an action of the repository, `__owner_repository` or `__image`.
fn made(action: &StepAction) -> String {
    let what = match action {
        StepAction::Run { .. } => "run".to_owned(),
        StepAction::Uses { action, .. } => {
            let uses = action.value.as_str();
            if let Some(image) = uses.strip_prefix("docker://") {
                image.to_owned()
            } else if ["./", ".\\", "$/"]
                .iter()
                .any(|here| uses.starts_with(here))
            {
                "self".to_owned()
            } else {
                let path = uses.split('@').next().unwrap_or_default();
                let parts: Vec<&str> = path.split(['/', '\\']).take(2).collect();
                parts.join("/")
            }
        }
    };
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let what = what.chars().map(|c| if legal(c) { c } else { '_' });
    "__".chars().chain(what).collect()
}

/// The name itself, or with the first number behind it that makes it a new one; case
/// does not count.
fn free(name: &str, taken: &mut BTreeSet<String>) -> String {
    let numbered = |suffix: &str| {
        let kept = MAX.saturating_sub(suffix.len());
        name.chars().take(kept).chain(suffix.chars()).collect()
    };
    let mut found: String = numbered("");
    let mut times = 1_u32;
    while !taken.insert(found.to_ascii_lowercase()) {
        times += 1;
        found = numbered(&format!("_{times}"));
    }
    found
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::free;

    #[test]
    fn names_that_are_taken_get_a_number_within_the_limit() {
        let mut taken = BTreeSet::new();
        let mut names = |name: &str| free(name, &mut taken);
        assert_eq!(names("__run"), "__run");
        assert_eq!(names("__Run"), "__Run_2");
        assert_eq!(names("__run"), "__run_3");
        let long = "_".repeat(120);
        assert_eq!(names(&long), "_".repeat(100));
        assert_eq!(names(&long), format!("{}_2", "_".repeat(98)));
    }
}
