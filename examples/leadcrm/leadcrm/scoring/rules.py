"""The scoring rules. Each looks at a snapshot of a lead and returns a value from 0 to 1."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from leadcrm.models import ActivityKind, EmailStatus, LeadSource
from leadcrm.scoring.decay import decayed_total
from leadcrm.validation import DISPOSABLE_DOMAINS, email_domain, is_business_email

SENIORITY: tuple[tuple[re.Pattern[str], float, str], ...] = (
    (re.compile(r"\b(intern|student|trainee|assistant)\b", re.I), 0.1, "junior role"),
    (re.compile(r"\b(vp|vice president)\b", re.I), 0.9, "vice president"),
    (re.compile(r"\b(c[efimot]o|founder|owner|president|managing director)\b", re.I),
     1.0, "top management"),
    (re.compile(r"\b(head|director)\b", re.I), 0.8, "head of a department"),
    (re.compile(r"\b(manager|lead|principal)\b", re.I), 0.6, "middle management"),
)  # fmt: skip

INDUSTRY_FIT: Mapping[str, float] = {
    "software": 1.0, "finance": 0.9, "healthcare": 0.8, "manufacturing": 0.7,
    "retail": 0.6, "education": 0.4, "public": 0.3,
}  # fmt: skip

SOURCE_VALUE: Mapping[LeadSource, float] = {
    LeadSource.REFERRAL: 1.0,
    LeadSource.EVENT: 0.8,
    LeadSource.WEBSITE: 0.7,
    LeadSource.ADVERT: 0.4,
    LeadSource.IMPORT: 0.2,
    LeadSource.OTHER: 0.2,
}

ACTIVITY_POINTS: Mapping[ActivityKind, float] = {
    ActivityKind.DEMO_REQUEST: 40,
    ActivityKind.MEETING: 30,
    ActivityKind.CALL: 15,
    ActivityKind.DOWNLOAD: 12,
    ActivityKind.EMAIL_CLICKED: 6,
    ActivityKind.PAGE_VISIT: 3,
    ActivityKind.EMAIL_OPENED: 2,
    ActivityKind.UNSUBSCRIBED: -60,
}

# Points at which engagement reaches 1 - 1/e (about 63 %) of its maximum.
ENGAGEMENT_SCALE = 40.0

# (largest number of employees, value): mid-sized companies buy most readily.
SIZE_BANDS: tuple[tuple[float, float], ...] = (
    (9, 0.2), (49, 0.5), (249, 0.9), (999, 1.0), (4_999, 0.8), (math.inf, 0.6),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LeadSnapshot:
    """What the rules may look at; independent of the database."""

    email: str
    now: datetime
    job_title: str = ""
    source: LeadSource = LeadSource.OTHER
    email_status: EmailStatus = EmailStatus.UNKNOWN
    has_name: bool = False
    has_phone: bool = False
    industry: str = ""
    employees: int | None = None
    activities: tuple[tuple[ActivityKind, datetime], ...] = ()
    half_life_days: float = 30.0


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one rule."""

    value: float
    reason: str


Rule = Callable[[LeadSnapshot], Finding]


def seniority(lead: LeadSnapshot) -> Finding:
    """How much the person probably has to say."""
    if not lead.job_title:
        return Finding(0.0, "no job title")
    for pattern, value, reason in SENIORITY:
        if pattern.search(lead.job_title):
            return Finding(value, reason)
    return Finding(0.3, "individual contributor")


def company_size(lead: LeadSnapshot) -> Finding:
    """Whether the company has the size that usually buys."""
    if lead.employees is None:
        return Finding(0.0, "company size unknown")
    value = next(value for limit, value in SIZE_BANDS if lead.employees <= limit)
    return Finding(value, f"{lead.employees} employees")


def industry(lead: LeadSnapshot) -> Finding:
    """How well the product fits the industry."""
    name = lead.industry.strip().lower()
    if not name:
        return Finding(0.0, "industry unknown")
    return Finding(INDUSTRY_FIT.get(name, 0.2), f"industry: {name}")


def source(lead: LeadSnapshot) -> Finding:
    """Where the lead came from."""
    return Finding(SOURCE_VALUE[lead.source], f"came from: {lead.source}")


def email_quality(lead: LeadSnapshot) -> Finding:
    """Whether the address is a working business address."""
    if email_domain(lead.email) in DISPOSABLE_DOMAINS:
        return Finding(0.0, "disposable address")
    if lead.email_status is EmailStatus.UNDELIVERABLE:
        return Finding(0.0, "address is undeliverable")
    value, reason = (0.7, "business address") if is_business_email(lead.email) else (
        0.3, "free-mail address")  # fmt: skip
    if lead.email_status is EmailStatus.DELIVERABLE:
        return Finding(min(1.0, value + 0.3), f"{reason}, verified")
    if lead.email_status is EmailStatus.RISKY:
        return Finding(value / 2, f"{reason}, risky")
    return Finding(value, reason)


def completeness(lead: LeadSnapshot) -> Finding:
    """How much of the basic data is known."""
    known = {"name": lead.has_name, "phone": lead.has_phone, "job title": bool(lead.job_title)}
    missing = [name for name, present in known.items() if not present]
    reason = f"missing: {', '.join(missing)}" if missing else "complete"
    return Finding(1 - len(missing) / len(known), reason)


def engagement(lead: LeadSnapshot) -> Finding:
    """Recent activity; grows quickly at first and then levels off."""
    if not lead.activities:
        return Finding(0.0, "no activity")
    points = decayed_total(
        ((ACTIVITY_POINTS[kind], when) for kind, when in lead.activities),
        lead.now,
        lead.half_life_days,
    )
    if points <= 0:
        return Finding(0.0, "not interested any more")
    return Finding(1 - math.exp(-points / ENGAGEMENT_SCALE), f"{points:.1f} activity points")


DEFAULT_RULES: Mapping[str, Rule] = {
    "engagement": engagement,
    "seniority": seniority,
    "company_size": company_size,
    "email_quality": email_quality,
    "industry": industry,
    "source": source,
    "completeness": completeness,
}
