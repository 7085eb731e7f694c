from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from leadcrm.models import ActivityKind, EmailStatus, LeadSource
from leadcrm.scoring import (
    DEFAULT_RULES,
    DEFAULT_WEIGHTS,
    Finding,
    LeadSnapshot,
    ScoringEngine,
    Weights,
    decay_factor,
    decayed_total,
    grade_for,
    rules,
)

NOW = datetime(2024, 7, 1, 12, 0, tzinfo=UTC)


def snap(**fields):
    """A snapshot of a lead about which nothing is known but the address."""
    return LeadSnapshot(**({"email": "ann@acme.example", "now": NOW} | fields))


def days_ago(days):
    return NOW - timedelta(days=days)


@pytest.mark.parametrize(("age", "expected"), [(-5, 1.0), (0, 1.0), (30, 0.5), (60, 0.25)])
def test_decay_factor(age, expected):
    assert decay_factor(age, 30) == pytest.approx(expected, rel=0.01)


def test_decayed_total():
    events = [(10, NOW), (10, days_ago(30)), (-4, days_ago(60))]
    assert decayed_total(events, NOW, 30) == pytest.approx(10 + 5 - 1)


def test_weights_add_up_to_one():
    weights = Weights({"a": 30, "b": 10})
    assert dict(weights) == {"a": 0.75, "b": 0.25}
    assert len(weights) == 2


@pytest.mark.parametrize("raw", [{}, {"a": 0}, {"a": -1, "b": 2}, {"a": float("nan")}])
def test_bad_weights(raw):
    with pytest.raises(ValueError, match="weight"):
        Weights(raw)


def test_adjusted_weights():
    weights = Weights({"a": 1, "b": 1}).adjusted(a=0)
    assert dict(weights) == {"a": 0.0, "b": 1.0}
    with pytest.raises(KeyError, match="unknown rules: z"):
        weights.adjusted(z=1)


def test_weights_have_to_match_the_rules():
    with pytest.raises(ValueError, match="do not match: seniority"):
        ScoringEngine({"source": rules.source}, Weights({"source": 1, "seniority": 1}))


@pytest.mark.parametrize(
    ("title", "value"),
    [
        ("CEO", 1.0),
        ("Co-Founder & cto", 1.0),
        ("Vice President Sales", 0.9),
        ("Head of Marketing", 0.8),
        ("Project Manager", 0.6),
        ("Developer", 0.3),
        ("Leadership Coach", 0.3),
        ("Assistant to the CEO", 0.1),
        ("", 0.0),
    ],
)
def test_seniority(title, value):
    assert rules.seniority(snap(job_title=title)).value == value


@pytest.mark.parametrize(
    ("employees", "value"),
    [(None, 0.0), (9, 0.2), (10, 0.5), (249, 0.9), (250, 1.0), (400_000, 0.6)],
)  # fmt: skip
def test_company_size(employees, value):
    assert rules.company_size(snap(employees=employees)).value == value


def test_every_source_has_a_value():
    for source in LeadSource:
        assert 0 < rules.source(snap(source=source)).value <= 1


@pytest.mark.parametrize(
    ("email", "status", "value"),
    [
        ("a@acme.example", EmailStatus.UNKNOWN, 0.7),
        ("a@acme.example", EmailStatus.DELIVERABLE, 1.0),
        ("a@acme.example", EmailStatus.RISKY, 0.35),
        ("a@acme.example", EmailStatus.UNDELIVERABLE, 0.0),
        ("a@gmail.com", EmailStatus.UNKNOWN, 0.3),
        ("a@mailinator.com", EmailStatus.DELIVERABLE, 0.0),
    ],
)
def test_email_quality(email, status, value):
    finding = rules.email_quality(snap(email=email, email_status=status))
    assert finding.value == pytest.approx(value)


def test_completeness():
    assert rules.completeness(snap()).value == 0
    finding = rules.completeness(snap(has_name=True, job_title="CEO"))
    assert finding.value == pytest.approx(2 / 3)
    assert finding.reason == "missing: phone"
    everything = snap(has_name=True, has_phone=True, job_title="CEO")
    assert rules.completeness(everything) == Finding(1.0, "complete")


def test_every_activity_counts():
    for kind in ActivityKind:
        value = rules.engagement(snap(activities=((kind, NOW),))).value
        assert (value > 0) is (kind is not ActivityKind.UNSUBSCRIBED)


def test_engagement_decays():
    values = [
        rules.engagement(snap(activities=((ActivityKind.MEETING, days_ago(days)),))).value
        for days in (0, 10, 100, 1000)
    ]
    assert values == sorted(values, reverse=True)
    assert values[-1] == pytest.approx(0, abs=1e-6)


def test_unsubscribing_cancels_interest():
    activities = ((ActivityKind.DEMO_REQUEST, NOW), (ActivityKind.UNSUBSCRIBED, NOW))
    finding = rules.engagement(snap(activities=activities))
    assert finding == Finding(0.0, "not interested any more")


@pytest.mark.parametrize(
    ("score", "grade"),
    [(100, "A"), (75, "A"), (74, "B"), (25, "C"), (24, "D"), (0, "D")],
)
def test_grades(score, grade):
    assert grade_for(score) == grade


IDEAL = {
    "job_title": "CEO",
    "employees": 500,
    "industry": "software",
    "source": LeadSource.REFERRAL,
    "email_status": EmailStatus.DELIVERABLE,
    "has_name": True,
    "has_phone": True,
    "activities": ((ActivityKind.DEMO_REQUEST, NOW),) * 20,
}


def test_ideal_lead():
    result = ScoringEngine().score(snap(**IDEAL))
    assert (result.score, result.grade) == (100, "A")


def test_hopeless_lead():
    result = ScoringEngine().score(snap(email="x@mailinator.com"))
    assert result.score == 1
    assert result.weakest().rule == "engagement"


def test_every_fact_helps():
    for missing in IDEAL:
        facts = {name: value for name, value in IDEAL.items() if name != missing}
        assert ScoringEngine().score(snap(**facts)).score < 100, missing


def test_contributions_add_up():
    result = ScoringEngine().score(snap(job_title="Head of IT", employees=30))
    assert {item.rule for item in result.contributions} == set(DEFAULT_RULES)
    assert round(sum(item.points for item in result.contributions)) == result.score
    for item in result.contributions:
        assert item.points + item.lost_points == pytest.approx(100 * item.weight)


def test_custom_rule():
    engine = ScoringEngine(
        {"always": lambda lead: Finding(0.42, "just so")}, Weights({"always": 9})
    )
    assert engine.score(snap()).score == 42


@pytest.mark.slow
def test_scores_stay_in_range_for_all_combinations():
    engine = ScoringEngine(weights=DEFAULT_WEIGHTS.adjusted(engagement=0.5))
    titles = ["", "Intern", "Developer", "Manager", "Director", "VP Sales", "CEO"]
    sizes = [None, 5, 20, 100, 500, 2_000, 50_000]
    histories = [(), ((ActivityKind.UNSUBSCRIBED, NOW),), ((ActivityKind.CALL, days_ago(7)),) * 3]
    industries = ["", "software", "public"]
    seen = set()
    for title, size, source, status, history, industry in product(
        titles, sizes, LeadSource, EmailStatus, histories, industries
    ):
        lead = snap(
            job_title=title,
            employees=size,
            source=source,
            email_status=status,
            activities=history,
            industry=industry,
        )
        seen.add(engine.score(lead).score)
    assert min(seen) >= 0
    assert max(seen) <= 100
    assert len(seen) > 50
