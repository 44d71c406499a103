"""Facts: what happened, in the words of the business, never edited."""

import re
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar, dataclass_transform
from uuid import UUID

import msgspec

_TOPIC = re.compile(r"^[a-z-]+\.[a-z0-9-]+\.v[1-9][0-9]*$")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class _FactMeta(msgspec.StructMeta):
    """Lets a fact say its topic in its class line, and makes it frozen and keyword-only."""

    def __new__(
        mcls: Any, name: str, bases: tuple[type, ...], ns: dict[str, Any], topic: str = "", **config: Any
    ) -> Any:
        cls = super().__new__(mcls, name, bases, ns, **{"frozen": True, "kw_only": True, **config})
        if topic:
            if not _TOPIC.match(topic):
                raise TypeError(f"{name}: a topic reads 'context.kebab-name.vN', not {topic!r}")
            cls.topic = topic
            cls.class_version = int(topic.rpartition(".v")[2])
        return cls

    def __init__(  # it exists only to take the topic out
        self, name: str, bases: tuple[type, ...], ns: dict[str, Any], topic: str = "", **config: Any
    ) -> None:
        super().__init__(name, bases, ns)


class Fact(msgspec.Struct, metaclass=_FactMeta):
    """Something that happened. Subclass with an explicit topic, never a module path:

    ``class CallLogged(Fact, topic="pipeline.call-logged.v1"): ...``

    Required fields come first. A changed shape is a new version: raise ``vN`` in the topic and
    add a static method ``upcast_vM_vN(state: dict) -> None`` that amends the decoded JSON object.
    """

    topic: ClassVar[str] = ""
    class_version: ClassVar[int] = 1

    def __init_subclass__(cls, topic: str = "", **config: Any) -> None:
        super().__init_subclass__(**config)


FactT = TypeVar("FactT", bound=Fact, covariant=True)


class Recorded(msgspec.Struct, Generic[FactT], frozen=True, kw_only=True):
    """A fact as the log keeps it: what, where in which stream, when recorded, by whom and why."""

    fact: FactT
    originator_id: UUID
    originator_version: int
    position: int
    """Place in the context's log: gapless, in commit order, from 1."""
    customer_id: UUID | None
    recorded_at: datetime
    """UTC. Business dates are the fact's own fields."""
    who: str
    """Login of the acting user, or the name of the part of the system that acted."""
    why: str | None
    command_id: UUID
    correlation_id: str
    causation_id: str | None
    """``context:position`` of the fact that led to this one, where one did."""
