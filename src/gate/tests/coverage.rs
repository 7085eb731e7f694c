//! Coverage against its threshold.

use super::{causes, good, missing, policy, run, threshold, told, without_coverage};
use crate::gate::sample::{Leg, Run, coverage};
use crate::gate::{Policy, judge};
use crate::record::{Cause, CoverageSummary, Failure, ReportKind};
use crate::results::should_fail_under;

#[test]
fn coverage_below_the_threshold() {
    let leg = without_coverage(good()).covers(coverage(784));
    let run = Run::of([leg]).merged(coverage(784));
    let verdict = judge(&run.record(), &policy());
    assert_eq!(
        told(&verdict),
        ["coverage.below_threshold: coverage 78.40 % is below 80 % (fail_under in pyproject.toml)"]
    );
    assert_eq!(
        verdict.failures[0].evidence,
        ["src/widgets/cli.py: 216 of 400 lines missed"]
    );
    assert_eq!(verdict.exit_code, 3);
    assert_eq!(verdict.coverage_min, Some(80.0));
}

#[test]
fn the_message_is_never_absurd() {
    for (total, percent, precision, shown) in [
        (784, 80.0, 0, "78.4"),
        (799, 79.95, 1, "79.9"),
        (801, 80.2, 0, "80.1"),
        (999, 100.0, 0, "99.9"),
        (0, 0.5, 0, "0.0"),
    ] {
        let policy = Policy {
            coverage_min: Some(threshold(percent, precision)),
            ..policy()
        };
        let leg = without_coverage(good()).covers(coverage(total));
        let verdict = judge(&Run::of([leg]).record(), &policy);
        let expected = format!("coverage {shown} % is below {percent} %");
        assert!(
            verdict.failures[0].message.starts_with(&expected),
            "{} / {expected}",
            verdict.failures[0].message
        );
    }
}

#[test]
fn the_comparison_is_that_of_coverage_py() {
    for (total, percent, precision, fails) in [
        (79.5, 80.0, 0, false),
        (79.49, 80.0, 0, true),
        (80.5, 81.0, 0, true),
        (81.5, 82.0, 0, false),
        (79.99, 80.0, 1, false),
        (79.99, 80.0, 2, true),
        (99.999, 100.0, 0, true),
        (100.0, 100.0, 0, false),
        (0.0, 0.0, 0, false),
        (f64::NAN, 0.0, 0, true),
        (90.0, f64::NAN, 0, true),
    ] {
        assert_eq!(
            should_fail_under(total, percent, precision),
            fails,
            "{total} against {percent} with {precision}"
        );
    }
}

#[test]
fn a_missing_coverage_report_leaves_the_threshold_undecided() {
    let cobertura = ReportKind::Cobertura;
    let second = Leg::new("second", 0)
        .tests(10, 2)
        .misses(Some(1), cobertura, missing(cobertura));
    let verdict = judge(
        &Run::of([good(), second]).merged(coverage(400)).record(),
        &policy(),
    );
    assert_eq!(
        told(&verdict),
        ["no_report.report_missing: second › Run tests: no coverage report (Cobertura XML)"]
    );
    assert_eq!(
        verdict.failures[0].evidence,
        [
            "the threshold of 80 % (fail_under in pyproject.toml) is undecided; the other \
             reports give 40.00 %"
        ]
    );
    assert_eq!(verdict.coverage_min, None);
}

#[test]
fn coverage_lost_with_its_leg_is_undecided_too() {
    let dead = Leg::new("dead", 0)
        .tests(10, 0)
        .with(|step| step.tests.clear());
    let dead = dead.fails(Failure::new(Cause::Oom, "out of memory"), Some(137));
    let verdict = judge(
        &Run::of([good(), dead]).merged(coverage(400)).record(),
        &policy(),
    );
    assert_eq!(causes(&verdict), [Cause::Oom]);
    assert_eq!(verdict.warnings.len(), 1);
    assert!(verdict.warnings[0].starts_with("coverage of dead is missing"));
}

#[test]
fn no_coverage_at_all() {
    let plain = || without_coverage(good()).with(|step| step.planned.due = vec![ReportKind::Junit]);
    let verdict = judge(&Run::of([plain()]).record(), &policy());
    assert_eq!(causes(&verdict), [Cause::ReportMissing]);
    assert!(verdict.failures[0].evidence[0].starts_with("hint: "));

    let not_due = Policy {
        coverage_due: false,
        ..policy()
    };
    let verdict = judge(&Run::of([plain()]).record(), &not_due);
    assert!(verdict.passed);
    assert!(verdict.warnings[0].starts_with("no job of this run measures coverage"));

    let none = Policy {
        coverage_min: None,
        ..not_due
    };
    let verdict = judge(&Run::of([plain()]).record(), &none);
    assert!(verdict.warnings.is_empty());
}

#[test]
fn totals_that_mean_nothing() {
    let two = Run::of([good(), Leg::new("b", 0).covers(coverage(1))]);
    assert_eq!(
        causes(&judge(&two.record(), &policy())),
        [Cause::CoverageIncomplete]
    );
    let empty = run(vec![good()]).merged(CoverageSummary::default());
    assert_eq!(
        causes(&judge(&empty.record(), &policy())),
        [Cause::CoverageIncomplete]
    );
    let mut strange = run(vec![good()]);
    strange.unmapped = vec!["/usr/lib/x.py".to_owned()];
    assert_eq!(
        judge(&strange.record(), &policy()).warnings,
        ["coverage reports name 1 file that are not in the repository: /usr/lib/x.py"]
    );
}
