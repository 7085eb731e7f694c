"""Does it start at all?"""

import subprocess
import sys
from pathlib import Path

import pytest

import leadcrm
from leadcrm.app import create_app

ROOT = Path(__file__).resolve().parents[2]


def test_version():
    assert len(leadcrm.__version__.split(".")) == 3


def test_app_from_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/smoke.db")
    monkeypatch.setenv("ENVIRONMENT", "test")
    client = create_app().test_client()
    assert client.get("/health").json["status"] == "ok"
    assert client.get("/health/ready").status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/leads", "/api/v1/companies", "/api/v1/me"])
def test_routes_exist(anonymous, path):
    assert anonymous.get(path).status_code == 401


def test_unknown_path(anonymous):
    response = anonymous.get("/nowhere")
    assert (response.status_code, response.json["error"]) == (404, "not_found")


def test_sign_in_and_create_a_lead(api):
    created = api.post("/api/v1/leads", json={"email": "ann@acme.example"}).json
    assert api.get(f"/api/v1/leads/{created['id']}/score").json["grade"] in "ABCD"


@pytest.mark.parametrize("arguments", [["leadcrm.stub_server", "--help"], ["alembic", "heads"]])
def test_command_line(arguments):
    result = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=50
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout
