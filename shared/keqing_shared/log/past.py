"""What a stream is folded from."""

from collections.abc import Iterator, Sequence
from typing import Any

from keqing_shared.domain import Fact
from keqing_shared.log.codec import Codec


class Past:
    """Facts with their versions in the stream, in order: all that folding needs.

    Each is decoded when its turn comes and may be forgotten after it: ten thousand kept at once cost
    more in the garbage collector than in everything else.
    """

    def __init__(self, codec: Codec, rows: Sequence[Any]) -> None:
        self._codec = codec
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[tuple[int, Fact]]:
        decode = self._codec.decode
        for version, topic, state in self._rows:
            yield version, decode(topic, state)

    def unopened(self) -> Iterator[tuple[int, Fact]]:
        """What is personal reads as if it were erased, and no key is needed."""
        decode = self._codec.decode_unopened
        for version, topic, state in self._rows:
            yield version, decode(topic, state)

    def sealed_by(self) -> list[bytes]:
        """The owners of the keys that these facts are sealed under."""
        return self._codec.owners(row[2] for row in self._rows)
