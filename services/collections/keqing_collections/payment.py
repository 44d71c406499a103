"""A payment: received or granted as credit, allocated to invoices, perhaps reversed; one stream each.

Appended together with the streams of the invoices it is allocated to, so that neither the sum of
its allocations exceeds the payment nor an invoice is paid more than is open, whoever comes at once.
"""

from datetime import date
from decimal import Decimal
from functools import reduce
from uuid import UUID

import msgspec
from msgspec.structs import replace

from keqing_collections.business_date import not_before, not_in_future
from keqing_collections.invoice.rules import AmountNotPositive, ReasonMissing
from keqing_shared.domain import (
    Aggregate,
    Command,
    Fact,
    InvalidInput,
    Money,
    NotFound,
    Personal,
    RuleBroken,
    Words,
    value,
)


@value
class Share:
    """A part of a payment for one invoice, counting from ``on``."""

    invoice_id: UUID
    amount: Money
    on: date


class PaymentReceived(Fact, topic="collections.payment-received.v1"):
    customer_id: UUID
    amount: Money
    received_on: date
    reference: Personal[str | None]
    imported: bool = False


class CreditGranted(Fact, topic="collections.credit-granted.v1"):
    """Credit on account that no invoice could take; it is allocated like a payment."""

    customer_id: UUID
    amount: Money
    on: date
    reason: Personal[str]
    reference: str
    """What asked for it, once: a complaint's settlement."""


class PaymentAllocated(Fact, topic="collections.payment-allocated.v1"):
    invoice_id: UUID
    amount: Money
    on: date


class PaymentReversed(Fact, topic="collections.payment-reversed.v1"):
    """The money went back, or never came; its invoices are open again."""

    amount: Money
    on: date
    reason: Personal[str]


PaymentFact = PaymentReceived | CreditGranted | PaymentAllocated | PaymentReversed


class ReceivePayment(Command):
    customer_id: UUID
    amount: Money
    received_on: date
    today: date
    reference: str | None = None
    shares: tuple[Share, ...] = ()
    imported: bool = False


class GrantCredit(Command):
    customer_id: UUID
    amount: Money
    on: date
    reason: str
    reference: str


class AllocatePayment(Command):
    shares: tuple[Share, ...]
    today: date


class ReversePayment(Command):
    on: date
    today: date
    reason: str


PaymentCommand = ReceivePayment | GrantCredit | AllocatePayment | ReversePayment


class PaymentUnknown(NotFound):
    """There is no such payment."""


class PaymentAlreadyReceived(RuleBroken):
    """This payment has been recorded already."""


class PaymentIsReversed(RuleBroken):
    """The payment has been reversed."""


class AllocationExceedsPayment(InvalidInput):
    """More would be allocated than is left of the payment."""


class CurrencyOfPayment(InvalidInput):
    """A payment is allocated in its own currency only."""


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """unallocated = amount - what is allocated, never below nothing; nothing once reversed."""

    customer_id: UUID
    amount: Money
    received_on: date
    reference: Personal[str | None]
    granted: bool = False
    """Credit on account rather than money."""
    imported: bool = False
    shares: tuple[Share, ...] = ()
    reversed_on: date | None = None
    reversal_reason: Personal[str | None] = None

    @property
    def unallocated(self) -> Money:
        if self.reversed_on is not None:
            return Money(amount=Decimal(0), currency=self.amount.currency)
        spent = sum((share.amount.amount for share in self.shares), Decimal(0))
        return Money(amount=self.amount.amount - spent, currency=self.amount.currency)

    @property
    def invoices(self) -> tuple[UUID, ...]:
        """Those it is allocated to, each once, in order of allocation."""
        return tuple(dict.fromkeys(share.invoice_id for share in self.shares))


