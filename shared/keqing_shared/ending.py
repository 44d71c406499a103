"""How a task is ended that runs until it is cancelled."""

import asyncio
from typing import Any

CANCEL_AGAIN_SECONDS = 0.5


async def end(task: asyncio.Task[Any], patience: float) -> bool:
    """Whether it has ended within so many seconds.

    It is cancelled until it heeds: ``asyncio.wait_for`` of Python 3.11, with which nats-py waits, swallows a
    cancellation that comes in the same moment as the answer.
    """
    clock = asyncio.get_running_loop().time
    until = clock() + patience
    while not task.done() and clock() < until:
        task.cancel()
        await asyncio.wait([task], timeout=CANCEL_AGAIN_SECONDS)
    return task.done()
