"""An import from its first row to its last, against an API that we play ourselves."""

import asyncio
import io
from collections.abc import Iterator

import httpx
import pytest

from keqing_local.failure import CannotRun
from keqing_local.importing.errors import SHOWN, Errors, refusals_of
from keqing_local.importing.row import Refusal, Row
from keqing_local.importing.run import UNDER_WAY, chunks, furthest
from keqing_local.importing.sending import MOST_BYTES
from tests.local.importing.api import Api, imported, plain, sent, step


async def test_everything_is_sent_once_in_chunks_a_few_at_a_time() -> None:
    api = Api()
    told = await imported(api, step("customers", *plain(20)))
    assert told.counts == {"customers": {"created": 20}}
    assert len(api.requests) == 7
    assert sorted(map(int, api.ids("/pipeline/imports/customers"))) == list(range(2, 22))
    assert 1 < api.most_at_once <= UNDER_WAY
    assert told.progress == [("customers", 3)] * 6 + [("customers", 2)]


async def test_rows_that_depend_on_one_another_go_one_request_after_the_other() -> None:
    api = Api()
    await imported(api, step("users", *plain(20), in_order=True))
    assert api.most_at_once == 1
    assert api.ids("/pipeline/imports/users") == [str(line) for line in range(2, 22)]


async def test_a_step_begins_when_the_one_before_has_ended_and_waits_for_its_position() -> None:
    api = Api()
    await imported(api, step("customers", *plain(4)), step("invoices", *plain(4), context="collections"))
    paths = [request.url.path for request in api.requests]
    assert paths == ["/pipeline/imports/customers"] * 2 + ["/collections/imports/invoices"] * 2
    assert [request.headers.get("Keqing-After") for request in api.requests] == [
        None,
        None,
        "pipeline:4",
        "pipeline:4",
    ]


async def test_answers_that_overtake_one_another_do_not_shorten_the_wait() -> None:
    later = asyncio.Event()

    async def second_before_first(request: httpx.Request) -> None:
        if sent(request)[0]["id"] == "2":
            await later.wait()
        else:
            later.set()

    api = Api(first=second_before_first)
    await imported(
        api,
        step("customers", *plain(6)),
        step("people", Refusal(2, "unreadable"), context="people"),
        step("invoices", Row(9, {"id": "9"}), context="collections"),
    )
    assert api.requests[-1].headers["Keqing-After"] == "pipeline:6"


def test_the_furthest_position_of_the_latest_context_counts() -> None:
    assert furthest(None, None) is None
    assert furthest("pipeline:9", None) == "pipeline:9"
    assert furthest(None, "pipeline:9") == "pipeline:9"
    assert furthest("pipeline:9", "pipeline:10") == furthest("pipeline:10", "pipeline:9") == "pipeline:10"
    assert furthest("pipeline:9", "collections:3") == "collections:3"


async def test_all_requests_of_a_run_belong_together_and_say_why() -> None:
    api = Api()
    await imported(api, step("customers", *plain(4)))
    assert len({request.headers["X-Correlation-Id"] for request in api.requests}) == 1
    assert {request.headers["Keqing-Reason"] for request in api.requests} == {"import%20test"}
    assert {request.headers["Content-Type"] for request in api.requests} == {"application/x-ndjson"}


async def test_a_second_run_finds_everything_unchanged() -> None:
    api = Api()
    await imported(api, step("customers", *plain(5)))
    assert (await imported(api, step("customers", *plain(5)))).counts == {"customers": {"unchanged": 5}}


async def test_who_is_not_yet_there_is_asked_again() -> None:
    behind = iter([503, 429, 502])

    async def first(request: httpx.Request) -> httpx.Response | None:
        status = next(behind, None)
        return httpx.Response(status, headers={"Retry-After": "0"}) if status else None

    told = await imported(Api(first=first), step("customers", *plain(2)))
    assert told.counts == {"customers": {"created": 2}}


async def test_a_lost_answer_is_asked_for_again_and_nothing_is_made_twice() -> None:
    api = Api()
    lost = iter([True])

    async def first(request: httpx.Request) -> httpx.Response | None:
        if next(lost, False):
            api._answer(request)  # it has happened, but nobody hears of it
            raise httpx.ReadError("connection reset")
        return None

    api._first = first
    told = await imported(api, step("customers", *plain(2)))
    assert told.counts == {"customers": {"unchanged": 2}}
    assert api.known["/pipeline/imports/customers"] == {"2", "3"}


async def test_all_patience_has_an_end() -> None:
    async def first(request: httpx.Request) -> httpx.Response | None:
        return httpx.Response(503, json={"title": "Behind", "detail": "not yet at pipeline:4"})

    with pytest.raises(CannotRun, match=r"given up after 0 s.*not yet at pipeline:4"):
        await imported(Api(first=first), step("customers", *plain(2)), patience=0)


