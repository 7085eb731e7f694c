import json

import pytest
import requests

from leadcrm.clients import ApiClient, CompanyProfile, EnrichmentClient, VerificationClient
from leadcrm.config import Settings
from leadcrm.errors import UpstreamError
from leadcrm.models import EmailStatus


def answer(status=200, body=None, **headers):
    response = requests.Response()
    response.status_code = status
    response._content = body if isinstance(body, bytes) else json.dumps(body).encode()
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return response


class FakeSession:
    """Plays back answers and errors, and remembers the requests."""

    def __init__(self, *outcomes):
        self.outcomes = list(outcomes)
        self.calls = []

    def get(self, url, **options):
        self.calls.append((url, options))
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


@pytest.fixture
def waits():
    return []


@pytest.fixture
def build(waits):
    def build(*outcomes, kind=ApiClient, **options):
        session = FakeSession(*outcomes)
        return kind("http://api.example/", "key", session=session, sleep=waits.append, **options)

    return build


def test_request(build):
    client = build(answer(body={"a": 1}), timeout=3)
    assert client.get("/x", {"q": "1"}) == {"a": 1}
    url, options = client._session.calls[0]
    assert url == "http://api.example/x"
    assert options["headers"]["X-Api-Key"] == "key"
    assert options["timeout"] == 3
    assert options["params"] == {"q": "1"}


@pytest.mark.parametrize("status", [429, 503])
def test_retry(build, waits, status):
    client = build(answer(status), answer(status), answer(body={"a": 1}))
    assert client.get("/x") == {"a": 1}
    assert waits == [0.2, 0.4]


@pytest.mark.parametrize(("asked", "waited"), [("3", 3.0), ("9999", 10.0), ("soon", 0.2)])
def test_retry_after(build, waits, asked, waited):
    build(answer(429, Retry_After=asked), answer(body={})).get("/x")
    assert waits == [waited]


@pytest.mark.parametrize(
    ("failure", "message"),
    [
        (requests.Timeout(), "timed out"),
        (requests.ConnectionError(), "cannot be reached"),
        (answer(503), "answered 503"),
    ],
)
def test_giving_up(build, waits, failure, message):
    with pytest.raises(UpstreamError, match=rf"{message} \(2 attempts\)"):
        build(failure, failure, attempts=2).get("/x")
    assert len(waits) == 1


@pytest.mark.parametrize(
    ("response", "message"),
    [
        (answer(401), "refused the API key"),
        (answer(400), "answered 400"),
        (answer(body=b"<html>"), "JSON object"),
        (answer(body=[1, 2]), "JSON object"),
    ],
)
def test_permanent_failures_are_not_retried(build, waits, response, message):
    with pytest.raises(UpstreamError, match=message):
        build(response).get("/x")
    assert waits == []


def test_not_found_is_none(build):
    assert build(answer(404)).get("/x") is None


def test_lookup(build):
    body = {"domain": "acme.example", "name": "Acme", "employees": "12", "extra": True}
    client = build(answer(body=body), kind=EnrichmentClient)
    assert client.lookup("acme.example") == CompanyProfile("acme.example", "Acme", None, 12, None)


def test_lookup_quotes_the_domain(build):
    client = build(answer(404), kind=EnrichmentClient)
    assert client.lookup("a/../b") is None
    assert client._session.calls[0][0].endswith("/v1/companies/a%2F..%2Fb")


def test_verify(build):
    answers = [answer(body={"result": status.value}) for status in EmailStatus]
    client = build(*answers, kind=VerificationClient)
    assert [client.verify("a@acme.example") for _ in answers] == list(EmailStatus)


@pytest.mark.parametrize("kind", [EnrichmentClient, VerificationClient])
def test_key_is_not_sent_to_stubs(kind):
    keys = {"enrichment_api_key": "real", "verification_api_key": "real"}
    assert kind.from_settings(Settings(**keys))._headers["X-Api-Key"] == "real"
    assert kind.from_settings(Settings(use_stubs=True, **keys))._headers["X-Api-Key"] == "stub-key"
