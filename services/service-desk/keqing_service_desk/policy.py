"""The numbers of the service desk, with their defaults; a change never rewrites history."""

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Literal, get_args

from pydantic import Field

from keqing_service_desk.working_time import WorkingTime
from keqing_shared.domain import Money, ValueRefused, together, value

CallbackKind = Literal["three_days", "three_weeks", "three_months"]
SeverityName = Literal["critical", "major", "minor"]
Hours = Annotated[int, Field(ge=1, le=10_000)]
Days = Annotated[int, Field(ge=0, le=3650)]


@value
class Term:
    """Working hours from receipt to the first response and to the settlement."""

    severity: SeverityName
    response_hours: Hours
    solution_hours: Hours

    @together
    def _in_order(self) -> None:
        if self.response_hours > self.solution_hours:
            raise ValueRefused("the first response is due no later than the solution")

    @property
    def response(self) -> timedelta:
        return timedelta(hours=self.response_hours)

    @property
    def solution(self) -> timedelta:
        return timedelta(hours=self.solution_hours)


@value
class Authority:
    """Up to how much one of this role may give alone, in one currency. The manager's has no end."""

    role: Literal["agent", "supervisor"]
    limit: Money


@value
class CallbackTerm:
    """A callback so many days and calendar months after the win."""

    kind: CallbackKind
    days: Days = 0
    months: Annotated[int, Field(ge=0, le=120)] = 0


def _money(amount: int) -> Money:
    return Money(amount=Decimal(amount), currency="CNY")


@value
class ServiceDeskPolicy:
    terms: Annotated[tuple[Term, ...], Field(max_length=3)] = (
        Term(severity="critical", response_hours=1, solution_hours=8),
        Term(severity="major", response_hours=4, solution_hours=24),
        Term(severity="minor", response_hours=8, solution_hours=72),
    )
    authority: Annotated[tuple[Authority, ...], Field(max_length=100)] = (
        Authority(role="agent", limit=_money(500)),
        Authority(role="supervisor", limit=_money(5_000)),
    )
    """A currency that is not listed is beyond everybody but the manager: amounts are never converted."""
    repeat_days: Days = 90
    """The same cause for the same product within so many days is a repeat."""
    callbacks: Annotated[tuple[CallbackTerm, ...], Field(max_length=3)] = (
        CallbackTerm(kind="three_days", days=3),
        CallbackTerm(kind="three_weeks", days=21),
        CallbackTerm(kind="three_months", months=3),
    )
    callback_grace_days: Days = 7
    """A callback not made so many days after it was due is missed."""
    working_time: WorkingTime = WorkingTime()

    @together
    def _whole(self) -> None:
        if sorted(term.severity for term in self.terms) != sorted(get_args(SeverityName)):
            raise ValueRefused("terms has each severity once")
        if sorted(term.kind for term in self.callbacks) != sorted(get_args(CallbackKind)):
            raise ValueRefused("callbacks has each kind once")
        limits = {(one.role, one.limit.currency): one.limit for one in self.authority}
        if len(limits) != len(self.authority):
            raise ValueRefused("authority has each role once for a currency")
        for (role, currency), limit in limits.items():
            if role == "agent" and limit > limits.get(("supervisor", currency), limit):
                raise ValueRefused("a supervisor's authority is no less than an agent's")

    def term(self, severity: str) -> Term:
        return next(term for term in self.terms if term.severity == severity)
