"""Who is let in at collections, and that nobody sees more than theirs."""

from uuid import UUID

import pytest

from tests.services.collections.desk import Desk
from tests.services.role_table import SHARED, Table, let_in, lists, served
from tests.services.same_answer import Answer, answers

READ = frozenset({"rep", "sales_manager", "collector", "credit_controller", "auditor"})
WORK = frozenset({"collector", "credit_controller"})
CREDIT = frozenset({"credit_controller"})

TABLE: Table = {
    **SHARED,
    ("POST", "/invoices"): WORK,
    ("GET", "/invoices"): READ,
    ("GET", "/invoices/{invoice_id}"): READ,
    ("POST", "/invoices/{invoice_id}/credit-notes"): CREDIT,
    ("POST", "/invoices/{invoice_id}/dispute"): WORK,
    ("POST", "/invoices/{invoice_id}/dispute/resolution"): WORK,
    ("POST", "/invoices/{invoice_id}/write-off"): CREDIT,
    ("POST", "/invoices/{invoice_id}/cancellation"): WORK,
    ("POST", "/payments"): WORK,
    ("GET", "/payments"): READ,
    ("GET", "/payments/{payment_id}"): READ,
    ("POST", "/payments/{payment_id}/allocations"): WORK,
    ("POST", "/payments/{payment_id}/reversal"): WORK,
    ("GET", "/customers/{customer_id}/account"): READ,
    ("GET", "/ageing"): READ,
    ("POST", "/imports/invoices"): WORK | {"admin"},
}


@pytest.mark.parametrize(("method", "path"), sorted(TABLE))
async def test_only_these_roles_are_let_in(desk: Desk, method: str, path: str) -> None:
    assert await let_in(desk.serving, method, path) == TABLE[method, path]


async def test_the_table_knows_every_route(desk: Desk) -> None:
    assert served(desk.serving.app) == set(TABLE)


async def test_nobody_can_tell_from_a_list_what_others_have(desk: Desk) -> None:
    ours, theirs = await desk.customer("li.wei"), await desk.customer("wang.bo")

    async def asked() -> dict[str, list[Answer]]:
        await desk.serving.catch_up()
        return {path: await answers(desk.rep(), path, {}) for path in lists(TABLE)}

    async def business(customer: UUID) -> None:
        invoice = await desk.issue(customer)
        await desk.issue(customer, "20.00")
        await desk.pay(customer, "300.00", allocations=[(invoice, "200.00")])

    await business(ours)
    before = await asked()
    assert before.keys() >= {"/invoices", "/payments", "/ageing"}
    await business(theirs)
    assert await asked() == before
    await business(ours)
    after = await asked()
    assert [path for path in after if after[path] == before[path]] == []
