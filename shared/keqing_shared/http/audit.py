"""The audit: every fact kept about a customer, who made it, when and why, and what was so at a moment."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

import msgspec
from fastapi import APIRouter, Query

from keqing_shared.difference import Difference, differences
from keqing_shared.domain import Aggregate, Fact, InvalidInput, Moment, Recorded, value
from keqing_shared.domain.shape import shape
from keqing_shared.domain.worded import Words
from keqing_shared.history import READING, ReadHistory
from keqing_shared.http.access import CustomerUnknown, allow
from keqing_shared.http.ask import Ask, Asking
from keqing_shared.http.headers import REASON_HEADER, reason, sent
from keqing_shared.http.paging import Page, Paging
from keqing_shared.http.period import check_period
from keqing_shared.log import Meta

if TYPE_CHECKING:
    from keqing_shared.context import Context

_REASON = {"parameters": [REASON_HEADER]}

STREAMS_AT_ONCE = 200
FACTS_AT_ONCE = 2000
NEAR = 3


class KindUnknown(InvalidInput):
    """No fact has this name"""


Kinds = Annotated[
    list[
        Annotated[
            str,
            Query(pattern=shape(r"^[A-Z][A-Za-z0-9]{0,79}$", Words("the name of a fact, as in CallLogged"))),
        ]
    ],
    Query(alias="kind", max_length=50, description="names of facts, e.g. CallLogged; repeat for several"),
]
Since = Annotated[Moment | None, Query(description="recorded at or after")]
Until = Annotated[Moment | None, Query(description="recorded at or before")]
At = Annotated[Moment | None, Query(description="default: now")]
From = Annotated[Moment, Query(alias="from", description="the earlier of the two moments")]


@value
class HistoryEntry:
    """One fact with its envelope. ``causation_id`` names the fact of another context that led to it."""

    context: str
    position: int
    kind: str
    topic: str
    aggregate: str
    aggregate_id: UUID
    version: int
    recorded_at: datetime
    who: str
    why: str | None
    command_id: UUID
    correlation_id: str
    causation_id: str | None
    fact: dict[str, Any]


@value
class AggregateState:
    """What an aggregate was as of the moment, from the facts recorded by then."""

    aggregate: str
    aggregate_id: UUID
    version: int
    changed_at: datetime
    state: dict[str, Any] | None


@value
class CustomerState:
    """Every aggregate of a customer as of a moment."""

    customer_id: UUID
    at: datetime
    position: int
    """The last fact that was taken into account."""
    aggregates: tuple[AggregateState, ...]


@value
class AggregateDifference:
    """Of one aggregate; version 0: there was none yet, and each member that it has now is named."""

    aggregate: str
    aggregate_id: UUID
    version_before: int
    version: int
    members: tuple[Difference, ...]


@value
class CustomerDifference:
    """Every aggregate of a customer that is other than it was, from one moment to another."""

    customer_id: UUID
    since: datetime
    at: datetime
    position: int
    """The last fact that was taken into account."""
    aggregates: tuple[AggregateDifference, ...]


def router_for(context: "Context") -> APIRouter:
    """The audit of one context's log."""
    router = APIRouter(prefix="/audit", tags=["audit"])
    owners: dict[type, Aggregate[Any]] = {
        fact: aggregate for aggregate in context.kept for fact in aggregate.facts
    }

    @router.get("/customers/{customer_id}", dependencies=[allow("auditor", "admin")], openapi_extra=_REASON)
    async def history(
        customer_id: UUID,
        ask: Ask,
        paging: Paging,
        since: Since = None,
        until: Until = None,
        kinds: Kinds = [],  # noqa: B006 - FastAPI copies it
    ) -> Page[HistoryEntry]:
        """The facts in the order of the log. That they were read is recorded as well."""
        check_period(since, until)
        _check_kinds(kinds, ask.service.log.codec.facts)
        await _known(ask, customer_id)
        position = paging.after(int)
        log = ask.service.log
        topics = log.codec.topics(kinds) if kinds else None
        facts = await log.customer(
            customer_id,
            after=0 if position is None else position[0],
            limit=paging.fetch,
            since=since,
            until=until,
            topics=topics,
        )
        await _record(
            ask,
            ReadHistory(customer_id=customer_id, part="facts", since=since, until=until, kinds=tuple(kinds)),
        )
        return paging.page(
            [_entry(context.name, it, owners) for it in facts], key=lambda entry: (entry.position,)
        )

    @router.get(
        "/customers/{customer_id}/state", dependencies=[allow("auditor", "admin")], openapi_extra=_REASON
    )
    async def state(customer_id: UUID, ask: Ask, at: At = None) -> CustomerState:
        """What each of the customer's aggregates was as of the moment. The look is recorded as well."""
        await _known(ask, customer_id)
        moment = ask.now if at is None else at
        streams = await _streams(ask, customer_id, moment)
        await _record(ask, ReadHistory(customer_id=customer_id, part="state", until=moment))
        return CustomerState(
            customer_id=customer_id,
            at=moment,
            position=_last(streams),
            aggregates=tuple(_folded(facts, owners[type(facts[0].fact)]) for facts in streams),
        )

    @router.get(
        "/customers/{customer_id}/difference",
        dependencies=[allow("auditor", "admin")],
        openapi_extra=_REASON,
    )
    async def difference(customer_id: UUID, ask: Ask, since: From, at: At = None) -> CustomerDifference:
        """What is other than it was, member by member: each of the customer's aggregates as of two moments.
        The look is recorded as well."""
        moment = ask.now if at is None else at
        check_period(since, moment, "at")
        await _known(ask, customer_id)
        streams = await _streams(ask, customer_id, moment)
        await _record(ask, ReadHistory(customer_id=customer_id, part="state", since=since, until=moment))
        return CustomerDifference(
            customer_id=customer_id,
            since=since,
            at=moment,
            position=_last(streams),
            aggregates=tuple(_differing(streams, since, owners)),
        )

    return router


