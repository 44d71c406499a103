"""Festivals on their days, by the sun and by the moon."""

from datetime import date, timedelta

import pytest

from keqing_pipeline.care.festival import FESTIVALS

YEARS = {
    # From the published almanacs of these years.
    2023: {"spring_festival": (1, 22), "dragon_boat_festival": (6, 22), "mid_autumn_festival": (9, 29)},
    2025: {"spring_festival": (1, 29), "dragon_boat_festival": (5, 31), "mid_autumn_festival": (10, 6)},
    2026: {"spring_festival": (2, 17), "dragon_boat_festival": (6, 19), "mid_autumn_festival": (9, 25)},
}


def days_of(code: str, year: int) -> list[date]:
    [festival] = [one for one in FESTIVALS if one.code == code]
    days = (date(year, 1, 1) + timedelta(days=number) for number in range(366))
    return [day for day in days if festival.falls_on(day) and day.year == year]


@pytest.mark.parametrize("year", YEARS)
def test_lunar_festivals_fall_on_their_days(year: int) -> None:
    assert {code: days_of(code, year) for code in YEARS[year]} == {
        code: [date(year, *day)] for code, day in YEARS[year].items()
    }


def test_a_leap_month_repeats_no_festival() -> None:
    """2025 has two sixth months, 2033 two eleventh ones; 2020 had two fourth, 2023 two second."""
    assert days_of("qixi", 2025) == [date(2025, 8, 29)]
    assert days_of("dragon_boat_festival", 2020) == [date(2020, 6, 25)]
    assert days_of("dragon_boat_festival", 2009) == [date(2009, 5, 28)], "two fifth months"


def test_new_years_eve_is_the_last_day_of_the_year_however_long_its_month() -> None:
    assert days_of("new_years_eve", 2025) == [date(2025, 1, 28)], "the 29th of the twelfth month"
    assert days_of("new_years_eve", 2024) == [date(2024, 2, 9)], "the 30th"


def test_solar_festivals_keep_their_day() -> None:
    assert days_of("national_day", 2026) == [date(2026, 10, 1)]
    assert len({one.code for one in FESTIVALS}) == len(FESTIVALS)
