"""Today's touches: whom to contact, the most promising first."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, time
from typing import Any
from uuid import UUID

from keqing_pipeline.opportunity.facts import (
    CallLogged,
    CustomerNamed,
    DealLost,
    DealWon,
    FollowUpMissed,
    ImportRepeated,
    LaterFact,
    MessageLogged,
    OpportunityAmended,
    OpportunityHandedOver,
    OpportunityLetGo,
    OpportunityOpened,
    OpportunityReopened,
    OpportunityTakenUp,
    StageAdvanced,
    StageReceded,
    TouchesEnded,
    VisitLogged,
)
from keqing_pipeline.opportunity.grade import Grade, Urgency, months_after
from keqing_pipeline.opportunity.stage import Outcome
from keqing_pipeline.policy import PipelinePolicy
from keqing_pipeline.views.held import seen
from keqing_shared.domain import Personal, Recorded, value
from keqing_shared.views import Index, Narrowed, Rows, Table, View


@value
class TouchEntry:
    """When one opportunity is to be touched next, if at all."""

    opportunity_id: UUID
    customer_id: UUID | None
    owner: str
    title: str
    place: str
    expected_close_on: date | None
    next_touch_on: date | None
    watch_on: date | None
    """The due date that counts as missed once it has passed."""
    last_contact_on: date | None
    missed_in_a_row: int
    next_step: Personal[str | None]


TOUCHES = Table(
    "touch",
    TouchEntry,
    key=("opportunity_id",),
    indexes=(
        # Holds all that the order of touches depends on: of many that are due, only those shown are fetched.
        Index(
            ("owner", "next_touch_on", "expected_close_on", "place", "opportunity_id"),
            where="next_touch_on IS NOT NULL",
        ),
        Index(("watch_on",), where="watch_on IS NOT NULL"),
    ),
)


class Touches(View):
    name = "touches"
    version = 2
    tables = (TOUCHES,)

    def touches(self, it: Recorded[Any]) -> Iterable[tuple[Any, ...]]:
        if isinstance(it.fact, LaterFact):
            yield TOUCHES, it.originator_id

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        fact = it.fact
        if isinstance(fact, OpportunityOpened):
            rows.put(
                TOUCHES,
                TouchEntry(
                    opportunity_id=it.originator_id,
                    customer_id=fact.customer_id,
                    owner=fact.owner,
                    title=fact.title,
                    place=fact.stage,
                    expected_close_on=fact.expected_close_on,
                    next_touch_on=fact.next_touch_on,
                    watch_on=fact.next_touch_on,
                    last_contact_on=None,
                    missed_in_a_row=0,
                    next_step=None,
                ),
            )
        elif isinstance(fact, LaterFact):
            entry = rows.get(TOUCHES, it.originator_id)
            if entry is not None:
                rows.put(TOUCHES, _changed(entry, fact))


def _changed(entry: TouchEntry, fact: Any) -> TouchEntry:
    match fact:
        case OpportunityAmended(title=title, expected_close_on=close_on):
            return replace(entry, title=title, expected_close_on=close_on)
        case OpportunityHandedOver(owner=owner):
            return replace(entry, owner=owner)
        case OpportunityLetGo(owner=owner):
            return replace(_due(entry, None), owner=owner)
        case OpportunityTakenUp(owner=owner, next_touch_on=due):
            return replace(_due(entry, due), owner=owner, missed_in_a_row=0)
        case CustomerNamed(customer_id=customer_id):
            return replace(entry, customer_id=customer_id)
        case CallLogged(call=contact) | VisitLogged(visit=contact) | MessageLogged(message=contact):
            on_time = entry.next_touch_on is None or fact.on <= entry.next_touch_on
            latest = entry.last_contact_on is None or fact.on >= entry.last_contact_on
            return replace(
                _due(entry, fact.next_touch_on),
                last_contact_on=fact.on if latest else entry.last_contact_on,
                missed_in_a_row=0 if on_time else entry.missed_in_a_row,
                next_step=contact.next_step if latest else entry.next_step,
            )
        case StageAdvanced(after=stage) | StageReceded(after=stage):
            return replace(_due(entry, fact.next_touch_on), place=stage)
        case DealWon(next_touch_on=due):
            return replace(_due(entry, due), place=Outcome.WON)
        case TouchesEnded():
            return _due(entry, None)
        case DealLost():
            return replace(_due(entry, None), place=Outcome.LOST)
        case OpportunityReopened(stage=stage, next_touch_on=due):
            return replace(_due(entry, due), place=stage, missed_in_a_row=0)
        case ImportRepeated(next_touch_on=due) if due != entry.next_touch_on:
            return _due(entry, due)
        case FollowUpMissed(watch_on=watch_on, in_a_row=in_a_row):
            return replace(entry, watch_on=watch_on, missed_in_a_row=in_a_row)
        case _:
            return entry


def _due(entry: TouchEntry, due: date | None) -> TouchEntry:
    return replace(entry, next_touch_on=due, watch_on=due)


@value
class DueTouch:
    """A touch due on the day asked for, or before."""

    opportunity_id: UUID
    customer_id: UUID | None
    customer: str | None
    """Its name."""
    owner: str
    title: str
    place: str
    """``0`` to ``4`` or ``won``; ``refused`` or ``lost`` when a date was promised all the same."""
    grade: Grade | None
    """None once won or lost; these come with the D."""
    urgency: Urgency | None
    due_on: date
    due_from: time | None
    """The hour to wait for, local time: who has bought is called late in the day."""
    overdue_days: int
    missed_in_a_row: int
    last_contact_on: date | None
    next_step: str | None

    def key(self) -> tuple[int, int, date, UUID]:
        """Its place in the order."""
        return (
            _GRADES.index(self.grade or Grade.D) + 1,
            _PLACES.index(self.place) + 1,
            self.due_on,
            self.opportunity_id,
        )


_GRADES = (Grade.A, Grade.B, Grade.C, Grade.D)
_PLACES = ("4", "3", "2", "1", "0", "won", "refused", "lost")


async def due_touches(
    db: Any,
    visible: Collection[str] | None,
    day: date,
    policy: PipelinePolicy,
    *,
    owner: str | None = None,
    after: tuple[int, int, date, UUID] | None = None,
    limit: int = 50,
) -> list[DueTouch]:
    """By grade, then stage (the highest first), then the longest overdue."""
    within, won_from = policy.grade_within, policy.touch_every.won_from
    where = Narrowed()
    where.only("o.next_touch_on <= {}", day)
    where.only("o.owner = {}", owner)
    due = seen("touch", visible, where)
    a, b, c = (where.place(months_after(day, count)) for count in (within.a, within.b, within.c))
    order = "grade, place_rank, next_touch_on, opportunity_id"
    beyond = "true"
    if after is not None:
        beyond = f"({order}) > ({', '.join(where.place(part) for part in after)})"
    records = await db.fetch(
        f"""
        SELECT t.opportunity_id, t.customer_id, c.name AS customer, t.owner, t.title, t.place,
               t.next_touch_on, t.missed_in_a_row, t.last_contact_on, t.next_step, shown.grade
          FROM (
            SELECT * FROM (
                SELECT opportunity_id, next_touch_on,
                       CASE WHEN place IN ('won', 'lost') THEN 4
                            WHEN expected_close_on <= {a} THEN 1
                            WHEN expected_close_on <= {b} THEN 2
                            WHEN expected_close_on <= {c} THEN 3
                            ELSE 4 END AS grade,
                       array_position({where.place(list(_PLACES))}::text[], place) AS place_rank
                  FROM {due} o
            ) due WHERE {beyond} ORDER BY {order} LIMIT {limit:d}
          ) shown JOIN touch t USING (opportunity_id) LEFT JOIN customer c USING (customer_id)
         ORDER BY shown.grade, shown.place_rank, shown.next_touch_on, opportunity_id
        """,
        *where.arguments,
    )
    return [_shown(record, day, won_from) for record in records]


def _shown(record: Any, day: date, won_from: time) -> DueTouch:
    decided = record["place"] in (Outcome.WON, Outcome.LOST)
    grade = None if decided else _GRADES[record["grade"] - 1]
    return DueTouch(
        opportunity_id=record["opportunity_id"],
        customer_id=record["customer_id"],
        customer=record["customer"],
        owner=record["owner"],
        title=record["title"],
        place=record["place"],
        grade=grade,
        urgency=None if grade is None else grade.urgency,
        due_on=record["next_touch_on"],
        due_from=won_from if record["place"] == Outcome.WON else None,
        overdue_days=(day - record["next_touch_on"]).days,
        missed_in_a_row=record["missed_in_a_row"],
        last_contact_on=record["last_contact_on"],
        next_step=record["next_step"],
    )


async def missed_touches(db: Any, today: date, after: UUID | None, limit: int) -> list[UUID]:
    """Opportunities with a due date that has passed unnoticed, in the order of their ids."""
    records = await db.fetch(
        """
        SELECT opportunity_id FROM touch
         WHERE watch_on < $1 AND ($2::uuid IS NULL OR opportunity_id > $2)
         ORDER BY opportunity_id LIMIT $3
        """,
        today,
        after,
        limit,
    )
    return [record["opportunity_id"] for record in records]
