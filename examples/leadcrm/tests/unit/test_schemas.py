from datetime import UTC, datetime

import pytest

from leadcrm.api.schemas import (
    ACTIVITY_FIELDS,
    COMPANY_FIELDS,
    LEAD_FIELDS,
    parse_object,
    timestamp,
)
from leadcrm.errors import ValidationError
from leadcrm.models import LeadSource


def problems(payload, fields, required=()):
    with pytest.raises(ValidationError) as caught:
        parse_object(payload, fields, required)
    return caught.value.fields


@pytest.mark.parametrize("payload", [None, [], "text"])
def test_body_must_be_an_object(payload):
    assert problems(payload, LEAD_FIELDS) == {"body": "must be a JSON object"}


def test_valid_lead():
    payload = {"email": "Ann@Acme.example", "source": "event", "phone": "", "company_id": None}
    assert parse_object(payload, LEAD_FIELDS) == {
        "email": "ann@acme.example",
        "source": LeadSource.EVENT,
        "phone": None,
        "company_id": None,
    }


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("email", "x", "is not an e-mail address"),
        ("first_name", "x" * 101, "must not be longer than 100 characters"),
        ("source", "moon", "must be one of referral"),
        ("company_id", 0, "must lie between"),
        ("company_id", True, "must be a whole number"),
        ("score", 100, "is not a known field"),
    ],
)
def test_invalid_lead(field, value, message):
    assert problems({field: value}, LEAD_FIELDS)[field].startswith(message)


def test_all_problems_are_reported():
    found = problems({"name": " ", "employees": 0, "x": 1}, COMPANY_FIELDS, ("name", "domain"))
    assert set(found) == {"name", "employees", "x", "domain"}
    assert found["domain"] == "is required"


@pytest.mark.parametrize("text", ["2024-07-01T12:00:00Z", "2024-07-01T14:00:00+02:00"])
def test_timestamps(text):
    assert timestamp(text) == datetime(2024, 7, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("value", ["yesterday", 5, "2024-07-01T12:00:00"])
def test_bad_timestamps(value):
    assert "occurred_at" in problems({"occurred_at": value}, ACTIVITY_FIELDS)
