"""The application factory: ``flask --app leadcrm.app run``."""

from __future__ import annotations

from flask import Flask

from leadcrm.api import register_api
from leadcrm.api.context import Services, close_session
from leadcrm.cli import register_commands
from leadcrm.clients import EnrichmentClient, VerificationClient
from leadcrm.config import Settings
from leadcrm.db import Database
from leadcrm.security import RateLimiter, TokenSigner

MAX_UPLOAD = 5 * 1024 * 1024
LOGINS_PER_MINUTE = 10


def create_app(settings: Settings | None = None, database: Database | None = None) -> Flask:
    """Build the application; tests pass their own settings and database."""
    settings = settings or Settings.from_env()
    app = Flask("leadcrm")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=MAX_UPLOAD,
        TESTING=settings.environment == "test",
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["leadcrm"] = Services(
        settings=settings,
        database=database or Database(settings.database_url),
        tokens=TokenSigner(settings.secret_key, settings.token_max_age),
        login_limiter=RateLimiter(LOGINS_PER_MINUTE, 60.0),
        enrichment=EnrichmentClient.from_settings(settings),
        verification=VerificationClient.from_settings(settings),
    )
    app.teardown_appcontext(close_session)
    register_api(app)
    register_commands(app)
    return app
