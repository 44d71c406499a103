"""The table of snapshots: at most one for each stream, written beside the appends, never within one."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from keqing_shared.privacy import Keys
from keqing_shared.privacy.ring import owner_of_state


class Snapshot(msgspec.Struct, frozen=True):
    """A stream's encoded state after the fact of this version."""

    version: int
    state: bytes


class SnapshotTable:
    """Rows may vanish at any time, or be replaced by those of other code. With ``keys`` a personal one is
    sealed under its owner's: what is written late of somebody erased is read by nobody."""

    def __init__(self, pool: Any, keys: Keys | None = None) -> None:
        self._pool = pool
        self._keys = keys

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
        if self._keys is not None:
            owners = [owner for row in rows if (owner := owner_of_state(row["state"])) is not None]
            await self._keys.held(owners)
        return {
            (row["aggregate"], row["originator_id"]): await self.opened(
                Snapshot(row["originator_version"], row["state"])
            )
            for row in rows
        }

    async def opened(self, snapshot: Snapshot, connection: Any = None) -> Snapshot:
        """As it was before it was sealed; empty when nobody can read it any more."""
        owner = owner_of_state(snapshot.state)
        if owner is None or self._keys is None:
            return snapshot
        with await self._keys.held([owner], connection):
            return Snapshot(snapshot.version, self._keys.ring.open_state(snapshot.state) or b"")

    async def keep(
        self,
        aggregate: str,
        id: UUID,
        snapshot_version: str,
        snapshot: Snapshot,
        customer_id: UUID | None,
        *,
        personal: bool,
    ) -> None:
        """In place of what was there; whoever writes last wins, since every one of them is true. None that
        is ``personal`` is kept of somebody erased: the state may have been folded before that."""
        state: bytes | None = snapshot.state
        if self._keys is not None and personal:
            with await self._keys.held([(customer_id or id).bytes], make=True):
                state = self._keys.ring.seal_state(customer_id or id, snapshot.state)
        if state is None:
            return
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
            state,
            customer_id,
        )
