"""Tampering with a log is found and located, whatever it is that was altered."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from eventsourcing.persistence import StoredEvent

from keqing_shared.log import Log, Meta, NewFact, Request
from keqing_shared.log.chain import CONTENT, START, link
from keqing_shared.log.damage import Damage
from keqing_shared.log.recorder import PostgresRecorder
from keqing_shared.log.verify import Verdict, verify
from tests.shared.log.account import EntryMade

NOW = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)
FACTS = 9

FLIPS = {
    "uuid": "encode(set_byte(uuid_send({c}), 15, get_byte(uuid_send({c}), 15) # 1), 'hex')::uuid",
    "text": "convert_from(set_byte({c}::bytea, 0, get_byte({c}::bytea, 0) # 1), 'UTF8')",
    "bytea": "set_byte({c}, length({c}) - 1, get_byte({c}, length({c}) - 1) # 1)",
    "bigint": "{c} # (1::bigint << 32)",
    "timestamp with time zone": "{c} + interval '1 microsecond'",
}
"""One byte or less of a column, by its type."""


@pytest_asyncio.fixture
async def written(pool: Any, log: Log) -> AsyncIterator[Any]:
    """A connection to a log of nine facts in three streams, with and without what may be absent."""
    ids = [uuid4() for _ in range(3)]
    for number in range(FACTS):
        id, version = ids[number % 3], number // 3 + 1
        meta = Meta(
            who="li.wei",
            why="他说的" if number % 2 == 0 else None,
            correlation_id=f"c-{number}",
            causation_id="pipeline:7" if number % 2 == 0 else None,
        )
        new = NewFact(id, version, EntryMade(amount=number, note="n"), id if number % 2 == 0 else None)
        await log.append(Request((new,), meta, NOW, id, version))
    async with pool.acquire() as connection:
        yield connection


async def hashes(connection: Any) -> dict[int, bytes]:
    return {row[0]: row[1] for row in await connection.fetch("SELECT notification_id, hash FROM facts")}


async def found(connection: Any, **given: Any) -> tuple[int, Damage] | None:
    """Read in ones, in threes and at once: a batch's border hides nothing."""
    verdicts = [await verify(connection, batch=batch, **given) for batch in (1, 3, 100)]
    assert verdicts == [verdicts[0]] * 3
    finding = verdicts[0].finding
    return None if finding is None else (finding.position, finding.damage)


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


COLUMNS = {
    "originator_id": "uuid",
    "originator_version": "bigint",
    "topic": "text",
    "state": "bytea",
    "customer_id": "uuid",
    "recorded_at": "timestamp with time zone",
    "who": "text",
    "why": "text",
    "command_id": "uuid",
    "correlation_id": "text",
    "causation_id": "text",
    "hash": "bytea",
    "notification_id": "bigint",
}


async def test_every_column_is_flipped_below(pool: Any) -> None:
    rows = await pool.fetch(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'facts'"
    )
    assert {row[0]: row[1] for row in rows} == COLUMNS


@pytest.mark.parametrize("column", COLUMNS)
async def test_one_flipped_byte_is_found(written: Any, column: str) -> None:
    flip = FLIPS[COLUMNS[column]].format(c=column)
    expected = {"hash": Damage.HASH_ALTERED, "notification_id": Damage.MISSING}.get(column, Damage.ALTERED)
    for position in (1, 5, FACTS):
        await restored(written)
        changed = f"UPDATE facts SET {column} = {flip} WHERE notification_id = $1"
        assert await written.execute(changed, position) == "UPDATE 1"
        assert await found(written) == (position, expected)


BYTES = {
    "uuid": ("uuid_send({c})", "encode(set_byte({b}, $2, get_byte({b}, $2) # 1), 'hex')::uuid"),
    "text": ("convert_to({c}, 'UTF8')", "convert_from(set_byte({b}, $2, get_byte({b}, $2) # 1), 'UTF8')"),
    "bytea": ("{c}", "set_byte({b}, $2, get_byte({b}, $2) # 1)"),
    "bigint": ("int8send({c})", "{c} # (64::bigint << (56 - 8 * $2))"),
    "timestamp with time zone": (
        "timestamptz_send({c})",
        "{c} + interval '1 microsecond' * 256.0 ^ (7 - $2)",
    ),
}
"""The bytes of a column by its type, and the column with byte $2 of them changed."""


@pytest.mark.parametrize("column", COLUMNS)
async def test_every_byte_of_every_column_matters(written: Any, column: str) -> None:
    inside, changed = (part.replace("{c}", column) for part in BYTES[COLUMNS[column]])
    changed = changed.replace("{b}", inside)
    length = await written.fetchval(f"SELECT length({inside}) FROM facts WHERE notification_id = 5")
    assert length > 0
    await restored(written)
    for number in range(length):
        await written.execute(f"UPDATE facts SET {column} = {changed} WHERE notification_id = $1", 5, number)
        finding = (await verify(written)).finding
        assert finding is not None, f"byte {number} of {column}"
        assert finding.position == 5
        await restored(written)


async def restored(connection: Any) -> None:
    """The facts as they were when this was called first."""
    await connection.execute("CREATE TABLE IF NOT EXISTS kept AS TABLE facts")
    await connection.execute("TRUNCATE facts; INSERT INTO facts TABLE kept")


async def test_values_that_no_fact_has_are_found(written: Any) -> None:
    for change in (
        "customer_id = NULL",
        "why = NULL",
        "why = ''",
        "causation_id = NULL",
        "correlation_id = ''",
        "recorded_at = 'infinity'",
        "recorded_at = '-infinity'",
        "recorded_at = '294276-12-31'",
        "who = who || topic, topic = ''",
        "originator_version = -originator_version",
    ):
        await restored(written)
        await written.execute(f"UPDATE facts SET {change} WHERE notification_id = 5")
        assert await found(written) == (5, Damage.ALTERED), change


async def test_absent_and_empty_differ(written: Any) -> None:
    await written.execute("UPDATE facts SET why = '' WHERE notification_id = 4")
    assert await found(written) == (4, Damage.ALTERED)


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
