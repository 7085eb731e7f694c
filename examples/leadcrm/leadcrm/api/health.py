"""Health checks, without authentication."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from leadcrm import __version__
from leadcrm.api.context import services

bp = Blueprint("health", __name__, url_prefix="/health")


@bp.get("")
def live() -> ResponseReturnValue:
    """The process is up."""
    environment = services().settings.environment
    return {"status": "ok", "version": __version__, "environment": environment}


@bp.get("/ready")
def ready() -> ResponseReturnValue:
    """The process can do its work, that is, reach the database."""
    database = services().database.ping()
    body = {
        "status": "ok" if database else "unavailable",
        "checks": {"database": database},
        "stubs": services().settings.use_stubs,
    }
    return body, 200 if database else 503
