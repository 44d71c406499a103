"""The erasure of a customer's personal data, itself two facts of every context."""

from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec

from keqing_shared.domain import Aggregate, Command, Fact, NotFound


class NothingErased(NotFound):
    """Nobody has ordered this erasure."""


class KeyDestroyed(Fact, topic="privacy.key-destroyed.v1"):
    """From here on nobody reads what was sealed under the customer's key; the views follow at this fact."""

    customer_id: UUID


class PersonalDataErased(Fact, topic="privacy.personal-data-erased.v1"):
    """The views have followed: this context shows nothing personal of the customer any more."""

    customer_id: UUID


class DestroyKey(Command):
    customer_id: UUID


class ConfirmErased(Command):
    customer_id: UUID


class Erasure(msgspec.Struct, frozen=True):
    customer_id: UUID
    confirmed: bool = False


def erasure_id(customer_id: UUID) -> UUID:
    """The stream of a customer's erasure, in each context's own log."""
    return uuid5(NAMESPACE_URL, f"keqing:erasure:{customer_id}")


def _decide(command: DestroyKey | ConfirmErased, erasure: Erasure | None, _policy: Any) -> list[Fact]:
    match command:
        case DestroyKey(customer_id=customer_id):
            return [KeyDestroyed(customer_id=customer_id)] if erasure is None else []
        case ConfirmErased(customer_id=customer_id):
            if erasure is None:
                raise NothingErased
            return [] if erasure.confirmed else [PersonalDataErased(customer_id=customer_id)]


def _evolve(erasure: Erasure | None, fact: Fact) -> Erasure | None:
    match fact:
        case KeyDestroyed(customer_id=customer_id):
            return Erasure(customer_id)
        case PersonalDataErased(customer_id=customer_id):
            return Erasure(customer_id, confirmed=True)
    return erasure


ERASURE: Aggregate[Erasure] = Aggregate(
    name="erasure",
    facts=(KeyDestroyed, PersonalDataErased),
    decide=_decide,
    evolve=_evolve,
    customer_of=lambda _id, erasure: erasure.customer_id,
    state=Erasure,
)
