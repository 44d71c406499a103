"""A list taken away as a file is recorded: who, which question, how many rows, and nobody's name."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import Query

from keqing_shared.domain import Line, Login
from keqing_shared.exporting import ExportBegun, ExportEnded
from keqing_shared.http import export
from keqing_shared.http.exports import telling
from keqing_shared.sheets.writing import CSV_TYPE, XLSX_TYPE
from tests.harness import Serving
from tests.problem import problem
from tests.shared.http.library import ACME


@pytest.fixture(scope="module")
async def rep(library: Serving) -> httpx.AsyncClient:
    await library.set_clock(datetime(2026, 3, 2, 2, tzinfo=UTC))
    rep = library.client("li.wei", "rep")
    for number in range(7):
        body = {"customer_id": str(ACME), "copy": f"x-{number}-{uuid4()}", "title": f"Book {number}"}
        assert (await rep.post("/loans", json=body)).status_code == 201
    await library.catch_up()
    return rep


async def taken(library: Serving, **query: str) -> list[dict[str, Any]]:
    answer = await library.client("qian.yu", "auditor").get("/audit/exports", params=query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_an_auditor_reads_who_took_which_list_with_how_many_rows_and_why(
    library: Serving, rep: httpx.AsyncClient
) -> None:
    before = len(await taken(library))
    reason = {"Keqing-Reason": "the%20yearly%20talk"}
    for accept in (CSV_TYPE, XLSX_TYPE):
        file = await rep.get(
            "/loans", params={"due_before": "2027-01-01", "limit": 2}, headers={"Accept": accept, **reason}
        )
        assert file.status_code == 200
    sheet, lines = (await taken(library))[: len(await taken(library)) - before]
    assert (sheet["kind"], lines["kind"]) == ("xlsx", "csv")
    assert (lines["who"], lines["why"], lines["list"]) == ("li.wei", "the yearly talk", "/loans")
    assert (lines["query"], lines["searched"]) == ({"due_before": "2027-01-01"}, [])
    assert lines["rows"] == sheet["rows"] >= 7


async def test_what_is_shown_page_by_page_is_no_export(library: Serving, rep: httpx.AsyncClient) -> None:
    before = await library.service.log.head()
    assert (await rep.get("/loans")).status_code == 200
    refused = await rep.get("/loans", params={"after": "xyz"}, headers={"Accept": CSV_TYPE})
    problem(refused, 422, "cursor-invalid")
    assert await library.service.log.head() == before


async def test_it_is_begun_before_a_row_leaves_and_ended_before_the_last_ones_do(
    library: Serving, rep: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken off after its first page, an export has no end."""
    monkeypatch.setattr("keqing_shared.http.plan.ROWS_A_PAGE", 3)
    head = await library.service.log.head()
    seen: list[list[type]] = []
    written = export.CsvSheet.written

    def looking(sheet: Any, rows: Any) -> bytes:
        seen.append([type(it) for it in recorded])
        return written(sheet, rows)

    recorded: list[Any] = []
    execute = library.service.streams.execute

    async def executing(aggregate: Any, id: UUID, command: Any, *given: Any, **more: Any) -> Any:
        receipt = await execute(aggregate, id, command, *given, **more)
        recorded.extend(it.fact for it in await library.service.log.read(head + len(recorded), 10))
        return receipt

    monkeypatch.setattr(library.service.streams, "execute", executing)
    monkeypatch.setattr(export.CsvSheet, "written", looking)
    answer = await rep.get("/loans", headers={"Accept": CSV_TYPE})
    rows = len(answer.text.splitlines()) - 1
    assert [type(it) for it in recorded] == [ExportBegun, ExportEnded]
    assert seen[0] == [ExportBegun]
    assert seen[-1] == [ExportBegun, ExportEnded]
    assert recorded[1] == ExportEnded(export_id=recorded[0].export_id, rows=rows)


async def test_a_month_is_read_in_pages_by_who_may(library: Serving, rep: httpx.AsyncClient) -> None:
    await library.set_clock(datetime(2026, 4, 30, 17, tzinfo=UTC))  # in Shanghai it is May
    for _ in range(3):
        assert (await rep.get("/loans", headers={"Accept": CSV_TYPE})).status_code == 200
    assert len(await taken(library, month="2026-05")) == 3
    assert await taken(library, month="2026-04") == []
    admin = library.client("root", "admin")
    first = (await admin.get("/audit/exports", params={"limit": 2})).json()
    second = (await admin.get("/audit/exports", params={"limit": 2, "after": first["next"]})).json()
    assert [one["export_id"] for one in (*first["items"], *second["items"])] == [
        one["export_id"] for one in await taken(library, month="2026-05")
    ]
    problem(await rep.get("/audit/exports"), 403, "role-missing")
    await library.set_clock(datetime(2026, 3, 2, 2, tzinfo=UTC))


@pytest.mark.parametrize(
    ("annotation", "kept"),
    [
        (UUID, True),
        (bool | None, True),
        (Literal["csv", "xlsx"], True),
        (Login | None, True),
        (Annotated[list[int], Query()], True),
        (Line | None, False),
        (str, False),
        (list[str], False),
    ],
)
def test_what_may_be_somebodys_name_or_number_is_not_kept(annotation: Any, kept: bool) -> None:
    assert telling(annotation) is kept
