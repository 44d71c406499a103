"""What requests are to the database: the arguments of the statement that appends their facts."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from keqing_shared.log.codec import Codec
from keqing_shared.log.request import Request, digest
from keqing_shared.privacy import KeyNotLoaded


async def sealed_arguments(connection: Any, codec: Codec, requests: Sequence[Request]) -> tuple[Any, ...]:
    """Those whose key is not there yet get one first."""
    try:
        return _arguments(codec, requests)
    except KeyNotLoaded:
        assert codec.keys is not None, "only they are missed"
        sealed = [
            new for request in requests for new in request.facts if codec.concerns(new, request.meta.why)
        ]
        begun = {one.originator_id.bytes for one in sealed if one.originator_version == 1}
        owners = [one.owner.bytes for one in sealed]
        with await codec.keys.held(owners, connection, make=True, begun=begun):
            return _arguments(codec, requests)


def _arguments(codec: Codec, requests: Sequence[Request]) -> tuple[Any, ...]:
    keyed = any(request.meta.key is not None for request in requests)
    of_request: list[int] = []
    originators: list[UUID] = []
    versions: list[int] = []
    topics: list[str] = []
    states: list[bytes] = []
    customers: list[UUID | None] = []
    whys: list[str | None] = []
    digests: list[bytes] = []
    claims: list[tuple[int, str, str, UUID, str]] = []
    upon: list[tuple[int, UUID, int]] = []
    for index, request in enumerate(requests, 1):
        meta = request.meta
        for new in request.facts:
            state = codec.encode(new.fact, new.owner)
            why = meta.why if meta.why is None else codec.encode_why(meta.why, new)
            topic = new.fact.topic
            of_request.append(index)
            originators.append(new.originator_id)
            versions.append(new.originator_version)
            topics.append(topic)
            states.append(state)
            customers.append(new.customer_id)
            whys.append(why)
            digests.append(
                digest(
                    new.originator_id, new.originator_version, topic, state, new.customer_id,
                    request.recorded_at, why, meta,
                )
            )  # fmt: skip
        for claim in request.claims:
            name = codec.name(claim.scope, claim.key)
            claims.append((index, claim.scope, name, claim.holder, claim.kind))
        for id, version in request.upon:
            upon.append((index, id, version))
    metas = [request.meta for request in requests]
    return (
        [meta.key for meta in metas] if keyed else None,
        [meta.fingerprint for meta in metas] if keyed else None,
        [msgspec.json.encode(request.receipt(0)) if request.meta.key else b"" for request in requests]
        if keyed
        else None,
        [request.recorded_at for request in requests],
        [meta.who for meta in metas],
        [meta.command_id for meta in metas],
        [meta.correlation_id for meta in metas],
        [meta.causation_id for meta in metas],
        of_request,
        originators,
        versions,
        topics,
        states,
        customers,
        whys,
        digests,
        *_columns(claims, 5),
        *_columns(upon, 3),
    )


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> Sequence[list[Any] | None]:
    return list(map(list, zip(*rows, strict=True))) if rows else [None] * width
