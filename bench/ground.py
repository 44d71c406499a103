"""What is measured on: servers and databases of this run alone, gone afterwards."""

import asyncio
import os
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import asyncpg

from bench.emmett import Emmett
from keqing_local.database import create_database
from keqing_local.nats import EmbeddedNats
from keqing_local.postgres import SUPERUSER, EmbeddedPostgres
from keqing_shared.settings import Settings

MASTER_KEY = b"a key of benchmarks, of 32 bytes"
"""What wraps the keys under which personal data is sealed."""
ACCOUNTS = ("small", "big")
"""On NATS, for services that must not hear each other."""


@dataclass
class Ground:
    """PostgreSQL as ``make run`` starts it, with ``fsync``; NATS when somebody asks for it."""

    home: Path
    rounds: int
    seconds: float
    """How long each contestant runs in a round."""
    told: Callable[[str], None]
    postgres: EmbeddedPostgres = field(init=False)
    _nats: EmbeddedNats | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.postgres = EmbeddedPostgres(self.home / "postgres")

    def __enter__(self) -> "Ground":
        self.postgres.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._nats is not None:
            self._nats.stop()
        self.postgres.stop()

    def database(self, name: str) -> str:
        """The URL of a database, empty unless it was there."""
        asyncio.run(create_database(self.postgres.url(), name))
        return self.postgres.url(name)

    async def analysed(self, name: str) -> None:
        """Cleaned up and counted, as the server does by itself in time."""
        connection = await asyncpg.connect(self.postgres.url(name))
        try:
            await connection.execute("VACUUM (ANALYZE)", timeout=3600)
        finally:
            await connection.close()

    @cached_property
    def emmett(self) -> Emmett | None:
        """None where npm is missing."""
        return Emmett.installed(self.home / "emmett", self.told)

    @cached_property
    def settings(self) -> Settings:
        """For tokens that services of ours take."""
        return Settings(env="development", home=self.home)

    def nats_url(self, account: str = "keqing") -> str:
        """Each of ACCOUNTS has streams of its own."""
        if self._nats is None:
            self._nats = EmbeddedNats(self.home / "nats", accounts=ACCOUNTS)
            self._nats.start()
        return self._nats.url(account)

    def library(self, database: str, *, connections: int, functions: bool = False) -> dict[str, str]:
        """The eventsourcing library's settings for a database, which is made; ``functions``: its function
        mode, else its locking mode."""
        self.database(database)
        return {
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_HOST": str(self.postgres.sockets),
            "POSTGRES_DBNAME": database,
            "POSTGRES_USER": SUPERUSER,
            "POSTGRES_PASSWORD": "none",
            "POSTGRES_POOL_SIZE": str(connections),
            "POSTGRES_MAX_OVERFLOW": str(connections),
            "POSTGRES_MAX_WAITING": "100",
            "POSTGRES_ENABLE_DB_FUNCTIONS": "y" if functions else "n",
        }

    def ours(self, database_url: str, *, roles: str, nats_url: str | None = None) -> dict[str, str]:
        """The environment of a service of ours."""
        return {
            **os.environ,
            "KEQING_ENV": "development",
            "KEQING_HOME": str(self.home),
            "KEQING_DATABASE_URL": database_url,
            "KEQING_MASTER_KEY": b64encode(MASTER_KEY).decode(),
            "KEQING_ROLES": roles,
            "KEQING_LOG_LEVEL": "warning",
            **({"KEQING_NATS_URL": nats_url} if nats_url else {}),
        }
