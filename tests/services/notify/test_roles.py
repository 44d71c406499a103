"""Who may do what at notify."""

import pytest

from tests.services.notify.neighbour import Neighbours
from tests.services.role_table import ADMIN, EVERYBODY, LOOKING, SHARED, Table, let_in, served

STREAM = ("GET", "/stream")
TABLE: Table = {
    **SHARED,
    STREAM: EVERYBODY,
    ("GET", "/inbox"): EVERYBODY,
    ("POST", "/inbox/read"): EVERYBODY,
    ("POST", "/inbox/{notification_id}/read"): EVERYBODY,
    ("POST", "/inbox/{notification_id}/unread"): EVERYBODY,
    ("POST", "/inbox/{notification_id}/archive"): EVERYBODY,
    ("GET", "/subscriptions"): EVERYBODY,
    ("POST", "/webhooks"): ADMIN,
    ("GET", "/webhooks"): LOOKING,
    ("GET", "/webhooks/{webhook_id}"): LOOKING,
    ("DELETE", "/webhooks/{webhook_id}"): ADMIN,
    ("POST", "/webhooks/{webhook_id}/enable"): ADMIN,
    ("POST", "/webhooks/{webhook_id}/secret"): ADMIN,
    ("POST", "/webhooks/{webhook_id}/test"): ADMIN,
    ("GET", "/deliveries"): LOOKING,
    ("GET", "/deliveries/{delivery_id}"): LOOKING,
    ("POST", "/deliveries/{delivery_id}/replay"): ADMIN,
}


@pytest.mark.parametrize(("method", "path"), sorted(TABLE.keys() - {STREAM}))
async def test_only_these_roles_are_let_in(town: Neighbours, method: str, path: str) -> None:
    assert await let_in(town.notify, method, path) == TABLE[method, path]


async def test_the_table_knows_every_route(town: Neighbours) -> None:
    assert served(town.notify.app) == set(TABLE)


async def test_the_stream_needs_a_token_and_a_role(town: Neighbours) -> None:
    assert (await town.notify.anonymous.get("/stream")).status_code == 401
    assert (await town.notify.client("role.none").get("/stream")).status_code == 403


async def test_the_subscriptions_can_be_read_with_their_wording(town: Neighbours) -> None:
    shown = (await town.notify.client("li.wei", "rep").get("/subscriptions")).json()
    overdue = next(one for one in shown if one["subscription"]["kind"] == "payment_overdue")
    assert overdue["subscription"]["event"] == "PaymentOverdue"
    assert overdue["subscription"]["to"][2] == {
        "who": "owners_manager",
        "role": None,
        "member": None,
        "when": [{"member": "threshold", "one_of": [], "at_least": 30}],
    }
    assert overdue["wording"]["en"]["title"] == "Payment overdue: $customer"
    assert overdue["wording"]["zh"]["title"] == "逾期未付：$customer"


async def test_the_policy_can_be_read(town: Neighbours) -> None:
    policy = (await town.notify.client("li.wei", "rep").get("/policy")).json()
    assert policy["retry_after"] == [5, 300, 1800, 7200, 18000, 36000, 36000]
    assert {one["kind"] for one in policy["subscriptions"]} >= {"missed_touch", "payment_overdue"}
