"""A view whose version was raised is rebuilt by the service that starts with it; the others answer on."""

import asyncio
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from tests.harness import Serving, serving
from tests.shared.http.library import ACME, LIBRARY, Loans


class NextLoans(Loans):
    version = 2


NEXT = replace(LIBRARY, views=[NextLoans()])


async def lend(it: Serving, count: int) -> None:
    rep = it.client("li.wei", "rep")
    for number in range(count):
        body = {"customer_id": str(ACME), "copy": str(uuid4()), "title": f"聊斋志异 {number}"}
        assert (await rep.post("/loans", json=body)).status_code == 201
    await it.catch_up()


async def test_a_deploy_of_a_new_version_is_noticed_by_no_reader(database: str, tmp_path: Path) -> None:
    async with serving(LIBRARY, database, tmp_path) as old:
        await lend(old, 20)
        counts: list[int] = []
        deployed = asyncio.Event()

        async def reading() -> None:
            while not deployed.is_set():
                answer = await old.client("li.wei", "rep").get("/loans", params={"limit": 200})
                assert answer.status_code == 200, answer.text
                counts.append(len(answer.json()["items"]))

        reader = asyncio.create_task(reading())
        async with serving(NEXT, database, tmp_path) as new:
            assert [(it.name, it.version) for it in await new.service.views.states()] == [("loans", 2)]
            deployed.set()
            await reader
            assert set(counts) == {20}
            await lend(new, 1)
            answer = await new.client("li.wei", "rep").get("/loans", params={"limit": 200})
            assert len(answer.json()["items"]) == 21
