"""Who decides on a request of care: whoever leads who asked, and an admin for whom nobody leads."""

from typing import Any

from tests.answer import read
from tests.problem import problem

from .care_requests import person, wish
from .sales import Sales


async def asked(sales: Sales, by: Any) -> tuple[str, dict[str, Any]]:
    """Of somebody's own customer: the request's path, and its entry in the register."""
    customer = await sales.customer(by=by)
    body = wish(await person(sales, customer, by))
    read(await by.post(f"/customers/{customer}/care-requests", json=body), 201)
    await sales.serving.catch_up()
    query = {"customer_id": customer}
    [entry] = read(await sales.auditor.get("/care-requests", params=query))["items"]
    return f"/customers/{customer}/care-requests/{entry['request_id']}", entry


async def test_an_admin_decides_for_whom_nobody_leads(sales: Sales) -> None:
    request, entry = await asked(sales, sales.director)
    assert entry["approver"] is None
    refused = problem(await sales.director.post(f"{request}/approval"), 403, "own-request")
    assert refused["detail"] == "nobody leads you: ask an admin"
    assert read(await sales.admin.post(f"{request}/approval"))["facts"] == ["CareApproved"]
    request, _ = await asked(sales, sales.director)
    rejected = await sales.admin.post(f"{request}/rejection", json={"reason": "太贵"})
    assert read(rejected)["facts"] == ["CareRejected"]


async def test_an_admin_leaves_to_those_who_lead_what_is_theirs_to_decide(sales: Sales) -> None:
    request, entry = await asked(sales, sales.rep)
    assert entry["approver"] == "zhou.hong"
    for step in (("approval", None), ("rejection", {"reason": "x"})):
        answer = await sales.admin.post(f"{request}/{step[0]}", json=step[1])
        assert problem(answer, 403, "decided-by-leader")["leader"] == "zhou.hong"
    read(await sales.manager.post(f"{request}/approval"))


async def test_whoever_leads_a_leader_who_has_left_is_asked(sales: Sales) -> None:
    for login, role, manager in (
        ("gone.lead", "sales_manager", "fang.lei"),
        ("new.rep", "rep", "gone.lead"),
        ("just.rep", "rep", "new.rep"),
    ):
        body = {"login": login, "name": login, "roles": [role], "team": "south", "manager": manager}
        assert (await sales.admin.post("/users", json=body)).status_code == 201
    assert (await sales.admin.delete("/users/gone.lead")).status_code == 200
    for login in ("new.rep", "just.rep"):
        request, entry = await asked(sales, sales.serving.client(login, "rep"))
        assert entry["approver"] == "fang.lei"
        read(await sales.director.post(f"{request}/approval"))
