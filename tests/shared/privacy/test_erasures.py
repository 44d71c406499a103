"""A destroyed key is forgotten by every process, the views follow, and only then it is confirmed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from keqing_shared.log import Meta
from keqing_shared.privacy import Keys, erasures
from keqing_shared.privacy.destruction import destroy, erasing
from keqing_shared.privacy.erasures import Erasures
from keqing_shared.service import Service
from keqing_shared.views import rebuild
from tests.harness import Serving, serving
from tests.shared.messaging.post import until
from tests.shared.privacy.guest import GUEST, Arrive, GuestMoved, Move, Wishes
from tests.shared.privacy.guests import HOUSE

ME = Meta(who="li.wei")
ADMIN = Meta(who="admin")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasures, "EVERY", 0.05)


@asynccontextmanager
async def process(database: str, home: Path, *parts: str) -> AsyncIterator[Service]:
    async with serving(HOUSE, database, home, parts=frozenset(parts)) as it:  # type: ignore[arg-type]
        yield it.service


@pytest.fixture
async def house(database: str, tmp_path: Path) -> AsyncIterator[Serving]:
    async with serving(HOUSE, database, tmp_path) as it:
        yield it


async def arrived(service: Service, customer: UUID) -> UUID:
    id = uuid4()
    command = Arrive(name="王丽", room=7, wishes=Wishes(nights=1, diet="清真"), customer_id=customer)
    await service.streams.execute(GUEST, id, command, ME)
    return id


async def erase(service: Service, customer: UUID) -> None:
    async with erasing(service, customer, ADMIN):
        pass


async def rows(service: Service) -> list[tuple[Any, ...]]:
    query = "SELECT name, room, diet FROM guests JOIN wishes USING (guest_id) ORDER BY name"
    found = await service.pool.fetch(query)
    return [tuple(row) for row in found]


async def said(service: Service) -> list[str]:
    return [type(it.fact).__name__ for it in await service.log.read(0, 100)]


async def confirmed(service: Service) -> bool:
    return not await service.keys.unconfirmed()


async def test_the_views_follow_and_it_is_confirmed(house: Serving) -> None:
    service, li, wang = house.service, uuid4(), uuid4()
    await arrived(service, li)
    await arrived(service, wang)
    await house.catch_up()
    await erase(service, li)
    await until(partial(confirmed, service))
    assert await rows(service) == [("[erased]", 7, "[erased]"), ("王丽", 7, "清真")]
    assert (await said(service))[-2:] == ["KeyDestroyed", "PersonalDataErased"]
    await rebuild(service.pool, service.log, HOUSE.views[0])
    assert await rows(service) == [("[erased]", 7, "[erased]"), ("王丽", 7, "清真")]


async def test_another_process_forgets_soon(house: Serving, database: str, tmp_path: Path) -> None:
    li = uuid4()
    id = await arrived(house.service, li)
    async with process(database, tmp_path, "http") as other:
        seen = (await other.streams.load(GUEST, id)).state
        assert seen is not None
        assert seen.name == "王丽"
        await erase(house.service, li)

        async def forgotten() -> bool:
            state = (await other.streams.load(GUEST, id)).state
            return state is not None and state.name == "[erased]"

        await until(forgotten, seconds=5)


async def test_who_remembers_still_writes_what_nobody_reads(house: Serving) -> None:
    """Until it has heard of it a process has the key; what it seals then is lost like all before."""
    service, li = house.service, uuid4()
    id = await arrived(service, li)
    stale = dict(service.keys.ring._ciphers)
    await erase(service, li)
    service.keys.ring.forget()
    service.keys.ring._ciphers.update(stale)
    await service.streams.execute(GUEST, id, Move(room=8, because="王丽 again"), ME)
    stored = await service.pool.fetchval("SELECT state FROM facts WHERE topic = $1", GuestMoved.topic)
    assert b"again" not in stored
    facts = await service.log.read(0, 100)  # who reads that the key is destroyed, forgets it then and there
    assert "王丽" not in repr(facts)
    # That the erasure is confirmed may be said before or after.
    assert [it.fact.because for it in facts if isinstance(it.fact, GuestMoved)] == ["[erased]"]


async def test_a_key_that_was_on_its_way_into_memory_is_looked_for_again(
    house: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, li = house.service, uuid4()
    await arrived(service, li)
    keys = Keys(service.pool, service.keys._masters)
    find, calls = keys._find, []

    async def slow(db: Any, owners: Any) -> Any:
        found = await find(db, owners)
        if not calls:
            await erase(service, li)
            keys.ring.forget()  # the others' erasure is noticed while what was read is on its way
        calls.append(found)
        return found

    monkeypatch.setattr(keys, "_find", slow)
    with await keys.held([li.bytes]):
        assert keys.ring._ciphers[li.bytes] is None
    assert [found[li.bytes] is None for found in calls] == [False, True]


async def test_nobody_confirms_for_views_that_have_not_followed(database: str, tmp_path: Path) -> None:
    li = uuid4()
    async with process(database, tmp_path, "http") as service:
        await arrived(service, li)
        await erase(service, li)
        assert await Erasures(service).once() == 0
        service.settings = service.settings.model_copy(update={"roles": frozenset({"views"})})
        assert await Erasures(service).once() == 0, "its projector does not run"
    async with process(database, tmp_path, "views") as service:
        await until(partial(confirmed, service))
        assert await rows(service) == [("[erased]", 7, "[erased]")]


async def test_a_rebuild_that_was_cut_off_leaves_nothing(house: Serving) -> None:
    service, li = house.service, uuid4()
    await arrived(service, li)
    await house.catch_up()
    await service.pool.execute(
        "CREATE TABLE guests__next AS SELECT * FROM guests;"
        " INSERT INTO views_rebuilding VALUES ('guests', gen_random_uuid(), 2)"
    )
    await erase(service, li)
    await until(partial(confirmed, service))
    assert await service.pool.fetchval("SELECT to_regclass('guests__next')") is None


async def test_a_rebuild_under_way_is_waited_for(house: Serving) -> None:
    service, li = house.service, uuid4()
    await arrived(service, li)
    await house.catch_up()
    async with service.pool.acquire() as builder:
        await builder.execute(
            "SELECT pg_advisory_lock(hashtextextended(current_schema() || '.views.guests', 0));"
            " INSERT INTO views_rebuilding VALUES ('guests', gen_random_uuid(), 2)"
        )
        await erase(service, li)
        await house.catch_up()
        assert await Erasures(service).once() == 0
        await builder.execute("SELECT pg_advisory_unlock_all()")
    await until(partial(confirmed, service))


async def test_cut_off_between_saying_and_noting_it_is_said_once(
    house: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, li = house.service, uuid4()
    await arrived(service, li)

    async def dies(_: UUID) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as patched:
        patched.setattr(service.keys, "confirm", dies)
        await erase(service, li)

        async def has_said() -> bool:
            return "PersonalDataErased" in await said(service)

        await until(has_said)
        assert not await confirmed(service)
    await until(partial(confirmed, service))
    assert (await said(service)).count("PersonalDataErased") == 1


async def test_the_same_order_twice_destroys_once(house: Serving) -> None:
    service, li = house.service, uuid4()
    await arrived(service, li)
    for _ in range(2):
        async with service.pool.acquire() as db, db.transaction():
            await destroy(partial(service.streams.execute, meta=ADMIN, within=db), db, service.keys, li)
    assert (await said(service)).count("KeyDestroyed") == 1


async def test_a_destruction_that_is_rolled_back_has_not_been(house: Serving) -> None:
    service, li = house.service, uuid4()
    id = await arrived(service, li)
    with pytest.raises(ConnectionResetError):
        async with erasing(service, li, ADMIN):
            raise ConnectionResetError
    service.keys.ring.forget()
    state = (await service.streams.load(GUEST, id)).state
    assert state is not None
    assert state.name == "王丽"


async def test_who_was_never_heard_of_is_erased_for_the_time_to_come(house: Serving) -> None:
    service, li = house.service, uuid4()
    await erase(service, li)
    await until(partial(confirmed, service))
    id = await arrived(service, li)
    await house.catch_up()
    assert "清真" not in repr((await service.streams.load(GUEST, id)).state)
    assert [name for name, _, _ in await rows(service)] == ["[erased]"]
