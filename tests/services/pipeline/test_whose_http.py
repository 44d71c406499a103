"""Rows that name a customer: whose it is, the view says where it has followed, and the facts elsewhere."""

from typing import Any
from uuid import UUID

from tests.json_lines import import_rows, outcomes

from .sales import Sales


def naming(id: str, customer_id: str) -> dict[str, Any]:
    external = {"system": "whose", "id": id}
    return {"external": external, "title": f"row {id}", "owner": "li.wei", "customer": customer_id}


async def views_say(sales: Sales, customer_id: str, owner: str, behind: int) -> None:
    """As if somebody else owned it, so many facts ago."""
    await sales.serving.service.pool.execute(
        "UPDATE customer SET owner = $2, version = version - $3 WHERE customer_id = $1",
        UUID(customer_id),
        owner,
        behind,
    )


async def test_a_view_that_is_behind_is_not_believed(sales: Sales) -> None:
    customer = await sales.customer()
    await sales.serving.catch_up()
    await views_say(sales, customer, "wang.fang", behind=1)
    report = await import_rows(sales.manager, "/imports/opportunities", naming("behind", customer))
    assert outcomes(report) == ["created"]


async def test_a_view_that_has_followed_is_asked_instead_of_the_facts(sales: Sales) -> None:
    customer = await sales.customer()
    await sales.serving.catch_up()
    await views_say(sales, customer, "root", behind=0)
    report = await import_rows(sales.manager, "/imports/opportunities", naming("in-step", customer))
    assert outcomes(report) == ["customer-unknown"]
