"""Exports taken, corrected as in a spreadsheet, and sent back."""

import csv
import io
import json
from collections import Counter
from typing import Any

import httpx
import xlsxwriter
from python_calamine import CalamineWorkbook

from keqing_shared.sheets.writing import CSV_TYPE, JSON_LINES_TYPE, XLSX_TYPE

FORMATS = (CSV_TYPE, XLSX_TYPE, JSON_LINES_TYPE)
AS_TYPED = {"strings_to_formulas": False, "strings_to_urls": False, "default_date_format": "yyyy-mm-dd"}
KINDS = ("customers", "contacts", "opportunities")


async def exported(client: httpx.AsyncClient, kind: str, media_type: str = CSV_TYPE, **query: Any) -> bytes:
    answer = await client.get(f"/exports/{kind}", params=query, headers={"Accept": media_type})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith(media_type)
    assert f'filename="{kind}-' in answer.headers["Content-Disposition"]
    return answer.content


async def sent_back(
    client: httpx.AsyncClient, kind: str, body: bytes, media_type: str = CSV_TYPE, *, dry_run: bool = False
) -> list[dict[str, Any]]:
    """What became of each row."""
    answer = await client.post(
        f"/imports/{kind}",
        content=body,
        params={"dry_run": "true"} if dry_run else {},
        headers={"Content-Type": media_type},
    )
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["rows"]
    return rows


def counted(rows: list[dict[str, Any]]) -> Counter[str]:
    """How many of each outcome, and of each problem in place of refused."""
    return Counter(
        row["outcome"] if row["problem"] is None else row["problem"]["type"].removeprefix("/problems/")
        for row in rows
    )


def rows_of(media_type: str, body: bytes) -> list[dict[str, Any]]:
    """As a program of the same kind opens it: a cell by the name of its column."""
    if media_type == CSV_TYPE:
        return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    if media_type == XLSX_TYPE:
        head, *rows = CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python()
        return [dict(zip(map(str, head), row, strict=True)) for row in rows]
    return [json.loads(line) for line in body.splitlines()]


def file_of(media_type: str, rows: list[dict[str, Any]]) -> bytes:
    """As that program saves it."""
    if media_type == JSON_LINES_TYPE:
        return b"\n".join(json.dumps(row).encode() for row in rows)
    if media_type == XLSX_TYPE:
        file = io.BytesIO()
        with xlsxwriter.Workbook(file, AS_TYPED) as book:
            sheet = book.add_worksheet()
            for at, cells in enumerate([rows[0], *(row.values() for row in rows)]):
                sheet.write_row(at, 0, list(cells))
        return file.getvalue()
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")
