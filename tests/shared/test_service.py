"""A service: starts what it is told to, without NATS too, and stops in order."""

import asyncio
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from keqing_local.nats import EmbeddedNats
from keqing_shared.clockwork import Duty
from keqing_shared.context import Context
from keqing_shared.log import Meta, NewFact, Request
from keqing_shared.outage import CONNECTION_LOST
from keqing_shared.service import STOP_SECONDS, Service
from keqing_shared.settings import Settings, SettingsWrong
from tests.shared.http.library import ACME, LIBRARY
from tests.shared.http.loan import LOAN, LendBook, RenewLoan

LEND = LendBook(customer_id=ACME, owner="li.wei", copy="c-1", title="红楼梦", on=datetime(2026, 3, 2).date())


def settings(database: str, nats: str | None = None, **given: Any) -> Settings:
    return Settings(env="development", database_url=database, nats_url=nats, pool_size=6, **given)


async def test_it_migrates_an_empty_database_and_an_up_to_date_one(database: str) -> None:
    for version in (1, 2):
        async with Service(LIBRARY, settings(database)) as service:
            loan = uuid4()
            receipt = await service.execute(LOAN, loan, LEND, who="test")
            assert (receipt.version, receipt.position) == (1, version)
            await service.catch_up()
            assert await service.pool.fetchval("SELECT count(*) FROM loans") == version


async def test_four_that_start_at_once_on_an_empty_database_all_come_up(database: str) -> None:
    others = [Context(name=name, aggregates=[LOAN]) for name in ("one", "two")]
    services = [Service(context, settings(database)) for context in (LIBRARY, LIBRARY, *others)]
    for context in others:
        object.__setattr__(context, "directory", LIBRARY.directory)
    try:
        await asyncio.gather(*(service.__aenter__() for service in services))
        assert all([await service.log.head() == 0 for service in services])
    finally:
        await asyncio.gather(*(service.__aexit__(None, None, None) for service in services))


async def test_contexts_do_not_see_each_others_tables(database: str) -> None:
    async with Service(LIBRARY, settings(database)) as service:
        assert await service.pool.fetchval("SELECT current_schema()") == "library"
        assert await service.pool.fetchval("SELECT to_regclass('library.facts')") is not None


async def test_its_own_tables_are_made_and_may_be_made_again(database: str) -> None:
    shelves = (
        "CREATE TABLE IF NOT EXISTS shelves (name text PRIMARY KEY);"
        " INSERT INTO shelves VALUES ('a') ON CONFLICT DO NOTHING"
    )
    context = Context(name="library", aggregates=[LOAN], tables=[shelves], directory=LIBRARY.directory)
    for _ in range(2):
        async with Service(context, settings(database)) as service:
            assert await service.pool.fetchval("SELECT count(*) FROM shelves") == 1


@pytest.mark.parametrize(
    "url",
    ["postgresql://127.0.0.1:1/keqing", "postgresql://nobody:x@nowhere.invalid/keqing"],
)
async def test_a_database_that_cannot_be_used_is_one_line(url: str) -> None:
    with pytest.raises(SettingsWrong) as caught:
        async with Service(LIBRARY, settings(url)):
            pass
    assert str(caught.value).startswith("KEQING_DATABASE_URL: ")
    assert "\n" not in str(caught.value)


async def test_a_start_that_fails_leaves_nothing_behind(database: str) -> None:
    context = Context(
        name="library", aggregates=[LOAN], tables=["SELECT broken"], directory=LIBRARY.directory
    )
    before = {task.get_name() for task in asyncio.all_tasks()}
    with pytest.raises(asyncpg.PostgresError):
        async with Service(context, settings(database)):
            pass
    assert {task.get_name() for task in asyncio.all_tasks()} <= before


async def test_it_starts_without_nats_and_tells_once_it_is_there(database: str, tmp_home: Path) -> None:
    nats = EmbeddedNats(tmp_home / "nats")
    nats.start()
    url = nats.url()
    nats.stop()
    async with Service(LIBRARY, settings(database, url)) as service:
        before: str = service.nats_state
        assert before == "away"
        receipt = await service.execute(LOAN, uuid4(), LEND, who="test")
        await service.views.wait_for(receipt.position, 10)
        assert (await service.standing()).relayed == 0
        nats.start()
        try:
            async with asyncio.timeout(20):
                while (await service.standing()).relayed < receipt.position:  # noqa: ASYNC110 - in the database
                    await asyncio.sleep(0.05)
            assert service.nats_state == "connected"
        finally:
            nats.stop()


