"""A day's visits in an order that saves driving: from stop to nearest stop, crossings untangled."""

from collections.abc import Sequence
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt

from keqing_pipeline.customer.file import Location

EARTH_KM = 6371.0088
"""Mean radius, IUGG."""


def kilometres(one: Location, other: Location) -> float:
    """As the crow flies, along the great circle."""
    north, east = radians(other.latitude - one.latitude), radians(other.longitude - one.longitude)
    across = cos(radians(one.latitude)) * cos(radians(other.latitude)) * sin(east / 2) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(sin(north / 2) ** 2 + across)))


def in_order(start: Location, places: Sequence[Location]) -> list[int]:
    """The places' numbers in the order in which to visit them, from the start, not coming back.

    Always on to the nearest; then, while that shortens the way, some stretch of it is gone backwards.
    """
    order: list[int] = []
    left, here = list(range(len(places))), start
    while left:
        nearest = min(left, key=lambda number: (kilometres(here, places[number]), number))
        left.remove(nearest)
        order.append(nearest)
        here = places[nearest]
    while (better := _untangled(start, places, order)) is not None:
        order = better
    return order


def _untangled(start: Location, places: Sequence[Location], order: list[int]) -> list[int] | None:
    """A shorter order with one stretch reversed; None when there is none (2-opt)."""
    length = length_of(start, [places[number] for number in order])
    for begin in range(len(order) - 1):
        for end in range(begin + 2, len(order) + 1):
            tried = [*order[:begin], *reversed(order[begin:end]), *order[end:]]
            if length_of(start, [places[number] for number in tried]) < length - 1e-9:
                return tried
    return None


def length_of(start: Location, places: Sequence[Location]) -> float:
    """Kilometres from the start through all places in their order."""
    return sum(kilometres(one, other) for one, other in pairwise([start, *places]))
