"""``keqing verify`` as an auditor runs it."""

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from keqing_local.services import at_rest, context
from keqing_shared.history import HistoryRead
from keqing_shared.log import Meta, NewFact, Request
from keqing_shared.settings import Settings

Keqing = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.timeout(180)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


async def change(database: str, work: Callable[[Any], Any]) -> None:
    async with at_rest(context("service-desk"), Settings(), database) as service:
        await work(service)


async def write(service: Any) -> None:
    for _ in range(5):
        id = uuid4()
        read = HistoryRead(customer_id=id, part="facts")
        await service.log.append(Request((NewFact(id, 1, read, id),), Meta(who="auditor"), NOW, id, 1))


async def test_a_good_log_is_said_to_be_good_and_a_bad_one_is_found(
    keqing: Keqing, database: str, nats_url: str
) -> None:
    def verified() -> subprocess.CompletedProcess[str]:
        return keqing("verify", "service-desk", KEQING_DATABASE_URL=database, KEQING_NATS_URL=nats_url)

    nothing = verified()
    assert (nothing.returncode, nothing.stdout) == (1, "")
    assert "service-desk has no log in this database yet: keqing migrate" in nothing.stderr
    await change(database, write)
    good = verified()
    assert good.returncode == 0, good.stderr
    assert good.stdout.startswith("service-desk: 5 facts verified, head ")
    await change(
        database,
        lambda it: it.pool.execute("UPDATE facts SET who = 'li.wei' WHERE notification_id IN (3, 4)"),
    )
    bad = verified()
    assert bad.returncode == 1
    assert bad.stdout.startswith("service-desk: position 3: ")
    assert len(bad.stdout.splitlines()) == 1


def test_a_log_of_nobody_says_whose_there_are(keqing: Keqing) -> None:
    done = keqing("verify", "sales")
    assert done.returncode == 1
    assert "there is no context 'sales': it is one of pipeline" in done.stderr
