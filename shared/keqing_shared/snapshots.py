"""Snapshots of long streams: how a state is written down, and who writes it, beside the commands."""

import asyncio
import inspect
from functools import cache
from hashlib import sha256
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec
import structlog

from keqing_shared.domain import Aggregate
from keqing_shared.log.snapshots import Snapshot, SnapshotTable

S = TypeVar("S")

SNAPSHOT_AFTER = 200
"""Facts folded in one load, beyond which the state is worth keeping."""
MOST_WAITING = 1_000
"""Snapshots waiting to be written; more are not taken: a later load takes them."""

_log = structlog.get_logger(__name__)


class SnapshotForm(Generic[S]):
    """How the states of one aggregate are written down. Raises TypeError when they cannot be."""

    def __init__(self, aggregate: Aggregate[S]) -> None:
        if aggregate.state is None:
            raise TypeError(f"{aggregate.name} does not name its state's type")
        self._encoder = msgspec.json.Encoder()
        self._decoder: msgspec.json.Decoder[S] = msgspec.json.Decoder(aggregate.state)
        self.version = _fingerprint(aggregate)
        """Changes with the state's shape, with the file that folds it and with ``snapshot_version``."""

    def encode(self, state: S) -> bytes:
        return self._encoder.encode(state)

    def decode(self, state: bytes) -> S:
        """Raises msgspec.DecodeError (ValidationError included) for anything but a state's bytes."""
        return self._decoder.decode(state)


@cache
def form_of(aggregate: Aggregate[Any]) -> SnapshotForm[Any] | None:
    """None: its states cannot be written down and its streams are always folded from the first fact."""
    try:
        return SnapshotForm(aggregate)
    except TypeError as error:
        _log.debug("snapshots.impossible", aggregate=aggregate.name, error=str(error))
        return None


class SnapshotTaker:
    """Writes snapshots one after the other while commands go on; what fails is left to a later load."""

    def __init__(self, table: SnapshotTable) -> None:
        self._table = table
        self._waiting: dict[tuple[Aggregate[Any], UUID], tuple[int, Any]] = {}
        self._writer: asyncio.Task[None] | None = None

    def take(self, aggregate: Aggregate[S], id: UUID, version: int, state: S) -> None:
        """Soon; a newer state of the same stream replaces one that still waits."""
        if len(self._waiting) < MOST_WAITING and form_of(aggregate) is not None:
            self._waiting[aggregate, id] = version, state
            if self._writer is None:
                self._writer = asyncio.create_task(self._write(), name="snapshots")

    async def settled(self) -> None:
        """Returns once nothing waits any more."""
        while self._writer is not None:
            await self._writer

    async def _write(self) -> None:
        try:
            while self._waiting:
                (aggregate, id), (version, state) = self._waiting.popitem()
                try:
                    await self._keep(aggregate, id, version, state)
                except Exception as error:  # best effort: the stream itself has everything
                    _log.warning("snapshot.not-taken", aggregate=aggregate.name, error=repr(error))
        finally:
            self._writer = None

    async def _keep(self, aggregate: Aggregate[Any], id: UUID, version: int, state: Any) -> None:
        form = form_of(aggregate)
        assert form is not None, "only what has a form waits"
        snapshot = Snapshot(version, form.encode(state))
        customer_id = aggregate.customer_of(id, state)
        await self._table.keep(
            aggregate.name, id, form.version, snapshot, customer_id, personal=aggregate.keeps_personal
        )


def _fingerprint(aggregate: Aggregate[Any]) -> str:
    shape = _undescribed(msgspec.json.schema(aggregate.state))
    parts = (
        str(aggregate.snapshot_version).encode(),
        msgspec.json.encode(shape, order="deterministic"),
        _source(aggregate.evolve),
    )
    return sha256(b"\0".join(parts)).hexdigest()[:32]


def _undescribed(schema: Any) -> Any:
    """Without docstrings, which change nothing."""
    if isinstance(schema, dict):
        return {
            key: _undescribed(it)
            for key, it in schema.items()
            if not (key == "description" and isinstance(it, str))
        }
    return [_undescribed(it) for it in schema] if isinstance(schema, list) else schema


def _source(evolve: Any) -> bytes:
    module = inspect.getmodule(evolve)
    try:
        return inspect.getsource(module).encode() if module else b""
    except OSError:  # installed without sources
        return b""
