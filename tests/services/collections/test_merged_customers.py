"""What a customer of several files owes is owed by the one that stands for them, until they are parted."""

from typing import Any
from uuid import UUID

from tests.problem import problem
from tests.services.collections.ageing_report import aged
from tests.services.collections.desk import Desk, done, read, wishes
from tests.services.collections.hearing import tell, won


async def merge(desk: Desk, gone: UUID, into: UUID) -> None:
    await tell(desk, "pipeline", "CustomerMerged", gone, {"into": str(into)})


async def part(desk: Desk, gone: UUID, owner: str = "li.wei") -> None:
    """As pipeline tells of it: as it stands again."""
    told = {"kind": "enterprise", "name": "Acme", "owner": owner, "importance": None, "external": []}
    await tell(desk, "pipeline", "CustomerAmended", gone, told)


async def owing(desk: Desk, customer: UUID) -> dict[str, Any]:
    await desk.serving.catch_up()
    return read(await desk.collector.get(f"/customers/{customer}/account"))


async def balance(desk: Desk, customer: UUID) -> tuple[str, str, str]:
    """Open, unallocated, purchased."""
    account = await owing(desk, customer)
    if not account["balances"]:
        return ("0.00", "0.00", "0.00")
    [one] = account["balances"]
    return one["open"], one["unallocated"], one["purchased"]


async def three_files(desk: Desk) -> tuple[UUID, UUID, UUID]:
    """Each owes, has paid in advance and has bought; amounts tell which is whose."""
    files = [await desk.customer(owner=owner) for owner in ("li.wei", "zhao.min", "sun.yi")]
    for file, amount in zip(files, ("1", "20", "300"), strict=True):
        await desk.issue(file, f"{amount}.00", issued_on="2026-01-01", due_on="2026-04-19")
        await desk.pay(file, f"{amount}.50", allocations=[])
        await tell(desk, "pipeline", "DealWon", file, won(f"{amount}.25"))
    first, second, third = files
    return first, second, third


async def test_the_account_adds_up_what_all_its_files_owe_and_have(desk: Desk) -> None:
    first, second, third = await three_files(desk)
    await merge(desk, first, second)
    assert await balance(desk, second) == ("21.00", "22.00", "21.50")
    await merge(desk, second, third)
    assert await balance(desk, third) == ("321.00", "322.50", "321.75")
    account = await owing(desk, third)
    assert {one["customer_id"] for one in account["open_invoices"]} == {str(first), str(second), str(third)}
    assert len(account["unallocated"]) == len(account["credit_file"]["purchases"]) == 3
    problem(await desk.collector.get(f"/customers/{first}/account"), 409, "merged-away")
    await part(desk, second, owner="zhao.min")
    assert await balance(desk, third) == ("300.00", "300.50", "300.25")
    assert await balance(desk, second) == ("21.00", "22.00", "21.50")
    await part(desk, first)
    assert await balance(desk, first) == ("1.00", "1.50", "1.25")
    assert await balance(desk, second) == ("20.00", "20.50", "20.25")


async def test_the_ageing_of_a_merged_customer_is_in_the_line_of_the_survivor(desk: Desk) -> None:
    first, second, third = await three_files(desk)
    before = await desk.ageing(limit=200)
    await merge(desk, first, second)
    await merge(desk, second, third)
    report = await desk.ageing(limit=200)
    assert aged(report, third) == {"1-30": "321.00"}
    [line] = [one for one in report["lines"] if one["key"] == str(third)]
    assert (line["aged"]["unallocated"], line["aged"]["invoices"]) == ("322.50", 3)
    assert not {str(first), str(second)} & {one["key"] for one in report["lines"]}
    assert report["totals"] == before["totals"]
    # Whoever owns the survivor owns it all, on any day.
    owners = await desk.ageing(desk.rep("sun.yi"), limit=200, as_of="2026-04-01")
    assert aged(owners, third) == {"current": "321.00"}
    await part(desk, second, owner="zhao.min")
    await part(desk, first)
    assert await desk.ageing(limit=200) == before


async def test_the_lists_of_invoices_and_payments_are_of_all_files(desk: Desk) -> None:
    first, second, _ = await three_files(desk)
    await merge(desk, first, second)
    for path in ("/invoices", "/payments"):
        rows = read(await desk.collector.get(path, params={"customer_id": str(second)}))["items"]
        assert {one["customer_id"] for one in rows} == {str(first), str(second)}
    await part(desk, first)
    for path in ("/invoices", "/payments"):
        rows = read(await desk.collector.get(path, params={"customer_id": str(second)}))["items"]
        assert {one["customer_id"] for one in rows} == {str(second)}


async def test_money_of_the_survivor_pays_what_its_files_owe_the_oldest_due_first(desk: Desk) -> None:
    gone, kept = await desk.customer(), await desk.customer()
    old = await desk.issue(gone, "100.00", issued_on="2026-01-01", due_on="2026-01-31")
    new = await desk.issue(kept, "100.00", issued_on="2026-02-01", due_on="2026-02-28")
    early = await desk.pay(gone, "10.00", allocations=[])
    named = {"allocations": wishes((new, "10.00"))}
    refused = await desk.collector.post(f"/payments/{early}/allocations", json=named)
    problem(refused, 422, "other-customer")
    await merge(desk, gone, kept)
    await desk.pay(kept, "120.00")
    assert await desk.open(old, new) == ["0.00", "80.00"]
    # What the file had paid in advance goes to the survivor's as well.
    done(await desk.collector.post(f"/payments/{early}/allocations", json=named))
    assert await desk.open(old, new) == ["0.00", "70.00"]
    other = await desk.issue(await desk.customer(), "5.00")
    body = {"allocations": wishes((other, "5.00"))}
    more = await desk.pay(kept, "5.00", allocations=[])
    problem(await desk.collector.post(f"/payments/{more}/allocations", json=body), 422, "other-customer")
