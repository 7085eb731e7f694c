//! What coverage is held against beside its total: packages, a base, changed lines.
//!
//! Each limit that somebody set is judged, or fails because it cannot be: a package
//! without a file, a base without a report.

use super::coverage::{missed, shown_below, worst};
use crate::record::{Cause, CoverageBase, CoverageSummary, EXIT_SUCCESS, Failure, FileCoverage};
use crate::results::{display_percent, should_fail_under};

/// How many files or lines are named as evidence.
const NAMED: usize = 5;
/// Smallest difference of two shares that is one.
const SAME: f64 = 1e-9;

/// What coverage is held against beside its total.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Limits {
    /// Least coverage of packages.
    pub(crate) packages: Vec<PackageMin>,
    /// By how much coverage may be below that of the base, in percent; `None` where
    /// it is not compared.
    pub(crate) tolerance: Option<f64>,
    /// Least coverage of new and changed lines, in percent.
    pub(crate) new_lines: Option<f64>,
}

/// The least coverage of a package.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PackageMin {
    /// A folder (`src/billing`), or a package of Python (`shop.billing`).
    pub(crate) package: String,
    /// In percent.
    pub(crate) percent: f64,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    /// What fails.
    pub(crate) failures: Vec<Failure>,
    /// What a person should know.
    pub(crate) warnings: Vec<String>,
}

impl Judged {
    /// The exit code: that of the first class in the order of precedence.
    pub(crate) fn exit_code(&self) -> u8 {
        let causes = self.failures.iter().map(|failure| failure.cause);
        causes
            .min_by_key(|cause| cause.class())
            .map_or(EXIT_SUCCESS, Cause::exit_code)
    }
}

/// Judges all limits. Totals are rounded to `precision` digits before they are
/// compared, as the total of all is.
pub(super) fn judge(
    total: &CoverageSummary,
    base: Option<&CoverageBase>,
    limits: &Limits,
    precision: u8,
) -> Judged {
    let mut judged = Judged::default();
    for limit in &limits.packages {
        judged.failures.extend(package(total, limit, precision));
    }
    if let Some(tolerance) = limits.tolerance {
        judged.failures.extend(fallen(total, base, tolerance));
    }
    if let Some(percent) = limits.new_lines {
        changed(base, percent, precision, &mut judged);
    }
    judged
}

/// Whether a package is below its limit.
fn package(total: &CoverageSummary, limit: &PackageMin, precision: u8) -> Option<Failure> {
    let name = &limit.package;
    let files = files_of(total, name);
    if files.is_empty() {
        let message = format!("no file of the coverage reports is in the package `{name}`");
        return Some(
            Failure::new(Cause::CoverageIncomplete, message).with_evidence(
                "hint: a package is a folder of the repository, such as src/billing",
            ),
        );
    }
    let sum = CoverageSummary::of(files.into_iter().cloned().collect());
    // What has no line is covered, by coverage.py.
    let share = sum.percent().unwrap_or(100.0);
    if !should_fail_under(share, limit.percent, precision) {
        return None;
    }
    let shown = shown_below(share, limit.percent, precision);
    let message = format!(
        "coverage of `{name}` {shown} % is below {} %",
        limit.percent
    );
    Some(with_worst(
        Failure::new(Cause::BelowThreshold, message),
        &sum,
    ))
}

/// The files of a package: below that folder of the repository; where there is none,
/// below any folder of that name.
fn files_of<'t>(total: &'t CoverageSummary, package: &str) -> Vec<&'t FileCoverage> {
    let package = package.trim_start_matches("./").trim_matches('/');
    if package.is_empty() || package == "." {
        return total.files.iter().collect();
    }
    let below = |folder: &str| -> Vec<&'t FileCoverage> {
        let inside = |path: &str| {
            path.strip_prefix(folder)
                .is_some_and(|rest| rest.starts_with('/') || rest.is_empty())
        };
        let files: Vec<_> = total
            .files
            .iter()
            .filter(|file| inside(&file.path))
            .collect();
        if !files.is_empty() {
            return files;
        }
        let within = format!("/{folder}/");
        let files = total.files.iter();
        files.filter(|file| file.path.contains(&within)).collect()
    };
    let found = below(package);
    if found.is_empty() && package.contains('.') {
        return below(&package.replace('.', "/"));
    }
    found
}

