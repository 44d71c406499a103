"""The guests of a house as a context: a view that holds personal data, found by customer or by stream."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

from keqing_shared.context import Context
from keqing_shared.domain import Personal, Recorded, value
from keqing_shared.views import Rows, Table, View
from tests.shared.privacy.guest import GUEST, GuestArrived, GuestKnown, GuestMoved


@value
class GuestRow:
    guest_id: UUID
    customer_id: UUID | None
    name: Personal[str]
    room: int


@value
class Wish:
    """Of a guest, whoever it may be."""

    guest_id: UUID
    position: int
    diet: Personal[str | None]


GUESTS = Table("guests", GuestRow, key=("guest_id",), indexes=(("customer_id",),))
WISHES = Table("wishes", Wish, key=("guest_id", "position"))


class Guests(View):
    name = "guests"
    tables = (GUESTS, WISHES)

    def touches(self, it: Recorded[Any]) -> Iterable[tuple[Any, ...]]:
        yield GUESTS, it.originator_id

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        row = rows.get(GUESTS, it.originator_id)
        match it.fact:
            case GuestArrived(name=name, room=room, wishes=wishes):
                rows.put(GUESTS, GuestRow(guest_id=it.originator_id, customer_id=None, name=name, room=room))
                rows.put(WISHES, Wish(guest_id=it.originator_id, position=it.position, diet=wishes.diet))
            case GuestKnown(customer_id=customer_id) if row:
                rows.put(GUESTS, replace(row, customer_id=customer_id))
            case GuestMoved(room=room) if row:
                rows.put(GUESTS, replace(row, room=room))


HOUSE = Context(name="sample", aggregates=(GUEST,), views=(Guests(),))
