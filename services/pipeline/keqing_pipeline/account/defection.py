"""Signs that a customer may leave."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from keqing_pipeline.account.policy import DefectionPolicy
from keqing_pipeline.account.values import ComplaintMark, Sign
from keqing_pipeline.opportunity.grade import months_after
from keqing_shared.domain import value


@value
class QuarterPair:
    """What was bought in one currency in the quarter that ended last, and in the one before it."""

    currency: str
    last: Decimal
    before: Decimal


@value
class Situation:
    """What is known of a customer who has bought."""

    quarters: tuple[QuarterPair, ...]
    complaints: tuple[ComplaintMark, ...]
    payment_late: bool
    """An invoice is overdue, or credit is held."""
    last_contact_on: date
    """Of the last contact or purchase, whichever was later."""
    decider_left_on: date | None = None


def signs(it: Situation, today: date, interval_days: int, policy: DefectionPolicy) -> tuple[Sign, ...]:
    """In the order of ``Sign``. ``interval_days``: how often a customer who has bought is contacted."""
    shown = {
        Sign.PURCHASES_DOWN: _down(it.quarters, policy.purchases_down_percent),
        Sign.COMPLAINT: _complains(it.complaints, today, policy),
        Sign.PAYMENT_LATE: it.payment_late,
        Sign.CONTACT_GAP: (today - it.last_contact_on).days >= interval_days * policy.contact_gap_intervals,
        Sign.DECIDER_LEFT: it.decider_left_on is not None
        and today < it.decider_left_on + timedelta(days=policy.decider_left_for_days),
    }
    return tuple(sign for sign in Sign if shown[sign])


def _down(quarters: Sequence[QuarterPair], percent: int) -> bool:
    """In every currency of the two quarters: whoever buys in another one now has not bought less."""
    if not any(pair.before for pair in quarters):
        return False
    return all(pair.last * 100 <= pair.before * (100 - percent) for pair in quarters)


def _complains(complaints: Sequence[ComplaintMark], today: date, policy: DefectionPolicy) -> bool:
    if any(mark.open for mark in complaints):
        return True
    since = today - timedelta(days=policy.complaints_within_days)
    return sum(mark.opened_on > since for mark in complaints) >= policy.repeated_complaints


def quarter_starts(today: date) -> tuple[date, date, date]:
    """The first days of the quarter before the last, of the last, and of the present one."""
    present = date(today.year, today.month - (today.month - 1) % 3, 1)
    return months_after(present, -6), months_after(present, -3), present
