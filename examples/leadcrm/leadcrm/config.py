"""Settings, read from environment variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from leadcrm.errors import ConfigError

ENVIRONMENTS = ("development", "test", "staging", "production")
DEV_SECRET = "development-only"
TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"", "0", "false", "no", "off"})


def parse_bool(name: str, text: str) -> bool:
    """Read a boolean variable; anything but a well-known word is refused."""
    word = text.strip().lower()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise ConfigError(f"{name} must be a boolean, not {text!r}")


def parse_positive(name: str, text: str) -> float:
    """Read a number greater than zero."""
    try:
        value = float(text)
    except ValueError:
        raise ConfigError(f"{name} must be a number, not {text!r}") from None
    if not 0 < value < float("inf"):
        raise ConfigError(f"{name} must be greater than zero")
    return value


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything about the application that differs between deployments."""

    environment: str = "development"
    database_url: str = "sqlite:///tmp/leadcrm.db"
    secret_key: str = DEV_SECRET
    use_stubs: bool = False
    stub_server_url: str = "http://localhost:5010"
    enrichment_url: str = "https://enrichment.example"
    enrichment_api_key: str = ""
    verification_url: str = "https://verification.example"
    verification_api_key: str = ""
    http_timeout: float = 5.0
    token_max_age: float = 8 * 3600
    score_half_life_days: float = 30.0
    password_method: str = "scrypt"

    def __post_init__(self) -> None:
        if self.environment not in ENVIRONMENTS:
            raise ConfigError(f"ENVIRONMENT must be one of {', '.join(ENVIRONMENTS)}")
        if self.environment == "production":
            if self.secret_key == DEV_SECRET:
                raise ConfigError("SECRET_KEY must be set in production")
            if self.use_stubs:
                raise ConfigError("USE_STUBS is not allowed in production")

    @property
    def enrichment_base(self) -> str:
        """Where the enrichment client sends its requests."""
        return f"{self.stub_server_url}/enrichment" if self.use_stubs else self.enrichment_url

    @property
    def verification_base(self) -> str:
        """Where the e-mail verification client sends its requests."""
        return f"{self.stub_server_url}/verification" if self.use_stubs else self.verification_url

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Build settings from `environ` (default: the process environment)."""
        env = os.environ if environ is None else environ
        defaults = cls()

        def number(name: str, default: float) -> float:
            return parse_positive(name, env[name]) if env.get(name) else default

        return cls(
            environment=env.get("ENVIRONMENT") or defaults.environment,
            database_url=env.get("DATABASE_URL") or defaults.database_url,
            secret_key=env.get("SECRET_KEY") or defaults.secret_key,
            use_stubs=parse_bool("USE_STUBS", env.get("USE_STUBS", "")),
            stub_server_url=(env.get("STUB_SERVER_URL") or defaults.stub_server_url).rstrip("/"),
            enrichment_url=(env.get("ENRICHMENT_URL") or defaults.enrichment_url).rstrip("/"),
            enrichment_api_key=env.get("ENRICHMENT_API_KEY", ""),
            verification_url=(env.get("VERIFICATION_URL") or defaults.verification_url).rstrip("/"),
            verification_api_key=env.get("VERIFICATION_API_KEY", ""),
            http_timeout=number("HTTP_TIMEOUT", defaults.http_timeout),
            token_max_age=number("TOKEN_MAX_AGE", defaults.token_max_age),
            score_half_life_days=number("SCORE_HALF_LIFE_DAYS", defaults.score_half_life_days),
        )
