from datetime import timedelta
from unittest.mock import Mock

import pytest

from leadcrm.clients import CompanyProfile
from leadcrm.errors import ConflictError, NotFoundError, ValidationError
from leadcrm.models import ActivityKind, EmailStatus, LeadStatus
from leadcrm.repositories import LeadQuery, escape_like
from leadcrm.services import TRANSITIONS, LeadService

PROFILE = CompanyProfile("acme.example", "Acme Ltd", "software", 120, "DE")


def test_create_scores_and_finds_the_company(make_lead):
    lead = make_lead(email="ann@acme.example", job_title="CEO")
    assert lead.score > 0
    assert lead.company.domain == "acme.example"
    assert make_lead(email="bob@acme.example").company is lead.company


def test_create_without_company(make_lead):
    assert make_lead(email="ann@gmail.com").company is None


def test_create_twice(make_lead):
    make_lead(email="ann@acme.example")
    with pytest.raises(ConflictError, match="already a lead"):
        make_lead(email="ann@acme.example")


@pytest.mark.parametrize("field", ["company_id", "owner_id"])
def test_create_with_missing_reference(make_lead, field):
    with pytest.raises(NotFoundError, match="99 does not exist"):
        make_lead(**{field: 99})


def test_update(service, make_lead):
    lead = make_lead()
    before = lead.score
    service.update(lead, {"job_title": "CEO", "email": lead.email})
    assert lead.job_title == "CEO"
    assert lead.score > before


def test_update_company(service, make_lead):
    first, second = make_lead(email="a@acme.example"), make_lead(email="b@other.example")
    service.update(first, {"company_id": second.company_id})
    assert first.company is second.company
    service.update(first, {"company_id": None})
    assert first.company is None


@pytest.mark.parametrize("old", list(LeadStatus))
def test_status_changes(service, make_lead, old):
    lead = make_lead()
    for new in set(LeadStatus) - {old}:
        lead.status = old
        if new in TRANSITIONS[old]:
            service.update(lead, {"status": new})
            assert lead.status is new
        else:
            with pytest.raises(ConflictError, match=f"from {old} to {new}"):
                service.update(lead, {"status": new})


def test_winning_creates_a_contact(service, make_lead):
    lead = make_lead(first_name="Ann", last_name="Lee")
    lead.status = LeadStatus.PROPOSAL
    service.change_status(lead, LeadStatus.WON)
    assert [contact.full_name for contact in lead.company.contacts] == ["Ann Lee"]


def test_activity_raises_the_score(service, make_lead):
    lead = make_lead()
    before = lead.score
    activity = service.record(lead, ActivityKind.DEMO_REQUEST, "wants a demo")
    assert lead.score > before
    assert lead.activities == [activity]


def test_rescore_all_lets_scores_decay(service, session, make_lead):
    active, quiet = make_lead(), make_lead()
    service.record(active, ActivityKind.MEETING)
    before = active.score, quiet.score
    later = service._clock() + timedelta(days=90)
    assert LeadService(session, clock=lambda: later).rescore_all() == 1
    assert active.score < before[0]
    assert quiet.score == before[1]


def clients(profile, status=EmailStatus.DELIVERABLE):
    """An enrichment and a verification client that always give the same answer."""
    return Mock(lookup=Mock(return_value=profile)), Mock(verify=Mock(return_value=status))


def test_enrich(service, make_lead):
    lead = make_lead(email="ann@acme.example")
    assert service.enrich(lead, *clients(PROFILE)) is True
    assert lead.email_status is EmailStatus.DELIVERABLE
    company = lead.company
    assert (company.name, company.industry, company.employees) == ("Acme Ltd", "software", 120)


def test_enrich_keeps_what_people_entered(service, make_lead):
    lead = make_lead()
    lead.company.name, lead.company.employees = "ACME Europe", 7
    service.enrich(lead, *clients(PROFILE))
    assert (lead.company.name, lead.company.employees) == ("ACME Europe", 7)
    assert lead.company.country == "DE"


def test_delete_company(service, make_lead):
    lead = make_lead()
    company = lead.company
    with pytest.raises(ConflictError, match=r"still has 1 lead"):
        service.delete_company(company)
    service.leads.delete(lead)
    service.delete_company(company)
    assert service.companies.by_domain("acme.example") is None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"text": "lee"}, {"ann"}),
        ({"text": "LEE acme"}, {"ann"}),
        ({"text": "_"}, {"bob"}),
        ({"status": LeadStatus.CONTACTED}, {"bob"}),
        ({"min_score": 30}, {"ann"}),
        ({}, {"ann", "bob"}),
    ],
)
def test_search(service, make_lead, query, expected):
    make_lead(email="ann@acme.example", first_name="ann", last_name="Lee", job_title="CEO")
    bob = make_lead(email="bob_b@other.example", first_name="bob")
    bob.status = LeadStatus.CONTACTED
    found = service.leads.search(LeadQuery(**query))
    assert {lead.first_name for lead in found.items} == expected
    assert found.total == len(expected)


def test_pages_do_not_overlap(service, make_lead):
    for _ in range(7):
        make_lead()
    pages = [service.leads.search(LeadQuery(page=page, per_page=3)) for page in (1, 2, 3, 4)]
    assert [len(page.items) for page in pages] == [3, 3, 1, 0]
    assert len({lead.id for page in pages for lead in page.items}) == 7
    assert {(page.total, page.pages) for page in pages} == {(7, 3)}


@pytest.mark.parametrize(
    ("query", "field"),
    [({"page": 0}, "page"), ({"per_page": 101}, "per_page"),
     ({"sort": "password"}, "sort")],
)  # fmt: skip
def test_bad_queries(query, field):
    with pytest.raises(ValidationError) as caught:
        LeadQuery(**query)
    assert set(caught.value.fields) == {field}


def test_escape_like():
    assert escape_like(r"50%_\x") == r"50\%\_\\x"


def test_funnel(service, make_lead):
    make_lead()
    counts = service.leads.count_by_status()
    assert counts[LeadStatus.NEW] == 1
    assert sum(counts.values()) == 1
    assert set(counts) == set(LeadStatus)


@pytest.mark.slow
def test_rescore_many(service, session, make_lead):
    for number in range(400):
        service.record(make_lead(email=f"x{number}@gmail.com"), ActivityKind.CALL)
    later = service._clock() + timedelta(days=365)
    assert LeadService(session, clock=lambda: later).rescore_all() == 400
