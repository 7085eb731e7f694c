import pytest

from leadcrm.models import Role, User

TOKEN = "/api/v1/auth/token"


@pytest.fixture
def good(api, password):
    """Valid credentials of an existing user."""
    return {"email": "sales@crm.example", "password": password}


def test_login(good, anonymous):
    response = anonymous.post(TOKEN, json=good)
    assert response.status_code == 201
    assert response.json["user"]["role"] == "sales"
    header = {"Authorization": f"Bearer {response.json['token']}"}
    assert anonymous.get("/api/v1/me", headers=header).json["email"] == "sales@crm.example"


@pytest.mark.parametrize(
    "wrong", [{"email": "other@crm.example"}, {"password": "wrong password"}, {"email": ""}]
)
def test_wrong_credentials(good, anonymous, wrong):
    response = anonymous.post(TOKEN, json=good | wrong)
    assert response.status_code == 401
    assert response.json["message"] == "wrong e-mail address or password"


def test_too_many_attempts(good, anonymous):
    statuses = [
        anonymous.post(TOKEN, json=good | {"password": "wrong password"}).status_code
        for _ in range(11)
    ]
    assert statuses == [401] * 10 + [429]


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer nonsense", "Basic YTpi"])
def test_bad_headers(anonymous, header):
    assert anonymous.get("/api/v1/me", headers={"Authorization": header}).status_code == 401


def test_inactive_users_are_locked_out(login, database, password):
    client = login(Role.ADMIN)
    assert client.get("/api/v1/me").status_code == 200
    with database.session_scope() as session:
        session.query(User).update({"is_active": False})
    assert client.get("/api/v1/me").status_code == 401
    credentials = {"email": "admin@crm.example", "password": password}
    assert client.post(TOKEN, json=credentials).status_code == 401
