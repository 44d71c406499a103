"""The gateway sends each request where its path says, and adds up what the services say of themselves."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.responses import JSONResponse

from keqing_local.gateway import Gateway


def service(name: str, status: str = "ready") -> FastAPI:
    app = FastAPI(title=f"The {name}")

    @app.get(f"/{name}/health/ready")
    async def ready() -> JSONResponse:
        return JSONResponse({"status": status}, 503 if status == "not ready" else 200)

    @app.get(f"/{name}/metrics")
    async def metrics() -> JSONResponse:
        return JSONResponse({"of": name})

    @app.get(f"/{name}/{{rest:path}}")
    async def whatever(rest: str) -> dict[str, Any]:
        return {"service": name, "rest": rest}

    return app


def client(**standings: str) -> httpx.AsyncClient:
    gateway = Gateway({name: service(name, status) for name, status in standings.items()})
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=gateway), base_url="http://keqing")


async def test_a_request_goes_by_its_prefix_untouched() -> None:
    async with client(care="ready", caretaking="ready") as http:
        assert (await http.get("/care/one/two")).json() == {"service": "care", "rest": "one/two"}
        assert (await http.get("/caretaking/x")).json()["service"] == "caretaking"
        assert (await http.get("/car/x")).status_code == 404
        assert (await http.get("/CARE/x")).status_code == 404
        assert (await http.options("*")).status_code in (404, 405)


async def test_an_address_of_no_service_is_a_problem_like_any_other_in_the_callers_language() -> None:
    async with client(one="ready", two="ready") as http:
        english = await http.get("/three")
        chinese = await http.get("/three", headers={"Accept-Language": "zh"})
    assert english.headers["content-type"] == "application/problem+json"
    assert english.json() == {
        "type": "/problems/not-found",
        "title": "There is nothing here",
        "status": 404,
        "detail": "addresses begin with one of: /one, /two",
        "beginnings": ["/one", "/two"],
    }
    assert chinese.json()["detail"] == "地址须以下列之一开头：/one、/two"


@pytest.mark.parametrize(
    ("standings", "whole", "status"),
    [
        (("ready", "ready"), "ready", 200),
        (("ready", "degraded"), "degraded", 200),
        (("degraded", "not ready"), "not ready", 503),
        (("ready", "unheard of"), "not ready", 503),
    ],
)
async def test_the_whole_stands_as_its_worst_part(
    standings: tuple[str, str], whole: str, status: int
) -> None:
    async with client(one=standings[0], two=standings[1]) as http:
        health = await http.get("/health/ready")
    assert health.status_code == status
    assert health.json()["status"] == whole
    assert health.json()["services"]["two"] == {"status": standings[1]}


async def test_the_front_page_links_every_documentation() -> None:
    async with client(one="ready", two="ready") as http:
        page = (await http.get("/")).text
    assert 'href="/one/docs"' in page
    assert "The two" in page
