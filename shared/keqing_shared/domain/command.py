"""Commands: what somebody wants done."""

from typing import dataclass_transform

import msgspec


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class _CommandMeta(msgspec.StructMeta):
    def __new__(mcls, name, bases, ns, **config):  # type: ignore[no-untyped-def]
        return super().__new__(mcls, name, bases, ns, **{"frozen": True, "kw_only": True, **config})


class Command(msgspec.Struct, metaclass=_CommandMeta):
    """A wish put to an aggregate; trusted input, already validated at the edge.

    Whatever the rules need from outside comes as a field: the time, ids, other aggregates' answers.
    """
