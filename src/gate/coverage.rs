//! Total coverage against its threshold.
//!
//! A total that lacks a report which was due means nothing, in either
//! direction: then the threshold stays undecided, and the missing report fails
//! the run. The comparison itself is coverage.py's (`coverage report
//! --fail-under`), so that a move into containers never moves the gate.

use super::findings::Findings;
use super::limits::{self, Judged, Limits};
use super::missing::{Absence, is_coverage, owner, weigh};
use super::{Policy, Threshold};
use crate::record::{
    Cause, Conclusion, CoverageBase, CoverageSummary, Failure, FileCoverage, JobRecord, RunRecord,
};
use crate::results::{display_percent, should_fail_under};

/// How many files are named as evidence.
const NAMED: usize = 5;

/// Judges coverage. The threshold, where it was applied.
pub(super) fn judge(record: &RunRecord, policy: &Policy, findings: &mut Findings) -> Option<f64> {
    unmapped(record, findings);
    let lost = lost(record, policy, findings);
    let total = match total(record) {
        Ok(total) => total,
        Err(failure) => {
            findings.fail_run(failure);
            return None;
        }
    };
    let threshold = policy.coverage_min.as_ref();
    if findings.run_failed() && total.is_none() {
        // Nobody expects figures of a run that was stopped or never had an image.
        return None;
    }
    if !lost.is_empty() {
        if let Some(threshold) = threshold {
            undecided(&lost, total, threshold, findings);
        }
        return None;
    }
    let Some(total) = total else {
        nothing_measured(policy, findings);
        return None;
    };
    let judged = against(
        total,
        record.coverage_base.as_ref(),
        threshold,
        &policy.limits,
    );
    let decided = total.percent().is_some() || !total.files.is_empty();
    for mut failure in judged.failures {
        if record.info.partial && failure.cause == Cause::BelowThreshold {
            failure = failure
                .with_evidence("only a part of the workflow ran here; the rest may cover more");
        }
        findings.fail_run(failure);
    }
    for warning in judged.warnings {
        findings.warn(warning);
    }
    threshold
        .filter(|_| decided)
        .map(|threshold| threshold.percent)
}

/// Holds a total against everything that is asked of it.
pub(crate) fn against(
    total: &CoverageSummary,
    base: Option<&CoverageBase>,
    threshold: Option<&Threshold>,
    limits: &Limits,
) -> Judged {
    let mut failures = Vec::new();
    let mut warnings = Vec::new();
    match (total.percent(), threshold) {
        (None, _) if total.files.is_empty() => failures.push(nothing_to_cover()),
        (None, Some(_)) => {
            // 100 %, by coverage.py.
            warnings.push("the coverage reports hold no line of code".to_owned());
        }
        (Some(percent), Some(threshold))
            if should_fail_under(percent, threshold.percent, threshold.precision) =>
        {
            failures.push(below(total, percent, threshold));
        }
        _ => {}
    }
    let precision = threshold.map_or(0, |threshold| threshold.precision);
    let more = limits::judge(total, base, limits, precision);
    failures.extend(more.failures);
    warnings.extend(more.warnings);
    Judged { failures, warnings }
}

/// The failure of reports that name no file.
fn nothing_to_cover() -> Failure {
    let message = "the coverage reports hold no line of code";
    Failure::new(Cause::CoverageIncomplete, message)
        .with_evidence("hint: check `source` and `omit` in the settings of coverage.py")
}

/// A coverage report that was due and is not there.
struct Lost {
    /// Who owes it.
    owner: String,
    /// The message of the failure that stands for it, if one does.
    failure: Option<String>,
}

/// Coverage that is missing from the total.
fn lost(record: &RunRecord, policy: &Policy, findings: &Findings) -> Vec<Lost> {
    let mut lost = Vec::new();
    for leg in record
        .jobs
        .iter()
        .filter(|leg| leg.planned.left_out.is_none())
    {
        let known = lost.len();
        for missing in leg
            .missing
            .iter()
            .filter(|missing| is_coverage(missing.kind))
        {
            let owner = owner(leg, missing);
            let failure = match weigh(leg, missing, policy) {
                Absence::NotDue => continue,
                Absence::Stands => Some(format!("{owner}: {}", missing.failure.message)),
                Absence::Lost | Absence::Explained => None,
            };
            lost.push(Lost { owner, failure });
        }
        if lost.len() == known && never_wrote(leg, findings) {
            lost.push(Lost {
                owner: leg.planned.key.0.clone(),
                failure: None,
            });
        }
    }
    lost
}

/// Whether a leg owes coverage, has none, and came to a bad end or was not
/// reached because another one did.
fn never_wrote(leg: &JobRecord, findings: &Findings) -> bool {
    let owes = leg
        .planned
        .steps
        .iter()
        .any(|step| step.due.iter().copied().any(is_coverage));
    owes && leg.coverage.is_empty()
        && match leg.conclusion {
            Some(Conclusion::Success) => false,
            Some(Conclusion::Skipped) => findings.any_failure(),
            Some(Conclusion::Failure | Conclusion::Cancelled) | None => true,
        }
}

