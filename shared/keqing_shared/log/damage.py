"""Damage to a log: what is wrong with the first row that does not fit, told from its neighbours."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from keqing_shared.log.chain import CONTENT, START, link

FURTHEST_RENUMBERED = 1000
"""So many facts may have been taken out in a row, the later ones moved up, for us to tell."""


class Damage(StrEnum):
    """What is wrong with a position."""

    ALTERED = "content altered"
    HASH_ALTERED = "hash altered"
    LINK_BROKEN = "link broken"
    MISSING = "position missing"
    REMOVED = "fact removed"
    INSERTED = "fact inserted"
    SWAPPED = "fact swapped"
    HEAD = "head mismatch"
    REWRITTEN = "chain rewritten"
    SIGNATURE = "signature wrong"


@dataclass(frozen=True)
class Finding:
    """The first position that is not as it was written."""

    position: int
    damage: Damage
    detail: str

    def __str__(self) -> str:
        return f"position {self.position}: {self.damage}: {self.detail}"


@dataclass(frozen=True)
class Row:
    """As stored."""

    position: int
    content: bytes
    hash: bytes


@dataclass(frozen=True)
class Head:
    """What ``log_head`` says; what came before its first fact when it is gone."""

    position: int
    hash: bytes

    @classmethod
    async def read(cls, connection: Any) -> "Head":
        row = await connection.fetchrow("SELECT position, coalesce(hash, '') FROM log_head")
        return cls(*row) if row else cls(0, START)


async def explain(connection: Any, before: bytes, due: int, found: Row, head: Head) -> Finding:
    """Why ``found`` is not what is due at position ``due`` after the hash ``before``."""
    if found.position > due:
        missing = f"{due} to {found.position - 1} are" if found.position - 1 > due else f"{due} is"
        return Finding(due, Damage.MISSING, f"{missing} not there, {found.position} follows")
    if found.position < due:
        return Finding(found.position, Damage.INSERTED, "a second fact stands at this position")
    if due > head.position:
        return Finding(due, Damage.INSERTED, f"it stands beyond the head, which is {head.position}")
    other = await _belongs(connection, before, due, found.hash)
    after = await _row(connection, due + 1)
    true_hash = link(before, due, found.content)
    if other is not None:
        return await _moved(connection, before, found, other)
    if after is not None:
        if link(true_hash, after.position, after.content) == after.hash:
            return Finding(due, Damage.HASH_ALTERED, "the content is good, and so is what follows")
        if link(found.hash, after.position, after.content) == after.hash:
            return Finding(
                due, Damage.ALTERED, f"it does not fit its hash after {due - 1}; what follows fits that hash"
            )
        for further in range(2, FURTHEST_RENUMBERED):
            if link(found.hash, due + further, after.content) == after.hash:
                gone = f"{further - 1} facts were" if further > 2 else "a fact was"
                return Finding(due, Damage.REMOVED, f"{gone} taken out here and the later ones moved up")
    elif head.position == due:
        if head.hash == true_hash:
            return Finding(due, Damage.HASH_ALTERED, "the content is good, and so is the head")
        if head.hash == found.hash:
            return Finding(due, Damage.ALTERED, "it does not fit its hash; the head does")
    return Finding(due, Damage.LINK_BROKEN, "neither its content nor its hash fit the facts before and after")


def ending(position: int, chain: bytes, head: Head) -> Finding | None:
    """What is wrong with the end of a log that is good up to its last row."""
    if position < head.position:
        missing = f"{position + 1} to {head.position} are"
        return Finding(position + 1, Damage.MISSING, f"{missing} not there, the head is {head.position}")
    if position > head.position:
        return Finding(
            head.position + 1, Damage.HEAD, f"facts go on to {position}, the head is there already"
        )
    if chain != head.hash:
        return Finding(position, Damage.HEAD, "the head's hash is not that of the last fact")
    return None


async def _belongs(connection: Any, before: bytes, due: int, stored: bytes) -> Row | None:
    """The row, wherever it stands, that was written after ``before`` at position ``due``."""
    found = await connection.fetchrow(
        f"SELECT notification_id, content, hash FROM (SELECT notification_id, {CONTENT} AS content, hash"
        " FROM facts WHERE notification_id <> $2) AS row"
        " WHERE sha256($1 || int8send($2) || sha256(content)) IN (hash, $3) LIMIT 1",
        before,
        due,
        stored,
    )
    return None if found is None else Row(*found)


async def _moved(connection: Any, before: bytes, found: Row, other: Row) -> Finding:
    """``other`` belongs where ``found`` stands."""
    due = found.position
    true_hash = link(before, due, other.content)
    if other.position == due + 1:
        previous = true_hash
    else:
        row = await _row(connection, other.position - 1)
        previous = row.hash if row else b""
    if link(previous, other.position, found.content) in (found.hash, other.hash):
        return Finding(due, Damage.SWAPPED, f"this fact belongs at {other.position}, that one here")
    return Finding(due, Damage.INSERTED, f"the fact that belongs here stands at {other.position}")


async def _row(connection: Any, position: int) -> Row | None:
    found = await connection.fetchrow(
        f"SELECT notification_id, {CONTENT}, coalesce(hash, '') FROM facts WHERE notification_id = $1",
        position,
    )
    return None if found is None else Row(*found)
