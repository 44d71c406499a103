"""The envelope of every message on NATS: a CloudEvent 1.0 in structured JSON mode.

Encoded and decoded by msgspec, because it is on the path of every fact; the tests hold it against
the cloudevents library's reading.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from keqing_shared.domain import Recorded
from keqing_shared.messaging.published import Published

CONTENT_TYPE = "application/cloudevents+json"
NOBODY = "_"
"""Stands in a subject for the customer of a message that belongs to none."""


class NotOurs(Exception):
    """Not a message that a relay of this system wrote."""


class Envelope(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The attributes of a message. ``position``, ``previous``, ``who``, ``correlationid`` and
    ``causationid`` are extensions; integers, so a log may reach 2³¹ - 1 facts before they must grow."""

    specversion: str
    id: str
    """``<context>:<position>``"""
    source: str
    """``/keqing/<context>``"""
    type: str
    """``keqing.<context>.<Name>.v1``"""
    subject: UUID | None = None
    """The customer."""
    time: datetime
    """When the fact was recorded."""
    datacontenttype: str
    position: int
    """The fact's place in its context's log."""
    previous: int
    """The position of the message published before this one by the same context; 0 for its first."""
    who: str
    correlationid: str = ""
    causationid: str | None = None
    data: msgspec.Raw

    @property
    def context(self) -> str:
        return self.source.removeprefix("/keqing/")

    @property
    def name(self) -> str:
        return self.type.rsplit(".", 2)[1]


class Message(msgspec.Struct, frozen=True):
    """What the relay hands to NATS."""

    subject: str
    id: str
    """``Nats-Msg-Id``"""
    payload: bytes


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Envelope)


def message(context: str, previous: int, it: Recorded[Any], published: Published) -> Message:
    """The message that tells of a fact."""
    envelope = Envelope(
        specversion="1.0",
        id=f"{context}:{it.position}",
        source=f"/keqing/{context}",
        type=f"keqing.{context}.{published.name}.v1",
        subject=it.customer_id,
        time=it.recorded_at,
        datacontenttype="application/json",
        position=it.position,
        previous=previous,
        who=it.who,
        correlationid=it.correlation_id,
        causationid=it.causation_id,
        data=msgspec.Raw(_encoder.encode(published.data)),
    )
    return Message(
        f"keqing.{context}.{published.name}.{it.customer_id or NOBODY}",
        envelope.id,
        _encoder.encode(envelope),
    )


def opened(payload: bytes) -> Envelope:
    """Raises NotOurs."""
    try:
        envelope = _decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotOurs(str(error)) from None
    if (
        envelope.specversion != "1.0"
        or envelope.id != f"{envelope.context}:{envelope.position}"
        or not envelope.type.startswith(f"keqing.{envelope.context}.")
        or not 0 <= envelope.previous < envelope.position
    ):
        raise NotOurs(f"the attributes of {envelope.id!r} contradict each other")
    return envelope
