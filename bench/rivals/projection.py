"""A board of touches in the eventsourcing library's own way: one row an opportunity, written in the
transaction that moves the tracking position."""

from typing import Any
from uuid import UUID

from eventsourcing.dispatch import singledispatchmethod
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection
from psycopg.sql import SQL

from bench.rivals.opportunities import Opportunity


class BoardRecorder(PostgresTrackingRecorder):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sql_create_statements.append(
            SQL(
                "CREATE TABLE IF NOT EXISTS board"
                " (opportunity_id uuid PRIMARY KEY, title text, calls int NOT NULL, next_on text)"
            ).format()
        )

    def opened(self, id: UUID, title: str, tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            cursor.execute("INSERT INTO board VALUES (%s, %s, 0, NULL)", (id, title))
            self._insert_tracking(cursor, tracking)

    def called(self, id: UUID, next_on: str, tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            cursor.execute(
                "UPDATE board SET calls = calls + 1, next_on = %s WHERE opportunity_id = %s", (next_on, id)
            )
            self._insert_tracking(cursor, tracking)


class Board(Projection[BoardRecorder]):
    name = "board"

    @singledispatchmethod
    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        raise NotImplementedError(type(domain_event))

    @process_event.register
    def _(self, it: Opportunity.Opened, tracking: Tracking) -> None:
        self.view.opened(it.originator_id, it.title, tracking)

    @process_event.register
    def _(self, it: Opportunity.CallLogged, tracking: Tracking) -> None:
        self.view.called(it.originator_id, it.next_on, tracking)
