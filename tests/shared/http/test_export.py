"""A list as a file: everything one may see, in the order of the list, by the Accept header."""

import csv
import io
import json
from decimal import Decimal
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest
from python_calamine import CalamineWorkbook

from keqing_shared.domain import Money, value
from keqing_shared.http import export
from keqing_shared.http.export import table_wanted
from keqing_shared.sheets.writing import CSV_TYPE, JSON_LINES_TYPE, XLSX_TYPE
from tests.harness import Serving
from tests.problem import problem
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
        ("text/*", CSV_TYPE),
    ],
)
def test_a_file_is_given_to_who_wants_one_most(accept: str, wanted: str | None) -> None:
    assert table_wanted(accept) == wanted


async def test_a_form_that_nobody_offers_is_refused_with_those_that_are(rep: httpx.AsyncClient) -> None:
    refused = problem(await rep.get("/loans", headers={"Accept": "application/pdf"}), 406, "form-not-offered")
    assert refused["forms"] == ["application/json", *export.ENDINGS]
    loan = (await as_json(rep))[0]["loan_id"]
    alone = await rep.get(f"/loans/{loan}", headers={"Accept": "text/csv"})
    assert problem(alone, 406, "form-not-offered")["forms"] == ["application/json"]
    for accept in ("application/json", "*/*", "text/csv, */*;q=0.1"):
        assert (await rep.get(f"/loans/{loan}", headers={"Accept": accept})).status_code == 200


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics"])
async def test_machines_that_look_after_a_service_are_answered_whatever_they_accept(
    library: Serving, path: str
) -> None:
    assert (await library.anonymous.get(path, headers={"Accept": "text/plain"})).status_code == 200


async def test_the_file_of_a_history_is_called_that(library: Serving) -> None:
    auditor = library.client("qian.yu", "auditor")
    answer = await auditor.get(f"/audit/customers/{ACME}", headers=CSV)
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="history-2')


@value
class Sum:
    owner: str
    count: int | None
    amount: Money | None


@value
class Owned:
    owner: str
    count: int
    amounts: tuple[Money, ...]

    def unrolled(self) -> list[Sum]:
        first, *further = self.amounts or (None,)
        lines = [Sum(owner=self.owner, count=self.count, amount=first)]
        return lines + [Sum(owner=self.owner, count=None, amount=amount) for amount in further]


async def test_a_row_that_holds_a_list_has_a_line_for_each_of_its_values_in_a_sheet() -> None:
    rows = [
        Owned(
            owner="li.wei",
            count=3,
            amounts=(Money(amount=Decimal(5)), Money(amount=Decimal(7), currency="USD")),
        ),
        Owned(owner="wang.fang", count=1, amounts=()),
    ]

    async def written(media_type: str) -> bytes:
        answer = export.Export(Owned, "owned").answer_rows(
            media_type, rows, ZoneInfo("UTC"), "2026-03-02", {}
        )
        return b"".join([bytes(part) async for part in answer.body_iterator])

    assert (await written(CSV_TYPE)).decode("utf-8-sig").splitlines() == [
        "owner,count,amount.amount,amount.currency",
        "li.wei,3,5,CNY",
        "li.wei,,7,USD",
        "wang.fang,1,,",
    ]
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(await written(XLSX_TYPE))).get_sheet_by_index(0)
    assert sheet.to_python()[1:3] == [["li.wei", 3, 5, "CNY"], ["li.wei", "", 7, "USD"]]
    assert len((await written(JSON_LINES_TYPE)).splitlines()) == 2


def test_whatever_is_exported_is_documented(library: Serving) -> None:
    document = library.app.openapi()
    listed = document["paths"]["/library/loans"]["get"]["responses"]["200"]["content"]
    assert set(listed) == {"application/json", *export.ENDINGS}
    single = document["paths"]["/library/loans/{loan_id}"]["get"]["responses"]["200"]["content"]
    assert set(single) == {"application/json"}
