"""A change of the master key: every key wrapped anew, while everything serves.

Keys stay what they are, so neither facts nor anybody's memory notices. Both master keys are known to every
process meanwhile; afterwards the former one is in use nowhere and may be withdrawn.
"""

from typing import Any

from keqing_shared.privacy.master import MasterKeys

AT_ONCE = 1_000


async def wrap_anew(pool: Any, masters: MasterKeys) -> int:
    """How many were wrapped by a former master key. Cut off, it goes on where it stopped."""
    count = 0
    while moved := await _some(pool, masters):
        count += moved
    return count


async def _some(pool: Any, masters: MasterKeys) -> int:
    """Locked meanwhile: one that is being destroyed stays so."""
    async with pool.acquire() as connection, connection.transaction():
        rows = await connection.fetch(
            "SELECT owner, master, wrapped FROM personal_keys WHERE master <> $1 ORDER BY owner LIMIT $2"
            " FOR UPDATE",
            masters.current,
            AT_ONCE,
        )
        keys = [(owner, masters.unwrap(owner.bytes, master, wrapped)) for owner, master, wrapped in rows]
        await connection.execute(
            "UPDATE personal_keys k SET wrapped = n.wrapped, master = $3"
            " FROM unnest($1::uuid[], $2::bytea[]) AS n(owner, wrapped) WHERE k.owner = n.owner",
            [owner for owner, _ in keys],
            [masters.wrap(owner.bytes, key) for owner, key in keys],
            masters.current,
        )
    return len(rows)
