"""Consumers: a context's intakes, one for every context that it listens to."""

import asyncio

from keqing_shared.messaging.intake import Intake
from keqing_shared.messaging.progress import passed
from keqing_shared.messaging.reactions import Reacting, Reactions

POLL_SECONDS = 0.05
"""How often one who waits looks at the checkpoint when another replica moves it."""


class Consumers:
    """Takes in what the other contexts tell; any number of replicas may run, one takes in each source."""

    def __init__(self, service: Reacting, reactions: Reactions, *, ttl: float = 3.0) -> None:
        self._nats = service.nats
        self._intakes = {source: Intake(service, reactions, source, ttl=ttl) for source in reactions.sources}

    async def run(self) -> None:
        """Runs until cancelled. Unlike a task group's, each further cancellation reaches the intakes too."""
        intakes = [
            asyncio.create_task(intake.run(), name=f"{intake.context}<-{intake.source}")
            for intake in self._intakes.values()
        ]
        await asyncio.gather(asyncio.Event().wait(), *intakes)

    async def wait_for(self, source: str, position: int, timeout: float) -> None:
        """Waits until this context has taken in everything of ``source`` up to that log position.

        Raises TimeoutError. Parked messages count as taken in. A source that is not listened to is
        nothing to wait for.

        The position itself may be of a fact that is not published, so waiting for a checkpoint beyond it
        could take for ever. While the checkpoint is short of it, the source's relay is asked (see
        ``progress``): once past the position it names the last one published by then, and a checkpoint
        there is enough, because between the two there is nothing that could arrive. On any replica, as
        the checkpoint is read from the database; at no cost to those who do not wait.
        """
        intake = self._intakes.get(source)
        if intake is None:
            return
        async with asyncio.timeout(timeout):
            if await intake.reached(position):
                return
            asking = asyncio.create_task(passed(self._nats, source, position))
            asking.add_done_callback(lambda _: intake.wake())
            try:
                while True:
                    enough = min(position, asking.result()) if asking.done() else position
                    if await intake.reached(enough):
                        return
                    await intake.movement(POLL_SECONDS)
            finally:
                asking.cancel()
