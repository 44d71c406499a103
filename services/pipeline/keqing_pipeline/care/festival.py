"""Festivals: the days on which one gives people something, by the sun or by the moon."""

from datetime import date, timedelta
from functools import lru_cache
from typing import Annotated

from lunar_python import Solar
from pydantic import Field

from keqing_pipeline.contact.birthday import CalendarKind
from keqing_shared.domain import Line, value
from keqing_shared.domain.shape import shape
from keqing_shared.domain.worded import Words


@value
class Festival:
    """Every year on this day; the 30th of a lunar month stands for its last, which may be the 29th."""

    code: Annotated[
        str,
        Field(
            pattern=shape(
                r"^[a-z][a-z0-9_]{0,39}$", Words("small letters, digits and _ only, a letter first")
            )
        ),
    ]
    zh: Line
    en: Line
    month: Annotated[int, Field(ge=1, le=12)]
    day: Annotated[int, Field(ge=1, le=31)]
    calendar: CalendarKind = CalendarKind.SOLAR

    def falls_on(self, day: date) -> bool:
        if self.calendar is CalendarKind.SOLAR:
            return (day.month, day.day) == (self.month, self.day)
        return (self.month, self.day) in lunar_days(day)


def _festival(code: str, zh: str, en: str, calendar: CalendarKind, month: int, day: int) -> Festival:
    return Festival(code=code, zh=zh, en=en, calendar=calendar, month=month, day=day)


FESTIVALS = (
    _festival("new_year", "元旦", "New Year's Day", CalendarKind.SOLAR, 1, 1),
    _festival("womens_day", "妇女节", "Women's Day", CalendarKind.SOLAR, 3, 8),
    _festival("labour_day", "劳动节", "Labour Day", CalendarKind.SOLAR, 5, 1),
    _festival("teachers_day", "教师节", "Teachers' Day", CalendarKind.SOLAR, 9, 10),
    _festival("national_day", "国庆节", "National Day", CalendarKind.SOLAR, 10, 1),
    _festival("spring_festival", "春节", "Spring Festival", CalendarKind.LUNAR, 1, 1),
    _festival("lantern_festival", "元宵节", "Lantern Festival", CalendarKind.LUNAR, 1, 15),
    _festival("dragon_boat_festival", "端午节", "Dragon Boat Festival", CalendarKind.LUNAR, 5, 5),
    _festival("qixi", "七夕", "Qixi", CalendarKind.LUNAR, 7, 7),
    _festival("mid_autumn_festival", "中秋节", "Mid-Autumn Festival", CalendarKind.LUNAR, 8, 15),
    _festival("double_ninth_festival", "重阳节", "Double Ninth Festival", CalendarKind.LUNAR, 9, 9),
    _festival("laba_festival", "腊八节", "Laba Festival", CalendarKind.LUNAR, 12, 8),
    _festival("new_years_eve", "除夕", "Lunar New Year's Eve", CalendarKind.LUNAR, 12, 30),
)


@lru_cache(maxsize=2048)
def lunar_days(day: date) -> frozenset[tuple[int, int]]:
    """The lunar month and day; a leap month, which repeats no festival, is negative. The last day of a
    month is its 30th as well."""
    lunar = Solar.fromYmd(day.year, day.month, day.day).getLunar()
    names = {(lunar.getMonth(), lunar.getDay())}
    after = day + timedelta(days=1)
    if Solar.fromYmd(after.year, after.month, after.day).getLunar().getDay() == 1:
        names.add((lunar.getMonth(), 30))
    return frozenset(names)
