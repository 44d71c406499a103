"""The log: facts in PostgreSQL, appended in groups, read in order, linked by hashes."""

from keqing_shared.log.codec import Codec, UnknownTopic
from keqing_shared.log.log import Log
from keqing_shared.log.request import (
    IMPORT,
    Claim,
    Conflict,
    HeldClaim,
    KeyReused,
    Meta,
    NewFact,
    Receipt,
    Repeated,
    Request,
    Taken,
)
from keqing_shared.log.schema import LOG_SCHEMA

__all__ = [
    "IMPORT",
    "LOG_SCHEMA",
    "Claim",
    "Codec",
    "Conflict",
    "HeldClaim",
    "KeyReused",
    "Log",
    "Meta",
    "NewFact",
    "Receipt",
    "Repeated",
    "Request",
    "Taken",
    "UnknownTopic",
]
