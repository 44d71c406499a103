"""``keqing rebuild``, the command itself, killed with ``kill -9`` at one step after the other, while the
service beside it is written and read over HTTP. Each time it begins on what the one before it left.

Triggers hold it where it is to be killed; ``tests/shared/views/test_rebuild_cut_off.py`` has every statement.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from signal import SIGKILL
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import nats
import pytest

from keqing_local.services import at_rest, context
from keqing_pipeline.opportunity.facts import OpportunityOpened
from keqing_pipeline.opportunity.stage import Stage
from keqing_shared.http.signing import issue_token
from keqing_shared.log import Meta, NewFact, Request
from keqing_shared.settings import Settings
from tests.faults.running import Running, running

KEQING = Path(sys.executable).with_name("keqing")
FACTS = 9_000
"""Two whole batches and a part of one."""
AGAIN_SECONDS = 0.02
USED_SECONDS = 0.1
"""Between one use of the board and the next: the command is to have the machine for itself."""
HELD = 2811
"""The advisory lock that holds the command at a step."""
STEPS = {
    "its second batch of facts is in": "AFTER UPDATE ON pipeline.views_rebuilding FOR EACH ROW"
    " WHEN (new.position > 4000)",
    "its swap is made and not committed": "AFTER DELETE ON pipeline.views_rebuilding FOR EACH ROW",
}

pytestmark = pytest.mark.timeout(120)


@dataclass
class House:
    """A running service with a board of ``FACTS`` opportunities."""

    service: Running
    database: asyncpg.Connection
    environment: dict[str, str]
    client: httpx.AsyncClient
    tokens: dict[str, str]
    opened: int = FACTS
    """Opportunities there are, as their only writer knows."""
    reads: int = 0

    async def post(self, who: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = await self.client.post(f"/pipeline{path}", json=body, headers=self.as_(who))
        assert answer.status_code == 201, answer.text
        receipt: dict[str, Any] = answer.json()
        return receipt

    async def on_the_board(self, after: int = 0) -> int:
        """``after``: the log's position that it has to show; until it does, 503 is an answer, else never."""
        headers = self.as_("auditor") | {"Keqing-After": f"pipeline:{after}"}
        while True:
            answer = await self.client.get("/pipeline/board", headers=headers)
            self.reads += 1
            if not after or answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                assert answer.status_code == 200, answer.text
                return sum(cell["count"] for cell in answer.json())

    def as_(self, who: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[who]}"}

    async def board(self) -> int:
        """Which table it is."""
        oid: int = await self.database.fetchval("SELECT 'pipeline.board'::regclass::oid")
        return oid

    async def left_over(self) -> bool:
        found: bool = await self.database.fetchval(
            "SELECT to_regclass('pipeline.board__next') IS NOT NULL"
            " OR EXISTS (SELECT FROM pipeline.views_rebuilding)"
        )
        return found

    def rebuild(self, stdout: int = subprocess.DEVNULL) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [KEQING, "rebuild", "pipeline", "board"],
            env=self.environment, stdout=stdout, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip


