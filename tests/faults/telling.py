"""What the context under fault tells the others."""

import msgspec

UNTOLD = 7
"""Every so many facts one is none of the others' business."""


def told(token: int) -> bool:
    """Whether the others hear of it."""
    return token % UNTOLD != 0


class Telling(msgspec.Struct, frozen=True):
    token: int
    version: int
    poison: bool
