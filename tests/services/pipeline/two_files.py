"""Two files of one customer, made one and parted again."""

from tests.answer import read

from .sales import Sales

WHY = {"reason": "同一家公司"}
BACK = {"reason": "看错了"}


async def merge(sales: Sales, gone: str, into: str) -> list[str]:
    receipt = read(await sales.manager.post(f"/customers/{gone}/merged", json=WHY | {"into": into}))
    await sales.serving.catch_up()
    told: list[str] = receipt["facts"]
    return told


async def part(sales: Sales, gone: str) -> list[str]:
    receipt = read(await sales.manager.post(f"/customers/{gone}/parted", json=BACK))
    await sales.serving.catch_up()
    told: list[str] = receipt["facts"]
    return told


async def two_files(sales: Sales) -> tuple[str, str]:
    """li.wei's, and zhao.min's of the same customer."""
    return await sales.customer(), await sales.customer(by=sales.colleague)
