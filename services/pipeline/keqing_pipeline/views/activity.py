"""Rep activity: contacts made, rises brought about, and how often a judgement of the stage held.

Whoever changes a stage judges. Once the opportunity is decided here, the last stage that each judge gave it
is held against the outcome:

* ``3`` or ``4`` says "will buy": upheld when it was won, contradicted when it was lost;
* a lower one says "not now": upheld when it was lost, contradicted when it was won while that stage stood.
  (A lower one that others have raised since says nothing about a win: customers develop.)

Accuracy is upheld / (upheld + contradicted). Reopening takes the verdict back.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from keqing_pipeline.opportunity.facts import (
    CallLogged,
    DealLost,
    DealWon,
    MessageLogged,
    OpportunityReopened,
    StageAdvanced,
    StageReceded,
    VisitLogged,
)
from keqing_pipeline.opportunity.stage import Outcome, Stage
from keqing_shared.domain import Recorded, value
from keqing_shared.views import Rows, Table, View


@value
class ActivityDay:
    """What one person did on one business day."""

    login: str
    day: date
    calls: int = 0
    effective_calls: int = 0
    visits: int = 0
    messages: int = 0
    rises: int = 0


@value
class Judged:
    """Who judged an opportunity how, and what came of it."""

    opportunity_id: UUID
    judgements: dict[str, Stage]
    """The last stage that each login gave it."""
    standing_by: str
    """Who gave the stage that stands."""
    outcome: Outcome = Outcome.OPEN
    decided_on: date | None = None


ACTIVITY = Table("activity", ActivityDay, key=("login", "day"), indexes=(("day",),))
JUDGED = Table("judged", Judged, key=("opportunity_id",), indexes=(("decided_on",),))

_DECIDING = (DealWon, DealLost, OpportunityReopened)


class Activity(View):
    name = "activity"
    version = 1
    tables = (ACTIVITY, JUDGED)

    def touches(self, it: Recorded[Any]) -> Iterable[tuple[Any, ...]]:
        match it.fact:
            case CallLogged() | VisitLogged() | MessageLogged() as fact:
                yield ACTIVITY, fact.by, fact.on
            case StageAdvanced() as fact:
                yield ACTIVITY, it.who, fact.on
                yield JUDGED, it.originator_id
            case StageReceded() | DealWon() | DealLost() | OpportunityReopened():
                yield JUDGED, it.originator_id

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        match it.fact:
            case CallLogged(call=call) as fact:
                _done(rows, fact.by, fact.on, calls=1, effective_calls=int(call.outcome.effective))
            case VisitLogged() as fact:
                _done(rows, fact.by, fact.on, visits=1)
            case MessageLogged() as fact:
                _done(rows, fact.by, fact.on, messages=1)
            case StageAdvanced(on=on, after=stage):
                _done(rows, it.who, on, rises=1)
                _judge(rows, it, stage)
            case StageReceded(after=stage):
                _judge(rows, it, stage)
            case fact if isinstance(fact, _DECIDING) and (known := rows.get(JUDGED, it.originator_id)):
                rows.put(JUDGED, _decided(known, fact))


def _done(rows: Rows, login: str, day: date, **more: int) -> None:
    known = rows.get(ACTIVITY, login, day) or ActivityDay(login=login, day=day)
    counted = {name: getattr(known, name) + count for name, count in more.items()}
    rows.put(ACTIVITY, replace(known, **counted))


def _judge(rows: Rows, it: Recorded[Any], stage: Stage) -> None:
    known = rows.get(JUDGED, it.originator_id)
    judgements = {**(known.judgements if known else {}), it.who: stage}
    rows.put(JUDGED, Judged(opportunity_id=it.originator_id, judgements=judgements, standing_by=it.who))


def _decided(judged: Judged, fact: Any) -> Judged:
    match fact:
        case DealWon(imported=False, won_on=on):
            return replace(judged, outcome=Outcome.WON, decided_on=on)
        case DealLost(imported=False, lost_on=on):
            return replace(judged, outcome=Outcome.LOST, decided_on=on)
        case OpportunityReopened():
            return replace(judged, outcome=Outcome.OPEN, decided_on=None)
        case _:
            return judged


@value
class RepActivity:
    login: str
    calls: int
    effective_calls: int
    """Whose outcome was interactive or an appointment."""
    visits: int
    messages: int
    rises: int
    upheld: int
    """Judgements that the outcome bore out."""
    contradicted: int
    accuracy: Decimal | None
    """upheld / (upheld + contradicted)."""


async def activity(
    db: Any,
    visible: Collection[str] | None,
    since: date,
    until: date,
    confident_from: Stage,
    owner: str | None = None,
) -> list[RepActivity]:
    """Of whoever did something in these days, both included, or whose judgement was decided in them."""
    records = await db.fetch(
        """
        WITH done AS (
            SELECT login, sum(calls) AS calls, sum(effective_calls) AS effective_calls, sum(visits) AS visits,
                   sum(messages) AS messages, sum(rises) AS rises
              FROM activity WHERE day BETWEEN $2 AND $3 GROUP BY login
        ), verdicts AS (
            SELECT given.login, j.outcome = 'won' AS won, given.login = j.standing_by AS stands,
                   array_position($5::text[], given.stage) >= array_position($5::text[], $4) AS confident
              FROM judged j, jsonb_each_text(j.judgements) AS given (login, stage)
             WHERE j.outcome <> 'open' AND j.decided_on BETWEEN $2 AND $3
        ), judged_by AS (
            SELECT login, count(*) FILTER (WHERE won = confident) AS upheld,
                   count(*) FILTER (WHERE won <> confident AND (confident OR stands)) AS contradicted
              FROM verdicts GROUP BY login
        )
        SELECT login, coalesce(calls, 0)::int AS calls, coalesce(effective_calls, 0)::int AS effective_calls,
               coalesce(visits, 0)::int AS visits, coalesce(messages, 0)::int AS messages,
               coalesce(rises, 0)::int AS rises, coalesce(upheld, 0)::int AS upheld,
               coalesce(contradicted, 0)::int AS contradicted
          FROM done FULL JOIN judged_by USING (login)
         WHERE ($1::text[] IS NULL OR login = ANY ($1)) AND ($6::text IS NULL OR login = $6)
         ORDER BY login
        """,
        None if visible is None else list(visible),
        since,
        until,
        confident_from,
        list(Stage),
        owner,
    )
    return [RepActivity(**dict(record), accuracy=_accuracy(record)) for record in records]


def _accuracy(record: Any) -> Decimal | None:
    judged = record["upheld"] + record["contradicted"]
    return None if judged == 0 else round(Decimal(record["upheld"]) / judged, 4)
