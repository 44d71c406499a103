"""The inbox over HTTP, fed over a real NATS."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.services.notify.neighbour import Neighbours


def overdue(number: str, threshold: int = 1, invoice_id: UUID | None = None) -> dict[str, Any]:
    return {
        "invoice_id": str(invoice_id or uuid4()),
        "number": number,
        "threshold": threshold,
        "days_overdue": threshold,
        "open": {"amount": "9800.00", "currency": "CNY"},
        "on": (date(2026, 10, 4) + timedelta(days=threshold)).isoformat(),
        "due_on": "2026-10-04",
    }


async def inbox(client: httpx.AsyncClient, **query: Any) -> dict[str, Any]:
    answer = await client.get("/inbox", params=query)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


@pytest.fixture
def someone() -> str:
    """A login of one's own per test."""
    return f"rep.{uuid4().hex[:12]}"


async def one_notification(town: Neighbours, login: str) -> dict[str, Any]:
    customer = await town.customer(login)
    await town.tell("collections", "PaymentOverdue", customer, overdue("INV-7"))
    (item,) = (await inbox(town.notify.client(login, "rep")))["items"]
    found: dict[str, Any] = item
    return found


async def test_an_overdue_payment_reaches_the_owners_inbox_in_their_language(
    town: Neighbours, someone: str
) -> None:
    await town.enrol(someone, "rep", language="en")
    customer = await town.customer(someone, "Far East Machines")
    await town.tell("collections", "PaymentOverdue", customer, overdue("INV-7", 30), who="clockwork")
    page = await inbox(town.notify.client(someone, "rep"))
    assert page["unread"] == 1
    assert page["next"] is None
    (item,) = page["items"]
    assert item["title"] == "Payment overdue: Far East Machines"
    assert (
        item["body"]
        == "Invoice INV-7 was due on 4 Oct 2026: 30 days overdue on 3 Nov 2026, 9,800.00 CNY open."
    )
    assert (item["kind"], item["standing"], item["language"]) == ("payment_overdue", "unread", "en")
    assert (item["customer_id"], item["event"]) == (str(customer), "collections.PaymentOverdue")
    assert item["members"]["number"] == "INV-7"
    assert not item["critical"]


async def test_an_unenrolled_reader_is_answered_as_their_client_asks(town: Neighbours, someone: str) -> None:
    await one_notification(town, someone)
    client = town.notify.client(someone, "rep")
    in_english = await client.get("/inbox", headers={"Accept-Language": "en-GB,zh;q=0.5"})
    assert in_english.json()["items"][0]["title"] == "Payment overdue: 远东机械"
    by_default = await client.get("/inbox")
    assert by_default.json()["items"][0]["title"] == "逾期未付：远东机械"


async def test_a_private_persons_name_is_not_known_here(town: Neighbours, someone: str) -> None:
    customer = await town.customer(someone, None)
    await town.tell("collections", "PaymentOverdue", customer, overdue("INV-7"))
    (item,) = (await inbox(town.notify.client(someone, "rep")))["items"]
    assert item["title"] == "逾期未付：个人客户"


async def test_a_missed_touch_an_opened_complaint_and_a_won_deal_reach_the_right_people(
    town: Neighbours, someone: str
) -> None:
    manager, agent = f"m.{someone}", f"a.{someone}"
    await town.enrol(manager, "sales_manager")
    await town.enrol(someone, "rep", manager=manager)
    customer = await town.customer(someone)
    missed = {"opportunity_id": str(uuid4()), "owner": someone, "due_on": "2026-11-03", "in_a_row": 1}
    await town.tell("pipeline", "FollowUpMissed", customer, missed)
    await town.tell("pipeline", "FollowUpMissed", customer, {**missed, "in_a_row": 3, "level": "manager"})
    complaint = {"complaint_id": str(uuid4()), "category": "freight", "severity": "major", "opened_by": agent,
                 "assigned_to": agent, "invoices": []}  # fmt: skip
    await town.tell("service-desk", "ComplaintOpened", customer, complaint)
    won = {"opportunity_id": str(uuid4()), "owner": someone, "products": ["GTX Pro"], "won_on": "2026-11-05",
           "amount": {"amount": "120000.00", "currency": "CNY"}}  # fmt: skip
    await town.tell("pipeline", "DealWon", customer, won)

    async def kinds(login: str, role: str) -> list[tuple[str, int]]:
        items = (await inbox(town.notify.client(login, role)))["items"]
        return [(item["kind"], item["repeats"]) for item in items]

    assert await kinds(someone, "rep") == [("complaint_opened", 0), ("missed_touch", 1)]
    assert await kinds(manager, "sales_manager") == [("deal_won", 0), ("missed_touch", 0)]
    assert await kinds(agent, "agent") == [("complaint_opened", 0)]


