"""The purchase project: how the customer means to buy."""

from typing import Annotated

from pydantic import Field

from keqing_shared.domain import Day, Line, Money, Note, Personal, value

People = Annotated[tuple[Line, ...], Field(max_length=20)]


@value
class Milestone:
    on: Day
    what: Personal[Line]


@value
class PurchaseProject:
    plan: Personal[Note | None] = None
    problem: Personal[Note | None] = None
    """What the purchase is to solve."""
    deciders: Personal[People] = ()
    influencers: Personal[People] = ()
    timetable: Annotated[tuple[Milestone, ...], Field(max_length=20)] = ()
    budget: Money | None = None
    process: Personal[Note | None] = None
    """How a purchase goes there: who asks, who signs, in which order."""
