"""Where facts come from, as far as views care."""

from collections.abc import Sequence
from typing import Any, Protocol

from keqing_shared.domain import Recorded


class FactSource(Protocol):
    """A context's log: gapless positions from 1."""

    name: str

    async def read(self, after: int, limit: int, *, opened: bool = True) -> Sequence[Recorded[Any]]:
        """Up to ``limit`` facts beyond ``after``, in order, without a gap; not ``opened``: what is personal
        reads as if it were erased."""
        ...

    async def head(self) -> int:
        """The last committed position; 0 when the log is empty."""
        ...

    async def wait_beyond(self, position: int, timeout: float) -> bool:
        """True once the log reaches beyond the position; False after ``timeout`` seconds."""
        ...
