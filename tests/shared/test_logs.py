"""Logs say what went wrong and where, and no word that anybody said."""

import asyncio
import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import asyncpg
import msgspec
import pytest
import structlog
from pydantic import Field, TypeAdapter

from keqing_shared.domain import RuleBroken
from keqing_shared.logs import configure_logs, told_of

SECRET = "王丽的手机"


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What is logged from here on, parsed."""
    root = logging.getLogger()
    handlers, level, configured = root.handlers[:], root.level, structlog.get_config()
    output = io.BytesIO()
    stdout = io.TextIOWrapper(output)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", stdout)
        configure_logs()
    yield lambda: [json.loads(line) for line in output.getvalue().splitlines()]
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**configured)


class Noisy(RuleBroken):
    """That cannot be"""


def failing(kind: str) -> None:
    match kind:
        case "rule":
            raise Noisy(f"because {SECRET}", name=SECRET)
        case "driver":
            raise asyncpg.DataError(f"invalid input for query argument $1: {SECRET!r} (value out of range)")
        case "value":
            raise ValueError(SECRET)
        case "validation":
            TypeAdapter(Annotated[str, Field(max_length=1)]).validate_python(SECRET)
        case "fields":
            msgspec.convert({"name": SECRET}, dict[str, int])


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("rule", "Noisy: That cannot be"),
        ("driver", "DataError at test_logs.py:"),
        ("value", "ValueError at test_logs.py:"),
        ("validation", "ValidationError at "),
        ("fields", "ValidationError: Expected `int`, got `str`"),
    ],
)
def test_an_operator_hears_of_an_exception_without_what_it_quotes(lines: Any, kind: str, told: str) -> None:
    try:
        failing(kind)
    except Exception as caught:
        error = caught
        structlog.get_logger("keqing.test").exception("it.failed")
        logging.getLogger("some.library").exception("it failed")
    assert told_of(error).startswith(told)
    assert SECRET not in told_of(error)
    mine, forwarded = lines()
    assert mine["error"] == forwarded["error"] == type(error).__name__
    assert any("failing" in place for place in mine["trace"])
    assert SECRET not in json.dumps([mine, forwarded], ensure_ascii=False)


async def test_an_exception_that_nobody_awaited_is_logged_without_its_words(lines: Any) -> None:
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    future.set_exception(ValueError(SECRET))
    del future
    (line,) = lines()
    assert line["message"] == "Future exception was never retrieved"
    assert line["error"] == "ValueError"
    assert SECRET not in json.dumps(line, ensure_ascii=False)
