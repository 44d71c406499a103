"""Secrets of webhooks: made here, shown once, kept sealed in a table of their own, never in a fact."""

import base64
import hashlib
import os
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from keqing_shared.domain import RuleBroken
from keqing_shared.settings import Settings

SECRETS_SCHEMA = """
CREATE TABLE IF NOT EXISTS webhook_secrets (
    webhook_id  uuid NOT NULL,
    number      int NOT NULL,
    sealed      bytea NOT NULL,
    replaced_at timestamptz,
    PRIMARY KEY (webhook_id, number)
);
COMMENT ON COLUMN webhook_secrets.sealed IS 'AES-256-GCM: 12 bytes of nonce first; bound to its webhook';
"""

KEY_VARIABLE = "KEQING_SECRETS_KEY"
_DEVELOPMENT_KEY = hashlib.sha256(b"keqing development: protects nothing").digest()
_NONCE_BYTES = 12
_SECRET_BYTES = 32


class SealingKeyMissing(RuleBroken):
    """Secrets cannot be kept: KEQING_SECRETS_KEY is not set to 32 bytes in base64"""

    status = 503


class SecretUnreadable(Exception):
    """Sealed under another key than today's."""


def new_secret() -> str:
    """In the form of Standard Webhooks: ``whsec_`` and 32 random bytes in base64."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()}"


class Secrets:
    """The table of secrets, sealed under a key from the environment."""

    def __init__(self, settings: Settings) -> None:
        self._cipher = AESGCM(_key(settings))

    async def add(self, db: Any, webhook_id: UUID, secret: str, now: datetime) -> None:
        """Becomes the current one; a former one goes on signing beside it for a while."""
        async with db.acquire() as connection, connection.transaction():
            # Two rotations at once take turns, so that exactly one secret is current.
            await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", str(webhook_id))
            await connection.execute(
                "UPDATE webhook_secrets SET replaced_at = $2 WHERE webhook_id = $1 AND replaced_at IS NULL",
                webhook_id,
                now,
            )
            await connection.execute(
                "INSERT INTO webhook_secrets (webhook_id, number, sealed)"
                " SELECT $1, coalesce(max(number), 0) + 1, $2 FROM webhook_secrets WHERE webhook_id = $1",
                webhook_id,
                self._seal(webhook_id, secret),
            )

    async def forget(self, db: Any, webhook_id: UUID) -> None:
        """For a webhook that was refused."""
        await db.execute("DELETE FROM webhook_secrets WHERE webhook_id = $1", webhook_id)

    async def valid(self, db: Any, webhook_id: UUID, now: datetime, old_valid: timedelta) -> list[str]:
        """Newest first: the current one, and those replaced not longer ago than ``old_valid``.

        Raises SecretUnreadable.
        """
        rows = await db.fetch(
            "SELECT sealed FROM webhook_secrets WHERE webhook_id = $1"
            " AND (replaced_at IS NULL OR replaced_at > $2) ORDER BY number DESC",
            webhook_id,
            now - old_valid,
        )
        return [self._open(webhook_id, row["sealed"]) for row in rows]

    def _seal(self, webhook_id: UUID, secret: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret.encode(), webhook_id.bytes)

    def _open(self, webhook_id: UUID, sealed: bytes) -> str:
        nonce, ciphertext = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, ciphertext, webhook_id.bytes).decode()
        except InvalidTag:
            raise SecretUnreadable(f"{KEY_VARIABLE} is not the key that it was sealed under") from None


def _key(settings: Settings) -> bytes:
    given = os.environ.get(KEY_VARIABLE)
    if given is None:
        if settings.development:
            return _DEVELOPMENT_KEY
        raise SealingKeyMissing
    try:
        key = base64.b64decode(given, validate=True)
    except ValueError:
        raise SealingKeyMissing from None
    if len(key) != 32:
        raise SealingKeyMissing
    return key
