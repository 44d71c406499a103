"""While the database is away callers are told to come back; once it is back, so are we."""

import asyncio
from pathlib import Path
from uuid import uuid4

from keqing_local.postgres import THROW_AWAY, EmbeddedPostgres
from tests.harness import serving
from tests.shared.http.library import ACME, LIBRARY


async def test_commands_and_questions_outlive_a_restart_of_the_database(tmp_home: Path) -> None:
    postgres = EmbeddedPostgres(tmp_home / "postgres", THROW_AWAY)
    await asyncio.to_thread(postgres.start)
    try:
        async with serving(LIBRARY, postgres.url("postgres"), tmp_home) as it:
            rep = it.client("li.wei", "rep")
            body = {"customer_id": str(ACME), "copy": str(uuid4()), "title": "聊斋志异"}
            assert (await rep.post("/loans", json=body)).status_code == 201

            await asyncio.to_thread(postgres.stop)
            asked = await rep.get("/loans")
            told = await rep.post("/loans", json={**body, "copy": str(uuid4())})
            ready = await it.anonymous.get("/health/ready")
            for answer in (asked, told):
                assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
                assert answer.json()["type"] == "/problems/database-away"
            assert (ready.status_code, ready.json()["database"]) == (503, "away")
            assert (await it.anonymous.get("/health/live")).status_code == 200

            await asyncio.to_thread(postgres.start)
            again = await rep.post("/loans", json={**body, "copy": str(uuid4())})
            assert again.status_code == 201
            after = {"Keqing-After": again.headers["keqing-position"]}
            async with asyncio.timeout(20):
                while (listed := await rep.get("/loans", headers=after)).status_code == 503:  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
            # The command that was told to come back was not done.
            assert len(listed.json()["items"]) == 2
    finally:
        await asyncio.to_thread(postgres.stop)
