import pytest

from leadcrm.models import Role

LEADS = "/api/v1/leads"


@pytest.fixture
def create(api):
    def create(email="ann@acme.example", **fields):
        response = api.post(LEADS, json={"email": email, **fields})
        assert response.status_code == 201, response.json
        return response.json

    return create


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("POST", ""), ("PATCH", "/1"), ("GET", "/1/score"), ("POST", "/import")],
)  # fmt: skip
def test_token_is_required(anonymous, method, path):
    response = anonymous.open(LEADS + path, method=method, json={})
    assert response.status_code == 401
    assert response.json["error"] == "unauthenticated"


@pytest.mark.parametrize(("method", "path"), [("POST", ""), ("PATCH", "/1"), ("DELETE", "/1")])
def test_readonly_users_may_not_write(login, method, path):
    client = login(Role.READONLY)
    assert client.open(LEADS + path, method=method, json={}).status_code == 403
    assert client.get(LEADS).status_code == 200


def test_create(api):
    payload = {"email": "Ann@Acme.example", "first_name": "Ann", "source": "referral"}
    response = api.post(LEADS, json=payload)
    assert response.status_code == 201
    assert response.headers["Location"] == f"{LEADS}/{response.json['id']}"
    assert response.json["email"] == "ann@acme.example"
    assert response.json["company"]["name"] == "acme.example"
    assert response.json["status"] == "new"
    assert response.json["owner_id"] == api.get("/api/v1/me").json["id"]


def test_create_twice(api, create):
    create()
    assert api.post(LEADS, json={"email": "ann@acme.example"}).status_code == 409


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_missing_lead(api, method):
    response = api.open(f"{LEADS}/99", method=method, json={})
    assert response.status_code == 404
    assert response.json["message"] == "lead 99 does not exist"


def test_update(api, create):
    lead = create()
    response = api.patch(f"{LEADS}/{lead['id']}", json={"job_title": "CEO", "status": "contacted"})
    assert response.status_code == 200
    assert response.json["score"] > lead["score"]
    assert api.get(f"{LEADS}/{lead['id']}").json["status"] == "contacted"


def test_forbidden_status_change_changes_nothing(api, create):
    lead = create()
    response = api.patch(f"{LEADS}/{lead['id']}", json={"status": "won", "notes": "x"})
    assert response.status_code == 409
    assert api.get(f"{LEADS}/{lead['id']}").json["notes"] is None


def test_delete(api, create):
    path = f"{LEADS}/{create()['id']}"
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404


def test_search_and_pages(api, create):
    for number in range(5):
        create(f"lead{number}@acme.example", last_name=f"Number{number}")
    create("other@firm.example")
    body = api.get(f"{LEADS}?q=acme&sort=-email&per_page=2&page=2").json
    assert [item["email"] for item in body["items"]] == ["lead2@acme.example", "lead1@acme.example"]
    assert (body["total"], body["pages"], body["page"]) == (5, 3, 2)
    assert api.get(f"{LEADS}?q=number3").json["total"] == 1


@pytest.mark.parametrize("query", ["status=x", "min_score=high", "page=0", "sort=x"])
def test_bad_search(api, query):
    response = api.get(f"{LEADS}?{query}")
    assert response.status_code == 422
    assert query.split("=")[0] in response.json["fields"]


def test_activity(api, create):
    lead = create()
    path = f"{LEADS}/{lead['id']}"
    payload = {"kind": "meeting", "occurred_at": "2024-07-01T12:00:00Z"}
    response = api.post(f"{path}/activities", json=payload)
    assert response.status_code == 201
    assert response.json["occurred_at"] == "2024-07-01T12:00:00Z"
    assert [item["kind"] for item in api.get(path).json["activities"]] == ["meeting"]


def test_score(api, create):
    path = f"{LEADS}/{create(job_title='CEO')['id']}/score"
    explained = api.get(path).json
    assert explained["score"] == api.post(path).json["score"]
    assert sum(item["points"] for item in explained["contributions"]) == pytest.approx(
        explained["score"], abs=1
    )
    assert explained["improve"] == "engagement"


def test_import(api):
    text = "email;company\nann@acme.example;Acme\nbroken;x\n"
    dry = api.post(f"{LEADS}/import?dry_run=true", data=text.encode()).json
    assert (dry["created"], dry["dry_run"]) == (1, True)
    assert api.get(LEADS).json["total"] == 0
    report = api.post(f"{LEADS}/import", data=text.encode()).json
    assert report["errors"] == [
        {"line": 3, "column": "email", "message": "is not an e-mail address"}
    ]
    assert api.get(LEADS).json["items"][0]["company"]["name"] == "Acme"
    assert api.get(f"{LEADS}/funnel").json["new"] == 1
