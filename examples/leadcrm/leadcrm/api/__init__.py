"""The JSON API. Everything but /health lives below /api/v1."""

from __future__ import annotations

from flask import Blueprint, Flask

from leadcrm.api.auth import bp as auth_bp
from leadcrm.api.companies import bp as companies_bp
from leadcrm.api.errors import register_error_handlers
from leadcrm.api.health import bp as health_bp
from leadcrm.api.leads import bp as leads_bp


def register_api(app: Flask) -> None:
    """Attach all blueprints and the error handlers."""
    api = Blueprint("api", __name__, url_prefix="/api/v1")
    for child in (auth_bp, companies_bp, leads_bp):
        api.register_blueprint(child)
    app.register_blueprint(health_bp)
    app.register_blueprint(api)
    register_error_handlers(app)
