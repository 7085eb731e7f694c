"""Errors as JSON."""

from __future__ import annotations

import logging

from flask import Flask
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from leadcrm.errors import LeadCrmError

log = logging.getLogger(__name__)


def handle_known(error: LeadCrmError) -> ResponseReturnValue:
    if error.status >= 500:
        log.warning("%s: %s", error.code, error.message)
    return error.to_dict(), error.status


def handle_http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    return {"error": error.name.lower().replace(" ", "_"), "message": error.description}, status


def handle_unexpected(error: Exception) -> ResponseReturnValue:
    log.exception("unexpected error", exc_info=error)
    return {"error": "internal_error", "message": "something went wrong"}, 500


def register_error_handlers(app: Flask) -> None:
    app.register_error_handler(LeadCrmError, handle_known)
    app.register_error_handler(HTTPException, handle_http)
    app.register_error_handler(Exception, handle_unexpected)
