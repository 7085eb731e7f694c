"""Alembic environment: migrates the database named by DATABASE_URL."""

from __future__ import annotations

from logging.config import fileConfig

from alembic import context

import leadcrm.models  # noqa: F401  (registers the tables)
from leadcrm.config import Settings
from leadcrm.db import Base, build_engine

config = context.config

# Tests set "database_url" and keep their own logging.
given_url = config.attributes.get("database_url")
database_url: str = given_url or Settings.from_env().database_url
if config.config_file_name is not None and given_url is None:
    fileConfig(config.config_file_name, disable_existing_loggers=False)


def run_offline() -> None:
    """Print the SQL instead of running it (``alembic upgrade head --sql``)."""
    context.configure(url=database_url, target_metadata=Base.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


def run_online() -> None:
    """Run the migrations. SQLite can only alter tables by copying them, hence batch mode."""
    engine = build_engine(database_url)
    with engine.connect() as connection:
        context.configure(
            connection=connection, target_metadata=Base.metadata, render_as_batch=True
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


if context.is_offline_mode():
    run_offline()
else:
    run_online()