/// Whether coverage is lower than that of the base, by more than is put up with.
fn fallen(total: &CoverageSummary, base: Option<&CoverageBase>, tolerance: f64) -> Option<Failure> {
    let name = base.map_or("the base", |base| base.name.as_str());
    let Some(before) = base.and_then(|base| base.summary.as_ref()) else {
        let message = format!("there is no coverage of {name} to compare with");
        return Some(Failure::new(Cause::ReportMissing, message));
    };
    let share = |summary: &CoverageSummary| summary.percent().unwrap_or(100.0);
    let (before, now) = (share(before), share(total));
    if now + tolerance + SAME >= before {
        return None;
    }
    // As many digits as tell the two apart.
    let shown = [1, 2, 3, 4, 6].map(|digits| {
        (
            display_percent(before, digits),
            display_percent(now, digits),
        )
    });
    let (was, is) = shown
        .iter()
        .find(|(was, is)| was != is)
        .unwrap_or(&shown[4]);
    let but = match tolerance {
        0.0 => String::new(),
        tolerance => format!(", by more than {tolerance} %"),
    };
    let message = format!("coverage fell from {was} % ({name}) to {is} %{but}");
    Some(with_worst(
        Failure::new(Cause::BelowThreshold, message),
        total,
    ))
}

/// Whether new and changed lines are covered well enough.
fn changed(base: Option<&CoverageBase>, percent: f64, precision: u8, judged: &mut Judged) {
    let name = base.map_or("the base", |base| base.name.as_str());
    let Some(changed) = base.and_then(|base| base.changed.as_ref()) else {
        let message = format!("git cannot tell which lines have changed since {name}");
        judged.failures.push(
            Failure::new(Cause::CoverageIncomplete, message).with_evidence(
                "hint: name a branch or commit that git has here (`fetch-depth: 0` of the checkout)",
            ),
        );
        return;
    };
    if !changed.unknown.is_empty() {
        let count = changed.unknown.len();
        let named: Vec<&str> = changed
            .unknown
            .iter()
            .take(NAMED)
            .map(String::as_str)
            .collect();
        let more = if count > NAMED { ", …" } else { "" };
        let (files, are) = if count == 1 {
            ("file", "is")
        } else {
            ("files", "are")
        };
        judged.warnings.push(format!(
            "{count} changed {files} {are} in no coverage report: {}{more}",
            named.join(", ")
        ));
    }
    let Some(share) = changed.percent() else {
        return;
    };
    if !should_fail_under(share, percent, precision) {
        return;
    }
    let (covered, valid) = changed.counts();
    let shown = shown_below(share, percent, precision);
    let message = format!(
        "coverage of new and changed lines {shown} % ({covered} of {valid}) is below {percent} %"
    );
    let mut failure = Failure::new(Cause::DiffBelowThreshold, message);
    let missed = changed.files.iter().filter(|file| !file.missed.is_empty());
    for file in missed.take(NAMED) {
        let lines: Vec<String> = file.missed.iter().take(NAMED).map(u32::to_string).collect();
        let more = if file.missed.len() > NAMED {
            ", …"
        } else {
            ""
        };
        let noun = if file.missed.len() == 1 {
            "line"
        } else {
            "lines"
        };
        failure = failure.with_evidence(format!(
            "{}: {noun} {}{more} missed",
            file.path,
            lines.join(", ")
        ));
    }
    judged.failures.push(failure);
}

