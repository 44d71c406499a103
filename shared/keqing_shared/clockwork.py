"""The clockwork: what becomes due as time passes, done by one process at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog

from keqing_shared.lease import Lease, LeaseLost

if TYPE_CHECKING:
    from keqing_shared.service import Service

FIRST_RETRY = 1.0
LONGEST_RETRY = 60.0
"""Seconds until a duty that failed is tried again; never longer than its own period."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Duty:
    """Something to look after every so many seconds of real time, and whenever the clock was set.

    ``run`` finds what is due and says how many facts it made. It must be idempotent: it is run
    again after a failure, and by the next holder of the lease.
    """

    name: str
    every: float
    run: "Callable[[Service, datetime], Awaitable[int]]"


@dataclass
class DutyState:
    """How a duty has gone in this process."""

    runs: int = 0
    facts: int = 0
    failures: int = 0
    failed_in_a_row: int = 0
    error: str | None = None
    due_at: float = 0.0
    """On the event loop's clock."""


class Clockwork:
    """Runs the duties of one context, in order, under a lease."""

    def __init__(self, service: "Service", duties: Sequence[Duty], ttl: float = 3.0) -> None:
        names = [duty.name for duty in duties]
        if len(names) != len(set(names)):
            raise ValueError(f"two duties have one name: {sorted(names)}")
        self._service = service
        self._duties = tuple(duties)
        self._ttl = ttl
        self.states: dict[str, DutyState] = {name: DutyState() for name in names}
        self.holds_lease = False

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                async with Lease(self._service.pool, "clockwork", self._ttl).held():
                    self.holds_lease = True
                    await self._tick()
            except LeaseLost:
                continue
            finally:
                self.holds_lease = False

    async def once(self) -> int:
        """Every duty now, whoever holds the lease; how many facts they made. Raises what they raise."""
        made = 0
        for duty in self._duties:
            made += await duty.run(self._service, self._service.clock.now())
        return made

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        clock = self._service.clock
        for state in self.states.values():
            state.due_at = 0.0
        while True:
            turns = clock.turns
            for duty in self._duties:
                if self.states[duty.name].due_at <= loop.time():
                    await self._try(duty, self.states[duty.name])
            soonest = min(
                (state.due_at for state in self.states.values()), default=loop.time() + LONGEST_RETRY
            )
            if await clock.turned(turns, max(0.0, soonest - loop.time())):
                for state in self.states.values():
                    state.due_at = 0.0

    async def _try(self, duty: Duty, state: DutyState) -> None:
        loop = asyncio.get_running_loop()
        try:
            made = await duty.run(self._service, self._service.clock.now())
        except Exception as error:
            state.failures += 1
            state.failed_in_a_row += 1
            state.error = type(error).__name__
            pause = min(duty.every, LONGEST_RETRY, FIRST_RETRY * 2 ** (state.failed_in_a_row - 1))
            state.due_at = loop.time() + pause
            _log.warning("duty.failed", duty=duty.name, error=state.error, **_where(error))
        else:
            state.runs += 1
            state.facts += made
            state.failed_in_a_row = 0
            state.error = None
            state.due_at = loop.time() + duty.every


def _where(error: BaseException) -> dict[str, Any]:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return {} if trace is None else {"where": f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"}
