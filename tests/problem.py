"""What a refused request is answered with."""

from typing import Any

import httpx


def problem(answer: httpx.Response, status: int, slug: str) -> dict[str, Any]:
    """The problem document, after checking that it is this one."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["type"] == f"/problems/{slug}", document
    return document