def decide(command: PaymentCommand, payment: Payment | None, policy: object = None) -> list[PaymentFact]:
    match command:
        case ReceivePayment():
            if payment is not None:
                raise PaymentAlreadyReceived
            not_in_future("received_on", command.received_on, command.today)
            received = PaymentReceived(
                customer_id=command.customer_id,
                amount=_positive(command.amount),
                received_on=command.received_on,
                reference=command.reference,
                imported=command.imported,
            )
            fresh = evolve(None, received)
            return [received, *(_allocate(fresh, command.shares, command.today) if fresh else ())]
        case GrantCredit():
            if payment is not None:
                return []
            return [
                CreditGranted(
                    customer_id=command.customer_id,
                    amount=_positive(command.amount),
                    on=command.on,
                    reason=command.reason,
                    reference=command.reference,
                )
            ]
    if payment is None:
        raise PaymentUnknown
    if payment.reversed_on is not None:
        raise PaymentIsReversed(
            "reversed on {reversed_on}: {reversal_reason}",
            reversed_on=payment.reversed_on,
            reversal_reason=payment.reversal_reason,
        )
    match command:
        case AllocatePayment(shares=shares, today=today):
            return _allocate(payment, shares, today)
        case ReversePayment(on=on, today=today, reason=reason):
            if not reason.strip():
                raise ReasonMissing("reason must say why", field="reason")
            not_in_future("on", on, today)
            not_before("on", on, payment.received_on, Words("the payment's receipt"))
            return [PaymentReversed(amount=payment.amount, on=on, reason=reason)]


def _allocate(payment: Payment, shares: tuple[Share, ...], today: date) -> list[PaymentFact]:
    left = payment.unallocated.amount
    facts: list[PaymentFact] = []
    for index, share in enumerate(shares):
        _positive(share.amount)
        if share.amount.currency != payment.amount.currency:
            raise CurrencyOfPayment(
                "the payment is in {currency}",
                field=f"allocations.{index}.amount",
                currency=payment.amount.currency,
            )
        not_in_future("on", share.on, today)
        not_before("on", share.on, payment.received_on, Words("the payment's receipt"))
        left -= share.amount.amount
        if left < 0:
            raise AllocationExceedsPayment(
                "{unallocated} is left of the payment",
                field=f"allocations.{index}.amount",
                unallocated=str(payment.unallocated.amount),
            )
        facts.append(PaymentAllocated(invoice_id=share.invoice_id, amount=share.amount, on=share.on))
    return facts


def _positive(amount: Money) -> Money:
    if amount.amount <= 0:
        raise AmountNotPositive("{amount} is not more than nothing", field="amount", amount=amount.amount)
    return amount


def evolve(payment: Payment | None, fact: PaymentFact) -> Payment | None:
    match fact:
        case PaymentReceived():
            return Payment(
                customer_id=fact.customer_id,
                amount=fact.amount,
                received_on=fact.received_on,
                reference=fact.reference,
                imported=fact.imported,
            )
        case CreditGranted():
            return Payment(
                customer_id=fact.customer_id,
                amount=fact.amount,
                received_on=fact.on,
                reference=fact.reference,
                granted=True,
            )
    if payment is None:
        return None
    match fact:
        case PaymentAllocated(invoice_id=invoice_id, amount=amount, on=on):
            share = Share(invoice_id=invoice_id, amount=amount, on=on)
            return replace(payment, shares=(*payment.shares, share))
        case PaymentReversed(on=on, reason=reason):
            return replace(payment, reversed_on=on, reversal_reason=reason)


def after(payment: Payment | None, facts: list[PaymentFact]) -> Payment | None:
    """The state once these facts have happened."""
    return reduce(evolve, facts, payment)


def _customer(_: UUID, payment: Payment) -> UUID:
    return payment.customer_id


PAYMENT: Aggregate[Payment] = Aggregate(
    name="payment",
    facts=(PaymentReceived, CreditGranted, PaymentAllocated, PaymentReversed),
    decide=decide,
    evolve=evolve,
    customer_of=_customer,
    state=Payment,
)
