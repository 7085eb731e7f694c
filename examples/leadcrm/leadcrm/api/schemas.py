"""Reading request data and writing response data."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from flask import request

from leadcrm.errors import ValidationError
from leadcrm.models import Activity, ActivityKind, Company, Lead, LeadSource, LeadStatus, User
from leadcrm.repositories import LeadQuery, Page
from leadcrm.scoring import ScoreResult
from leadcrm.validation import normalise_domain, normalise_email, normalise_phone

T = TypeVar("T")
Parser = Callable[[Any], Any]


def text(limit: int, *, required: bool = False) -> Parser:
    """A string with a maximum length."""

    def parse(value: Any) -> str:
        if not isinstance(value, str):
            raise ValueError("must be a string")
        stripped = value.strip()
        if required and not stripped:
            raise ValueError("must not be empty")
        if len(stripped) > limit:
            raise ValueError(f"must not be longer than {limit} characters")
        return stripped

    return parse


def integer(low: int, high: int) -> Parser:
    """A whole number (a bool is not one, although Python thinks so)."""

    def parse(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError("must be a whole number")
        if not low <= value <= high:
            raise ValueError(f"must lie between {low} and {high}")
        return value

    return parse


def choice(kind: type[enum.StrEnum]) -> Parser:
    """A member of an enum, by value."""

    def parse(value: Any) -> enum.StrEnum:
        try:
            return kind(value)
        except ValueError:
            raise ValueError(f"must be one of {', '.join(kind)}") from None

    return parse


def via(check: Callable[[str], str], limit: int = 254) -> Parser:
    """A string that a normalising function accepts."""
    as_text = text(limit)
    return lambda value: check(as_text(value))


def timestamp(value: Any) -> datetime:
    """An ISO 8601 time with a zone."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError("must be an ISO 8601 time") from None
    if moment.tzinfo is None:
        raise ValueError("must have a time zone")
    return moment.astimezone(UTC)


def optional(parser: Parser) -> Parser:
    """Also accept null and the empty string, as null."""
    return lambda value: None if value is None or value == "" else parser(value)


ROW_ID = integer(1, 2**31 - 1)
LEAD_FIELDS: Mapping[str, Parser] = {
    "email": via(normalise_email),
    "first_name": text(100),
    "last_name": text(100),
    "job_title": optional(text(150)),
    "phone": optional(via(normalise_phone)),
    "notes": optional(text(5_000)),
    "source": choice(LeadSource),
    "company_id": optional(ROW_ID),
    "owner_id": optional(ROW_ID),
}
LEAD_CHANGES: Mapping[str, Parser] = {**LEAD_FIELDS, "status": choice(LeadStatus)}
COMPANY_FIELDS: Mapping[str, Parser] = {
    "name": text(200, required=True),
    "domain": via(normalise_domain),
    "industry": optional(text(80)),
    "employees": optional(integer(1, 10_000_000)),
    "country": optional(text(2)),
}
ACTIVITY_FIELDS: Mapping[str, Parser] = {
    "kind": choice(ActivityKind),
    "note": optional(text(5_000)),
    "occurred_at": optional(timestamp),
}
LOGIN_FIELDS: Mapping[str, Parser] = {"email": text(254), "password": text(200)}


def parse_object(
    payload: Any, fields: Mapping[str, Parser], required: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Check a JSON object; all problems are reported together."""
    if not isinstance(payload, dict):
        raise ValidationError({"body": "must be a JSON object"})
    errors = {name: "is not a known field" for name in payload if name not in fields}
    errors |= {name: "is required" for name in required if name not in payload}
    values: dict[str, Any] = {}
    for name, parser in fields.items():
        if name in payload:
            try:
                values[name] = parser(payload[name])
            except ValueError as error:
                errors[name] = str(error)
    if errors:
        raise ValidationError(errors)
    return values


def json_body(fields: Mapping[str, Parser], required: tuple[str, ...] = ()) -> dict[str, Any]:
    """Check the body of the current request."""
    return parse_object(request.get_json(silent=True), fields, required)


def query_argument(name: str, convert: Callable[[str], T]) -> T | None:
    """An optional argument of the query string."""
    raw = request.args.get(name)
    if raw is None or raw == "":
        return None
    try:
        return convert(raw)
    except ValueError:
        raise ValidationError({name: "is not valid"}) from None


def lead_query() -> LeadQuery:
    """The search described by the query string."""
    return LeadQuery(
        text=request.args.get("q", ""),
        status=query_argument("status", LeadStatus),
        source=query_argument("source", LeadSource),
        min_score=query_argument("min_score", int),
        company_id=query_argument("company_id", int),
        owner_id=query_argument("owner_id", int),
        sort=request.args.get("sort") or "-score",
        page=page_number(),
        per_page=page_size(),
    )


def page_number() -> int:
    value = query_argument("page", int)
    return 1 if value is None else value


def page_size() -> int:
    value = query_argument("per_page", int)
    return 20 if value is None else value


def moment_json(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat().replace("+00:00", "Z")


def user_json(user: User) -> dict[str, object]:
    return {"id": user.id, "email": user.email, "name": user.name, "role": user.role}


def company_json(company: Company) -> dict[str, object]:
    return {
        "id": company.id,
        "name": company.name,
        "domain": company.domain,
        "industry": company.industry,
        "employees": company.employees,
        "country": company.country,
        "enriched_at": moment_json(company.enriched_at),
    }


def activity_json(activity: Activity) -> dict[str, object]:
    return {
        "id": activity.id,
        "kind": activity.kind,
        "note": activity.note,
        "occurred_at": moment_json(activity.occurred_at),
    }


def lead_json(lead: Lead) -> dict[str, object]:
    company = lead.company
    return {
        "id": lead.id,
        "email": lead.email,
        "first_name": lead.first_name,
        "last_name": lead.last_name,
        "full_name": lead.full_name,
        "job_title": lead.job_title,
        "phone": lead.phone,
        "notes": lead.notes,
        "source": lead.source,
        "status": lead.status,
        "email_status": lead.email_status,
        "score": lead.score,
        "company": {"id": company.id, "name": company.name} if company else None,
        "owner_id": lead.owner_id,
        "created_at": moment_json(lead.created_at),
        "updated_at": moment_json(lead.updated_at),
    }


def score_json(result: ScoreResult) -> dict[str, object]:
    return {
        "score": result.score,
        "grade": result.grade,
        "contributions": [
            {"rule": item.rule, "points": round(item.points, 1), "reason": item.reason}
            for item in result.contributions
        ],
        "improve": result.weakest().rule,
    }


def page_json(page: Page[T], convert: Callable[[T], dict[str, object]]) -> dict[str, object]:
    return {
        "items": [convert(item) for item in page.items],
        "page": page.page,
        "per_page": page.per_page,
        "pages": page.pages,
        "total": page.total,
    }
