"""Each customer's key: made when it is first needed, kept wrapped, destroyed when the customer is erased."""

import os
from binascii import b2a_base64
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any
from uuid import UUID

import structlog

from keqing_shared.privacy.hashing import Hashing
from keqing_shared.privacy.master import VARIABLE, MasterKeys
from keqing_shared.privacy.ring import KeyRing
from keqing_shared.settings import SettingsWrong

KEYS_SCHEMA = """
CREATE TABLE IF NOT EXISTS personal_keys (
    owner     uuid PRIMARY KEY,
    wrapped   bytea,
    master    text,
    destroyed bigint,
    confirmed boolean NOT NULL DEFAULT false,
    CHECK ((wrapped IS NULL) = (master IS NULL) AND (wrapped IS NULL) = (destroyed IS NOT NULL))
);
CREATE INDEX IF NOT EXISTS personal_keys_destroyed ON personal_keys (destroyed) WHERE destroyed IS NOT NULL;
CREATE INDEX IF NOT EXISTS personal_keys_unconfirmed ON personal_keys (destroyed)
    WHERE destroyed IS NOT NULL AND NOT confirmed;
-- By index, also in a session that made its plan while there were hardly any.
CREATE OR REPLACE FUNCTION keys_of(owners uuid[]) RETURNS TABLE (owner uuid, wrapped bytea, master text)
    LANGUAGE sql STABLE SET enable_seqscan = off
    AS 'SELECT k.owner, k.wrapped, k.master FROM personal_keys k WHERE k.owner = ANY (owners)';
COMMENT ON COLUMN personal_keys.owner IS
    'a customer; a stream that belonged to none; all zeros: what claims and fingerprints are hashed by';
COMMENT ON COLUMN personal_keys.wrapped IS 'AES-256-GCM under the master key: 12 bytes of nonce first';
COMMENT ON COLUMN personal_keys.master IS 'which master key';
COMMENT ON COLUMN personal_keys.destroyed IS 'the position in the log at which the key was destroyed';
COMMENT ON COLUMN personal_keys.confirmed IS 'whether the views have followed; true for streams at once';
"""
_HASHING = UUID(int=0)
_KEY_BYTES = 32
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_REHASHED_AT_ONCE = 5_000

_log = structlog.get_logger(__name__)


