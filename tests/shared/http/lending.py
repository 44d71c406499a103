"""A book lent over HTTP."""

from uuid import uuid4

import httpx

from tests.harness import Serving
from tests.shared.http.library import ACME


async def lend(library: Serving, **headers: str) -> httpx.Response:
    body = {"customer_id": str(ACME), "copy": f"copy-{uuid4()}", "title": "西游记"}
    answer = await library.client("li.wei", "rep").post("/loans", json=body, headers=headers)
    assert answer.status_code == 201
    return answer
