"""What a plan should amount to in the end, counted from its deeds alone, without the product's code."""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from keqing_local.demo.plan import Plan

_PLAIN = {
    "customers", "owner", "opportunities", "calls", "visits", "stage", "won", "lost",
    "invoices", "payments", "result", "complaints", "acknowledgement", "waiting", "escalation",
    "facts", "solution", "answer", "settlement", "goodwill", "closing", "reopening",
    "contacts", "tracking-list", "removal", "claim",
}  # fmt: skip
"""Deeds that the sums below understand; a plan with others is not used for them."""


@dataclass
class Ledger:
    """Sums by owner where there are owners."""

    plain: bool = True
    opportunities: int = 0
    won: Counter[str] = field(default_factory=Counter)
    won_amount: Decimal = Decimal(0)
    lost: int = 0
    complaints: int = 0
    closed: int = 0
    open: dict[str, Decimal] = field(default_factory=dict)
    """By invoice number."""
    due: dict[str, date] = field(default_factory=dict)
    owner: dict[str, str] = field(default_factory=dict)
    """By invoice number: whose customer it is."""
    contacts: int = 0
    listed: set[str] = field(default_factory=set)
    """Customers that somebody pursues."""
    pooled: set[str] = field(default_factory=set)
    """Given up, and claimed by nobody."""
    care: Counter[str] = field(default_factory=Counter)
    """What became of the requests, by status."""

    @property
    def unpaid(self) -> Decimal:
        return sum(self.open.values(), Decimal(0))

    def overdue(self, today: date) -> list[str]:
        """Numbers of invoices with something open after their due date."""
        return [number for number, left in self.open.items() if left > 0 and self.due[number] < today]


def count(plan: Plan) -> Ledger:
    ledger = Ledger()
    for customer, diary in zip(plan.customers, plan.diaries, strict=True):
        numbers: dict[str, str] = {}
        for deed in diary:
            kind = re.sub(r"\{[^}]*\}", "", deed.path).rsplit("/", 1)[1] or "amendment"
            if "/care-requests" in deed.path:
                _care(ledger, kind)
                continue
            ledger.plain &= kind in _PLAIN or kind == "amendment"
            body = deed.body
            if customer.currency != "CNY" or (kind == "settlement" and "amount" in body):
                ledger.plain = False
            if kind == "opportunities":
                ledger.opportunities += 1
            elif kind == "contacts":
                ledger.contacts += 1
            elif kind in ("tracking-list", "claim"):
                ledger.pooled.discard(customer.key)
                ledger.listed.add(customer.key)
            elif kind == "removal":
                ledger.listed.discard(customer.key)
                ledger.pooled.add(customer.key)
            elif kind == "won":
                ledger.won[customer.owner_on(deed.at.date()).login] += 1
                ledger.won_amount += Decimal(body["amount"]["amount"])
                ledger.listed.discard(customer.key)
            elif kind == "lost":
                ledger.lost += 1
                ledger.listed.discard(customer.key)
            elif kind == "complaints":
                ledger.complaints += 1
            elif kind == "closing":
                ledger.closed += 1
            elif kind == "invoices":
                number = numbers[str(deed.makes)] = body["number"]
                ledger.open[number] = Decimal(body["amount"]["amount"])
                ledger.due[number] = date.fromisoformat(body["due_on"])
                ledger.owner[number] = customer.owner_on(plan.days.last).login
            elif kind == "payments":
                _pay(ledger, numbers, deed.body)
    return ledger


_BEFORE = {"approval": "submitted", "rejection": "submitted", "completion": "approved"}
_AFTER = {
    "care-requests": "submitted",
    "approval": "approved",
    "rejection": "rejected",
    "completion": "done",
}


def _care(ledger: Ledger, kind: str) -> None:
    if kind in _BEFORE:
        ledger.care[_BEFORE[kind]] -= 1
    ledger.care[_AFTER[kind]] += 1


def _pay(ledger: Ledger, numbers: dict[str, str], body: dict) -> None:  # type: ignore[type-arg]
    wishes = body.get("allocations")
    if wishes is not None:
        for wish in wishes:
            ledger.open[numbers[wish["invoice_id"].name]] -= Decimal(wish["amount"]["amount"])
        return
    rest = Decimal(body["amount"]["amount"])
    for number in sorted(numbers.values(), key=lambda number: ledger.due[number]):
        part = min(rest, ledger.open[number])
        ledger.open[number] -= part
        rest -= part
