"""Importing complaints: row by row, repeatable, rehearsed first, through the same rules."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.json_lines import outcomes, post_rows

from .desk import ACME, STEPS, Desk


def row(**changes: Any) -> dict[str, Any]:
    return {
        "external": {"system": "old", "id": str(uuid4())},
        "customer": {"system": "crm", "id": "acme"},
        "category": "service",
        "received_on": "2016-01-26",
        **changes,
    }


async def send(desk: Desk, *rows: Any, dry_run: bool = False) -> Any:
    admin = desk.serving.client("root", "admin")
    answer = await post_rows(admin, "/imports/complaints", *rows, dry_run=dry_run)
    assert answer.status_code == 200, answer.text
    head = await desk.serving.service.log.head()
    assert answer.headers["keqing-position"] == f"service-desk:{head}"
    return answer.json()


async def test_each_row_is_created_and_the_second_time_unchanged(desk: Desk) -> None:
    rows = [
        row(forwarded_on="2016-01-27", response="Closed with explanation", timely=True, disputed=False),
        row(customer=None, customer_id=str(ACME), closed=False, severity="major"),
    ]
    first = await send(desk, *rows)
    assert (first["created"], first["unchanged"], first["refused"]) == (2, 0, 0)
    again = await send(desk, *rows, rows[0])
    assert outcomes(again) == ["unchanged"] * 3
    assert [one["id"] for one in again["rows"][:2]] == [one["id"] for one in first["rows"]]
    card = await desk.card(first["rows"][0]["id"])
    assert (card["received_on"], card["step"], card["response"]) == ("2016-01-26", None, None)
    assert card["history"]["response"] == "Closed with explanation"
    assert (card["history"]["timely"], card["history"]["disputed"]) == (True, False)
    assert (await desk.card(first["rows"][1]["id"]))["step"] == "acknowledgement"


async def test_a_dry_run_says_the_same_and_changes_nothing(desk: Desk) -> None:
    known, new = row(), row()
    await send(desk, known)
    before = await desk.serving.service.log.head()
    rehearsed = await send(desk, known, new, new, row(customer={"system": "crm", "id": "?"}), dry_run=True)
    assert outcomes(rehearsed) == ["unchanged", "created", "unchanged", "customer-unknown"]
    assert await desk.serving.service.log.head() == before
    real = await send(desk, known, new, new, row(customer={"system": "crm", "id": "?"}))
    assert outcomes(real) == outcomes(rehearsed)


@pytest.mark.parametrize("dry_run", [True, False])
async def test_a_bad_row_is_refused_alone_saying_why(desk: Desk, dry_run: bool) -> None:
    taken = str(uuid4())
    await desk.open(external={"system": "old", "id": taken})
    changed = row(timely=True)
    await send(desk, changed)
    report = await send(
        desk,
        row(),
        "not json",
        row(category="weather"),
        row(received_on="26/1/2016"),
        row(received_on="2199-01-01"),
        row(extra=1),
        row(customer={"system": "crm", "id": "nobody"}),
        row(customer=None, customer_id=str(uuid4())),
        row(customer=None),
        row(customer_id=str(ACME)),
        row(external={"system": "old", "id": taken}),
        {**changed, "timely": False},
        "",
        row(),
        dry_run=dry_run,
    )
    assert outcomes(report) == [
        "created",
        "row-invalid",
        "row-invalid",
        "row-invalid",
        "received-in-future",
        "row-invalid",
        "customer-unknown",
        "customer-unknown",
        "customer-unnamed",
        "customer-unnamed",
        "taken",
        "imported-differently",
        "created",
    ]
    assert [one["line"] for one in report["rows"]] == [*range(1, 13), 14]
    assert report["rows"][2]["problem"]["errors"][0]["field"] == "category"
    assert report["rows"][11]["problem"]["differing"] == ["timely"]


async def test_imported_history_can_be_taken_up_again(desk: Desk) -> None:
    report = await send(desk, row())
    complaint_id = report["rows"][0]["id"]
    reopened = await desk.agent.post(f"/complaints/{complaint_id}/reopening", json=STEPS["reopening"])
    assert reopened.status_code == 201
    items = {item["complaint_id"]: item for item in await desk.queue()}
    assert items[complaint_id]["step"] == "acknowledgement"
    assert items[complaint_id]["deadline_at"] is not None
    await desk.take(complaint_id, "acknowledgement", "facts", "solution")
    assert UUID((await desk.card(complaint_id))["customer_id"]) == ACME
