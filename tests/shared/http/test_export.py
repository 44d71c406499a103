"""A list as a file: everything one may see, in the order of the list, by the Accept header."""

import csv
import io
import json
from uuid import uuid4

import httpx
import pytest
from python_calamine import CalamineWorkbook

from keqing_shared.http import export
from keqing_shared.http.export import table_wanted
from keqing_shared.sheets.writing import CSV_TYPE, JSON_LINES_TYPE, XLSX_TYPE
from tests.harness import Serving
from tests.shared.http.library import ACME

CSV = {"Accept": CSV_TYPE}


@pytest.fixture(scope="module")
async def rep(library: Serving) -> httpx.AsyncClient:
    rep = library.client("li.wei", "rep")
    for number in range(7):
        body = {"customer_id": str(ACME), "copy": f"e-{number}-{uuid4()}", "title": f"=BOOK {number}"}
        assert (await rep.post("/loans", json=body)).status_code == 201
    await library.catch_up()
    return rep


async def as_json(client: httpx.AsyncClient) -> list[dict[str, object]]:
    found: list[dict[str, object]] = (await client.get("/loans", params={"limit": 200})).json()["items"]
    return found


@pytest.mark.parametrize("rows_a_page", [1_000, 3, 1])
async def test_every_row_is_in_the_csv_however_many_pages_it_takes(
    rep: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, rows_a_page: int
) -> None:
    monkeypatch.setattr("keqing_shared.http.plan.ROWS_A_PAGE", rows_a_page)
    answer = await rep.get("/loans", params={"limit": 1}, headers=CSV)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="loans-')
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    shown = await as_json(rep)
    assert len(rows) >= 7
    assert [row["loan_id"] for row in rows] == [row["loan_id"] for row in shown]
    assert {f"'=BOOK {number}" for number in range(7)} <= {row["title"] for row in rows}


async def test_the_same_as_a_workbook(rep: httpx.AsyncClient) -> None:
    answer = await rep.get("/loans", headers={"Accept": XLSX_TYPE})
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert len(sheet) - 1 == len(await as_json(rep))
    assert "=BOOK 0" in {row[sheet[0].index("title")] for row in sheet}


async def test_the_same_as_json_lines_with_every_page_asked_for(
    rep: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keqing_shared.http.plan.ROWS_A_PAGE", 3)
    answer = await rep.get("/loans", headers={"Accept": JSON_LINES_TYPE})
    assert answer.headers["Content-Type"] == JSON_LINES_TYPE
    assert ".ndjson" in answer.headers["Content-Disposition"]
    assert [json.loads(line) for line in answer.content.splitlines()] == await as_json(rep)


async def test_an_export_shows_what_the_list_shows_to_whom(library: Serving, rep: httpx.AsyncClient) -> None:
    stranger = library.client("zhou.jie", "rep")
    answer = await stranger.get("/loans", headers=CSV)
    assert len(answer.text.splitlines()) == 1 + len(await as_json(stranger))
    assert "BOOK" not in answer.text


async def test_a_refusal_is_an_ordinary_problem(library: Serving, rep: httpx.AsyncClient) -> None:
    assert (await library.anonymous.get("/loans", headers=CSV)).status_code == 401
    refused = await rep.get("/loans", params={"colour": "red"}, headers=CSV)
    assert refused.headers["Content-Type"] == "application/problem+json"
    stale = await rep.get("/loans", params={"after": "xyz"}, headers=CSV)
    assert (stale.status_code, stale.json()["type"]) == (422, "/problems/cursor-invalid")


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("", None),
        ("*/*", None),
        ("application/json", None),
        ("text/csv", CSV_TYPE),
        ("Text/CSV; charset=utf-8", CSV_TYPE),
        (f"{XLSX_TYPE}, text/csv;q=0.5", XLSX_TYPE),
        ("text/csv;q=0.5, application/json", None),
        ("application/json;q=0.5, text/csv", CSV_TYPE),
        ("text/csv;q=0", None),
        ("text/html, */*;q=0.1", None),
    ],
)
def test_a_file_is_given_to_who_wants_one_most(accept: str, wanted: str | None) -> None:
    assert table_wanted(accept) == wanted


def test_whatever_is_exported_is_documented(library: Serving) -> None:
    document = library.app.openapi()
    listed = document["paths"]["/library/loans"]["get"]["responses"]["200"]["content"]
    assert set(listed) == {"application/json", *export.ENDINGS}
    single = document["paths"]["/library/loans/{loan_id}"]["get"]["responses"]["200"]["content"]
    assert set(single) == {"application/json"}
