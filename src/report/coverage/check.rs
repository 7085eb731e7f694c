//! The verdict on coverage files.

use serde_json::{Value, json};

use super::coverage_line;
use crate::gate::{CoverageJudged, Threshold};
use crate::record::{CoverageBase, CoverageSummary};
use crate::report::style::{Look, Sign, Tone};
use crate::report::text::one_line;

/// Coverage and what came of holding it against what is asked of it.
pub(crate) struct CoverageChecked<'a> {
    /// The figures.
    pub(crate) summary: &'a CoverageSummary,
    /// The least total.
    pub(crate) threshold: &'a Threshold,
    /// What it was compared with.
    pub(crate) base: Option<&'a CoverageBase>,
    /// What came of it.
    pub(crate) judged: &'a CoverageJudged,
}

/// The verdict for a person.
pub(crate) fn coverage_check_text(checked: &CoverageChecked<'_>, look: Look) -> String {
    let judged = checked.judged;
    let sign = match judged.failures.is_empty() {
        true => Sign::Good,
        false => Sign::Bad,
    };
    // coverage.py rounds before it compares.
    let below = |share: f64| share < checked.threshold.percent;
    let rounded = match checked.summary.percent().is_some_and(below) {
        true if judged.failures.is_empty() => "; rounded to it",
        _ => "",
    };
    let mut lines = vec![format!(
        "{} {} (at least {} %, {}{rounded})",
        look.painted(sign),
        coverage_line(checked.summary),
        checked.threshold.percent,
        one_line(&checked.threshold.source),
    )];
    if let Some(changed) = checked.base.and_then(|base| base.changed.as_ref()) {
        let (covered, valid) = changed.counts();
        let text = match valid {
            0 => "no statement has changed".to_owned(),
            _ => format!("{covered} of {valid} new and changed lines are covered"),
        };
        lines.push(look.paint(Tone::Dim, &format!("  {text}")));
    }
    for failure in &judged.failures {
        lines.push(format!(
            "{} {}",
            look.painted(Sign::Bad),
            one_line(&failure.message)
        ));
        let evidence = failure.evidence.iter();
        lines
            .extend(evidence.map(|fact| look.paint(Tone::Dim, &format!("    {}", one_line(fact)))));
    }
    for warning in &judged.warnings {
        lines.push(format!(
            "{} {}",
            look.painted(Sign::Warn),
            one_line(warning)
        ));
    }
    lines.push(String::new());
    lines.join("\n")
}

/// The verdict for programs.
pub(crate) fn coverage_check_json(checked: &CoverageChecked<'_>) -> Value {
    let (summary, judged) = (checked.summary, checked.judged);
    json!({
        "passed": judged.failures.is_empty(),
        "exit_code": judged.exit_code(),
        "percent": summary.percent(),
        "lines": { "covered": summary.lines_covered, "valid": summary.lines_valid },
        "branches": { "covered": summary.branches_covered, "valid": summary.branches_valid },
        "threshold": {
            "percent": checked.threshold.percent,
            "precision": checked.threshold.precision,
            "source": checked.threshold.source,
        },
        "base": checked.base,
        "failures": judged.failures,
        "warnings": judged.warnings,
    })
}
