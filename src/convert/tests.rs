//! Every workflow file of this repository's tests, converted and turned back.

#![allow(clippy::panic)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::decide::{Fate, ImageUse, JobPlan};
use super::{Options, is_converted, revert, workflow};
use crate::workflow::{Job, StepAction, parse};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else if path
            .extension()
            .is_some_and(|ending| ending == "yml" || ending == "yaml")
        {
            found.push(path);
        }
    }
}

/// A plan for a job as if all its scripts ran in a container, but for one in `every`, which
/// the image holds or the runner keeps.
fn plan(job: &Job, every: usize) -> Option<JobPlan> {
    let checkout = job.steps.iter().position(|step| {
        matches!(&step.action, StepAction::Uses { action, .. } if action.value.starts_with("actions/checkout@"))
    })?;
    let fates: Vec<Fate> = job
        .steps
        .iter()
        .enumerate()
        .map(|(index, step)| match &step.action {
            _ if index == checkout => Fate::Untouched,
            StepAction::Run { .. } if index < checkout => Fate::Runner,
            StepAction::Run { .. } if index % every == 2 => Fate::Runner,
            StepAction::Run { .. } if index % every == 1 => Fate::Provided,
            StepAction::Run { .. } => Fate::Container,
            StepAction::Uses { .. } if index % every == 1 && index > checkout => Fate::Provided,
            StepAction::Uses { .. } => Fate::Untouched,
        })
        .collect();
    let last = fates
        .iter()
        .rposition(|fate| *fate == Fate::Container)
        .unwrap_or(checkout);
    Some(JobPlan {
        checkout,
        last,
        folder: String::new(),
        image: ImageUse {
            dockerfile: "Dockerfile.test".to_owned(),
            context: String::new(),
            target: None,
            build_args: Vec::new(),
            takes_python: false,
            derived: false,
        },
        python: None,
        services: job
            .services
            .iter()
            .map(|(label, _)| label.value.clone())
            .collect(),
        windows: None,
        legs: 1,
        matrix: job.strategy.is_some(),
        handover: None,
        fates,
    })
}

/// Converts as many jobs as there are, and back. Why it is refused, if it is.
fn convert_and_back(text: &str, every: usize, name: &str) -> Option<Result<(), String>> {
    let parsed = parse(text).ok()?;
    let jobs: BTreeMap<String, JobPlan> = parsed
        .workflow
        .jobs
        .iter()
        .filter_map(|job| Some((job.id.value.clone(), plan(job, every)?)))
        .collect();
    if jobs.is_empty() {
        return None;
    }
    match workflow(text, &jobs, &Options::default()) {
        Ok(made) => {
            assert_eq!(revert(&made).as_deref(), Ok(text), "{name}");
            assert_ne!(made, text, "{name}");
            Some(Ok(()))
        }
        Err(refusal) => {
            assert!(
                !refusal.message.contains("not planned")
                    && !refusal.message.contains("would be wrong"),
                "{name}:{}: {}",
                refusal.line,
                refusal.message
            );
            Some(Err(format!("{name}:{}: {}", refusal.line, refusal.message)))
        }
    }
}

#[test]
fn every_workflow_of_the_tests_is_converted_and_turned_back() {
    let mut found = Vec::new();
    files(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"),
        &mut found,
    );
    files(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("examples"),
        &mut found,
    );
    files(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz"),
        &mut found,
    );
    let (mut converted, mut refused) = (0, Vec::new());
    for path in found {
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        // The results of conversions are no originals.
        if is_converted(&text) {
            continue;
        }
        for every in [3, 4, 5] {
            match convert_and_back(&text, every, &path.display().to_string()) {
                Some(Ok(())) => converted += 1,
                Some(Err(why)) => refused.push(why),
                None => {}
            }
        }
    }
    assert!(converted > 200, "only {converted} were converted");
    // What is refused is written in a way that a person has to change first.
    assert!(refused.len() * 10 < converted, "{}", refused.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_layout_the_original_can_be_had_back(
        indent in 0_usize..6,
        blank in prop::collection::vec(0_usize..3, 4),
        ending in prop::sample::select(vec!["\n", "\r\n"]),
        comment in prop::sample::select(vec!["", " # why", "   #x"]),
        last in any::<bool>(),
        script in prop::sample::select(vec!["pytest", "|\n                    pytest\n\n                    x", ">-\n                    pytest", "'py''test'", "\"a: #b\""]),
        every in 3_usize..6,
    ) {
        let pad = " ".repeat(indent);
        let gap = |index: usize| "\n".repeat(blank.get(index).copied().unwrap_or(0));
        let text = format!(
            "on: push{comment}\njobs:\n  t:{comment}\n    runs-on: x{comment}\n{}    steps:{comment}\n    {pad}- uses: actions/checkout@v4{comment}\n{}    {pad}- name: a{comment}\n      {pad}run: {script}\n{}    {pad}# above\n    {pad}- run: {script}\n      {pad}shell: bash{comment}\n{}    {pad}- {{run: b}}{comment}\n",
            gap(0), gap(1), gap(2), gap(3)
        );
        let text = if last { text } else { text.trim_end().to_owned() };
        let text = text.replace('\n', ending);
        let done = convert_and_back(&text, every, &text);
        prop_assert!(done.is_none() || done == Some(Ok(())), "{done:?}\n{text}");
    }
}
