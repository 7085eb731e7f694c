import pytest

COMPANIES = "/api/v1/companies"
ACME = {"name": "Acme", "domain": "https://www.acme.example/", "employees": 50}


@pytest.fixture
def company(api):
    response = api.post(COMPANIES, json=ACME)
    assert response.status_code == 201
    return response.json


def test_create(company):
    assert company["domain"] == "acme.example"
    assert company["enriched_at"] is None


def test_create_twice(api, company):
    assert api.post(COMPANIES, json=ACME).status_code == 409


def test_create_incomplete(api):
    response = api.post(COMPANIES, json={"employees": -1})
    assert set(response.json["fields"]) == {"name", "domain", "employees"}


def test_list_is_sorted_by_name(api, company):
    api.post(COMPANIES, json={"name": "Abacus", "domain": "abacus.example"})
    body = api.get(COMPANIES).json
    assert [item["name"] for item in body["items"]] == ["Abacus", "Acme"]
    assert api.get(f"{COMPANIES}?per_page=0").status_code == 422


def test_show(api, company):
    assert api.get(f"{COMPANIES}/{company['id']}").json == company
    assert api.get(f"{COMPANIES}/99").status_code == 404


def test_leads_of_a_company(api, company):
    api.post("/api/v1/leads", json={"email": "ann@acme.example"})
    api.post("/api/v1/leads", json={"email": "bob@other.example"})
    body = api.get(f"{COMPANIES}/{company['id']}/leads").json
    assert [item["email"] for item in body["items"]] == ["ann@acme.example"]


def test_delete(api, company):
    path = f"{COMPANIES}/{company['id']}"
    lead = api.post("/api/v1/leads", json={"email": "ann@acme.example"}).json
    assert api.delete(path).status_code == 409
    api.delete(f"/api/v1/leads/{lead['id']}")
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404
