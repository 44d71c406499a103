"""A question: what a route that reads has at hand."""

import asyncio
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response

from keqing_shared.http import headers
from keqing_shared.http.access import Sight
from keqing_shared.http.problem import Behind, NotStarted, PositionUnknown
from keqing_shared.http.user import User, user_of

if TYPE_CHECKING:
    from keqing_shared.directory import CustomerEntry, Directory
    from keqing_shared.service import Service

PATIENCE = 2.0
"""Seconds that a caller who names a position waits for it."""


class Asking:
    """Who asks, when, and what the answer may draw on."""

    def __init__(self, request: Request, response: Response, service: "Service", user: User) -> None:
        self.request = request
        self.response = response
        self.service = service
        self.user = user
        self.now: datetime = service.clock.now()
        self.correlation_id = headers.correlation_id(request.scope)

    @property
    def today(self) -> date:
        """The date in the business time zone."""
        return self.service.calendar.date_of(self.now)

    @property
    def db(self) -> Any:
        """A pool; its search_path is the context's schema."""
        return self.service.questions

    @property
    def policy(self) -> Any:
        return self.service.policy

    @property
    def directory(self) -> "Directory":
        return self.service.directory

    @property
    def sight(self) -> Sight:
        return Sight(self.user, self.service.directory)

    async def see_customer(self, customer_id: UUID) -> "CustomerEntry":
        """The customer's entry. Raises CustomerUnknown (404), also for one that the user may not see, and
        MergedAway (409) for one that is part of another by now."""
        return await self.sight.customer(customer_id)

    async def see_part(self, customer_id: UUID) -> "CustomerEntry":
        """The entry of the customer that a thing belongs to, also of one that was merged into another since:
        what it had goes on. Raises CustomerUnknown (404)."""
        return await self.sight.part(customer_id)

    async def visible_owners(self) -> frozenset[str] | None:
        """The logins whose rows a list may show; None: everybody's."""
        return await self.sight.owners()

    async def see_owner(self, login: str | None) -> None:
        """Raises OwnerHidden (404) when the user may not see what this person owns."""
        await self.sight.owner(login)

    def etag(self, version: int) -> None:
        """Puts the version on the answer, for a later If-Match."""
        self.response.headers["ETag"] = f'"{version}"'

    async def all_shown(self) -> None:
        """Returns once the views show all that is in the log by now. Raises Behind (503)."""
        head = await self.service.log.head()
        try:
            await self.service.views.wait_for(head, PATIENCE)
        except TimeoutError:
            raise Behind(
                "not yet at {source}:{position}", source=self.service.context.name, position=head
            ) from None

    async def caught_up(self) -> None:
        """Waits for the position named by Keqing-After. Raises Behind (503), PositionUnknown (422)."""
        wanted = headers.position_awaited(headers.sent(self.request.scope))
        if wanted is None:
            return
        source, position = wanted
        service = self.service
        try:
            async with asyncio.timeout(PATIENCE):
                if source == service.context.name:
                    if position > service.log.position and position > await service.log.head():
                        raise PositionUnknown(
                            "{source} has not come to {position} yet",
                            field="Keqing-After",
                            source=source,
                            position=position,
                        )
                elif service.consumers is not None and source in service.listens_to:
                    await service.consumers.wait_for(source, position, PATIENCE)
                    position = await service.log.head()
                else:
                    return  # nothing here depends on that context
                await service.views.wait_for(position, PATIENCE)
        except TimeoutError:
            raise Behind("not yet at {source}:{position}", source=source, position=wanted[1]) from None


def started(request: Request) -> "Service":
    """The app's running service. Raises NotStarted (503)."""
    service: Service | None = getattr(request.app.state, "service", None)
    if service is None:
        raise NotStarted
    return service


async def asks(request: Request, response: Response) -> Asking:
    """The dependency behind ``Ask``."""
    service = started(request)
    ask = Asking(request, response, service, await user_of(request))
    await ask.caught_up()
    return ask


Ask = Annotated[Asking, Depends(asks)]
