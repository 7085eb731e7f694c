//! What seatrial says to GitHub Actions: workflow commands, annotations, the step
//! summary.

mod annotations;
mod command;
mod html;
#[cfg(test)]
pub(super) mod oracle;
mod step_summary;
mod summaries;

pub(crate) use annotations::annotations;
pub(crate) use command::{StopToken, harmless, shield};
pub(super) use command::{defuse, group, guest_line};
pub(crate) use step_summary::{PAGE_BYTES as SUMMARY_BYTES, step_summary, step_summary_within};
pub(crate) use summaries::summaries;
