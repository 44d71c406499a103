"""A key account, and what is known of it."""

from tests.answer import read

from .accounts import bought
from .sales import Sales

PLAN = {"objectives": [{"what": "第二条产线"}], "team": ["li.wei"], "review_every_days": 7}


async def a_key_account(sales: Sales, customer_id: str, currency: str, what: str) -> None:
    for _ in range(3):
        await bought(sales, customer_id, 100, currency)
    read(await sales.manager.post("/abc"))
    here = f"/customers/{customer_id}/account"
    appraisal = {"profitable": "yes", "squeezing": "no", "evidence": "毛利两成"}
    read(await sales.manager.put(f"{here}/appraisal", json=appraisal))
    read(await sales.manager.post(f"{here}/key"), 201)
    plan = PLAN | {"objectives": [{"what": what}]}
    read(await sales.manager.put(f"{here}/plan", json=plan))
    await sales.serving.catch_up()


async def key(sales: Sales, customer_id: str) -> tuple[str | None, str | None, str | None]:
    """Its class, since when it is a key account, and what its plan wants."""
    shown = read(await sales.manager.get(f"/customers/{customer_id}/account"))["account"]
    plan = shown["plan"]
    return shown["abc"], shown["key_since"], plan and plan["objectives"][0]["what"]