async def test_a_role_is_told_as_it_stands_at_the_moment(town: Neighbours, someone: str) -> None:
    collector, gone = f"c.{someone}", f"g.{someone}"
    await town.enrol(collector, "collector")
    await town.enrol(gone, "collector")
    await town.tell(
        "pipeline",
        "UserDeactivated",
        None,
        {"login": gone, "name": gone, "roles": ["collector"], "team": None, "manager": None,
         "language": "zh", "active": False},
    )  # fmt: skip
    customer = await town.customer(someone)
    await town.tell("collections", "PaymentOverdue", customer, overdue("INV-8"))
    assert len((await inbox(town.notify.client(collector, "collector")))["items"]) == 1
    found = "SELECT count(*) FROM inbox WHERE recipient = $1"
    assert await town.notify.service.pool.fetchval(found, gone) == 0


async def test_an_event_before_its_customer_is_told_once_the_customer_is_known(
    town: Neighbours, someone: str
) -> None:
    from tests.services.notify.neighbour import registered

    collector, customer = f"c.{someone}", uuid4()
    await town.enrol(collector, "collector")
    await town.tell("collections", "PaymentOverdue", customer, overdue("INV-9"))
    assert len((await inbox(town.notify.client(collector, "collector")))["items"]) == 1
    assert (await inbox(town.notify.client(someone, "rep")))["items"] == []
    await town.tell("pipeline", "CustomerRegistered", customer, registered(someone))
    await town.notify.tick()
    await town.notify.tick()
    assert len((await inbox(town.notify.client(someone, "rep")))["items"]) == 1
    assert len((await inbox(town.notify.client(collector, "collector")))["items"]) == 1
    left = await town.notify.service.pool.fetchval(
        "SELECT count(*) FROM early_events WHERE awaits LIKE $1", f"%{customer}"
    )
    # The rep was never enrolled, but a first reminder asks for no manager, so nothing more is awaited.
    assert left == 0


async def test_read_unread_and_archive(town: Neighbours, someone: str) -> None:
    item = await one_notification(town, someone)
    client = town.notify.client(someone, "rep")

    async def after(step: str) -> tuple[list[str], int]:
        receipt = await client.post(f"/inbox/{item['id']}/{step}")
        assert receipt.status_code == 200, receipt.text
        own = {"Keqing-After": receipt.headers["Keqing-Position"]}
        shown = []
        for show in ("all", "unread", "archived"):
            page = (await client.get("/inbox", params={"show": show}, headers=own)).json()
            if page["items"]:
                shown.append(show)
        return shown, page["unread"]

    assert await after("read") == (["all"], 0)
    assert await after("unread") == (["all", "unread"], 1)
    assert await after("archive") == (["archived"], 0)
    assert await after("read") == (["archived"], 0)
    assert await after("unread") == (["all", "unread"], 1)


async def test_a_stale_version_is_refused(town: Neighbours, someone: str) -> None:
    item = await one_notification(town, someone)
    client = town.notify.client(someone, "rep")
    etag = f'"{item["version"]}"'
    first = await client.post(f"/inbox/{item['id']}/read", headers={"If-Match": etag})
    assert (first.status_code, first.headers["ETag"]) == (200, '"2"')
    second = await client.post(f"/inbox/{item['id']}/archive", headers={"If-Match": etag})
    assert second.status_code == 412


