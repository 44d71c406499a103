"""What tomorrow brings: told to each owner, in numbers and festivals, of nobody in particular."""

from datetime import date
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec

from keqing_shared.domain import Aggregate, Command, Fact


class CareDayAhead(Fact, topic="pipeline.care-day-ahead.v1"):
    """The calendar says who; this only says that there is somebody."""

    owner: str
    on: date
    birthdays: int
    anniversaries: int
    festivals: tuple[str, ...]


class AnnounceCareDay(Command):
    owner: str
    on: date
    birthdays: int
    anniversaries: int
    festivals: tuple[str, ...]


class AddBirthday(Command):
    """One was entered on the eve: the day may have been told already."""

    owner: str
    on: date


class CareDay(msgspec.Struct, frozen=True, kw_only=True):
    """As it was last told."""

    owner: str
    birthdays: int = 0
    anniversaries: int = 0
    festivals: tuple[str, ...] = ()


def care_day_of(owner: str, on: date) -> UUID:
    """One owner and one day, one stream: said once, and again when there is more."""
    return uuid5(NAMESPACE_URL, f"keqing:care-day:{owner}:{on.isoformat()}")


def decide(
    command: AnnounceCareDay | AddBirthday, day: CareDay | None, policy: object = None
) -> list[CareDayAhead]:
    known = day or CareDay(owner=command.owner)
    match command:
        case AnnounceCareDay():
            now = CareDay(
                owner=command.owner,
                birthdays=max(command.birthdays, known.birthdays),
                anniversaries=max(command.anniversaries, known.anniversaries),
                festivals=command.festivals or known.festivals,
            )
        case AddBirthday():
            now = msgspec.structs.replace(known, birthdays=known.birthdays + 1)
    if now == known:
        return []
    return [
        CareDayAhead(
            owner=now.owner,
            on=command.on,
            birthdays=now.birthdays,
            anniversaries=now.anniversaries,
            festivals=now.festivals,
        )
    ]


def evolve(day: CareDay | None, fact: CareDayAhead) -> CareDay:
    return CareDay(
        owner=fact.owner,
        birthdays=fact.birthdays,
        anniversaries=fact.anniversaries,
        festivals=fact.festivals,
    )


def _nobodys(day_id: UUID, day: CareDay) -> None:
    return None


CARE_DAY: Aggregate[CareDay] = Aggregate(
    name="care-day",
    facts=(CareDayAhead,),
    decide=decide,
    evolve=evolve,
    customer_of=_nobodys,
    state=CareDay,
)
