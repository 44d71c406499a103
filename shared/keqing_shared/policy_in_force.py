"""The policy that a running context goes by: what its log has, also when another process changed it."""

import asyncio
from typing import Any

import structlog

from keqing_shared.log import Log
from keqing_shared.outage import DATABASE_AWAY
from keqing_shared.policy import POLICY, in_force, policy_id
from keqing_shared.settings import SettingsWrong
from keqing_shared.streams import Streams

PAUSE = 0.5
"""Seconds between two looks while the log grows."""
LONGEST = 30.0
"""Between two looks while it does not."""

_log = structlog.get_logger(__name__)


class PolicyInForce:
    """``policy`` is as it is now: read it each time, it may be another the next."""

    def __init__(self, context: str, initial: Any, log: Log, streams: Streams) -> None:
        self.policy = initial
        self.version = 0
        self._id = policy_id(context)
        self._initial = initial
        self._log = log
        self._streams = streams

    async def begin(self) -> None:
        """Raises SettingsWrong for a policy that does not read."""
        try:
            await self.load()
        except ValueError as wrong:
            raise SettingsWrong(
                f"the policy was kept by other code: {wrong}; give PolicyChanged an upcaster"
            ) from wrong

    async def load(self) -> None:
        """As the log has it; every ``decide`` from now on gets this one."""
        loaded = await self._streams.load(POLICY, self._id)
        if loaded.version != self.version:
            self.policy = self._streams.policy = in_force(loaded.state, self._initial)
            self.version = loaded.version

    async def follow(self) -> None:
        """Until cancelled; outlives a lost database."""
        position = 0
        while True:
            try:
                await self._log.wait_beyond(position, LONGEST)
                reached = self._log.position  # taken before the look: what comes after it wakes us again
                await self.load()
                position = reached
            except DATABASE_AWAY as error:
                _log.info("policy.unreachable", error=type(error).__name__)
            await asyncio.sleep(PAUSE)
