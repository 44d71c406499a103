"""Webhooks over HTTP: registered, disabled, their secrets, and what reaches a real receiver."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.services.notify.neighbour import Neighbours
from tests.services.notify.receiver import receiving

WON = {"opportunity_id": "o-1", "owner": "li.wei", "products": ["GTX Pro"], "won_on": "2026-11-05",
       "amount": {"amount": "120000.00", "currency": "CNY"}}  # fmt: skip


@pytest.fixture
def admin(town: Neighbours) -> httpx.AsyncClient:
    return town.notify.client("admin", "admin")


async def register(admin: httpx.AsyncClient, url: str, **endpoint: Any) -> dict[str, Any]:
    answer = await admin.post("/webhooks", json={"url": url, **endpoint})
    assert answer.status_code == 201, answer.text
    registered: dict[str, Any] = answer.json()
    return registered


async def test_an_event_reaches_a_registered_webhook_signed(
    town: Neighbours, admin: httpx.AsyncClient
) -> None:
    customer = await town.customer("li.wei")
    async with receiving() as receiver:
        webhook = await register(admin, receiver.url, events=["pipeline.DealWon"])
        await town.tell("pipeline", "DealWon", customer, WON, who="li.wei")
        (received,) = await receiver.until(1)
        message = received.verified(webhook["secret"])
        assert message["type"] == "pipeline.DealWon"
        assert message["customer_id"] == str(customer)
        assert message["who"] == "li.wei"
        assert message["kinds"] == ["deal_won"]
        assert message["data"] == WON
        assert received.headers["content-type"] == "application/json"
        await admin.delete(f"/webhooks/{webhook['id']}")


async def test_only_what_a_webhook_wants_is_sent(town: Neighbours, admin: httpx.AsyncClient) -> None:
    customer = await town.customer("li.wei")
    async with receiving() as receiver:
        webhook = await register(admin, receiver.url, kinds=["deal_lost"], events=["collections.*"])
        await town.tell("pipeline", "DealWon", customer, WON)
        await town.tell("collections", "InvoiceIssued", customer, {"invoice_id": "i-1"})
        await town.tell("pipeline", "DealLost", customer, {"owner": "li.wei", "rival": "Beishan"})
        received = await receiver.until(2)
        types = {one.verified(webhook["secret"])["type"] for one in received}
        assert types == {"collections.InvoiceIssued", "pipeline.DealLost"}
        await admin.delete(f"/webhooks/{webhook['id']}")


async def test_a_webhook_is_listed_without_its_secret(town: Neighbours, admin: httpx.AsyncClient) -> None:
    webhook = await register(admin, "https://erp.example.com/hook", events=["*"], description="our ERP")
    shown = (await admin.get(f"/webhooks/{webhook['id']}")).json()
    assert shown["url"] == "https://erp.example.com/hook"
    assert (shown["enabled"], shown["events"], shown["description"]) == (True, ["*"], "our ERP")
    listed = (await admin.get("/webhooks", params={"limit": 200})).json()["items"]
    assert shown in listed
    assert "whsec" not in str(listed)
    facts = await town.notify.service.pool.fetch("SELECT state FROM facts WHERE topic LIKE 'notify.webhook%'")
    assert facts
    assert all(b"whsec" not in row["state"] for row in facts)
    await admin.delete(f"/webhooks/{webhook['id']}")


async def test_webhooks_are_listed_in_pages(admin: httpx.AsyncClient) -> None:
    made = [
        (await register(admin, f"https://erp.example.com/{number}", events=["*"]))["id"]
        for number in range(3)
    ]
    seen, after = [], None
    while True:
        query = {"limit": 2, **({"after": after} if after else {})}
        page = (await admin.get("/webhooks", params=query)).json()
        seen += [row["webhook_id"] for row in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert [id for id in seen if id in made] == made
    assert len(seen) == len(set(seen))
    for id in made:
        await admin.delete(f"/webhooks/{id}")


async def test_the_same_registration_under_its_key_is_one_webhook_with_one_secret(
    town: Neighbours, admin: httpx.AsyncClient
) -> None:
    body, key = {"url": "https://erp.example.com/once", "events": ["*"]}, {"Idempotency-Key": uuid4().hex}
    first = await admin.post("/webhooks", json=body, headers=key)
    again = await admin.post("/webhooks", json=body, headers=key)
    assert first.json() == again.json()
    assert again.headers["Keqing-Repeated"] == "true"
    rotated = await admin.post(f"/webhooks/{first.json()['id']}/secret", headers={"Idempotency-Key": "r1"})
    repeated = await admin.post(f"/webhooks/{first.json()['id']}/secret", headers={"Idempotency-Key": "r1"})
    assert rotated.json() == repeated.json()
    assert rotated.json()["secret"] != first.json()["secret"]
    count = await town.notify.service.pool.fetchval(
        "SELECT count(*) FROM webhook_secrets WHERE webhook_id = $1::uuid", first.json()["id"]
    )
    assert count == 2
    other = await admin.post("/webhooks", json={**body, "events": ["pipeline.*"]}, headers=key)
    assert (other.status_code, other.json()["type"]) == (422, "/problems/key-reused")
    left_over = await town.notify.service.pool.fetchval(
        "SELECT count(*) FROM webhook_secrets s WHERE NOT EXISTS"
        " (SELECT FROM webhooks w WHERE w.webhook_id = s.webhook_id)"
    )
    assert left_over == 0
    await admin.delete(f"/webhooks/{first.json()['id']}")


async def test_after_a_rotation_old_and_new_secret_verify(admin: httpx.AsyncClient) -> None:
    async with receiving() as receiver:
        webhook = await register(admin, receiver.url, events=["pipeline.Nothing"])
        rotated = await admin.post(f"/webhooks/{webhook['id']}/secret")
        assert rotated.status_code == 201
        assert (await admin.post(f"/webhooks/{webhook['id']}/test")).status_code == 201
        (received,) = await receiver.until(1)
        for secret in (webhook["secret"], rotated.json()["secret"]):
            assert received.verified(secret)["type"] == "notify.Ping"
        await admin.delete(f"/webhooks/{webhook['id']}")


async def test_a_test_message_is_a_delivery_to_look_at(town: Neighbours, admin: httpx.AsyncClient) -> None:
    async with receiving(202) as receiver:
        webhook = await register(admin, receiver.url, events=["pipeline.Nothing"])
        receipt = (await admin.post(f"/webhooks/{webhook['id']}/test")).json()
        assert receipt["facts"] == ["DeliveryQueued"]
        (received,) = await receiver.until(1)
        assert received.message_id == f"msg_{receipt['id'].replace('-', '')}"
        await town.notify.service.log.wait_beyond(receipt["position"], 20)
        await town.notify.catch_up()
        story = (await admin.get(f"/deliveries/{receipt['id']}")).json()
        assert story["delivery"]["standing"] == "sent"
        assert [(one["attempt"], one["outcome"], one["status"]) for one in story["attempts"]] == [
            (1, "sent", 202)
        ]
        await admin.delete(f"/webhooks/{webhook['id']}")


async def test_a_disabled_webhook_is_sent_nothing_until_it_is_enabled(
    town: Neighbours, admin: httpx.AsyncClient
) -> None:
    customer = await town.customer("li.wei")
    async with receiving() as receiver:
        webhook = await register(admin, receiver.url, events=["pipeline.DealWon"])
        path = f"/webhooks/{webhook['id']}"
        assert (await admin.delete(path)).json()["facts"] == ["WebhookDisabled"]
        assert (await admin.delete(path)).json()["facts"] == []
        await town.tell("pipeline", "DealWon", customer, WON)
        for step in ("test", "secret"):
            refused = await admin.post(f"{path}/{step}")
            assert (refused.status_code, refused.json()["type"]) == (409, "/problems/webhook-is-disabled")
        assert (await admin.get(path)).json()["disabled_reason"] == "by_hand"
        assert (await admin.post(f"{path}/enable")).json()["facts"] == ["WebhookEnabled"]
        await town.tell("pipeline", "DealWon", customer, {**WON, "opportunity_id": "o-2"})
        received = await receiver.until(1)
        opportunities = [one.verified(webhook["secret"])["data"]["opportunity_id"] for one in received]
        assert opportunities == ["o-2"]
        await admin.delete(path)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"url": "ftp://erp.example.com/", "events": ["*"]}, "request-invalid"),
        ({"url": "http://erp.example.com/", "events": ["*"]}, "url-not-usable"),
        ({"url": "https://u:p@erp.example.com/", "events": ["*"]}, "url-not-usable"),
        ({"url": "https://erp.example.com/"}, "nothing-chosen"),
        ({"url": "https://erp.example.com/", "kinds": ["deal_wen"]}, "unknown-kind"),
        ({"url": "erp.example.com", "events": ["*"]}, "request-invalid"),
        ({"url": "https://erp.example.com/", "events": ["nonsense"]}, "request-invalid"),
        ({"url": "https://erp.example.com/", "events": "*"}, "request-invalid"),
        ({"events": ["*"]}, "request-invalid"),
        ({"url": "https://erp.example.com/", "events": ["*"], "secret": "mine"}, "request-invalid"),
    ],
)
async def test_an_unusable_webhook_is_refused(
    town: Neighbours, admin: httpx.AsyncClient, body: dict[str, Any], problem: str
) -> None:
    answer = await admin.post("/webhooks", json=body)
    assert (answer.status_code, answer.json()["type"]) == (422, f"/problems/{problem}"), answer.text


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("DELETE", ""), ("POST", "/enable"), ("POST", "/secret"), ("POST", "/test")],
)
async def test_an_unknown_webhook_is_not_found(admin: httpx.AsyncClient, method: str, path: str) -> None:
    answer = await admin.request(method, f"/webhooks/{uuid4()}{path}")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/no-such-webhook")
