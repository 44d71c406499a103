"""Every fault of ``make faults`` once, with few facts: the whole run takes minutes, this one half of one.

Stalls are looked at with patience here, for others run beside it.
"""

from collections.abc import AsyncIterator

import pytest

from keqing_local.database import create_database
from keqing_local.nats import EmbeddedNats
from keqing_local.postgres import THROW_AWAY, EmbeddedPostgres
from tests.faults.on_the_way import message_vanishes, poison
from tests.faults.rows import LOG, SERVERS, Row, suffer
from tests.faults.world import Measure, World, world
from tests.servers import short_folder

pytestmark = pytest.mark.timeout(120)
PATIENCE = 6.0
FEW = Measure(facts=200, rate=400)


@pytest.fixture(scope="module")
async def it() -> AsyncIterator[World]:
    with short_folder() as home:
        postgres, nats = EmbeddedPostgres(home / "postgres", THROW_AWAY), EmbeddedNats(home / "nats")
        try:
            postgres.start()
            nats.start()
            url = await create_database(postgres.url(), "faults")
            store = "tests.faults.keqing:Keqing"
            async with world(store, home, FEW, url, nats.url(), postgres=postgres, nats=nats) as made:
                yield made
        finally:
            nats.stop()
            postgres.stop()


SHOWN_THERE = (poison, message_vanishes)
"""In ``test_planted_defects``, which makes them happen without the defect as well."""
ROWS = [row for row in (*LOG, *SERVERS) if row.fault not in SHOWN_THERE]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
async def test_everybody_sees_every_fact_once_and_in_order(it: World, row: Row) -> None:
    result = await suffer(it, row)
    assert result.kept(PATIENCE), (result.broken, result.outcome)
    assert result.outcome.facts >= FEW.facts
