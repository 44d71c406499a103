"""Services killed in the middle of a journey lose nothing and repeat nothing."""

import asyncio
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.faults.running import People, Running, running

DEALS = 40


async def _deal(people: People, number: int) -> str:
    """A customer registered, pursued and won; the customer's id."""
    customer = {
        "kind": "enterprise",
        "name": f"Workshop {number} Ltd",
        "source": "internet",
        "owner": "li.wei",
    }
    answer = await people.do("li.wei", "rep", "/pipeline/customers", customer, f"customer-{number}")
    customer_id: str = answer.json()["id"]
    opportunity = {"customer_id": customer_id, "title": "A lathe"}
    answer = await people.do("li.wei", "rep", "/pipeline/opportunities", opportunity, f"deal-{number}")
    path = f"/pipeline/opportunities/{answer.json()['id']}"
    await people.do("li.wei", "rep", f"{path}/calls", {"outcome": "brief"}, f"call-{number}")
    won = {"amount": {"amount": f"{number}.00", "currency": "CNY"}}
    await people.do("li.wei", "rep", f"{path}/won", won, f"won-{number}")
    return customer_id


async def _killing(services: dict[str, Running], done: asyncio.Event) -> int:
    """Kills pipeline and collections in turn, each at least once, until the deals are done."""
    kills = 0
    while not done.is_set() or kills < 2:
        victim = services[("pipeline", "collections")[kills % 2]]
        await victim.kill()
        await victim.start()
        kills += 1
    return kills


@pytest.mark.timeout(150)
async def test_two_services_killed_in_a_journey_lose_and_repeat_nothing(
    database: str, nats_url: str, tmp_path: Path
) -> None:
    async with running(("pipeline", "collections", "notify"), database, nats_url, tmp_path) as (
        services,
        people,
    ):
        for login, role in (("zhao.min", "sales_manager"), ("li.wei", "rep")):
            body: dict[str, Any] = {"login": login, "name": login, "roles": [role], "team": "north"}
            body |= {"language": "zh", "manager": "zhao.min" if role == "rep" else None}
            await people.do("admin", "admin", "/pipeline/users", body, f"user-{login}")
        done = asyncio.Event()
        killing = asyncio.create_task(_killing(services, done))
        customers = await asyncio.gather(*(_deal(people, number) for number in range(1, DEALS + 1)))
        done.set()
        assert await killing >= 2
        assert people.again > 0, "nobody noticed the kills: the test killed nothing"

        head = await people.call("li.wei", "rep", "GET", "/pipeline/health/ready")
        position = f"pipeline:{head.json()['head']}"
        for number, customer_id in enumerate(customers, 1):
            account = await people.call(
                "wang.fang", "collector", "GET", f"/collections/customers/{customer_id}/account",
                headers={"Keqing-After": position},
            )  # fmt: skip
            purchases = account.json()["credit_file"]["purchases"]
            assert [float(it["amount"]["amount"]) for it in purchases] == [number]
        inbox = await people.call(
            "zhao.min", "sales_manager", "GET", "/notify/inbox", params={"limit": 200},
            headers={"Keqing-After": position},
        )  # fmt: skip
        told = [it["customer_id"] for it in inbox.json()["items"] if it["kind"] == "deal_won"]
        assert sorted(told) == sorted(customers)

    connection = await asyncpg.connect(database)
    counts = await connection.fetch(
        "SELECT topic, count(*) FROM pipeline.facts WHERE who <> 'clockwork' GROUP BY topic"
    )
    positions = await connection.fetch("SELECT notification_id FROM pipeline.facts ORDER BY notification_id")
    await connection.close()
    assert {row["topic"]: row["count"] for row in counts} == {
        "pipeline.user-enrolled.v1": 2,
        "pipeline.customer-registered.v2": DEALS,
        "pipeline.opportunity-opened.v1": DEALS,
        "pipeline.call-logged.v2": DEALS,
        "pipeline.deal-won.v1": DEALS,
    }
    assert [row["notification_id"] for row in positions] == list(range(1, len(positions) + 1))
