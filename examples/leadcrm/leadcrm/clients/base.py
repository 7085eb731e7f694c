"""What the API clients have in common: authentication, time limits and retries."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import requests

from leadcrm.errors import UpstreamError

RETRY_STATUS = frozenset({429, 500, 502, 503, 504})
MAX_WAIT = 10.0


class ApiClient:
    """A JSON-over-HTTP client that retries temporary failures."""

    service = "external API"

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        timeout: float = 5.0,
        attempts: int = 3,
        session: requests.Session | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if attempts < 1:
            raise ValueError("attempts must be at least 1")
        self._base_url = base_url.rstrip("/")
        self._headers = {"X-Api-Key": api_key, "Accept": "application/json"}
        self._timeout = timeout
        self._attempts = attempts
        self._session = session or requests.Session()
        self._sleep = sleep

    def get(self, path: str, params: Mapping[str, str] | None = None) -> dict[str, Any] | None:
        """GET a JSON object; None for a 404."""
        reason = "no attempt was made"
        for attempt in range(1, self._attempts + 1):
            wait = 0.2 * 2 ** (attempt - 1)
            try:
                response = self._session.get(
                    self._base_url + path,
                    params=params,
                    headers=self._headers,
                    timeout=self._timeout,
                )
            except requests.Timeout:
                reason = "timed out"
            except requests.ConnectionError:
                reason = "cannot be reached"
            else:
                if response.status_code not in RETRY_STATUS:
                    return self._decode(response)
                reason = f"answered {response.status_code}"
                wait = self._retry_after(response, wait)
            if attempt < self._attempts:
                self._sleep(wait)
        raise UpstreamError(f"{self.service} {reason} ({self._attempts} attempts)")

    def _decode(self, response: requests.Response) -> dict[str, Any] | None:
        if response.status_code == 404:
            return None
        if response.status_code in (401, 403):
            raise UpstreamError(f"{self.service} refused the API key")
        if response.status_code != 200:
            raise UpstreamError(f"{self.service} answered {response.status_code}")
        try:
            body = response.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise UpstreamError(f"{self.service} did not answer with a JSON object")
        return body

    @staticmethod
    def _retry_after(response: requests.Response, default: float) -> float:
        """The waiting time the server asks for, within reason."""
        try:
            asked = float(response.headers.get("Retry-After", ""))
        except ValueError:
            return default
        return min(max(asked, 0.0), MAX_WAIT)
