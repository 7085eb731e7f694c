"""Fixtures. Every test has its own in-memory database; nothing is shared but the stub server."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from leadcrm.app import create_app
from leadcrm.config import Settings
from leadcrm.db import Database
from leadcrm.models import Lead, LeadSource, Role, User
from leadcrm.security import hash_password
from leadcrm.services import LeadService
from leadcrm.stub_server import make_server

# Whoever wants to test against the real APIs has to say so.
os.environ.setdefault("USE_STUBS", "true")

NOW = datetime(2024, 7, 1, 12, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
FAST_HASH = "pbkdf2:sha256:1000"
UNUSED_URL = "http://127.0.0.1:9"


@pytest.fixture(scope="session")
def stub_url() -> Iterator[str]:
    """The stub server of the CI job, or one of our own on a free port."""
    given = os.environ.get("STUB_SERVER_URL")
    if given:
        yield given.rstrip("/")
        return
    with make_server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def password() -> str:
    """The password of every user that `login` creates."""
    return PASSWORD


@pytest.fixture
def settings() -> Settings:
    return Settings(
        environment="test",
        database_url="sqlite://",
        secret_key="secret-of-the-tests",
        use_stubs=True,
        stub_server_url=UNUSED_URL,
        http_timeout=5,
        password_method=FAST_HASH,
    )


@pytest.fixture
def database() -> Iterator[Database]:
    database = Database("sqlite://")
    database.create_all()
    yield database
    database.dispose()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.session() as session:
        yield session


@pytest.fixture
def service(session: Session) -> LeadService:
    """A service whose clock stands still."""
    return LeadService(session, clock=lambda: NOW)


@pytest.fixture
def app(settings: Settings, database: Database) -> Flask:
    return create_app(settings, database)


@pytest.fixture
def anonymous(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def login(app: Flask, database: Database) -> Callable[[Role], FlaskClient]:
    """Create a user with a role and return a client with that user's token."""

    def create(role: Role) -> FlaskClient:
        user = User(
            email=f"{role}@crm.example",
            name=role.title(),
            role=role,
            password_hash=hash_password(PASSWORD, FAST_HASH),
        )
        with database.session_scope() as session:
            session.add(user)
        client = app.test_client()
        token = app.extensions["leadcrm"].tokens.issue(user.id)
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        return client

    return create


@pytest.fixture
def api(login: Callable[[Role], FlaskClient]) -> FlaskClient:
    """A client that is logged in as a sales person."""
    return login(Role.SALES)


@pytest.fixture
def make_lead(service: LeadService) -> Callable[..., Lead]:
    """Create leads with different addresses; keyword arguments override fields."""
    count = 0

    def create(**fields: object) -> Lead:
        nonlocal count
        count += 1
        defaults = {"email": f"lead{count}@acme.example", "source": LeadSource.WEBSITE}
        return service.create(defaults | fields)

    return create