/// The total of the run: the merged reports, or the only one.
fn total(record: &RunRecord) -> Result<Option<&CoverageSummary>, Failure> {
    if let Some(merged) = &record.coverage {
        return Ok(Some(merged));
    }
    let mut reports = record.jobs.iter().flat_map(|leg| &leg.coverage);
    match (reports.next(), reports.count()) {
        (None, _) => Ok(None),
        (Some(only), 0) => Ok(Some(&only.summary)),
        (Some(_), more) => Err(Failure::new(
            Cause::CoverageIncomplete,
            format!("the {} coverage reports were not merged", more + 1),
        )),
    }
}

/// Says that the threshold stays undecided, on the failures that are the reason,
/// or as a warning where those are failures of another kind.
fn undecided(
    lost: &[Lost],
    total: Option<&CoverageSummary>,
    threshold: &Threshold,
    findings: &mut Findings,
) {
    let rest = match total.and_then(CoverageSummary::percent) {
        Some(percent) => format!(
            "the other reports give {} %",
            display_percent(percent, threshold.precision.max(1))
        ),
        None => "no other report gives a figure".to_owned(),
    };
    let asked = format!("{} % ({})", threshold.percent, threshold.source);
    let mut stands = false;
    for failure in lost.iter().filter_map(|lost| lost.failure.as_deref()) {
        stands = true;
        findings.add_evidence(
            failure,
            &format!("the threshold of {asked} is undecided; {rest}"),
        );
    }
    if !stands {
        let mut owners: Vec<&str> = lost.iter().map(|lost| lost.owner.as_str()).collect();
        owners.dedup();
        findings.warn(format!(
            "coverage of {} is missing, so the threshold of {asked} is undecided; {rest}",
            owners.join(", ")
        ));
    }
}

/// No coverage came out, and no report is known to be missing.
fn nothing_measured(policy: &Policy, findings: &mut Findings) {
    if policy.coverage_due {
        let message = "no coverage report came out, although coverage is asked for";
        if findings.explains_absence() {
            findings.warn(message);
        } else {
            findings.fail_run(
                Failure::new(Cause::ReportMissing, message).with_evidence(
                    "hint: let a test step write it: `pytest --cov --cov-report=xml`",
                ),
            );
        }
    } else if policy.coverage_min.is_some() {
        findings.warn(
            "no job of this run measures coverage, so no threshold was applied; hint: add \
             `--cov --cov-report=xml` to the pytest command",
        );
    }
}

/// The failure of a total below its threshold.
fn below(total: &CoverageSummary, percent: f64, threshold: &Threshold) -> Failure {
    let shown = shown_below(percent, threshold.percent, threshold.precision);
    let mut failure = Failure::new(
        Cause::BelowThreshold,
        format!(
            "coverage {shown} % is below {} % ({})",
            threshold.percent, threshold.source
        ),
    );
    for file in worst(total) {
        let missed = missed(file);
        failure = failure.with_evidence(format!(
            "{}: {missed} of {} lines missed",
            file.path, file.lines_valid
        ));
    }
    failure
}

/// A share below a limit, with the fewest digits that do not make a message absurd
/// ("80.0 is below 80").
pub(super) fn shown_below(percent: f64, limit: f64, precision: u8) -> String {
    [precision.max(1), precision, 2, 3, 4, 6, 9]
        .into_iter()
        .map(|digits| display_percent(percent, digits))
        .find(|shown| shown.parse::<f64>().is_ok_and(|shown| shown < limit))
        .unwrap_or_else(|| percent.to_string())
}

/// The files with most missed lines.
pub(super) fn worst(total: &CoverageSummary) -> Vec<&FileCoverage> {
    let mut files: Vec<&FileCoverage> =
        total.files.iter().filter(|file| missed(file) > 0).collect();
    files.sort_by(|a, b| missed(b).cmp(&missed(a)).then_with(|| a.path.cmp(&b.path)));
    files.truncate(NAMED);
    files
}

/// Lines that did not run.
pub(super) fn missed(file: &FileCoverage) -> u64 {
    file.lines_valid.saturating_sub(file.lines_covered)
}

/// Files of coverage reports that are not files of the repository.
fn unmapped(record: &RunRecord, findings: &mut Findings) {
    let count = record.unmapped.len();
    if count == 0 {
        return;
    }
    let named: Vec<&str> = record
        .unmapped
        .iter()
        .take(NAMED)
        .map(String::as_str)
        .collect();
    let more = if count > NAMED { ", …" } else { "" };
    let files = if count == 1 { "file" } else { "files" };
    findings.warn(format!(
        "coverage reports name {count} {files} that are not in the repository: {}{more}",
        named.join(", ")
    ));
}
