"""Opportunities: where each stands, and how it came there."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
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
    NeedConfirmed,
    NeedDiagnosed,
    OpportunityAmended,
    OpportunityHandedOver,
    OpportunityLetGo,
    OpportunityOpened,
    OpportunityReopened,
    OpportunityTakenUp,
    PurchaseProjectDescribed,
    RecommendationAccepted,
    RecommendationMade,
    RecommendationRejected,
    StageAdvanced,
    StageReceded,
    TouchesEnded,
    VisitLogged,
)
from keqing_pipeline.opportunity.imported import opportunity_id
from keqing_pipeline.opportunity.need import Diagnosis
from keqing_pipeline.opportunity.purchase import PurchaseProject
from keqing_pipeline.opportunity.stage import Outcome, Signal, Stage
from keqing_pipeline.opportunity.state import diagnosed
from keqing_pipeline.views.held import seen
from keqing_shared.domain import ExternalReference, Money, Personal, Recorded, value
from keqing_shared.views import Narrowed, Rows, Table, View


@value
class Step:
    """A change of its stage or outcome."""

    to: str
    on: date | None
    reason: Personal[str | None] = None
    evidence: tuple[Signal, ...] = ()


@value
class OpportunityRow:
    opportunity_id: UUID
    customer_id: UUID | None
    owner: str
    title: str
    amount: Money | None
    expected_close_on: date | None
    interests: tuple[str, ...]
    stage: Stage
    source_stage: str | None
    outcome: Outcome
    won: Money | None
    products: tuple[str, ...]
    lost_because: Personal[str | None]
    rival: str | None
    opened_on: date | None
    closed_on: date | None
    contacts: int
    effective_contacts: int
    last_contact_on: date | None
    next_touch_on: date | None
    missed_in_a_row: int
    steps: tuple[Step, ...]
    purchase: PurchaseProject | None
    diagnosis: Diagnosis | None
    external: ExternalReference | None
    version: int


OPPORTUNITIES = Table(
    "opportunity",
    OpportunityRow,
    key=("opportunity_id",),
    indexes=(
        ("owner", "opportunity_id", "outcome", "stage"),
        ("outcome", "stage", "opportunity_id"),
        ("customer_id", "opportunity_id"),
    ),
)


class Opportunities(View):
    name = "opportunities"
    version = 1
    tables = (OPPORTUNITIES,)

    def touches(self, it: Recorded[Any]) -> Iterable[tuple[Any, ...]]:
        if isinstance(it.fact, LaterFact):
            yield OPPORTUNITIES, it.originator_id

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        fact = it.fact
        if isinstance(fact, OpportunityOpened):
            rows.put(OPPORTUNITIES, _opened(it.originator_id, fact, it.originator_version))
        elif isinstance(fact, LaterFact):
            row = rows.get(OPPORTUNITIES, it.originator_id)
            if row is not None:
                rows.put(OPPORTUNITIES, replace(_changed(row, fact), version=it.originator_version))


def _opened(opportunity_id: UUID, fact: OpportunityOpened, version: int) -> OpportunityRow:
    return OpportunityRow(
        opportunity_id=opportunity_id,
        customer_id=fact.customer_id,
        owner=fact.owner,
        title=fact.title,
        amount=fact.amount,
        expected_close_on=fact.expected_close_on,
        interests=fact.interests,
        stage=fact.stage,
        source_stage=fact.source_stage,
        outcome=Outcome.OPEN,
        won=None,
        products=(),
        lost_because=None,
        rival=None,
        opened_on=fact.opened_on,
        closed_on=None,
        contacts=0,
        effective_contacts=0,
        last_contact_on=None,
        next_touch_on=fact.next_touch_on,
        missed_in_a_row=0,
        steps=(Step(to=fact.stage, on=fact.opened_on),),
        purchase=None,
        diagnosis=None,
        external=fact.external,
        version=version,
    )


def _changed(row: OpportunityRow, fact: Any) -> OpportunityRow:
    match fact:
        case OpportunityAmended():
            return replace(
                row,
                title=fact.title,
                amount=fact.amount,
                expected_close_on=fact.expected_close_on,
                interests=fact.interests,
            )
        case OpportunityHandedOver(owner=owner):
            return replace(row, owner=owner)
        case OpportunityLetGo(owner=owner):
            return replace(row, owner=owner, next_touch_on=None)
        case TouchesEnded():
            return replace(row, next_touch_on=None)
        case OpportunityTakenUp(owner=owner, next_touch_on=due):
            return replace(row, owner=owner, next_touch_on=due, missed_in_a_row=0)
        case CustomerNamed(customer_id=customer_id):
            return replace(row, customer_id=customer_id)
        case ImportRepeated():
            return replace(
                row,
                source_stage=fact.source_stage,
                opened_on=fact.opened_on,
                next_touch_on=fact.next_touch_on,
            )
        case CallLogged(call=contact) | VisitLogged(visit=contact) | MessageLogged(message=contact):
            on_time = row.next_touch_on is None or fact.on <= row.next_touch_on
            return replace(
                row,
                contacts=row.contacts + 1,
                effective_contacts=row.effective_contacts + contact.outcome.effective,
                last_contact_on=max(row.last_contact_on or fact.on, fact.on),
                next_touch_on=fact.next_touch_on,
                missed_in_a_row=0 if on_time else row.missed_in_a_row,
            )
        case StageAdvanced(evidence=evidence):
            step = Step(to=fact.after, on=fact.on, reason=fact.reason, evidence=evidence)
            return _stepped(row, step, stage=fact.after, next_touch_on=fact.next_touch_on, source_stage=None)
        case StageReceded():
            step = Step(to=fact.after, on=fact.on, reason=fact.reason)
            return _stepped(row, step, stage=fact.after, next_touch_on=fact.next_touch_on, source_stage=None)
        case DealWon():
            return _stepped(
                row,
                Step(to=Outcome.WON, on=fact.won_on),
                outcome=Outcome.WON,
                won=fact.amount,
                products=fact.products,
                closed_on=fact.won_on,
                next_touch_on=fact.next_touch_on,
            )
        case DealLost():
            return _stepped(
                row,
                Step(to=Outcome.LOST, on=fact.lost_on, reason=fact.reason),
                outcome=Outcome.LOST,
                lost_because=fact.reason,
                rival=fact.rival,
                closed_on=fact.lost_on,
                next_touch_on=None,
            )
        case OpportunityReopened():
            return _stepped(
                row,
                Step(to=fact.stage, on=fact.on, reason=fact.reason),
                outcome=Outcome.OPEN,
                stage=fact.stage,
                won=None,
                products=(),
                lost_because=None,
                rival=None,
                closed_on=None,
                next_touch_on=fact.next_touch_on,
                missed_in_a_row=0,
            )
        case PurchaseProjectDescribed(project=project):
            return replace(row, purchase=project)
        case (
            NeedDiagnosed()
            | NeedConfirmed()
            | RecommendationMade()
            | RecommendationAccepted()
            | RecommendationRejected()
        ):
            return replace(row, diagnosis=diagnosed(row.diagnosis, fact))
        case FollowUpMissed(in_a_row=in_a_row):
            return replace(row, missed_in_a_row=in_a_row)
        case _:
            return row


def _stepped(row: OpportunityRow, step: Step, **changes: Any) -> OpportunityRow:
    return replace(row, steps=(*row.steps, step), **changes)


async def opportunity(db: Any, opportunity_id: UUID) -> OpportunityRow | None:
    records = await db.fetch(
        f"SELECT {OPPORTUNITIES.columns} FROM opportunity WHERE opportunity_id = $1", opportunity_id
    )
    return next(iter(OPPORTUNITIES.rows(records)), None)


async def opportunities(
    db: Any,
    visible: Collection[str] | None,
    *,
    customer_id: UUID | None = None,
    owner: str | None = None,
    stage: Stage | None = None,
    outcome: Outcome | None = None,
    external: ExternalReference | None = None,
    after: UUID | None = None,
    limit: int = 50,
) -> list[OpportunityRow]:
    """By id. ``stage``: only open ones."""
    where = Narrowed()
    where.only("o.customer_id = {}", customer_id)
    where.only("o.owner = {}", owner)
    where.only("o.outcome = 'open' AND o.stage = {}", stage)
    where.only("o.outcome = {}", outcome)
    where.only("o.opportunity_id = {}", None if external is None else opportunity_id(external))
    where.only("o.opportunity_id > {}", after)
    first = f"ORDER BY o.opportunity_id LIMIT {limit:d}"
    shown = f"SELECT opportunity_id FROM {seen('opportunity', visible, where, first)} o {first}"
    columns = ", ".join(f"o.{column.quoted}" for column in OPPORTUNITIES.fields)
    records = await db.fetch(
        f"SELECT {columns} FROM ({shown}) shown JOIN opportunity o USING (opportunity_id) {first}",
        *where.arguments,
    )
    return OPPORTUNITIES.rows(records)


async def open_of_owner(db: Any, customer_id: UUID, owner: str) -> list[UUID]:
    """A customer's open opportunities that this person owns."""
    records = await db.fetch(
        "SELECT opportunity_id FROM opportunity WHERE customer_id = $1 AND owner = $2 AND outcome = 'open'",
        customer_id,
        owner,
    )
    return [record["opportunity_id"] for record in records]


async def all_of(db: Any, customer_id: UUID) -> list[UUID]:
    """Every opportunity of a customer, open or not."""
    records = await db.fetch("SELECT opportunity_id FROM opportunity WHERE customer_id = $1", customer_id)
    return [record["opportunity_id"] for record in records]


async def open_of(db: Any, customer_id: UUID) -> list[UUID]:
    """A customer's open opportunities, whoever owns them."""
    records = await db.fetch(
        "SELECT opportunity_id FROM opportunity WHERE customer_id = $1 AND outcome = 'open'", customer_id
    )
    return [record["opportunity_id"] for record in records]


async def reasons_of_losses(db: Any, ids: Collection[UUID]) -> dict[UUID, str]:
    """Of those among them that are lost."""
    records = await db.fetch(
        "SELECT opportunity_id, lost_because FROM opportunity"
        " WHERE opportunity_id = ANY ($1) AND outcome = 'lost'",
        list(ids),
    )
    return {record["opportunity_id"]: record["lost_because"] for record in records}
