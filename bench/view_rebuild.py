"""Rebuild a view from the first fact: our board against the library's ProjectionRunner on a like one.

Ours builds the tables beside, indexes them and swaps them under its readers; the rival fills an empty table.
"""

import asyncio
import time

import asyncpg
import uvloop
from eventsourcing.projection import ProjectionRunner

from bench.ground import Ground
from bench.history import grow, opened_log
from bench.measure import Contestant, Limit, Row, paired
from bench.rivals.opportunities import Opportunities
from bench.rivals.projection import Board as RivalBoard
from bench.rivals.projection import BoardRecorder
from keqing_pipeline.views.board import Board
from keqing_shared.views import VIEWS_SCHEMA, Projector, rebuild

IN_A_STREAM = 20
PATIENCE_SECONDS = 120.0
READERS = 4


def measure(ground: Ground) -> list[Row | Limit]:
    """Facts a second. The logs differ in length so that each round takes either about as long."""
    url = ground.database("rebuild_keqing")
    facts = uvloop.run(_filled(url, int(20_000 * ground.seconds)))
    settings = ground.library("rebuild_library", connections=4)
    theirs = _library_filled(settings, int(1_500 * ground.seconds))
    rival_url = ground.postgres.url("rebuild_library")
    contestants = [
        Contestant("Keqing", lambda: uvloop.run(_ours(url, facts))),
        Contestant("the library's ProjectionRunner", lambda: _library(settings, rival_url, theirs)),
        *_emmett(ground, int(3_000 * ground.seconds)),
    ]
    paired(contestants, ground.rounds, ground.told)
    we, rival, *emmett = contestants
    return [
        Row.against(rival, "rebuild a view", we, 15.0),
        *(Row.against(it, "rebuild a view", we, 5.0) for it in emmett),
        Limit("reads that failed or went back during a rebuild", uvloop.run(_failed_reads(url)), 0.0, ""),
    ]


async def _filled(url: str, facts: int) -> int:
    async with opened_log(url) as (pool, log):
        for start in range(0, facts // IN_A_STREAM, 64):
            streams = min(64, facts // IN_A_STREAM - start)
            await asyncio.gather(*(grow(log, IN_A_STREAM) for _ in range(streams)))
        await pool.execute(VIEWS_SCHEMA)
        await Projector(pool, log, [Board()]).catch_up()
        return await log.head()


async def _ours(url: str, facts: int) -> float:
    async with opened_log(url) as (pool, log):
        begin = time.perf_counter()
        if await rebuild(pool, log, Board()) != facts:
            raise RuntimeError("not all was rebuilt")
        return facts / (time.perf_counter() - begin)


async def _failed_reads(url: str) -> int:
    """One rebuild under READERS who count the rows of the board without a pause."""
    async with opened_log(url) as (pool, log):
        rows = await pool.fetchval("SELECT count(*) FROM board")
        failed = read = 0
        over = asyncio.Event()

        async def reader() -> None:
            nonlocal failed, read
            while not over.is_set():
                try:
                    failed += await pool.fetchval("SELECT count(*) FROM board") != rows
                except asyncpg.PostgresError:
                    failed += 1
                read += 1

        readers = [asyncio.create_task(reader()) for _ in range(READERS)]
        await rebuild(pool, log, Board())
        over.set()
        await asyncio.gather(*readers)
        if not read:
            raise RuntimeError("nobody has read")
        return failed


def _library_filled(settings: dict[str, str], facts: int) -> int:
    library = Opportunities(settings)
    try:
        for _ in range(facts // IN_A_STREAM):
            library.grown(IN_A_STREAM)
        return library.recorder.max_notification_id() or 0
    finally:
        library.close()


def _library(settings: dict[str, str], url: str, facts: int) -> float:
    asyncio.run(_emptied(url))
    begin = time.perf_counter()
    with ProjectionRunner(
        application_class=Opportunities, projection_class=RivalBoard, view_class=BoardRecorder, env=settings
    ) as runner:
        runner.wait(facts, timeout=PATIENCE_SECONDS)
        took = time.perf_counter() - begin
    return facts / took


def _emmett(ground: Ground, facts: int) -> list[Contestant]:
    emmett = ground.emmett
    if emmett is None:
        return []
    url = ground.database("rebuild_emmett")
    streams = facts // IN_A_STREAM
    emmett.fill(url, streams, IN_A_STREAM)

    def run() -> float:
        asyncio.run(_emptied(url))
        return emmett.rebuild(url, streams * IN_A_STREAM)

    return [Contestant("Emmett's projector", run)]


async def _emptied(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for table in await connection.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'board%'"
        ):
            await connection.execute(f'DROP TABLE "{table[0]}"')
    finally:
        await connection.close()
