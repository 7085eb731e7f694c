//! The steps that `--style seatrial` adds to a job.

use super::decide::JobPlan;
use super::docker::{flag, keep};
use super::handover::Handover;
use super::options::Options;

/// Id of the step that runs the job.
pub(crate) const STEP_ID: &str = "seatrial-tests";

/// The step that runs the job, as lines without indentation.
pub(super) fn step(handover: &Handover, options: &Options) -> Vec<String> {
    let mut lines = vec![
        "# Runs what this job does in a container; the steps below that it stands for are the"
            .to_owned(),
        "# fallback.".to_owned(),
        "- name: Run the tests in Docker".to_owned(),
        format!("  id: {STEP_ID}"),
        format!("  uses: {}", options.action),
        "  with:".to_owned(),
        format!("    flag: {}", flag(options)),
        "    leg: ${{ toJSON(matrix) }}".to_owned(),
        "    needs: ${{ toJSON(needs) }}".to_owned(),
        "    vars: ${{ toJSON(vars) }}".to_owned(),
    ];
    if !handover.skipped.is_empty() {
        lines.push(format!("    skip-actions: {}", handover.skipped.join(" ")));
    }
    if options.fallback_fails {
        lines.push("    fallback: fail".to_owned());
    }
    if !handover.secrets.is_empty() {
        lines.push(format!("    secrets: {}", handover.secrets.join(" ")));
        lines.push("  env:".to_owned());
        for name in &handover.secrets {
            lines.push(format!("    {name}: ${{{{ secrets.{name} }}}}"));
        }
    }
    lines
}

/// The step at the end of the job, which keeps what it reported on the runner.
pub(super) fn end(job: &JobPlan, options: &Options) -> Vec<String> {
    let action = match options.action.split_once('@') {
        Some((folder, version)) => format!("{folder}/shadow@{version}"),
        None => format!("{}/shadow", options.action.trim_end_matches('/')),
    };
    let mut lines = keep("Keep what the runner reported", &action);
    lines.push("    status: ${{ job.status }}".to_owned());
    lines.extend(
        job.matrix
            .then(|| "    matrix: ${{ toJSON(matrix) }}".to_owned()),
    );
    lines
}

/// Whether a converted workflow has such a step.
pub(crate) fn is_style(text: &str) -> bool {
    let id = format!("id: {STEP_ID}");
    text.lines().any(|line| line.trim() == id)
}
