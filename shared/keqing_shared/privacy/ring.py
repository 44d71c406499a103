"""The keys that are in memory: what they seal and open, without any I/O.

A sealed fact is one JSON object still: ``{"grade":"A","note":\\n"[erased]"\\n,"~":\\n"<sealed>"\\n}``. In the
place of each personal value stands what it reads once erased; the newlines, which JSON written by us has
nowhere else, tell the places. Opening puts the values back; a fact whose key is destroyed is read as it is.
"""

import os
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from keqing_shared.domain.personal import ERASED

LIMIT = 5_000
"""Keys kept in memory, some 2.5 kB each; beyond it all are forgotten and those needed fetched again."""

_MARK = b',"~":\n"'
_END = b'"\n}'
_OWNER, _NONCE = 16, 12
_WHY = "\x01"
"""Begins a sealed reason: one as people give it holds no control character."""
_WHY_ABOUT = b"why"
_STATE = b"~"
"""Begins a sealed snapshot, and no JSON."""
_STATE_ABOUT = b"snapshot"


class KeyNotLoaded(Exception):
    """The keys of these owners (their ids' bytes) are not in memory."""

    def __init__(self, *owners: bytes) -> None:
        super().__init__(f"{len(owners)} keys are not in memory")
        self.owners = owners


class KeyRing:
    """Keys by owner: a customer, or a stream as long as it belongs to no customer. Those of the erased
    are known as destroyed: what was sealed under them reads ERASED, and nothing is sealed any more."""

    def __init__(self) -> None:
        self._ciphers: dict[bytes, AESGCM | None] = {}
        self.destroyed: set[bytes] = set()
        """Owners who were once found to be without a key; that never changes."""
        self.forgotten = 0
        """How often: a key that was on its way here meanwhile is looked for again."""

    def missing(self, owners: Iterable[bytes]) -> list[bytes]:
        return [owner for owner in dict.fromkeys(owners) if owner not in self._ciphers]

    def room(self, count: int) -> bool:
        """Whether so many more may be kept."""
        return len(self._ciphers) + count <= LIMIT

    def keep(self, keys: Mapping[bytes, bytes | None]) -> None:
        """None: destroyed."""
        for owner, key in keys.items():
            self._ciphers[owner] = None if key is None else AESGCM(key)
            if key is None:
                self.destroyed.add(owner)

    def clear(self) -> None:
        """Makes room."""
        self._ciphers.clear()

    def forget(self) -> None:
        """All of them, because one was destroyed."""
        self.forgotten += 1
        self.clear()

    @contextmanager
    def lent(self, keys: Mapping[bytes, bytes | None]) -> Iterator[None]:
        """Known within only; nothing may be awaited there."""
        self.keep(keys)
        try:
            yield
        finally:
            for owner in keys:
                self._ciphers.pop(owner, None)
                self.destroyed.discard(owner)

    def seal_fact(self, topic: str, owner: UUID, clear: bytes, values: bytes) -> bytes:
        """``clear``: JSON with stand-ins between newlines; ``values``: the personal ones, a line each.

        Bound to the topic and to what stands around them, so that they open nowhere else.
        """
        cipher = self._cipher(owner.bytes)
        if cipher is None:
            return clear.replace(b"\n", b"")
        body = clear[:-1]
        return b"".join(
            (
                body,
                _MARK,
                b2a_base64(_seal(cipher, owner.bytes, values, topic.encode() + body), newline=False),
                _END,
            )
        )

    def open_fact(self, topic: str, state: bytes) -> bytes:
        """The JSON as it was before it was sealed, or as it reads once erased."""
        body, mark, sealed = state.rpartition(_MARK)
        if not mark:
            return state
        values = self._open(a2b_base64(sealed[: -len(_END)]), topic.encode() + body)
        if values is None:
            return body + b"}"
        parts = body.split(b"\n")
        parts[1::2] = values.splitlines()
        return b"".join(parts) + b"}"

    def seal_why(self, owner: UUID, why: str) -> str:
        cipher = self._cipher(owner.bytes)
        if cipher is None:
            return ERASED
        return _WHY + b2a_base64(_seal(cipher, owner.bytes, why.encode(), _WHY_ABOUT), newline=False).decode()

    def open_why(self, why: str) -> str:
        if not is_sealed_why(why):
            return why
        opened = self._open(a2b_base64(why[len(_WHY) :]), _WHY_ABOUT)
        return ERASED if opened is None else opened.decode()

    def seal_state(self, owner: UUID, state: bytes) -> bytes | None:
        """None: it must not be kept."""
        cipher = self._cipher(owner.bytes)
        return None if cipher is None else _STATE + _seal(cipher, owner.bytes, state, _STATE_ABOUT)

    def open_state(self, state: bytes) -> bytes | None:
        """None: nobody can read it any more."""
        return self._open(state[len(_STATE) :], _STATE_ABOUT) if state.startswith(_STATE) else state

    def _cipher(self, owner: bytes) -> AESGCM | None:
        try:
            return self._ciphers[owner]
        except KeyError:
            raise KeyNotLoaded(owner) from None

    def _open(self, sealed: bytes, about: bytes) -> bytes | None:
        cipher = self._cipher(sealed[:_OWNER])
        if cipher is None:
            return None
        start = _OWNER + _NONCE
        return cipher.decrypt(sealed[_OWNER:start], sealed[start:], about)


def _seal(cipher: AESGCM, owner: bytes, plain: bytes, about: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return owner + nonce + cipher.encrypt(nonce, plain, about)


def owner_of_fact(state: bytes) -> bytes | None:
    """Under whose key; None: it is not sealed."""
    _, mark, sealed = state.rpartition(_MARK)
    return a2b_base64(sealed[:24])[:_OWNER] if mark else None


def is_sealed_why(why: str) -> bool:
    return why.startswith(_WHY)


def owner_of_why(why: str | None) -> bytes | None:
    if why is None or not is_sealed_why(why):
        return None
    return a2b_base64(why[len(_WHY) : len(_WHY) + 24])[:_OWNER]


def owner_of_state(state: bytes) -> bytes | None:
    return state[len(_STATE) :][:_OWNER] if state.startswith(_STATE) else None
