"""Telling the others: facts become CloudEvents on NATS JetStream, and take effect elsewhere exactly once."""

from keqing_shared.messaging.connection import connection
from keqing_shared.messaging.consumers import Consumers
from keqing_shared.messaging.parked import NothingParked, Parked, ParkedMessage, Replayed
from keqing_shared.messaging.published import Publish, Published
from keqing_shared.messaging.reactions import Event, Reacting, Reactions, Within
from keqing_shared.messaging.relay import Relay
from keqing_shared.messaging.schema import MESSAGING_SCHEMA

__all__ = [
    "MESSAGING_SCHEMA",
    "Consumers",
    "Event",
    "NothingParked",
    "Parked",
    "ParkedMessage",
    "Publish",
    "Published",
    "Reacting",
    "Reactions",
    "Relay",
    "Replayed",
    "Within",
    "connection",
]
