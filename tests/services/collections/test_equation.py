"""No sequence of invoices, payments, reversals, credit notes, disputes breaks the books.

For every invoice: open = amount - allocations - credits - written off - cancelled, never below
nothing, on every day; for every payment the same of its unallocated rest; and the ageing total of
any day equals invoiced minus paid minus credited plus what is unallocated, counted from the facts.
"""

from collections.abc import Awaitable, Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from keqing_collections.allocation import Wish
from keqing_collections.balance import Movement, Period, Span, spans
from keqing_collections.invoice import INVOICE, Invoice
from keqing_collections.invoice.commands import (
    CancelInvoice,
    DisputeInvoice,
    IssueCreditNote,
    IssueInvoice,
    NoteOverdue,
    ResolveDispute,
    WriteOffInvoice,
)
from keqing_collections.movements import of_invoice, of_payment
from keqing_collections.payment import PAYMENT, GrantCredit, Payment, ReceivePayment
from keqing_collections.routes.allocating import allocate, receive, reverse
from keqing_shared.domain import Command, Fact, Money, RuleBroken

START = date(2026, 1, 1)
TODAY = START + timedelta(days=8)
CUSTOMERS = (UUID(int=1), UUID(int=2))
days = st.integers(0, 8).map(lambda n: START + timedelta(days=n))
monies = st.builds(
    lambda cents, currency: Money(amount=Decimal(cents) / 100, currency=currency),
    st.integers(1, 4).map(lambda n: n * 2500),
    st.sampled_from(["CNY", "CNY", "CNY", "CNY", "CNY", "USD"]),
)
customers = st.sampled_from([CUSTOMERS[0], CUSTOMERS[0], CUSTOMERS[0], CUSTOMERS[1]])
picks = st.integers(0, 999)


OWED = {"InvoiceIssued": 1, "PaymentReversed": 1, "PaymentReceived": -1, "CreditGranted": -1}
OWED |= {"CreditNoteIssued": -1, "InvoiceWrittenOff": -1, "InvoiceCancelled": -1}


