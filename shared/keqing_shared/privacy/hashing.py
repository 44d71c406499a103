"""HMAC-SHA-256 under one key, many times: what the key contributes is hashed once."""

import hashlib

_BLOCK = 64
"""Bytes; keys are shorter."""
_INNER, _OUTER = 0x36, 0x5C


class Hashing:
    """As ``hmac.digest``, which begins anew each time and takes twice as long (RFC 2104)."""

    def __init__(self, key: bytes) -> None:
        assert 0 < len(key) <= _BLOCK, "a longer one would have to be hashed first"
        padded = key.ljust(_BLOCK, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ _INNER for byte in padded))
        self._outer = hashlib.sha256(bytes(byte ^ _OUTER for byte in padded))

    def digest(self, content: bytes) -> bytes:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(content)
        outer.update(inner.digest())
        return outer.digest()
