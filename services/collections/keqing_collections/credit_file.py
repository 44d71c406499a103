"""A customer's credit file: opened by the first deal won, and counting the purchases."""

from datetime import date
from uuid import UUID, uuid5

import msgspec
from msgspec.structs import replace

from keqing_shared.domain import Aggregate, Command, Fact, Money, value

_FILES = UUID("3d8c4c1e-6f0b-5d0e-9d0c-0c0f6c1f2a51")


def credit_file_of(customer_id: UUID) -> UUID:
    """The id of the customer's one credit file."""
    return uuid5(_FILES, str(customer_id))


class CreditFileOpened(Fact, topic="collections.credit-file-opened.v1"):
    customer_id: UUID
    on: date


class PurchaseCounted(Fact, topic="collections.purchase-counted.v1"):
    opportunity_id: UUID
    amount: Money
    on: date


CreditFileFact = CreditFileOpened | PurchaseCounted


class CountPurchase(Command):
    """A deal was won; opens the file at the first one. The same deal counts once."""

    customer_id: UUID
    opportunity_id: UUID
    amount: Money
    on: date


@value
class Purchase:
    """A deal won."""

    opportunity_id: UUID
    amount: Money
    on: date


class CreditFile(msgspec.Struct, frozen=True, kw_only=True):
    customer_id: UUID
    opened_on: date
    purchases: tuple[Purchase, ...] = ()


def decide(command: CountPurchase, file: CreditFile | None, policy: object = None) -> list[CreditFileFact]:
    facts: list[CreditFileFact] = []
    if file is None:
        facts.append(CreditFileOpened(customer_id=command.customer_id, on=command.on))
    elif any(p.opportunity_id == command.opportunity_id for p in file.purchases):
        return []
    facts.append(PurchaseCounted(opportunity_id=command.opportunity_id, amount=command.amount, on=command.on))
    return facts


def evolve(file: CreditFile | None, fact: CreditFileFact) -> CreditFile | None:
    if isinstance(fact, CreditFileOpened):
        return CreditFile(customer_id=fact.customer_id, opened_on=fact.on)
    if file is None:
        return None
    match fact:
        case PurchaseCounted(opportunity_id=opportunity_id, amount=amount, on=on):
            purchase = Purchase(opportunity_id=opportunity_id, amount=amount, on=on)
            return replace(file, purchases=(*file.purchases, purchase))


def _customer(_: UUID, file: CreditFile) -> UUID:
    return file.customer_id


CREDIT_FILE: Aggregate[CreditFile] = Aggregate(
    name="credit-file",
    facts=(CreditFileOpened, PurchaseCounted),
    decide=decide,
    evolve=evolve,
    customer_of=_customer,
    state=CreditFile,
)
