"""The open amount through time."""

from datetime import date
from decimal import Decimal

from keqing_collections.balance import FOR_EVER, Movement, Period, Span, spans


def on(day: int, delta: str) -> Movement:
    return Movement(on=date(2026, 3, day), delta=Decimal(delta))


def span(since: int, until: int | None, open: str, disputed: bool = False) -> Span:
    end = FOR_EVER if until is None else date(2026, 3, until)
    return Span(since=date(2026, 3, since), until=end, open=Decimal(open), disputed=disputed)


def test_an_unpaid_invoice_stays_open_for_ever() -> None:
    assert spans([on(1, "100")]) == (span(1, None, "100"),)


def test_nothing_moved_is_nothing_open() -> None:
    assert spans([]) == ()


def test_a_part_lowers_and_the_rest_ends_it() -> None:
    assert spans([on(1, "100"), on(5, "-40"), on(9, "-60")]) == (span(1, 5, "100"), span(5, 9, "60"))


def test_a_reopening_starts_a_new_span() -> None:
    assert spans([on(1, "100"), on(5, "-100"), on(9, "100")]) == (span(1, 5, "100"), span(9, None, "100"))


def test_movements_may_come_in_any_order() -> None:
    assert spans([on(9, "-60"), on(1, "100"), on(5, "-40")]) == (span(1, 5, "100"), span(5, 9, "60"))


def test_what_cancels_out_on_a_day_never_shows() -> None:
    assert spans([on(1, "100"), on(1, "-100")]) == ()
    assert spans([on(1, "100"), on(5, "-10"), on(5, "10")]) == (span(1, None, "100"),)


def test_a_dispute_cuts_the_span() -> None:
    period = Period(since=date(2026, 3, 4), until=date(2026, 3, 6))
    assert spans([on(1, "100")], [period]) == (
        span(1, 4, "100"),
        span(4, 6, "100", disputed=True),
        span(6, None, "100"),
    )


def test_a_dispute_resolved_the_day_it_began_never_shows() -> None:
    assert spans([on(1, "100")], [Period(since=date(2026, 3, 4), until=date(2026, 3, 4))]) == (
        span(1, None, "100"),
    )
