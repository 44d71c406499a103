"""Tracked customers: whose list each is on or that it lies in the open pool, and the effort made so far."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from keqing_pipeline.opportunity.facts import CallLogged, MessageLogged, StageAdvanced, VisitLogged
from keqing_pipeline.opportunity.stage import Stage
from keqing_pipeline.tracking.band import Band, band_of
from keqing_pipeline.tracking.pursuit import Standing
from keqing_pipeline.tracking.pursuit_facts import (
    ClaimedFromPool,
    CustomerTracked,
    RemovalSuggested,
    RemovedToPool,
    TakenOutOfPool,
    TrackingEnded,
    TrackingPassedOn,
)
from keqing_pipeline.tracking.removal import Effort, RemovalReason, RemovalSigns
from keqing_pipeline.tracking.tracking_list import PlaceMoved, PlaceTaken
from keqing_shared.domain import Personal, Recorded, value
from keqing_shared.views import Index, Rows, Table, View


@value
class TrackedEntry:
    customer_id: UUID
    standing: Standing
    owner: str
    """Who tracks it; in the pool, who keeps it."""
    since: date
    """On this list, or in the pool."""
    stage: Stage
    stage_since: date
    band: Band | None
    contacts: int
    contacts_since_rise: int
    objections_heard: bool
    decider_reached: bool
    suggested: tuple[RemovalReason, ...]
    given_up_by: str | None
    given_up_because: RemovalReason | None


TRACKED = Table(
    "tracked",
    TrackedEntry,
    key=("customer_id",),
    indexes=(
        Index(("owner", "customer_id"), where="standing = 'tracked'"),
        Index(("since", "customer_id"), where="standing = 'pooled'"),
    ),
)

_CHANGING = (
    TrackingPassedOn,
    TrackingEnded,
    RemovalSuggested,
    RemovedToPool,
    ClaimedFromPool,
    TakenOutOfPool,
    PlaceTaken,
    PlaceMoved,
    CallLogged,
    VisitLogged,
    MessageLogged,
    StageAdvanced,
)


class Tracked(View):
    name = "tracked"
    version = 1
    tables = (TRACKED,)

    def touches(self, it: Recorded[Any]) -> Iterable[tuple[Any, ...]]:
        if isinstance(it.fact, _CHANGING) and it.customer_id is not None:
            yield TRACKED, it.customer_id

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        fact = it.fact
        if isinstance(fact, CustomerTracked):
            rows.put(TRACKED, _begun(fact.customer_id, fact.owner, fact.on))
        elif isinstance(fact, TrackingEnded | TakenOutOfPool):
            rows.drop(TRACKED, it.customer_id)
        elif isinstance(fact, _CHANGING) and it.customer_id is not None:
            entry = rows.get(TRACKED, it.customer_id)
            if entry is not None:
                rows.put(TRACKED, _changed(entry, fact))


def _begun(customer_id: UUID, owner: str, on: date) -> TrackedEntry:
    return TrackedEntry(
        customer_id=customer_id,
        standing=Standing.TRACKED,
        owner=owner,
        since=on,
        stage=Stage.UNAWARE,
        stage_since=on,
        band=Band.NURTURE,
        contacts=0,
        contacts_since_rise=0,
        objections_heard=False,
        decider_reached=False,
        suggested=(),
        given_up_by=None,
        given_up_because=None,
    )


def _changed(entry: TrackedEntry, fact: Any) -> TrackedEntry:
    match fact:
        case PlaceTaken(stage=stage, on=on) | PlaceMoved(after=stage, on=on):
            return replace(entry, stage=stage, stage_since=on, band=band_of(stage))
        case TrackingPassedOn(owner=owner, on=on) | ClaimedFromPool(owner=owner, on=on):
            return replace(_begun(entry.customer_id, owner, on), stage=entry.stage, band=entry.band)
        case RemovalSuggested(reason=reason):
            return replace(entry, suggested=(*entry.suggested, reason))
        case RemovedToPool(keeper=keeper, on=on, reason=reason, owner=owner):
            return replace(
                entry,
                standing=Standing.POOLED,
                owner=keeper,
                since=on,
                given_up_by=owner,
                given_up_because=reason,
            )
        case StageAdvanced():
            return replace(entry, contacts_since_rise=0, objections_heard=False)
        case CallLogged(call=contact) | VisitLogged(visit=contact) | MessageLogged(message=contact):
            return replace(
                entry,
                contacts=entry.contacts + 1,
                contacts_since_rise=entry.contacts_since_rise + 1,
                objections_heard=entry.objections_heard or bool(contact.objections),
                decider_reached=entry.decider_reached or contact.reached_decider,
            )
        case _:
            return entry


@value
class TrackedCustomer:
    """A customer on a list."""

    customer_id: UUID
    customer: Personal[str | None]
    """Its name."""
    owner: str
    stage: Stage
    """Of the furthest of its open opportunities."""
    stage_since: date
    band: Band | None
    tracked_since: date
    contacts: int
    """Since it was put on this list."""
    next_touch_on: date | None
    removal_suggested: tuple[RemovalReason, ...]


async def tracking_list(
    db: Any,
    visible: Collection[str] | None,
    *,
    owner: str | None = None,
    band: Band | None = None,
    after: tuple[str, UUID] | None = None,
    limit: int = 50,
) -> list[TrackedCustomer]:
    """By owner."""
    records = await db.fetch(
        f"""
        WITH listed AS (
            SELECT {TRACKED.columns} FROM tracked
             WHERE standing = 'tracked'
               AND ($1::text[] IS NULL OR owner = ANY ($1))
               AND ($2::text IS NULL OR owner = $2)
               AND ($3::text IS NULL OR band = $3)
               AND ($4::text IS NULL OR (owner, customer_id) > ($4, $5))
             ORDER BY owner, customer_id LIMIT $6
        )
        SELECT listed.*, c.name AS customer,
               (SELECT min(o.next_touch_on) FROM opportunity o
                 WHERE o.customer_id = listed.customer_id AND o.outcome = 'open') AS next_touch_on
          FROM listed LEFT JOIN customer c USING (customer_id)
         ORDER BY listed.owner, listed.customer_id
        """,
        None if visible is None else list(visible),
        owner,
        band,
        *(after or (None, None)),
        limit,
    )
    return [
        TrackedCustomer(
            customer_id=entry.customer_id,
            customer=record["customer"],
            owner=entry.owner,
            stage=entry.stage,
            stage_since=entry.stage_since,
            band=entry.band,
            tracked_since=entry.since,
            contacts=entry.contacts,
            next_touch_on=record["next_touch_on"],
            removal_suggested=entry.suggested,
        )
        for entry, record in zip(TRACKED.rows(records), records, strict=True)
    ]


async def removals_to_suggest(
    db: Any, signs: RemovalSigns, after: UUID | None, limit: int
) -> list[tuple[UUID, Effort]]:
    """Customers whose effort speaks for a removal that was not suggested yet, in the order of their ids."""
    records = await db.fetch(
        """
        SELECT customer_id, contacts, contacts_since_rise, objections_heard, decider_reached FROM tracked
         WHERE standing = 'tracked' AND ($1::uuid IS NULL OR customer_id > $1)
           AND ((contacts_since_rise >= $2 AND NOT objections_heard AND NOT suggested ? 'stagnant')
                OR (contacts >= $3 AND NOT decider_reached AND NOT suggested ? 'unreachable'))
         ORDER BY customer_id LIMIT $4
        """,
        after,
        signs.stagnant_after_contacts,
        signs.unreachable_after_contacts,
        limit,
    )
    return [(record["customer_id"], _effort(record)) for record in records]


async def effort_about(db: Any, customer_id: UUID) -> Effort:
    """What has been done since it was put on the list; nothing when it is on none."""
    record = await db.fetchrow(
        "SELECT contacts, contacts_since_rise, objections_heard, decider_reached FROM tracked"
        " WHERE customer_id = $1 AND standing = 'tracked'",
        customer_id,
    )
    return Effort() if record is None else _effort(record)


def _effort(record: Any) -> Effort:
    return Effort(
        contacts=record["contacts"],
        contacts_since_rise=record["contacts_since_rise"],
        objections_heard=record["objections_heard"],
        decider_reached=record["decider_reached"],
    )


async def out_of_step(db: Any, after: UUID | None, limit: int) -> list[tuple[UUID, list[UUID]]]:
    """Customers whose owner or furthest stage is another than list and pool believe, with their open
    opportunities, in the order of their ids."""
    records = await db.fetch(
        """
        SELECT t.customer_id, o.ids
          FROM tracked t JOIN customer c USING (customer_id)
               CROSS JOIN LATERAL (
                   SELECT coalesce(array_agg(o.opportunity_id), '{}') AS ids,
                          max(array_position($1::text[], o.stage)) AS rank
                     FROM opportunity o WHERE o.customer_id = t.customer_id AND o.outcome = 'open'
               ) o
         WHERE ($2::uuid IS NULL OR t.customer_id > $2)
           AND (t.owner <> c.owner
                OR (t.standing = 'tracked' AND array_position($1::text[], t.stage) IS DISTINCT FROM o.rank))
         ORDER BY t.customer_id LIMIT $3
        """,
        list(Stage),
        after,
        limit,
    )
    return [(record["customer_id"], record["ids"]) for record in records]
