"""The real schema: migrations, constraints and transactions in database files."""

import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, StatementError

from leadcrm.db import Base, Database
from leadcrm.models import Activity, ActivityKind, Company, Contact, Lead

ROOT = Path(__file__).resolve().parents[2]


def alembic_config(url):
    config = Config(ROOT / "alembic.ini")
    config.attributes["database_url"] = url
    return config


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/test.db"


@pytest.fixture
def migrated(url):
    command.upgrade(alembic_config(url), "head")
    database = Database(url)
    yield database
    database.dispose()


def revision_of(database):
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def test_database_is_at_head(migrated, url):
    script = ScriptDirectory.from_config(alembic_config(url))
    assert script.get_heads() == [revision_of(migrated)]


def test_database_matches_models(migrated):
    with migrated.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []


def test_database_downgrade(migrated, url):
    command.downgrade(alembic_config(url), "base")
    assert inspect(migrated.engine).get_table_names() == ["alembic_version"]


def test_database_migration_keeps_rows(url):
    command.upgrade(alembic_config(url), "0002")
    database = Database(url)
    with database.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO leads (email, first_name, last_name, source, status, created_at,"
                " updated_at) VALUES ('a@acme.example', '', '', 'other', 'new',"
                " '2024-05-01 00:00:00', '2024-05-01 00:00:00')"
            )
        )
    command.upgrade(alembic_config(url), "head")
    with database.session() as session:
        lead = session.scalars(select(Lead)).one()
        assert (lead.score, lead.email_status) == (0, "unknown")
    database.dispose()


def test_database_sql_script(url, capsys):
    command.upgrade(alembic_config(url), "0001", sql=True)
    assert "CREATE TABLE users" in capsys.readouterr().out


def test_database_unique_address(migrated):
    with pytest.raises(IntegrityError), migrated.session_scope() as session:
        session.add_all([Lead(email="a@acme.example"), Lead(email="a@acme.example")])


def test_database_foreign_keys_are_enforced(migrated):
    with pytest.raises(IntegrityError), migrated.session_scope() as session:
        session.add(Lead(email="a@acme.example", company_id=99))


def test_database_deletes_activities_with_their_lead(migrated):
    with migrated.session_scope() as session:
        lead = Lead(email="a@acme.example", activities=[Activity(kind=ActivityKind.CALL)])
        session.add(lead)
        session.flush()
        session.delete(lead)
        session.flush()
        assert session.scalars(select(Activity)).all() == []


def test_database_deletes_contacts_with_their_company(migrated):
    with migrated.session_scope() as session:
        contact = Contact(full_name="Ann", email="a@acme.example")
        session.add(Company(name="Acme", domain="acme.example", contacts=[contact]))
        session.flush()
        session.execute(text("DELETE FROM companies"))
        session.expire_all()
        assert session.scalars(select(Contact)).all() == []


def test_database_rolls_back(migrated):
    with pytest.raises(RuntimeError), migrated.session_scope() as session:
        session.add(Lead(email="a@acme.example"))
        session.flush()
        raise RuntimeError("stop")
    with migrated.session() as session:
        assert session.scalars(select(Lead)).all() == []


def test_database_stores_utc(migrated):
    moment = datetime(2024, 7, 1, 14, tzinfo=timezone(timedelta(hours=2)))
    with migrated.session_scope() as session:
        session.add(Lead(email="a@acme.example", created_at=moment))
    with migrated.session() as session:
        stored = session.scalars(select(Lead)).one().created_at
    assert stored == moment
    assert stored.utcoffset() == timedelta(0)


def test_database_refuses_naive_times(migrated):
    with pytest.raises(StatementError, match="naive"), migrated.session_scope() as session:
        session.add(Lead(email="a@acme.example", created_at=datetime(2024, 7, 1)))


def test_database_ping(migrated, tmp_path):
    assert migrated.ping() is True
    assert Database(f"sqlite:///{tmp_path}/no/such/directory.db").ping() is False


def test_database_of_the_environment_is_migrated(migrated):
    """CI migrates the database in DATABASE_URL before the tests; look, but do not write."""
    parsed = make_url(os.environ.get("DATABASE_URL", "sqlite://"))
    if not parsed.database or not Path(parsed.database).exists():
        pytest.skip("DATABASE_URL names no existing database file")
    database = Database(parsed.render_as_string(hide_password=False))
    assert revision_of(database) == revision_of(migrated)
    database.dispose()


@pytest.mark.slow
def test_database_every_migration_up_and_down(url):
    config = alembic_config(url)
    revisions = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    for revision in reversed(revisions):
        command.upgrade(config, revision)
        command.downgrade(config, "-1")
        command.upgrade(config, revision)
    for _ in revisions:
        command.downgrade(config, "-1")
