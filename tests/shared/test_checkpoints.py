"""A running service signs how far its log has come, to a file and to NATS, and once more at its end."""

import asyncio
import stat
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import nats
import pytest
from nats.js.api import StreamConfig

from keqing_shared import checkpoints
from keqing_shared.checkpoints import STREAM, SUBJECTS, Checkpoints
from keqing_shared.log.signed import SignedCheckpoint, judge, public_bytes, read
from keqing_shared.log.signing_key import signing_key
from keqing_shared.log.verify import verify
from keqing_shared.messaging.connection import until_connected
from keqing_shared.service import Service
from keqing_shared.settings import Settings, SettingsWrong
from tests.shared.http.library import ACME, LIBRARY
from tests.shared.http.loan import LOAN, LendBook

LEND = LendBook(customer_id=ACME, owner="li.wei", copy="c-1", title="红楼梦", on=datetime(2026, 3, 2).date())


def settings(database: str, home: Path, nats_url: str | None = None, **given: Any) -> Settings:
    given = {"env": "development", "checkpoints": home / "signed", **given}
    return Settings(database_url=database, nats_url=nats_url, home=home, pool_size=6, **given)


async def lend(service: Service, times: int) -> None:
    for _ in range(times):
        await service.execute(LOAN, uuid4(), LEND, who="test")


def kept(home: Path) -> list[SignedCheckpoint]:
    return read(home / "signed", "library")[0] if (home / "signed").exists() else []


async def test_the_end_of_a_run_is_signed_and_the_log_agrees_with_it(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work = asyncio.Event()
    once = Checkpoints.once

    async def seen(signing: Checkpoints) -> None:
        await once(signing)
        at_work.set()

    monkeypatch.setattr(Checkpoints, "once", seen)
    ours = settings(database, tmp_path)
    async with Service(LIBRARY, ours) as service:
        await at_work.wait()
        await lend(service, 3)
    assert [it.position for it in kept(tmp_path)] == [3]
    key = signing_key(ours, make=False)
    assert key is not None
    signed = judge(kept(tmp_path), {public_bytes(key)})
    assert isinstance(signed, dict)
    async with Service(LIBRARY, settings(database, tmp_path, checkpoints=None)) as service:
        async with service.pool.acquire() as connection:
            assert (await verify(connection, signed)).finding is None
    assert stat.S_IMODE((tmp_path / "checkpoint-key").stat().st_mode) == 0o600


async def test_each_position_is_signed_once_and_told_on_nats_outside_of_the_facts_streams(
    database: str, nats_url: str, tmp_path: Path
) -> None:
    ours = settings(database, tmp_path, nats_url, roles=frozenset({"relay"}))
    async with Service(LIBRARY, ours) as service:
        signing = Checkpoints(service, tmp_path / "signed")
        await signing.once()
        assert kept(tmp_path) == []
        await until_connected(service.nats)
        for times in (2, 0, 1):
            await lend(service, times)
            await signing.once()
        assert [it.position for it in kept(tmp_path)] == [2, 3]
        jetstream = service.nats.jetstream()
        told = await jetstream.subscribe("keqing-checkpoints.library", ordered_consumer=True)
        heard = [msgspec.json.decode((await told.next_msg()).data, type=SignedCheckpoint) for _ in range(2)]
        assert heard == kept(tmp_path)
        subjects = {stream.config.name: stream.config.subjects for stream in await jetstream.streams_info()}
        assert subjects.pop(STREAM) == [SUBJECTS]
        # The relay makes the facts' stream when it gets there; it may not have yet.
        assert subjects in ({}, {"KEQING_LIBRARY": ["keqing.library.>"]})


async def test_what_was_signed_while_nats_was_away_is_told_when_it_is_back(
    database: str, nats_url: str, tmp_path: Path
) -> None:
    async with Service(LIBRARY, settings(database, tmp_path, roles=frozenset({"views"}))) as service:
        signing = Checkpoints(service, tmp_path / "signed")
        await lend(service, 1)
        await signing.once()
        service.nats = await nats.connect(nats_url)
        theirs = StreamConfig(name=checkpoints.STREAM, subjects=[checkpoints.SUBJECTS], max_msgs=1000)
        await service.nats.jetstream().add_stream(theirs)  # an operator may set it up otherwise
        await signing.once()
        info = await service.nats.jetstream().stream_info(checkpoints.STREAM)
        assert (info.state.messages, len(kept(tmp_path))) == (1, 1)
        await service.nats.close()


async def test_checkpoints_without_a_key_are_refused_outside_of_development(
    database: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsWrong, match=r"KEQING_SIGNING_KEY: .*there is no key"):
        async with Service(LIBRARY, settings(database, tmp_path, env="production")):
            pass
    async with Service(LIBRARY, settings(database, tmp_path, env="production", checkpoints=None)):
        pass