async def test_nobody_touches_or_sees_anothers_notification(town: Neighbours, someone: str) -> None:
    item = await one_notification(town, someone)
    other = town.notify.client(f"x.{someone}", "rep", "admin")
    assert (await inbox(other))["items"] == []
    for step in ("read", "unread", "archive"):
        answer = await other.post(f"/inbox/{item['id']}/{step}")
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/no-such-notification")
        answer = await other.post(f"/inbox/{uuid4()}/{step}")
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/no-such-notification")
    await other.post("/inbox/read", json={"position": 2**53})
    await town.notify.catch_up()
    assert (await inbox(town.notify.client(someone, "rep")))["unread"] == 1


async def test_of_several_about_one_invoice_only_the_newest_shows(town: Neighbours, someone: str) -> None:
    customer, invoice = await town.customer(someone), uuid4()
    client = town.notify.client(someone, "rep")
    await town.tell("collections", "PaymentOverdue", customer, overdue("INV-10", 1, invoice))
    (first,) = (await inbox(client))["items"]
    assert (await client.post(f"/inbox/{first['id']}/archive")).status_code == 200
    for threshold in (30, 60, 90):
        await town.tell("collections", "PaymentOverdue", customer, overdue("INV-10", threshold, invoice))
    await town.tell("collections", "PaymentOverdue", customer, overdue("INV-11"))
    page = await inbox(client)
    assert [(item["members"]["number"], item["repeats"]) for item in page["items"]] == [
        ("INV-11", 0),
        ("INV-10", 3),
    ]
    assert page["unread"] == 2
    assert page["items"][1]["critical"]
    assert (await inbox(client, show="archived"))["items"] == []


async def test_pages_follow_each_other_without_gap_or_repeat(town: Neighbours, someone: str) -> None:
    customer = await town.customer(someone)
    for number in range(5):
        await town.tell("collections", "PaymentOverdue", customer, overdue(f"INV-{number}"))
    client = town.notify.client(someone, "rep")
    seen, after = [], None
    for _ in range(3):
        page = await inbox(client, limit=2, **({"after": after} if after else {}))
        seen += [item["members"]["number"] for item in page["items"]]
        assert page["unread"] == 5
        after = page["next"]
    assert after is None
    assert seen == ["INV-4", "INV-3", "INV-2", "INV-1", "INV-0"]


async def test_everything_up_to_what_was_seen_is_read_at_once(town: Neighbours, someone: str) -> None:
    customer, invoice = await town.customer(someone), uuid4()
    client = town.notify.client(someone, "rep")
    for threshold in (1, 30):
        await town.tell("collections", "PaymentOverdue", customer, overdue("INV-12", threshold, invoice))
    seen = (await inbox(client))["items"][0]["position"]
    await town.tell("collections", "PaymentOverdue", customer, overdue("INV-13"))
    answer = await client.post("/inbox/read", json={"position": seen})
    assert (answer.status_code, answer.json()) == (200, {"read": 2})
    own = {"Keqing-After": answer.headers["Keqing-Position"]}
    page = (await client.get("/inbox", headers=own)).json()
    assert [(item["members"]["number"], item["standing"]) for item in page["items"]] == [
        ("INV-13", "unread"),
        ("INV-12", "read"),
    ]
    again = await client.post("/inbox/read", json={"position": seen})
    assert (again.json(), "Keqing-Position" in again.headers) == ({"read": 0}, False)


@pytest.mark.parametrize(
    ("method", "path", "extra", "status"),
    [
        ("GET", "/inbox", {"params": {"show": "deleted"}}, 422),
        ("GET", "/inbox", {"params": {"limit": 0}}, 422),
        ("GET", "/inbox", {"params": {"after": "bm9uc2Vuc2U"}}, 422),
        ("GET", "/inbox", {"params": {"for": "li.wei"}}, 422),
        ("POST", "/inbox/7/read", {}, 422),
        ("POST", "/inbox/read", {"json": {"position": -1}}, 422),
        ("POST", "/inbox/read", {"json": {"position": "7"}}, 422),
        ("POST", "/inbox/read", {"json": {}}, 422),
        ("POST", "/inbox/read", {"content": b"{", "headers": {"content-type": "application/json"}}, 400),
        ("DELETE", "/inbox", {}, 405),
    ],
)
async def test_bad_input_gets_a_specific_refusal(
    town: Neighbours, method: str, path: str, extra: dict[str, Any], status: int
) -> None:
    answer = await town.notify.client("li.wei", "rep").request(method, path, **extra)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
