"""The board: how many opportunities stand where, by owner, for how much, and how many are overdue."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from keqing_pipeline.opportunity.facts import (
    CallLogged,
    CustomerNamed,
    DealLost,
    DealWon,
    ImportRepeated,
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
from keqing_pipeline.opportunity.stage import Outcome, Stage
from keqing_pipeline.views.amount import amount_columns, counted
from keqing_pipeline.views.held import crossed
from keqing_shared.domain import Money, Recorded, value
from keqing_shared.views import Index, Narrowed, Rows, Table, View


@value
class BoardEntry:
    """One opportunity on the board."""

    opportunity_id: UUID
    customer_id: UUID | None
    owner: str
    place: str
    """Its stage while it is open, else its outcome."""
    source_stage: str | None
    """Its stage in the words of where it was imported from, until it moves here."""
    amount: Decimal | None
    """Expected while open, won once won."""
    currency: str | None
    next_touch_on: date | None


@value
class BoardSum:
    """What stands at one place for one owner, in one currency, under one of the words of elsewhere."""

    owner: str
    place: str
    currency: str
    """Empty: of those without an amount."""
    source_stage: str
    """Empty: of those that have moved here."""
    count: int
    amount: Decimal


BOARD = Table(
    "board",
    BoardEntry,
    key=("opportunity_id",),
    indexes=(Index(("owner", "next_touch_on", "place"), where="next_touch_on IS NOT NULL"),),
)
BOARD_SUMS = Table(
    "board_sum", BoardSum, key=("owner", "place", "currency", "source_stage"), sums=("count", "amount")
)


class Board(View):
    name = "board"
    version = 2
    tables = (BOARD, BOARD_SUMS)

    def touches(self, it: Recorded[Any]) -> Iterable[tuple[Any, ...]]:
        match it.fact:
            case (
                OpportunityAmended()
                | OpportunityHandedOver()
                | OpportunityLetGo()
                | OpportunityTakenUp()
                | CustomerNamed()
                | ImportRepeated()
                | CallLogged()
                | VisitLogged()
                | MessageLogged()
                | StageAdvanced()
                | StageReceded()
                | DealWon()
                | DealLost()
                | OpportunityReopened()
            ):
                yield BOARD, it.originator_id

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        fact = it.fact
        if isinstance(fact, OpportunityOpened):
            entry = BoardEntry(
                opportunity_id=it.originator_id,
                customer_id=fact.customer_id,
                owner=fact.owner,
                place=fact.stage,
                source_stage=fact.source_stage,
                **amount_columns(fact.amount),
                next_touch_on=fact.next_touch_on,
            )
            rows.put(BOARD, entry)
            rows.add(BOARD_SUMS, _sum(entry, 1))
            return
        if next(iter(self.touches(it)), None) is None:
            return
        known = rows.get(BOARD, it.originator_id)
        if known is not None:
            entry = _moved(known, fact)
            rows.put(BOARD, entry)
            rows.add(BOARD_SUMS, _sum(known, -1))
            rows.add(BOARD_SUMS, _sum(entry, 1))


def _sum(entry: BoardEntry, count: int) -> BoardSum:
    return BoardSum(
        owner=entry.owner,
        place=entry.place,
        currency=entry.currency or "",
        source_stage=entry.source_stage or "",
        count=count,
        amount=count * (entry.amount or Decimal(0)),
    )


def _moved(entry: BoardEntry, fact: Any) -> BoardEntry:
    match fact:
        case OpportunityAmended(amount=amount) if entry.place not in tuple(Outcome):
            return replace(entry, **amount_columns(amount))
        case OpportunityHandedOver(owner=owner):
            return replace(entry, owner=owner)
        case OpportunityLetGo(owner=owner):
            return replace(entry, owner=owner, next_touch_on=None)
        case TouchesEnded():
            return replace(entry, next_touch_on=None)
        case OpportunityTakenUp(owner=owner, next_touch_on=due):
            return replace(entry, owner=owner, next_touch_on=due)
        case CustomerNamed(customer_id=customer_id):
            return replace(entry, customer_id=customer_id)
        case ImportRepeated(source_stage=word, next_touch_on=due):
            return replace(entry, source_stage=word, next_touch_on=due)
        case (
            CallLogged(next_touch_on=due) | VisitLogged(next_touch_on=due) | MessageLogged(next_touch_on=due)
        ):
            return replace(entry, next_touch_on=due)
        case StageAdvanced(after=stage, next_touch_on=due) | StageReceded(after=stage, next_touch_on=due):
            return replace(entry, place=stage, next_touch_on=due, source_stage=None)
        case DealWon(amount=amount, next_touch_on=due, imported=imported):
            word = entry.source_stage if imported else None
            return replace(
                entry, place=Outcome.WON, next_touch_on=due, source_stage=word, **amount_columns(amount)
            )
        case DealLost(imported=imported):
            word = entry.source_stage if imported else None
            return replace(entry, place=Outcome.LOST, next_touch_on=None, source_stage=word)
        case OpportunityReopened(stage=stage, next_touch_on=due):
            return replace(entry, place=stage, next_touch_on=due, source_stage=None)
        case _:
            return entry


@value
class BoardRow:
    """Of the board as a sheet: a line for each currency, the counts on the first of a place and owner only,
    so that they add up."""

    place: str
    owner: str
    count: int | None = None
    overdue: int | None = None
    amount: Money | None = None
    source_words: tuple[str, ...] = ()


@value
class BoardCell:
    """What stands at one place for one owner."""

    place: str
    """``refused``, ``0`` to ``4``, ``won`` or ``lost``."""
    owner: str
    count: int
    amounts: tuple[Money, ...]
    """One for each currency."""
    overdue: int
    """Whose next touch was due before today."""
    source_words: dict[str, int]
    """How many are still called what they were called where they were imported from."""

    def unrolled(self) -> list[BoardRow]:
        first, *further = self.amounts or (None,)
        return [
            BoardRow(
                place=self.place,
                owner=self.owner,
                count=self.count,
                overdue=self.overdue,
                amount=first,
                source_words=counted(self.source_words),
            ),
            *(BoardRow(place=self.place, owner=self.owner, amount=amount) for amount in further),
        ]


async def board(
    db: Any, visible: Collection[str] | None, today: date, owner: str | None = None
) -> list[BoardCell]:
    """The cells that are not empty; ``visible`` owners' own, and those of visible owners' customers."""
    where = Narrowed()
    day = where.place(today)
    where.only("o.owner = {}", owner)
    also = ""
    if visible is not None:
        logins = where.place(list(visible))
        also = f"""
            UNION ALL
            SELECT o.place, o.owner, coalesce(o.currency, ''), coalesce(o.source_stage, ''), 1,
                   coalesce(o.amount, 0), (o.next_touch_on IS NOT NULL AND o.next_touch_on < {day})::int
              FROM {crossed("board", logins)} o WHERE {where}"""
        where.only("o.owner = ANY ({})", list(visible))
    places = where.place([*Stage, Outcome.WON, Outcome.LOST])
    records = await db.fetch(
        f"""
        SELECT place, owner, currency, source_stage, sum(count)::bigint AS count, sum(amount) AS amount,
               sum(overdue)::bigint AS overdue
          FROM (
            SELECT o.place, o.owner, o.currency, o.source_stage, o.count, o.amount, 0 AS overdue
              FROM board_sum o WHERE {where}
            UNION ALL
            SELECT o.place, o.owner, '', '', 0, 0, count(*)
              FROM board o WHERE o.next_touch_on < {day} AND {where} GROUP BY o.place, o.owner{also}
          ) standing
         GROUP BY place, owner, currency, source_stage
         ORDER BY array_position({places}::text[], place), owner, currency
        """,
        *where.arguments,
    )
    groups: dict[tuple[str, str], list[Any]] = {}
    for record in records:
        groups.setdefault((record["place"], record["owner"]), []).append(record)
    return [_cell(place, owner, parts) for (place, owner), parts in groups.items()]


def _cell(place: str, owner: str, parts: list[Any]) -> BoardCell:
    amounts: dict[str, Decimal] = {}
    words: dict[str, int] = {}
    for part in parts:
        if part["currency"]:
            amounts[part["currency"]] = amounts.get(part["currency"], Decimal(0)) + part["amount"]
        if part["source_stage"]:
            words[part["source_stage"]] = words.get(part["source_stage"], 0) + part["count"]
    return BoardCell(
        place=place,
        owner=owner,
        count=sum(part["count"] for part in parts),
        amounts=tuple(Money(amount=amount, currency=currency) for currency, amount in amounts.items()),
        overdue=sum(part["overdue"] for part in parts),
        source_words=words,
    )
