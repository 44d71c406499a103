"""The other contexts as notify knows them: somebody with a log and a relay who tells things over NATS."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec

from keqing_notify.app import CONTEXT
from keqing_shared.context import Context
from keqing_shared.domain import Aggregate, Command, Fact, Recorded
from keqing_shared.messaging import Published
from keqing_shared.service import Service
from keqing_shared.settings import Part
from tests.harness import Serving, serving


class Said(Fact, topic="neighbour.said.v1"):
    name: str
    customer_id: UUID | None
    data: dict[str, Any]


class Say(Command):
    name: str
    customer_id: UUID | None
    data: dict[str, Any]


class Speech(msgspec.Struct, frozen=True):
    customer_id: UUID | None


def _decide(command: Say, state: Speech | None, policy: object) -> list[Fact]:
    return [Said(name=command.name, customer_id=command.customer_id, data=command.data)]


SPEECH = Aggregate(
    name="speech",
    facts=(Said,),
    decide=_decide,
    evolve=lambda _, fact: Speech(fact.customer_id),
    customer_of=lambda _, speech: speech.customer_id,
    state=Speech,
)


def _publish(it: Recorded[Any]) -> Published | None:
    return Published(it.fact.name, it.fact.data) if isinstance(it.fact, Said) else None


@dataclass
class Neighbours:
    """Pipeline, service desk and collections, with one customer of theirs after the other."""

    services: dict[str, Service]
    notify: Serving

    async def say(
        self, source: str, name: str, customer_id: UUID | None, data: dict[str, Any], who: str = "test"
    ) -> int:
        """A fact in that context's log; its position there."""
        say = Say(name=name, customer_id=customer_id, data=data)
        return (await self.services[source].execute(SPEECH, uuid4(), say, who=who)).position

    async def tell(
        self, source: str, name: str, customer_id: UUID | None, data: dict[str, Any], who: str = "test"
    ) -> None:
        """Said, and known to notify and its views."""
        await self.heard(source, await self.say(source, name, customer_id, data, who))

    async def heard(self, source: str, position: int) -> None:
        """Until notify has taken it in, and its views as well."""
        assert self.notify.service.consumers is not None
        await self.notify.service.consumers.wait_for(source, position, 20)
        await self.notify.catch_up()

    async def enrol(
        self,
        login: str,
        *roles: str,
        manager: str | None = None,
        language: str = "zh",
        name: str | None = None,
    ) -> None:
        """A person of the directory."""
        person = {
            "login": login, "name": login, "roles": list(roles), "team": None,
            "manager": manager, "language": language, "active": True,
        }  # fmt: skip
        await self.tell("pipeline", "UserEnrolled", None, person)

    async def customer(self, owner: str, name: str | None = "远东机械") -> UUID:
        """A customer of the directory; without a name a person."""
        customer_id = uuid4()
        await self.tell("pipeline", "CustomerRegistered", customer_id, registered(owner, name))
        return customer_id


def registered(owner: str, name: str | None = "远东机械") -> dict[str, Any]:
    """What pipeline says of a new customer."""
    kind = "enterprise" if name else "individual"
    return {"kind": kind, "name": name, "owner": owner, "importance": "ordinary", "external": []}


SOURCES = ("pipeline", "service-desk", "collections")
EVERYTHING: frozenset[Part] = frozenset({"http", "views", "relay", "reactions", "clockwork"})


@asynccontextmanager
async def others(database: str, nats: str, home: Path) -> AsyncIterator[dict[str, Service]]:
    """The three that notify listens to."""
    async with AsyncExitStack() as stack:
        services = {}
        for source in SOURCES:
            context = Context(name=source, aggregates=(SPEECH,), publish=_publish)
            it = await stack.enter_async_context(serving(context, database, home, nats, frozenset({"relay"})))
            services[source] = it.service
        yield services


@asynccontextmanager
async def notifying(
    services: dict[str, Service], database: str, nats: str, home: Path, *, context: Context = CONTEXT
) -> AsyncIterator[Neighbours]:
    """Notify among them, with its clockwork and sender."""
    async with serving(context, database, home, nats, EVERYTHING) as notify:
        yield Neighbours(services, notify)
