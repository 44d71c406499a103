"""Reading streams: from the first fact, from what is known already, or from a snapshot."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec
import structlog

from keqing_shared.domain import Aggregate
from keqing_shared.log import Log
from keqing_shared.log.past import Past
from keqing_shared.log.snapshots import Snapshot
from keqing_shared.privacy import KeyNotLoaded
from keqing_shared.snapshots import SNAPSHOT_AFTER, SnapshotTaker, form_of

S = TypeVar("S")

Name = tuple[str, UUID]
"""A stream: its aggregate's name and its id."""

_logger = structlog.get_logger(__name__)


class Loaded(msgspec.Struct, Generic[S], frozen=True):
    """A stream's state and version; ``None`` and 0 when there is no such stream."""

    state: S | None
    version: int


ABSENT: Loaded[Any] = Loaded(None, 0)


class StreamReader:
    """Streams of which more than SNAPSHOT_AFTER facts had to be folded get a snapshot, written beside
    the command that wanted them; one that cannot be read, or is of other code, counts as none."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._taker = SnapshotTaker(log.snapshots)

    async def settled(self) -> None:
        """Returns once the snapshots being taken are written."""
        await self._taker.settled()

    async def read(
        self, aggregate: Aggregate[S], id: UUID, known: Loaded[S] | None, connection: Any = None
    ) -> Loaded[S]:
        """As it is now; only what is newer than ``known`` is read."""
        form = form_of(aggregate)
        if known is not None or form is None:
            start = known or ABSENT
            newer = await self._log.past(id, after_version=start.version, connection=connection)
        else:
            taken, newer = await self._log.past_since_snapshot(id, aggregate.name, form.version, connection)
            start = _opened(aggregate, taken)
            if taken is not None and start is ABSENT:
                newer = await self._log.past(id, connection=connection)
        loaded = await self._folded(aggregate, start, newer, connection=connection)
        # Inside a transaction we may see what is never committed.
        return loaded if connection else self._kept(aggregate, id, loaded, newer)

    async def read_until(self, aggregate: Aggregate[S], id: UUID, until: datetime) -> Loaded[S]:
        """As it was recorded until a moment: always from the first fact."""
        return await self._folded(aggregate, ABSENT, await self._log.past(id, until=until))

    async def read_many(self, names: Mapping[Name, Aggregate[Any]]) -> dict[Name, Loaded[Any]]:
        """Those that exist in three queries, and one more for each stream that has a snapshot. The first one
        tells of the others."""
        begun = await self._log.versions([id for _, id in names])
        loaded = {name: ABSENT for name in names if name[1] not in begun}
        if not begun:
            return loaded
        wanted = {name: aggregate for name, aggregate in names.items() if name[1] in begun}
        starts = await self._starts(wanted)
        whole = await self._log.pasts(list({name[1] for name in wanted if name not in starts}))
        for name, aggregate in wanted.items():
            id = name[1]
            start = starts.get(name, ABSENT)
            newer = (
                whole.get(id) if start is ABSENT else await self._log.past(id, after_version=start.version)
            )
            if newer is None:
                loaded[name] = start
            else:
                folded = await self._folded(aggregate, start, newer, *whole.values())
                loaded[name] = self._kept(aggregate, id, folded, newer)
        return loaded

    async def _starts(self, wanted: Mapping[Name, Aggregate[Any]]) -> dict[Name, Loaded[Any]]:
        names = [
            (aggregate.name, id, form.version)
            for (_, id), aggregate in wanted.items()
            if (form := form_of(aggregate)) is not None
        ]
        found = await self._log.snapshots.find(names) if names else {}
        starts = {name: _opened(wanted[name], taken) for name, taken in found.items() if name in wanted}
        return {name: start for name, start in starts.items() if start is not ABSENT}

    async def _folded(
        self, aggregate: Aggregate[S], start: Loaded[S], facts: Past, *others: Past, connection: Any = None
    ) -> Loaded[S]:
        """``others``: whose keys will be needed as well."""
        try:
            return _fold(aggregate, start, facts)
        except KeyNotLoaded:
            assert self._log.codec.keys is not None, "only they are missed"
            owners = [owner for past in (facts, *others) for owner in past.sealed_by()]
            with await self._log.codec.keys.held(owners, connection):
                return _fold(aggregate, start, facts)

    def _kept(self, aggregate: Aggregate[S], id: UUID, loaded: Loaded[S], facts: Past) -> Loaded[S]:
        if len(facts) > SNAPSHOT_AFTER and loaded.state is not None:
            self._taker.take(aggregate, id, loaded.version, loaded.state)
        return loaded


def _opened(aggregate: Aggregate[S], taken: Snapshot | None) -> Loaded[S]:
    """ABSENT when there is no snapshot, or none that can be read."""
    form = form_of(aggregate)
    if taken is None or form is None:
        return ABSENT
    try:
        return Loaded(form.decode(taken.state), taken.version)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        _logger.warning("snapshot.unreadable", aggregate=aggregate.name, error=str(error))
        return ABSENT


def _fold(aggregate: Aggregate[S], start: Loaded[S], facts: Past) -> Loaded[S]:
    state = start.state
    version = start.version
    evolve = aggregate.evolve
    past = facts if aggregate.keeps_personal else facts.unopened()
    for version, fact in past:  # noqa: B007 - the last one is the stream's
        state = evolve(state, fact)
    return Loaded(state, version)
