"""Health, figures, logs, the development clock, the document."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
import structlog
from fastapi import APIRouter

from keqing_shared.context import Context
from keqing_shared.http import create_app
from keqing_shared.http.auth import Tokens
from keqing_shared.http.openapi import roles_of
from keqing_shared.http.route import Route
from keqing_shared.http.signing import issue_token
from keqing_shared.logs import configure_logs
from keqing_shared.settings import Settings
from tests.harness import BASE, Serving, serving
from tests.shared.http.lending import lend
from tests.shared.http.library import ACME, LIBRARY
from tests.shared.http.loan import LOAN


async def test_it_is_alive_and_ready_without_a_token(library: Serving) -> None:
    await lend(library)
    await library.catch_up()
    for base in (f"{BASE}/library", BASE):
        client = library.anonymous
        client.base_url = httpx.URL(base)
        assert (await client.get("/health/live")).json() == {"status": "alive"}
        ready = await client.get("/health/ready")
        assert ready.status_code == 200
        said = ready.json()
        assert (said["status"], said["database"], said["nats"]) == ("ready", "reached", "not used")
        assert said["head"] == await library.service.log.head()
        assert said["views"] == [{"name": "loans", "position": said["head"], "lag": 0, "error": None}]


async def test_it_is_not_ready_while_the_database_is_away(library: Serving) -> None:
    class Away:
        async def fetchval(self, *_: Any) -> Any:
            raise asyncpg.ConnectionDoesNotExistError("gone")

    pool, library.service.pool = library.service.pool, Away()
    try:
        ready = await library.anonymous.get("/health/ready")
    finally:
        library.service.pool = pool
    assert ready.status_code == 503
    assert (ready.json()["status"], ready.json()["database"]) == ("not ready", "away")


async def test_before_it_is_started_it_says_so() -> None:
    app = create_app(LIBRARY, Settings(env="development"))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url=f"{BASE}/library"
    ) as client:
        assert (await client.get("/health/live")).status_code == 200
        for path in ("/health/ready", "/loans"):
            refused = await client.get(path)
            assert (refused.status_code, refused.json()["type"]) == (503, "/problems/not-started")


async def test_figures_count_requests_by_route_and_tell_positions(library: Serving) -> None:
    await lend(library)
    await library.client("li.wei", "rep").get(f"/loans/{uuid4()}")
    await library.anonymous.get("/nothing/13800138000")
    await library.catch_up()
    answer = await library.anonymous.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    text = answer.text
    head = await library.service.log.head()
    assert 'route="/library/loans",status="201"} ' in text
    assert 'route="/library/loans/{loan_id}",status="404"} ' in text
    assert 'route="(none)",status="404"} ' in text
    assert f'keqing_log_position{{context="library"}} {float(head)}' in text
    assert 'keqing_view_lag{context="library",view="loans"} 0.0' in text
    assert f'keqing_relay_lag{{context="library"}} {float(head)}' in text
    assert 'keqing_parked{context="library"} 0.0' in text
    assert "keqing_http_request_seconds_bucket" in text
    for kept_out in ("13800138000", "li.wei", str(ACME), "西游记"):
        assert kept_out not in text


@pytest.fixture
def json_logs() -> Any:
    before = structlog.get_config()
    configure_logs("info")
    yield
    structlog.configure(**before)


async def test_each_request_is_one_line_of_json_without_personal_data(
    library: Serving, json_logs: Any, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    configure_logs("info")  # onto what is captured here
    headers = {
        "Authorization": f"Bearer {library.token('li.wei', 'rep')}",
        "X-Correlation-Id": "desk-9",
        "Keqing-Reason": "mobile%2013800138000",
    }
    app = create_app(LIBRARY, service=library.service)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url=f"{BASE}/library", headers=headers
    ) as client:
        body = {"customer_id": str(ACME), "copy": f"copy-{uuid4()}", "title": "西游记"}
        assert (await client.post("/loans", json=body)).status_code == 201
    lines = [json.loads(line) for line in capfdbinary.readouterr().out.splitlines() if b"desk-9" in line]
    (line,) = (line for line in lines if line["event"] == "request")
    assert (line["correlation_id"], line["context"]) == ("desk-9", "library")
    assert (line["method"], line["route"], line["status"]) == ("POST", "/library/loans", 201)
    assert line["level"] == "info"
    assert set(line) == {
        *("event", "context", "correlation_id", "method", "route", "status", "ms", "level", "timestamp")
    }
    assert "13800138000" not in json.dumps(lines)


async def test_the_clock_is_set_over_http_in_development(library: Serving) -> None:
    admin = library.client("he.qiang", "admin")
    spring = datetime(2026, 3, 2, 1, tzinfo=UTC)
    try:
        answer = await admin.put("/development/clock", json={"now": "2026-03-02T09:00:00+08:00"})
        assert answer.status_code == 200, answer.text
        assert datetime.fromisoformat(answer.json()["now"]) - spring < timedelta(minutes=1)
        assert (await admin.get("/development/clock")).json()["ahead_seconds"] != 0
        loan = (await lend(library)).json()["id"]
        await library.catch_up()
        row = (await library.client("li.wei", "rep").get(f"/loans/{loan}")).json()
        assert row["due_on"] == "2026-03-30"
    finally:
        answer = await admin.put("/development/clock", json={"now": None})
    assert answer.json()["ahead_seconds"] == 0
    assert (await admin.put("/development/clock", json={"now": "yesterday"})).status_code == 422
    assert (await library.client("li.wei", "rep").get("/development/clock")).status_code == 403


async def test_outside_of_development_there_is_no_such_clock(database: str, tmp_path: Path) -> None:
    async with serving(LIBRARY, database, tmp_path) as it:
        it.service.settings = it.service.settings.model_copy(update={"env": "production"})
        app = create_app(LIBRARY, service=it.service)
        assert not any("development" in getattr(route, "path", "") for route in app.routes)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=BASE) as client:
            for method in ("GET", "PUT"):
                assert (await client.request(method, "/library/development/clock")).status_code == 404


async def test_what_falls_due_is_found_by_a_tick(library: Serving) -> None:
    loan = (await lend(library)).json()["id"]
    now = library.service.clock.now()
    try:
        await library.set_clock(now + timedelta(days=40))
        assert await library.tick() >= 1
        assert await library.tick() == 0
    finally:
        await library.set_clock(None)
    loaded = await library.service.streams.load(LOAN, UUID(loan))
    assert loaded.state is not None
    assert loaded.state.fell_due


def test_every_route_says_who_may_use_it_but_those_of_health() -> None:
    open_to_all = {
        route.path
        for route in create_app(LIBRARY, Settings()).routes
        if isinstance(route, Route) and roles_of(route) is None
    }
    health = {"/health/live", "/health/ready", "/metrics"}
    assert open_to_all == health | {f"/library{path}" for path in health}


async def test_the_document_names_roles_headers_problems_and_receipts(library: Serving) -> None:
    document = (await library.anonymous.get("/openapi.json")).json()
    assert (await library.anonymous.get("/docs")).status_code == 200
    lend = document["paths"]["/library/loans"]["post"]
    assert lend["x-roles"] == ["agent", "rep"]
    assert lend["security"] == [{"bearer": []}]
    assert {one["name"] for one in lend["parameters"]} == {
        "X-Correlation-Id",
        "Keqing-After",
        "Idempotency-Key",
        "If-Match",
        "Keqing-Reason",
    }
    assert set(lend["responses"]) == {
        *("201", "400", "401", "403", "404", "409", "412", "413", "415", "422", "503")
    }
    assert lend["responses"]["201"]["content"]["application/json"]["schema"]["$ref"].endswith(
        "/CommandReceipt"
    )
    assert set(lend["responses"]["201"]["headers"]) == {"ETag", "Keqing-Position", "Keqing-Repeated"}
    assert "application/problem+json" in lend["responses"]["409"]["content"]
    assert lend["summary"] == "Lend"
    loans = document["paths"]["/library/loans"]["get"]
    assert {one["name"] for one in loans["parameters"]} == {
        *("limit", "after", "due_before", "X-Correlation-Id", "Keqing-After")
    }
    assert "409" not in loans["responses"]
    assert "Problem" in document["components"]["schemas"]
    assert "HTTPValidationError" not in document["components"]["schemas"]
    assert not any("development" in path or "broken" in path for path in document["paths"])


def test_a_router_within_a_router_is_refused() -> None:
    outer = APIRouter()
    outer.include_router(LIBRARY.routers[0])
    with pytest.raises(TypeError, match="nesting"):
        create_app(Context(name="library", aggregates=[LOAN], routers=[outer]))


async def test_an_app_started_singly_runs_its_own_service(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, json_logs: Any
) -> None:
    settings = Settings(
        env="development", database_url=database, nats_url=None, home=tmp_path, pool_size=4, log_level="error"
    )
    app = create_app(LIBRARY, settings)
    for _ in range(2):  # an app may be started again
        async with app.router.lifespan_context(app):
            token = issue_token(settings, "he.qiang", ["admin"])
            assert isinstance(app.state.tokens, Tokens)
            async with httpx.AsyncClient(
                transport=httpx.ASGITransport(app=app), base_url=f"{BASE}/library"
            ) as client:
                bearer = {"Authorization": f"Bearer {token}"}
                assert (await client.get("/development/clock", headers=bearer)).status_code == 200
                assert (await client.get("/health/ready")).json()["status"] == "ready"
    assert app.state.service is None
