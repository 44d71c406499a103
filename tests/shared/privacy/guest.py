"""An aggregate with personal data: a guest, who at first belongs to no customer."""

from uuid import UUID

import msgspec

from keqing_shared.domain import Aggregate, Command, Fact, Line, Personal, value


@value
class Wishes:
    nights: int
    diet: Personal[Line | None] = None


class GuestArrived(Fact, topic="sample.guest-arrived.v2"):
    name: Personal[str]
    room: int
    wishes: Wishes = Wishes(nights=1)

    @staticmethod
    def upcast_v1_v2(state: dict[str, object]) -> None:
        state["name"] = state.pop("called")


class GuestKnown(Fact, topic="sample.guest-known.v1"):
    customer_id: UUID


class GuestMoved(Fact, topic="sample.guest-moved.v1"):
    room: int
    because: Personal[str | None] = None


class Arrive(Command):
    name: str
    room: int
    wishes: Wishes = Wishes(nights=1)
    customer_id: UUID | None = None


class Know(Command):
    customer_id: UUID


class Move(Command):
    room: int
    because: str | None = None


class Guest(msgspec.Struct, frozen=True, kw_only=True):
    name: Personal[str]
    room: int
    wishes: Wishes
    customer_id: UUID | None = None


def decide(command: Arrive | Know | Move, guest: Guest | None, policy: object) -> list[Fact]:
    match command:
        case Arrive(name=name, room=room, wishes=wishes, customer_id=customer_id):
            arrived = GuestArrived(name=name, room=room, wishes=wishes)
            return [arrived] if customer_id is None else [arrived, GuestKnown(customer_id=customer_id)]
        case Know(customer_id=customer_id):
            return [GuestKnown(customer_id=customer_id)]
        case Move(room=room, because=because):
            return [GuestMoved(room=room, because=because)]


def evolve(guest: Guest | None, fact: Fact) -> Guest | None:
    match fact:
        case GuestArrived(name=name, room=room, wishes=wishes):
            return Guest(name=name, room=room, wishes=wishes)
        case GuestKnown(customer_id=customer_id) if guest is not None:
            return msgspec.structs.replace(guest, customer_id=customer_id)
        case GuestMoved(room=room) if guest is not None:
            return msgspec.structs.replace(guest, room=room)
    return guest


GUEST: Aggregate[Guest] = Aggregate(
    name="guest",
    facts=(GuestArrived, GuestKnown, GuestMoved),
    decide=decide,
    evolve=evolve,
    customer_of=lambda _id, guest: guest.customer_id,
    state=Guest,
)


class Room(msgspec.Struct, frozen=True):
    """What there is to know of a guest's room, whoever they are."""

    number: int


def occupy(room: Room | None, fact: Fact) -> Room | None:
    return Room(fact.room) if isinstance(fact, GuestArrived | GuestMoved) else room


ROOM: Aggregate[Room] = Aggregate(
    name="room",
    facts=GUEST.facts,
    decide=lambda _command, _room, _policy: [],
    evolve=occupy,
    customer_of=lambda _id, _room: None,
    state=Room,
)
