"""Access to the application's parts during a request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Flask, current_app, g, request
from sqlalchemy.orm import Session

from leadcrm.clients import EnrichmentClient, VerificationClient
from leadcrm.config import Settings
from leadcrm.db import Database
from leadcrm.errors import AuthenticationError, PermissionDeniedError
from leadcrm.models import User
from leadcrm.repositories import UserRepository
from leadcrm.security import RateLimiter, TokenSigner
from leadcrm.services import LeadService

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(slots=True)
class Services:
    """The long-lived objects of one application."""

    settings: Settings
    database: Database
    tokens: TokenSigner
    login_limiter: RateLimiter
    enrichment: EnrichmentClient
    verification: VerificationClient


def services(app: Flask | None = None) -> Services:
    """The services of an application (default: the current one)."""
    found: Services = (app or current_app).extensions["leadcrm"]
    return found


def db_session() -> Session:
    """The session of this request, opened when first needed."""
    if "db_session" not in g:
        g.db_session = services().database.session()
    session: Session = g.db_session
    return session


def close_session(_error: BaseException | None = None) -> None:
    """Close the request's session; what was not committed is rolled back."""
    session: Session | None = g.pop("db_session", None)
    if session is not None:
        session.close()


def lead_service() -> LeadService:
    return LeadService(db_session(), half_life_days=services().settings.score_half_life_days)


def current_user() -> User:
    """The user named by the bearer token."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise AuthenticationError("a bearer token is required")
    user = UserRepository(db_session()).get(services().tokens.verify(token.strip()))
    if user is None or not user.is_active:
        raise AuthenticationError("the token is not valid")
    return user


def authenticated(view: Callable[P, R]) -> Callable[P, R]:
    """Let only users in, and only those who may write to views that change something."""

    @wraps(view)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        g.user = current_user()
        if request.method not in ("GET", "HEAD") and not g.user.can_write:
            raise PermissionDeniedError("this account may only read")
        return view(*args, **kwargs)

    return wrapper
