"""Company data by web domain."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from leadcrm.clients.base import ApiClient
from leadcrm.config import Settings
from leadcrm.errors import UpstreamError


@dataclass(frozen=True, slots=True)
class CompanyProfile:
    """What the enrichment service knows about a company."""

    domain: str
    name: str
    industry: str | None
    employees: int | None
    country: str | None


class EnrichmentClient(ApiClient):
    service = "enrichment service"

    @classmethod
    def from_settings(cls, settings: Settings) -> EnrichmentClient:
        key = "stub-key" if settings.use_stubs else settings.enrichment_api_key
        return cls(settings.enrichment_base, key, timeout=settings.http_timeout)

    def lookup(self, domain: str) -> CompanyProfile | None:
        """Look a company up; None if the service does not know it."""
        body = self.get(f"/v1/companies/{quote(domain, safe='')}")
        if body is None:
            return None
        try:
            employees = body.get("employees")
            return CompanyProfile(
                domain=str(body["domain"]),
                name=str(body["name"]),
                industry=body.get("industry"),
                employees=None if employees is None else int(employees),
                country=body.get("country"),
            )
        except (KeyError, TypeError, ValueError):
            raise UpstreamError(f"{self.service} sent an incomplete profile") from None
