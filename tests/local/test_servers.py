"""The servers the tests stand on."""

import asyncpg
import nats


async def test_every_test_gets_an_empty_postgresql_18_database(database: str) -> None:
    connection = await asyncpg.connect(database)
    try:
        assert (await connection.fetchval("SHOW server_version")).startswith("18.")
        assert await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
    finally:
        await connection.close()


async def test_every_test_gets_streams_of_its_own(nats_url: str, module_nats_url: str) -> None:
    for url in (nats_url, module_nats_url):
        client = await nats.connect(url)
        try:
            jetstream = client.jetstream()
            assert await jetstream.streams_info() == []
            await jetstream.add_stream(name="facts", subjects=["keqing.>"])
            assert (await jetstream.publish("keqing.one", b"1")).seq == 1
        finally:
            await client.close()
