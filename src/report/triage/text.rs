//! A diagnosis for a person.

use crate::report::findings::Page;
use crate::report::format::counted;
use crate::report::style::{Look, Sign, Tone};
use crate::report::text::one_line;
use crate::triage::{Confidence, Diagnosis, Finding};

/// Steps that are named.
const STEPS: usize = 3;
/// Symptoms that are named.
const SYMPTOMS: usize = 4;

/// The diagnosis, no line wider than `width` unless a word is.
pub(crate) fn triage_text(diagnosis: &Diagnosis, width: usize, look: Look) -> String {
    let mut page = Page::new(width, look);
    let what = match (diagnosis.findings.len(), diagnosis.failed) {
        (0, false) => "nothing that failed was found".to_owned(),
        (0, true) => "something failed, and what was read does not say why".to_owned(),
        (count, _) => counted(count as u64, "cause"),
    };
    let read = counted(diagnosis.lines, "line");
    page.folded("", &format!("{what}; {read} of logs looked at"), Tone::Dim);
    for finding in &diagnosis.findings {
        page.lines.push(String::new());
        one(&mut page, finding);
    }
    page.text()
}

fn one(page: &mut Page, finding: &Finding) {
    let sign = match finding.confidence {
        Confidence::Possible => Sign::Warn,
        _ => Sign::Bad,
    };
    let head = format!(
        "{} {}: {}",
        page.look.sign(sign),
        finding.category.label(),
        one_line(&finding.cause)
    );
    page.folded("", &head, Tone::Strong);
    if !finding.steps.is_empty() {
        let mut steps: Vec<String> = finding
            .steps
            .iter()
            .take(STEPS)
            .map(|step| one_line(step))
            .collect();
        if finding.steps.len() > STEPS {
            steps.push(format!("{} more", finding.steps.len() - STEPS));
        }
        page.folded("    ", &format!("in {}", steps.join(", ")), Tone::Plain);
    }
    for place in &finding.lines {
        let text = one_line(&place.text);
        if text == one_line(&finding.cause) {
            continue;
        }
        let line = match place.line {
            0 => text,
            line => format!("{}:{line}: {text}", one_line(&place.file)),
        };
        page.folded("    ", &line, Tone::Dim);
    }
    if finding.count > finding.lines.len() as u64 && finding.count > 1 {
        page.folded(
            "    ",
            &format!("{} times in all", finding.count),
            Tone::Dim,
        );
    }
    if !finding.symptoms.is_empty() {
        let mut symptoms: Vec<String> = finding
            .symptoms
            .iter()
            .take(SYMPTOMS)
            .map(|symptom| one_line(&symptom.told()))
            .collect();
        if finding.symptoms.len() > SYMPTOMS {
            symptoms.push(format!("{} more", finding.symptoms.len() - SYMPTOMS));
        }
        page.folded(
            "    ",
            &format!("explains {}", symptoms.join(", ")),
            Tone::Plain,
        );
    }
    if !finding.next.is_empty() {
        page.folded("    ", &format!("next: {}", finding.next), Tone::Plain);
    }
    let sure = match finding.confidence {
        Confidence::Possible => "possible",
        Confidence::Likely => "likely",
        Confidence::Certain => "certain",
    };
    page.folded("    ", &format!("({}, {sure})", finding.id), Tone::Dim);
}

/// Causes that are shown below a run.
const BRIEF: usize = 3;

/// The causes of a run that failed, a few lines each, for its end; nothing where its summary
/// says all there is to say.
pub(crate) fn triage_brief(diagnosis: &Diagnosis, width: usize, look: Look) -> Option<String> {
    let shown: Vec<&Finding> = diagnosis
        .of_words()
        .filter(|finding| finding.confidence > Confidence::Possible)
        .collect();
    if shown.is_empty() {
        return None;
    }
    let mut page = Page::new(width, look);
    page.lines
        .push(page.look.paint(Tone::Strong, "probable causes"));
    for finding in shown.iter().take(BRIEF) {
        let step = finding
            .steps
            .first()
            .map(|step| format!(" ({})", one_line(step)));
        let cause = format!(
            "{}: {}{}",
            finding.category.label(),
            one_line(&finding.cause),
            step.unwrap_or_default()
        );
        page.folded("  ", &cause, Tone::Plain);
        if let Some(place) = finding.lines.first() {
            page.folded("    ", &one_line(&place.text), Tone::Dim);
        }
        page.folded("    ", &format!("next: {}", finding.next), Tone::Plain);
    }
    if shown.len() > BRIEF {
        page.folded(
            "  ",
            &format!("{} more: `seatrial triage`", shown.len() - BRIEF),
            Tone::Dim,
        );
    }
    page.lines.push(String::new());
    Some(page.text())
}

#[cfg(test)]
mod tests {
    use super::{triage_brief, triage_text};
    use crate::report::style::Look;
    use crate::triage::{Diagnosis, Matcher, Origin, Reader, diagnose, order};

    fn sample() -> Diagnosis {
        let matcher = Matcher::new();
        let of = |job: &str, at: usize, text: &str| {
            let origin = Origin {
                job: job.to_owned(),
                step: "Run tests".to_owned(),
                file: format!("logs/{job}/03-run-tests.log"),
            };
            let mut reader = Reader::new(&matcher, origin, order(at, 3));
            for line in text.lines() {
                reader.line(line.as_bytes());
            }
            reader.finish(Some(true))
        };
        let refused = "ConnectionRefusedError: [Errno 111] Connection refused\n".repeat(40);
        diagnose(vec![
            of("unit", 0, "/x.sh: line 1: pytest: command not found"),
            of(
                "integration",
                1,
                &format!("dependency failed to start: container app-db-1 is unhealthy\n{refused}"),
            ),
            of(
                "odd",
                2,
                "everything is zork\nerror: no\u{1b}[2J zork | here",
            ),
        ])
    }

    #[test]
    fn a_diagnosis_for_a_person() {
        let look = Look {
            colour: false,
            ascii: false,
        };
        insta::assert_snapshot!("text", triage_text(&sample(), 80, look));
        insta::assert_snapshot!(
            "brief",
            triage_brief(&sample(), 80, look).unwrap_or_default()
        );
        insta::assert_snapshot!(
            "sarif",
            crate::report::json_text(&crate::report::triage_sarif(&sample()))
        );
        insta::assert_snapshot!(
            "json",
            crate::report::json_text(&crate::report::triage_json(&sample()))
        );
        let nothing = diagnose(Vec::new());
        assert_eq!(triage_brief(&nothing, 80, look), None);
        assert_eq!(
            triage_text(&nothing, 80, look),
            "nothing that failed was found; 0 lines of logs looked at\n"
        );
    }
}
