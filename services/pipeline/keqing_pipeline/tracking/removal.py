"""Removal from a list: why, and the signs by which two of the reasons are known."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from keqing_shared.domain import value

Contacts = Annotated[int, Field(ge=1, le=1000)]


class RemovalReason(StrEnum):
    STAGNANT = "stagnant"
    """Contact after contact without a rise, and nobody knows why."""
    UNREACHABLE = "unreachable"
    """Contact after contact, and whoever decides was never reached."""
    BLUNDER = "blunder"
    """A mistake lost their trust."""
    PRESSED_OUT = "pressed_out"
    """Lost by pressing for the close."""
    OTHER = "other"


@value
class RemovalSigns:
    """After so many contacts a removal is suggested."""

    stagnant_after_contacts: Contacts = 5
    unreachable_after_contacts: Contacts = 5


@value
class Effort:
    """What has been done about a customer since it was put on the list."""

    contacts: int = 0
    contacts_since_rise: int = 0
    objections_heard: bool = False
    """Since the last rise: the cause is known."""
    decider_reached: bool = False


def suggested_by(effort: Effort, signs: RemovalSigns) -> tuple[RemovalReason, ...]:
    """The reasons that the effort speaks for."""
    reasons = []
    if effort.contacts_since_rise >= signs.stagnant_after_contacts and not effort.objections_heard:
        reasons.append(RemovalReason.STAGNANT)
    if effort.contacts >= signs.unreachable_after_contacts and not effort.decider_reached:
        reasons.append(RemovalReason.UNREACHABLE)
    return tuple(reasons)
