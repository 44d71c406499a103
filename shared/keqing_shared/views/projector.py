"""One reader of a context's log that keeps all its views up to date."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import structlog
from prometheus_client import Gauge

from keqing_shared.domain import Recorded
from keqing_shared.logs import told_of
from keqing_shared.outage import is_outage
from keqing_shared.views.batch import apply
from keqing_shared.views.checkpoint import Checkpoint, ViewState, checkpoints, mark_stuck, move
from keqing_shared.views.fitting import fit
from keqing_shared.views.source import FactSource
from keqing_shared.views.standing import BATCH, Standing
from keqing_shared.views.storage import PREFER_INDEXES
from keqing_shared.views.view import View

IDLE_SECONDS = 1.0
"""The longest wait for a new fact before looking again."""
POLL_SECONDS = 0.05
"""How often a waiting reader looks at the checkpoint when another process projects."""
OTHER_CODE_SECONDS = 5.0
"""How often to look whether tables of another version have become ours."""
LONGEST_OUTAGE_PAUSE = 5.0

VIEW_POSITION = Gauge("keqing_view_position", "Log position a view has reached", ["context", "view"])
VIEW_STUCK = Gauge("keqing_view_stuck", "1 while a view is stuck at a fact", ["context", "view"])

_log = structlog.get_logger(__name__)


class ViewStuck(Exception):
    """A view cannot get beyond a fact."""


class _Refused(Exception):
    """This view cannot take the batch; the transaction is rolled back for all of them."""

    def __init__(
        self, standing: Standing, after: int, facts: Sequence[Recorded[Any]], error: Exception
    ) -> None:
        super().__init__(standing.name)
        self.standing = standing
        self.after = after
        self.facts = facts
        self.error = error


class Projector:
    """Feeds every view of a context from one reading of its log.

    Any number of processes may run one: whoever holds the checkpoint rows applies, the others find
    it done. A view that is behind catches up by itself without holding up those in step.
    """

    def __init__(self, pool: Any, log: FactSource, views: Sequence[View], *, batch: int = BATCH) -> None:
        tables = [table.name for view in views for table in view.tables]
        for names in ([view.name for view in views], tables):
            doubled = {name for name in names if names.count(name) > 1}
            if doubled:
                raise TypeError(f"several views or tables are called {', '.join(sorted(doubled))}")
        self._pool = pool
        self._log = log
        self._standings = [Standing(view, batch) for view in views]
        self._prepared = False
        self._running = False
        self._turn = asyncio.Lock()
        self._moved = asyncio.Event()

    async def prepare(self) -> None:
        """Makes tables that are missing and rebuilds those of another version, before anything is
        served from them; waits while another process does. A view that cannot be rebuilt keeps its
        old tables and says so in ``states``."""
        async with self._turn:
            for standing in self._standings:
                await fit(self._pool, self._log, standing.view)
            await self._look()
            self._prepared = True

    async def run(self) -> None:
        """Follows the log until cancelled, through outages of the database."""
        pause = 0.1
        self._running = True
        try:
            while True:
                try:
                    if not self._prepared:
                        await self.prepare()
                    while True:
                        async with self._turn:
                            moved = await self._round()
                        pause = 0.1
                        if not moved:
                            await self._idle()
                except Exception as error:
                    if not is_outage(error):
                        _log.exception("views.failed", context=self._log.name)
                    else:
                        _log.warning("views.interrupted", context=self._log.name, error=repr(error))
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, LONGEST_OUTAGE_PAUSE)
        finally:
            self._running = False

    async def catch_up(self) -> None:
        """Until every view has reached what is the log's head now. Raises ViewStuck when one cannot."""
        if not self._prepared:
            await self.prepare()
        head = await self._log.head()
        async with self._turn:
            for standing in self._standings:
                standing.rests_until, standing.error = 0.0, None
            while any(one.error is None and one.position < head for one in self._standings):
                await self._round()
            behind = [f"{one.name}: {one.error}" for one in self._standings if one.position < head]
            if behind:
                raise ViewStuck("; ".join(behind))

    async def wait_for(self, position: int, timeout: float) -> None:
        """Returns once every view that is not stuck has reached the position, whichever process
        projects. Raises TimeoutError after ``timeout`` seconds."""
        async with asyncio.timeout(timeout):
            if not self._running:
                await self._look_if_possible()
            while self._reached() < position:
                with suppress(TimeoutError):
                    async with asyncio.timeout(IDLE_SECONDS if self._running else POLL_SECONDS):
                        await self._moved.wait()
                        continue
                await self._look_if_possible()

    async def states(self) -> list[ViewState]:
        """Where each view stands, as all processes see it."""
        found = await checkpoints(self._pool, [one.name for one in self._standings])
        return [
            ViewState(
                name=one.name,
                version=found[one.name].version if one.name in found else one.view.version,
                position=found[one.name].position if one.name in found else 0,
                error=_error(one.view, found.get(one.name)),
            )
            for one in self._standings
        ]

    def _reached(self) -> float:
        return min((one.position for one in self._standings if one.error is None), default=float("inf"))

    async def _look(self) -> None:
        """What the checkpoints say, somebody else's progress included."""
        found = await checkpoints(self._pool, [one.name for one in self._standings])
        for one in self._standings:
            checkpoint = found.get(one.name)
            if not self._running or (checkpoint is not None and checkpoint.position > one.position):
                one.error = _error(one.view, checkpoint)
                one.position = max(one.position, checkpoint.position if checkpoint else 0)
        self._announce()

    async def _look_if_possible(self) -> None:
        try:
            await self._look()
        except Exception as error:
            if not is_outage(error):
                raise
            await asyncio.sleep(POLL_SECONDS)

    def _announce(self) -> None:
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()
        for one in self._standings:
            VIEW_POSITION.labels(self._log.name, one.name).set(one.position)
            VIEW_STUCK.labels(self._log.name, one.name).set(one.error is not None)

    async def _idle(self) -> None:
        now = asyncio.get_running_loop().time()
        position = max((one.position for one in self._standings if one.error is None), default=0)
        rests = [one.rests_until - now for one in self._standings if one.rests_until > now]
        seconds = max(0.01, min([IDLE_SECONDS, *rests]))
        if any(one.error is None for one in self._standings):
            await self._log.wait_beyond(position, seconds)
        else:
            await asyncio.sleep(seconds)

    async def _round(self) -> bool:
        """One batch for those in step, one for each that is behind; False when there was nothing."""
        now = asyncio.get_running_loop().time()
        groups: dict[tuple[int, int], list[Standing]] = {}
        for one in self._standings:
            if one.rests_until <= now:
                groups.setdefault((one.position, one.limit), []).append(one)
        lead = max((position for position, _ in groups), default=0)
        worked = False
        for (position, limit), group in sorted(groups.items(), key=lambda item: item[0], reverse=True):
            # Who is behind stops where the others stand, to go on in step with them.
            count = limit if position == lead else min(limit, lead - position)
            worked = await self._advance(group, position, count) or worked
        return worked

    async def _advance(self, group: list[Standing], position: int, count: int) -> bool:
        try:
            facts = await self._log.read(position, count, opened=any(one.view.personal for one in group))
        except Exception as error:
            if is_outage(error):
                raise
            for one in group:
                await self._failed(one, position, position + count, "a fact that cannot be read", error)
            return True
        if facts:
            try:
                await self._apply(group, facts)
            except _Refused as refusal:
                name = type(refusal.facts[0].fact).__name__
                last = refusal.facts[-1].position
                await self._failed(refusal.standing, refusal.after, last, name, refusal.error)
            self._announce()
        return bool(facts)

    async def _failed(self, standing: Standing, after: int, last: int, what: str, error: Exception) -> None:
        if standing.failed(after, last):
            text = f"at {last} ({what}): {told_of(error)}"[:2000].replace("\x00", "\ufffd")
            _log.error("view.stuck", view=standing.name, position=last, error=text, exc_info=error)
            await mark_stuck(self._pool, standing.name, after, text)
            standing.stuck(text, asyncio.get_running_loop().time())

    async def _apply(self, group: list[Standing], facts: Sequence[Recorded[Any]]) -> None:
        """In one transaction: the facts into every view that has not had them, and the checkpoint."""
        last = facts[-1].position
        now = asyncio.get_running_loop().time()
        reached: list[tuple[Standing, int]] = []
        async with self._pool.acquire() as connection:
            async with connection.transaction():
                await connection.execute(PREFER_INDEXES)
                locked = await checkpoints(connection, [one.name for one in group], lock=True)
                moving = []
                for one in group:
                    found = locked.get(one.name)
                    if found is None or not found.fits(one.view):
                        one.rest(_error(one.view, found) or "", now, OTHER_CODE_SECONDS)
                    elif found.position < facts[0].position - 1:
                        one.position = found.position  # the database lost or took back what it had told us
                    elif found.position >= last:
                        reached.append((one, found.position))
                    else:
                        await self._feed(connection, one, found.position, facts)
                        reached.append((one, last))
                        moving.append(one.name)
                if moving:
                    await move(connection, moving, last)
        for one, position in reached:
            one.moved(position)

    async def _feed(
        self, connection: Any, standing: Standing, after: int, facts: Sequence[Recorded[Any]]
    ) -> None:
        fresh = [it for it in facts if it.position > after]
        try:
            await apply(connection, standing.view, fresh)
        except Exception as error:
            if is_outage(error):
                raise
            raise _Refused(standing, after, fresh, error) from error


def _error(view: View, found: Checkpoint | None) -> str | None:
    if found is None:
        return "its tables are not made"
    if found.error or found.fits(view):
        return found.error
    return f"its tables are of other code (version {found.version}, here {view.version}): restart to rebuild"
