"""A context as data: what app.py wires together."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter

from keqing_shared.domain import Aggregate, Fact, Recorded
from keqing_shared.exporting import EXPORTING, ExportBegun, ExportEnded
from keqing_shared.history import READING, HistoryRead
from keqing_shared.log import NewFact
from keqing_shared.messaging.published import Published
from keqing_shared.policy import POLICY, PolicyChanged
from keqing_shared.privacy.erasure import ERASURE, KeyDestroyed, PersonalDataErased

if TYPE_CHECKING:
    from keqing_shared.clockwork import Duty
    from keqing_shared.directory import Directory
    from keqing_shared.messaging import Reactions
    from keqing_shared.service import Service
    from keqing_shared.unit import Unit
    from keqing_shared.views import View


Heed = Callable[["Unit", Aggregate[Any], Sequence[NewFact], str | None], Awaitable[None]]
"""Told, for each command, of the unit of work, the kind of stream, the facts decided and why; raises what
refuses them."""


def _publish_nothing(it: Recorded[Any]) -> None:
    """For a context that tells the others nothing."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """One bounded context: its rules, views, conversations and routes."""

    name: str
    """As HTTP and NATS say it: ``service-desk``."""
    aggregates: Sequence[Aggregate[Any]]
    routers: Sequence[APIRouter] = ()
    """Flat: a router included in another is refused."""
    views: "Sequence[View]" = ()
    publish: Callable[[Recorded[Any]], Published | None] = _publish_nothing
    reactions: "Reactions | None" = None
    clockwork: "Sequence[Duty]" = ()
    policy: Any = None
    """The numbers it begins with; those in force are handed to every ``decide`` and served at
    ``/<name>/policy``."""
    tables: Sequence[str] = ()
    """Further DDL, idempotent, run in the context's schema at every start."""
    directory: "Callable[[Service], Directory] | None" = None
    """Makes what answers ``ask.directory``; None: the tables that ``follow_directory`` keeps."""
    alongside: "Mapping[str, Callable[[Service], Awaitable[None]]]" = field(default_factory=dict)
    """Further named tasks run beside the clockwork until cancelled, each on one process at a time."""
    heed: "Heed | None" = None
    """What a person's commands have to pass once they are decided."""
    examples: Mapping[tuple[str, str], Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    """Bodies to try, by method and path, media type and what each shows."""
    title: str = ""
    package: str = ""
    """Its package, whose ``locale/`` says its refusals in other languages."""

    @property
    def schema(self) -> str:
        """The PostgreSQL schema: ``service_desk``."""
        return self.name.replace("-", "_")

    @property
    def prefix(self) -> str:
        """Where HTTP finds it: ``/service-desk``."""
        return f"/{self.name}"

    @property
    def facts(self) -> tuple[type[Fact], ...]:
        """Every fact type of its log."""
        return tuple(dict.fromkeys(fact for aggregate in self.kept for fact in aggregate.facts))

    @property
    def kept(self) -> tuple[Aggregate[Any], ...]:
        """Its aggregates, and those that every context has."""
        return (*self.aggregates, READING, EXPORTING, ERASURE, POLICY)

    def told(self, it: Recorded[Any]) -> Published | None:
        """What the others hear of a fact."""
        match it.fact:
            case HistoryRead() | ExportBegun() | ExportEnded() | PolicyChanged() | KeyDestroyed():
                return None
            case PersonalDataErased():
                return Published(type(it.fact).__name__, {})
        return self.publish(it)