def _check_kinds(kinds: Iterable[str], facts: Iterable[type[Fact]]) -> None:
    """A typing error would read as if nothing had happened. Raises KindUnknown."""
    names = sorted({fact.__name__ for fact in facts})
    unknown = [kind for kind in kinds if kind not in names]
    if unknown:
        near = [name for kind in unknown for name in get_close_matches(kind, names, NEAR, cutoff=0)]
        raise KindUnknown(
            "here is no {unknown}; nearest to it: {near}", field="kind", unknown=unknown, near=near
        )


async def _known(ask: Asking, customer_id: UUID) -> None:
    if await ask.directory.customer(customer_id) is None and not await ask.service.log.customer(
        customer_id, limit=1
    ):
        raise CustomerUnknown("no customer {customer_id}", customer_id=str(customer_id))


async def _record(ask: Asking, command: ReadHistory) -> None:
    why = reason(sent(ask.request.scope))
    meta = Meta(who=ask.user.login, why=why, correlation_id=ask.correlation_id)
    await ask.service.streams.execute(READING, uuid4(), command, meta)


async def _streams(ask: Asking, customer_id: UUID, at: datetime) -> list[list[Recorded[Any]]]:
    """The facts recorded by then of every stream of the customer but the readings, oldest stream first."""
    log = ask.service.log
    originators: dict[UUID, None] = {}
    position = 0
    while facts := await log.customer(customer_id, after=position, limit=FACTS_AT_ONCE, until=at):
        originators.update((it.originator_id, None) for it in facts if type(it.fact) not in READING.facts)
        position = facts[-1].position
    found: dict[UUID, list[Recorded[Any]]] = defaultdict(list)
    ids = list(originators)
    for start in range(0, len(ids), STREAMS_AT_ONCE):
        for it in await log.streams(ids[start : start + STREAMS_AT_ONCE]):
            if it.recorded_at <= at:
                found[it.originator_id].append(it)
    return [found[id] for id in ids]


def _folded(facts: Sequence[Recorded[Any]], aggregate: Aggregate[Any]) -> AggregateState:
    state: Any = None
    for it in facts:
        state = aggregate.evolve(state, it.fact)
    return AggregateState(
        aggregate=aggregate.name,
        aggregate_id=facts[-1].originator_id,
        version=facts[-1].originator_version,
        changed_at=facts[-1].recorded_at,
        state=None if state is None else _plain(state),
    )


def _differing(
    streams: Iterable[list[Recorded[Any]]], since: datetime, owners: dict[type, Aggregate[Any]]
) -> Iterator[AggregateDifference]:
    for facts in streams:
        now = _folded(facts, owners[type(facts[0].fact)])
        earlier = [it for it in facts if it.recorded_at <= since]
        before = _folded(earlier, owners[type(facts[0].fact)]) if earlier else None
        members = tuple(differences((before and before.state) or {}, now.state or {}))
        if members:
            yield AggregateDifference(
                aggregate=now.aggregate,
                aggregate_id=now.aggregate_id,
                version_before=before.version if before else 0,
                version=now.version,
                members=members,
            )


def _last(streams: Iterable[list[Recorded[Any]]]) -> int:
    return max((facts[-1].position for facts in streams), default=0)


def _entry(context: str, it: Recorded[Any], owners: dict[type, Aggregate[Any]]) -> HistoryEntry:
    return HistoryEntry(
        context=context,
        position=it.position,
        kind=type(it.fact).__name__,
        topic=it.fact.topic,
        aggregate=owners[type(it.fact)].name,
        aggregate_id=it.originator_id,
        version=it.originator_version,
        recorded_at=it.recorded_at,
        who=it.who,
        why=it.why,
        command_id=it.command_id,
        correlation_id=it.correlation_id,
        causation_id=it.causation_id,
        fact=_plain(it.fact),
    )


def _plain(thing: Any) -> Any:
    return msgspec.to_builtins(thing, str_keys=True, enc_hook=str)
