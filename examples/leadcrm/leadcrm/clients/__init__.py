"""Clients of the external APIs."""

from leadcrm.clients.base import ApiClient
from leadcrm.clients.enrichment import CompanyProfile, EnrichmentClient
from leadcrm.clients.verification import VerificationClient

__all__ = ["ApiClient", "CompanyProfile", "EnrichmentClient", "VerificationClient"]
