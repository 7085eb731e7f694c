//! The jobs as a diagram that GitHub shows in Markdown (Mermaid flowchart syntax).

use crate::plan::{Plan, PlanJob};
use crate::report::text::one_line;

use super::{is_here, legs_text};

/// The jobs and what they need. Jobs of which no leg runs here are dashed.
pub(crate) fn plan_mermaid(plan: &Plan) -> String {
    let mut lines = vec!["flowchart LR".to_owned()];
    let jobs = plan.all_jobs();
    for (at, job) in jobs.iter().enumerate() {
        lines.push(format!("    j{at}[\"{}\"]", label(job)));
    }
    for (at, job) in jobs.iter().enumerate() {
        let caller = jobs.iter().position(|one| job.is_called_by(one));
        if let Some(caller) = caller.filter(|_| job.needs.is_empty()) {
            lines.push(format!("    j{caller} --> j{at}"));
        }
        for need in &job.needs {
            let need = job.frame.id(need);
            let needed = jobs.iter().position(|one| one.id == need);
            if let Some(needed) = needed {
                lines.push(format!("    j{needed} --> j{at}"));
            }
        }
    }
    let elsewhere: Vec<String> = jobs
        .iter()
        .enumerate()
        .filter(|(_, job)| !job.legs.iter().any(is_here))
        .map(|(at, _)| format!("j{at}"))
        .collect();
    if !elsewhere.is_empty() {
        lines.push("    classDef elsewhere stroke-dasharray: 4".to_owned());
        lines.push(format!("    class {} elsewhere", elsewhere.join(",")));
    }
    lines.push(String::new());
    lines.join("\n")
}

/// The id of a job, and how many legs it has where that is not one.
fn label(job: &PlanJob) -> String {
    let mut label = escaped(&job.id);
    let here = job.legs.iter().filter(|leg| is_here(leg)).count();
    match (job.legs.len(), here) {
        (1, 1) => {}
        (1, _) => label.push_str("<br/>not here"),
        (legs, here) => {
            label.push_str("<br/>");
            label.push_str(&legs_text(legs, here));
        }
    }
    label
}

/// Text that means nothing to Mermaid: every character that could is written as
/// an entity of its own form, `#35;`.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in one_line(text).chars() {
        if c.is_alphanumeric() || matches!(c, ' ' | '_' | '-' | '.' | ',' | '(' | ')') {
            escaped.push(c);
        } else {
            escaped.push_str(&format!("#{};", u32::from(c)));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn nothing_breaks_out_of_a_label() {
        assert_eq!(escaped("unit-tests (3.12)"), "unit-tests (3.12)");
        assert_eq!(escaped("a\"]; b"), "a#34;#93;#59; b");
        assert_eq!(escaped("`<b>#1;"), "#96;#60;b#62;#35;1#59;");
        assert_eq!(escaped("日本\nx"), "日本 x");
    }
}
