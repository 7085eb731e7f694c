//! The probable causes of a failure, and the lines of the logs that tell them.

use super::{NAME_LEN, SAID_LEN};
use crate::report::github::html::{Page, code, cut, preformatted, text};
use crate::triage::{Confidence, Diagnosis, Finding};

/// Causes that are told.
const CAUSES: usize = 10;
/// Lines of each, and steps and symptoms that are named.
const LINES: usize = 3;

/// The causes; nothing where logs and messages tell none.
pub(super) fn causes(diagnosis: &Diagnosis, page: &mut Page) {
    let found: Vec<&Finding> = diagnosis
        .of_words()
        .filter(|finding| finding.confidence > Confidence::Possible)
        .collect();
    if found.is_empty() {
        return;
    }
    page.frame("<details open>\n<summary>Probable causes</summary>\n");
    for finding in found.iter().take(CAUSES) {
        page.item(&one(finding));
    }
    if found.len() > CAUSES {
        page.item(&format!(
            "<p>and {} more, which <code>seatrial triage</code> shows</p>\n",
            found.len() - CAUSES
        ));
    }
    page.frame("</details>\n\n");
}

fn one(finding: &Finding) -> String {
    let mut block = format!(
        "<p><strong>{}</strong>: {}",
        finding.category.label(),
        text(&cut(&finding.cause, SAID_LEN))
    );
    if let Some(step) = finding.steps.first() {
        block.push_str(&format!(" in {}", code(&cut(step, NAME_LEN))));
    }
    if finding.steps.len() > 1 {
        block.push_str(&format!(" and {} more", finding.steps.len() - 1));
    }
    if !finding.next.is_empty() {
        block.push_str(&format!("<br>Next: {}", text(&finding.next)));
    }
    if !finding.symptoms.is_empty() {
        let named: Vec<String> = finding
            .symptoms
            .iter()
            .take(LINES)
            .map(|symptom| text(&cut(&symptom.told(), NAME_LEN)))
            .collect();
        block.push_str(&format!("<br>It explains {}", named.join(", ")));
        if finding.symptoms.len() > LINES {
            block.push_str(&format!(" and {} more", finding.symptoms.len() - LINES));
        }
    }
    block.push_str("</p>\n");
    let lines: Vec<String> = finding
        .lines
        .iter()
        .take(LINES)
        .map(|place| match place.line {
            0 => cut(&place.text, NAME_LEN),
            line => format!("{}:{line}: {}", place.file, cut(&place.text, NAME_LEN)),
        })
        .collect();
    if !lines.is_empty() {
        block.push_str(&format!("<pre>{}</pre>\n", preformatted(&lines.join("\n"))));
    }
    block
}
