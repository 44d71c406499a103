"""Signs that a customer may leave, worked out by hand on Thursday, 14 May 2026."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from keqing_pipeline.account.defection import QuarterPair, Situation, quarter_starts, signs
from keqing_pipeline.account.policy import DefectionPolicy
from keqing_pipeline.account.values import ComplaintMark, Sign

TODAY = date(2026, 5, 14)
QUIET = Situation(quarters=(), complaints=(), payment_late=False, last_contact_on=date(2026, 5, 11))


def shown(it: Situation, today: date = TODAY) -> tuple[Sign, ...]:
    return signs(it, today, 15, DefectionPolicy())


def quarters(*pairs: tuple[str, int, int]) -> Situation:
    """Currency, bought in the quarter that ended last, bought in the one before."""
    return replace(
        QUIET,
        quarters=tuple(
            QuarterPair(currency=currency, last=Decimal(last), before=Decimal(before))
            for currency, last, before in pairs
        ),
    )


def complained(*days: date, opened: bool = False) -> Situation:
    marks = [
        ComplaintMark(complaint_id=UUID(int=number), opened_on=day, open=opened)
        for number, day in enumerate(days)
    ]
    return replace(QUIET, complaints=tuple(marks))


def test_a_customer_of_whom_nothing_is_known_stays() -> None:
    assert shown(QUIET) == ()


@pytest.mark.parametrize(
    ("today", "starts"),
    [
        (date(2026, 5, 14), (date(2025, 10, 1), date(2026, 1, 1), date(2026, 4, 1))),
        (date(2026, 1, 1), (date(2025, 7, 1), date(2025, 10, 1), date(2026, 1, 1))),
        (date(2026, 12, 31), (date(2026, 4, 1), date(2026, 7, 1), date(2026, 10, 1))),
    ],
)
def test_quarters_are_those_of_the_calendar(today: date, starts: tuple[date, date, date]) -> None:
    assert quarter_starts(today) == starts


@pytest.mark.parametrize(
    ("last", "before", "down"), [(700, 1000, True), (701, 1000, False), (0, 1, True), (5, 0, False)]
)
def test_purchases_are_down_from_30_percent_on(last: int, before: int, down: bool) -> None:
    assert shown(quarters(("CNY", last, before))) == ((Sign.PURCHASES_DOWN,) if down else ())


def test_whoever_buys_in_another_currency_now_has_not_bought_less() -> None:
    assert shown(quarters(("CNY", 0, 1000), ("USD", 150, 0))) == ()
    assert shown(quarters(("CNY", 500, 1000), ("USD", 90, 100))) == ()
    assert shown(quarters(("CNY", 500, 1000), ("USD", 70, 100))) == (Sign.PURCHASES_DOWN,)


def test_a_complaint_counts_while_it_is_open() -> None:
    assert shown(complained(date(2025, 1, 1), opened=True)) == (Sign.COMPLAINT,)
    assert shown(complained(date(2026, 5, 1))) == ()


def test_a_repeated_complaint_counts_for_90_days() -> None:
    # Ninety days before 14 May is 13 February: that day is out, the next is in.
    assert shown(complained(date(2026, 2, 14), date(2026, 5, 1))) == (Sign.COMPLAINT,)
    assert shown(complained(date(2026, 2, 13), date(2026, 5, 1))) == ()


def test_a_late_payment_counts() -> None:
    assert shown(replace(QUIET, payment_late=True)) == (Sign.PAYMENT_LATE,)


def test_a_gap_of_twice_the_interval_counts() -> None:
    # Twice fifteen days before 14 May is 14 April.
    assert shown(replace(QUIET, last_contact_on=date(2026, 4, 14))) == (Sign.CONTACT_GAP,)
    assert shown(replace(QUIET, last_contact_on=date(2026, 4, 15))) == ()


def test_a_deciders_leaving_counts_for_90_days() -> None:
    left = replace(QUIET, decider_left_on=date(2026, 2, 14))
    assert shown(left) == (Sign.DECIDER_LEFT,)
    assert shown(left, date(2026, 5, 15)) == ()


def test_signs_come_in_their_order() -> None:
    it = replace(
        complained(TODAY, opened=True),
        quarters=quarters(("CNY", 1, 2)).quarters,
        payment_late=True,
        last_contact_on=date(2026, 1, 1),
        decider_left_on=TODAY,
    )
    assert shown(it) == tuple(Sign)
