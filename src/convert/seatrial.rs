//! The step that `--style seatrial` adds to a job.

use super::docker::flag;
use super::handover::Handover;
use super::options::Options;

/// Its id.
pub(crate) const STEP_ID: &str = "seatrial-tests";

/// The step, as lines without indentation.
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

/// Whether a converted workflow has such a step.
pub(crate) fn is_style(text: &str) -> bool {
    let id = format!("id: {STEP_ID}");
    text.lines().any(|line| line.trim() == id)
}
