"""A policy over HTTP: read by everybody, changed by an admin as a whole, valid from then on everywhere."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest
from fastapi import APIRouter
from pydantic import Field

from keqing_shared.context import Context
from keqing_shared.domain import Aggregate, Command, Fact, RuleBroken, ValueRefused, together, value
from keqing_shared.http import Do, Receipt, allow
from tests.harness import Serving, serving

Number = Annotated[int, Field(ge=0, le=100)]


@value
class Lending:
    days: Number = 28
    closed_on: tuple[Number, ...] = (5, 6)


@value
class ShelfPolicy:
    room: Number = 1
    spare: Number = 0
    lending: Lending = Lending()

    @together
    def _spare_fits(self) -> None:
        if self.spare > self.room:
            raise ValueRefused("spare is no more than room")


class BookShelved(Fact, topic="shelves.book-shelved.v1"):
    pass


class Shelve(Command):
    pass


class Shelf(msgspec.Struct, frozen=True):
    books: int = 0


class ShelfFull(RuleBroken):
    """The shelf is full."""


def decide(_: Shelve, shelf: Shelf | None, policy: ShelfPolicy) -> list[BookShelved]:
    if shelf is not None and shelf.books >= policy.room:
        raise ShelfFull
    return [BookShelved()]


def evolve(shelf: Shelf | None, _: BookShelved) -> Shelf:
    return Shelf((shelf or Shelf()).books + 1)


SHELF: Aggregate[Shelf] = Aggregate(
    name="shelf", facts=(BookShelved,), decide=decide, evolve=evolve, customer_of=lambda *_: None, state=Shelf
)
router = APIRouter()


@router.post("/shelves/{shelf_id}/books", status_code=201, dependencies=[allow("agent")])
async def shelve(shelf_id: UUID, do: Do) -> Receipt:
    return await do(SHELF, shelf_id, Shelve())


SHELVES = Context(name="shelves", aggregates=(SHELF,), routers=(router,), policy=ShelfPolicy())
WHY = {"Keqing-Reason": "new%20shelves"}
LENDING = {"days": 28, "closed_on": [5, 6]}


@pytest.fixture
async def shelves(database: str, tmp_path: Path) -> AsyncIterator[Serving]:
    async with serving(SHELVES, database, tmp_path) as it:
        yield it


def whole(room: int, spare: int = 0) -> dict[str, Any]:
    return {"room": room, "spare": spare, "lending": LENDING}


def admin(it: Serving) -> httpx.AsyncClient:
    return it.client("he.qiang", "admin")


async def test_a_change_is_valid_from_then_on_and_history_stays_as_it_was(shelves: Serving) -> None:
    agent, shelf = shelves.client("sun.yi", "agent"), uuid4()
    assert (await agent.post(f"/shelves/{shelf}/books")).status_code == 201
    assert (await agent.post(f"/shelves/{shelf}/books")).status_code == 409
    changed = await admin(shelves).put("/policy", json=whole(2), headers=WHY)
    assert changed.json()["facts"] == ["PolicyChanged"]
    assert (await agent.post(f"/shelves/{shelf}/books")).status_code == 201
    shown = await agent.get("/policy")
    assert (shown.json(), shown.headers["ETag"]) == (whole(2), '"1"')
    await admin(shelves).put("/policy", json=whole(1), headers=WHY)
    assert (await agent.post(f"/shelves/{shelf}/books")).status_code == 409


async def test_another_replica_goes_by_it_within_a_second_and_a_later_start_as_well(
    shelves: Serving, database: str, tmp_path: Path
) -> None:
    async def room(it: Serving) -> int:
        found: int = (await it.client("sun.yi", "agent").get("/policy")).json()["room"]
        return found

    async with serving(SHELVES, database, tmp_path) as replica:
        assert await room(replica) == 1
        await admin(shelves).put("/policy", json=whole(7), headers=WHY)
        async with asyncio.timeout(5):
            while await room(replica) != 7:
                await replica.service.log.wait_beyond(replica.service.log.position, 0.1)
        shelf = uuid4()
        for _ in range(7):
            answer = await replica.client("sun.yi", "agent").post(f"/shelves/{shelf}/books")
            assert answer.status_code == 201
    async with serving(SHELVES, database, tmp_path) as later:
        assert await room(later) == 7


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (whole(1, spare=2), "body"),
        ({**whole(1), "room": -1}, "room"),
        ({**whole(1), "rooms": 3}, "rooms"),
        ({**whole(1), "room": "3"}, "room"),
    ],
)
async def test_numbers_that_do_not_fit_together_or_alone_are_refused(
    shelves: Serving, body: dict[str, Any], field: str
) -> None:
    answer = await admin(shelves).put("/policy", json=body, headers=WHY)
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, [field])


@pytest.mark.parametrize(
    ("body", "left_out"),
    [
        ({}, ["room", "spare", "lending"]),
        ({"room": 3}, ["spare", "lending"]),
        ({"room": 3, "spare": 0, "lending": {"days": 30}}, ["lending.closed_on"]),
    ],
)
async def test_a_number_that_is_left_out_is_not_set_back_but_asked_for(
    shelves: Serving, body: dict[str, Any], left_out: list[str]
) -> None:
    answer = await admin(shelves).put("/policy", json=body, headers={**WHY, "Accept-Language": "zh"})
    assert answer.status_code == 422
    assert [(it["field"], it["message"]) for it in answer.json()["errors"]] == [
        (field, "必须填写") for field in left_out
    ]
    assert (await admin(shelves).get("/policy")).headers["ETag"] == '"0"'


async def test_the_documentation_says_that_all_the_numbers_are_needed(shelves: Serving) -> None:
    operation = (await admin(shelves).get("/openapi.json")).json()["paths"]["/shelves/policy"]["put"]
    body = operation["requestBody"]["content"]["application/json"]["schema"]
    assert body["required"] == ["room", "spare", "lending"]
    assert body["properties"] == {"lending": {"required": ["days", "closed_on"]}}


async def test_the_first_change_too_names_nothing_but_what_changed(shelves: Serving) -> None:
    await admin(shelves).put("/policy", json=whole(2), headers=WHY)
    (change,) = (await admin(shelves).get("/policy/changes")).json()["items"]
    assert change["numbers"] == [{"path": "room", "before": 1, "after": 2}]


async def test_a_change_without_a_reason_upon_another_version_or_by_others_is_refused(
    shelves: Serving,
) -> None:
    body = whole(3)
    assert (await admin(shelves).put("/policy", json=body)).json()[
        "type"
    ] == "/problems/policy-reason-missing"
    stale = await admin(shelves).put("/policy", json=body, headers={**WHY, "If-Match": '"1"'})
    assert stale.status_code == 412
    upon = await admin(shelves).put("/policy", json=body, headers={**WHY, "If-Match": '"0"'})
    assert upon.status_code == 200
    for role in ("agent", "sales_manager", "auditor"):
        answer = await shelves.client("qian.yu", role).put("/policy", json=body, headers=WHY)
        assert answer.status_code == 403


async def test_an_auditor_reads_who_changed_what_and_why(shelves: Serving) -> None:
    for room in (2, 3, 3):
        await admin(shelves).put("/policy", json=whole(room, spare=1), headers=WHY)
    auditor = shelves.client("qian.yu", "auditor")
    first = (await auditor.get("/policy/changes", params={"limit": 1})).json()
    assert [(one["version"], one["who"], one["why"], one["numbers"]) for one in first["items"]] == [
        (2, "he.qiang", "new shelves", [{"path": "room", "before": 2, "after": 3}])
    ]
    rest = (await auditor.get("/policy/changes", params={"after": first["next"]})).json()
    assert [one["numbers"] for one in rest["items"]] == [
        [{"path": "room", "before": 1, "after": 2}, {"path": "spare", "before": 0, "after": 1}]
    ]
    assert rest["next"] is None
