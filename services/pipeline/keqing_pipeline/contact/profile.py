"""What one keeps of a person at a customer (核心人员档案)."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from keqing_pipeline.contact.birthday import Birthday
from keqing_pipeline.customer.file import Importance, Phones
from keqing_shared.domain import Day, Line, Note, Personal, value


class BuyingRole(StrEnum):
    """The part somebody plays when the customer buys."""

    DECIDER = "decider"
    INFLUENCER = "influencer"
    USER = "user"
    GATEKEEPER = "gatekeeper"
    PAYER = "payer"


@value
class ContactProfile:
    """A person at a customer, as entered."""

    name: Personal[Annotated[Line, Field(examples=["王丽"])]]
    title: Personal[Line | None] = None
    """The post: 采购总监."""
    top_executive: bool = False
    """Whether nobody stands above them."""
    roles: Annotated[tuple[BuyingRole, ...], Field(max_length=5)] = ()
    importance: Importance = Importance.ORDINARY
    phones: Personal[Phones] = ()
    birthday: Personal[Birthday | None] = None
    family: Personal[Note | None] = None
    interests: Personal[Note | None] = None
    dos: Personal[Note | None] = None
    """What pleases them."""
    donts: Personal[Note | None] = None
    """What to leave alone."""
    note: Personal[Note | None] = None


@value
class Observation:
    """What happened, and what it tells of the person."""

    happened: Personal[Note]
    tells: Personal[Note]
    on: Day | None = None
    """When; left out: today."""
