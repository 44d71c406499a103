"""The same question asked twice: what an answer says, down to the byte, so that nothing can hide in it."""

from io import BytesIO
from zipfile import ZipFile

import httpx

from keqing_shared.sheets.writing import CSV_TYPE, XLSX_TYPE

Answer = tuple[dict[str, str], bytes]
"""Its headers and its body."""

WAYS = (("200", "*/*"), ("1", "*/*"), ("200", CSV_TYPE), ("200", XLSX_TYPE))
"""The whole list, its first page, and it as a file."""


async def answers(client: httpx.AsyncClient, path: str, query: dict[str, str]) -> list[Answer]:
    """To a question about a list, in every way it can be asked."""
    found = []
    for limit, accept in WAYS:
        headers = {"Accept": accept, "X-Correlation-Id": "the-same-question"}
        answer = await client.get(path, params=query | {"limit": limit}, headers=headers)
        if answer.status_code == 422:  # not every list has pages
            answer = await client.get(path, params=query, headers=headers)
        assert answer.status_code == 200, answer.text
        sheet = answer.headers["content-type"] == XLSX_TYPE
        found.append((dict(answer.headers), _unzipped(answer.content) if sheet else answer.content))
    return found


def _unzipped(content: bytes) -> bytes:
    """What a workbook says, without when it was made."""
    with ZipFile(BytesIO(content)) as file:
        return b"".join(file.read(name) for name in sorted(file.namelist()) if name.startswith("xl/"))
