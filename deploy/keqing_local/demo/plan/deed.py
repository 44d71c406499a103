"""What somebody does in the demo company: one command to the public API, at a moment of its year."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

Body = Mapping[str, Any]
NAMED = re.compile(r"\{([^}]+)\}")
"""An id in a path, by its name."""


@dataclass(frozen=True)
class Ref:
    """Stands in a body for the id that an earlier deed was answered with, under the name it gave it."""

    name: str


@dataclass(frozen=True)
class Deed:
    at: datetime
    who: str
    """Login of the person who does it, in all roles that person has."""
    path: str
    """May name ids like a body does, in braces: ``/pipeline/opportunities/{O0001-1}/calls``."""
    body: Body
    makes: str | None = None
    """The name under which later deeds know the id in its answer."""
    why: str | None = None
    method: Literal["POST", "PUT"] = "POST"
    key: str = ""
    """Idempotency-Key: the same in every run of the same plan."""

    @property
    def context(self) -> str:
        return self.path.split("/", 2)[1]

    @property
    def needs(self) -> tuple[str, ...]:
        """Names that earlier deeds must have made. A callback (``O0001-1/three_days``) is planned by the
        service desk itself: it needs its opportunity."""
        in_path = (name.partition("/")[0] for name in NAMED.findall(self.path))
        return (*in_path, *_references(self.body))


@dataclass
class Diary:
    """Deeds that need each other's order: those around one customer."""

    name: str
    ends: datetime
    """Nothing is planned after it: what would come later is left to the present."""
    _deeds: list[Deed] = field(default_factory=list)

    def note(
        self,
        at: datetime,
        who: str,
        path: str,
        body: Body,
        *,
        makes: str | None = None,
        why: str | None = None,
        method: Literal["POST", "PUT"] = "POST",
    ) -> bool:
        """Whether it still lies within the year; who plans on needs to know."""
        if at > self.ends:
            return False
        self._deeds.append(Deed(at, who, path, body, makes, why, method))
        return True

    def deeds(self) -> list[Deed]:
        """In the order of their moments, and as noted where those are equal."""
        ordered = sorted(self._deeds, key=lambda deed: deed.at)
        return [replace(deed, key=f"demo-{self.name}-{number}") for number, deed in enumerate(ordered, 1)]


def _references(body: Any) -> Iterator[str]:
    match body:
        case Ref(name):
            yield name
        case dict():
            for member in body.values():
                yield from _references(member)
        case list():
            for member in body:
                yield from _references(member)


def money(amount: int | str, currency: str = "CNY") -> dict[str, str]:
    """As the API takes it; ``amount`` in whole units, or a decimal in text."""
    text = str(amount)
    return {"amount": text if "." in text else f"{text}.00", "currency": currency}
