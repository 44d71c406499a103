"""What customers paid, as collections tells: counted once, and taken back when it was reversed."""

from datetime import date
from uuid import UUID

import msgspec

from keqing_shared.domain import Aggregate, Command, Fact, Money


class PaymentCounted(Fact, topic="pipeline.payment-counted.v1"):
    customer_id: UUID
    amount: Money
    on: date


class PaymentTakenBack(Fact, topic="pipeline.payment-taken-back.v1"):
    """The money went back, or never came."""

    amount: Money
    on: date


PaymentFact = PaymentCounted | PaymentTakenBack


class CountPayment(Command):
    customer_id: UUID
    amount: Money
    on: date


class TakePaymentBack(Command):
    on: date


class CustomerPayment(msgspec.Struct, frozen=True, kw_only=True):
    """Its stream has the id of the payment at collections."""

    customer_id: UUID
    amount: Money
    taken_back: bool = False


def decide(
    command: CountPayment | TakePaymentBack, payment: CustomerPayment | None, policy: object = None
) -> list[PaymentFact]:
    match command:
        case CountPayment(customer_id=customer_id, amount=amount, on=on):
            return [] if payment else [PaymentCounted(customer_id=customer_id, amount=amount, on=on)]
        case TakePaymentBack(on=on):
            if payment is None or payment.taken_back:
                return []  # credit on account that was granted, say: never counted as paid
            return [PaymentTakenBack(amount=payment.amount, on=on)]


def evolve(payment: CustomerPayment | None, fact: PaymentFact) -> CustomerPayment | None:
    match fact:
        case PaymentCounted(customer_id=customer_id, amount=amount):
            return CustomerPayment(customer_id=customer_id, amount=amount)
        case PaymentTakenBack():
            return payment and msgspec.structs.replace(payment, taken_back=True)


def _customer(payment_id: UUID, payment: CustomerPayment) -> UUID:
    return payment.customer_id


CUSTOMER_PAYMENT: Aggregate[CustomerPayment] = Aggregate(
    name="customer-payment",
    facts=(PaymentCounted, PaymentTakenBack),
    decide=decide,
    evolve=evolve,
    customer_of=_customer,
    state=CustomerPayment,
)
