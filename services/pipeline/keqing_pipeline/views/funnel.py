"""The funnel: how many got how far, how long they stayed, and what came of them."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from keqing_pipeline.opportunity.facts import (
    CustomerNamed,
    DealLost,
    DealWon,
    ImportRepeated,
    OpportunityAmended,
    OpportunityHandedOver,
    OpportunityLetGo,
    OpportunityOpened,
    OpportunityReopened,
    OpportunityTakenUp,
    StageAdvanced,
    StageReceded,
)
from keqing_pipeline.opportunity.stage import Outcome, Stage
from keqing_pipeline.views.amount import amount_columns
from keqing_pipeline.views.funnel_line import FunnelLine, FunnelStage
from keqing_pipeline.views.held import seen
from keqing_shared.domain import Money, Recorded, value
from keqing_shared.views import Narrowed, Rows, Table, View


@value
class FunnelEntry:
    """How far one opportunity has come."""

    opportunity_id: UUID
    customer_id: UUID | None
    owner: str
    stage: Stage
    since: date | None
    """Business date of its present stage; None: not known."""
    furthest: int
    """Rank of the highest stage it ever stood at."""
    has_refused: bool
    """Whether it ever stood at ``refused``."""
    outcome: Outcome
    source_stage: str | None
    amount: Decimal | None
    currency: str | None


@value
class Stay:
    """A time in a stage that is over."""

    opportunity_id: UUID
    position: int
    """Of the fact that ended it."""
    owner: str
    stage: Stage
    entered_on: date | None
    left_on: date
    days: int | None


FUNNEL = Table("funnel", FunnelEntry, key=("opportunity_id",), indexes=(("owner",), ("customer_id",)))
STAYS = Table("stay", Stay, key=("opportunity_id", "position"), indexes=(("stage",),))

_CHANGING = (
    OpportunityAmended,
    OpportunityHandedOver,
    OpportunityLetGo,
    OpportunityTakenUp,
    CustomerNamed,
    ImportRepeated,
    StageAdvanced,
    StageReceded,
    DealWon,
    DealLost,
    OpportunityReopened,
)


class Funnel(View):
    name = "funnel"
    version = 2
    tables = (FUNNEL, STAYS)

    def touches(self, it: Recorded[Any]) -> Iterable[tuple[Any, ...]]:
        if isinstance(it.fact, _CHANGING):
            yield FUNNEL, it.originator_id

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        fact = it.fact
        if isinstance(fact, OpportunityOpened):
            rows.put(
                FUNNEL,
                FunnelEntry(
                    opportunity_id=it.originator_id,
                    customer_id=fact.customer_id,
                    owner=fact.owner,
                    stage=fact.stage,
                    since=fact.opened_on,
                    furthest=fact.stage.rank,
                    has_refused=fact.stage is Stage.REFUSED,
                    outcome=Outcome.OPEN,
                    source_stage=fact.source_stage,
                    **amount_columns(fact.amount),
                ),
            )
        elif isinstance(fact, _CHANGING):
            entry = rows.get(FUNNEL, it.originator_id)
            if entry is None:
                return
            left_on = _left_on(fact)
            if left_on is not None and entry.outcome is Outcome.OPEN:
                rows.put(STAYS, _stay(entry, it.position, left_on))
            rows.put(FUNNEL, _changed(entry, fact))


def _left_on(fact: Any) -> date | None:
    match fact:
        case StageAdvanced(on=on) | StageReceded(on=on) | DealWon(won_on=on) | DealLost(lost_on=on):
            left: date = on
            return left
        case _:
            return None


def _stay(entry: FunnelEntry, position: int, left_on: date) -> Stay:
    return Stay(
        opportunity_id=entry.opportunity_id,
        position=position,
        owner=entry.owner,
        stage=entry.stage,
        entered_on=entry.since,
        left_on=left_on,
        days=None if entry.since is None else max((left_on - entry.since).days, 0),
    )


def _changed(entry: FunnelEntry, fact: Any) -> FunnelEntry:
    match fact:
        case OpportunityAmended(amount=amount) if entry.outcome is not Outcome.WON:
            return replace(entry, **amount_columns(amount))
        case (
            OpportunityHandedOver(owner=owner)
            | OpportunityLetGo(owner=owner)
            | OpportunityTakenUp(owner=owner)
        ):
            return replace(entry, owner=owner)
        case CustomerNamed(customer_id=customer_id):
            return replace(entry, customer_id=customer_id)
        case ImportRepeated(source_stage=word):
            return replace(entry, source_stage=word)
        case StageAdvanced(after=stage) | StageReceded(after=stage):
            return replace(_standing(entry, stage), since=fact.on, source_stage=None)
        case DealWon(amount=amount, won_on=on, imported=imported):
            return replace(
                entry,
                outcome=Outcome.WON,
                since=on,
                source_stage=entry.source_stage if imported else None,
                **amount_columns(amount),
            )
        case DealLost(lost_on=on, imported=imported):
            word = entry.source_stage if imported else None
            return replace(entry, outcome=Outcome.LOST, since=on, source_stage=word)
        case OpportunityReopened(stage=stage, on=on):
            return replace(_standing(entry, stage), outcome=Outcome.OPEN, since=on, source_stage=None)
        case _:
            return entry


def _standing(entry: FunnelEntry, stage: Stage) -> FunnelEntry:
    return replace(
        entry,
        stage=stage,
        furthest=max(entry.furthest, stage.rank),
        has_refused=entry.has_refused or stage is Stage.REFUSED,
    )


By = Literal["all", "owner", "manager"]

_GROUPS: dict[str, str] = {
    "all": "NULL::text",
    "owner": "f.owner",
    "manager": "p.manager",
}


async def funnel(
    db: Any, visible: Collection[str] | None, by: By = "all", owner: str | None = None
) -> list[FunnelLine]:
    """One line for each owner or manager; one alone for ``all``."""
    where = Narrowed()
    where.only("o.owner = {}", owner)
    mine = f"""
        SELECT f.opportunity_id, f.outcome, f.stage, f.furthest, f.has_refused, f.source_stage, f.currency,
               f.amount, {_GROUPS[by]} AS of
          FROM {seen("funnel", visible, where)} f LEFT JOIN person p ON p.login = f.owner
    """
    asked = where.arguments
    async with db.acquire() as connection, connection.transaction(isolation="repeatable_read"):
        entries = await connection.fetch(
            f"""
            SELECT of, outcome, stage, furthest, has_refused, source_stage, currency, count(*) AS count,
                   sum(amount) AS amount
              FROM ({mine}) mine
             GROUP BY of, outcome, stage, furthest, has_refused, source_stage, currency
            """,
            *asked,
        )
        stays = await connection.fetch(
            f"""
            SELECT of, s.stage, avg(s.days)::numeric AS mean,
                   (percentile_cont(0.5) WITHIN GROUP (ORDER BY s.days))::numeric AS median
              FROM ({mine}) mine JOIN stay s USING (opportunity_id)
             WHERE s.days IS NOT NULL GROUP BY of, s.stage
            """,
            *asked,
        )
    groups: dict[str | None, list[Any]] = {}
    for entry in entries:
        groups.setdefault(entry["of"], []).append(entry)
    days = {(stay["of"], stay["stage"]): stay for stay in stays}
    names = sorted(groups, key=lambda name: (name is None, name or "")) if by != "all" else [None]
    return [_line(of, groups.get(of, []), days) for of in names]


def _line(of: str | None, parts: list[Any], days: dict[tuple[str | None, str], Any]) -> FunnelLine:
    def counted(outcome: Outcome) -> int:
        return sum(part["count"] for part in parts if part["outcome"] == outcome)

    won, lost = counted(Outcome.WON), counted(Outcome.LOST)
    return FunnelLine(
        of=of,
        opportunities=sum(part["count"] for part in parts),
        open=counted(Outcome.OPEN),
        won=won,
        lost=lost,
        win_rate=_ratio(won, won + lost),
        won_amounts=_amounts(part for part in parts if part["outcome"] == Outcome.WON),
        open_amounts=_amounts(part for part in parts if part["outcome"] == Outcome.OPEN),
        stages=tuple(_stage(stage, parts, days.get((of, stage))) for stage in Stage),
    )


def _stage(stage: Stage, parts: list[Any], stays: Any) -> FunnelStage:
    here = [part for part in parts if part["outcome"] == Outcome.OPEN and part["stage"] == stage]
    words: dict[str, int] = {}
    for part in here:
        if part["source_stage"] is not None:
            words[part["source_stage"]] = words.get(part["source_stage"], 0) + part["count"]
    reached = sum(part["count"] for part in parts if _reached(stage, part))
    advanced = sum(part["count"] for part in parts if _reached(stage, part) and _went_on(stage, part))
    return FunnelStage(
        stage=stage,
        now=sum(part["count"] for part in here),
        reached=reached,
        advanced=advanced,
        conversion=_ratio(advanced, reached),
        mean_days=None if stays is None else round(stays["mean"], 1),
        median_days=None if stays is None else round(stays["median"], 1),
        source_words=words,
    )


def _reached(stage: Stage, part: Any) -> bool:
    """Nobody passes through ``refused`` on the way to the others: only who stood there reached it."""
    if stage is Stage.REFUSED:
        return bool(part["has_refused"])
    return bool(part["outcome"] == Outcome.WON or part["furthest"] >= stage.rank)


def _went_on(stage: Stage, part: Any) -> bool:
    further = part["stage"] != stage if stage is Stage.REFUSED else part["furthest"] > stage.rank
    return bool(part["outcome"] == Outcome.WON or further)


def _amounts(parts: Iterable[Any]) -> tuple[Money, ...]:
    sums: dict[str, Decimal] = {}
    for part in parts:
        if part["currency"] is not None:
            sums[part["currency"]] = sums.get(part["currency"], Decimal(0)) + part["amount"]
    return tuple(Money(amount=amount, currency=currency) for currency, amount in sorted(sums.items()))


def _ratio(part: int, whole: int) -> Decimal | None:
    return None if whole == 0 else round(Decimal(part) / whole, 4)