async def test_only_the_chosen_roles_run(database: str) -> None:
    async with Service(LIBRARY, settings(database, roles=frozenset({"http"}))) as service:
        names = {task.get_name() for task in asyncio.all_tasks()}
        assert not {"library:views", "library:clockwork", "library:relay", "library:reactions"} & names
        receipt = await service.execute(LOAN, uuid4(), LEND, who="test")
        # Another process projects: who waits here sees its progress.
        async with Service(LIBRARY, settings(database, roles=frozenset({"views"}))):
            await service.views.wait_for(receipt.position, 10)


async def test_the_clockwork_finds_what_falls_due_when_the_clock_is_set(database: str) -> None:
    async with Service(LIBRARY, settings(database)) as service:
        loan = uuid4()
        receipt = await service.execute(LOAN, loan, LEND, who="test")
        await service.views.wait_for(receipt.position, 10)
        await service.clock.set(datetime(2026, 3, 2, 4, tzinfo=UTC) + timedelta(days=30))
        async with asyncio.timeout(20):
            await service.log.wait_beyond(receipt.position, 20)
        facts = await service.log.stream(loan)
        assert [type(it.fact).__name__ for it in facts] == ["BookLent", "LoanFellDue"]
        assert facts[-1].who == "clockwork"


async def test_a_part_that_fails_unforeseen_is_started_again(database: str) -> None:
    runs: list[int] = []
    twice = asyncio.Event()

    async def fragile(_: Service) -> None:
        runs.append(1)
        if len(runs) == 1:
            raise LookupError("unforeseen")
        twice.set()
        await asyncio.Event().wait()

    context = Context(
        name="library", aggregates=[LOAN], alongside={"fragile": fragile}, directory=LIBRARY.directory
    )
    async with Service(context, settings(database)):
        async with asyncio.timeout(20):
            await twice.wait()


async def test_it_stops_in_the_reverse_order_of_its_start(database: str) -> None:
    stopped: list[str] = []

    async def until_stopped(service: Service) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.append("alongside")
            assert await service.log.head() == 0  # the database is still there

    async def duty(service: Service, _: datetime) -> int:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.append("duty")
        return 0

    context = Context(
        name="library",
        aggregates=[LOAN],
        alongside={"sender": until_stopped},
        clockwork=[Duty("duty", 60, duty)],
        directory=LIBRARY.directory,
    )
    async with Service(context, settings(database)) as service:
        async with asyncio.timeout(20):
            while await service.pool.fetchval("SELECT count(*) FROM leases") < 2:  # noqa: ASYNC110 - there
                await asyncio.sleep(0.02)
    assert stopped == ["duty", "alongside"]
    assert not any(task.get_name().startswith("library:") for task in asyncio.all_tasks())


async def test_a_part_that_swallows_a_cancellation_does_not_hold_up_the_end(database: str) -> None:
    began = asyncio.Event()

    async def hard_of_hearing(_: Service) -> None:
        began.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    context = Context(
        name="library", aggregates=[LOAN], alongside={"sender": hard_of_hearing}, directory=LIBRARY.directory
    )
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(Service(context, settings(database)))
        async with asyncio.timeout(20):
            await began.wait()
        async with asyncio.timeout(STOP_SECONDS / 2):
            await stack.aclose()


async def test_a_system_command_may_have_a_key_of_its_own(database: str) -> None:
    async with Service(LIBRARY, settings(database)) as service:
        loan = uuid4()
        await service.execute(LOAN, loan, LEND, who="test")
        renewal = RenewLoan(on=datetime(2026, 3, 9).date())
        first = await service.execute(LOAN, loan, renewal, who="clockwork", why="weekly", key="week 10")
        again = await service.execute(LOAN, loan, renewal, who="clockwork", why="weekly", key="week 10")
        assert (first.version, again.version) == (2, 2)
        assert (await service.log.stream(loan))[-1].why == "weekly"


async def test_who_stands_still_in_the_middle_of_an_append_does_not_hold_up_the_others_for_ever(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keqing_shared.service.STANDSTILL_SECONDS", 0.3)
    async with (
        Service(LIBRARY, settings(database)) as frozen,
        Service(LIBRARY, settings(database)) as other,
    ):
        lost = uuid4()
        now, meta = datetime.now(UTC), Meta(who="test")
        fact = NewFact(lost, 1, LOAN.decide(LEND, None, None)[0], ACME)
        request = Request((fact,), meta, now, lost, 1)

        async def freeze() -> None:
            async with frozen.pool.acquire() as connection, connection.transaction():
                await frozen.log.append_within(connection, request)
                receipt = await other.execute(LOAN, uuid4(), LEND, who="test")  # meanwhile we do nothing
                assert receipt.position == 1

        with pytest.raises(CONNECTION_LOST):
            await freeze()
        assert (await frozen.execute(LOAN, lost, LEND, who="test")).position == 2
        assert await frozen.log.head() == 2
