"""One order for the facts of several logs."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Entry = Mapping[str, Any]
"""A history entry as ``GET /<context>/audit/customers/{id}`` gives it; ``recorded_at`` as ISO 8601 in UTC."""


def merged(histories: Mapping[str, Sequence[Entry]]) -> Iterator[Entry]:
    """All entries by the time of recording, keeping two orders that clocks cannot be trusted with:
    each log's own, and that a fact comes after the fact of another context that led to it.
    """
    waiting = {context: deque(entries) for context, entries in histories.items() if entries}
    to_come = {_name(entry) for entries in histories.values() for entry in entries}
    while waiting:
        ready = [
            context for context, entries in waiting.items() if entries[0].get("causation_id") not in to_come
        ]
        # Two logs that wait for each other cannot be: a cause is recorded before its effect is made.
        context = min(ready or waiting, key=lambda name: (waiting[name][0]["recorded_at"], name))
        entry = waiting[context].popleft()
        if not waiting[context]:
            del waiting[context]
        to_come.discard(_name(entry))
        yield entry


def _name(entry: Entry) -> str:
    return f"{entry['context']}:{entry['position']}"
