//! What in a workflow lets failures pass, loses reports, or is going to break: gates that
//! cannot fail, mounts, waits, jobs that nothing reaches, what GitHub has withdrawn.
//!
//! A file in, [`Finding`]s out. Each file of `rules/` is a family of rules; each rule has in
//! `tests/fixtures/audit/` a workflow that breaks it and the nearest one that keeps it.

mod container;
mod finding;
mod gate;
mod ignore;
mod rule;
mod rules;
#[cfg(test)]
mod tests;
mod view;

pub(crate) use container::{ContainerCall, Verb};
pub(crate) use finding::{Finding, Policy, Report};
pub(crate) use gate::{Gate, gate, inner_script};
pub(crate) use rule::Rule;
pub(crate) use rules::swallowed;
pub(crate) use view::{Script, Shell, Subject, Uses, View};

/// Looks at a workflow file by all rules. Findings have no levels yet, but for those that
/// comments ignore.
pub(crate) fn audit(subject: &Subject<'_>) -> Vec<Finding> {
    let view = view::View::new(subject);
    let mut found = Vec::new();
    for check in rules::ALL {
        check(&view, &mut found);
    }
    ignore::apply(&view.lines, subject.path, &mut found);
    found
}