/// The files with most missed lines as evidence.
fn with_worst(mut failure: Failure, total: &CoverageSummary) -> Failure {
    for file in worst(total) {
        failure = failure.with_evidence(format!(
            "{}: {} of {} lines missed",
            file.path,
            missed(file),
            file.lines_valid
        ));
    }
    failure
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{ChangedCoverage, ChangedFile};

    fn file(path: &str, covered: u64, valid: u64) -> FileCoverage {
        FileCoverage {
            path: path.to_owned(),
            lines_valid: valid,
            lines_covered: covered,
            ..FileCoverage::default()
        }
    }

    fn total() -> CoverageSummary {
        CoverageSummary::of(vec![
            file("src/shop/__init__.py", 0, 0),
            file("src/shop/billing/tax.py", 6, 10),
            file("src/shop/billing/vat.py", 10, 10),
            file("src/shop/cart.py", 84, 100),
        ])
    }

    fn told(base: Option<&CoverageBase>, limits: &Limits) -> Vec<String> {
        let judged = judge(&total(), base, limits, 0);
        let failures = judged.failures.iter();
        failures
            .map(|failure| format!("{}: {}", failure.cause.path(), failure.message))
            .chain(
                judged
                    .warnings
                    .into_iter()
                    .map(|line| format!("warning: {line}")),
            )
            .collect()
    }

    #[test]
    fn packages() {
        for (package, percent, expected) in [
            ("src/shop/billing", 80.0, None),
            ("./src/shop/billing/", 80.0, None),
            ("shop.billing", 80.0, None),
            (
                "billing",
                81.0,
                Some("coverage of `billing` 80.0 % is below 81 %"),
            ),
            (
                "src/shop",
                90.0,
                Some("coverage of `src/shop` 83.3 % is below 90 %"),
            ),
            (".", 83.0, None),
            // Of one file, and of one without a line.
            ("src/shop/cart.py", 84.0, None),
            ("src/shop/__init__.py", 100.0, None),
            (
                "src/shop/bill",
                1.0,
                Some("no file of the coverage reports is in the package `src/shop/bill`"),
            ),
        ] {
            let limits = Limits {
                packages: vec![PackageMin {
                    package: package.to_owned(),
                    percent,
                }],
                ..Limits::default()
            };
            let told = told(None, &limits);
            match expected {
                None => assert_eq!(told, Vec::<String>::new(), "{package}"),
                Some(expected) => assert!(told[0].ends_with(expected), "{told:?}"),
            }
        }
    }

    #[test]
    fn no_decrease_beyond_the_tolerance() {
        let base = |covered, valid| CoverageBase {
            name: "main".to_owned(),
            summary: Some(CoverageSummary::of(vec![file("a", covered, valid)])),
            changed: None,
        };
        let with = |tolerance| Limits {
            tolerance: Some(tolerance),
            ..Limits::default()
        };
        // 100 of 120.
        assert_eq!(told(Some(&base(5, 6)), &with(0.0)), Vec::<String>::new());
        assert_eq!(told(Some(&base(84, 100)), &with(0.7)), Vec::<String>::new());
        assert_eq!(
            told(Some(&base(84, 100)), &with(0.5)),
            [
                "coverage.below_threshold: coverage fell from 84.0 % (main) to 83.3 %, by more than 0.5 %"
            ]
        );
        assert_eq!(
            told(Some(&base(83_334, 100_000)), &with(0.0)),
            ["coverage.below_threshold: coverage fell from 83.334 % (main) to 83.333 %"]
        );
        assert_eq!(
            told(None, &with(0.0)),
            ["no_report.report_missing: there is no coverage of the base to compare with"]
        );
    }

    #[test]
    fn changed_lines() {
        let limits = Limits {
            new_lines: Some(80.0),
            ..Limits::default()
        };
        let base = |files: Vec<(&str, u64, Vec<u32>)>, unknown: &[&str]| CoverageBase {
            name: "main".to_owned(),
            summary: None,
            changed: Some(ChangedCoverage {
                files: files
                    .into_iter()
                    .map(|(path, lines_valid, missed)| ChangedFile {
                        path: path.to_owned(),
                        lines_valid,
                        missed,
                    })
                    .collect(),
                unknown: unknown.iter().map(|&path| path.to_owned()).collect(),
            }),
        };
        assert_eq!(
            told(Some(&base(vec![], &[])), &limits),
            Vec::<String>::new()
        );
        assert_eq!(
            told(Some(&base(vec![("a.py", 5, vec![3])], &["b.py"])), &limits),
            ["warning: 1 changed file is in no coverage report: b.py"]
        );
        let low = base(vec![("a.py", 9, vec![3, 9]), ("b.py", 1, vec![7])], &[]);
        assert_eq!(
            told(Some(&low), &limits),
            [
                "coverage.diff_below_threshold: coverage of new and changed lines 70.0 % (7 of 10) is below 80 %"
            ]
        );
        let judged = judge(&total(), Some(&low), &limits, 0);
        assert_eq!(
            judged.failures[0].evidence,
            ["a.py: lines 3, 9 missed", "b.py: line 7 missed"]
        );
        assert_eq!(told(None, &limits).len(), 1);
    }
}
