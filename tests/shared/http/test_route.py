"""What routes may ask for, how they are found, and what they may not ask for."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, BackgroundTasks, Depends, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from keqing_shared.context import Context
from keqing_shared.domain import Day, Line, value
from keqing_shared.http import Ask, allow, create_app
from tests.harness import Serving, serving
from tests.shared.http.library import LIBRARY
from tests.shared.http.loan import LOAN

router = APIRouter()
ADMIN = [allow("admin")]
asked: list[str] = []


@value
class Note:
    """A body."""

    text: Line
    on: Day | None = None


async def weather(request: Request, at: Annotated[Line, Query()] = "home") -> str:
    asked.append(at)
    return f"{request.method} at {at}"


Weather = Annotated[str, Depends(weather)]


@router.get("/special", dependencies=ADMIN)
async def special() -> str:
    return "special"


@router.get("/{name}", dependencies=ADMIN)
async def named(name: Line) -> str:
    return f"named {name}"


@router.get("/hidden", dependencies=ADMIN)
async def hidden() -> str:
    return "hidden behind the one above"


@router.get("/files/{path:path}", dependencies=ADMIN)
async def files(path: str) -> str:
    return path


@router.post("/notes", dependencies=ADMIN, status_code=201)
async def optional_body(ask: Ask, body: Note | None = None) -> Note | None:
    ask.etag(7)
    return body


@router.get("/weather/twice", dependencies=ADMIN)
async def twice(first: Weather, second: Weather) -> list[str]:
    return [first, second]


@router.get("/query/many", dependencies=ADMIN)
async def many(
    on: Annotated[list[Day], Query()] = [],  # noqa: B006
    agent: Annotated[str | None, Header()] = None,
) -> dict[str, Any]:
    return {"on": on, "agent": agent, "type": type(on[0]).__name__ if on else None}


@router.delete("/notes", dependencies=ADMIN, status_code=204)
async def forget(response: Response) -> None:
    response.headers["X-Forgot"] = "all"


@router.get("/stream/now", dependencies=ADMIN)
async def stream() -> StreamingResponse:
    async def lines() -> AsyncIterator[str]:
        for n in range(3):
            yield f"{n}\n"

    return StreamingResponse(lines(), media_type="text/plain")


@router.get("/lies/told", dependencies=ADMIN)
async def lies() -> date:
    return "not a date at all"  # type: ignore[return-value]


CONTEXT = Context(name="library", aggregates=[LOAN], routers=[router], directory=LIBRARY.directory)


@pytest.fixture(scope="module")
async def served(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Serving]:
    async with serving(CONTEXT, module_database, tmp_path_factory.mktemp("home")) as it:
        yield it


@pytest.fixture
def admin(served: Serving) -> httpx.AsyncClient:
    return served.client("he.qiang", "admin")


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/special", "special"),
        ("/other", "named other"),
        ("/hidden", "named hidden"),  # the first that fits
        ("/%E4%B8%AD%E6%96%87", "named 中文"),
        ("/files/a/b/c", "a/b/c"),
        ("/files/", ""),
    ],
)
async def test_the_first_route_that_fits_answers(admin: httpx.AsyncClient, path: str, answer: str) -> None:
    found = await admin.get(path)
    assert (found.status_code, found.json()) == (200, answer)


@pytest.mark.parametrize("path", ["/special/", "/a/b", "//special", "/", "/files"])
async def test_what_fits_none_is_not_there(admin: httpx.AsyncClient, path: str) -> None:
    found = await admin.get(path)
    assert found.status_code == (200 if path == "/files" else 404)  # which is a name as well


async def test_a_body_may_be_optional(admin: httpx.AsyncClient) -> None:
    none = await admin.post("/notes")
    assert (none.status_code, none.json(), none.headers["etag"]) == (201, None, '"7"')
    some = await admin.post("/notes", json={"text": "hello", "on": "2026-03-02"})
    assert some.json() == {"text": "hello", "on": "2026-03-02"}
    assert (await admin.post("/notes", json={"text": ""})).status_code == 422


async def test_what_two_need_is_asked_for_once(admin: httpx.AsyncClient) -> None:
    asked.clear()
    answer = await admin.get("/weather/twice", params={"at": "sea"})
    assert answer.json() == ["GET at sea", "GET at sea"]
    assert asked == ["sea"]
    refused = await admin.get("/weather/twice", params={"at": ""})
    assert [error["field"] for error in refused.json()["errors"]] == ["at"]
    assert asked == ["sea"]  # nothing runs for a request that is wrong


async def test_lists_and_headers_are_read(admin: httpx.AsyncClient) -> None:
    answer = await admin.get(
        "/query/many", params={"on": ["2026-03-02", "2026-03-03"]}, headers={"Agent": "x"}
    )
    assert answer.json() == {"on": ["2026-03-02", "2026-03-03"], "agent": "x", "type": "date"}
    assert (await admin.get("/query/many")).json() == {"on": [], "agent": None, "type": None}
    assert (await admin.get("/query/many", params={"on": ["2026-03-02", "x"]})).status_code == 422


async def test_no_content_has_none_and_keeps_its_headers(admin: httpx.AsyncClient) -> None:
    answer = await admin.delete("/notes")
    assert (answer.status_code, answer.content, answer.headers["x-forgot"]) == (204, b"", "all")
    assert "content-length" not in answer.headers


async def test_a_stream_streams(admin: httpx.AsyncClient) -> None:
    assert (await admin.get("/stream/now")).text == "0\n1\n2\n"


async def test_an_answer_that_is_not_what_was_promised_is_our_mistake(admin: httpx.AsyncClient) -> None:
    assert (await admin.get("/lies/told")).status_code == 500


def _sync(ask: Ask) -> int:
    return 1


async def _yields() -> AsyncIterator[int]:
    yield 1


async def _needs_generator(it: Annotated[int, Depends(_yields)]) -> int:
    return it


async def _needs_sync(it: Annotated[int, Depends(lambda: 1)]) -> int:
    return it


async def _two_bodies(one: Note, two: Note) -> int:
    return 1


async def _background(tasks: BackgroundTasks) -> int:
    return 1


@pytest.mark.parametrize(
    "endpoint", [_sync, _yields, _needs_generator, _needs_sync, _two_bodies, _background]
)
def test_what_would_be_slow_or_ambiguous_is_refused_when_the_app_is_made(endpoint: Any) -> None:
    given = APIRouter()
    given.add_api_route("/x", endpoint, methods=["POST"], dependencies=ADMIN)
    with pytest.raises(TypeError):
        create_app(Context(name="library", aggregates=[LOAN], routers=[given]))
