//! The step summary: the whole run on one page in GitHub Actions.

mod why;

use super::html::{Page, code, cut, preformatted, text};
use crate::gate::left_out;
use crate::record::{
    Conclusion, CoverageSummary, Failure, FileCoverage, JobRecord, RunRecord, TestCase, TestCounts,
};
use crate::report::failed::{
    FailedTest, failed_tests, flaky, place, raised_elsewhere, run_counts, said,
};
use crate::report::format::{counted, duration, percent};
use crate::report::notices::notices;
use crate::triage::Diagnosis;

/// Most bytes of a step's summary: GitHub drops a larger one as a whole (docs,
/// "Step isolation and limits").
pub(crate) const PAGE_BYTES: usize = 1024 * 1024;
/// Files that are named.
const FILES: usize = 20;
/// Slowest tests that are named.
const SLOWEST: usize = 10;
/// Lines of what a failed test said.
const TEST_LINES: usize = 40;
/// Longest name in a table, in characters.
const NAME_LEN: usize = 200;
/// Longest text of one failure, in characters.
const SAID_LEN: usize = 4096;

/// The run as Markdown for `$GITHUB_STEP_SUMMARY`, at most 1 MiB, with `why` it failed.
pub(crate) fn step_summary(record: &RunRecord, why: Option<&Diagnosis>) -> String {
    step_summary_within(record, why, PAGE_BYTES)
}

/// The same for a place with less room, in bytes, such as a comment.
pub(crate) fn step_summary_within(
    record: &RunRecord,
    why: Option<&Diagnosis>,
    most: usize,
) -> String {
    let mut page = Page::new(most);
    verdict(record, &mut page);
    if let Some(why) = why {
        why::causes(why, &mut page);
    }
    jobs(record, &mut page);
    coverage(record, &mut page);
    failed(&failed_tests(record), &mut page);
    warnings(record, &mut page);
    slowest(record, &mut page);
    page.finish("run.json holds them all")
}

fn verdict(record: &RunRecord, page: &mut Page) {
    let counts = run_counts(record);
    let heading = match &record.verdict {
        Some(verdict) if verdict.passed && verdict.warnings.is_empty() => "✓ seatrial: passed",
        Some(verdict) if verdict.passed => "! seatrial: passed with warnings",
        Some(_) => "✗ seatrial: failed",
        None => "! seatrial: no verdict",
    };
    page.frame(&format!("## {heading}\n\n"));
    let mut line = vec![counted(u64::from(counts.total()), "test")];
    line.extend(tests_text(counts));
    if let Some(share) = record.coverage.as_ref().and_then(CoverageSummary::percent) {
        line.push(format!("coverage {}", percent(share)));
    }
    if let Some(end) = record.finished_at {
        line.push(duration(end.saturating_sub(record.started_at)));
    }
    let flaky = flaky(record);
    if !flaky.is_empty() {
        line.push(format!("{} passed only when run again", flaky.len()));
    }
    page.frame(&format!("{}\n\n", line.join(" · ")));
    for failure in record.verdict.iter().flat_map(|verdict| &verdict.failures) {
        page.item(&one_failure(failure));
    }
    page.frame("\n");
}

fn one_failure(failure: &Failure) -> String {
    let mut block = format!(
        "<p>✗ <code>{}</code> {}",
        failure.cause.path(),
        text(&cut(&failure.message, SAID_LEN))
    );
    for fact in &failure.evidence {
        block.push_str("<br>");
        block.push_str(&text(&cut(fact, SAID_LEN)));
    }
    block.push_str("</p>\n\n");
    block
}

fn jobs(record: &RunRecord, page: &mut Page) {
    if record.jobs.is_empty() {
        return;
    }
    page.frame(
        "<table>\n<tr><th></th><th>job</th><th>result</th><th>tests</th><th>coverage</th>\
         <th>start</th><th>took</th></tr>\n",
    );
    for leg in &record.jobs {
        if leg.planned.left_out.is_none() {
            page.item(&job_row(record, leg));
        }
    }
    for group in left_out(record) {
        page.item(&format!(
            "<tr><td>○</td><td>{}</td><td>{}</td><td>–</td><td>–</td><td>–</td><td>–</td></tr>\n",
            code(&cut(&group.who, NAME_LEN)),
            text(&cut(&group.what, NAME_LEN))
        ));
    }
    page.frame("</table>\n\n");
}

fn job_row(record: &RunRecord, leg: &JobRecord) -> String {
    let sign = match leg.conclusion {
        Some(Conclusion::Success) => "✓",
        Some(Conclusion::Failure) => "✗",
        Some(Conclusion::Skipped) => "○",
        Some(Conclusion::Cancelled) | None => "!",
    };
    let mut result = leg
        .conclusion
        .map_or("no result", Conclusion::as_str)
        .to_owned();
    if let Some(note) = &leg.note {
        result = format!("{result}: {note}");
    }
    let counts = leg.test_counts();
    let tests = if counts.total() == 0 {
        "–".to_owned()
    } else {
        tests_text(counts).join(", ")
    };
    let covered = leg
        .coverage
        .first()
        .and_then(|report| report.summary.percent().map(percent));
    let start = leg
        .started_at
        .map(|at| duration(at.saturating_sub(record.started_at)));
    let took = leg
        .started_at
        .zip(leg.finished_at)
        .map(|(start, end)| duration(end.saturating_sub(start)));
    let or_dash = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
    format!(
        "<tr><td>{sign}</td><td>{}</td><td>{}</td><td>{tests}</td><td>{}</td><td>{}</td>\
         <td>{}</td></tr>\n",
        code(&cut(&leg.planned.key.0, NAME_LEN)),
        text(&cut(&result, NAME_LEN)),
        or_dash(covered),
        or_dash(start),
        or_dash(took)
    )
}

