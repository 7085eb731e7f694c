"""Tokens for e-mail address and password."""

from __future__ import annotations

from flask import Blueprint, g
from flask.typing import ResponseReturnValue

from leadcrm.api.context import authenticated, db_session, services
from leadcrm.api.schemas import LOGIN_FIELDS, json_body, user_json
from leadcrm.errors import AuthenticationError, TooManyRequestsError
from leadcrm.repositories import UserRepository
from leadcrm.security import verify_password

bp = Blueprint("auth", __name__)


@bp.post("/auth/token")
def create_token() -> ResponseReturnValue:
    """Exchange credentials for a token; repeated failures are slowed down."""
    fields = json_body(LOGIN_FIELDS, required=("email", "password"))
    email = fields["email"].lower()
    if not services().login_limiter.allow(email):
        raise TooManyRequestsError("too many attempts, wait a minute")
    user = UserRepository(db_session()).by_email(email)
    if user is None or not user.is_active or not verify_password(
        user.password_hash, fields["password"]
    ):  # fmt: skip
        raise AuthenticationError("wrong e-mail address or password")
    services().login_limiter.forget(email)
    return {"token": services().tokens.issue(user.id), "user": user_json(user)}, 201


@bp.get("/me")
@authenticated
def me() -> ResponseReturnValue:
    """Who am I?"""
    return user_json(g.user)
