"""Commands over HTTP: receipts, versions, keys, reasons."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.harness import Serving
from tests.shared.http.library import ACME
from tests.shared.http.loan import LOAN


@pytest.fixture
def rep(library: Serving) -> httpx.AsyncClient:
    return library.client("li.wei", "rep")


def new_loan(**given: Any) -> dict[str, Any]:
    return {"customer_id": str(ACME), "copy": f"copy-{uuid4()}", "title": "红楼梦", **given}


async def lent(client: httpx.AsyncClient, **given: Any) -> str:
    answer = await client.post("/loans", json=new_loan(**given))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_a_command_is_answered_with_its_receipt(rep: httpx.AsyncClient) -> None:
    answer = await rep.post("/loans", json=new_loan())
    assert answer.status_code == 201
    receipt = answer.json()
    assert set(receipt) == {"id", "version", "position", "facts"}
    assert receipt["version"] == 1
    assert receipt["facts"] == ["BookLent"]
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["keqing-position"] == f"library:{receipt['position']}"
    assert "keqing-repeated" not in answer.headers


async def test_who_why_and_the_correlation_are_kept_with_the_fact(
    library: Serving, rep: httpx.AsyncClient
) -> None:
    headers = {"Keqing-Reason": "%E5%AE%A2%E6%88%B7%E6%9D%A5%E7%94%B5", "X-Correlation-Id": "call-7"}
    answer = await rep.post("/loans", json=new_loan(), headers=headers)
    assert answer.headers["x-correlation-id"] == "call-7"
    (fact,) = await library.service.log.stream(UUID(answer.json()["id"]))
    assert (fact.who, fact.why, fact.correlation_id) == ("li.wei", "客户来电", "call-7")
    assert fact.customer_id == ACME


async def test_without_a_correlation_id_the_answer_names_the_one_that_was_kept(
    library: Serving, rep: httpx.AsyncClient
) -> None:
    answer = await rep.post("/loans", json=new_loan())
    (fact,) = await library.service.log.stream(UUID(answer.json()["id"]))
    assert answer.headers["x-correlation-id"] == fact.correlation_id != ""


async def test_the_version_named_by_if_match_must_be_the_current_one(rep: httpx.AsyncClient) -> None:
    loan = await lent(rep)
    renewal = {"on": "2026-03-02"}
    first = await rep.post(f"/loans/{loan}/renewals", json=renewal, headers={"If-Match": '"1"'})
    assert (first.status_code, first.headers["etag"]) == (201, '"2"')
    stale = await rep.post(f"/loans/{loan}/renewals", json=renewal, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert stale.json()["type"] == "/problems/stale-version"
    weak = await rep.post(f"/loans/{loan}/renewals", json=renewal, headers={"If-Match": 'W/"2"'})
    assert weak.status_code == 201


async def test_if_match_holds_for_a_transaction_of_several_commands_too(rep: httpx.AsyncClient) -> None:
    loan = await lent(rep)
    assert (await rep.post(f"/loans/{loan}/return", headers={"If-Match": '"9"'})).status_code == 412
    done = await rep.post(f"/loans/{loan}/return", headers={"If-Match": '"1"'})
    assert (done.status_code, done.json()["facts"]) == (200, ["BookReturned"])


async def test_the_same_key_and_body_get_the_first_receipt_again(
    library: Serving, rep: httpx.AsyncClient
) -> None:
    body, key = new_loan(), {"Idempotency-Key": str(uuid4())}
    first = await rep.post("/loans", json=body, headers=key)
    again = await rep.post("/loans", json=body, headers=key)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert again.headers["keqing-repeated"] == "true"
    assert len(await library.service.log.stream(UUID(first.json()["id"]))) == 1


async def test_twenty_at_once_under_one_key_do_it_once(library: Serving, rep: httpx.AsyncClient) -> None:
    body, key = new_loan(), {"Idempotency-Key": str(uuid4())}
    answers = await asyncio.gather(*(rep.post("/loans", json=body, headers=key) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1


async def test_the_same_key_with_another_body_or_path_is_refused(rep: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    loan = (await rep.post("/loans", json=new_loan(), headers=key)).json()["id"]
    other = await rep.post("/loans", json=new_loan(), headers=key)
    elsewhere = await rep.post(f"/loans/{loan}/renewals", json={"on": "2026-03-02"}, headers=key)
    assert [other.status_code, elsewhere.status_code] == [422, 422]
    assert other.json()["type"] == "/problems/key-reused"


async def test_two_users_may_use_the_same_key(library: Serving, rep: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    agent = library.client("sun.li", "agent")
    mine = await rep.post("/loans", json=new_loan(), headers=key)
    hers = await agent.post("/loans", json=new_loan(), headers=key)
    assert (mine.status_code, hers.status_code) == (201, 201)
    assert mine.json()["id"] != hers.json()["id"]


async def test_a_rule_that_refuses_is_a_problem_with_its_members(rep: httpx.AsyncClient) -> None:
    loan = await lent(rep)
    for _ in range(2):
        assert (await rep.post(f"/loans/{loan}/renewals", json={"on": "2026-03-02"})).status_code == 201
    refused = await rep.post(f"/loans/{loan}/renewals", json={"on": "2026-03-02"})
    assert refused.status_code == 409
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json() == {
        "type": "/problems/renewal-limit-reached",
        "title": "A loan is renewed twice at the most",
        "status": 409,
        "detail": "bring it back first",
        "renewals": 2,
        "most": 2,
    }


async def test_a_name_that_is_taken_is_a_problem_and_free_again_once_released(rep: httpx.AsyncClient) -> None:
    loan = await lent(rep, copy="shelf-7")
    taken = await rep.post("/loans", json=new_loan(copy="shelf-7"))
    assert taken.status_code == 409
    assert (taken.json()["type"], taken.json()["holder"]) == ("/problems/taken", loan)
    assert (await rep.post(f"/loans/{loan}/return")).status_code == 200
    assert (await rep.post("/loans", json=new_loan(copy="shelf-7"))).status_code == 201


async def test_two_at_once_for_one_name_leave_one_holder(rep: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(rep.post("/loans", json=new_loan(copy="shelf-8")) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7


async def test_concurrent_renewals_without_a_version_are_decided_one_after_the_other(
    library: Serving, rep: httpx.AsyncClient
) -> None:
    loan = await lent(rep)
    renewals = [rep.post(f"/loans/{loan}/renewals", json={"on": "2026-03-02"}) for _ in range(6)]
    answers = await asyncio.gather(*renewals)
    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409, 409, 409]
    loaded = await library.service.streams.load(LOAN, UUID(loan))
    assert (loaded.version, loaded.state and loaded.state.renewals) == (3, 2)


@pytest.mark.parametrize(
    ("header", "given"),
    [
        ("If-Match", "3"),
        ("If-Match", '"1", "2"'),
        ("If-Match", '"99999999999999999999"'),
        ("Idempotency-Key", "with space"),
        ("Idempotency-Key", "k" * 201),
        ("Keqing-Reason", "%FF"),
        ("Keqing-Reason", "100%"),
        ("Keqing-Reason", "a%00b"),
        ("Keqing-Reason", "a" * 4501),
        ("X-Correlation-Id", "no spaces"),
        ("Keqing-After", "library"),
        ("Keqing-After", "library:-1"),
    ],
)
async def test_a_header_that_does_not_read_well_is_refused_by_name(
    rep: httpx.AsyncClient, header: str, given: str
) -> None:
    refused = await rep.post("/loans", json=new_loan(), headers={header: given})
    assert refused.status_code == 422
    assert refused.json()["type"] == "/problems/header-invalid"
    assert refused.json()["field"] == header
