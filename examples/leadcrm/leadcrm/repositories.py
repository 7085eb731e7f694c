"""Queries. Repositories add and read rows but never commit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from leadcrm.errors import NotFoundError, ValidationError
from leadcrm.models import Company, Lead, LeadSource, LeadStatus, User

T = TypeVar("T")

MAX_PER_PAGE = 100
LEAD_SORT: dict[str, InstrumentedAttribute[object]] = {
    "created_at": Lead.created_at,
    "email": Lead.email,
    "last_name": Lead.last_name,
    "score": Lead.score,
    "updated_at": Lead.updated_at,
}


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a longer list."""

    items: Sequence[T]
    total: int
    page: int
    per_page: int

    @property
    def pages(self) -> int:
        return math.ceil(self.total / self.per_page)


@dataclass(frozen=True, slots=True)
class LeadQuery:
    """What to search for; `sort` is a field name, with a minus for descending order."""

    text: str = ""
    status: LeadStatus | None = None
    source: LeadSource | None = None
    min_score: int | None = None
    company_id: int | None = None
    owner_id: int | None = None
    sort: str = "-score"
    page: int = 1
    per_page: int = 20

    def __post_init__(self) -> None:
        errors = {}
        if self.sort.removeprefix("-") not in LEAD_SORT:
            errors["sort"] = f"must be one of {', '.join(LEAD_SORT)}"
        if self.page < 1:
            errors["page"] = "starts at 1"
        if not 1 <= self.per_page <= MAX_PER_PAGE:
            errors["per_page"] = f"must lie between 1 and {MAX_PER_PAGE}"
        if errors:
            raise ValidationError(errors)


def escape_like(text: str) -> str:
    """Make % and _ match literally in a LIKE pattern that uses the escape character \\."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def paginate(session: Session, query: Select[tuple[T]], page: int, per_page: int) -> Page[T]:
    """Run a query for one page and count all of its rows."""
    counting = select(func.count()).select_from(query.order_by(None).subquery())
    total = session.scalar(counting) or 0
    items = session.scalars(query.offset((page - 1) * per_page).limit(per_page)).all()
    return Page(items, total, page, per_page)


class LeadRepository:
    """Access to leads."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, lead: Lead) -> Lead:
        self._session.add(lead)
        self._session.flush()
        return lead

    def get(self, lead_id: int) -> Lead:
        lead = self._session.get(Lead, lead_id)
        if lead is None:
            raise NotFoundError("lead", lead_id)
        return lead

    def by_email(self, email: str) -> Lead | None:
        return self._session.scalar(select(Lead).where(Lead.email == email.lower()))

    def existing_emails(self, emails: Sequence[str], chunk: int = 500) -> set[str]:
        """Which of these addresses are taken (in chunks: databases limit parameters)."""
        found: set[str] = set()
        for start in range(0, len(emails), chunk):
            part = emails[start : start + chunk]
            found.update(self._session.scalars(select(Lead.email).where(Lead.email.in_(part))))
        return found

    def delete(self, lead: Lead) -> None:
        self._session.delete(lead)
        self._session.flush()

    def all_for_scoring(self) -> Sequence[Lead]:
        """Every lead together with what the scoring rules need."""
        query = select(Lead).options(selectinload(Lead.activities), selectinload(Lead.company))
        return self._session.scalars(query.order_by(Lead.id)).all()

    def search(self, wanted: LeadQuery) -> Page[Lead]:
        query = select(Lead).where(*self._conditions(wanted)).options(selectinload(Lead.company))
        column = LEAD_SORT[wanted.sort.removeprefix("-")]
        order = column.desc() if wanted.sort.startswith("-") else column.asc()
        # The id makes the order total, so that no row appears on two pages.
        query = query.order_by(order, Lead.id)
        return paginate(self._session, query, wanted.page, wanted.per_page)

    @staticmethod
    def _conditions(wanted: LeadQuery) -> list[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = []
        if wanted.status is not None:
            conditions.append(Lead.status == wanted.status)
        if wanted.source is not None:
            conditions.append(Lead.source == wanted.source)
        if wanted.min_score is not None:
            conditions.append(Lead.score >= wanted.min_score)
        if wanted.company_id is not None:
            conditions.append(Lead.company_id == wanted.company_id)
        if wanted.owner_id is not None:
            conditions.append(Lead.owner_id == wanted.owner_id)
        for word in wanted.text.split():
            pattern = f"%{escape_like(word)}%"
            conditions.append(
                or_(
                    Lead.email.ilike(pattern, escape="\\"),
                    Lead.first_name.ilike(pattern, escape="\\"),
                    Lead.last_name.ilike(pattern, escape="\\"),
                    Lead.company.has(Company.name.ilike(pattern, escape="\\")),
                )
            )
        return conditions

    def count_by_status(self) -> dict[LeadStatus, int]:
        """The sales funnel; statuses without leads count zero."""
        rows = self._session.execute(select(Lead.status, func.count()).group_by(Lead.status))
        return {status: 0 for status in LeadStatus} | {row[0]: row[1] for row in rows}


class CompanyRepository:
    """Access to companies."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, company: Company) -> Company:
        self._session.add(company)
        self._session.flush()
        return company

    def get(self, company_id: int) -> Company:
        company = self._session.get(Company, company_id)
        if company is None:
            raise NotFoundError("company", company_id)
        return company

    def by_domain(self, domain: str) -> Company | None:
        return self._session.scalar(select(Company).where(Company.domain == domain))

    def get_or_create(self, domain: str, name: str = "") -> Company:
        found = self.by_domain(domain)
        return found or self.add(Company(domain=domain, name=name or domain))

    def list(self, page: int = 1, per_page: int = 20) -> Page[Company]:
        return paginate(self._session, select(Company).order_by(Company.name), page, per_page)

    def delete(self, company: Company) -> None:
        self._session.delete(company)
        self._session.flush()

    def lead_count(self, company_id: int) -> int:
        query = select(func.count()).select_from(Lead).where(Lead.company_id == company_id)
        return self._session.scalar(query) or 0


class UserRepository:
    """Access to users."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, user: User) -> User:
        self._session.add(user)
        self._session.flush()
        return user

    def get(self, user_id: int) -> User | None:
        return self._session.get(User, user_id)

    def by_email(self, email: str) -> User | None:
        return self._session.scalar(select(User).where(User.email == email.lower()))
