"""``keqing verify`` as an auditor runs it."""

import base64
import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from keqing_local.services import at_rest, context
from keqing_shared.history import HistoryRead
from keqing_shared.log import Meta, NewFact, Request
from keqing_shared.log.chain import START
from keqing_shared.log.signed import append, checkpoint, public_bytes
from keqing_shared.log.signing_key import signing_key
from keqing_shared.settings import Settings

Keqing = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.timeout(180)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


async def change(database: str, work: Callable[[Any], Any]) -> None:
    async with at_rest(context("service-desk"), Settings(), database) as service:
        await work(service)


async def write(service: Any) -> None:
    for _ in range(5):
        id = uuid4()
        read = HistoryRead(customer_id=id, part="facts")
        await service.log.append(Request((NewFact(id, 1, read, id),), Meta(who="auditor"), NOW, id, 1))


async def test_a_good_log_is_said_to_be_good_and_a_bad_one_is_found(
    keqing: Keqing, database: str, nats_url: str
) -> None:
    def verified() -> subprocess.CompletedProcess[str]:
        return keqing("verify", "service-desk", KEQING_DATABASE_URL=database, KEQING_NATS_URL=nats_url)

    nothing = verified()
    assert (nothing.returncode, nothing.stdout) == (1, "")
    assert "service-desk has no log in this database yet: keqing migrate" in nothing.stderr
    await change(database, write)
    good = verified()
    assert good.returncode == 0, good.stderr
    assert good.stdout.startswith("service-desk: 5 facts verified, head ")
    await change(
        database,
        lambda it: it.pool.execute("UPDATE facts SET who = 'li.wei' WHERE notification_id IN (3, 4)"),
    )
    bad = verified()
    assert bad.returncode == 1
    assert bad.stdout.startswith("service-desk: position 3: ")
    assert len(bad.stdout.splitlines()) == 1


def test_a_log_of_nobody_says_whose_there_are(keqing: Keqing) -> None:
    done = keqing("verify", "sales")
    assert done.returncode == 1
    assert "there is no context 'sales': it is one of pipeline" in done.stderr


async def test_a_chain_computed_anew_is_found_by_a_signed_checkpoint(
    keqing: Keqing, database: str, nats_url: str, tmp_home: Path
) -> None:
    def verified(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        servers = {"KEQING_DATABASE_URL": database, "KEQING_NATS_URL": nats_url}
        theirs = {**servers, "KEQING_CHECKPOINTS": str(tmp_home / "signed"), **environ}
        return keqing("verify", "service-desk", *arguments, **theirs)

    home = tmp_home / "home"
    key = signing_key(Settings(env="development", home=home))
    assert key is not None

    async def sign(service: Any) -> None:
        head = await service.pool.fetchrow("SELECT position, hash FROM log_head")
        append(tmp_home / "signed", checkpoint(key, "service-desk", *head, NOW))

    await change(database, write)
    await change(database, sign)
    good = verified()
    assert good.returncode == 0, good.stderr
    agreed = "service-desk: 1 signed checkpoints agree, up to position 5 of 2026-03-02T09:00:00+00:00"
    assert good.stdout.splitlines()[1:] == [agreed]

    unknown = verified(KEQING_ENV="production")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "give --public-key" in unknown.stderr
    ours = base64.b64encode(public_bytes(key)).decode()
    assert verified("--public-key", ours, KEQING_ENV="production").returncode == 0
    stranger = verified("--public-key", base64.b64encode(bytes(32)).decode(), KEQING_ENV="production")
    assert stranger.returncode == 1
    assert stranger.stdout.startswith("service-desk: position 5: signature wrong: ")
    assert "cannot read" in verified(KEQING_CHECKPOINTS=str(tmp_home / "elsewhere")).stderr

    async def rewrite(service: Any) -> None:
        await service.pool.execute("TRUNCATE facts")
        await service.pool.execute("UPDATE log_head SET position = 0, hash = $1", START)
        await write(service)

    await change(database, rewrite)
    bad = verified()
    assert bad.returncode == 1
    assert bad.stdout.startswith("service-desk: position 1: chain rewritten: ")


def test_a_run_signs_what_it_wrote(start: Callable[..., Any], keqing: Keqing) -> None:
    run = start().ready()
    enrolled = httpx.post(
        f"{run.url}/pipeline/users",
        json={"login": "li.wei", "name": "李伟", "roles": ["rep"], "team": "华东"},
        headers={"Authorization": f"Bearer {run.token}"},
    )
    assert enrolled.status_code == 201, enrolled.text
    assert run.stop() == 0
    done = keqing("verify", "pipeline")
    assert done.returncode == 0, done.stdout + done.stderr
    facts, agreed = done.stdout.splitlines()
    verified = re.match(r"pipeline: ([12]) facts verified, head ", facts)
    assert verified, facts  # the clockwork may have worked out the classes of the month
    assert f"signed checkpoints agree, up to position {verified[1]} of" in agreed
