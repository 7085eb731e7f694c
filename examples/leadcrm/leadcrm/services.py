"""What users can do with leads and companies. Services never commit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from leadcrm.clients import EnrichmentClient, VerificationClient
from leadcrm.db import utcnow
from leadcrm.errors import ConflictError, NotFoundError
from leadcrm.models import Activity, ActivityKind, Company, Contact, Lead, LeadStatus
from leadcrm.repositories import CompanyRepository, LeadRepository, UserRepository
from leadcrm.scoring import LeadSnapshot, ScoreResult, ScoringEngine
from leadcrm.validation import email_domain, is_business_email

TRANSITIONS: Mapping[LeadStatus, frozenset[LeadStatus]] = {
    LeadStatus.NEW: frozenset({LeadStatus.CONTACTED, LeadStatus.DISQUALIFIED}),
    LeadStatus.CONTACTED: frozenset({LeadStatus.QUALIFIED, LeadStatus.DISQUALIFIED}),
    LeadStatus.QUALIFIED: frozenset({LeadStatus.PROPOSAL, LeadStatus.DISQUALIFIED}),
    LeadStatus.PROPOSAL: frozenset({LeadStatus.WON, LeadStatus.LOST}),
    LeadStatus.LOST: frozenset({LeadStatus.CONTACTED}),
    LeadStatus.DISQUALIFIED: frozenset({LeadStatus.NEW}),
    LeadStatus.WON: frozenset(),
}


def snapshot(lead: Lead, now: datetime, half_life_days: float) -> LeadSnapshot:
    """Copy what the scoring rules may look at out of a database object."""
    company = lead.company
    return LeadSnapshot(
        email=lead.email,
        now=now,
        job_title=lead.job_title or "",
        source=lead.source,
        email_status=lead.email_status,
        has_name=bool(lead.first_name and lead.last_name),
        has_phone=bool(lead.phone),
        industry=(company.industry or "") if company else "",
        employees=company.employees if company else None,
        activities=tuple((item.kind, item.occurred_at) for item in lead.activities),
        half_life_days=half_life_days,
    )


class LeadService:
    """Creates, changes, scores and enriches leads."""

    def __init__(
        self,
        session: Session,
        engine: ScoringEngine | None = None,
        *,
        half_life_days: float = 30.0,
        clock: Callable[[], datetime] = utcnow,
    ) -> None:
        self._session = session
        self._engine = engine or ScoringEngine()
        self._half_life_days = half_life_days
        self._clock = clock
        self.leads = LeadRepository(session)
        self.companies = CompanyRepository(session)

    def create(self, fields: Mapping[str, Any]) -> Lead:
        """Create and score a lead; a business address also tells the company."""
        email = fields["email"]
        if self.leads.by_email(email):
            raise ConflictError(f"there is already a lead with the address {email}")
        self._check_owner(fields)
        lead = Lead(**fields)
        if lead.company_id is not None:
            lead.company = self.companies.get(lead.company_id)
        elif is_business_email(email):
            lead.company = self.companies.get_or_create(email_domain(email))
        self.leads.add(lead)
        self.rescore(lead)
        return lead

    def update(self, lead: Lead, changes: Mapping[str, Any]) -> Lead:
        """Change fields; a change of status has to be an allowed step."""
        values = dict(changes)
        email = values.get("email")
        if email and email != lead.email and self.leads.by_email(email):
            raise ConflictError(f"there is already a lead with the address {email}")
        if "company_id" in values:
            company_id = values.pop("company_id")
            values["company"] = None if company_id is None else self.companies.get(company_id)
        self._check_owner(values)
        status = values.pop("status", None)
        if status is not None and status is not lead.status:
            self.change_status(lead, status)
        for name, value in values.items():
            setattr(lead, name, value)
        self.rescore(lead)
        return lead

    def _check_owner(self, values: Mapping[str, Any]) -> None:
        owner_id = values.get("owner_id")
        if owner_id is not None and UserRepository(self._session).get(owner_id) is None:
            raise NotFoundError("user", owner_id)

    def change_status(self, lead: Lead, status: LeadStatus) -> None:
        """Move a lead through the funnel; winning it creates a contact."""
        if status not in TRANSITIONS[lead.status]:
            raise ConflictError(f"a lead cannot go from {lead.status} to {status}")
        if status is LeadStatus.WON:
            if lead.company is None:
                raise ConflictError("a lead without a company cannot be won")
            lead.company.contacts.append(
                Contact(full_name=lead.full_name, email=lead.email, phone=lead.phone)
            )
        lead.status = status
        self._session.flush()

    def record(
        self, lead: Lead, kind: ActivityKind, note: str | None = None, when: datetime | None = None
    ) -> Activity:
        """Add an activity and update the score."""
        activity = Activity(kind=kind, note=note, occurred_at=when or self._clock())
        lead.activities.append(activity)
        self.rescore(lead)
        return activity

    def explain(self, lead: Lead) -> ScoreResult:
        """Compute the score as of now without storing it."""
        return self._engine.score(snapshot(lead, self._clock(), self._half_life_days))

    def rescore(self, lead: Lead) -> ScoreResult:
        """Compute and store the score."""
        result = self.explain(lead)
        lead.score = result.score
        lead.scored_at = self._clock()
        self._session.flush()
        return result

    def rescore_all(self) -> int:
        """Update every score (they decay) and return how many changed."""
        changed = 0
        now = self._clock()
        for lead in self.leads.all_for_scoring():
            score = self._engine.score(snapshot(lead, now, self._half_life_days)).score
            changed += score != lead.score
            lead.score, lead.scored_at = score, now
        self._session.flush()
        return changed

    def enrich(
        self, lead: Lead, enrichment: EnrichmentClient, verification: VerificationClient
    ) -> bool:
        """Verify the address, complete the company's data; tell whether that was found."""
        lead.email_status = verification.verify(lead.email)
        found = lead.company is not None and self.enrich_company(lead.company, enrichment)
        self.rescore(lead)
        return found

    def enrich_company(self, company: Company, enrichment: EnrichmentClient) -> bool:
        """Fill the gaps in a company; what people entered is never overwritten."""
        profile = enrichment.lookup(company.domain)
        if profile is None:
            return False
        if company.name == company.domain:
            company.name = profile.name
        company.industry = company.industry or profile.industry
        company.country = company.country or profile.country
        if company.employees is None:
            company.employees = profile.employees
        company.enriched_at = self._clock()
        self._session.flush()
        return True

    def delete_company(self, company: Company) -> None:
        """Delete a company that no lead refers to."""
        if count := self.companies.lead_count(company.id):
            raise ConflictError(f"{company.name} still has {count} lead(s)")
        self.companies.delete(company)