class Books(RuleBasedStateMachine):
    make_ledger: ClassVar[type[Any]]

    def __init__(self) -> None:
        super().__init__()
        self.ledger = self.make_ledger()
        self.invoices: list[UUID] = []
        self.payments: list[UUID] = []

    # What may happen

    @initialize()
    def begin_with_invoices(self) -> None:
        for terms in range(3):
            amount = Money(amount=Decimal(50 * terms + 50), currency="CNY")
            self.issue(customer=CUSTOMERS[0], amount=amount, on=START, terms=terms)

    @rule(amount=monies, on=days, then=days, later=days)
    def bounce_and_pay_again(self, amount: Money, on: date, then: date, later: date) -> None:
        self.receive(customer=CUSTOMERS[0], amount=amount, on=on, picked=None)
        if self.payments:
            self.reverse(pick=len(self.payments) - 1, on=then)
        self.receive(customer=CUSTOMERS[0], amount=amount, on=later, picked=None)

    @rule(customer=customers, amount=monies, on=days, terms=st.integers(0, 3))
    def issue(self, customer: UUID, amount: Money, on: date, terms: int) -> None:
        key = UUID(int=1000 + len(self.invoices))
        self.invoices.append(key)
        issue = IssueInvoice(
            customer_id=customer,
            number=str(key.int),
            amount=amount,
            issued_on=on,
            terms_days=terms,
            today=TODAY,
        )
        self.try_on(key, issue)

    @rule(
        customer=customers,
        amount=monies,
        on=days,
        picked=st.none() | st.lists(st.tuples(picks, monies), max_size=3),
    )
    def receive(
        self, customer: UUID, amount: Money, on: date, picked: list[tuple[int, Money]] | None
    ) -> None:
        key = UUID(int=2000 + len(self.payments))
        payment = ReceivePayment(customer_id=customer, amount=amount, received_on=on, today=TODAY)
        wishes = None if picked is None else [*self.wishes(picked)]
        if self.tried(lambda unit: receive(unit, key, payment, wishes, self.owed_by(customer))):
            self.payments.append(key)

    @rule(customer=customers, amount=monies, on=days)
    def grant(self, customer: UUID, amount: Money, on: date) -> None:
        key = UUID(int=2000 + len(self.payments))
        command = GrantCredit(customer_id=customer, amount=amount, on=on, reason="complaint", reference="c")

        async def work(unit: Any) -> None:
            await unit.execute(PAYMENT, key, command)

        if self.tried(work):
            self.payments.append(key)

    @precondition(lambda self: self.payments)
    @rule(pick=picks, on=days, picked=st.none() | st.lists(st.tuples(picks, monies), max_size=3))
    def allocate(self, pick: int, on: date, picked: list[tuple[int, Money]] | None) -> None:
        key = self.payments[pick % len(self.payments)]
        wishes = None if picked is None else [*self.wishes(picked)]
        owed = self.owed_by(self.payment(key).customer_id)
        self.tried(lambda unit: allocate(unit, key, wishes, owed, on, TODAY))

    @precondition(lambda self: self.payments)
    @rule(pick=picks, on=days)
    def reverse(self, pick: int, on: date) -> None:
        key = self.payments[pick % len(self.payments)]
        self.tried(lambda unit: reverse(unit, key, on, TODAY, "bounced"))

    @precondition(lambda self: self.invoices)
    @rule(pick=picks, amount=monies, on=days)
    def credit(self, pick: int, amount: Money, on: date) -> None:
        self.try_on_one(pick, IssueCreditNote(amount=amount, on=on, today=TODAY, reason="scratched"))

    @precondition(lambda self: self.invoices)
    @rule(pick=picks, on=days)
    def dispute(self, pick: int, on: date) -> None:
        self.try_on_one(pick, DisputeInvoice(on=on, today=TODAY, reason="wrong goods"))

    @precondition(lambda self: self.invoices)
    @rule(pick=picks, on=days, upheld=st.booleans(), credit=st.none() | monies)
    def resolve(self, pick: int, on: date, upheld: bool, credit: Money | None) -> None:
        roles = frozenset({"credit_controller"})
        self.try_on_one(
            pick,
            ResolveDispute(upheld=upheld, credit=credit, on=on, today=TODAY, note="checked", by_roles=roles),
        )

    @precondition(lambda self: self.invoices)
    @rule(pick=picks, on=days, cancel=st.booleans())
    def close(self, pick: int, on: date, cancel: bool) -> None:
        command = CancelInvoice if cancel else WriteOffInvoice
        self.try_on_one(pick, command(on=on, today=TODAY, reason="given up"))

    @precondition(lambda self: self.invoices)
    @rule(pick=picks, on=days)
    def note_overdue(self, pick: int, on: date) -> None:
        self.try_on_one(pick, NoteOverdue(today=on))

    # What stays true

    @invariant()
    def every_invoice_adds_up(self) -> None:
        for key in self.invoices:
            facts = self.facts(key)
            signs = {"InvoiceIssued": 1, "AllocationWithdrawn": 1, "AllocationReceived": -1}
            signs |= {"CreditNoteIssued": -1, "InvoiceWrittenOff": -1, "InvoiceCancelled": -1}
            counted = sum(signs[n] * f.amount.amount for f in facts if (n := type(f).__name__) in signs)
            invoice = self.invoice(key)
            assert invoice.open.amount == counted
            assert 0 <= invoice.open.amount <= invoice.amount.amount
            assert (invoice.status == "open") == (invoice.open.amount > 0)
            assert (invoice.settled_on is not None) == (invoice.status == "settled")

    @invariant()
    def both_sides_of_every_allocation_agree(self) -> None:
        for key in self.payments:
            payment = self.payment(key)
            given = sum((share.amount.amount for share in payment.shares), Decimal(0))
            assert given <= payment.amount.amount
            taken = [
                (invoice_key, share.amount, share.on)
                for invoice_key in self.invoices
                for share in self.invoice(invoice_key).paid_by(key)
            ]
            kept = [] if payment.reversed_on else [(s.invoice_id, s.amount, s.on) for s in payment.shares]
            assert sorted(taken, key=str) == sorted(kept, key=str)

    @invariant()
    def overdue_is_raised_once_per_threshold(self) -> None:
        for key in self.invoices:
            raised = [fact.threshold for fact in self.facts(key) if type(fact).__name__ == "PaymentOverdue"]
            assert len(raised) == len(set(raised))

    @invariant()
    def every_day_of_the_past_adds_up(self) -> None:
        open_spans = {key: self.invoice_spans(key) for key in self.invoices}
        rest_spans = {key: self.payment_spans(key) for key in self.payments}
        for span in (span for found in (*open_spans.values(), *rest_spans.values()) for span in found):
            assert span.open > 0
        for currency in ("CNY", "USD"):
            for day in (START + timedelta(days=n) for n in range(10)):
                aged = sum(
                    _on(day, open_spans[key])
                    for key in self.invoices
                    if self.invoice(key).amount.currency == currency
                )
                unallocated = sum(
                    _on(day, rest_spans[key])
                    for key in self.payments
                    if self.payment(key).amount.currency == currency
                )
                assert aged - unallocated == self.owed_net(day, currency)

    def owed_net(self, day: date, currency: str) -> Decimal:
        """Invoiced less credited, written off, cancelled and paid by that day: allocations play no part."""
        total = Decimal(0)
        for fact in (fact for key in (*self.invoices, *self.payments) for fact in self.facts(key)):
            name = type(fact).__name__
            on = (
                getattr(fact, "on", None)
                or getattr(fact, "issued_on", None)
                or getattr(fact, "received_on", None)
            )
            if (
                on is None
                or on > day
                or getattr(fact, "amount", None) is None
                or fact.amount.currency != currency
            ):
                continue
            total += fact.amount.amount * OWED.get(name, 0)
        return total

    # How it is asked

    def facts(self, key: UUID) -> list[Any]:
        return list(self.ledger.facts[key])

    def invoice(self, key: UUID) -> Invoice:
        return _folded(INVOICE, self.facts(key))

    def payment(self, key: UUID) -> Payment:
        return _folded(PAYMENT, self.facts(key))

    def invoice_spans(self, key: UUID) -> tuple[Span, ...]:
        movements: tuple[Movement, ...] = ()
        periods: list[Period] = []
        for fact in self.facts(key):
            movement = of_invoice(fact)
            movements = (*movements, movement) if movement else movements
            if type(fact).__name__ == "InvoiceDisputed":
                periods.append(Period(since=fact.on))
            if type(fact).__name__ == "DisputeResolved":
                periods[-1] = Period(since=periods[-1].since, until=fact.on)
        return spans(movements, periods)

    def payment_spans(self, key: UUID) -> tuple[Span, ...]:
        movements: tuple[Movement, ...] = ()
        for fact in self.facts(key):
            movements += of_payment(movements, fact)
        return spans(movements)

    def owed_by(self, customer: UUID) -> list[UUID]:
        mine = [key for key in self.invoices if self.invoice(key).customer_id == customer]
        return sorted(mine, key=lambda key: self.invoice(key).due_on)

    def wishes(self, picked: list[tuple[int, Money]]) -> Iterator[Wish]:
        for pick, amount in picked:
            if self.invoices:
                yield Wish(invoice_id=self.invoices[pick % len(self.invoices)], amount=amount)

    def try_on_one(self, pick: int, command: Command) -> None:
        self.try_on(self.invoices[pick % len(self.invoices)], command)

    def try_on(self, key: UUID, command: Command) -> None:
        async def work(unit: Any) -> None:
            await unit.execute(INVOICE, key, command)

        self.tried(work)

    def tried(self, work: Callable[[Any], Awaitable[None]]) -> bool:
        try:
            self.ledger.transact(work)
        except RuleBroken:
            return False
        return True


def _folded(aggregate: Any, facts: list[Fact]) -> Any:
    state = None
    for fact in facts:
        state = aggregate.evolve(state, fact)
    return state


def _on(day: date, found: tuple[Span, ...]) -> Decimal:
    return sum((span.open for span in found if span.since <= day < span.until), Decimal(0))


def test_no_sequence_of_events_breaks_the_books(make_ledger: type[Any]) -> None:
    Books.make_ledger = make_ledger
    run_state_machine_as_test(
        Books,
        settings=settings(
            max_examples=150, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
