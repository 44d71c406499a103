"""What happens to a customer's account, and what is shown of it."""

from typing import Any

from keqing_shared.domain import Recorded
from tests.answer import read
from tests.services.pipeline.import_rows import opportunity, send
from tests.services.pipeline.sales import Sales


async def bought(sales: Sales, customer_id: str, amount: int, currency: str, on: str = "2026-03-02") -> None:
    """A deal won before pipeline was there, so that it may lie in the past."""
    row = opportunity(
        f"deal-{sales.number()}",
        customer=customer_id,
        outcome="won",
        closed_on=on,
        close_value={"amount": str(amount), "currency": currency},
    )
    report = await send(sales.admin, "opportunities", row)
    assert report["rows"][0]["outcome"] == "created", report
    await sales.serving.catch_up()


async def account(sales: Sales, customer_id: str) -> dict[str, Any]:
    await sales.serving.catch_up()
    shown: dict[str, Any] = read(await sales.rep.get(f"/customers/{customer_id}/account"))
    return shown


async def facts(sales: Sales, customer_id: str, *names: str) -> list[Recorded[Any]]:
    """Of the customer, of these kinds."""
    everything = await sales.serving.service.log.read(0, 10_000)
    return [it for it in everything if str(it.customer_id) == customer_id and type(it.fact).__name__ in names]


async def watched(sales: Sales, customer_id: str) -> list[str]:
    """What has been said of the customer's leaving once the clockwork has looked."""
    await sales.serving.tick("defection")
    said = await facts(sales, customer_id, "DefectionWarned", "DefectionWarningWithdrawn")
    return [type(it.fact).__name__ for it in said]
