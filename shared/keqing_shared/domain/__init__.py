"""The pure vocabulary of the house: facts, commands, rules, aggregates, values. No I/O in here."""

from keqing_shared.domain.aggregate import Aggregate
from keqing_shared.domain.command import Command
from keqing_shared.domain.fact import Fact, Recorded
from keqing_shared.domain.moment import Day, Moment, TimeOfDay
from keqing_shared.domain.money import Currency, Money
from keqing_shared.domain.personal import ERASED, Personal
from keqing_shared.domain.reference import ExternalReference, ReferenceText
from keqing_shared.domain.rule import (
    CustomerIsErased,
    InvalidInput,
    MergedAway,
    NotAllowed,
    NotFound,
    RuleBroken,
)
from keqing_shared.domain.text import Code, Count, Line, Login, Note
from keqing_shared.domain.value import together, value
from keqing_shared.domain.worded import Term, ValueRefused, Worded, Words

__all__ = [
    "ERASED",
    "Aggregate",
    "Code",
    "Command",
    "Count",
    "Currency",
    "CustomerIsErased",
    "Day",
    "ExternalReference",
    "Fact",
    "InvalidInput",
    "Line",
    "Login",
    "MergedAway",
    "Moment",
    "Money",
    "NotAllowed",
    "NotFound",
    "Note",
    "Personal",
    "Recorded",
    "ReferenceText",
    "RuleBroken",
    "Term",
    "TimeOfDay",
    "ValueRefused",
    "Worded",
    "Words",
    "together",
    "value",
]
