"""A customer is forgotten as a person: in every context, in every file, for ever; and nobody else notices."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from keqing_local.catalogue.example import Example
from keqing_local.database import create_database
from keqing_local.nats import EmbeddedNats
from keqing_local.postgres import THROW_AWAY, EmbeddedPostgres
from keqing_shared.domain import Aggregate, Fact
from keqing_shared.log import Meta, NewFact, Request
from keqing_shared.log.verify import verify
from keqing_shared.privacy.remains import end_wal_segment, rewrite, with_remains
from keqing_shared.service import Service
from keqing_shared.streams import Streams
from keqing_shared.views import rebuild
from tests.harness import Serving
from tests.journeys.house import CONTEXTS, House, house

NOBODY = UUID(int=7)


class Person:
    """Whose every word can be told from everybody else's."""

    def __init__(self, phone: str) -> None:
        self.mark = f"zq{uuid4().hex[:12]}"
        self.phone = phone

    def says(self, what: str) -> str:
        return f"{what} {self.mark}"

    @property
    def traces(self) -> tuple[bytes, ...]:
        return (self.mark.encode(), self.phone.encode())


class Place:
    """Servers of its own, whose files can be looked through."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.postgres = EmbeddedPostgres(home / "postgres", {**THROW_AWAY, "wal_recycle": "off"})
        self.nats = EmbeddedNats(home / "nats", accounts=["all"])

    def files_with(self, person: Person) -> list[str]:
        return sorted(
            str(path.relative_to(self.home))
            for path in self.home.rglob("*")
            if path.is_file() and any(trace in path.read_bytes() for trace in person.traces)
        )


@pytest.fixture
async def place(tmp_home: Path) -> AsyncIterator[Place]:
    place = Place(tmp_home)
    place.postgres.start()
    place.nats.start()
    yield place
    place.nats.stop()
    place.postgres.stop()


async def every_kind_of_fact(context: Serving, customer_id: UUID, person: Person) -> None:
    """One stream of each aggregate with an example of each of its facts, whatever facts there are."""
    now = datetime.now(UTC)
    for aggregate in context.service.context.aggregates:
        id = uuid4()
        facts = [_about(customer_id, Example(personal=person.mark).build(fact)) for fact in aggregate.facts]
        facts = [fact for fact in facts if not _ends(fact)]
        news = tuple(NewFact(id, n, fact, _whose(aggregate, customer_id)) for n, fact in enumerate(facts, 1))
        why = person.says("because") if _whose(aggregate, customer_id) else None
        await context.service.log.append(Request(news, Meta(who="li.wei", why=why), now, id, len(news)))


def _about(customer_id: UUID, fact: Fact) -> Fact:
    if "customer_id" in fact.__struct_fields__:
        return msgspec.structs.replace(fact, customer_id=customer_id)
    return fact


def _ends(fact: Fact) -> bool:
    return type(fact).__name__ in {"CustomerErased", "ErasureConfirmed"}


def _whose(aggregate: Aggregate[Any], customer_id: UUID) -> UUID | None:
    return None if aggregate.name in {"user", "webhook"} else customer_id


async def lived(house: House, person: Person, kind: str) -> str:
    """A customer with a little of everything that people enter."""
    say = person.says
    file: dict[str, Any] = {
        "kind": kind,
        "name": say("王丽"),
        "source": "walk_in",
        "phones": [person.phone],
        "note": say("left-handed"),
    }
    if kind == "individual":
        file["individual"] = {"family": say("two children"), "buying_habits": say("haggles")}
    else:
        file["name"] = f"{kind} of {person.phone[-4:]}"
        file["enterprise"] = {"basics": {"legal_representative": say("李雷")}}
    customer = await house.do("li.wei", "/pipeline/customers", file)
    contact = {"name": say("韩梅"), "roles": ["decider"], "phones": [person.phone], "donts": say("no wine")}
    await house.do("li.wei", f"/pipeline/customers/{customer}/contacts", contact)
    deal = await house.do("li.wei", "/pipeline/opportunities", {"customer_id": customer, "title": "车床"})
    call = {
        "outcome": "interactive",
        "signals": ["asks_price"],
        "with_whom": [say("韩梅")],
        "note": say("son"),
    }
    reason = {"Keqing-Reason": say("because").replace(" ", "%20"), "Idempotency-Key": f"call-{customer}"}
    await house.do("li.wei", f"/pipeline/opportunities/{deal}/calls", call, headers=reason)
    await house.do("li.wei", f"/pipeline/opportunities/{deal}/stage", {"to": "3"})
    await house.do(
        "zhao.min", f"/pipeline/customers/{customer}/owner", {"owner": "sun.li", "reason": say("ill")}
    )
    today = datetime.now(UTC).date().isoformat()
    for number in ("1", "2"):
        invoice = {
            "customer_id": customer,
            "number": f"{person.phone[-4:]}-{number}",
            "issued_on": today,
            "due_on": today,
            "amount": {"amount": "1000.00", "currency": "CNY"},
        }
        id = await house.do("he.ping", "/collections/invoices", invoice)
    await house.do("wang.fang", f"/collections/invoices/{id}/dispute", {"reason": say("says it is wrong")})
    complaint = {
        "customer_id": customer,
        "category": "quality",
        "severity": "major",
        "what_happened": say("the spindle hums"),
        "complainant": {"name": say("韩梅"), "manner": "irritable"},
    }
    id = await house.do("chen.jie", "/service-desk/complaints", complaint)
    apology = {"apology": say("sorry"), "heard_out": True}
    await house.do("chen.jie", f"/service-desk/complaints/{id}/acknowledgement", apology)
    return customer


QUESTIONS = (
    ("zhao.min", "/pipeline/board"),
    ("zhao.min", "/pipeline/funnel"),
    ("he.ping", "/collections/ageing"),
    ("he.ping", "/collections/ageing?by=owner&basis=invoice"),
    ("auditor", "/service-desk/pareto"),
)


async def numbers(house: House) -> list[Any]:
    """Ageing, counts and amounts as people see them."""
    await caught_up(house)
    return [(await house.call(who, "GET", path)).json() for who, path in QUESTIONS]


async def caught_up(house: House) -> None:
    for serving in house.services.values():
        await serving.catch_up()


async def read_everything(house: House, customer_id: str) -> str:
    """What the routes show of the customer."""
    shown = []
    for context in CONTEXTS:
        path, after = f"/{context.name}/audit/customers/{customer_id}", ""
        while True:
            page = (await house.call("auditor", "GET", f"{path}?limit=200{after}")).json()
            shown.append(page)
            if not page.get("next"):
                break
            after = f"&after={page['next']}"
        shown.append((await house.call("auditor", "GET", f"{path}/state")).json())
    for path in (
        f"/pipeline/customers/{customer_id}",
        f"/pipeline/customers/{customer_id}/contacts",
        "/pipeline/customers?limit=200",
        "/pipeline/opportunities?limit=200",
        "/pipeline/touches?limit=200",
        "/service-desk/complaints?limit=200",
        "/service-desk/callbacks?limit=200",
        "/collections/invoices?limit=200",
        "/collections/payments?limit=200",
    ):
        shown.append((await house.call("auditor", "GET", path)).json())
    for who in ("li.wei", "sun.li", "zhao.min", "chen.jie", "he.ping"):
        shown.append((await house.call(who, "GET", "/notify/inbox?limit=200")).json())
    return msgspec.json.encode(shown).decode()


async def loaded(house: House) -> dict[UUID, Any]:
    """Every stream of every context, by a process that has nothing in memory: its version and state."""
    found = {}
    for serving in house.services.values():
        service = serving.service
        of = {fact.topic.rpartition(".v")[0]: it for it in service.context.kept for fact in it.facts}
        rows = await service.pool.fetch("SELECT DISTINCT ON (originator_id) originator_id, topic FROM facts")
        streams = Streams(service.log, service.clock, service.policy)
        for id, topic in rows:
            one = await streams.load(of[topic.rpartition(".v")[0]], id)
            found[id] = (one.version, one.state)
        await streams.settled()
    return found


async def confirmed(house: House, customer_id: str) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while True:
            state = (await house.call("admin", "GET", f"/pipeline/customers/{customer_id}/erasure")).json()
            if state["complete"]:
                return dict(state)
            await asyncio.sleep(0.1)


async def scrubbed(service: Service) -> None:
    """As ``keqing scrub`` does."""
    for view in with_remains(service.context.views):
        await rebuild(service.pool, service.log, view)
    await rewrite(service.pool)
    assert await end_wal_segment(service.pool)


async def rows_of_views(house: House) -> dict[str, list[str]]:
    await caught_up(house)
    return {
        f"{name} {table.name}": sorted(
            str(dict(row)) for row in await serving.service.pool.fetch(f'SELECT * FROM "{table.name}"')
        )
        for name, serving in house.services.items()
        for view in serving.service.context.views
        for table in view.tables
    }


@pytest.mark.timeout(120)
async def test_an_erased_customer_is_forgotten_everywhere_and_nobody_else(
    place: Place, capfd: pytest.CaptureFixture[str]
) -> None:
    li, firm, other = Person("+8613912345678"), Person("+8613912340002"), Person("+8613912340003")
    database = await create_database(place.postgres.url("postgres"), "keqing")
    async with house(database, place.nats.url("all"), place.home / "home") as it:
        ids = {
            one: await lived(it, one, kind)
            for one, kind in ((li, "individual"), (firm, "enterprise"), (other, "individual"))
        }
        for one in (li, firm):
            for serving in it.services.values():
                await every_kind_of_fact(serving, UUID(ids[one]), one)
        before, states = await numbers(it), await loaded(it)
        assert li.mark in await read_everything(it, ids[li])
        assert place.files_with(li), "views hold in clear what is asked for"

        for one in (li, firm):
            order = {"reason": "their letter of 2 March"}
            erased = await it.call("admin", "POST", f"/pipeline/customers/{ids[one]}/erasure", json=order)
            assert erased.status_code == 202, erased.text
        for one in (li, firm):
            state = await confirmed(it, ids[one])
            assert state["reason"] == "their letter of 2 March"
            assert [each["context"] for each in state["contexts"]] == [it.name for it in CONTEXTS]

        assert await numbers(it) == before
        for one in (li, firm):
            seen = await read_everything(it, ids[one])
            assert not [trace for trace in one.traces if trace.decode() in seen]
        assert "[erased]" in seen
        card = (await it.call("zhao.min", "GET", f"/pipeline/customers/{ids[firm]}")).json()
        assert (card["name"], card["erased"], card["won"]) == ("enterprise of 0002", True, 0)
        assert other.mark in await read_everything(it, ids[other])

        again = await loaded(it)
        blanked = await rows_of_views(it)
        for serving in it.services.values():
            await scrubbed(serving.service)
        assert await rows_of_views(it) == blanked, "blanked or built anew: the same rows"
        for one in (li, firm):
            assert place.files_with(one) == []
        assert place.files_with(other)
        for serving in it.services.values():
            async with serving.service.pool.acquire() as connection:
                assert (await verify(connection)).finding is None
        assert await numbers(it) == before

        assert {id: version for id, (version, _) in again.items() if id in states}.keys() == states.keys()
        assert not [
            state for _, state in again.values() if li.mark in repr(state) or firm.mark in repr(state)
        ]
    printed = "".join(capfd.readouterr())
    assert not [trace for one in (li, firm, other) for trace in one.traces if trace.decode() in printed]
