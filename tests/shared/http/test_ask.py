"""Questions over HTTP: reading one's own writes, pages, who sees what."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from keqing_shared.http import cursor_of
from tests.harness import Serving
from tests.shared.http.library import ACME, BOLT, NOBODY


async def lend(client: httpx.AsyncClient, customer: Any = ACME, title: str = "红楼梦") -> httpx.Response:
    body = {"customer_id": str(customer), "copy": f"copy-{uuid4()}", "title": title}
    answer = await client.post("/loans", json=body)
    assert answer.status_code == 201, answer.text
    return answer


async def test_who_names_the_position_of_a_write_reads_it(library: Serving) -> None:
    rep = library.client("li.wei", "rep")
    for _ in range(20):
        written = await lend(rep)
        read = await rep.get(
            f"/loans/{written.json()['id']}", headers={"Keqing-After": written.headers["keqing-position"]}
        )
        assert read.status_code == 200
        assert read.headers["etag"] == '"1"'


async def test_a_position_that_the_log_has_not_come_to_is_refused_at_once(library: Serving) -> None:
    head = await library.service.log.head()
    refused = await library.client("li.wei", "rep").get(
        "/loans", headers={"Keqing-After": f"library:{head + 1}"}
    )
    assert refused.status_code == 422
    assert refused.json()["type"] == "/problems/position-unknown"


async def test_a_position_of_a_context_nobody_here_listens_to_is_nothing_to_wait_for(
    library: Serving,
) -> None:
    answer = await library.client("li.wei", "rep").get("/loans", headers={"Keqing-After": "harbour:77"})
    assert answer.status_code == 200


async def test_pages_follow_each_other_without_gap_or_repetition(library: Serving) -> None:
    rep = library.client("li.wei", "rep")
    for _ in range(7):
        await lend(rep)
    await library.catch_up()
    whole = (await rep.get("/loans", params={"limit": 200})).json()
    assert whole["next"] is None
    seen: list[Any] = []
    after: str | None = None
    pages = 0
    while True:
        answer = await rep.get("/loans", params={"limit": 3, **({"after": after} if after else {})})
        page = answer.json()
        assert len(page["items"]) <= 3
        seen += page["items"]
        pages += 1
        after = page["next"]
        if after is None:
            break
    assert seen == whole["items"]
    assert pages == -(-len(seen) // 3)


async def test_the_last_page_says_so_when_it_is_exactly_full(library: Serving) -> None:
    rep = library.client("li.wei", "rep")
    await lend(rep)
    await library.catch_up()
    number = len((await rep.get("/loans", params={"limit": 200})).json()["items"])
    full = (await rep.get("/loans", params={"limit": number})).json()
    assert (len(full["items"]), full["next"]) == (number, None)


@pytest.mark.parametrize(
    "cursor",
    [
        "garbage",
        "A",
        "AAAA",
        cursor_of(("2026-03-02",)),
        cursor_of(("2026-03-02", "x")),
        cursor_of((7, str(ACME))),
        cursor_of(("2026-03-02", str(ACME), 1)),
        cursor_of(({"a": 1},)),
    ],
)
async def test_a_cursor_of_another_list_is_refused(library: Serving, cursor: str) -> None:
    refused = await library.client("li.wei", "rep").get("/loans", params={"after": cursor})
    assert refused.status_code == 422
    assert refused.json()["type"] == "/problems/cursor-invalid"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"limit": "x"}, "limit"),
        ({"after": "not*base64"}, "after"),
        ({"due_before": "0"}, "due_before"),
        ({"due_before": "2026-02-30"}, "due_before"),
        ({"due_before": "0001-01-01"}, "due_before"),
        ({"due_before": "2026-03-02T00:00:00Z"}, "due_before"),
        ({"due_befor": "2026-03-02"}, "due_befor"),
        ({"after": "\x00"}, "after"),
    ],
)
async def test_a_query_that_does_not_read_well_is_refused_by_field(
    library: Serving, query: dict[str, str], field: str
) -> None:
    refused = await library.client("li.wei", "rep").get("/loans", params=query)
    assert refused.status_code == 422
    assert refused.json()["type"] == "/problems/request-invalid"
    assert [(error["in"], error["field"]) for error in refused.json()["errors"]] == [("query", field)]


async def test_a_rep_sees_own_loans_a_manager_the_teams_and_staff_all(library: Serving) -> None:
    wei, fang = library.client("li.wei", "rep"), library.client("wang.fang", "rep")
    east, west = library.client("chen.jie", "sales_manager"), library.client("zhao.lei", "sales_manager")
    staff = library.client("sun.li", "agent")
    his, hers = (await lend(wei)).json()["id"], (await lend(fang, BOLT)).json()["id"]
    await library.catch_up()

    async def sees(client: httpx.AsyncClient) -> set[str]:
        listed = {
            row["loan_id"] for row in (await client.get("/loans", params={"limit": 200})).json()["items"]
        }
        for loan in (his, hers):
            assert ((await client.get(f"/loans/{loan}")).status_code == 200) == (loan in listed)
        return listed & {his, hers}

    assert await sees(wei) == {his}
    assert await sees(fang) == {hers}
    assert await sees(east) == {his}  # of one team
    assert await sees(west) == {hers}  # its manager, not of the team
    assert await sees(staff) == {his, hers}
    assert await sees(library.client("li.wei", "rep", "agent")) == {his, hers}  # any wider role widens


@pytest.mark.parametrize("customer", [BOLT, NOBODY])
async def test_a_customer_of_another_is_as_unknown_as_one_that_does_not_exist(
    library: Serving, customer: Any
) -> None:
    body = {"customer_id": str(customer), "copy": "c-1", "title": "三国演义"}
    refused = await library.client("li.wei", "rep").post("/loans", json=body)
    assert refused.status_code == 404
    assert refused.json()["type"] == "/problems/customer-unknown"
    assert refused.json()["detail"] == f"no customer {customer}"
