"""Who may do what at notify."""

from typing import Any, get_args

import pytest

from keqing_shared.http.user import Role
from tests.services.notify.neighbour import Neighbours

EVERYBODY = frozenset(get_args(Role))
ADMIN = frozenset({"admin"})
LOOKING = frozenset({"admin", "auditor"})
ID = "0d9c7a52-6f0e-4c0c-9f0b-2f6f1b1f7a11"

TABLE = {
    ("GET", "/inbox"): EVERYBODY,
    ("POST", "/inbox/read"): EVERYBODY,
    ("POST", f"/inbox/{ID}/read"): EVERYBODY,
    ("POST", f"/inbox/{ID}/unread"): EVERYBODY,
    ("POST", f"/inbox/{ID}/archive"): EVERYBODY,
    ("GET", "/subscriptions"): EVERYBODY,
    ("GET", "/policy"): EVERYBODY,
    ("PUT", "/policy"): ADMIN,
    ("GET", "/policy/changes"): LOOKING,
    ("POST", "/webhooks"): ADMIN,
    ("GET", "/webhooks"): LOOKING,
    ("GET", f"/webhooks/{ID}"): LOOKING,
    ("DELETE", f"/webhooks/{ID}"): ADMIN,
    ("POST", f"/webhooks/{ID}/enable"): ADMIN,
    ("POST", f"/webhooks/{ID}/secret"): ADMIN,
    ("POST", f"/webhooks/{ID}/test"): ADMIN,
    ("GET", "/deliveries"): LOOKING,
    ("GET", f"/deliveries/{ID}"): LOOKING,
    ("POST", f"/deliveries/{ID}/replay"): ADMIN,
}


@pytest.mark.parametrize(("method", "path"), TABLE)
async def test_only_these_roles_are_let_in(town: Neighbours, method: str, path: str) -> None:
    body: dict[str, Any] = (
        {"json": {}} if (method, path) in (("POST", "/inbox/read"), ("POST", "/webhooks")) else {}
    )
    for role in sorted(EVERYBODY):
        answer = await town.notify.client(f"role.{role}", role).request(method, path, **body)
        assert (answer.status_code != 403) == (role in TABLE[method, path]), (role, answer.text)
        assert answer.status_code < 500
    nobody = await town.notify.client("role.none").request(method, path, **body)
    assert (nobody.status_code, nobody.json()["type"]) == (403, "/problems/role-missing")
    anonymous = await town.notify.anonymous.request(method, path, **body)
    assert anonymous.status_code == 401


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
