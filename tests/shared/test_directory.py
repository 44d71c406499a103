"""The directory follows what pipeline tells, over a real NATS, and answers from its tables."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from keqing_shared.directory import (
    DIRECTORY_TABLES,
    CustomerEntry,
    Directory,
    Person,
    TableDirectory,
    follow_directory,
    survivor,
)
from keqing_shared.domain import Aggregate, Command, Fact, Recorded
from keqing_shared.log import Meta
from keqing_shared.messaging import Consumers, Event, Published, Reactions, Relay, Within
from tests.shared.messaging.post import FOLDER, Party, party, running


class Told(Fact, topic="pipeline.told.v1"):
    customer: UUID | None
    name: str
    data: dict[str, Any]


class Tell(Command):
    customer: UUID | None
    name: str
    data: dict[str, Any]


TELLER: Aggregate[Told] = Aggregate(
    name="teller",
    facts=(Told,),
    decide=lambda command, state, policy: [
        Told(customer=command.customer, name=command.name, data=command.data)
    ],
    evolve=lambda state, fact: fact,
    customer_of=lambda id, fact: fact.customer,
)


def publish(it: Recorded[Any]) -> Published:
    return Published(it.fact.name, it.fact.data)


class Pipeline:
    """Says to the others what the test has it say."""

    def __init__(self, pipeline: Party, consumers: Consumers) -> None:
        self._pipeline = pipeline
        self._consumers = consumers

    async def tells(self, event: str, customer: UUID | None = None, /, **data: Any) -> None:
        """Until the follower has heard it."""
        command = Tell(customer=customer, name=event, data=data)
        receipt = await self._pipeline.streams.execute(TELLER, uuid4(), command, Meta(who="test"))
        await self._consumers.wait_for("pipeline", receipt.position, 15)


@pytest.fixture
async def follower(database: str, nats_url: str) -> AsyncIterator[Party]:
    async with party("collections", database, nats_url, FOLDER) as follower:
        await follower.pool.execute(DIRECTORY_TABLES)
        await follower.pool.execute(DIRECTORY_TABLES)
        yield follower


@pytest.fixture
async def pipeline(database: str, nats_url: str, follower: Party) -> AsyncIterator[Pipeline]:
    reactions = Reactions()
    follow_directory(reactions)
    async with party("pipeline", database, nats_url, TELLER) as pipeline:
        consumers = follower.consumers(reactions)
        relay = Relay(pipeline.pool, pipeline.log, publish, pipeline.nats, "pipeline")
        async with running(relay.run, consumers.run):
            yield Pipeline(pipeline, consumers)


@pytest.fixture
async def directory(follower: Party) -> Directory:
    return TableDirectory(follower.pool)


ACME = {
    "kind": "enterprise",
    "name": "Acme 贸易",
    "owner": "li.wei",
    "importance": "key",
    "external": [{"system": "crm", "id": "77"}, {"system": "erp", "id": "A-1"}],
}


async def test_a_customer_is_known_once_pipeline_has_told_of_it(
    pipeline: Pipeline, directory: Directory
) -> None:
    customer = uuid4()
    assert await directory.customer(customer) is None
    await pipeline.tells("CustomerRegistered", customer, **ACME)
    assert await directory.customer(customer) == CustomerEntry(
        customer_id=customer,
        kind="enterprise",
        name="Acme 贸易",
        owner="li.wei",
        importance="key",
        external=(("crm", "77"), ("erp", "A-1")),
    )


async def test_a_merged_customer_is_answered_for_by_whoever_has_the_other(
    pipeline: Pipeline, directory: Directory
) -> None:
    first, second, third = uuid4(), uuid4(), uuid4()
    for customer, owner in ((first, "li.wei"), (second, "zhao.min"), (third, "sun.yi")):
        await pipeline.tells("CustomerRegistered", customer, **ACME | {"owner": owner})
    await pipeline.tells("CustomerMerged", first, into=str(second))
    await pipeline.tells("CustomerMerged", second, into=str(third))
    entry = await directory.customer(first)
    assert entry is not None
    assert (entry.merged_into, entry.owner, entry.external) == (second, "sun.yi", ())
    await pipeline.tells("OwnerChanged", third, owner="wang.fang", previous="sun.yi")
    assert [entry.owner for entry in await entries(directory, first, second)] == ["wang.fang", "wang.fang"]
    now = await survivor(directory, first)
    assert now is not None
    assert now.customer_id == third
    # Undone: it is told of as it stands again, and what is part of it goes with it.
    await pipeline.tells("CustomerAmended", second, **ACME | {"owner": "zhao.min"})
    assert [(entry.owner, entry.merged_into) for entry in await entries(directory, first, second)] == [
        ("zhao.min", second),
        ("zhao.min", None),
    ]


async def entries(directory: Directory, *customers: UUID) -> list[CustomerEntry]:
    found = [await directory.customer(customer) for customer in customers]
    return [entry for entry in found if entry is not None]


async def test_an_individual_has_no_name_outside_pipeline(pipeline: Pipeline, directory: Directory) -> None:
    customer = uuid4()
    await pipeline.tells(
        "CustomerRegistered", customer, kind="individual", name=None, owner=None, importance=None, external=[]
    )
    assert await directory.customer(customer) == CustomerEntry(
        customer_id=customer, kind="individual", name=None, owner=None, importance=None, external=()
    )


async def test_amendments_and_new_owners_are_followed(pipeline: Pipeline, directory: Directory) -> None:
    customer, other = uuid4(), uuid4()
    await pipeline.tells("CustomerRegistered", customer, **ACME)
    await pipeline.tells("CustomerRegistered", other, **ACME)
    await pipeline.tells("CustomerAmended", customer, **{**ACME, "name": "Acme", "importance": "major"})
    await pipeline.tells("OwnerChanged", customer, owner="wang.fang", previous="li.wei")
    entry, untouched = await directory.customer(customer), await directory.customer(other)
    assert entry is not None
    assert untouched is not None
    assert (entry.name, entry.importance, entry.owner) == ("Acme", "major", "wang.fang")
    assert (untouched.name, untouched.owner) == ("Acme 贸易", "li.wei")


async def test_customers_are_found_by_their_external_reference_through_an_index(
    pipeline: Pipeline, follower: Party
) -> None:
    customer = uuid4()
    await pipeline.tells("CustomerRegistered", customer, **ACME)
    await pipeline.tells(
        "CustomerRegistered", uuid4(), **{**ACME, "external": [{"system": "crm", "id": "78"}]}
    )
    found = await follower.pool.fetch(
        "SELECT customer_id FROM directory_customers"
        " WHERE external @> jsonb_build_array(jsonb_build_object('system', 'crm', 'id', '77'))"
    )
    assert [row["customer_id"] for row in found] == [customer]


def enrolled(login: str, manager: str | None = None, *roles: str, **changed: Any) -> dict[str, Any]:
    return {
        "login": login,
        "name": login.title(),
        "roles": list(roles or ("rep",)),
        "team": "north",
        "manager": manager,
        "language": "zh",
        "active": True,
        **changed,
    }


async def test_people_are_followed_through_enrolment_amendment_and_leaving(
    pipeline: Pipeline, directory: Directory
) -> None:
    assert await directory.person("li.wei") is None
    await pipeline.tells("UserEnrolled", **enrolled("li.wei", "zhao.min"))
    await pipeline.tells(
        "UserAmended", **enrolled("li.wei", None, "rep", "collector", language="en", team=None)
    )
    li_wei = Person(
        login="li.wei",
        name="Li.Wei",
        roles=("rep", "collector"),
        team=None,
        manager=None,
        language="en",
        active=True,
    )
    assert await directory.person("li.wei") == li_wei
    await pipeline.tells("UserEnrolled", **enrolled("an.na"))
    assert [person.login for person in await directory.people()] == ["an.na", "li.wei"]
    assert await directory.people("collector") == [li_wei]
    await pipeline.tells(
        "UserDeactivated",
        **enrolled("li.wei", None, "rep", "collector", language="en", team=None, active=False),
    )
    gone = await directory.person("li.wei")
    assert gone is not None
    assert not gone.active


async def test_a_managers_team_reaches_down_all_levels_and_ends_also_in_a_circle(
    pipeline: Pipeline, follower: Party
) -> None:
    directory = TableDirectory(follower.pool)
    for login, manager in (
        ("boss", "deputy"),  # a circle, as a careless import may bring one
        ("deputy", "boss"),
        ("li.wei", "deputy"),
        ("wang.fang", "li.wei"),
        ("stranger", None),
        ("hermit", "hermit"),
    ):
        await pipeline.tells("UserEnrolled", **enrolled(login, manager))
    assert [person.login for person in await directory.team_of("boss")] == ["deputy", "li.wei", "wang.fang"]
    assert [person.login for person in await directory.team_of("li.wei")] == ["wang.fang"]
    assert await directory.team_of("hermit") == []
    assert await directory.team_of("stranger") == []


async def test_within_its_transaction_a_reaction_finds_the_customer_just_told_of(
    database: str, nats_url: str, follower: Party
) -> None:
    reactions = Reactions()
    follow_directory(reactions)
    found: list[str | None] = []

    @reactions.on_any("pipeline")
    async def look(event: Event[dict[str, Any]], within: Within) -> None:
        assert event.customer_id is not None
        entry = await TableDirectory(within.db).customer(event.customer_id)
        found.append(entry.owner if entry else "unknown")

    async with party("pipeline", database, nats_url, TELLER) as pipeline:
        consumers = follower.consumers(reactions)
        relay = Relay(pipeline.pool, pipeline.log, publish, pipeline.nats, "pipeline")
        async with running(relay.run, consumers.run):
            await Pipeline(pipeline, consumers).tells("CustomerRegistered", uuid4(), **ACME)
    assert found == ["li.wei"]


async def test_many_events_of_one_customer_end_as_the_last_one_says(
    pipeline: Pipeline, directory: Directory, follower: Party
) -> None:
    customer = uuid4()
    await pipeline.tells("CustomerRegistered", customer, **ACME)
    owners = [f"rep-{number}" for number in range(20)]
    for owner in owners:
        await pipeline.tells("OwnerChanged", customer, owner=owner, previous=None)
    entry = await directory.customer(customer)
    assert entry is not None
    assert entry.owner == owners[-1]
    assert await follower.pool.fetchval("SELECT count(*) FROM directory_customers") == 1


async def test_the_answer_does_not_depend_on_the_pools_json_codec(database: str, follower: Party) -> None:
    async def decode_jsonb(connection: asyncpg.Connection) -> None:
        await connection.set_type_codec("jsonb", encoder=str, decoder=len, schema="pg_catalog")

    customer = uuid4()
    await follower.pool.execute(
        "INSERT INTO directory_customers VALUES ($1, 'enterprise', 'Acme', 'li.wei', 'key',"
        ' \'[{"system": "crm", "id": "77"}]\')',
        customer,
    )
    async with asyncpg.create_pool(
        database, min_size=1, max_size=1, init=decode_jsonb, server_settings={"search_path": "collections"}
    ) as pool:
        entries = await asyncio.gather(*(TableDirectory(pool).customer(customer) for _ in range(3)))
    assert {entry.external for entry in entries if entry} == {(("crm", "77"),)}
