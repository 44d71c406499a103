"""What a context tells the others about a fact of its own."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from keqing_shared.domain import Recorded

_NAME = re.compile(r"[A-Z][A-Za-z0-9]*")


class Published(msgspec.Struct, frozen=True):
    """A public event: its name in the words of the business, and the members that travel.

    ``data`` is an object (a struct, an ``@value`` or a dict) without any personal data.
    """

    name: str
    data: Any

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"a public event is called like DealWon, not {self.name!r}")
        if not (
            isinstance(self.data, msgspec.Struct | Mapping) or hasattr(self.data, "__dataclass_fields__")
        ):
            raise TypeError(f"{self.name}: data is an object, not {type(self.data).__name__}")


Publish = Callable[[Recorded[Any]], Published | None]
"""Must be deterministic: a lost stream is published again from the log, and has to say the same."""
