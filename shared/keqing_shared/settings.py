"""Settings, from the environment and nowhere else."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Part = Literal["http", "relay", "views", "reactions", "clockwork"]
PARTS: frozenset[Part] = frozenset({"http", "relay", "views", "reactions", "clockwork"})


class SettingsWrong(Exception):
    """A setting cannot be used; the message is one line that says which and why."""


def _of(*schemes: str) -> AfterValidator:
    beginnings = tuple(f"{scheme}://" for scheme in schemes)

    def checked(url: str) -> str:
        if not url.startswith(beginnings):
            raise ValueError(f"it must begin with {' or '.join(beginnings)}")
        return url

    return AfterValidator(checked)


class Settings(BaseSettings):
    """``KEQING_*`` variables."""

    model_config = SettingsConfigDict(env_prefix="KEQING_", frozen=True, extra="ignore")

    env: str = "production"
    """Only the exact value ``development`` enables the settable clock and the token issuer."""
    database_url: Annotated[str, _of("postgresql", "postgres")] = "postgresql://127.0.0.1:5432/keqing"
    nats_url: Annotated[str, _of("nats", "tls", "ws", "wss")] | None = "nats://127.0.0.1:4222"
    """Given by name as None: nothing is told to the other contexts, nothing heard."""
    time_zone: str = "Asia/Shanghai"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    home: Path = Path(".keqing")
    roles: Annotated[frozenset[Part], NoDecode] = PARTS
    """Which parts of a context this process runs, comma-separated: http,relay,views,reactions,clockwork."""
    jwks_url: Annotated[str, _of("https", "http")] | None = None
    jwks_file: Path | None = None
    issuer: str = "keqing-development"
    audience: str = "keqing"
    checkpoints: Path | None = None
    """Where checkpoints of the log are kept, signed every minute; None: none are made."""
    signing_key: SecretStr | None = None
    """Signs them: Ed25519, 32 bytes in base64. In development one is made in ``home`` instead."""
    master_key: SecretStr | None = None
    """Wraps each customer's key: 32 bytes in base64, with former ones after a comma while they are in use.
    In development one is made in ``home`` instead."""
    pool_size: Annotated[int, Field(ge=2, le=200)] = 12
    """Database connections of one context in one process, and half as many more for questions."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def development(self) -> bool:
        return self.env == "development"

    @classmethod
    def from_env(cls, **given: Any) -> Self:
        """From the environment; what is given by name wins. Raises SettingsWrong."""
        try:
            return cls(**given)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            name = "_".join(["KEQING", *(str(part) for part in first["loc"][:1])]).upper()
            raise SettingsWrong(f"{name}: {first['msg'].removeprefix('Value error, ')}") from None

    @field_validator("roles", mode="before")
    @classmethod
    def _parts(cls, given: Any) -> Any:
        if isinstance(given, str):
            return frozenset(part.strip() for part in given.split(",") if part.strip())
        return given

    @field_validator("roles")
    @classmethod
    def _some(cls, given: frozenset[Part]) -> frozenset[Part]:
        if not given:
            raise ValueError(f"name one or more of {', '.join(sorted(PARTS))}")
        return given

    @field_validator("time_zone")
    @classmethod
    def _known(cls, given: str) -> str:
        try:
            ZoneInfo(given)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"there is no time zone {given!r}") from None
        return given
