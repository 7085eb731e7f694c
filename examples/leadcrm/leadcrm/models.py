"""Database models."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import Enum, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from leadcrm.db import Base, UtcDateTime, utcnow


class Role(enum.StrEnum):
    ADMIN = "admin"
    SALES = "sales"
    READONLY = "readonly"


class LeadStatus(enum.StrEnum):
    NEW = "new"
    CONTACTED = "contacted"
    QUALIFIED = "qualified"
    PROPOSAL = "proposal"
    WON = "won"
    LOST = "lost"
    DISQUALIFIED = "disqualified"


class LeadSource(enum.StrEnum):
    REFERRAL = "referral"
    WEBSITE = "website"
    EVENT = "event"
    ADVERT = "advert"
    IMPORT = "import"
    OTHER = "other"


class ActivityKind(enum.StrEnum):
    EMAIL_OPENED = "email_opened"
    EMAIL_CLICKED = "email_clicked"
    PAGE_VISIT = "page_visit"
    DOWNLOAD = "download"
    DEMO_REQUEST = "demo_request"
    CALL = "call"
    MEETING = "meeting"
    UNSUBSCRIBED = "unsubscribed"


class EmailStatus(enum.StrEnum):
    UNKNOWN = "unknown"
    DELIVERABLE = "deliverable"
    RISKY = "risky"
    UNDELIVERABLE = "undeliverable"


def enum_column(kind: type[enum.StrEnum]) -> Enum:
    """Store an enum as its value in a VARCHAR, so that adding a member needs no migration."""
    return Enum(
        kind,
        native_enum=False,
        length=20,
        values_callable=lambda members: [member.value for member in members],
    )


class User(Base):
    """Somebody who works with leads."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str] = mapped_column(String(255))
    role: Mapped[Role] = mapped_column(enum_column(Role), default=Role.SALES)
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)

    @property
    def can_write(self) -> bool:
        return self.is_active and self.role is not Role.READONLY


class Company(Base):
    """An organisation, identified by its web domain."""

    __tablename__ = "companies"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    domain: Mapped[str] = mapped_column(String(253), unique=True)
    industry: Mapped[str | None] = mapped_column(String(80))
    employees: Mapped[int | None]
    country: Mapped[str | None] = mapped_column(String(2))
    enriched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)

    leads: Mapped[list[Lead]] = relationship(back_populates="company", passive_deletes="all")
    contacts: Mapped[list[Contact]] = relationship(
        back_populates="company", cascade="all, delete-orphan"
    )


class Contact(Base):
    """A person at a customer: what a lead becomes once it is won."""

    __tablename__ = "contacts"

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"))
    full_name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254), index=True)
    phone: Mapped[str | None] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)

    company: Mapped[Company] = relationship(back_populates="contacts")


class Lead(Base):
    """A person who may become a customer."""

    __tablename__ = "leads"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    first_name: Mapped[str] = mapped_column(String(100), default="")
    last_name: Mapped[str] = mapped_column(String(100), default="")
    job_title: Mapped[str | None] = mapped_column(String(150))
    phone: Mapped[str | None] = mapped_column(String(20))
    notes: Mapped[str | None] = mapped_column(Text)
    source: Mapped[LeadSource] = mapped_column(enum_column(LeadSource), default=LeadSource.OTHER)
    status: Mapped[LeadStatus] = mapped_column(
        enum_column(LeadStatus), default=LeadStatus.NEW, index=True
    )
    email_status: Mapped[EmailStatus] = mapped_column(
        enum_column(EmailStatus), default=EmailStatus.UNKNOWN
    )
    score: Mapped[int] = mapped_column(default=0, index=True)
    scored_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    company_id: Mapped[int | None] = mapped_column(ForeignKey("companies.id"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, onupdate=utcnow)

    company: Mapped[Company | None] = relationship(back_populates="leads")
    owner: Mapped[User | None] = relationship()
    activities: Mapped[list[Activity]] = relationship(
        back_populates="lead", cascade="all, delete-orphan", order_by="Activity.occurred_at"
    )

    @property
    def full_name(self) -> str:
        """First and last name, or the address when neither is known."""
        return " ".join(part for part in (self.first_name, self.last_name) if part) or self.email


class Activity(Base):
    """Something a lead did, or that was done with a lead."""

    __tablename__ = "activities"

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"), index=True)
    kind: Mapped[ActivityKind] = mapped_column(enum_column(ActivityKind))
    note: Mapped[str | None] = mapped_column(Text)
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)

    lead: Mapped[Lead] = relationship(back_populates="activities")
