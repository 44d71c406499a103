"""Every value of a fact that is altered is found, to the last byte."""

from typing import Any

import pytest

from keqing_shared.log.damage import Damage
from keqing_shared.log.verify import verify
from tests.shared.log.tampering import FACTS, found

FLIPS = {
    "uuid": "encode(set_byte(uuid_send({c}), 15, get_byte(uuid_send({c}), 15) # 1), 'hex')::uuid",
    "text": "convert_from(set_byte({c}::bytea, 0, get_byte({c}::bytea, 0) # 1), 'UTF8')",
    "bytea": "set_byte({c}, length({c}) - 1, get_byte({c}, length({c}) - 1) # 1)",
    "bigint": "{c} # (1::bigint << 32)",
    "timestamp with time zone": "{c} + interval '1 microsecond'",
}
"""One byte or less of a column, by its type."""

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
