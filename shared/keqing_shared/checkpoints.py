"""Signs, every minute and at the end, how far the log has come: to a file and to NATS."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nats.errors import Error
from nats.js.api import StorageType, StreamConfig
from nats.js.errors import NotFoundError

from keqing_shared.log import signed
from keqing_shared.log.signing_key import VARIABLE, signing_key
from keqing_shared.outage import DATABASE_AWAY
from keqing_shared.settings import SettingsWrong

if TYPE_CHECKING:
    from keqing_shared.service import Service

EVERY = 60.0
"""Seconds; in between, a rewritten tail goes unnoticed."""
STREAM = "KEQING_CHECKPOINTS"
SUBJECTS = "keqing-checkpoints.*"
"""By context. Beside ``keqing.>``: those streams hold the facts' messages and nothing else."""
NATS_SECONDS = 2.0

_log = structlog.get_logger(__name__)


class Checkpoints:
    """Of one context's log. Raises SettingsWrong when there is no key to sign with."""

    def __init__(self, service: "Service", path: Path) -> None:
        key = signing_key(service.settings)
        if key is None:
            raise SettingsWrong(
                f"{VARIABLE}: checkpoints are to be kept (KEQING_CHECKPOINTS) but there is no key"
            )
        self._key: Ed25519PrivateKey = key
        self._service = service
        self._path = path
        self._context = service.context.name
        self._last: signed.SignedCheckpoint | None = None
        self._told: signed.SignedCheckpoint | None = None

    async def run(self) -> None:
        """Until cancelled, and once more then."""
        try:
            while True:
                await self._survive()
                await asyncio.sleep(EVERY)
        finally:
            await self._survive()

    async def once(self) -> None:
        """Signs the head unless that is done, then tells of it, or the next time when NATS is away."""
        position, hash = await self._service.pool.fetchrow("SELECT position, hash FROM log_head")
        if position and (self._last is None or self._last.position != position):
            at = self._service.clock.now()
            last = signed.checkpoint(self._key, self._context, position, hash, at)
            await asyncio.to_thread(signed.append, self._path, last)
            self._last = last
        if self._last is not self._told and self._last is not None:
            await self._tell(self._last)

    async def _survive(self) -> None:
        try:
            await self.once()
        except (*DATABASE_AWAY, Error) as error:  # an unwritable file is an OSError too
            _log.warning("checkpoint.failed", context=self._context, error=repr(error))

    async def _tell(self, last: signed.SignedCheckpoint) -> None:
        nats = self._service.nats
        if nats is None or not nats.is_connected:
            return
        jetstream = nats.jetstream(timeout=NATS_SECONDS)
        try:
            await jetstream.stream_info(STREAM)
        except NotFoundError:  # else it stays as its operator set it
            await jetstream.add_stream(
                StreamConfig(name=STREAM, subjects=[SUBJECTS], storage=StorageType.FILE, deny_delete=True)
            )
        await jetstream.publish(
            f"keqing-checkpoints.{self._context}",
            last.encoded(),
            stream=STREAM,
            headers={"Nats-Msg-Id": f"{self._context}:{last.position}:{last.at.isoformat()}"},
        )
        self._told = last
