"""From facts to stored bytes and back, old versions included."""

from collections.abc import Iterable
from typing import Any

import msgspec

from keqing_shared.domain import Fact

_encode = msgspec.json.Encoder().encode


class UnknownTopic(Exception):
    """The log holds a topic that no registered fact answers to."""


class Codec:
    """Knows the facts of one context by their topics.

    A stored version older than the class's passes through its ``upcast_vN_vM`` static methods
    (the eventsourcing library's convention), each amending the decoded JSON object in place.
    """

    def __init__(self, facts: Iterable[type[Fact]]) -> None:
        self._decoders: dict[str, msgspec.json.Decoder[Any]] = {}
        self._kinds: dict[str, type[Fact]] = {}
        for fact in facts:
            kind = _kind(fact.topic)
            if not fact.topic:
                raise TypeError(f"{fact.__name__} has no topic")
            if self._kinds.setdefault(kind, fact) is not fact:
                raise TypeError(f"{fact.__name__} and {self._kinds[kind].__name__} share the topic {kind!r}")
            self._decoders[fact.topic] = msgspec.json.Decoder(fact)

    @property
    def facts(self) -> tuple[type[Fact], ...]:
        """Every fact this codec knows."""
        return tuple(self._kinds.values())

    def encode(self, fact: Fact) -> bytes:
        return _encode(fact)

    def decode(self, topic: str, state: bytes) -> Fact:
        decoder = self._decoders.get(topic)
        if decoder is not None:
            fact: Fact = decoder.decode(state)
            return fact
        return self._upcast(topic, state)

    def topics(self, names: Iterable[str]) -> list[str]:
        """The topics, all versions, of facts called by class name or topic kind."""
        wanted = set(names)
        return [
            f"{kind}.v{version}"
            for kind, fact in self._kinds.items()
            if fact.__name__ in wanted or kind in wanted or fact.topic in wanted
            for version in range(1, fact.class_version + 1)
        ]

    def _upcast(self, topic: str, state: bytes) -> Fact:
        fact = self._kinds.get(_kind(topic))
        if fact is None:
            raise UnknownTopic(topic)
        members = msgspec.json.decode(state)
        for version in range(int(topic.rpartition(".v")[2]), fact.class_version):
            getattr(fact, f"upcast_v{version}_v{version + 1}")(members)
        return msgspec.convert(members, fact)


def _kind(topic: str) -> str:
    return topic.rpartition(".v")[0]
