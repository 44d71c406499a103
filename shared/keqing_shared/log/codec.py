"""From facts to stored bytes and back, old versions included."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from uuid import UUID

import msgspec

from keqing_shared.domain import Fact
from keqing_shared.domain.personal import ERASED, Blanks, erased
from keqing_shared.log.request import IMPORT, NewFact
from keqing_shared.privacy import Keys
from keqing_shared.privacy.erasure import KeyDestroyed
from keqing_shared.privacy.ring import is_sealed_why, owner_of_fact, owner_of_why

_encoder = msgspec.json.Encoder()
_encode = _encoder.encode


def _place(annotation: Any) -> msgspec.Raw:
    """Where a personal value stood, and how it reads once erased: see ``privacy.ring``."""
    return msgspec.Raw(b"\n" + _encode(erased(annotation)) + b"\n")


class UnknownTopic(Exception):
    """The log holds a topic that no registered fact answers to."""


class Codec:
    """Knows the facts of one context by their topics.

    A stored version older than the class's passes through its ``upcast_vN_vM`` static methods
    (the eventsourcing library's convention), each amending the decoded JSON object in place.

    With ``keys``, personal values are sealed under the key of their owner: encoding and decoding then
    raise KeyNotLoaded unless it is in memory (``keys.held``). Without, facts are stored as they are.
    """

    def __init__(self, facts: Iterable[type[Fact]], keys: Keys | None = None) -> None:
        self.keys = keys
        self.destructions = 0
        """How often it was read that a key was destroyed: what was decoded with it is to be decoded again."""
        self._blanks = Blanks(_place)
        self._decoders: dict[str, Callable[[bytes], Fact]] = {}
        self._unopened: dict[str, Callable[[bytes], Fact]] = {}
        self._kinds: dict[str, type[Fact]] = {}
        for fact in facts:
            kind = _kind(fact.topic)
            if not fact.topic:
                raise TypeError(f"{fact.__name__} has no topic")
            if self._kinds.setdefault(kind, fact) is not fact:
                raise TypeError(f"{fact.__name__} and {self._kinds[kind].__name__} share the topic {kind!r}")
            decode = self._unopened[fact.topic] = msgspec.json.Decoder(fact).decode
            concerned = keys is not None and self._blanks.concern(fact)
            self._decoders[fact.topic] = partial(self._opened, fact.topic, decode) if concerned else decode
            if fact is KeyDestroyed:
                self._decoders[fact.topic] = partial(self._noticed, decode)
        self._sealed = frozenset(fact for fact in self._kinds.values() if keys and self._blanks.concern(fact))

    @property
    def facts(self) -> tuple[type[Fact], ...]:
        """Every fact this codec knows."""
        return tuple(self._kinds.values())

    def encode(self, fact: Fact, owner: UUID | None = None) -> bytes:
        """``owner``: under whose key what is personal is sealed, where there are keys."""
        if type(fact) not in self._sealed:
            return _encode(fact)
        assert self.keys is not None, "only then anything is sealed"
        assert owner is not None, "whose data it is must be known"
        taken: list[Any] = []
        blank = self._blanks.blank(fact, taken)
        if not taken:
            return _encode(fact)
        return self.keys.ring.seal_fact(fact.topic, owner, _encode(blank), _encoder.encode_lines(taken))

    def decode(self, topic: str, state: bytes) -> Fact:
        decode = self._decoders.get(topic)
        return self._upcast(topic, self._clear(topic, state)) if decode is None else decode(state)

    def decode_unopened(self, topic: str, state: bytes) -> Fact:
        """As it reads once erased: what is sealed stays so, and no key is needed."""
        decode = self._unopened.get(topic)
        return self._upcast(topic, state) if decode is None else decode(state)

    def concerns(self, new: NewFact, why: str | None) -> bool:
        """Whether something of it is sealed: what is personal in it, or why it is recorded."""
        return type(new.fact) in self._sealed or self._tells(why, new)

    def encode_why(self, why: str, new: NewFact) -> str:
        """A reason may say anything about a customer."""
        return self.keys.ring.seal_why(new.owner, why) if self._tells(why, new) and self.keys else why

    def _tells(self, why: str | None, new: NewFact) -> bool:
        """Whether the reason may say something about somebody."""
        if why is None or why == IMPORT:
            return False
        return new.customer_id is not None or type(new.fact) in self._sealed

    def decode_why(self, why: str) -> str:
        return self.keys.ring.open_why(why) if self.keys else why

    @staticmethod
    def why_unopened(why: str) -> str:
        return ERASED if is_sealed_why(why) else why

    def name(self, scope: str, key: str) -> str:
        """How a claim's key is stored."""
        return self.keys.hashed(scope, key) if self.keys else key

    def owners(self, states: Iterable[bytes], whys: Iterable[str | None] = ()) -> list[bytes]:
        """Under whose keys these are sealed."""
        found = (*map(owner_of_fact, states), *map(owner_of_why, whys)) if self.keys else ()
        return [owner for owner in found if owner is not None]

    def topics(self, names: Iterable[str]) -> list[str]:
        """The topics, all versions, of facts called by class name or topic kind."""
        wanted = set(names)
        return [
            f"{kind}.v{version}"
            for kind, fact in self._kinds.items()
            if fact.__name__ in wanted or kind in wanted or fact.topic in wanted
            for version in range(1, fact.class_version + 1)
        ]

    def _opened(self, topic: str, decode: Callable[[bytes], Fact], state: bytes) -> Fact:
        return decode(self._clear(topic, state) if b"\n" in state else state)

    def _clear(self, topic: str, state: bytes) -> bytes:
        return state if self.keys is None else self.keys.ring.open_fact(topic, state)

    def _noticed(self, decode: Callable[[bytes], Fact], state: bytes) -> Fact:
        self.destructions += 1
        return decode(state)

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
