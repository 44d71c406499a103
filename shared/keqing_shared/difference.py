"""What is other than before: of a policy, or of anything at two moments."""

from collections.abc import Iterator
from typing import Any

from keqing_shared.domain import value


@value
class Difference:
    """One member by its path, ``touch_every.won``; null: there was none, or there is none any more."""

    path: str
    before: Any
    after: Any


def differences(before: Any, after: Any, path: str = "") -> Iterator[Difference]:
    """Between two documents of JSON; a list is one member."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys((*before, *after)):
            inner = f"{path}.{name}" if path else name
            yield from differences(before.get(name), after.get(name), inner)
    elif before != after:
        yield Difference(path=path, before=before, after=after)
