"""What is asked of the log, and what it answers."""

import hashlib
import struct
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
from eventsourcing.persistence import IntegrityError

from keqing_shared.domain import Fact, InvalidInput, RuleBroken, Worded

IMPORT = "import"
"""The reason of an import whose sender gave none. It tells nothing of anybody, and is kept as it is."""


class Meta(msgspec.Struct, frozen=True, kw_only=True):
    """Who wants it, why, and as part of what: kept with every fact."""

    who: str
    why: str | None = None
    command_id: UUID = msgspec.field(default_factory=uuid4)
    correlation_id: str = ""
    causation_id: str | None = None
    key: str | None = None
    """Idempotency key, unique in the context; a repeat is answered with the first receipt."""
    fingerprint: bytes = b""
    """Of the command behind the key: the same key with another fingerprint is refused."""


class Claim(msgspec.Struct, frozen=True):
    """A name that one stream holds alone; not exclusive: taken if free, shared if not."""

    scope: str
    key: str
    exclusive: bool = True


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """A command's answer: its stream, or what it made within it, the stream's version now, the log's
    position, the facts' names."""

    id: UUID
    version: int
    position: int
    facts: tuple[str, ...]


class Repeated(Receipt, frozen=True, kw_only=True):
    """The receipt of the first time, for a command that came again under its key."""


class NewFact(msgspec.Struct, frozen=True):
    """A fact and the place it wants in its stream."""

    originator_id: UUID
    originator_version: int
    fact: Fact
    customer_id: UUID | None

    @property
    def owner(self) -> UUID:
        """Under whose key what is personal in it is sealed."""
        return self.customer_id or self.originator_id


class HeldClaim(msgspec.Struct, frozen=True):
    """A claim on behalf of a stream; kind ``e`` exclusive, ``s`` shared if taken, ``r`` release."""

    scope: str
    key: str
    holder: UUID
    kind: str


class Request(msgspec.Struct, frozen=True):
    """Facts to be appended all together or not at all."""

    facts: tuple[NewFact, ...]
    meta: Meta
    recorded_at: datetime
    subject: UUID
    """The stream that the receipt speaks of."""
    version: int
    """Of the subject, afterwards."""
    claims: tuple[HeldClaim, ...] = ()
    upon: tuple[tuple[UUID, int], ...] = ()
    """Other streams that it was decided upon, and their versions then; moved on since: a conflict."""
    made: UUID | None = None
    """What the receipt names when that is something within the subject."""

    def receipt(self, position: int) -> Receipt:
        return Receipt(
            id=self.made or self.subject,
            version=self.version,
            position=position,
            facts=tuple(type(new.fact).__name__ for new in self.facts),
        )


class Conflict(Worded, IntegrityError):
    """Somebody else wrote to the stream, or to one that it was decided upon, since it was read."""


class Taken(RuleBroken):
    """That name is already taken"""

    def __init__(self, scope: str, key: str, holder: UUID) -> None:
        super().__init__(
            "{scope} '{key}' already belongs to {holder}", scope=scope, key=key, holder=str(holder)
        )
        self.holder = holder


class KeyReused(InvalidInput):
    """The idempotency key was used before, for another command"""


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def digest(
    originator_id: UUID,
    originator_version: int,
    topic: str,
    state: bytes,
    customer_id: UUID | None,
    recorded_at: datetime,
    why: str | None,
    meta: Meta | Any,
) -> bytes:
    """SHA-256 over a row's content as it is stored, every column length-prefixed; the hash chain links these.

    ``hash(n) = sha256(hash(n-1) || int8(n) || digest(n))``, ``hash(0)`` is 32 zero bytes.
    ``meta`` is anything with who, command_id, correlation_id and causation_id.
    """
    moment = recorded_at - _EPOCH
    parts = (
        topic.encode(),
        state,
        b"" if customer_id is None else customer_id.bytes,
        meta.who.encode(),
        meta.correlation_id.encode(),
        b"\0" if why is None else b"\1" + why.encode(),
        b"\0" if meta.causation_id is None else b"\1" + meta.causation_id.encode(),
    )
    fixed = _FIXED.pack(
        originator_id.bytes,
        originator_version,
        (moment.days * 86_400 + moment.seconds) * 1_000_000 + moment.microseconds,
        meta.command_id.bytes,
        *map(len, parts),
    )
    return hashlib.sha256(b"".join((fixed, *parts))).digest()


_FIXED = struct.Struct(">16sqq16s7I")
