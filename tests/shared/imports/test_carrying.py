"""Rows carried out: each alone, once, in order where they meet, and in a dry run not at all."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import httpx
import pytest
from fastapi import APIRouter

from keqing_shared.domain import ExternalReference, Fact, Line, value
from keqing_shared.http import Do, Doing, allow
from keqing_shared.imports import REFUSALS, Carrying, DryRun, ImportReport, Piece, RowFile, report
from keqing_shared.imports.carrying import waves
from keqing_shared.log import IMPORT
from keqing_shared.streams import Unit
from tests.harness import Serving, serving
from tests.json_lines import import_rows, outcomes, post_rows
from tests.shared.http.library import ACME, LIBRARY
from tests.shared.http.loan import LOAN, BookLent, LendBook, RenewLoan

router = APIRouter(tags=["imports"])


@value
class LoanRow:
    """A loan of an older library, and how often it was renewed there."""

    external: ExternalReference
    title: Line
    renewed: int = 0


LOANS = RowFile(LoanRow)


@router.post(
    "/imports/loans", dependencies=[allow("admin")], responses=REFUSALS, openapi_extra=LOANS.documented
)
async def import_loans(do: Do, dry_run: DryRun = False) -> ImportReport:
    """Loans, known again by their names there; what was lent already is left alone."""
    rows = await LOANS.read(do.request)
    pieces = {line: piece(do, row) for line, row in rows.good.items()}
    return report(do, rows.bad + await Carrying(do, BookLent, dry_run=dry_run).carry(pieces), dry_run=dry_run)


def piece(do: Doing, row: LoanRow) -> Piece:
    id, external = uuid5(NAMESPACE_URL, str(row.external)), str(row.external)

    async def work(unit: Unit) -> list[Fact]:
        if row.title == "Unforeseen":
            raise LookupError("a failure of ours")
        loan = (await unit.load(LOAN, id)).state
        facts: list[Fact] = []
        if loan is None:
            lend = LendBook(customer_id=ACME, owner="li.wei", copy=external, title=row.title, on=do.today)
            facts += await unit.execute(LOAN, id, lend)
        for _ in range(row.renewed - (loan.renewals if loan else 0)):
            facts += await unit.execute(LOAN, id, RenewLoan(on=do.today))
        return facts

    return Piece(work, id, external, ((LOAN, id),))


@pytest.fixture(scope="module")
async def library(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Serving]:
    context = replace(LIBRARY, routers=[*LIBRARY.routers, router])
    async with serving(context, module_database, tmp_path_factory.mktemp("home")) as it:
        yield it


@pytest.fixture
def admin(library: Serving) -> httpx.AsyncClient:
    return library.client("root", "admin")


def loan(id: str, title: str = "Emma", **further: Any) -> dict[str, Any]:
    return {"external": {"system": "old", "id": id}, "title": title, **further}


async def test_a_row_is_created_then_unchanged_then_amended(
    library: Serving, admin: httpx.AsyncClient
) -> None:
    first = await import_rows(admin, "/imports/loans", loan("a"))
    again = await import_rows(admin, "/imports/loans", loan("a"))
    later = await import_rows(admin, "/imports/loans", loan("a", renewed=1))
    assert [*outcomes(first), *outcomes(again), *outcomes(later)] == ["created", "unchanged", "amended"]
    [row] = first["rows"]
    assert row == {"line": 1, "outcome": "created", "id": row["id"], "external": "old:a", "problem": None}
    facts = await library.service.log.stream(UUID(row["id"]))
    assert [(type(it.fact).__name__, it.who, it.why) for it in facts] == [
        ("BookLent", "root", IMPORT),
        ("LoanRenewed", "root", IMPORT),
    ]


async def test_the_answer_says_up_to_where_its_rows_are_and_keeps_the_reason(
    library: Serving, admin: httpx.AsyncClient
) -> None:
    answer = await post_rows(admin, "/imports/loans", loan("b"), **{"Keqing-Reason": "moving%20house"})
    assert answer.headers["keqing-position"] == f"library:{await library.service.log.head()}"
    [fact] = await library.service.log.stream(UUID(answer.json()["rows"][0]["id"]))
    assert fact.why == "moving house"


async def test_each_row_is_refused_alone(admin: httpx.AsyncClient) -> None:
    rows = (loan("c1"), "?", loan("c2", "Necronomicon"), loan("c3", renewed=3), "", loan("c4"))
    done = await import_rows(admin, "/imports/loans", *rows)
    assert outcomes(done) == [
        "created",
        "row-invalid",
        "title-forbidden",
        "renewal-limit-reached",
        "created",
    ]
    assert [row["line"] for row in done["rows"]] == [1, 2, 3, 4, 6]
    assert done["rows"][2]["problem"] == {
        "type": "/problems/title-forbidden",
        "title": "That title is not lent",
        "status": 422,
        "detail": "choose another",
        "field": "title",
    }


async def test_a_dry_run_says_what_would_become_of_rows_that_meet(
    library: Serving, admin: httpx.AsyncClient
) -> None:
    rows = (
        loan("d1"),
        loan("d1", renewed=1),
        loan("d1"),
        loan("d2", renewed=3),  # lent, renewed twice, and then refused: nothing of it stays
        loan("d2"),
        loan("d2", renewed=2),
    )
    before = await library.service.log.head()
    dry = await import_rows(admin, "/imports/loans", *rows, dry_run=True)
    assert await library.service.log.head() == before
    wet = await import_rows(admin, "/imports/loans", *rows)
    assert outcomes(wet) == [
        "created",
        "amended",
        "unchanged",
        "renewal-limit-reached",
        "created",
        "amended",
    ]
    assert outcomes(dry) == outcomes(wet)
    assert [row["id"] for row in dry["rows"]] == [row["id"] for row in wet["rows"]]


async def test_the_same_rows_sent_several_times_at_once_are_brought_over_once(
    admin: httpx.AsyncClient,
) -> None:
    rows = [loan(f"e{number}", renewed=1) for number in range(50)]
    reports = await asyncio.gather(*(import_rows(admin, "/imports/loans", *rows) for _ in range(3)))
    assert sorted(outcome for it in reports for outcome in outcomes(it)) == (
        ["created"] * 50 + ["unchanged"] * 100
    )


@pytest.mark.parametrize("dry_run", [True, False])
async def test_a_failure_of_ours_is_no_refusal_of_a_row(admin: httpx.AsyncClient, dry_run: bool) -> None:
    answer = await post_rows(admin, "/imports/loans", loan("f", "Unforeseen"), dry_run=dry_run)
    assert answer.status_code == 500


def test_lines_with_a_name_in_common_keep_their_order() -> None:
    assert waves({}) == []
    assert waves({1: ("a",), 2: ("b",), 3: ("c", "d")}) == [[1, 2, 3]]
    assert waves({1: ("a",), 2: ("a", "b"), 3: ("c",), 4: ("b",), 5: ("a",)}) == [[1, 3], [2], [4, 5]]
