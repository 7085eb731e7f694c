import pytest

from leadcrm.config import Settings, parse_bool, parse_positive
from leadcrm.errors import ConfigError


@pytest.mark.parametrize("text", ["1", "true", " YES "])
def test_true_words(text):
    assert parse_bool("X", text) is True


@pytest.mark.parametrize("text", ["", "0", "No"])
def test_false_words(text):
    assert parse_bool("X", text) is False


@pytest.mark.parametrize("text", ["2", "maybe"])
def test_other_words_are_refused(text):
    with pytest.raises(ConfigError, match="X must be a boolean"):
        parse_bool("X", text)


@pytest.mark.parametrize("text", ["0", "nan", "inf", "ten"])
def test_numbers_have_to_be_positive(text):
    with pytest.raises(ConfigError, match="HTTP_TIMEOUT"):
        parse_positive("HTTP_TIMEOUT", text)


def test_empty_environment_gives_defaults():
    assert Settings.from_env({}) == Settings()


def test_values_from_environment():
    settings = Settings.from_env(
        {
            "ENVIRONMENT": "staging",
            "DATABASE_URL": "sqlite:///tmp/other.db",
            "SECRET_KEY": "s3cret",
            "HTTP_TIMEOUT": "2.5",
            "ENRICHMENT_URL": "https://enrich.example/",
        }
    )
    assert settings.environment == "staging"
    assert settings.database_url == "sqlite:///tmp/other.db"
    assert settings.http_timeout == 2.5
    assert settings.enrichment_base == "https://enrich.example"


def test_stubs_replace_both_apis():
    env = {"USE_STUBS": "true", "STUB_SERVER_URL": "http://localhost:5010/"}
    settings = Settings.from_env(env)
    assert settings.enrichment_base == "http://localhost:5010/enrichment"
    assert settings.verification_base == "http://localhost:5010/verification"


def test_process_environment_is_the_default(monkeypatch):
    monkeypatch.setenv("ENVIRONMENT", "staging")
    assert Settings.from_env().environment == "staging"


@pytest.mark.parametrize(
    ("env", "message"),
    [
        ({"ENVIRONMENT": "moon"}, "ENVIRONMENT must be one of"),
        ({"ENVIRONMENT": "production"}, "SECRET_KEY must be set"),
        ({"ENVIRONMENT": "production", "SECRET_KEY": "x", "USE_STUBS": "1"}, "USE_STUBS is not"),
    ],
)
def test_unusable_environments(env, message):
    with pytest.raises(ConfigError, match=message):
        Settings.from_env(env)
