"""What a request that went through is answered with."""

from typing import Any

import httpx


def read(answer: httpx.Response, status: int = 200) -> Any:
    """The body, after checking the status."""
    assert answer.status_code == status, answer.text
    return answer.json()