fn tests_text(counts: TestCounts) -> Vec<String> {
    [
        (counts.passed, "passed"),
        (counts.failed, "failed"),
        (counts.errors, "broken"),
        (counts.skipped, "skipped"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, word)| format!("{count} {word}"))
    .collect()
}

fn coverage(record: &RunRecord, page: &mut Page) {
    let Some(total) = &record.coverage else {
        return;
    };
    let Some(share) = total.percent() else {
        return;
    };
    let mut facts = vec![format!("**{}** of lines and branches", percent(share))];
    if let Some(lines) = total.line_percent() {
        facts.push(format!("lines {}", percent(lines)));
    }
    if let Some(branches) = total.branch_percent() {
        facts.push(format!("branches {}", percent(branches)));
    }
    let min = record
        .verdict
        .as_ref()
        .and_then(|verdict| verdict.coverage_min);
    facts.push(match min {
        Some(min) => format!("threshold {min} %"),
        None => "no threshold applied".to_owned(),
    });
    page.frame(&format!("Coverage: {}\n\n", facts.join(" · ")));
    files(total, page);
}

/// The files with most that was missed.
fn files(total: &CoverageSummary, page: &mut Page) {
    let missed = |file: &FileCoverage| {
        (file.lines_valid + file.branches_valid)
            .saturating_sub(file.lines_covered + file.branches_covered)
    };
    let mut files: Vec<&FileCoverage> =
        total.files.iter().filter(|file| missed(file) > 0).collect();
    files.sort_by_key(|file| std::cmp::Reverse(missed(file)));
    if files.is_empty() {
        return;
    }
    page.frame(
        "<details>\n<summary>Files with most that was missed</summary>\n<table>\n\
         <tr><th>file</th><th>covered</th><th>lines missed</th></tr>\n",
    );
    for file in files.iter().take(FILES) {
        let share = file.percent().map(percent).unwrap_or_default();
        page.item(&format!(
            "<tr><td>{}</td><td>{share}</td><td>{}</td></tr>\n",
            code(&cut(&file.path, NAME_LEN)),
            file.lines_valid.saturating_sub(file.lines_covered)
        ));
    }
    page.frame("</table>\n</details>\n\n");
}

fn failed(tests: &[FailedTest<'_>], page: &mut Page) {
    if tests.is_empty() {
        return;
    }
    let open = if tests.len() <= 5 { " open" } else { "" };
    page.frame(&format!(
        "<details{open}>\n<summary>{}</summary>\n",
        counted(tests.len() as u64, "failed test")
    ));
    for test in tests {
        page.item(&failed_test(test));
    }
    page.frame("</details>\n\n");
}

fn failed_test(test: &FailedTest<'_>) -> String {
    let case = test.case;
    let mut block = format!("<p>✗ {}", code(&cut(&case.id, NAME_LEN)));
    if let Some(place) = place(case) {
        block.push_str(&format!(" at {}", code(&cut(&place, NAME_LEN))));
    }
    if let Some(place) = raised_elsewhere(case) {
        block.push_str(&format!(", raised at {},", code(&cut(&place, NAME_LEN))));
    }
    let legs = cut(&test.legs.join(", "), NAME_LEN);
    block.push_str(&format!(" in {}", code(&legs)));
    if test.allowed {
        block.push_str(", allowed to fail");
    }
    block.push_str("</p>\n");
    let said = said(case, TEST_LINES).join("\n");
    if !said.is_empty() {
        block.push_str(&format!(
            "<pre>{}</pre>\n",
            preformatted(&cut(&said, SAID_LEN))
        ));
    }
    block
}

fn warnings(record: &RunRecord, page: &mut Page) {
    let Some(verdict) = &record.verdict else {
        return;
    };
    let notices = notices(record);
    if verdict.warnings.is_empty() && notices.is_empty() {
        return;
    }
    page.frame("<details>\n<summary>Warnings and notices</summary>\n<ul>\n");
    for warning in &verdict.warnings {
        page.item(&format!("<li>! {}</li>\n", text(&cut(warning, SAID_LEN))));
    }
    for notice in &notices {
        page.item(&format!(
            "<li>{}</li>\n",
            text(&cut(&notice.text, SAID_LEN))
        ));
    }
    page.frame("</ul>\n</details>\n\n");
}

fn slowest(record: &RunRecord, page: &mut Page) {
    let mut tests: Vec<(&TestCase, &str)> = record
        .jobs
        .iter()
        .flat_map(|leg| leg.steps.iter().map(move |step| (leg, step)))
        .flat_map(|(leg, step)| step.tests.iter().map(move |report| (leg, report)))
        .flat_map(|(leg, report)| {
            let key = leg.planned.key.0.as_str();
            report.cases.iter().map(move |case| (case, key))
        })
        .collect();
    tests.sort_by(|(a, _), (b, _)| b.seconds.total_cmp(&a.seconds));
    tests.truncate(SLOWEST);
    if tests.is_empty() {
        return;
    }
    page.frame("<details>\n<summary>Slowest tests</summary>\n<table>\n");
    for (case, leg) in tests {
        page.item(&format!(
            "<tr><td>{:.2} s</td><td>{}</td><td>{}</td></tr>\n",
            case.seconds,
            code(&cut(&case.id, NAME_LEN)),
            code(&cut(leg, NAME_LEN))
        ));
    }
    page.frame("</table>\n</details>\n");
}

#[cfg(test)]
mod tests;
