"""Verification: the whole log against its chain of hashes, its head, and what was signed of it before.

Every row is hashed here, not by the database, from its columns as they are stored. Whoever alters a row would
have to compute the chain anew from there on; a signed checkpoint at or beyond that row then tells.
"""

import asyncio
import hashlib
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from keqing_shared.log.chain import CONTENT, START, link
from keqing_shared.log.damage import Damage, Finding, Head, Row, ending, explain

BATCH = 10_000
"""Rows fetched at a time; the next ones are on their way while these are hashed."""


@dataclass(frozen=True)
class Verdict:
    """How many facts are good, from the first one on; the hash of the last of them; the first damage."""

    facts: int
    head: bytes
    finding: Finding | None = None


@dataclass
class _Reached:
    position: int = 0
    chain: bytes = START


async def verify(
    connection: Any,
    signed: Mapping[int, bytes] | None = None,
    progress: Callable[[int, int], None] = lambda _position, _head: None,
    batch: int = BATCH,
) -> Verdict:
    """Reads the log in the connection's schema as of now, in one snapshot, and stops at the first damage.

    ``signed``: positions and the hashes they had when that was signed, read before this is called.
    ``progress`` hears of the position reached and of the head's.
    """
    signed = signed or {}
    reached = _Reached()
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        head = await Head.read(connection)
        cursor = await connection.cursor(
            f"SELECT notification_id, {CONTENT}, coalesce(hash, '') FROM facts ORDER BY notification_id"
        )
        rows = await cursor.fetch(batch)
        while rows:
            coming = asyncio.ensure_future(cursor.fetch(batch))
            await asyncio.sleep(0)  # so that it is asked for before these are hashed
            bad = _walk(reached, rows, signed)
            rows = await coming
            progress(reached.position, head.position)
            if bad is not None:
                return Verdict(
                    reached.position,
                    reached.chain,
                    await _reason(connection, reached, bad, head, signed),
                )
        finding = ending(reached.position, reached.chain, head) or _cut_off(reached.position, signed)
        return Verdict(reached.position, reached.chain, finding)


def _walk(reached: _Reached, rows: Sequence[Any], signed: Mapping[int, bytes]) -> Row | None:
    """Along the chain; the first row that does not fit."""
    position, chain = reached.position, reached.chain
    sha256, number = hashlib.sha256, struct.Struct(">q").pack
    bad = None
    for row in rows:
        at, content, stored = row
        if (
            at != position + 1
            or sha256(chain + number(at) + sha256(content).digest()).digest() != stored
            or (at in signed and signed[at] != stored)
        ):
            bad = Row(at, content, stored)
            break
        position, chain = at, stored
    reached.position, reached.chain = position, chain
    return bad


async def _reason(
    connection: Any, reached: _Reached, bad: Row, head: Head, signed: Mapping[int, bytes]
) -> Finding:
    due = reached.position + 1
    known = signed.get(bad.position)
    if bad.position == due and known not in (None, bad.hash):
        good = max((position for position in signed if position < due), default=0)
        if link(reached.chain, due, bad.content) == bad.hash:
            return Finding(
                good + 1,
                Damage.REWRITTEN,
                f"the chain was computed anew somewhere from here on to {due}, whose hash was signed before",
            )
    return await explain(connection, reached.chain, due, bad, head)


def _cut_off(position: int, signed: Mapping[int, bytes]) -> Finding | None:
    furthest = max(signed, default=0)
    if furthest <= position:
        return None
    return Finding(
        position + 1, Damage.MISSING, f"the log was signed up to {furthest} and now ends at {position}"
    )
