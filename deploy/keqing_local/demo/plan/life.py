"""What one customer's year consists of while it is being planned."""

from dataclasses import dataclass, field
from datetime import date
from random import Random

from keqing_local.demo.plan.customers import Customer
from keqing_local.demo.plan.days import Days
from keqing_local.demo.plan.deed import Diary


@dataclass(frozen=True)
class Deal:
    """An opportunity that was won."""

    opportunity: str
    """Its name among the deeds."""
    product: str
    amount: int
    """In whole units of the customer's currency."""
    won_on: date


@dataclass
class Part:
    """A payment, or a part of one, that will come for an invoice."""

    on: date
    cents: int


@dataclass
class Bill:
    """An invoice and how it is going to be paid; credits planned later take from its last part."""

    name: str
    number: str
    cents: int
    issued_on: date
    due_on: date
    what: str
    parts: list[Part] = field(default_factory=list)
    talked_about: bool = False
    """A complaint is about it, so it is not cancelled."""

    def credit(self, cents: int, on: date) -> bool:
        """Makes room for a credit that will stand by then; False when no later part can spare it."""
        last = max(self.parts, key=lambda part: part.on, default=None)
        if last is None or (last.on - on).days < 2 or last.cents <= cents:
            return False
        last.cents -= cents
        return True


@dataclass
class Life:
    customer: Customer
    days: Days
    diary: Diary
    deals: list[Deal] = field(default_factory=list)
    bills: list[Bill] = field(default_factory=list)
    complaints: int = 0

    @property
    def dice(self) -> Random:
        return self.customer.dice
