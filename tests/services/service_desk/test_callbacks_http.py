"""After a win: three callbacks are planned, become due, are made or missed; over NATS, exactly once."""

from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from keqing_service_desk.app import CONTEXT
from keqing_shared.context import Context
from keqing_shared.domain import Aggregate, Command, Fact, Recorded
from keqing_shared.messaging import Published
from tests.harness import Serving, serving

from .desk import ACME, BOLT, Desk, at


async def won(desk: Desk, customer_id: UUID = ACME, deal: UUID | None = None) -> int:
    return await desk.hear(
        "DealWon",
        customer_id,
        opportunity_id=str(deal or uuid4()),
        owner="li.wei",
        amount={"amount": "1000.00", "currency": "CNY"},
        products=["pump P2"],
        won_on="2026-03-02",
    )


async def listed(desk: Desk, client: Any = None, **filters: Any) -> list[Any]:
    await desk.serving.catch_up()
    answer = await (client or desk.agent).get("/callbacks", params={"limit": 200, **filters})
    assert answer.status_code == 200, answer.text
    items: list[Any] = answer.json()["items"]
    return items


async def test_a_win_plans_three_callbacks_once(desk: Desk) -> None:
    deal = uuid4()
    assert await won(desk, deal=deal) == 3
    assert await won(desk, deal=deal) == 0, "the same win again"
    rows = [row for row in await listed(desk) if row["opportunity_id"] == str(deal)]
    assert [(row["kind"], row["due_on"], row["status"]) for row in rows] == [
        ("three_days", "2026-03-05", "planned"),
        ("three_weeks", "2026-03-23", "planned"),
        ("three_months", "2026-06-02", "planned"),
    ]


async def test_callbacks_are_seen_with_their_customers(desk: Desk) -> None:
    await won(desk)
    await won(desk, BOLT)
    assert {row["customer_id"] for row in await listed(desk)} == {str(ACME), str(BOLT)}
    assert {(row["customer_id"], row["customer"]) for row in await listed(desk, desk.rep)} == {
        (str(ACME), "Acme")
    }
    assert {row["customer_id"] for row in await listed(desk, customer_id=str(BOLT))} == {str(BOLT)}


async def test_a_callback_becomes_due_is_made_or_missed(desk: Desk) -> None:
    deal = uuid4()
    await won(desk, deal=deal)

    async def own(**filters: Any) -> list[Any]:
        return [row for row in await listed(desk, **filters) if row["opportunity_id"] == str(deal)]

    await desk.serving.set_clock(at(5, 9))
    await desk.serving.tick()
    [due] = await own(status="due")
    assert due["kind"] == "three_days"
    path = f"/callbacks/{due['callback_id']}/result"
    quoted = await desk.agent.post(path, json={"outcome": "unsatisfied"})
    assert (quoted.status_code, quoted.json()["type"]) == (422, "/problems/answers-missing")
    made = await desk.agent.post(path, json={"outcome": "unsatisfied", "answers": "It is loud."})
    assert made.json()["facts"] == ["CallbackDone"]
    again = await desk.agent.post(path, json={"outcome": "satisfied"})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/already-done")
    await desk.serving.set_clock(at(31, 9))  # the week of grace after the 23rd is over
    await desk.serving.tick()
    assert [(row["kind"], row["status"]) for row in await own(due_by="2026-03-31")] == [
        ("three_days", "done"),
        ("three_weeks", "missed"),
    ]
    assert await desk.serving.tick() == 0


async def test_a_callback_that_is_not_there(desk: Desk) -> None:
    answer = await desk.agent.post(f"/callbacks/{uuid4()}/result", json={"outcome": "satisfied"})
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/no-such-callback")


class Won(Fact, topic="pipeline.won.v1"):
    customer_id: UUID
    won_on: date


class Win(Command):
    customer_id: UUID


DEAL: Aggregate[Any] = Aggregate(
    name="deal",
    facts=(Won,),
    decide=lambda command, state, policy: [Won(customer_id=command.customer_id, won_on=date(2026, 3, 2))],
    evolve=lambda state, fact: fact,
    customer_of=lambda id, fact: fact.customer_id,
)


def tell(it: Recorded[Any]) -> Published:
    return Published(
        "DealWon", {"opportunity_id": it.originator_id, "owner": "li.wei", "won_on": it.fact.won_on}
    )


async def test_a_win_told_over_nats_plans_three_callbacks_even_if_told_again(
    database: str, nats_url: str, tmp_path: Path
) -> None:
    sales = Context(name="pipeline", aggregates=(DEAL,), publish=tell)
    async with serving(sales, database, tmp_path, nats_url) as pipeline:
        await pipeline.set_clock(at(2, 10))
        first = await pipeline.service.execute(DEAL, uuid4(), Win(customer_id=ACME), who="li.wei")
        async with serving(CONTEXT, database, tmp_path, nats_url) as desk:
            await heard(desk, first.position)
            assert await desk.service.log.head() == 3
            # As after a restore of an older backup: everything will be told once more.
            await desk.service.pool.execute("UPDATE consumers SET position = 0 WHERE source = 'pipeline'")
        second = await pipeline.service.execute(DEAL, uuid4(), Win(customer_id=ACME), who="li.wei")
        async with serving(CONTEXT, database, tmp_path, nats_url) as desk:
            await heard(desk, second.position)
            facts = await desk.service.log.read(0, 100)
    assert [it.causation_id for it in facts] == ["pipeline:1"] * 3 + ["pipeline:2"] * 3
    assert {it.customer_id for it in facts} == {ACME}


async def heard(desk: Serving, position: int) -> None:
    assert desk.service.consumers is not None
    await desk.service.consumers.wait_for("pipeline", position, 20)
