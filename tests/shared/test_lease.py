"""One holder at a time, rising epochs, and a holder that is stopped when it is one no longer."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from keqing_shared.lease import LEASES_SCHEMA, Lease, LeaseLost

TTL = 0.6


@pytest.fixture
async def pool(database: str) -> AsyncIterator[asyncpg.Pool]:
    async with asyncpg.create_pool(database, min_size=1, max_size=6) as pool:
        await pool.execute(LEASES_SCHEMA)
        await pool.execute(LEASES_SCHEMA)
        yield pool


async def test_every_new_holder_gets_a_higher_epoch(pool: asyncpg.Pool) -> None:
    epochs = []
    for _ in range(3):
        async with Lease(pool, "relay", TTL).held() as epoch:
            epochs.append(epoch)
    assert epochs == [1, 2, 3]


async def test_two_who_want_it_never_hold_it_at_once_and_a_release_passes_it_on_at_once(
    pool: asyncpg.Pool,
) -> None:
    holders: list[int] = []
    most = 0

    async def work() -> None:
        nonlocal most
        async with Lease(pool, "relay", ttl=30.0).held() as epoch:
            holders.append(epoch)
            most = max(most, len(holders))
            await pool.fetchval("SELECT pg_sleep(0.05)")
            holders.remove(epoch)

    # A lease of 30 seconds would be waited for beyond this time, were it not released; retries are ttl/6.
    async with asyncio.timeout(25):
        await asyncio.gather(work(), work(), work())
    assert most == 1


async def test_a_lease_is_renewed_for_as_long_as_the_work_lasts(pool: asyncpg.Pool) -> None:
    async with Lease(pool, "relay", TTL).held():
        started = await pool.fetchval("SELECT expires_at FROM leases")
        for _ in range(2):  # outlive it twice over, by the database's clock
            await pool.fetchval("SELECT pg_sleep($1)", TTL)
        assert await pool.fetchval("SELECT expires_at > clock_timestamp() AND epoch = 1 FROM leases")
        assert await pool.fetchval("SELECT expires_at FROM leases") > started


async def test_names_are_leased_independently(pool: asyncpg.Pool) -> None:
    async with Lease(pool, "relay", TTL).held(), Lease(pool, "consumer:pipeline", TTL).held() as epoch:
        assert epoch == 1


async def test_a_lease_whose_holder_died_is_taken_over_when_it_has_run_out(pool: asyncpg.Pool) -> None:
    await pool.execute(
        "INSERT INTO leases VALUES ('relay', gen_random_uuid(), 7, clock_timestamp() + interval '0.6 s')"
    )
    async with asyncio.timeout(5), Lease(pool, "relay", TTL).held() as epoch:
        assert epoch == 8


async def test_losing_the_lease_to_another_cancels_the_holders_work(pool: asyncpg.Pool) -> None:
    async def work() -> None:
        async with Lease(pool, "relay", TTL).held():
            await pool.execute("UPDATE leases SET holder = gen_random_uuid(), epoch = epoch + 1")
            await asyncio.Event().wait()

    with pytest.raises(LeaseLost):
        await work()
    assert await pool.fetchval("SELECT epoch = 2 AND expires_at > '-infinity' FROM leases"), (
        "the new holder's lease is not released by the old"
    )


async def test_a_holder_cut_off_from_the_database_stops_when_its_time_has_passed(database: str) -> None:
    pool = await asyncpg.create_pool(database, min_size=1, max_size=2)
    await pool.execute(LEASES_SCHEMA)

    async def work() -> None:
        async with Lease(pool, "relay", TTL).held():
            await pool.close()
            await asyncio.Event().wait()

    with pytest.raises(LeaseLost):
        await work()


async def test_a_cancelled_holder_releases_and_stays_cancelled(pool: asyncpg.Pool) -> None:
    holding = asyncio.Event()

    async def work() -> None:
        async with Lease(pool, "relay", ttl=30.0).held():
            holding.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await holding.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(3), Lease(pool, "relay", ttl=30.0).held() as epoch:
        assert epoch == 2


async def test_an_error_of_the_work_releases_and_passes_through(pool: asyncpg.Pool) -> None:
    with pytest.raises(ZeroDivisionError):
        async with Lease(pool, "relay", ttl=30.0).held():
            raise ZeroDivisionError
    async with asyncio.timeout(3), Lease(pool, "relay", ttl=30.0).held() as epoch:
        assert epoch == 2
