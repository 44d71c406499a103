"""A command: what a route that changes something has at hand, and how it is answered."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

import msgspec
from fastapi import Depends, Request, Response

from keqing_shared import streams
from keqing_shared.domain import Aggregate, Command, CustomerIsErased, value
from keqing_shared.http import headers
from keqing_shared.http.ask import Asking, started
from keqing_shared.http.user import User, user_of
from keqing_shared.log import Claim, Meta, Repeated
from keqing_shared.log import Receipt as LogReceipt

if TYPE_CHECKING:
    from keqing_shared.directory import CustomerEntry
    from keqing_shared.service import Service

_encode = msgspec.json.Encoder().encode


@value
class CommandReceipt:
    """What a command did: to which thing, its version now, the log's position, the names of the new facts."""

    id: UUID
    version: int
    position: int
    facts: tuple[str, ...]


class Receipt(Response):
    """A command's answer, encoded and with its headers; documented as CommandReceipt."""

    media_type = "application/json"

    def __init__(self, receipt: LogReceipt, context: str, status_code: int) -> None:
        self.id = receipt.id
        self.version = receipt.version
        self.position = receipt.position
        self.facts = receipt.facts
        self.body = _encode(receipt)
        self.status_code = status_code
        self.background = None
        self.said = [
            (b"etag", b'"%d"' % receipt.version),
            (b"keqing-position", b"%b:%d" % (context.encode(), receipt.position)),
        ]
        if isinstance(receipt, Repeated):
            self.said.append((b"keqing-repeated", b"true"))
        self.raw_headers = [
            (b"content-length", b"%d" % len(self.body)),
            (b"content-type", b"application/json"),
            *self.said,
        ]


class Doing(Asking):
    """Who does it, why, under which key, upon which version."""

    def __init__(self, request: Request, response: Response, service: "Service", user: User) -> None:
        super().__init__(request, response, service, user)
        sent = headers.sent(request.scope)
        self.why = headers.reason(sent)
        self.key = headers.idempotency_key(sent)
        self.expected = headers.expected_version(sent)
        self._new: set[UUID] = set()

    async def __call__(
        self,
        aggregate: Aggregate[Any],
        id: UUID,
        command: Command,
        claims: Sequence[Claim] = (),
        releases: Sequence[Claim] = (),
    ) -> Receipt:
        """Executes one command on one stream; raises what the rules, the claims or the version refuse."""
        if id in self._new:  # nobody else can have heard of it: no need to look
            memory = self.service.streams.memory
            memory.remember(aggregate.name, id, streams.Loaded(None, 0), memory.forgotten)

        async def work(unit: Any) -> None:
            await unit.execute(aggregate, id, command, claims=claims, releases=releases)

        return await self.transact(work)

    async def serve_customer(self, customer_id: UUID) -> "CustomerEntry":
        """As ``see_customer``, to begin something with. Raises CustomerIsErased (409) as well."""
        entry = await self.see_customer(customer_id)
        if entry.erased:
            raise CustomerIsErased(customer_id=str(customer_id))
        return entry

    async def transact(
        self, work: Callable[[Any], Awaitable[None]], within: Any = None, made: UUID | None = None
    ) -> Receipt:
        """Executes several commands together or not at all: ``async def work(unit)`` loads and executes.
        ``within``: a connection in the caller's transaction. ``made``: what the receipt names, of what is no
        stream of its own; under an Idempotency-Key it is the first one again.

        If-Match and the receipt speak of the first stream executed; ``work`` may be run more than once.
        """

        async def watched(unit: streams.Unit) -> None:
            unit.made, unit.awaited, unit.why = made, self.expected, self.why
            unit.heed = self.service.context.heed
            await work(unit)

        return self._answer(await self.service.streams.transact(watched, await self.meta(), within=within))

    def new_id(self) -> UUID:
        """For a thing that this command creates."""
        id = uuid4()
        self._new.add(id)
        return id

    def look_again(self, login: str) -> None:
        """The directory says something else of this person now: who comes in here is asked about anew."""
        self.request.app.state.standing.forget(login)

    async def meta(self) -> Meta:
        """Kept with every fact that follows. A key belongs to its user: two may use the same one."""
        if self.key is None:
            return Meta(who=self.user.login, why=self.why, correlation_id=self.correlation_id)
        return Meta(
            who=self.user.login,
            why=self.why,
            correlation_id=self.correlation_id,
            key=f"{self.user.login} {self.key}",
            fingerprint=await self._fingerprint(),
        )

    async def _fingerprint(self) -> bytes:
        scope = self.request.scope
        digest = hashlib.sha256()
        for part in (
            scope["method"].encode(),
            scope["path"].encode(),
            scope["query_string"],
            await self.request.body(),
        ):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
        return self.service.keys.fingerprint(digest.digest())

    def _answer(self, receipt: LogReceipt) -> Receipt:
        answer = Receipt(receipt, self.service.context.name, self.request.scope["route"].status_code or 200)
        self.response.raw_headers.extend(answer.said)  # for a route that answers with something of its own
        return answer


async def does(request: Request, response: Response) -> Doing:
    """The dependency behind ``Do``."""
    service = started(request)
    do = Doing(request, response, service, await user_of(request))
    await do.caught_up()
    return do


Do = Annotated[Doing, Depends(does)]
