"""Words about people at a customer who was forgotten: refused wherever any are taken, never dropped."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from keqing_pipeline.app import CONTEXT
from keqing_shared.privacy.erasures import Erasures
from tests.answer import read
from tests.problem import problem

from .care_requests import person, submitted, wish
from .key_accounts import a_key_account
from .sales import Sales
from .test_needs_http import ANSWERS
from .test_ownership_http import ROLES

CALL = {"outcome": "interactive", "signals": ["converses"]}
WORDS = "王丽说她女儿要结婚"

REFUSED: dict[tuple[str, str], dict[str, Any]] = {
    ("PUT", "/customers/{customer}"): {"kind": "enterprise", "name": WORDS},
    ("POST", "/customers/{customer}/references"): {"system": "shop", "id": "1"},
    ("POST", "/customers/{customer}/merged"): {"into": "{other}", "reason": WORDS},
    ("POST", "/customers/{customer}/contacts"): {"name": WORDS},
    ("POST", "/customers/{customer}/first-impressions"): {"note": WORDS},
    ("POST", "/customers/{customer}/care-requests"): wish("{contact}"),
    ("POST", "/customers/{customer}/referral-requests"): {"note": WORDS},
    ("POST", "/customers/{customer}/referrals"): {
        "kind": "enterprise",
        "name": "{new}",
        "referral_note": WORDS,
    },
    ("PUT", "/customers/{customer}/account/level"): {"level": "summit", "evidence": WORDS},
    ("PUT", "/customers/{customer}/account/appraisal"): {
        "profitable": "yes",
        "squeezing": "no",
        "evidence": WORDS,
    },
    ("POST", "/customers/{customer}/account/reviews"): {"findings": WORDS},
    ("PUT", "/contacts/{contact}"): {"name": WORDS},
    ("POST", "/contacts/{contact}/left"): {"reason": WORDS},
    ("POST", "/contacts/{contact}/moved"): {"customer_id": "{other}", "reason": WORDS},
    ("POST", "/contacts/{contact}/observations"): {"happened": WORDS, "tells": WORDS},
    ("POST", "/opportunities"): {"customer_id": "{customer}", "title": "铣床"},
    ("POST", "/opportunities/{opportunity}/calls"): CALL | {"note": WORDS},
    ("POST", "/opportunities/{opportunity}/visits"): CALL | {"objections": [WORDS]},
    ("POST", "/opportunities/{opportunity}/messages"): CALL | {"next_step": WORDS},
    ("POST", "/opportunities/{opportunity}/stage"): {"to": "refused", "reason": WORDS},
    ("PUT", "/opportunities/{opportunity}/purchase-project"): {"problem": WORDS},
    ("POST", "/opportunities/{opportunity}/recommendation/rejected"): {"reason": WORDS},
    ("POST", "/opportunities/{won}/reopened"): {"reason": WORDS},
    ("POST", "/tracking-list/{customer}/removal"): {"reason": "blunder", "note": WORDS},
}
"""With their words; most take the same without."""

WORDLESS: dict[tuple[str, str], dict[str, Any] | None] = {
    ("POST", "/opportunities/{opportunity}/calls"): CALL,
    ("POST", "/opportunities/{opportunity}/visits"): CALL,
    ("POST", "/opportunities/{opportunity}/messages"): CALL,
    ("POST", "/opportunities/{opportunity}/stage"): {"to": "1"},
    ("PUT", "/opportunities/{opportunity}"): {"title": "铣床"},
    ("PUT", "/opportunities/{opportunity}/purchase-project"): {"problem": None},
    ("POST", "/opportunities/{opportunity}/diagnosis"): ANSWERS,
    ("POST", "/opportunities/{opportunity}/need"): {"need": "orders"},
    ("POST", "/opportunities/{opportunity}/recommendation"): {},
    ("POST", "/opportunities/{opportunity}/recommendation/accepted"): None,
    ("PUT", "/contacts/{contact}/coverage/zhao.min"): None,
    ("DELETE", "/contacts/{contact}/coverage/zhao.min"): None,
    ("POST", "/contacts/{contact}/left"): {},
    ("POST", "/contacts/{contact}/returned"): None,
    ("POST", "/contacts/{contact}/moved"): {"customer_id": "{other}"},
    ("POST", "/customers/{customer}/team"): {"login": "zhou.hong"},
    ("DELETE", "/customers/{customer}/team/zhou.hong"): None,
    ("PUT", "/customers/{customer}/account/plan"): {"objectives": [{"what": "更多"}], "team": ["li.wei"]},
    ("POST", "/customers/{customer}/tenders"): {"title": "泵站"},
    ("POST", "/customers/{customer}/referral-requests"): {},
    ("POST", "/customers/{customer}/referrals"): {"kind": "enterprise", "name": "{new}"},
    ("POST", "/opportunities/{opportunity}/won"): {"amount": {"amount": "1", "currency": "PHP"}},
}
"""In this order."""

ENDINGS: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/customers/{customer}/care-requests/{asked}/cancellation"): {"reason": WORDS},
    ("POST", "/customers/{customer}/account/key/end"): {"reason": WORDS},
    ("POST", "/opportunities/{second}/owner"): {"owner": "zhao.min", "reason": WORDS},
    ("POST", "/opportunities/{second}/lost"): {"reason": WORDS},
    ("POST", "/customers/{customer}/owner"): {"owner": "zhao.min", "reason": WORDS},
}
"""What has begun is ended and passed on all the same; its reason reads as erased."""


@dataclass
class Forgotten:
    """An enterprise of li.wei's whose people were forgotten, with all that had begun before."""

    sales: Sales
    things: dict[str, str]

    async def __call__(self, method: str, path: str, body: Any, **headers: str) -> httpx.Response:
        manages = any(word in path for word in ("/owner", "/merged", "/key", "/approval"))
        client = self.sales.manager if manages else self.sales.rep
        filled = {
            name: value.format(**self.things) if isinstance(value, str) else value
            for name, value in (body or {}).items()
        }
        json = None if body is None else filled
        return await client.request(method, path.format(**self.things), json=json, headers=headers)


