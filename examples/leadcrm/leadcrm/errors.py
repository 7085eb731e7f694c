"""Errors that the service layer raises and the API turns into JSON responses."""

from __future__ import annotations

from collections.abc import Mapping


class LeadCrmError(Exception):
    """Base class: carries the HTTP status the API should answer with."""

    status = 500
    code = "internal_error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def to_dict(self) -> dict[str, object]:
        return {"error": self.code, "message": self.message}


class ConfigError(LeadCrmError):
    """The environment does not describe a usable configuration."""

    code = "bad_configuration"


class ValidationError(LeadCrmError):
    """The input has one or more invalid fields."""

    status = 422
    code = "validation_failed"

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {text}" for name, text in sorted(fields.items())))
        self.fields = dict(fields)

    def to_dict(self) -> dict[str, object]:
        return {**super().to_dict(), "fields": self.fields}


class NotFoundError(LeadCrmError):
    status = 404
    code = "not_found"

    def __init__(self, kind: str, key: object) -> None:
        super().__init__(f"{kind} {key} does not exist")


class ConflictError(LeadCrmError):
    status = 409
    code = "conflict"


class AuthenticationError(LeadCrmError):
    status = 401
    code = "unauthenticated"


class PermissionDeniedError(LeadCrmError):
    status = 403
    code = "forbidden"


class TooManyRequestsError(LeadCrmError):
    status = 429
    code = "too_many_requests"


class UpstreamError(LeadCrmError):
    """An external API did not answer usefully."""

    status = 502
    code = "upstream_failed"
