"""The eventsourcing library and our log understand each other: its own recorder opens our table, its own
mapper upcasts what we stored."""

import asyncio
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import msgspec
import pytest
from eventsourcing.persistence import JSONTranscoder, Mapper, Notification, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from eventsourcing.utils import clear_topic_cache, register_topic

from keqing_shared.domain import Fact
from keqing_shared.log import Codec, Log, Meta
from keqing_shared.log.recorder import PostgresRecorder
from keqing_shared.streams import Streams
from tests.shared.log.account import ACCOUNT, MakeEntry, OpenAccount


@pytest.fixture
def librarys_recorder(database: str, log: Log) -> Iterator[PostgresApplicationRecorder]:
    """On the table that ``log`` has made; it is never asked to make its own."""
    url = urlsplit(database)
    datastore = PostgresDatastore(
        url.path[1:], parse_qs(url.query)["host"][0], 5432, url.username or "", "none"
    )
    yield PostgresApplicationRecorder(datastore, events_table_name="facts")
    datastore.close()


async def test_the_librarys_recorder_reads_our_table(
    pool: Any, log: Log, streams: Streams, librarys_recorder: PostgresApplicationRecorder
) -> None:
    ids = [uuid4() for _ in range(3)]
    for id in ids:
        await streams.execute(ACCOUNT, id, OpenAccount(owner="li.wei"), Meta(who="li.wei"))
    for number in range(1, 10):
        meta = Meta(who="li.wei", why="薪资", key=f"entry-{number}")
        await streams.execute(ACCOUNT, ids[number % 3], MakeEntry(amount=number, note="n"), meta)
    its, ours, encode = librarys_recorder, PostgresRecorder(pool), log.codec.encode
    assert await asyncio.to_thread(its.max_notification_id) == await ours.max_notification_id() == 12

    read = await asyncio.to_thread(its.select_notifications, None, 100)
    assert read == await ours.select_notifications(None, 100)
    assert read == [
        Notification(it.originator_id, it.originator_version, it.fact.topic, encode(it.fact), it.position)
        for it in await log.read(0, 100)
    ]
    topics = ["sample.account-opened.v1"]
    assert await asyncio.to_thread(its.select_notifications, 2, 2, 9, topics) == read[1:3]

    stream = await asyncio.to_thread(its.select_events, ids[0])
    assert stream == await ours.select_events(ids[0])
    assert [event.originator_version for event in stream] == [1, 2, 3, 4]
    later = await asyncio.to_thread(lambda: its.select_events(ids[0], gt=1, lte=3, desc=True, limit=1))
    assert later == stream[2:3]


class Amended(Fact, topic="sample.amended.v3"):
    """Twice changed since its first version."""

    minutes: int
    place: str
    noted: bool

    @staticmethod
    def upcast_v1_v2(state: dict[str, object]) -> None:
        state["minutes"] = int(str(state.pop("seconds"))) // 60

    @staticmethod
    def upcast_v2_v3(state: dict[str, object]) -> None:
        state["noted"] = state["place"] != ""


class AmendedForTheLibrary:
    """The same class without slots, for its mapper fills a ``__dict__``."""

    class_version = Amended.class_version
    upcast_v1_v2 = staticmethod(Amended.upcast_v1_v2)
    upcast_v2_v3 = staticmethod(Amended.upcast_v2_v3)

    originator_id: UUID


STORED: dict[int, dict[str, object]] = {
    1: {"seconds": 180, "place": "here"},
    2: {"minutes": 3, "place": "here"},
    3: {"minutes": 3, "place": "here", "noted": True},
}


@pytest.mark.parametrize("version", STORED)
def test_a_version_is_upcast_as_the_librarys_mapper_does_it(version: int) -> None:
    """Its mapper finds the stored version in the state, ours in the topic; what is done then is the same."""
    topic = f"sample.amended.v{version}"
    register_topic(topic, AmendedForTheLibrary)
    try:
        # The library leaves a first version's number out.
        marked = STORED[version] | ({"class_version": version} if version > 1 else {})
        mapper: Mapper[UUID] = Mapper(transcoder=JSONTranscoder())
        its = mapper.to_domain_event(StoredEvent(uuid4(), 1, topic, msgspec.json.encode(marked)))
    finally:
        clear_topic_cache()
    ours = Codec([Amended]).decode(topic, msgspec.json.encode(STORED[version]))
    assert msgspec.structs.asdict(ours) == {
        name: member for name, member in vars(its).items() if not name.startswith("originator")
    }
    assert ours == Amended(minutes=3, place="here", noted=True)
