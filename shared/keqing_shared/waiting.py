"""Those who wait for the next news."""

import asyncio


class Waiting:
    """Each waits once, for as long as it likes; all are woken together."""

    def __init__(self) -> None:
        self._waiters: set[asyncio.Future[None]] = set()

    async def woken(self, seconds: float) -> bool:
        """True as soon as there is news, False after ``seconds``."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            async with asyncio.timeout(seconds):  # not wait_for, which may swallow a cancellation
                await waiter
        except TimeoutError:
            return False
        finally:
            self._waiters.discard(waiter)
        return True

    def wake(self) -> None:
        """There is news."""
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)
