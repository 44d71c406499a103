"""The eventsourcing library's own test cases, unmodified, against our recorder."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import asyncpg
import pytest
from eventsourcing.persistence import (
    Notification,
    ProcessRecorder,
    StoredEvent,
    Subscription,
    Tracking,
)
from eventsourcing.tests import persistence
from eventsourcing.tests.persistence import (
    AggregateRecorderTestCase,
    ApplicationRecorderTestCase,
    NonInterleavingNotificationIDsBaseCase,
    ProcessRecorderTestCase,
    TrackingRecorderTestCase,
)

from keqing_shared.log.recorder import PostgresRecorder


class _Loop:
    """An event loop in a thread of its own, for callers that block."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result()

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


class _Blocking(ProcessRecorder):
    """The thin synchronous adapter: every method runs ours on the loop and waits."""

    def __init__(self, recorder: PostgresRecorder, run: Callable[[Any], Any]) -> None:
        self.recorder = recorder
        self.run = run

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int]:
        return self.run(self.recorder.insert_events(stored_events, **kwargs))

    def select_events(self, originator_id: Any, **kwargs: Any) -> list[StoredEvent]:
        return self.run(self.recorder.select_events(originator_id, **kwargs))

    def select_notifications(self, start: int | None, limit: int, *args: Any, **kwargs: Any) -> Any:
        return self.run(self.recorder.select_notifications(start, limit, *args, **kwargs))

    def max_notification_id(self) -> int | None:
        return self.run(self.recorder.max_notification_id())

    def insert_tracking(self, tracking: Tracking) -> None:
        self.run(self.recorder.insert_tracking(tracking))

    def max_tracking_id(self, application_name: str) -> int | None:
        return self.run(self.recorder.max_tracking_id(application_name))

    def has_tracking_id(self, application_name: str, notification_id: int | None) -> bool:
        return self.run(self.recorder.has_tracking_id(application_name, notification_id))

    def wait(self, application_name: str, notification_id: int | None, *args: Any, **kwargs: Any) -> None:
        self.run(self.recorder.wait(application_name, notification_id, *args, **kwargs))

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Any:
        return _Subscription(self, gt, topics)


class _Subscription(Subscription[Any]):
    def __init__(self, recorder: _Blocking, gt: int | None, topics: Sequence[str]) -> None:
        super().__init__(recorder, gt, topics)
        self._run = recorder.run
        self._notifications = recorder.recorder.subscribe(gt, topics)

    def __next__(self) -> Notification:
        if self._has_been_stopped:
            raise StopIteration
        return self._run(anext(self._notifications))


class _OnlyAggregates(_Blocking):
    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> None:
        """Without an application sequence there are no notification ids to tell."""
        super().insert_events(stored_events, **kwargs)


class OnPostgres:
    """Gives each case recorders on an empty database."""

    url: ClassVar[str] = ""
    adapter: ClassVar[Any] = _Blocking

    def setUp(self) -> None:
        self.loop = _Loop()
        self.pool = self.loop.run(self.connect())
        super().setUp()  # type: ignore[misc]

    def tearDown(self) -> None:
        super().tearDown()  # type: ignore[misc]
        self.loop.run(self.pool.execute("DROP TABLE IF EXISTS facts, log_head, receipts, claims, tracking"))
        self.loop.run(self.pool.close())
        self.loop.close()

    async def connect(self) -> Any:
        return await asyncpg.create_pool(self.url, min_size=1, max_size=10)

    def create_recorder(self) -> Any:
        recorder = PostgresRecorder(self.pool)
        self.loop.run(recorder.create_table())
        return self.adapter(recorder, self.loop.run)


@pytest.fixture(scope="class", autouse=True)
def _url(module_database: str) -> None:
    OnPostgres.url = module_database


class TestAggregates(OnPostgres, AggregateRecorderTestCase):
    adapter = _OnlyAggregates


class TestApplication(OnPostgres, ApplicationRecorderTestCase[Any]):
    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestTracking(OnPostgres, TrackingRecorderTestCase):
    pass


class TestProcess(OnPostgres, ProcessRecorderTestCase):
    pass


class TestNonInterleaving(OnPostgres, NonInterleavingNotificationIDsBaseCase):
    pass


CASES = {
    AggregateRecorderTestCase: TestAggregates,
    ApplicationRecorderTestCase: TestApplication,
    TrackingRecorderTestCase: TestTracking,
    ProcessRecorderTestCase: TestProcess,
    NonInterleavingNotificationIDsBaseCase: TestNonInterleaving,
}


def _tests(case: type) -> set[str]:
    return {name for name in dir(case) if name.startswith("test")}


def test_every_case_that_the_library_ships_for_a_recorder_runs_unmodified() -> None:
    """Another one in its next version, optional or not, wants to be looked at here."""
    shipped = {
        case
        for name, case in vars(persistence).items()
        if name.endswith(("RecorderTestCase", "NotificationIDsBaseCase")) and name != "RecorderTestCase"
    }
    assert shipped == set(CASES)
    for case, ours in CASES.items():
        assert _tests(case)
        for name in _tests(case):
            assert getattr(ours, name) is getattr(case, name)
            assert not getattr(getattr(case, name), "__unittest_skip__", False)
    optional = {name for case in CASES for name in dir(case) if name.startswith("optional")}
    assert optional == {"optional_test_insert_subscribe"}
    assert _tests(TestApplication) - _tests(ApplicationRecorderTestCase) == {"test_insert_subscribe"}
