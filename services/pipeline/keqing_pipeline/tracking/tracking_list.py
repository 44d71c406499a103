"""One rep's tracking list: who is on it, in which band, and how much room is left."""

from datetime import date, datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from msgspec import Struct
from msgspec.structs import replace

from keqing_pipeline.opportunity.stage import Stage
from keqing_pipeline.policy import PipelinePolicy
from keqing_pipeline.tracking import refusals as no
from keqing_pipeline.tracking.band import Band, band_of
from keqing_shared.domain import Aggregate, Command, Fact

WEAKEST_NAMED = 3


class PlaceTaken(Fact, topic="pipeline.place-taken.v1"):
    owner: str
    customer_id: UUID
    stage: Stage
    """The furthest of the customer's open opportunities."""
    on: date
    claimed: bool = False
    """Out of the open pool."""
    capacity_overridden: bool = False


class PlaceMoved(Fact, topic="pipeline.place-moved.v1"):
    customer_id: UUID
    before: Stage
    after: Stage
    on: date


class PlaceLeft(Fact, topic="pipeline.place-left.v1"):
    customer_id: UUID
    on: date


class BandOverfilled(Fact, topic="pipeline.band-overfilled.v1"):
    """Nobody was refused, so there are now more in the band than it has room for."""

    owner: str
    customer_id: UUID
    """With whom it overflowed."""
    band: Band
    count: int
    capacity: int


ListFact = PlaceTaken | PlaceMoved | PlaceLeft | BandOverfilled


class TakePlace(Command):
    owner: str
    customer_id: UUID
    stage: Stage
    at: datetime
    claimed: bool = False
    """It counts towards the day's claims."""
    never_refused: bool = False
    """It came to this list by a change of its owner, which room on a list does not stop."""
    override_capacity: bool = False
    may_override: bool = False
    """Whether whoever asks has the authority of a manager."""


class MovePlace(Command):
    customer_id: UUID
    stage: Stage
    at: datetime


class LeavePlace(Command):
    customer_id: UUID
    at: datetime


ListCommand = TakePlace | MovePlace | LeavePlace


class Place(Struct, frozen=True, kw_only=True):
    customer_id: UUID
    stage: Stage
    since: date
    """When it came to the stage, or to the list."""


class TrackingList(Struct, frozen=True, kw_only=True):
    owner: str
    places: tuple[Place, ...] = ()
    claimed_on: date | None = None
    claims: int = 0
    """On that day."""
    latest: UUID | None = None
    """The customer that the last fact was about."""

    def place_of(self, customer_id: UUID) -> Place | None:
        return next((place for place in self.places if place.customer_id == customer_id), None)

    def within(self, band: Band) -> list[Place]:
        return [place for place in self.places if band_of(place.stage) is band]

    def weakest(self, band: Band) -> list[UUID]:
        """Lowest stage first, then who has stood there longest."""
        ranked = sorted(
            self.within(band), key=lambda place: (place.stage.rank, place.since, place.customer_id)
        )
        return [place.customer_id for place in ranked[:WEAKEST_NAMED]]


def tracking_list_id(owner: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"keqing:tracking-list:{owner}")


def decide(command: ListCommand, present: TrackingList | None, policy: PipelinePolicy) -> list[ListFact]:
    if isinstance(command, TakePlace):
        return _taken(command, present or TrackingList(owner=command.owner), policy)
    if present is None or (place := present.place_of(command.customer_id)) is None:
        return []
    match command:
        case MovePlace(customer_id=customer_id, stage=stage, at=at):
            if stage is place.stage:
                return []
            on = policy.day_of(at)
            moved = PlaceMoved(customer_id=customer_id, before=place.stage, after=stage, on=on)
            if band_of(stage) is band_of(place.stage):
                return [moved]
            return [moved, *_overfilled(customer_id, stage, present, policy)]
        case LeavePlace(customer_id=customer_id, at=at):
            return [PlaceLeft(customer_id=customer_id, on=policy.day_of(at))]


def _taken(command: TakePlace, present: TrackingList, policy: PipelinePolicy) -> list[ListFact]:
    if present.place_of(command.customer_id) is not None:
        return []
    on = policy.day_of(command.at)
    if command.claimed:
        _check_claims(present, on, policy)
    overridden = False if command.never_refused else _capacity_overridden(command, present, policy)
    taken = PlaceTaken(
        owner=command.owner,
        customer_id=command.customer_id,
        stage=command.stage,
        on=on,
        claimed=command.claimed,
        capacity_overridden=overridden,
    )
    if not command.never_refused:
        return [taken]
    return [taken, *_overfilled(command.customer_id, command.stage, present, policy)]


def _check_claims(present: TrackingList, today: date, policy: PipelinePolicy) -> None:
    most = policy.open_pool.claims_a_day
    if present.claimed_on == today and present.claims >= most:
        raise no.ClaimsUsedUp("{claims_a_day} have been claimed today; go on tomorrow", claims_a_day=most)


def _capacity_overridden(command: TakePlace, present: TrackingList, policy: PipelinePolicy) -> bool:
    band = band_of(command.stage)
    if band is None or len(present.within(band)) < policy.band_capacities.of(band):
        return False
    if not command.override_capacity:
        raise no.BandFull(
            "{band} has room for {capacity}: remove one first, the weakest are {weakest};"
            " or a manager sends override_capacity",
            band=band,
            capacity=policy.band_capacities.of(band),
            weakest=[str(customer_id) for customer_id in present.weakest(band)],
        )
    if not command.may_override:
        raise no.CapacityOverrideNotAllowed("have a sales manager send it")
    return True


def _overfilled(
    customer_id: UUID, stage: Stage, before: TrackingList, policy: PipelinePolicy
) -> list[ListFact]:
    """``before``: the list without the customer in the stage's band."""
    band = band_of(stage)
    if band is None:
        return []
    count, capacity = len(before.within(band)) + 1, policy.band_capacities.of(band)
    if count <= capacity:
        return []
    return [
        BandOverfilled(owner=before.owner, customer_id=customer_id, band=band, count=count, capacity=capacity)
    ]


def evolve(present: TrackingList | None, fact: ListFact) -> TrackingList | None:
    if isinstance(fact, PlaceTaken):
        known = present or TrackingList(owner=fact.owner)
        place = Place(customer_id=fact.customer_id, stage=fact.stage, since=fact.on)
        claims = (known.claims if known.claimed_on == fact.on else 0) + 1
        return replace(
            known,
            places=(*known.places, place),
            latest=fact.customer_id,
            claimed_on=fact.on if fact.claimed else known.claimed_on,
            claims=claims if fact.claimed else known.claims,
        )
    if present is None:
        return None
    others = tuple(place for place in present.places if place.customer_id != fact.customer_id)
    match fact:
        case PlaceMoved(customer_id=customer_id, after=stage, on=on):
            place = Place(customer_id=customer_id, stage=stage, since=on)
            return replace(present, places=(*others, place), latest=customer_id)
        case PlaceLeft(customer_id=customer_id):
            return replace(present, places=others, latest=customer_id)
        case BandOverfilled(customer_id=customer_id):
            return replace(present, latest=customer_id)


def _of_whom_it_speaks(list_id: UUID, present: TrackingList) -> UUID | None:
    return present.latest


TRACKING_LIST: Aggregate[TrackingList] = Aggregate(
    name="tracking-list",
    facts=(PlaceTaken, PlaceMoved, PlaceLeft, BandOverfilled),
    decide=decide,
    evolve=evolve,
    customer_of=_of_whom_it_speaks,
    state=TrackingList,
)
