"""Rows sent to an import, as JSON lines."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from keqing_shared.imports import RowStatus
from keqing_shared.imports.rows import MEDIA_TYPE, MOST_ROWS

Row = Mapping[str, Any] | str
"""A text goes as it is."""


async def post_rows(
    client: httpx.AsyncClient, path: str, *rows: Row, dry_run: bool = False, **headers: str
) -> httpx.Response:
    return await client.post(
        path,
        content="\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows),
        params={"dry_run": "true"} if dry_run else {},
        headers={"Content-Type": MEDIA_TYPE, **headers},
    )


async def import_rows(
    client: httpx.AsyncClient, path: str, *rows: Row, dry_run: bool = False
) -> dict[str, Any]:
    """The report, which counts what it lists."""
    answer = await post_rows(client, path, *rows, dry_run=dry_run)
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    assert report["dry_run"] is dry_run
    counted = Counter(row["outcome"] for row in report["rows"])
    assert counted == {status: n for status in RowStatus if (n := report[status])}
    return report


async def import_all(
    client: httpx.AsyncClient, path: str, rows: Sequence[Row], *, dry_run: bool = False
) -> Counter[str]:
    """In as many requests as it takes: how many of each outcome, and of each problem."""
    became: Counter[str] = Counter()
    for start in range(0, len(rows), MOST_ROWS):
        report = await import_rows(client, path, *rows[start : start + MOST_ROWS], dry_run=dry_run)
        became.update(row["outcome"] for row in report["rows"])
        became.update(row["problem"]["type"] for row in report["rows"] if row["problem"])
    return became


def outcomes(report: Mapping[str, Any]) -> list[str]:
    """Of each row: what became of it, or its problem."""
    return [
        row["outcome"] if row["problem"] is None else row["problem"]["type"].removeprefix("/problems/")
        for row in report["rows"]
    ]
