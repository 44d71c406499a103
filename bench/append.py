"""One fact an append, at 1, 8 and 16 callers: our log, the library's recorder in its two modes, and
pgbench's bare insert, which has neither order nor versions nor chain.

Ours encodes and hashes each fact as it goes; the rivals are given their bytes.
"""

import asyncio
import re
import subprocess
import threading
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import uvloop
from eventsourcing.persistence import InfrastructureFactory, StoredEvent
from eventsourcing.utils import Environment

from bench.ground import Ground
from bench.history import A_CALL, opened_log
from bench.measure import Contestant, Row, paired
from keqing_local.postgres import binaries
from keqing_shared.log import Codec, Meta, NewFact, Request

CALLERS = (1, 8, 16)
BOUNDS = (10.0, 3.0, 0.6)
WARM_UP_SECONDS = 0.3
STATE = Codec([type(A_CALL)]).encode(A_CALL)


def measure(ground: Ground) -> list[Row]:
    """The budget is for 16 callers; what fewer do is told without a bound."""
    seconds = ground.seconds / 2
    ours = ground.database("append_keqing")
    locking = ground.library("append_locking", connections=max(CALLERS))
    functions = ground.library("append_functions", connections=max(CALLERS), functions=True)
    bare = ground.database("append_bare")
    script = _script(ground.home / "bare_insert.sql")
    asyncio.run(_bare_table(bare))
    rows: list[Row] = []
    for callers in CALLERS:
        we = Contestant("Keqing", partial(_ours, ours, callers, seconds))
        rivals = [
            Contestant("the library's recorder, locking mode", partial(_library, locking, callers, seconds)),
            Contestant(
                "the library's recorder, function mode", partial(_library, functions, callers, seconds)
            ),
            Contestant("pgbench, a bare insert", partial(_pgbench, bare, script, callers, seconds)),
        ]
        ground.told(f"append, {callers} callers")
        paired([we, *rivals], ground.rounds, ground.told)
        bounds = BOUNDS if callers == max(CALLERS) else (None, None, None)
        rows += [
            Row.against(rival, f"append one fact, {callers} callers", we, bound)
            for rival, bound in zip(rivals, bounds, strict=True)
        ]
    return rows


def _ours(url: str, callers: int, seconds: float) -> float:
    return uvloop.run(appending(url, callers, seconds))


async def appending(url: str, callers: int, seconds: float) -> float:
    """Facts a second by so many callers of one process."""
    done = 0
    async with opened_log(url) as (_, log):
        begin = time.perf_counter() + WARM_UP_SECONDS

        async def caller() -> None:
            nonlocal done
            id = uuid4()
            version = 0
            while (start := time.perf_counter()) < begin + seconds:
                version += 1
                fact = NewFact(id, version, A_CALL, id)
                await log.append(Request((fact,), Meta(who="bench"), datetime.now(UTC), id, version))
                done += start >= begin

        await asyncio.gather(*(caller() for _ in range(callers)))
    return done / seconds


def _library(settings: dict[str, str], callers: int, seconds: float) -> float:
    factory: InfrastructureFactory[Any] = InfrastructureFactory.construct(Environment("bench", settings))
    recorder = factory.application_recorder()
    done = [0] * callers
    failed: list[BaseException] = []
    begin = time.perf_counter() + WARM_UP_SECONDS

    def caller(number: int) -> None:
        id = uuid4()
        version = 0
        try:
            while (start := time.perf_counter()) < begin + seconds:
                version += 1
                recorder.insert_events([StoredEvent(id, version, "bench.call-logged", STATE)])
                done[number] += start >= begin
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=caller, args=(number,)) for number in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    factory.close()
    if failed:
        raise failed[0]
    return sum(done) / seconds


async def _bare_table(url: str) -> None:
    async with opened_log(url) as (pool, _):
        await pool.execute(
            "CREATE TABLE bare (position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
            " originator_id uuid NOT NULL, originator_version bigint NOT NULL, topic text NOT NULL,"
            " state bytea NOT NULL)"
        )


def _script(path: Path) -> Path:
    path.write_text(
        "INSERT INTO bare (originator_id, originator_version, topic, state)"
        f" VALUES (gen_random_uuid(), 1, 'bench.call-logged', '\\x{STATE.hex()}');\n"
    )
    return path


def _pgbench(url: str, script: Path, callers: int, seconds: float) -> float:
    command = [
        str(binaries() / "pgbench"),
        "-n",
        "-M",
        "prepared",
        "-c",
        str(callers),
        "-j",
        str(min(2, callers)),
    ]
    command += ["-T", str(max(1, round(seconds))), "-f", str(script), url]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 60).stdout
    found = re.search(r"^tps = ([0-9.]+)", said, re.MULTILINE)
    if found is None:
        raise RuntimeError(f"pgbench said nothing of its rate: {said[-500:]}")
    return float(found[1])
