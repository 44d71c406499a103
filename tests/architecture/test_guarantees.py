"""docs/guarantees.md names a limit and a test for every promise, and what it names is there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.faults.rows import LOG, SERVERS

ROOT = Path(__file__).parents[2]
GUARANTEES = ROOT / "docs" / "guarantees.md"
FAULTS = {row.name for row in (*LOG, *SERVERS)}
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def promises(text: str) -> dict[str, str]:
    """Title -> what is said of it."""
    parts = re.split(r"^### (.+)$", text, flags=re.MULTILINE)[1:]
    return {title: body.partition("\n## ")[0] for title, body in zip(parts[::2], parts[1::2], strict=True)}


@cache
def named_in(path: str) -> frozenset[str]:
    """The tests in a file; empty when there is none."""
    file = ROOT / path
    if not file.exists():
        return frozenset()
    return frozenset(
        node.name
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    )


def complaints(body: str) -> list[str]:
    """What is wrong with a promise."""
    found = []
    limit, _, shown = body.partition("*Shown by:*")
    if "*Limit:*" not in limit:
        found.append("it names no limit")
    named = _TEST.findall(shown)
    if not named:
        found.append("it names no test")
    found += [f"there is no {path}::{test}" for path, test in named if test not in named_in(path)]
    found += [
        f"{one} cannot be read as a test" for one in re.findall(r"`([^`]*::[^`]*)`", _TEST.sub("", body))
    ]
    _, _, faults = limit.partition("*Faults:*")
    found += [f"there is no fault {one!r}" for one in re.findall(r"`([^`]+)`", faults) if one not in FAULTS]
    return found


@pytest.mark.parametrize("promise", promises(GUARANTEES.read_text()))
def test_a_promise_has_its_limit_and_its_tests(promise: str) -> None:
    assert complaints(promises(GUARANTEES.read_text())[promise]) == []


def test_every_fault_stands_for_a_promise() -> None:
    text = GUARANTEES.read_text()
    assert {fault for fault in FAULTS if f"`{fault}`" not in text} == set()


GOOD = """
*Limit:* none. *Faults:* `kill -9 of NATS`

*Shown by:* `tests/architecture/test_guarantees.py::test_every_fault_stands_for_a_promise`
"""


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (GOOD.replace("*Limit:*", ""), "it names no limit"),
        ("*Limit:* none. *Shown by:* a look at it", "it names no test"),
        (
            GOOD.replace("::test_every", "::test_no"),
            "there is no tests/architecture/test_guarantees.py::test_no",
        ),
        (GOOD.replace("_guarantees.py", "_promises.py"), "there is no tests/architecture/test_promises.py::"),
        (GOOD.replace("promise`", "promise[1]`"), "cannot be read as a test"),
        (GOOD.replace("of NATS", "of Keqing"), "there is no fault 'kill -9 of Keqing'"),
    ],
)
def test_a_promise_that_lacks_something_is_found(body: str, complaint: str) -> None:
    assert complaints(GOOD) == []
    assert any(complaint in one for one in complaints(body))
