"""Parked messages over HTTP: listed, tried again, given up."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import msgspec
import pytest

from tests.harness import Serving
from tests.shared.http.lending import lend
from tests.shared.http.library import ACME


@pytest.fixture
async def parked_message(library: Serving) -> AsyncIterator[str]:
    envelope = {
        "specversion": "1.0",
        "id": "archive:7",
        "source": "/keqing/archive",
        "type": "keqing.archive.BookLost.v1",
        "subject": str(ACME),
        "time": "2026-03-02T09:00:00Z",
        "datacontenttype": "application/json",
        "position": 7,
        "previous": 0,
        "who": "zhou.min",
        "data": {"loan_id": str(uuid4())},
    }
    await library.service.pool.execute(
        "INSERT INTO consumers (source, position) VALUES ('archive', 7) ON CONFLICT DO NOTHING"
    )
    await library.service.pool.execute(
        "INSERT INTO parked (source, position, customer_id, message, error, attempts)"
        " VALUES ('archive', 7, $1, $2, 'NotOnLoan', 3)",
        ACME,
        msgspec.json.encode(envelope),
    )
    yield envelope["data"]["loan_id"]  # type: ignore[index]
    await library.service.pool.execute("DELETE FROM parked")


async def test_parked_messages_are_listed_tried_again_and_given_up(
    library: Serving, parked_message: str
) -> None:
    admin = library.client("he.qiang", "admin")
    (row,) = (await admin.get("/parked", params={"source": "archive"})).json()["items"]
    assert (row["source"], row["position"], row["name"]) == ("archive", 7, "BookLost")
    assert (row["error"], row["attempts"]) == ("NotOnLoan", 3)
    assert row["message"]["data"] == {"loan_id": parked_message}
    assert 'keqing_parked{context="library"} 1.0' in (await library.anonymous.get("/metrics")).text
    assert (await library.anonymous.get("/health/ready")).json()["status"] == "degraded"

    again = await admin.post("/parked/archive/replay", params={"customer_id": str(ACME)})
    assert again.status_code == 200
    assert (again.json()["taken"], again.json()["left"]) == (0, 1)
    assert again.json()["error"].startswith("NotOnLoan")

    gone = await admin.delete("/parked/archive", params={"customer_id": str(ACME), "position": 7})
    assert (gone.status_code, gone.json()) == (200, {"dropped": 1})
    assert (await admin.get("/parked")).json()["items"] == []
    for answer in (
        await admin.delete("/parked/archive", params={"customer_id": str(ACME)}),
        await admin.post("/parked/archive/replay"),
    ):
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/nothing-parked")


async def test_a_parked_message_whose_cause_is_gone_takes_effect(
    library: Serving, parked_message: str
) -> None:
    loan = (await lend(library)).json()["id"]
    await library.service.pool.execute(
        "UPDATE parked SET message = convert_to(replace(convert_from(message, 'UTF8'), $1, $2), 'UTF8')",
        parked_message,
        loan,
    )
    admin = library.client("he.qiang", "admin")
    again = await admin.post("/parked/archive/replay", params={"customer_id": str(ACME)})
    assert again.json() == {"taken": 1, "left": 0, "error": None}
    facts = await library.service.log.stream(UUID(loan))
    assert (type(facts[-1].fact).__name__, facts[-1].causation_id) == ("BookReturned", "archive:7")


async def test_parked_messages_are_an_admins_business(library: Serving) -> None:
    client = library.client("li.wei", "rep", "auditor", "supervisor")
    assert (await client.get("/parked")).status_code == 403
    assert (await client.post("/parked/archive/replay")).status_code == 403
    assert (await client.delete("/parked/archive")).status_code == 403
