"""The erasure of a customer's personal data: ordered here, carried out and confirmed by every context."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from keqing_shared.domain import Command, Fact, InvalidInput, RuleBroken

CARRIED_OUT_BY = ("pipeline", "service-desk", "collections", "notify")
"""The contexts that keep something about customers; pipeline confirms to itself."""
OTHERS = tuple(context for context in CARRIED_OUT_BY if context != "pipeline")
TOLD_AGAIN_AFTER = timedelta(minutes=10)


class ErasureUnreasoned(InvalidInput):
    """An erasure has a reason."""


class PartsNotErased(RuleBroken):
    """Files that are part of this one hold more of the same customer."""


class EraseCustomer(Command):
    reason: str
    at: datetime
    by: str
    parts: tuple[UUID, ...] = ()
    """Files merged into this one that are not erased yet."""


class ConfirmErasure(Command):
    """Another context has carried it out."""

    context: str
    at: datetime


class CustomerErased(Fact, topic="pipeline.customer-erased.v1"):
    """The customer is to be forgotten as a person, in every context."""

    reason: str
    """Who asked for it and how; it is kept, so it names nobody."""
    at: datetime
    by: str


class ErasureConfirmed(Fact, topic="pipeline.erasure-confirmed.v1"):
    context: str
    at: datetime


class Confirmation(msgspec.Struct, frozen=True):
    context: str
    at: datetime


class ErasureOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What was ordered, and which of the others have carried it out."""

    reason: str
    at: datetime
    by: str
    told_at: datetime
    """The last time."""
    confirmed: tuple[Confirmation, ...] = ()


def erase(command: EraseCustomer, order: ErasureOrder | None) -> list[CustomerErased]:
    """Once. Whoever orders it again after a while, when some context has not confirmed, has them told again:
    there the message may have been given up with others."""
    if not command.reason.strip():
        raise ErasureUnreasoned("say who asked for it and how, without naming anybody", field="reason")
    if command.parts:
        raise PartsNotErased("erase {parts} first", parts=[str(part) for part in command.parts])
    erased = CustomerErased(reason=command.reason, at=command.at, by=command.by)
    if order is None:
        return [erased]
    waits = len(order.confirmed) < len(OTHERS) and command.at - order.told_at >= TOLD_AGAIN_AFTER
    return [erased] if waits else []


def confirm(command: ConfirmErasure, order: ErasureOrder | None) -> list[ErasureConfirmed]:
    if order is None or command.context in {one.context for one in order.confirmed}:
        return []
    return [ErasureConfirmed(context=command.context, at=command.at)]


def ordered(order: ErasureOrder | None, fact: CustomerErased | ErasureConfirmed) -> ErasureOrder | None:
    match fact:
        case CustomerErased(at=at) if order is not None:
            return msgspec.structs.replace(order, told_at=at)
        case CustomerErased(reason=reason, at=at, by=by):
            return ErasureOrder(reason=reason, at=at, by=by, told_at=at)
        case ErasureConfirmed(context=context, at=at) if order is not None:
            confirmed = (*order.confirmed, Confirmation(context, at))
            return msgspec.structs.replace(order, confirmed=confirmed)
    return order
