"""Passwords, API tokens and a limiter against password guessing."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from threading import Lock

from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.security import check_password_hash, generate_password_hash

from leadcrm.errors import AuthenticationError, ValidationError

MIN_PASSWORD_LENGTH = 10
Clock = Callable[[], float]


def hash_password(password: str, method: str = "scrypt") -> str:
    """Hash a password after checking that it is long enough."""
    if len(password) < MIN_PASSWORD_LENGTH:
        raise ValidationError({"password": f"needs at least {MIN_PASSWORD_LENGTH} characters"})
    return generate_password_hash(password, method=method)


def verify_password(password_hash: str, password: str) -> bool:
    """Compare a password with its hash."""
    return check_password_hash(password_hash, password)


class TokenSigner:
    """Issues and checks signed tokens that name a user and expire."""

    def __init__(self, secret: str, max_age: float, clock: Clock = time.time) -> None:
        self._serializer = URLSafeSerializer(secret, salt="leadcrm.api-token")
        self._max_age = max_age
        self._clock = clock

    def issue(self, user_id: int) -> str:
        return self._serializer.dumps({"uid": user_id, "iat": int(self._clock())})

    def verify(self, token: str) -> int:
        """Return the user id, or raise AuthenticationError."""
        try:
            claims = self._serializer.loads(token)
            user_id, issued = int(claims["uid"]), int(claims["iat"])
        except (BadSignature, KeyError, TypeError, ValueError):
            raise AuthenticationError("the token is not valid") from None
        if self._clock() - issued > self._max_age:
            raise AuthenticationError("the token has expired")
        return user_id


class RateLimiter:
    """Allows `limit` events per key within a sliding window."""

    def __init__(self, limit: int, window: float, clock: Clock = time.monotonic) -> None:
        if limit < 1 or window <= 0:
            raise ValueError("limit and window must be positive")
        self._limit = limit
        self._window = window
        self._clock = clock
        self._events: dict[str, deque[float]] = {}
        self._lock = Lock()

    def allow(self, key: str) -> bool:
        """Record an event and tell whether it stays within the limit."""
        now = self._clock()
        with self._lock:
            events = self._events.setdefault(key, deque())
            while events and now - events[0] >= self._window:
                events.popleft()
            if len(events) >= self._limit:
                return False
            events.append(now)
            return True

    def forget(self, key: str) -> None:
        """Start again for a key, for example after a successful login."""
        with self._lock:
            self._events.pop(key, None)
