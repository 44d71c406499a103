"""The chain of hashes as it can be computed again from stored rows."""

import hashlib

START = bytes(32)
"""The hash before the first fact."""


def _content() -> str:
    """SQL of a row's content, byte by byte what ``request.digest`` hashes.

    A moment beyond any that Python knows is no fact of ours: bounded, lest the sum overflow.
    """
    parts = (
        "convert_to(topic, 'UTF8')",
        "state",
        "coalesce(uuid_send(customer_id), '')",
        "convert_to(who, 'UTF8')",
        "convert_to(correlation_id, 'UTF8')",
        r"coalesce('\x01'::bytea || convert_to(why, 'UTF8'), '\x00')",
        r"coalesce('\x01'::bytea || convert_to(causation_id, 'UTF8'), '\x00')",
    )
    fixed = (
        "uuid_send(originator_id)",
        "int8send(originator_version)",
        "timestamptz_send(least(recorded_at, '290000-01-01 00:00:00+00') + interval '946684800 seconds')",
        "uuid_send(command_id)",
    )
    lengths = (f"int4send(octet_length({part}))" for part in parts)
    return f"coalesce({' || '.join((*fixed, *lengths, *parts))}, '')"


CONTENT = _content()


def link(before: bytes, position: int, content: bytes) -> bytes:
    """The hash of a row of this content at this position, after a row with the hash ``before``."""
    number = position.to_bytes(8, "big", signed=True)
    return hashlib.sha256(before + number + hashlib.sha256(content).digest()).digest()
