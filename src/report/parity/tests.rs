use super::{comparison_json, comparison_text};
use crate::gate::sample::{Run, coverage};
use crate::parity::sample::{Test, facts, leg, of_run, other_facts, record};
use crate::parity::{Comparison, Drawn, IgnoreRule, Ignores, Role, compare};
use crate::record::{Cause, Failure};
use crate::report::style::Look;
use jiff::civil::date;

const LOOK: Look = Look {
    colour: false,
    ascii: false,
};

fn sample() -> Comparison {
    let control: [Test<'_>; 8] = [
        ("tests/test_a.py::test_same", '.', ""),
        ("tests/test_a.py::test_refusal", '.', ""),
        ("tests/test_a.py::test_flaky", '.', ""),
        ("tests/test_a.py::test_gone", '.', ""),
        ("tests/test_a.py::test_red", 'F', "assert 1 == 2"),
        (
            "tests/test_a.py::test_needs_root",
            'F',
            "PermissionError: [Errno 13] Permission denied: '/etc/x'",
        ),
        ("tests/test_a.py::test_known", '.', ""),
        ("tests/test_a.py::test_skip", '.', ""),
    ];
    let candidate: [Test<'_>; 8] = [
        ("tests/test_a.py::test_same", '.', ""),
        (
            "tests/test_a.py::test_refusal",
            'F',
            "Failed: DID NOT RAISE <class 'PermissionError'>",
        ),
        ("tests/test_a.py::test_flaky", 'F', "assert random() < 0.5"),
        ("tests/test_a.py::test_new[::error::x]", '.', ""),
        (
            "tests/test_a.py::test_red",
            'F',
            "ModuleNotFoundError: No module named 'requests'",
        ),
        ("tests/test_a.py::test_needs_root", '.', ""),
        ("tests/test_a.py::test_known", 'F', "assert hour == 9"),
        ("tests/test_a.py::test_skip", 's', "git is not installed"),
    ];
    let mut again = candidate;
    again[2] = ("tests/test_a.py::test_flaky", '.', "");
    let host = |id, covered| {
        let legs = [leg("unit (3.11)", 20_000, &control, Some(facts()))];
        of_run(
            id,
            "host (no container)",
            &Run::of(legs).merged(coverage(covered)),
        )
    };
    let docker = |id, tests: &[Test<'_>]| {
        let legs = [leg("unit (3.11)", 23_000, tests, Some(other_facts()))];
        of_run(
            id,
            "docker 27.3.1",
            &Run::of(legs).image(9_000, None).merged(coverage(850)),
        )
    };
    let rule = IgnoreRule::new("*::test_known", "the clock, until #12", date(2026, 12, 31))
        .unwrap_or_else(|_| unreachable!());
    let ignores = Ignores::on(date(2026, 11, 26), &[rule]);
    let mut comparison = compare(
        &[host("20261126-1", 900), host("20261126-3", 900)],
        &[
            docker("20261126-2", &candidate),
            docker("20261126-4", &again),
        ],
        &ignores,
    );
    comparison.drawn = Some(Drawn {
        seed: 42,
        first: vec![Role::Control, Role::Candidate],
    });
    comparison
}

#[test]
fn a_comparison_for_a_person() {
    insta::assert_snapshot!("differs", comparison_text(&sample(), 100, LOOK));
    let ascii = Look {
        ascii: true,
        ..LOOK
    };
    let narrow = comparison_text(&sample(), 10, ascii);
    for sign in ['✗', '·', '…', '–'] {
        assert!(!narrow.contains(sign), "{sign}");
    }
}

#[test]
fn a_safe_one_is_short() {
    let tests = [("a", '.', "")];
    let host = record(
        "1",
        "host (no container)",
        [leg("unit", 10, &tests, Some(facts()))],
    );
    let docker = record(
        "2",
        "docker 27.3.1",
        [leg("unit", 12, &tests, Some(facts()))],
    );
    let comparison = compare(&[host], &[docker], &Ignores::default());
    insta::assert_snapshot!("safe", comparison_text(&comparison, 80, LOOK));
}

#[test]
fn what_could_not_be_observed_is_told_once() {
    let tests = [("a", '.', ""), ("b", '.', "")];
    let host = record("1", "host (no container)", [leg("unit", 10, &tests, None)]);
    let dead = crate::gate::sample::Leg::new("unit", 0)
        .unopened(Failure::new(Cause::EngineLost, "the engine went away"));
    let docker = record("2", "docker 27.3.1", [dead]);
    let comparison = compare(&[host], &[docker], &Ignores::default());
    insta::assert_snapshot!("lost", comparison_text(&comparison, 80, LOOK));
}

#[test]
fn programs_get_all_of_it() {
    let mut value = comparison_json(&sample());
    for side in ["control", "candidate"] {
        let facts = value.pointer_mut(&format!("/jobs/0/{side}/facts"));
        *facts.unwrap_or_else(|| unreachable!()) = "…".into();
    }
    insta::assert_json_snapshot!("json", value);
}
