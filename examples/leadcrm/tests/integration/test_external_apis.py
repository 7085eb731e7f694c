"""The external APIs, as the application uses them: the stub server when USE_STUBS is true."""

import dataclasses

import pytest

from leadcrm.app import create_app
from leadcrm.clients import EnrichmentClient, VerificationClient
from leadcrm.config import Settings
from leadcrm.models import EmailStatus

pytestmark = pytest.mark.external


@pytest.fixture
def external(request):
    """Settings of the environment, with our own stub server if none is running."""
    settings = Settings.from_env()
    if settings.use_stubs:
        return dataclasses.replace(settings, stub_server_url=request.getfixturevalue("stub_url"))
    if not (settings.enrichment_api_key and settings.verification_api_key):
        pytest.skip("the real APIs need ENRICHMENT_API_KEY and VERIFICATION_API_KEY")
    return settings


@pytest.fixture
def settings(settings, external):
    """The application under test talks to the same APIs."""
    return dataclasses.replace(
        external, database_url="sqlite://", password_method=settings.password_method
    )


def test_known_company(external):
    profile = EnrichmentClient.from_settings(external).lookup("acme.example")
    assert profile.domain == "acme.example"
    assert profile.employees > 0


def test_unknown_company(external):
    assert EnrichmentClient.from_settings(external).lookup("unknown-company.example") is None


def test_verification(external):
    client = VerificationClient.from_settings(external)
    assert client.verify("bounce@acme.example") is EmailStatus.UNDELIVERABLE


def test_enrich_lead(api):
    lead = api.post("/api/v1/leads", json={"email": "ann@acme.example"}).json
    response = api.post(f"/api/v1/leads/{lead['id']}/enrich")
    assert response.status_code == 200
    assert response.json["company_found"] is True
    assert response.json["email_status"] == "deliverable"
    assert response.json["score"] > lead["score"]


@pytest.mark.parametrize(("domain", "status"), [("acme", 200), ("unknown", 404), ("busy", 502)])
def test_enrich_company(api, domain, status):
    payload = {"name": "Some company", "domain": f"{domain}.example"}
    company = api.post("/api/v1/companies", json=payload).json
    assert api.post(f"/api/v1/companies/{company['id']}/enrich").status_code == status


def test_stubs_are_optional(external, database):
    app = create_app(dataclasses.replace(external, use_stubs=False), database)
    assert app.extensions["leadcrm"].enrichment._base_url == external.enrichment_url
