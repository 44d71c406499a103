"""The master key is changed while everything serves, and the former one is needed no more."""

from typing import Any
from uuid import uuid4

import pytest

from keqing_shared.log import Meta
from keqing_shared.privacy import MasterKeys, rotation
from keqing_shared.privacy.rotation import wrap_anew
from keqing_shared.settings import SettingsWrong
from keqing_shared.streams import Streams
from tests.shared.log.conftest import WallClock
from tests.shared.privacy.conftest import Opened
from tests.shared.privacy.guest import GUEST, Arrive

OLD, NEW = b"o" * 32, b"n" * 32
STEPS = (MasterKeys([OLD]), MasterKeys([OLD, NEW]), MasterKeys([NEW, OLD]), MasterKeys([NEW]))
ME = Meta(who="li.wei")


async def test_every_step_of_a_rotation_reads_and_writes(
    pool: Any, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "AT_ONCE", 2)
    ids = []
    for number, masters in enumerate(STEPS):
        if number == 3:
            # The key of hashes, and of the guests all but the one whom a process of the new key took in.
            assert await wrap_anew(pool, STEPS[2]) == 1 + 5
            assert await wrap_anew(pool, STEPS[2]) == 0
        # The process of the step before goes on beside the one of this step.
        before = STEPS[max(number - 1, 0)] if number < 3 else masters
        async with opened(masters) as log, opened(before) as beside:
            for process in (log, beside):
                id = uuid4()
                command = Arrive(name="王丽", room=number, customer_id=uuid4())
                await Streams(process, WallClock(), None).execute(GUEST, id, command, ME)
                ids.append(id)
            for process in (log, beside):
                loaded = [await Streams(process, WallClock(), None).load(GUEST, id) for id in ids]
                assert {one.state.name for one in loaded if one.state} == {"王丽"}
    with pytest.raises(SettingsWrong, match="KEQING_MASTER_KEY"):
        async with opened(STEPS[0]):
            pass


async def test_who_has_the_keys_in_memory_does_not_notice(pool: Any, opened: Opened) -> None:
    async with opened(STEPS[0]) as log:
        streams, id = Streams(log, WallClock(), None), uuid4()
        await streams.execute(GUEST, id, Arrive(name="王丽", room=1, customer_id=uuid4()), ME)
        assert await wrap_anew(pool, STEPS[2]) == 2
        assert [it.fact.name for it in await log.read(0, 1)] == ["王丽"]
        assert not await pool.fetchval(
            "SELECT count(*) FROM personal_keys WHERE master = $1", STEPS[0].current
        )


async def test_what_is_destroyed_stays_so(pool: Any, opened: Opened) -> None:
    async with opened(STEPS[0]) as log:
        customer = uuid4()
        await Streams(log, WallClock(), None).execute(
            GUEST, uuid4(), Arrive(name="王丽", room=1, customer_id=customer), ME
        )
        async with pool.acquire() as connection, connection.transaction():
            assert log.codec.keys is not None
            await log.codec.keys.destroy(connection, customer, [], 3)
        await wrap_anew(pool, STEPS[2])
        row = await pool.fetchrow("SELECT wrapped, destroyed FROM personal_keys WHERE owner = $1", customer)
        assert tuple(row) == (None, 3)
