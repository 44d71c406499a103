"""The table of snapshots: at most one for each stream, written beside the appends, never within one."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec


class Snapshot(msgspec.Struct, frozen=True):
    """A stream's encoded state after the fact of this version."""

    version: int
    state: bytes


class SnapshotTable:
    """Rows may vanish at any time, or be replaced by those of other code."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def find(self, names: Sequence[tuple[str, UUID, str]]) -> dict[tuple[str, UUID], Snapshot]:
        """Of these (aggregate, stream, snapshot version) the ones there are, by (aggregate, stream)."""
        rows = await self._pool.fetch(
            "SELECT s.aggregate, s.originator_id, s.originator_version, s.state"
            " FROM snapshots s JOIN unnest($2::text[], $3::text[]) AS v(aggregate, version)"
            " ON s.aggregate = v.aggregate AND s.snapshot_version = v.version"
            " WHERE s.originator_id = ANY($1) AND EXISTS (SELECT FROM facts f"
            " WHERE f.originator_id = s.originator_id AND f.originator_version = s.originator_version)",
            [id for _, id, _ in names],
            *zip(*dict.fromkeys((aggregate, version) for aggregate, _, version in names), strict=True),
        )
        return {
            (row["aggregate"], row["originator_id"]): Snapshot(row["originator_version"], row["state"])
            for row in rows
        }

    async def keep(
        self, aggregate: str, id: UUID, snapshot_version: str, snapshot: Snapshot, customer_id: UUID | None
    ) -> None:
        """In place of what was there; whoever writes last wins, since every one of them is true."""
        await self._pool.execute(
            "INSERT INTO snapshots"
            " (originator_id, aggregate, originator_version, snapshot_version, state, customer_id)"
            " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (originator_id, aggregate) DO UPDATE SET"
            " originator_version = excluded.originator_version, snapshot_version = excluded.snapshot_version,"
            " state = excluded.state, customer_id = excluded.customer_id, taken_at = excluded.taken_at",
            id,
            aggregate,
            snapshot.version,
            snapshot_version,
            snapshot.state,
            customer_id,
        )