@asynccontextmanager
async def house(database: str, nats_url: str, home: Path) -> AsyncIterator[House]:
    settings = Settings(env="development", home=home)
    async with at_rest(context("pipeline"), settings, database) as service:
        await asyncio.gather(*(service.log.append(_opened(100)) for _ in range(FACTS // 100)))
    environment = {
        **os.environ,
        "KEQING_ENV": "development",
        "KEQING_HOME": str(home),
        "KEQING_DATABASE_URL": database,
        "KEQING_NATS_URL": nats_url,
    }
    tokens = {
        login: issue_token(settings, login, [role])
        for login, role in (("li.wei", "rep"), ("auditor", "auditor"), ("admin", "admin"))
    }
    connection = await asyncpg.connect(database)
    async with (
        running(("pipeline",), database, nats_url, home) as (services, _),
        httpx.AsyncClient(base_url=services["pipeline"].url, trust_env=False, timeout=20) as client,
    ):
        yield House(services["pipeline"], connection, environment, client, tokens)
    await connection.close()


def _opened(count: int) -> Request:
    """As from an import: nothing of it is told to others."""
    fact = OpportunityOpened(owner="li.wei", title="A lathe", stage=Stage.UNAWARE, import_digest="0")
    facts = tuple(NewFact(uuid4(), 1, fact, None) for _ in range(count))
    return Request(facts, Meta(who="import"), datetime.now(UTC), facts[0].originator_id, 1)


@asynccontextmanager
async def listening(nats_url: str) -> AsyncIterator[list[str]]:
    """The ids of all that is told; at the end of what was told until then."""
    client = await nats.connect(nats_url)
    told: list[str] = []

    async def heard(message: Any) -> None:
        told.append(message.headers["Nats-Msg-Id"])

    await client.subscribe("keqing.>", cb=heard)
    try:
        yield told
    finally:
        await client.drain()


async def used(it: House, customer_id: str, enough: asyncio.Event) -> None:
    """What was on the board stays there; whoever opens an opportunity finds it there at once."""
    seen = 0
    while not enough.is_set():
        now = await it.on_the_board()
        assert seen <= now <= it.opened
        opened = await it.post("li.wei", "/opportunities", {"customer_id": customer_id, "title": "A mill"})
        it.opened += 1
        seen = await it.on_the_board(after=opened["position"])
        assert seen == it.opened
        await asyncio.sleep(USED_SECONDS)


async def blocked(it: House, command: "subprocess.Popen[str]", lock: str) -> int:
    """Once the command's session waits for this lock: which session it is."""
    while True:
        assert command.poll() is None, f"it was not held: {command.communicate()}"
        session: int | None = await it.database.fetchval(
            f"SELECT pid FROM pg_locks WHERE NOT granted AND {lock}"
        )
        if session is not None:
            return session
        await asyncio.sleep(AGAIN_SECONDS)


async def killed(it: House, command: "subprocess.Popen[str]") -> None:
    command.kill()
    _, said = await asyncio.to_thread(command.communicate)
    assert (command.returncode, said) == (-SIGKILL, "")


async def gone(it: House, session: int) -> None:
    while await it.database.fetchval("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1)", session):  # noqa: ASYNC110
        await asyncio.sleep(AGAIN_SECONDS)


async def killed_at(it: House, step: str) -> None:
    await it.database.execute(f"CREATE TRIGGER hold {STEPS[step]} EXECUTE FUNCTION pipeline.hold()")
    await it.database.execute(f"SELECT pg_advisory_lock({HELD})")
    command = it.rebuild()
    session = await blocked(it, command, f"locktype = 'advisory' AND objid = {HELD}")
    await killed(it, command)
    await it.database.execute(f"SELECT pg_advisory_unlock({HELD})")
    await gone(it, session)
    await it.database.execute("DROP TRIGGER hold ON pipeline.views_rebuilding")


async def killed_while_it_waits_for_a_reader(it: House) -> None:
    command = it.rebuild()
    async with it.database.transaction():
        await it.database.fetch("SELECT FROM pipeline.board LIMIT 1")
        swap = "mode = 'AccessExclusiveLock' AND relation = 'pipeline.board'::regclass"
        session = await blocked(it, command, swap)
        await killed(it, command)
    await gone(it, session)


async def killed_before_it_says_that_it_is_done(it: House, old: int) -> None:
    """It cannot say so: nobody reads what it says, and there is no room for more."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    try:
        while True:
            os.write(write, bytes(4096))
    except BlockingIOError:
        os.set_blocking(write, True)
    command = it.rebuild(stdout=write)
    while await it.board() == old:
        assert command.poll() is None, command.communicate()
        await asyncio.sleep(AGAIN_SECONDS)
    await killed(it, command)
    os.close(read)
    os.close(write)


async def still_serves(it: House, old: int) -> None:
    """Beside what the killed one left."""
    assert await it.board() == old
    assert await it.left_over()
    assert await it.on_the_board() >= FACTS


async def test_wherever_the_command_is_killed_the_old_view_serves_until_the_new_one_does(
    database: str, nats_url: str, tmp_path: Path
) -> None:
    async with listening(nats_url) as told, house(database, nats_url, tmp_path) as it:
        profile = {"login": "li.wei", "name": "li.wei", "roles": ["rep"], "team": "north"}
        await it.post("admin", "/users", profile)
        customer = {"kind": "enterprise", "name": "A Ltd", "source": "internet", "owner": "li.wei"}
        customer_id = (await it.post("li.wei", "/customers", customer))["id"]
        await it.database.execute(
            "CREATE FUNCTION pipeline.hold() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN PERFORM pg_advisory_xact_lock({HELD}); RETURN NULL; END $$"
        )
        while await it.on_the_board() < FACTS:  # noqa: ASYNC110
            await asyncio.sleep(AGAIN_SECONDS)
        old = await it.board()
        enough = asyncio.Event()
        async with asyncio.TaskGroup() as people:
            people.create_task(used(it, customer_id, enough))
            for step in STEPS:
                await killed_at(it, step)
                await still_serves(it, old)
            await killed_while_it_waits_for_a_reader(it)
            await still_serves(it, old)
            await killed_before_it_says_that_it_is_done(it, old)
            new = await it.board()
            assert not await it.left_over()
            last = it.rebuild(stdout=subprocess.PIPE)
            said, complained = await asyncio.to_thread(last.communicate)
            assert (last.returncode, complained) == (0, "")
            assert said.startswith("pipeline board: rebuilt as of position ")
            assert await it.board() not in (old, new)
            assert not await it.left_over()
            enough.set()
        assert await it.on_the_board() == it.opened
        assert it.reads > 20

        facts = await it.database.fetch(
            "SELECT topic, count(*) FROM pipeline.facts WHERE who <> 'clockwork' GROUP BY topic"
        )
        assert {row["topic"]: row["count"] for row in facts} == {
            "pipeline.user-enrolled.v1": 1,
            "pipeline.customer-registered.v2": 1,
            "pipeline.opportunity-opened.v1": it.opened,
        }
        head = await it.database.fetchval("SELECT position FROM pipeline.log_head")
        while await it.database.fetchval("SELECT position FROM pipeline.relay") < head:  # noqa: ASYNC110
            await asyncio.sleep(AGAIN_SECONDS)
    assert len(told) == len(set(told)), "something was told twice"
