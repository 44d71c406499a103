"""The checks of ``make faults`` can fail: each finds the defect that was planted for it, and without the
defect finds nothing."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from keqing_shared.lease import Lease
from keqing_shared.log import Conflict, Log, append
from keqing_shared.messaging import Reactions, intake
from keqing_shared.messaging.publisher import Publisher
from keqing_shared.views import projector
from tests.faults.checker import Outcome
from tests.faults.on_the_log import none_at_all, notifications_lost, slow_transactions, writers_cut_off
from tests.faults.on_the_way import all_delivered_twice, message_vanishes, poison
from tests.faults.world import Fault, Measure, world

KEQING = "tests.faults.keqing:Keqing"
FEW = Measure(facts=160, rate=800)
LONG = 20.0


async def outcome(
    fault: Fault,
    home: Path,
    database: str,
    nats_url: str | None = None,
    *,
    store: str = KEQING,
    measure: Measure = FEW,
    patience: float = 1.0,
    **given: Any,
) -> Outcome:
    """All in this process, where the defect is. ``patience``: what nobody saw for so long is not there."""
    async with world(store, home, measure, database, nats_url, apart=False) as it:
        it.patience = patience
        return await it.suffer(fault, **given)


async def test_without_the_lock_readers_miss_facts(tmp_path: Path, database: str) -> None:
    found = await outcome(slow_transactions, tmp_path, database, store="tests.faults.defects:Unlocked")
    assert found.missed > 0


async def test_with_its_lock_the_librarys_recorder_misses_none(tmp_path: Path, database: str) -> None:
    library = "tests.faults.library:Library"
    found = await outcome(slow_transactions, tmp_path, database, store=library, patience=LONG)
    assert found.sound, found


async def test_a_fact_acknowledged_before_it_is_committed_is_missed(tmp_path: Path, database: str) -> None:
    hasty = "tests.faults.defects:Hasty"
    found = await outcome(
        writers_cut_off, tmp_path, database, store=hasty, measure=Measure(facts=30, rate=800)
    )
    assert found.missed > 0


async def test_a_view_whose_checkpoint_is_ahead_of_its_rows_misses_facts(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = projector.move

    async def ahead(connection: Any, names: Any, position: int) -> None:
        await move(connection, names, position + 1)

    monkeypatch.setattr(projector, "move", ahead)
    found = await outcome(none_at_all, tmp_path, database)
    assert found.missed > 0


async def test_a_reader_that_only_listens_waits_for_ever(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def only_listening(self: Log, position: int, timeout: float = 0) -> bool:
        return await self._wakeup.wait_beyond(position, 60)

    monkeypatch.setattr(Log, "wait_beyond", only_listening)
    found = await outcome(notifications_lost, tmp_path, database)
    assert found.missed > 0


@asynccontextmanager
async def answers_lost(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Every tenth answer of the database, that the facts are committed."""
    asked, chance = append.append_batch, random.Random(1)

    async def cut_short(connection: Any, *given: Any, **more: Any) -> Any:
        answer = await asked(connection, *given, **more)
        if not more.get("repeated") and chance.random() < 0.1:
            raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")
        return answer

    monkeypatch.setattr(append, "append_batch", cut_short)
    yield


async def test_lost_answers_do_not_refuse_what_is_there(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with answers_lost(monkeypatch):
        found = await outcome(none_at_all, tmp_path, database, taking_back=False, patience=LONG)
    assert found.sound, found


async def test_an_append_sent_again_without_looking_refuses_what_is_there(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def not_looking(*_: Any) -> Conflict:
        return Conflict()

    monkeypatch.setattr(append, "_own_earlier", not_looking)
    async with answers_lost(monkeypatch):
        found = await outcome(none_at_all, tmp_path, database, taking_back=False)
    assert found.ghosts > 0


async def test_two_relays_that_neither_elect_nor_keep_order_repeat_messages(
    tmp_path: Path, database: str, nats_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish, epochs = Publisher.publish, iter(range(1, 10_000))

    @asynccontextmanager
    async def at_once(lease: Lease) -> AsyncIterator[int]:
        yield next(epochs)

    async def anyhow(self: Publisher, subject: str, payload: bytes, headers: Any) -> Any:
        return await publish(self, subject, payload, {})

    monkeypatch.setattr(Lease, "held", at_once)
    monkeypatch.setattr(Publisher, "publish", anyhow)
    found = await outcome(none_at_all, tmp_path, database, nats_url)
    assert found.repeated > 0


@pytest.fixture
def without_predecessors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever listens does not look whether a message follows the one before."""
    opened = intake.opened
    monkeypatch.setattr(
        intake, "opened", lambda payload: msgspec.structs.replace(opened(payload), previous=0)
    )


async def test_a_message_that_nats_lost_comes_again(tmp_path: Path, database: str, nats_url: str) -> None:
    found = await outcome(message_vanishes, tmp_path, database, nats_url, patience=LONG)
    assert found.sound, found


@pytest.mark.usefixtures("without_predecessors")
async def test_a_consumer_that_goes_on_past_a_gap_misses_messages(
    tmp_path: Path, database: str, nats_url: str
) -> None:
    found = await outcome(message_vanishes, tmp_path, database, nats_url)
    assert found.missed > 0


@pytest.mark.usefixtures("without_predecessors")
async def test_a_consumer_that_does_not_look_at_its_checkpoint_repeats_messages(
    tmp_path: Path, database: str, nats_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def from_the_start(db: Any, source: str) -> int:
        return 0

    monkeypatch.setattr(intake, "Cursor", intake.Cursor)  # put back afterwards
    monkeypatch.setattr(intake, "locked_position", from_the_start)
    found = await outcome(all_delivered_twice, tmp_path, database, nats_url)
    assert found.repeated > 0


async def test_poison_holds_up_its_customer_alone(tmp_path: Path, database: str, nats_url: str) -> None:
    found = await outcome(poison, tmp_path, database, nats_url, poison=True, patience=LONG)
    assert found.sound, found


async def test_poison_that_is_parked_alone_lets_its_customers_facts_overtake(
    tmp_path: Path, database: str, nats_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Reactions, "wants", lambda self, envelope: False)
    found = await outcome(poison, tmp_path, database, nats_url, poison=True)
    assert found.reordered > 0