@pytest.fixture
async def forgotten(sales: Sales) -> Forgotten:
    customer, other = await sales.customer(), await sales.customer()
    contact = await person(sales, customer, roles=["decider"])
    await a_key_account(sales, customer, "PHP", "更多")
    asked = await submitted(sales, customer, wish(contact))
    opportunity, second = [await sales.opportunity(customer_id=customer) for _ in range(2)]
    for step, body in (("diagnosis", ANSWERS), ("recommendation", {})):
        read(await sales.rep.post(f"/opportunities/{opportunity}/{step}", json=body))
    await sales.serving.catch_up()
    read(await sales.rep.post("/tracking-list", json={"customer_id": customer}), 201)
    query = {"customer_id": customer, "outcome": "won"}
    won = read(await sales.rep.get("/opportunities", params=query))["items"][0]["opportunity_id"]
    order = {"reason": "by letter"}
    read(await sales.admin.post(f"/customers/{customer}/erasure", json=order), 202)
    await sales.serving.catch_up()
    await Erasures(sales.serving.service).once()  # or its confirmation comes amid the test
    return Forgotten(
        sales,
        {
            "customer": customer,
            "other": other,
            "contact": contact,
            "asked": asked,
            "opportunity": opportunity,
            "second": second,
            "won": won,
            "new": f"新客户{sales.number()}号",
        },
    )


async def test_words_are_refused_on_every_route_that_takes_any(forgotten: Forgotten) -> None:
    log = forgotten.sales.serving.service.log
    before = await log.head()
    for (method, path), body in REFUSED.items():
        answer = await forgotten(method, path, body)
        assert problem(answer, 409, "customer-is-erased"), path
    assert await log.head() == before


async def test_what_has_begun_goes_on_without_words(forgotten: Forgotten) -> None:
    for (method, path), body in WORDLESS.items():
        answer = await forgotten(method, path, body)
        assert answer.status_code in (200, 201), (path, answer.text)


async def test_what_has_begun_is_ended_and_passed_on_and_the_reason_is_not_kept(forgotten: Forgotten) -> None:
    log = forgotten.sales.serving.service.log
    before = await log.head()
    for (method, path), body in ENDINGS.items():
        answer = await forgotten(method, path, body)
        assert answer.status_code == 200, (path, answer.text)
    reasons = [it.fact.reason for it in await log.read(before, 100) if getattr(it.fact, "reason", None)]
    # The customer's other opportunity is handed over with it.
    assert reasons == ["[erased]"] * (len(ENDINGS) + 1)


async def test_a_reason_beside_a_command_is_refused_and_the_command_goes_on_without(
    forgotten: Forgotten,
) -> None:
    log = forgotten.sales.serving.service.log
    reason = {"Keqing-Reason": quote(WORDS)}
    for (method, path), body in (WORDLESS | ENDINGS).items():
        before = await log.head()
        refused = problem(await forgotten(method, path, body, **reason), 409, "customer-is-erased")
        assert "Keqing-Reason" in refused["detail"], path
        assert await log.head() == before
        answer = await forgotten(method, path, body)
        assert answer.status_code in (200, 201), (path, answer.text)


async def test_an_erasure_is_ordered_with_a_reason_beside_it(sales: Sales) -> None:
    customer, order = await sales.customer(), {"reason": "by letter"}
    headers = {"Keqing-Reason": quote(WORDS)}
    answer = await sales.admin.post(f"/customers/{customer}/erasure", json=order, headers=headers)
    assert answer.status_code == 202, answer.text


SAYS_NOTHING = {
    ("POST", "/customers/{}/parted"),
    ("POST", "/customers/{}/erasure"),
    ("POST", "/customers/{}/account/key"),
    ("POST", "/customers/{}/tenders/{}/decision"),
    ("POST", "/customers/{}/care-requests/{}/approval"),
    ("POST", "/customers/{}/care-requests/{}/rejection"),
    ("POST", "/customers/{}/care-requests/{}/completion"),
    ("PUT", "/opportunities/{}/customer"),
    ("POST", "/open-pool/{}/claim"),
    ("DELETE", "/users/{}"),
    ("PUT", "/users/{}"),
    ("PUT", "/filters/{}"),
    ("DELETE", "/filters/{}"),
    ("POST", "/parked/{}/replay"),
    ("DELETE", "/parked/{}"),
}
"""Parting says the file as it stands, rejection and completion end what had begun; no other takes words."""


def test_every_route_that_changes_something_is_looked_at() -> None:
    def bare(path: str) -> str:
        parts = [
            "{}" if part.startswith("{") or part in ("zhao.min", "zhou.hong") else part
            for part in path.split("/")
        ]
        return "/".join(parts)

    looked_at = {(method, bare(path)) for table in (REFUSED, WORDLESS, ENDINGS) for method, path in table}
    changing = {(method, bare(path)) for method, path in ROLES if method != "GET" and "{" in path}
    assert changing - looked_at - SAYS_NOTHING == set()
    assert CONTEXT.heed is not None
