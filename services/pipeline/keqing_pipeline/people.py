"""Who is under whom: read and changed as a whole."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Any

from keqing_pipeline.user import USER, Profile, user_id
from keqing_shared.streams import Streams

_hierarchy_turn = asyncio.Lock()


@asynccontextmanager
async def hierarchy(db: Any) -> AsyncIterator[None]:
    """One change of who is under whom at a time, in all processes: two at once could close a circle
    that neither of them sees. At most one connection of this process waits for its turn."""
    async with _hierarchy_turn, db.acquire() as connection:
        await connection.execute("SELECT pg_advisory_lock(hashtext('keqing.hierarchy'))")
        try:
            yield
        finally:
            await connection.execute("SELECT pg_advisory_unlock(hashtext('keqing.hierarchy'))")


async def superiors(
    streams: Streams, manager: str | None, planned: Mapping[str, str | None] = MappingProxyType({})
) -> tuple[str, ...]:
    """The manager, the manager's manager, and so on; empty when the first is not enrolled or gone.
    ``planned``: managers of people who are taken for enrolled."""
    chain: list[str] = []
    while manager is not None and manager not in chain:
        if manager in planned:
            chain.append(manager)
            manager = planned[manager]
            continue
        user = (await streams.load(USER, user_id(manager))).state
        if user is None or not (user.active or chain):
            break
        chain.append(manager)
        manager = user.profile.manager
    return tuple(chain)


def profile_in(body: Profile) -> Profile:
    """The profile alone."""
    return Profile(
        name=body.name, roles=body.roles, team=body.team, manager=body.manager, language=body.language
    )
