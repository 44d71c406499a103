"""Who may do what at the service desk, as a table, and what each of them sees."""

from typing import Any
from uuid import uuid4

import pytest

from tests.services.role_table import SHARED, Table, let_in, lists, served
from tests.services.same_answer import Answer, answers

from .desk import ACME, BOLT, STEPS, TO_THE_END, Desk, new_complaint
from .test_callbacks_http import won

HANDLING = frozenset({"agent", "supervisor"})
READING = frozenset({"agent", "supervisor", "rep", "sales_manager", "auditor"})
COMPLAINT = "/complaints/{complaint_id}"
TABLE: Table = {
    **SHARED,
    ("POST", "/complaints"): HANDLING | {"rep"},
    ("GET", COMPLAINT): READING,
    **{("POST", f"{COMPLAINT}/{step}"): HANDLING for step in (*STEPS, "resumed")},
    ("POST", f"{COMPLAINT}/settlement/approval"): frozenset({"supervisor", "sales_manager"}),
    ("GET", "/queue"): READING,
    ("GET", "/pareto"): READING,
    ("GET", "/callbacks"): READING,
    ("POST", "/callbacks/{callback_id}/result"): HANDLING,
    ("POST", "/imports/complaints"): frozenset({"admin", "supervisor"}),
}

QUERIES = {"/pareto": {"by": "category"}}


@pytest.mark.parametrize(("method", "path"), sorted(TABLE))
async def test_the_role_table(desk: Desk, method: str, path: str) -> None:
    assert await let_in(desk.serving, method, path) == TABLE[method, path]


async def test_the_role_table_knows_every_route(desk: Desk) -> None:
    assert served(desk.serving.app) == set(TABLE)


async def seen(desk: Desk, login: str, role: str) -> set[str]:
    items = await desk.queue(desk.serving.client(login, role))
    return {item["customer_id"] for item in items}


async def test_everybody_sees_the_complaints_of_the_customers_they_see(desk: Desk) -> None:
    ours, theirs = await desk.open(), await desk.open(customer_id=str(BOLT))
    both = {str(ACME), str(BOLT)}
    for login, role in (("zhao.min", "agent"), ("qian.li", "supervisor"), ("he.jing", "auditor")):
        assert await seen(desk, login, role) == both
    for login, role in (("li.wei", "rep"), ("gao.yan", "sales_manager")):
        assert await seen(desk, login, role) == {str(ACME)}
        client = desk.serving.client(login, role)
        assert (await client.get(f"/complaints/{ours}")).status_code == 200
        hidden = await client.get(f"/complaints/{theirs}")
        assert (hidden.status_code, hidden.json()["type"]) == (404, "/problems/no-such-complaint")
        assert str(BOLT) not in hidden.text
        counted = await client.get("/pareto", params={"by": "customer"})
        assert [line["keys"] for line in counted.json()["lines"]] == [[str(ACME)]]


async def test_nobody_can_tell_from_a_list_what_others_have(desk: Desk) -> None:
    async def asked() -> dict[str, list[Answer]]:
        await desk.serving.catch_up()
        lookers = (desk.rep, desk.manager)
        return {
            path: [
                answer for looker in lookers for answer in await answers(looker, path, QUERIES.get(path, {}))
            ]
            for path in lists(TABLE)
        }

    await desk.open()
    await won(desk, ACME)
    before = await asked()
    assert before.keys() >= {"/queue", "/pareto", "/callbacks"}
    theirs = await desk.open(customer_id=str(BOLT))
    await desk.take(theirs, *TO_THE_END)
    await desk.open(customer_id=str(BOLT))
    await won(desk, BOLT)
    assert await asked() == before
    await won(desk, ACME)
    await desk.open()
    after = await asked()
    assert [path for path in after if after[path] == before[path]] == []


async def test_a_card_names_no_complaint_of_a_customer_that_is_not_ones_own(desk: Desk) -> None:
    alike = {"product": f"pump {uuid4()}", "cause": "product_quality"}
    theirs = await desk.open(customer_id=str(BOLT), received_at="2026-01-05T02:00:00Z", **alike)
    earlier = await desk.open(received_at="2026-01-06T02:00:00Z", **alike)
    ours = await desk.open(**alike)
    await desk.serving.catch_up()
    assert (await desk.card(ours))["repeats"] == [earlier, theirs]
    for login, role in (("li.wei", "rep"), ("gao.yan", "sales_manager")):
        assert (await desk.card(ours, desk.serving.client(login, role)))["repeats"] == [earlier]


async def test_a_rep_opens_complaints_of_own_customers_which_nobody_has_taken_yet(desk: Desk) -> None:
    complaint_id = await desk.open(desk.rep)
    card: Any = await desk.card(complaint_id)
    assert (card["opened_by"], card["assigned_to"]) == ("li.wei", None)
    foreign = await desk.rep.post("/complaints", json=new_complaint(customer_id=str(BOLT)))
    assert (foreign.status_code, foreign.json()["type"]) == (404, "/problems/customer-unknown")
    taken = await desk.agent.post(
        f"/complaints/{complaint_id}/reassignment", json={"assigned_to": "zhao.min"}
    )
    assert taken.status_code == 201


async def test_an_agent_whom_the_directory_does_not_know_yet_can_take_a_complaint(desk: Desk) -> None:
    path = f"/complaints/{await desk.open(desk.rep)}/reassignment"
    newcomer = desk.serving.client("new.one", "agent")
    assert (await newcomer.post(path, json={"assigned_to": "new.two"})).status_code == 422
    assert (await newcomer.post(path, json={"assigned_to": "new.one"})).status_code == 201
