"""Nonces of AES-GCM: random, and taken from the system many at a time, since it is asked for each fact."""

import os
from collections import deque

LENGTH = 12
"""Bytes."""
_AT_ONCE = 256

_ahead: deque[bytes] = deque()
os.register_at_fork(after_in_child=_ahead.clear)  # or both would go on with the same ones


def nonce() -> bytes:
    """One that was never given before."""
    try:
        return _ahead.popleft()
    except IndexError:
        _ahead.extend(random_pieces(LENGTH, _AT_ONCE))
        return _ahead.popleft()


def random_pieces(length: int, count: int) -> list[bytes]:
    """So many, of so many bytes each."""
    block = os.urandom(length * count)
    return [block[start : start + length] for start in range(0, len(block), length)]