async def test_a_refusal_of_the_whole_request_ends_the_import_and_leaves_nothing_under_way() -> None:
    async def first(request: httpx.Request) -> httpx.Response | None:
        return httpx.Response(403, json={"title": "None of your roles allows this"})

    api = Api(first=first)
    with pytest.raises(CannotRun, match="403 None of your roles allows this"):
        await imported(api, step("customers", *plain(30)))
    assert api.at_once == 0
    assert len(api.requests) <= UNDER_WAY


async def test_an_answer_that_does_not_speak_of_every_row_is_no_answer() -> None:
    async def first(request: httpx.Request) -> httpx.Response | None:
        return httpx.Response(200, json={"rows": []})

    with pytest.raises(CannotRun, match="answered 0 of 2 rows"):
        await imported(Api(first=first), step("customers", *plain(2)))


async def test_an_interrupted_run_goes_on_where_it_was() -> None:
    api = Api()
    reached = asyncio.Event()

    async def first(request: httpx.Request) -> httpx.Response | None:
        if len(api.requests) > 3:
            reached.set()
            await asyncio.Event().wait()
        return None

    api._first = first
    run = asyncio.create_task(imported(api, step("customers", *plain(30))))
    await reached.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert api.at_once == 0
    api._first = None
    told = await imported(api, step("customers", *plain(30)))
    assert told.counts["customers"] == {"unchanged": 9, "created": 21}


async def test_refused_rows_are_kept_with_line_field_and_message() -> None:
    problem = {"type": "/problems/row-differs", "title": "It differs", "detail": "in amount", "status": 409}
    invalid = {
        "type": "/problems/request-invalid",
        "errors": [{"field": "name", "message": "too long"}, {"field": "owner", "message": "is missing"}],
    }
    rows = [
        Row(2, {"id": "1"}),
        Refusal(3, "is blank", "account"),
        Row(4, {"id": "2", "problem": problem}),
        Row(5, {"id": "3", "problem": invalid}),
    ]
    told = await imported(Api(), step("customers", *rows))
    assert told.counts == {"customers": {"created": 1, "refused": 3}}
    assert [(e["file"], e["line"], e["field"], e["message"], e["type"]) for e in told.kept()] == [
        ("customers.csv", "3", "account", "is blank", "row-unreadable"),
        ("customers.csv", "4", "", "It differs; in amount", "row-differs"),
        ("customers.csv", "5", "name", "too long", "request-invalid"),
        ("customers.csv", "5", "owner", "is missing", "request-invalid"),
    ]


UNKNOWN = {"type": "/problems/customer-unknown", "title": "There is no such customer", "status": 404}


async def test_a_dry_run_does_not_blame_rows_for_what_it_did_not_make() -> None:
    customer = Row(2, {"id": "A"}, makes="customer A")
    here = Row(2, {"id": "1", "problem": UNKNOWN}, needs=("customer A",))
    nowhere = Row(3, {"id": "2", "problem": UNKNOWN}, needs=("customer B",))
    wrong = Row(4, {"id": "3", "problem": {"type": "/problems/date-in-future"}}, needs=("customer A",))
    api = Api()
    told = await imported(
        api, step("customers", customer), step("invoices", here, nowhere, wrong), dry_run=True
    )
    assert told.counts == {"customers": {"created": 1}, "invoices": {"waiting": 1, "refused": 2}}
    assert [error["line"] for error in told.kept()] == ["3", "4"]
    assert not any(api.known.values())


async def test_for_good_a_row_whose_customer_is_unknown_is_refused() -> None:
    customer = Row(2, {"id": "A"}, makes="customer A")
    row = Row(2, {"id": "1", "problem": UNKNOWN}, needs=("customer A",))
    told = await imported(Api(), step("customers", customer), step("invoices", row))
    assert told.counts["invoices"] == {"refused": 1}


def test_a_chunk_never_has_more_bytes_than_a_request_may_have() -> None:
    big = [Row(line, {"id": "x" * 400_000}) for line in range(5)]
    made = list(chunks(iter(big), 1000))
    assert [len(chunk.rows) for chunk in made] == [2, 2, 1]
    assert all(len(chunk.body()) <= MOST_BYTES for chunk in made)


def test_a_file_is_read_no_further_than_it_is_sent() -> None:
    read = 0

    def rows() -> Iterator[Row | Refusal]:
        nonlocal read
        for row in plain(1000):
            read += 1
            yield row

    made = chunks(rows(), 10)
    next(made)
    assert read == 10


def test_of_many_refusals_the_first_are_shown() -> None:
    errors = Errors(None)
    for line in range(2, 32):
        errors.note("a.csv", Refusal(line, "is blank", "x"))
    assert errors.count == 30
    lines = errors.lines(None)
    assert lines[0] == "a.csv:2: x: is blank"
    assert len(lines) == SHOWN + 1
    assert lines[-1] == "… and 10 more (--errors FILE keeps all)"


def test_a_kept_refusal_is_no_formula() -> None:
    file = io.StringIO(newline="")
    Errors(file).note("a.csv", Refusal(2, "=1+1", "x"))
    assert "'=1+1" in file.getvalue()


def test_a_problem_without_details_is_a_refusal_all_the_same() -> None:
    assert refusals_of(4, {}) == [Refusal(4, "refused", "", "")]
