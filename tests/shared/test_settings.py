"""Settings come from the environment; what is wrong is said in one line."""

from pathlib import Path

import pytest

from keqing_shared.settings import PARTS, Settings, SettingsWrong


def test_nothing_need_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ENV", "DATABASE_URL", "NATS_URL", "HOME", "PORT", "ROLES"):
        monkeypatch.delenv(f"KEQING_{name}", raising=False)
    settings = Settings.from_env()
    assert not settings.development
    assert settings.roles == PARTS
    assert settings.time_zone == "Asia/Shanghai"


def test_the_environment_says_it_all(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, given in {
        "ENV": "development",
        "DATABASE_URL": "postgresql://u:p@db:5433/k",
        "NATS_URL": "tls://bus:4222",
        "TIME_ZONE": "Asia/Urumqi",
        "PORT": "9000",
        "HOME": "/var/keqing",
        "ROLES": "http, relay",
        "JWKS_URL": "https://id.example/jwks",
    }.items():
        monkeypatch.setenv(f"KEQING_{name}", given)
    settings = Settings.from_env()
    assert settings.development
    assert settings.database_url == "postgresql://u:p@db:5433/k"
    assert settings.home == Path("/var/keqing")
    assert settings.port == 9000
    assert settings.roles == {"http", "relay"}
    assert settings.jwks_url == "https://id.example/jwks"


@pytest.mark.parametrize("env", ["production", "Development", "development ", "dev", "test", ""])
def test_only_the_exact_word_is_development(monkeypatch: pytest.MonkeyPatch, env: str) -> None:
    monkeypatch.setenv("KEQING_ENV", env)
    assert not Settings.from_env().development


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("DATABASE_URL", "mysql://x"),
        ("DATABASE_URL", ""),
        ("NATS_URL", "http://x"),
        ("PORT", "http"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("TIME_ZONE", "Mars/Olympus"),
        ("TIME_ZONE", "../etc/passwd"),
        ("ROLES", ""),
        ("ROLES", "http,cook"),
        ("JWKS_URL", "ftp://x"),
        ("POOL_SIZE", "1"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_a_wrong_value_is_one_line_that_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, given: str
) -> None:
    monkeypatch.setenv(f"KEQING_{name}", given)
    with pytest.raises(SettingsWrong) as caught:
        Settings.from_env()
    assert str(caught.value).startswith(f"KEQING_{name}: ")
    assert "\n" not in str(caught.value)


def test_an_address_of_another_kind_is_told_how_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEQING_DATABASE_URL", "mysql://db/keqing")
    with pytest.raises(SettingsWrong) as caught:
        Settings.from_env()
    assert str(caught.value) == "KEQING_DATABASE_URL: it must begin with postgresql:// or postgres://"


def test_a_password_is_not_repeated_in_the_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEQING_DATABASE_URL", "postgres//user:hunter2@db/k")
    with pytest.raises(SettingsWrong) as caught:
        Settings.from_env()
    assert "hunter2" not in str(caught.value)
