"""What tomorrow brings: told to each owner once, in numbers and festivals, of nobody in particular."""

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


class CareDay(msgspec.Struct, frozen=True, kw_only=True):
    owner: str


def care_day_of(owner: str, on: date) -> UUID:
    """One owner and one day, one stream: said once."""
    return uuid5(NAMESPACE_URL, f"keqing:care-day:{owner}:{on.isoformat()}")


def decide(command: AnnounceCareDay, day: CareDay | None, policy: object = None) -> list[CareDayAhead]:
    if day is not None or not (command.birthdays or command.anniversaries or command.festivals):
        return []
    return [
        CareDayAhead(
            owner=command.owner,
            on=command.on,
            birthdays=command.birthdays,
            anniversaries=command.anniversaries,
            festivals=command.festivals,
        )
    ]


def evolve(day: CareDay | None, fact: CareDayAhead) -> CareDay:
    return CareDay(owner=fact.owner)


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
