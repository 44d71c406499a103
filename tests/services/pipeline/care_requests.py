"""Requests of care over HTTP, and whom they are for."""

from typing import Any

import httpx

from tests.answer import read
from tests.services.pipeline.sales import Sales


async def person(sales: Sales, customer_id: str, by: httpx.AsyncClient | None = None, **members: Any) -> str:
    """Somebody at the customer."""
    body = {"name": f"王丽{sales.number()}", **members}
    answer = await (by or sales.rep).post(f"/customers/{customer_id}/contacts", json=body)
    return str(read(answer, 201)["id"])


def wish(contact_id: str, kind: str = "gift", on: str = "2026-03-10", **members: Any) -> dict[str, Any]:
    money = {"amount": str(members.pop("budget", 300)), "currency": "CNY"}
    return {
        "contact_id": contact_id,
        "kind": kind,
        "occasion": "birthday",
        "on": on,
        "what": "一盒茶叶",
        "budget": money,
        **members,
    }


async def submitted(sales: Sales, customer_id: str, body: dict[str, Any]) -> str:
    """The request's id."""
    answer = await sales.rep.post(f"/customers/{customer_id}/care-requests", json=body)
    await sales.serving.catch_up()
    return str(read(answer, 201)["id"])
