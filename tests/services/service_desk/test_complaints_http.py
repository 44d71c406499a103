"""Complaints over HTTP: the whole life, every refusal, the races."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.problem import problem

from .desk import STEPS, TO_THE_END, UNTIL_SETTLEMENT, Desk, at, new_complaint


async def test_a_complaint_lives_from_the_first_word_to_the_customers_satisfaction(desk: Desk) -> None:
    complaint_id = await desk.open(
        complainant={"name": "王芳", "manner": "irritable", "seeks": "to_be_heard", "mood": "to_vent"},
        product="pump P2",
        channel="phone",
        received_at="2026-03-02T09:00:00+08:00",
    )
    dues = []
    for step in TO_THE_END:
        dues.append((await desk.card(complaint_id))["step"])
        answer = await desk.take(complaint_id, step)
    assert dues == ["acknowledgement", "facts", "solution", "answer", "settlement", "goodwill", "closing"]
    assert answer.json()["facts"] == ["ComplaintClosed"]
    card = await desk.card(complaint_id)
    assert card["step"] is None
    assert card["complainant"]["name"] == "王芳"
    assert card["advice"]["en"].startswith("Let the anger run out first")
    assert (card["assigned_to"], card["opened_by"]) == ("zhao.min", "zhao.min")
    assert card["response"]["due_at"] == "2026-03-02T06:00:00Z"  # 4 h after nine, lunch between: 14:00
    assert card["response"]["met_at"] is not None
    assert card["acknowledgement"]["apology"] == "We are sorry."
    assert card["facts"]["responsible_unit"] == "Plant 2"
    assert [proposal["description"] for proposal in card["proposals"]] == ["A new seal, today."]
    assert (card["settlement"]["form"], card["settlement"]["by"]) == ("repair", "zhao.min")
    assert card["closing"]["satisfaction"] == 4
    reopened = await desk.agent.post(f"/complaints/{complaint_id}/reopening", json=STEPS["reopening"])
    assert reopened.json()["facts"] == ["ComplaintReopened"]
    card = await desk.card(complaint_id)
    assert (card["step"], card["reopenings"][0]["reason"]) == ("solution", "It leaks again.")
    assert card["solution"]["met_at"] is None
    assert reopened.headers["etag"] == f'"{card["version"]}"'


async def test_a_step_out_of_order_is_refused_naming_the_step_that_is_due(desk: Desk) -> None:
    complaint_id = await desk.open()
    for step in TO_THE_END[1:]:
        answer = await desk.agent.post(f"/complaints/{complaint_id}/{step}", json=STEPS[step])
        assert problem(answer, 409, "step-out-of-order")["due"] == "acknowledgement"
    early = await desk.agent.post(f"/complaints/{complaint_id}/reopening", json=STEPS["reopening"])
    assert problem(early, 409, "step-out-of-order")["due"] == "acknowledgement"
    await desk.take(complaint_id, *TO_THE_END)
    late = await desk.agent.post(f"/complaints/{complaint_id}/closing", json=STEPS["closing"])
    assert problem(late, 409, "step-out-of-order")["due"] is None


@pytest.mark.parametrize(
    ("path", "body", "status", "slug"),
    [
        ("acknowledgement", {"apology": "Sorry.", "heard_out": False}, 422, "story-not-heard-out"),
        ("acknowledgement", {"apology": " ", "heard_out": True}, 422, "request-invalid"),
        ("acknowledgement", {"apology": "Sorry.", "heard_out": True, "and": 1}, 422, "request-invalid"),
        ("facts", {**STEPS["facts"], "cause": "bad_luck"}, 422, "request-invalid"),
        ("closing", {"satisfaction": 6}, 422, "request-invalid"),
        ("closing", {"satisfaction": 0}, 422, "request-invalid"),
        ("solution/answer", {"accepted": False}, 422, "reason-missing"),
        ("resumed", None, 409, "not-waiting"),
        ("reassignment", {"assigned_to": "nobody"}, 422, "assignee-unknown"),
        ("reassignment", {"assigned_to": "li.wei"}, 422, "assignee-unknown"),
        ("escalation", {"to": "president", "reason": "They insist."}, 422, "request-invalid"),
    ],
)
async def test_bad_input_gets_a_specific_refusal(
    desk: Desk, path: str, body: Any, status: int, slug: str
) -> None:
    complaint_id = await desk.open()
    problem(await desk.agent.post(f"/complaints/{complaint_id}/{path}", json=body), status, slug)


@pytest.mark.parametrize(
    ("changes", "status", "slug"),
    [
        ({"customer_id": str(uuid4())}, 404, "customer-unknown"),
        ({"received_at": "2026-03-02T23:00:00+08:00"}, 422, "received-in-future"),
        ({"received_at": "2026-03-02T09:00:00"}, 422, "request-invalid"),
        ({"category": "weather"}, 422, "request-invalid"),
        ({"what_happened": ""}, 422, "request-invalid"),
        ({"assigned_to": "li.wei"}, 422, "assignee-unknown"),
        ({"invoices": ["17"]}, 422, "request-invalid"),
    ],
)
async def test_a_complaint_that_cannot_be_opened(
    desk: Desk, changes: dict[str, Any], status: int, slug: str
) -> None:
    problem(await desk.agent.post("/complaints", json=new_complaint(**changes)), status, slug)


@pytest.mark.parametrize("path", [*STEPS, "resumed"])
async def test_a_complaint_that_is_not_there(desk: Desk, path: str) -> None:
    answer = await desk.supervisor.post(f"/complaints/{uuid4()}/{path}", json=STEPS.get(path))
    problem(answer, 404, "no-such-complaint")


async def test_an_external_reference_is_unique(desk: Desk) -> None:
    external = {"system": "hotline", "id": "4711"}
    first = await desk.open(external=external)
    taken = problem(await desk.agent.post("/complaints", json=new_complaint(external=external)), 409, "taken")
    assert taken["holder"] == first


async def test_a_rejected_solution_is_followed_by_another(desk: Desk) -> None:
    complaint_id = await desk.open()
    await desk.take(complaint_id, "acknowledgement", "facts", "solution")
    rejected = await desk.agent.post(
        f"/complaints/{complaint_id}/solution/answer", json={"accepted": False, "comment": "Too slow."}
    )
    assert rejected.json()["facts"] == ["WorkResumed", "SolutionRejected"]
    await desk.take(complaint_id, "solution", "solution/answer", "settlement")
    card = await desk.card(complaint_id)
    assert [one["reason"] for one in card["rejections"]] == ["Too slow."]
    assert len(card["proposals"]) == 2


async def test_a_settlement_beyond_ones_authority_waits_for_somebody_elses_approval(desk: Desk) -> None:
    complaint_id = await desk.settling()
    path = f"/complaints/{complaint_id}/settlement"
    refund = {"form": "refund", "amount": {"amount": "6000.00", "currency": "CNY"}}
    assert (await desk.agent.post(path, json=refund)).json()["facts"] == ["SettlementAwaitsApproval"]
    card = await desk.card(complaint_id)
    assert (card["step"], card["awaits_approval"]["needs"]) == ("approval", "manager")
    beyond = await desk.supervisor.post(f"{path}/approval", json={"approved": True})
    assert problem(beyond, 403, "beyond-authority")["needs"] == "manager"
    own = desk.serving.client("zhao.min", "supervisor")
    problem(await own.post(f"{path}/approval", json={"approved": True}), 403, "own-settlement")
    unreasoned = await desk.manager.post(f"{path}/approval", json={"approved": False})
    problem(unreasoned, 422, "reason-missing")
    other_team = desk.serving.client("hu.bin", "sales_manager")
    problem(await other_team.post(f"{path}/approval", json={"approved": True}), 404, "no-such-complaint")
    approved = await desk.manager.post(f"{path}/approval", json={"approved": True})
    assert approved.json()["facts"] == ["SettlementApproved", "ComplaintSettled"]
    settlement = (await desk.card(complaint_id))["settlement"]
    assert (settlement["proposed_by"], settlement["by"]) == ("zhao.min", "gao.yan")
    assert settlement["amount"] == {"amount": "6000.00", "currency": "CNY"}


async def test_a_declined_settlement_asks_for_a_new_solution(desk: Desk) -> None:
    complaint_id = await desk.settling()
    path = f"/complaints/{complaint_id}/settlement"
    await desk.agent.post(path, json={"form": "gift", "amount": {"amount": "900", "currency": "CNY"}})
    await desk.supervisor.post(f"{path}/approval", json={"approved": False, "reason": "Not for a seal."})
    card = await desk.card(complaint_id)
    assert (card["step"], card["declined"][0]["reason"]) == ("solution", "Not for a seal.")


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        ({"form": "refund"}, "amount-missing"),
        ({"form": "refund", "amount": {"amount": "0"}}, "amount-not-positive"),
        ({"form": "refund", "amount": {"amount": "1.234"}}, "request-invalid"),
        ({"form": "refund", "amount": {"amount": "5", "currency": "yuan"}}, "request-invalid"),
        ({"form": "apology", "amount": {"amount": "5"}}, "amount-not-allowed"),
        ({"form": "credit_note", "amount": {"amount": "5"}}, "invoice-missing"),
        (
            {"form": "credit_note", "amount": {"amount": "5"}, "invoice_id": str(uuid4())},
            "invoice-not-concerned",
        ),
    ],
)
async def test_a_settlement_that_does_not_add_up(desk: Desk, body: dict[str, Any], slug: str) -> None:
    complaint_id = await desk.settling(invoices=[str(uuid4())])
    problem(await desk.agent.post(f"/complaints/{complaint_id}/settlement", json=body), 422, slug)


async def test_of_two_agents_who_settle_at_once_one_wins(desk: Desk) -> None:
    complaint_id = await desk.settling()
    path = f"/complaints/{complaint_id}/settlement"
    answers = await asyncio.gather(
        *(client.post(path, json=STEPS["settlement"]) for client in (desk.agent, desk.colleague) * 4)
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert {answer.json()["due"] for answer in answers if answer.status_code == 409} == {"goodwill"}


async def test_a_repeated_command_with_its_key_happens_once(desk: Desk) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    body = new_complaint(external={"system": "hotline", "id": "once"})
    answers = await asyncio.gather(
        *(desk.agent.post("/complaints", json=body, headers=key) for _ in range(4))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    other = await desk.agent.post("/complaints", json=new_complaint(), headers=key)
    problem(other, 422, "key-reused")


async def test_a_stale_version_is_refused(desk: Desk) -> None:
    complaint_id = await desk.open()
    path = f"/complaints/{complaint_id}"
    etag = (await desk.agent.get(path)).headers["etag"]
    first = await desk.agent.post(
        f"{path}/acknowledgement", json=STEPS["acknowledgement"], headers={"If-Match": etag}
    )
    assert first.status_code == 201
    stale = await desk.colleague.post(f"{path}/facts", json=STEPS["facts"], headers={"If-Match": etag})
    problem(stale, 412, "stale-version")
    fresh = {"If-Match": first.headers["etag"]}
    assert (await desk.colleague.post(f"{path}/facts", json=STEPS["facts"], headers=fresh)).status_code == 201


async def test_waiting_for_the_customer_pauses_the_clocks(desk: Desk) -> None:
    complaint_id = await desk.open()
    path = f"/complaints/{complaint_id}"
    assert (await desk.agent.post(f"{path}/waiting", json=STEPS["waiting"])).status_code == 201
    problem(await desk.agent.post(f"{path}/waiting", json=STEPS["waiting"]), 409, "already-waiting")
    card = await desk.card(complaint_id)
    assert (card["awaited"], card["runs_out_at"]) == ("Photos.", None)
    await desk.serving.set_clock(at(4, 10))  # two days later
    await desk.serving.tick()
    resumed = await desk.agent.post(f"{path}/resumed")
    assert resumed.json()["facts"] == ["WorkResumed"]
    card = await desk.card(complaint_id)
    assert card["response"]["due_at"].startswith("2026-03-04T07:0")  # four hours from ten, over lunch: 15:00
    assert not card["response"]["missed"]


async def test_the_clockwork_tells_of_a_missed_clock_once_and_escalates(desk: Desk) -> None:
    complaint_id = await desk.open(severity="critical")
    await desk.serving.set_clock(at(2, 11, 30))
    await desk.serving.tick()
    assert await desk.serving.tick() == 0
    card = await desk.card(complaint_id)
    assert (card["response"]["missed"], card["escalated_to"], card["overdue"]) == (True, "supervisor", True)
    await desk.serving.set_clock(at(3, 11))
    await desk.serving.tick()
    card = await desk.card(complaint_id)
    assert (card["solution"]["missed"], card["escalated_to"]) == (True, "manager")
    problem(
        await desk.agent.post(f"/complaints/{complaint_id}/escalation", json=STEPS["escalation"]),
        409,
        "already-escalated",
    )


async def test_an_agent_hands_over_only_their_own(desk: Desk) -> None:
    path = f"/complaints/{await desk.open()}/reassignment"
    problem(await desk.colleague.post(path, json={"assigned_to": "sun.lan"}), 403, "not-yours")
    assert (await desk.agent.post(path, json={"assigned_to": "sun.lan"})).status_code == 201
    again = await desk.supervisor.post(path, json={"assigned_to": "sun.lan"})
    assert (again.status_code, again.json()["facts"]) == (201, [])


async def test_who_asked_and_why_stays_with_the_facts(desk: Desk) -> None:
    complaint_id = await desk.open()
    headers = {"Keqing-Reason": "shift%20change", "X-Correlation-Id": "shift-7"}
    await desk.agent.post(
        f"/complaints/{complaint_id}/reassignment", json={"assigned_to": "sun.lan"}, headers=headers
    )
    latest = (await desk.serving.service.log.stream(UUID(complaint_id)))[-1]
    assert (latest.who, latest.why, latest.correlation_id) == ("zhao.min", "shift change", "shift-7")
    assert UNTIL_SETTLEMENT[0] == (await desk.card(complaint_id))["step"]
