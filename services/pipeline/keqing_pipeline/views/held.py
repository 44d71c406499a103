"""Whose each opportunity is, and whose its customer: both may see it.

Nearly always one person has both. So whose opportunities are asked for is looked up by their owners, and the
few whose customer is another's are looked up beside them: from an owner's customers one by one it would take
the longer the more customers there are.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from keqing_pipeline.customer.facts import CustomerAmended, OwnerChanged
from keqing_pipeline.customer.file import CustomerDetails, LeadSource
from keqing_pipeline.opportunity.facts import (
    CustomerNamed,
    DealWon,
    OpportunityHandedOver,
    OpportunityLetGo,
    OpportunityOpened,
    OpportunityReopened,
    OpportunityTakenUp,
)
from keqing_shared.domain import Recorded, value
from keqing_shared.views import Index, Narrowed, Rows, Table

CROSSED = "{0}owner <> {0}customer_owner"


class Holder(Protocol):
    """What of its customer an opportunity goes by."""

    @property
    def owner(self) -> str: ...
    @property
    def details(self) -> CustomerDetails: ...
    @property
    def registered_at(self) -> datetime: ...


@value
class Held:
    opportunity_id: UUID
    customer_id: UUID | None
    owner: str
    customer_owner: str | None = None
    source: LeadSource | None = None
    """Where its customer was found."""
    registered_at: datetime | None = None
    """When its customer was."""
    won: Decimal | None = None
    currency: str | None = None


HELD = Table(
    "held",
    Held,
    key=("opportunity_id",),
    indexes=(
        ("customer_id",),
        ("customer_owner", "customer_id"),
        Index(("customer_owner", "owner", "opportunity_id"), where=CROSSED.format("")),
    ),
)
OF_CUSTOMER = HELD.by("customer_id")


def touched(it: Recorded[Any]) -> Iterable[tuple[Any, ...]]:
    match it.fact:
        case (
            OpportunityHandedOver()
            | OpportunityLetGo()
            | OpportunityTakenUp()
            | CustomerNamed()
            | DealWon()
            | OpportunityReopened()
        ):
            yield HELD, it.originator_id
        case OwnerChanged() | CustomerAmended():
            yield OF_CUSTOMER, it.originator_id


def project(it: Recorded[Any], holder: Holder | None, rows: Rows) -> None:
    """``holder``: the customer that the fact names, if it does."""
    match it.fact:
        case OpportunityOpened(customer_id=customer_id, owner=owner):
            opened = Held(opportunity_id=it.originator_id, customer_id=customer_id, owner=owner)
            rows.put(HELD, _of(opened, holder))
        case OwnerChanged(owner=owner):
            for held in rows.of(OF_CUSTOMER, it.originator_id):
                rows.put(HELD, replace(held, customer_owner=owner))
        case CustomerAmended(details=details):
            for held in rows.of(OF_CUSTOMER, it.originator_id):
                if held.source is not details.source:
                    rows.put(HELD, replace(held, source=details.source))
        case _ if next(iter(touched(it)), None) and (known := rows.get(HELD, it.originator_id)):
            rows.put(HELD, _changed(known, it.fact, holder))


def _of(held: Held, holder: Holder | None) -> Held:
    if holder is None:
        return held
    return replace(
        held,
        customer_owner=holder.owner,
        source=holder.details.source,
        registered_at=holder.registered_at,
    )


def _changed(held: Held, fact: Any, holder: Holder | None) -> Held:
    match fact:
        case CustomerNamed(customer_id=customer_id):
            return _of(replace(held, customer_id=customer_id), holder)
        case (
            OpportunityHandedOver(owner=owner)
            | OpportunityLetGo(owner=owner)
            | OpportunityTakenUp(owner=owner)
        ):
            return replace(held, owner=owner)
        case DealWon(amount=amount):
            return replace(held, won=amount.amount, currency=amount.currency)
        case _:
            return replace(held, won=None, currency=None)


def seen(table: str, owners: Collection[str] | None, where: Narrowed, first: str = "") -> str:
    """A FROM item: the rows of a table of opportunities, by the name ``o``, that these owners may see, each
    once; None: all of them. ``where``: what else holds of them; ``first``: an order and a limit, when only so
    many are wanted."""
    if owners is None:
        return f"(SELECT o.* FROM {table} o WHERE {where} {first})"
    logins = where.place(list(owners))
    return f"""(
        (SELECT o.* FROM {table} o WHERE o.owner = ANY ({logins}) AND {where} {first})
         UNION ALL
        (SELECT o.* FROM {crossed(table, logins)} o WHERE {where} {first})
    )"""


def crossed(table: str, logins: str) -> str:
    """Of these, the ones that somebody else owns: their customer is one of the owners'. ``logins``: the place
    of the owners."""
    # An array, for it is nearly always short: joined, all of the table is read as often as not.
    return f"""(
        SELECT o.* FROM {table} o
         WHERE o.owner <> ALL ({logins}) AND o.opportunity_id = ANY (ARRAY(
               SELECT h.opportunity_id FROM held h
                WHERE h.customer_owner = ANY ({logins}) AND h.owner <> ALL ({logins})
                  AND {CROSSED.format("h.")})))"""