class Keys:
    """The keys of one context in the schema that the pool's search_path names, and those in memory."""

    def __init__(self, pool: Any, masters: MasterKeys) -> None:
        self.ring = KeyRing()
        self._pool = pool
        self._masters = masters
        self._hash: Hashing | None = None

    async def open(self) -> None:
        """Before anything is hashed. Raises SettingsWrong when keys are wrapped by a master key not given."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("LOCK TABLE personal_keys IN SHARE ROW EXCLUSIVE MODE")
            unknown = await connection.fetchval(
                "SELECT master FROM personal_keys WHERE master <> ALL($1) LIMIT 1", list(self._masters.known)
            )
            if unknown is not None:
                raise SettingsWrong(
                    f"{VARIABLE}: keys are wrapped by the master key {unknown}, which is not given"
                )
            found = await self._find(connection, [_HASHING.bytes])
            made = found or await self._make(connection, [_HASHING.bytes])
            self._hash = Hashing(made[_HASHING.bytes] or b"")
            if not found:
                await self._hash_claims(connection)

    async def held(
        self,
        owners: Iterable[bytes],
        connection: Any = None,
        *,
        make: bool = False,
        begun: Collection[bytes] = (),
    ) -> AbstractContextManager[None]:
        """``with await keys.held(owners):`` — inside they are in memory; nothing may be awaited there.

        ``make``: those that are not there yet; ``begun``: of these hardly any is. What is read or made inside
        the caller's transaction is forgotten afterwards, since it may never be committed.
        """
        owners = list(owners)
        missing = self.ring.missing(owners)
        if not self.ring.room(len(missing)):
            self.ring.clear()
            missing = self.ring.missing(owners)
        if not missing:
            return nullcontext()
        db = connection or self._pool
        forgotten = None
        while forgotten != self.ring.forgotten:  # what was read before that may be destroyed since
            forgotten = self.ring.forgotten
            known = [owner for owner in missing if owner not in begun]
            found = await self._find(db, known) if known else {}
            absent = [owner for owner in missing if owner not in found]
            if absent and make:
                found |= await self._make(db, absent)
        if absent and not make:
            _log.error("key.absent", owners=[owner.hex() for owner in absent])
        if connection is None or not connection.is_in_transaction():
            self.ring.keep(found)
            found = {}
        return self.ring.lent(found | (dict.fromkeys(absent) if not make else {}))

    async def destroy(
        self, connection: Any, customer_id: UUID, streams: Sequence[UUID], position: int
    ) -> None:
        """The customer's and those of the streams. Within the caller's transaction, which has appended at
        this position: so that no two destructions overlap, and later ones have higher positions."""
        await connection.execute(
            "INSERT INTO personal_keys (owner, destroyed) VALUES ($1, $2) ON CONFLICT (owner)"
            " DO UPDATE SET wrapped = NULL, master = NULL, destroyed = excluded.destroyed",
            customer_id,
            position,
        )
        await connection.execute(
            "UPDATE personal_keys SET wrapped = NULL, master = NULL, destroyed = $2, confirmed = true"
            " WHERE owner = ANY($1) AND destroyed IS NULL",
            streams,
            position,
        )

    async def unconfirmed(self) -> list[tuple[UUID, int]]:
        """Customers whose key is destroyed, and the positions that the views have to come to."""
        rows = await self._pool.fetch(
            "SELECT owner, destroyed FROM personal_keys WHERE destroyed IS NOT NULL AND NOT confirmed"
            " ORDER BY destroyed"
        )
        return [(row["owner"], row["destroyed"]) for row in rows]

    async def confirm(self, customer_id: UUID) -> None:
        await self._pool.execute("UPDATE personal_keys SET confirmed = true WHERE owner = $1", customer_id)

    async def destroyed_until(self) -> int:
        """The position of the latest destruction; 0 when there was none."""
        return int(await self._pool.fetchval("SELECT max(destroyed) FROM personal_keys") or 0)

    def hashed(self, scope: str, key: str) -> str:
        """How a claim's key is stored: equal for equals, and tells nobody what it was."""
        digest = self.fingerprint(f"{scope}\0{key}".encode())
        return b2a_base64(digest, newline=False).translate(_URL_SAFE).decode()

    def fingerprint(self, content: bytes) -> bytes:
        """Of what may hold personal data, so that it cannot be found out by trying."""
        assert self._hash is not None, "open() comes first"
        return self._hash.digest(content)

    async def _find(self, db: Any, owners: Sequence[bytes]) -> dict[bytes, bytes | None]:
        rows = await db.fetch(
            "SELECT owner, wrapped, master FROM keys_of($1)",
            [UUID(bytes=owner) for owner in owners],
        )
        return {owner.bytes: self._unwrapped(owner.bytes, wrapped, master) for owner, wrapped, master in rows}

    def _unwrapped(self, owner: bytes, wrapped: bytes | None, master: str) -> bytes | None:
        return None if wrapped is None else self._masters.unwrap(owner, master, wrapped)

    async def _make(self, db: Any, owners: Sequence[bytes]) -> dict[bytes, bytes | None]:
        new = dict(zip(owners, _random_keys(len(owners)), strict=True))
        rows = await db.fetch(
            "INSERT INTO personal_keys (owner, wrapped, master)"
            " SELECT owner, wrapped, $3 FROM unnest($1::uuid[], $2::bytea[]) AS new(owner, wrapped)"
            " ON CONFLICT DO NOTHING RETURNING owner",
            [UUID(bytes=owner) for owner in new],
            [self._masters.wrap(owner, key) for owner, key in new.items()],
            self._masters.current,
        )
        made: dict[bytes, bytes | None] = {row["owner"].bytes: new[row["owner"].bytes] for row in rows}
        others = [owner for owner in owners if owner not in made]
        return made | (await self._find(db, others) if others else {})

    async def _hash_claims(self, connection: Any) -> None:
        """Those made before there was a key to hash them by."""
        rows: Sequence[Mapping[str, Any]] = await connection.fetch("SELECT scope, key FROM claims")
        for start in range(0, len(rows), _REHASHED_AT_ONCE):
            names = [(row["scope"], row["key"]) for row in rows[start : start + _REHASHED_AT_ONCE]]
            await connection.execute(
                "UPDATE claims c SET key = n.hashed FROM unnest($1::text[], $2::text[], $3::text[])"
                " AS n(scope, key, hashed) WHERE c.scope = n.scope AND c.key = n.key",
                [scope for scope, _ in names],
                [key for _, key in names],
                [self.hashed(*name) for name in names],
            )


def _random_keys(count: int) -> list[bytes]:
    """Drawn at once: each call of the system takes as long as wrapping a key."""
    drawn = os.urandom(_KEY_BYTES * count)
    return [drawn[start : start + _KEY_BYTES] for start in range(0, len(drawn), _KEY_BYTES)]
