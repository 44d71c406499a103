"""Faults of a store on PostgreSQL: whoever writes and reads it, and the sessions they do it with."""

import asyncio

from keqing_shared.log.wakeup import POLL_SECONDS
from tests.faults.world import World

CUT_SECONDS = 0.15
SLEEP_SECONDS = 0.03


async def none_at_all(world: World) -> None:
    """Sixteen writers in two processes, some conflicting, some taking back what they wrote."""
    await world.acknowledged(1.0)


async def slow_transactions(world: World) -> None:
    """Every tenth insert sleeps when it has its place and has not committed."""
    await world.sql(f"""
        CREATE FUNCTION sleep_sometimes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF random() < 0.1 THEN PERFORM pg_sleep({SLEEP_SECONDS} * random()); END IF;
            RETURN NULL;
        END $$""")
    await world.sql(
        f"CREATE TRIGGER sleeping AFTER INSERT ON {world.store.table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION sleep_sometimes()"
    )
    await world.acknowledged(1.0)
    await world.sql(f"DROP TRIGGER sleeping ON {world.store.table}")
    await world.sql("DROP FUNCTION sleep_sometimes()")


async def writers_cut_off(world: World) -> None:
    """``pg_terminate_backend`` on the sessions that append, again and again."""
    await world.often(lambda: cut_off(world, "writers"), CUT_SECONDS)


async def readers_cut_off(world: World) -> None:
    """``pg_terminate_backend`` on the sessions that read the log, again and again."""
    await world.often(lambda: cut_off(world, "readers"), CUT_SECONDS)


async def listeners_cut_off(world: World) -> None:
    """``pg_terminate_backend`` on the sessions that listen, again and again."""
    await world.often(lambda: cut_off(world, "listeners"), CUT_SECONDS)


async def notifications_lost(world: World) -> None:
    """Not one NOTIFY arrives."""
    await _replace("pg_notify(text, text)", "pg_notify_kept", world)
    try:
        await world.acknowledged(1.0)
        await world.stopped()
        await asyncio.sleep(POLL_SECONDS)  # whoever has not heard has looked by now
    finally:
        await _put_back("pg_notify(text, text)", "pg_notify_kept", world)


async def postgresql_killed(world: World) -> None:
    """``kill -9`` of every process of the server; then it recovers."""
    assert world.postgres is not None
    await world.acknowledged(0.3)
    world.postgres.kill()
    world.postgres.launch()
    while not world.postgres.ready():  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    await world.acknowledged(0.5)


async def cut_off(world: World, who: str) -> int:
    """How many sessions."""
    rows = await world.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND query LIKE $1",
        world.store.victims[who],
    )
    return len(rows)


async def _replace(signature: str, aside: str, world: World) -> None:
    """In this database alone, for sessions that begin after it: so all of them do."""
    await world.sql(
        "DO $$ BEGIN SET LOCAL allow_system_table_mods = on;"
        f" ALTER FUNCTION pg_catalog.{signature} RENAME TO {aside};"
        f" CREATE FUNCTION pg_catalog.{signature} RETURNS void LANGUAGE sql AS 'SELECT'; END $$"
    )
    await _all_anew(world)


async def _put_back(signature: str, aside: str, world: World) -> None:
    name, _, arguments = signature.partition("(")
    await world.sql(
        "DO $$ BEGIN SET LOCAL allow_system_table_mods = on;"
        f" DROP FUNCTION pg_catalog.{signature};"
        f" ALTER FUNCTION pg_catalog.{aside}({arguments} RENAME TO {name}; END $$"
    )
    await _all_anew(world)


async def _all_anew(world: World) -> None:
    await world.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid()"
    )
