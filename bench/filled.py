"""Millions of facts in a log of ours within a minute: written by SQL, chained as the append chains them."""

from uuid import UUID

import asyncpg

from bench.history import A_CALL, opened
from keqing_shared.log import Codec
from keqing_shared.log.chain import CONTENT

IN_A_STREAM = 20
"""Facts of an opportunity, the first of them its opening; ten opportunities have a customer in common."""
INDEXES = ("facts_of_stream", "facts_of_customer")

_AN_OPENING = opened(UUID(int=1))
_ENCODE = Codec([type(A_CALL)]).encode
_CHAIN = """
CREATE FUNCTION pg_temp.link(before bytea, content bytea) RETURNS bytea LANGUAGE plpgsql IMMUTABLE
    AS 'BEGIN RETURN sha256(before || content); END';
CREATE AGGREGATE pg_temp.chained(bytea) (SFUNC = pg_temp.link, STYPE = bytea, INITCOND = '\\x{}');
"""
_FACTS = f"""
INSERT INTO facts (originator_id, originator_version, topic, state, notification_id, customer_id,
                   recorded_at, who, why, command_id, correlation_id, causation_id, hash)
SELECT originator_id, originator_version, topic, state, position, customer_id, recorded_at, who, why,
       command_id, correlation_id, causation_id,
       pg_temp.chained(int8send(position) || sha256({CONTENT})) OVER (ROWS UNBOUNDED PRECEDING)
  FROM (SELECT $1 + n AS position,
               md5('stream ' || (n - 1) / $3)::uuid AS originator_id,
               (n - 1) % $3 + 1 AS originator_version,
               CASE (n - 1) % $3 WHEN 0 THEN $4::text ELSE $6 END AS topic,
               CASE (n - 1) % $3 WHEN 0 THEN $5::bytea ELSE $7 END AS state,
               md5('customer ' || (n - 1) / $3 / 10)::uuid AS customer_id,
               timestamptz '2026-03-02 00:00:00+00' + n * interval '1 second' AS recorded_at,
               'bench' AS who, NULL AS why, md5('command ' || n)::uuid AS command_id,
               '' AS correlation_id, NULL AS causation_id
          FROM generate_series(1::bigint, $2::bigint) AS n) AS made
"""
_HEAD = """
UPDATE log_head SET (position, hash) =
       (SELECT notification_id, hash FROM facts ORDER BY notification_id DESC LIMIT 1);
UPDATE views SET position = (SELECT position FROM log_head);
UPDATE relay SET position = (SELECT position FROM log_head);
"""


async def fill(log: str, facts: int) -> None:
    """So many more facts, which count as seen by the views and as told to the others. Nobody else may
    be at work on the log, whose URL names its schema."""
    connection = await asyncpg.connect(log, server_settings={"maintenance_work_mem": "256MB"})
    try:
        [(position, chain)] = await connection.fetch("SELECT position, hash FROM log_head")
        # Made again of all rows at once, in the order of their keys, they take a tenth of the time.
        indexes = await connection.fetch(
            "SELECT indexname, indexdef FROM pg_indexes"
            " WHERE schemaname = current_schema() AND indexname = ANY ($1)",
            INDEXES,
        )
        await connection.execute("".join(f"DROP INDEX {index['indexname']};" for index in indexes))
        await connection.execute(_CHAIN.format(chain.hex()))
        await connection.execute(
            _FACTS, position, facts, IN_A_STREAM,
            _AN_OPENING.topic, _ENCODE(_AN_OPENING), A_CALL.topic, _ENCODE(A_CALL),
        )  # fmt: skip
        await connection.execute(_HEAD)
        await connection.execute("".join(f"{index['indexdef']};" for index in indexes))
        await connection.execute("VACUUM ANALYZE facts")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()
