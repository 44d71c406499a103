"""Facts taken out of a log, put in, swapped or written anew are found and located."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from eventsourcing.persistence import StoredEvent

from keqing_shared.log import Log, Meta, NewFact, Request
from keqing_shared.log.chain import CONTENT, START, link
from keqing_shared.log.damage import Damage
from keqing_shared.log.recorder import PostgresRecorder
from keqing_shared.log.verify import Verdict, verify
from tests.shared.log.account import EntryMade
from tests.shared.log.tampering import FACTS, NOW, found


async def hashes(connection: Any) -> dict[int, bytes]:
    return {row[0]: row[1] for row in await connection.fetch("SELECT notification_id, hash FROM facts")}


async def rechain(connection: Any, first: int) -> None:
    """What somebody does who knows how the chain is made."""
    chain = await connection.fetchval("SELECT hash FROM facts WHERE notification_id = $1", first - 1) or START
    position = first - 1
    for position, content in await connection.fetch(
        f"SELECT notification_id, {CONTENT} FROM facts WHERE notification_id >= $1 ORDER BY 1", first
    ):
        chain = link(chain, position, content)
        await connection.execute("UPDATE facts SET hash = $2 WHERE notification_id = $1", position, chain)
    await connection.execute("UPDATE log_head SET position = $1, hash = $2", position, chain)


async def test_an_untouched_log_is_good_and_so_is_an_empty_one(pool: Any, written: Any) -> None:
    head = await written.fetchval("SELECT hash FROM log_head")
    assert await verify(written) == Verdict(FACTS, head)
    assert await found(written, signed=await hashes(written)) is None
    await written.execute("TRUNCATE facts")
    await written.execute("UPDATE log_head SET position = 0, hash = $1", START)
    assert await verify(written) == Verdict(0, START)


@pytest.mark.parametrize("position", [1, 4, FACTS])
async def test_a_deleted_fact_is_missed(written: Any, position: int) -> None:
    await written.execute("DELETE FROM facts WHERE notification_id = $1", position)
    assert await found(written) == (position, Damage.MISSING)


async def test_all_facts_deleted_are_missed(written: Any) -> None:
    await written.execute("TRUNCATE facts")
    assert await found(written) == (1, Damage.MISSING)


@pytest.mark.parametrize("removed", [1, 3])
async def test_a_deleted_fact_is_missed_when_the_later_ones_move_up(written: Any, removed: int) -> None:
    await written.execute("DELETE FROM facts WHERE notification_id BETWEEN 4 AND $1", 3 + removed)
    await move(written, "notification_id > 4", -removed)
    assert await found(written) == (4, Damage.REMOVED)


async def move(connection: Any, which: str, by: int) -> None:
    await connection.execute(f"UPDATE facts SET notification_id = -notification_id WHERE {which}")
    await connection.execute(
        f"UPDATE facts SET notification_id = {by} - notification_id WHERE notification_id < 0"
    )


@pytest.mark.parametrize("position", [1, 4, FACTS])
async def test_an_inserted_fact_is_found(written: Any, position: int) -> None:
    await move(written, f"notification_id >= {position}", 1)
    await insert(written, position)
    assert await found(written) == (position, Damage.INSERTED)


@pytest.mark.parametrize("position", [-3, 0, FACTS + 1])
async def test_a_fact_inserted_outside_of_the_log_is_found(written: Any, position: int) -> None:
    await insert(written, position)
    assert await found(written) == (position, Damage.INSERTED)


async def insert(connection: Any, position: int) -> None:
    await connection.execute(
        "INSERT INTO facts SELECT gen_random_uuid(), 1, topic, state, $1, customer_id, recorded_at, who, why,"
        " gen_random_uuid(), correlation_id, causation_id, sha256(hash) FROM facts ORDER BY 1 LIMIT 1",
        position,
    )


@pytest.mark.parametrize(("one", "other"), [(1, 2), (4, 5), (4, 8), (1, FACTS), (FACTS - 1, FACTS)])
@pytest.mark.parametrize("with_hash", [True, False])
async def test_two_swapped_facts_are_found(written: Any, one: int, other: int, with_hash: bool) -> None:
    await written.execute(
        "UPDATE facts SET notification_id = CASE notification_id WHEN $1 THEN -$2::bigint"
        " ELSE -$1::bigint END WHERE notification_id IN ($1, $2)",
        one,
        other,
    )
    await written.execute("UPDATE facts SET notification_id = -notification_id WHERE notification_id < 0")
    if not with_hash:
        first, second = [
            await written.fetchval("SELECT hash FROM facts WHERE notification_id = $1", it)
            for it in (one, other)
        ]
        for position, hash in ((one, second), (other, first)):
            await written.execute("UPDATE facts SET hash = $2 WHERE notification_id = $1", position, hash)
    assert await found(written) == (one, Damage.SWAPPED)


async def test_a_fact_replaced_with_its_hash_breaks_the_next_link(written: Any) -> None:
    await written.execute("UPDATE facts SET who = 'zhao.min', hash = sha256(hash) WHERE notification_id = 4")
    assert await found(written) == (4, Damage.LINK_BROKEN)


@pytest.mark.parametrize(
    "change", ["hash = sha256(hash)", "position = position + 2", "position = position - 1"]
)
async def test_a_head_that_is_not_the_last_fact_is_found(written: Any, change: str) -> None:
    await written.execute(f"UPDATE log_head SET {change}")
    position, damage = await found(written) or (0, None)
    assert (position, damage) in {
        (FACTS, Damage.HEAD),
        (FACTS + 1, Damage.MISSING),
    }


async def test_a_head_that_is_gone_is_found(written: Any) -> None:
    await written.execute("DELETE FROM log_head")
    assert await found(written) == (1, Damage.HEAD)


async def test_a_chain_computed_anew_is_found_by_what_was_signed_before(written: Any) -> None:
    before = await hashes(written)
    signed = {position: before[position] for position in (3, 7)}
    await written.execute("UPDATE facts SET state = '{}' WHERE notification_id = 5")
    await rechain(written, 5)
    assert await found(written) is None
    assert await found(written, signed={3: before[3]}) is None
    assert await found(written, signed=signed) == (4, Damage.REWRITTEN)
    assert await found(written, signed={FACTS: before[FACTS]}) == (1, Damage.REWRITTEN)


async def test_a_tail_cut_off_with_the_head_set_back_is_found_by_what_was_signed_before(written: Any) -> None:
    signed = {FACTS: (await hashes(written))[FACTS]}
    await written.execute("DELETE FROM facts WHERE notification_id > 6")
    await rechain(written, 6)
    assert await found(written) is None
    assert await found(written, signed=signed) == (7, Damage.MISSING)


async def test_the_first_of_several_damages_is_named(written: Any) -> None:
    await written.execute("UPDATE facts SET who = 'x' WHERE notification_id IN (3, 4, 8)")
    finding = (await verify(written)).finding
    assert finding is not None
    assert finding.position == 3


async def test_facts_appended_meanwhile_are_none_of_a_snapshots_business(written: Any, log: Log) -> None:
    appended: list[asyncio.Task[Any]] = []
    heard: list[tuple[int, int]] = []

    def append(position: int, head: int) -> None:
        id = uuid4()
        new = NewFact(id, 1, EntryMade(amount=1, note=""), id)
        appended.append(asyncio.create_task(log.append(Request((new,), Meta(who="x"), NOW, id, 1))))
        heard.append((position, head))

    verdict = await verify(written, progress=append, batch=4)
    assert (verdict.facts, verdict.finding) == (FACTS, None)
    assert heard == [(4, FACTS), (8, FACTS), (9, FACTS)]
    await asyncio.gather(*appended)
    assert (await verify(written)).facts == FACTS + 3


async def test_a_log_written_through_the_librarys_recorder_is_good_as_well(pool: Any, written: Any) -> None:
    events = [StoredEvent(uuid4(), 1, "sample.entry-made.v2", b'{"amount":1,"note":"n"}') for _ in range(3)]
    await PostgresRecorder(pool).insert_events(events)
    verdict = await verify(written)
    assert (verdict.facts, verdict.finding) == (FACTS + 3, None)
