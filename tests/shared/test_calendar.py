"""The working calendar on real days of China: 2024 to 2027."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest

from keqing_shared.calendar import NeverWorked, WorkingCalendar

CHINA = WorkingCalendar()
SHANGHAI = CHINA.zone


def shanghai(*at: int) -> datetime:
    return datetime(*at, tzinfo=SHANGHAI)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2024, 2, 9), True),  # the eve of 2024 was a working day
        (date(2024, 2, 12), False),
        (date(2024, 2, 18), True),  # Sunday, made up
        (date(2025, 1, 26), True),  # Sunday, made up
        (date(2025, 1, 28), False),  # the eve is a holiday since 2025
        (date(2025, 2, 8), True),  # Saturday, made up
        (date(2026, 1, 2), False),
        (date(2026, 1, 4), True),  # Sunday, made up for 2 January
        (date(2026, 2, 13), True),
        (date(2026, 2, 14), True),  # Saturday, made up for Spring Festival
        (date(2026, 2, 15), False),
        (date(2026, 2, 16), False),  # eve
        (date(2026, 2, 17), False),  # Spring Festival
        (date(2026, 2, 23), False),  # last day off
        (date(2026, 2, 24), True),
        (date(2026, 2, 28), True),  # Saturday, made up
        (date(2026, 3, 7), False),  # a Saturday like any other
        (date(2026, 3, 8), False),
        (date(2026, 3, 9), True),
        (date(2026, 5, 9), True),  # Saturday, made up for Labour Day
        (date(2026, 9, 20), True),  # Sunday, made up for National Day
        (date(2026, 10, 1), False),
        (date(2026, 10, 10), True),  # Saturday, made up
        (date(2027, 1, 1), False),
        (date(2027, 2, 8), False),
    ],
)
def test_public_holidays_and_their_make_up_days(day: date, worked: bool) -> None:
    assert CHINA.is_working_day(day) is worked


def test_spring_festival_2026_is_nine_days_off_between_worked_saturdays() -> None:
    days = [date(2026, 2, 14) + timedelta(days=n) for n in range(15)]
    off = [day for day in days if not CHINA.is_working_day(day)]
    assert off == [date(2026, 2, 15) + timedelta(days=n) for n in range(9)]


@pytest.mark.parametrize(
    ("day", "next_one"),
    [
        (date(2026, 3, 6), date(2026, 3, 6)),  # is one itself
        (date(2026, 3, 7), date(2026, 3, 9)),
        (date(2026, 2, 14), date(2026, 2, 14)),
        (date(2026, 2, 15), date(2026, 2, 24)),
        (date(2026, 10, 1), date(2026, 10, 8)),
        (date(2025, 12, 31), date(2025, 12, 31)),
        (date(2026, 1, 1), date(2026, 1, 4)),  # a Sunday
        (date(2026, 12, 31), date(2026, 12, 31)),
        (date(2027, 1, 1), date(2027, 1, 4)),
    ],
)
def test_the_next_working_day(day: date, next_one: date) -> None:
    assert CHINA.next_working_day(day) == next_one


@pytest.mark.parametrize(
    ("day", "number", "reached"),
    [
        (date(2026, 3, 6), 0, date(2026, 3, 6)),
        (date(2026, 3, 6), 1, date(2026, 3, 9)),
        (date(2026, 2, 13), 1, date(2026, 2, 14)),
        (date(2026, 2, 13), 2, date(2026, 2, 24)),
        (date(2026, 2, 13), 7, date(2026, 3, 2)),  # 14, 24, 25, 26, 27, 28 February, 2 March
    ],
)
def test_working_days_are_counted_from_the_day_after(day: date, number: int, reached: date) -> None:
    assert CHINA.add_working_days(day, number) == reached


@pytest.mark.parametrize(
    ("start", "hours", "over"),
    [
        (shanghai(2026, 3, 2, 10), 1, shanghai(2026, 3, 2, 11)),
        (shanghai(2026, 3, 2, 10), 2, shanghai(2026, 3, 2, 12)),  # ends when lunch begins
        (shanghai(2026, 3, 2, 11), 2, shanghai(2026, 3, 2, 14)),  # lunch does not count
        (shanghai(2026, 3, 2, 12, 30), 1, shanghai(2026, 3, 2, 14)),
        (shanghai(2026, 3, 2, 7), 1, shanghai(2026, 3, 2, 10)),
        (shanghai(2026, 3, 2, 17), 1, shanghai(2026, 3, 2, 18)),  # ends with the day
        (shanghai(2026, 3, 2, 17), 2, shanghai(2026, 3, 3, 10)),
        (shanghai(2026, 3, 2, 20), 1, shanghai(2026, 3, 3, 10)),
        (shanghai(2026, 3, 6, 17), 2, shanghai(2026, 3, 9, 10)),  # over a weekend
        (shanghai(2026, 3, 2, 9), 8, shanghai(2026, 3, 2, 18)),
        (shanghai(2026, 3, 2, 9), 24, shanghai(2026, 3, 4, 18)),
        (shanghai(2026, 2, 13, 17), 2, shanghai(2026, 2, 14, 10)),  # into a worked Saturday
        (shanghai(2026, 2, 14, 17), 2, shanghai(2026, 2, 24, 10)),  # over Spring Festival
        (shanghai(2026, 2, 17, 12), 0.5, shanghai(2026, 2, 24, 9, 30)),
        (shanghai(2026, 3, 2, 3), 0, shanghai(2026, 3, 2, 3)),
    ],
)
def test_working_time_passes_in_working_hours_only(start: datetime, hours: float, over: datetime) -> None:
    assert CHINA.add_working_time(start, timedelta(hours=hours)) == over


def test_the_answer_is_in_the_zone_of_the_question() -> None:
    # 10:00 UTC is 18:00 in Shanghai: the day is over.
    over = CHINA.add_working_time(datetime(2026, 3, 2, 10, tzinfo=UTC), timedelta(minutes=30))
    assert over == datetime(2026, 3, 3, 1, 30, tzinfo=UTC)
    assert over.tzinfo is UTC


def test_a_moment_belongs_to_the_business_date_of_its_place() -> None:
    assert CHINA.date_of(datetime(2026, 3, 1, 16, tzinfo=UTC)) == date(2026, 3, 2)
    assert CHINA.date_of(datetime(2026, 3, 1, 15, 59, tzinfo=UTC)) == date(2026, 3, 1)


def test_adding_in_two_parts_is_adding_at_once() -> None:
    start = datetime(2026, 2, 12, 2, 17, tzinfo=timezone(timedelta(hours=-5)))
    for minutes in range(0, 4000, 97):
        whole = CHINA.add_working_time(start, timedelta(minutes=minutes + 61))
        parts = CHINA.add_working_time(
            CHINA.add_working_time(start, timedelta(minutes=minutes)), timedelta(minutes=61)
        )
        assert whole == parts


def test_hours_lunch_and_rest_days_are_policy() -> None:
    shop = WorkingCalendar(
        "Europe/Berlin",
        country=None,
        hours=(time(8), time(20)),
        lunch=None,
        rest_days=frozenset({6}),
    )
    assert shop.is_working_day(date(2026, 12, 25))
    assert shop.is_working_day(date(2026, 3, 7))
    assert not shop.is_working_day(date(2026, 3, 8))
    start = datetime(2026, 3, 7, 19, tzinfo=shop.zone)
    assert shop.add_working_time(start, timedelta(hours=13)) == datetime(2026, 3, 9, 20, tzinfo=shop.zone)


def test_an_hour_that_the_clocks_skip_is_not_worked() -> None:
    night = WorkingCalendar(
        "Europe/Berlin", country=None, hours=(time(0), time(6)), lunch=None, rest_days=frozenset()
    )
    start = datetime(2026, 3, 29, 0, tzinfo=night.zone)  # 02:00 becomes 03:00
    assert night.add_working_time(start, timedelta(hours=5)) == datetime(2026, 3, 29, 6, tzinfo=night.zone)


def test_a_calendar_in_which_nobody_ever_works_is_refused() -> None:
    with pytest.raises(NeverWorked):
        WorkingCalendar(rest_days=frozenset(range(7)))
    with pytest.raises(NeverWorked):
        WorkingCalendar(hours=(time(9), time(9)))
    with pytest.raises(NeverWorked):
        WorkingCalendar(hours=(time(9), time(18)), lunch=(time(9), time(18)))
    with pytest.raises(ValueError, match="lunch"):
        WorkingCalendar(lunch=(time(18), time(19)))
