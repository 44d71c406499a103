"""The audit: a customer's facts in order, states as of a moment, and who looked."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from keqing_shared.history import HistoryRead
from tests.harness import Serving
from tests.problem import problem
from tests.shared.http.library import ACME, BOLT, NOBODY

FIRST = datetime(2026, 3, 2, 1, tzinfo=UTC)
PATHS = (
    "/audit/customers/{}",
    "/audit/customers/{}/state",
    "/audit/customers/{}/difference?from=2026-03-01T00:00:00Z",
)


@pytest.fixture
def auditor(library: Serving) -> httpx.AsyncClient:
    return library.client("qian.yu", "auditor")


class Story:
    """A loan of 2 March, renewed on 3 March with a reason, and one of another customer."""

    loan: str
    other: str


@pytest.fixture(scope="module")
async def story(library: Serving) -> AsyncIterator[Story]:
    it = Story()
    rep = library.client("li.wei", "rep")
    await library.set_clock(FIRST)
    body = {"customer_id": str(ACME), "copy": f"copy-{uuid4()}", "title": "红楼梦", "remark": "喜欢诗"}
    it.loan = (await rep.post("/loans", json=body)).json()["id"]
    other = {"customer_id": str(BOLT), "copy": f"copy-{uuid4()}", "title": "水浒传"}
    it.other = (await library.client("sun.li", "agent").post("/loans", json=other)).json()["id"]
    await library.set_clock(FIRST + timedelta(days=1))
    headers = {"Keqing-Reason": "not%20finished", "X-Correlation-Id": "desk-4"}
    await rep.post(f"/loans/{it.loan}/renewals", json={"on": "2026-03-03"}, headers=headers)
    yield it
    await library.set_clock(None)


async def facts(client: httpx.AsyncClient, customer: UUID = ACME, **params: Any) -> list[dict[str, Any]]:
    answer = await client.get(f"/audit/customers/{customer}", params=params)
    assert answer.status_code == 200, answer.text
    return [entry for entry in answer.json()["items"] if entry["kind"] != "HistoryRead"]


async def test_the_facts_come_in_order_with_who_when_and_why(
    story: Story, auditor: httpx.AsyncClient
) -> None:
    lent, renewed = await facts(auditor)
    assert (lent["kind"], lent["aggregate"], lent["aggregate_id"]) == ("BookLent", "loan", story.loan)
    assert lent["context"] == "library"
    assert lent["fact"]["title"] == "红楼梦"
    assert lent["fact"]["due_on"] == "2026-03-30"
    assert lent["position"] < renewed["position"]
    assert (renewed["who"], renewed["why"], renewed["correlation_id"]) == ("li.wei", "not finished", "desk-4")
    assert (renewed["version"], renewed["causation_id"]) == (2, None)
    assert datetime.fromisoformat(renewed["recorded_at"]) - FIRST < timedelta(days=1, minutes=1)
    UUID(renewed["command_id"])


async def test_they_are_filtered_by_time_and_kind(story: Story, auditor: httpx.AsyncClient) -> None:
    later = (FIRST + timedelta(hours=12)).isoformat()
    assert [entry["kind"] for entry in await facts(auditor, since=later)] == ["LoanRenewed"]
    assert [entry["kind"] for entry in await facts(auditor, until=later)] == ["BookLent"]
    assert [entry["kind"] for entry in await facts(auditor, kind="LoanRenewed")] == ["LoanRenewed"]
    both = await facts(auditor, kind=["LoanRenewed", "BookLent"])
    assert [entry["kind"] for entry in both] == ["BookLent", "LoanRenewed"]


async def test_a_typing_error_in_a_kind_is_refused_with_what_is_near_not_read_as_nothing(
    story: Story, auditor: httpx.AsyncClient
) -> None:
    for kind in ("BookLend", "CallLogged"):  # the latter of another context
        answer = await auditor.get(
            f"/audit/customers/{ACME}", params=[("kind", kind), ("kind", "BookReturned")]
        )
        refused = problem(answer, 422, "kind-unknown")
        assert (refused["field"], refused["unknown"]) == ("kind", [kind])
        assert "BookLent" in refused["near"] or kind == "CallLogged"


async def test_a_period_that_ends_before_it_begins_is_refused(
    story: Story, auditor: httpx.AsyncClient
) -> None:
    later, earlier = FIRST + timedelta(days=1), FIRST
    period = {"since": later.isoformat(), "until": earlier.isoformat()}
    problem(await auditor.get(f"/audit/customers/{ACME}", params=period), 422, "period-empty")
    moments = {"from": later.isoformat(), "at": earlier.isoformat()}
    problem(await auditor.get(f"/audit/customers/{ACME}/difference", params=moments), 422, "period-empty")


async def test_two_moments_differ_in_the_members_that_changed_between_them(
    library: Serving, story: Story, auditor: httpx.AsyncClient
) -> None:
    async def between(earlier: datetime, later: datetime | None) -> Any:
        moments = {"from": earlier.isoformat()} | ({"at": later.isoformat()} if later else {})
        answer = await auditor.get(f"/audit/customers/{ACME}/difference", params=moments)
        assert answer.status_code == 200, answer.text
        return answer.json()["aggregates"]

    noon = FIRST + timedelta(hours=12)
    (renewal,) = await between(noon, None)
    assert (renewal["aggregate"], renewal["aggregate_id"]) == ("loan", story.loan)
    assert (renewal["version_before"], renewal["version"]) == (1, 2)
    assert renewal["members"] == [
        {"path": "due_on", "before": "2026-03-30", "after": "2026-03-31"},
        {"path": "renewals", "before": 0, "after": 1},
    ]
    (lent,) = await between(FIRST - timedelta(days=1), noon)
    assert (lent["version_before"], lent["version"]) == (0, 1)
    due = next(member for member in lent["members"] if member["path"] == "due_on")
    assert due == {"path": "due_on", "before": None, "after": "2026-03-30"}
    assert await between(noon, noon) == []
    before = await library.service.log.head()
    await between(noon, noon)
    (look,) = await library.service.log.read(before, 10)
    assert isinstance(look.fact, HistoryRead)
    assert (look.fact.since, look.fact.until, look.who) == (noon, noon, "qian.yu")


async def test_they_come_in_pages(story: Story, auditor: httpx.AsyncClient) -> None:
    path = f"/audit/customers/{ACME}"
    first = (await auditor.get(path, params={"limit": 1})).json()
    second = (await auditor.get(path, params={"limit": 1, "after": first["next"]})).json()
    assert [page["items"][0]["kind"] for page in (first, second)] == ["BookLent", "LoanRenewed"]


async def test_a_state_is_shown_as_it_was_at_a_moment(story: Story, auditor: httpx.AsyncClient) -> None:
    async def at(moment: datetime | None) -> Any:
        params = {} if moment is None else {"at": moment.isoformat()}
        answer = await auditor.get(f"/audit/customers/{ACME}/state", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    before = await at(FIRST - timedelta(days=1))
    assert (before["aggregates"], before["position"]) == ([], 0)
    (then,) = (await at(FIRST + timedelta(hours=12)))["aggregates"]
    assert (then["aggregate"], then["aggregate_id"], then["version"]) == ("loan", story.loan, 1)
    assert then["state"]["due_on"] == "2026-03-30"
    (now,) = (await at(None))["aggregates"]
    assert (now["version"], now["state"]["due_on"], now["state"]["renewals"]) == (2, "2026-03-31", 1)


async def test_every_look_is_recorded_with_who_and_what(
    library: Serving, story: Story, auditor: httpx.AsyncClient
) -> None:
    before = await library.service.log.head()
    await facts(auditor, kind="BookLent")
    await auditor.get(f"/audit/customers/{ACME}/state", headers={"Keqing-Reason": "complaint%2012"})
    looks = await library.service.log.read(before, 10)
    assert [(type(it.fact), it.who, it.customer_id) for it in looks] == [(HistoryRead, "qian.yu", ACME)] * 2
    first, second = (it.fact for it in looks)
    assert isinstance(first, HistoryRead)
    assert isinstance(second, HistoryRead)
    assert (first.part, first.kinds, second.part) == ("facts", ("BookLent",), "state")
    assert looks[1].why == "complaint 12"
    shown = await auditor.get(f"/audit/customers/{ACME}", params={"kind": "HistoryRead", "limit": 200})
    assert {entry["who"] for entry in shown.json()["items"]} == {"qian.yu"}
    assert {entry["aggregate"] for entry in shown.json()["items"]} == {"history-reading"}


async def test_no_key_hides_a_second_look(library: Serving, story: Story, auditor: httpx.AsyncClient) -> None:
    before = await library.service.log.head()
    for _ in range(2):
        answer = await auditor.get(f"/audit/customers/{ACME}/state", headers={"Idempotency-Key": "look-1"})
        assert answer.status_code == 200
    assert await library.service.log.head() == before + 2


async def test_who_may_not_audit_learns_nothing_and_leaves_no_trace(library: Serving, story: Story) -> None:
    before = await library.service.log.head()
    for path in PATHS:
        path = path.format(ACME)
        assert (await library.client("li.wei", "rep").get(path)).status_code == 403
        assert (await library.anonymous.get(path)).status_code == 401
    assert await library.service.log.head() == before


async def test_an_unknown_customer_has_no_history(library: Serving, auditor: httpx.AsyncClient) -> None:
    before = await library.service.log.head()
    for path in PATHS:
        refused = await auditor.get(path.format(NOBODY))
        assert (refused.status_code, refused.json()["type"]) == (404, "/problems/customer-unknown")
    assert await library.service.log.head() == before


@pytest.mark.parametrize(
    "params",
    [
        {"since": "2026-03-02"},
        {"since": "2026-03-02T00:00:00"},
        {"kind": "no kind"},
        {"after": "x"},
        {"at": "1"},
    ],
)
async def test_a_filter_that_does_not_read_well_is_refused(
    auditor: httpx.AsyncClient, params: dict[str, str]
) -> None:
    assert (await auditor.get(f"/audit/customers/{ACME}", params=params)).status_code == 422
