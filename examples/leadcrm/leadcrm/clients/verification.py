"""Does an e-mail address exist?"""

from __future__ import annotations

from leadcrm.clients.base import ApiClient
from leadcrm.config import Settings
from leadcrm.errors import UpstreamError
from leadcrm.models import EmailStatus


class VerificationClient(ApiClient):
    service = "e-mail verification service"

    @classmethod
    def from_settings(cls, settings: Settings) -> VerificationClient:
        key = "stub-key" if settings.use_stubs else settings.verification_api_key
        return cls(settings.verification_base, key, timeout=settings.http_timeout)

    def verify(self, email: str) -> EmailStatus:
        """Ask for the status of an address."""
        body = self.get("/v1/check", {"email": email})
        if body is None:
            return EmailStatus.UNKNOWN
        try:
            return EmailStatus(body["result"])
        except (KeyError, ValueError):
            raise UpstreamError(f"{self.service} sent an unknown result") from None
