"""The JetStream stream of one context: its facts for the others, in the log's order, nothing missing.

NATS is transport. What is in a stream can be made again from the log at any time, so a stream that was
tampered with is thrown away and written anew.
"""

from dataclasses import dataclass
from uuid import UUID

import structlog
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import RawStreamMsg, StorageType, StreamConfig, StreamInfo
from nats.js.errors import NotFoundError

from keqing_shared.messaging.envelope import Envelope, NotOurs, opened

DUPLICATE_WINDOW = 120.0
"""Seconds for which NATS itself refuses a message id that it has seen."""
API_SECONDS = 2.0
LOG_ID = "keqing-log"
"""Metadata of a stream: which log it was written from."""

_log = structlog.get_logger(__name__)


class StreamDisagrees(Exception):
    """The stream was written from another log than ours, or from a future of ours; a human must decide."""


@dataclass(frozen=True)
class Tail:
    """Where a stream ends."""

    sequence: int
    """The stream's last sequence number."""
    position: int
    """The log position of its last message; 0 when it is empty."""


class ContextStream:
    """The stream ``KEQING_<CONTEXT>`` as its relay keeps it and its consumers find their place in it."""

    def __init__(self, nats: Client, context: str) -> None:
        self.context = context
        self.name = f"KEQING_{context.upper().replace('-', '_')}"
        self.subjects = f"keqing.{context}.>"
        self.jetstream: JetStreamContext = nats.jetstream(timeout=API_SECONDS)

    async def keep(self, log_id: UUID) -> Tail:
        """Creates or updates the stream, and makes it anew when it is damaged. Raises StreamDisagrees."""
        try:
            info = await self.jetstream.stream_info(self.name)
        except NotFoundError:
            return await self._create(log_id)
        owner = (info.config.metadata or {}).get(LOG_ID)
        if owner != str(log_id) and (owner is not None or info.state.messages):
            raise StreamDisagrees(
                f"stream {self.name} holds the facts of another log ({owner}, not {log_id}):"
                " point to the NATS server of this database, or delete the stream"
            )
        if damage := await self._damage(info):
            _log.error("stream.rebuilt", stream=self.name, damage=damage)
            return await self.rebuild(log_id)
        await self._update(info, log_id)
        if not info.state.messages:
            return Tail(0, 0)
        return Tail(info.state.last_seq, (await self._envelope(info.state.last_seq)).position)

    async def rebuild(self, log_id: UUID) -> Tail:
        """Throws the stream away and starts it empty; the relay then writes it again from the log.

        Purging would not do: the server would go on refusing the ids it remembers.
        """
        await self.jetstream.delete_stream(self.name)
        return await self._create(log_id)

    async def gap_after(self, position: int) -> bool:
        """Whether the first message beyond the position lacks its predecessor, or a foreign one is there."""
        state = (await self.jetstream.stream_info(self.name)).state
        sequence = await self.sequence_after(position)
        if sequence > state.last_seq:
            return False
        try:
            here = await self._envelope(sequence)
            before = await self._envelope(sequence - 1) if sequence > state.first_seq else None
        except (NotOurs, NotFoundError):
            return True
        return here.previous > (before.position if before else 0)

    async def sequence_after(self, position: int) -> int:
        """The sequence number of the first message beyond a log position, be it there already or not."""
        state = (await self.jetstream.stream_info(self.name)).state
        low, high = state.first_seq, state.last_seq + 1
        if not state.messages or not position:
            return max(low, 1)
        while low < high:  # positions rise with sequence numbers
            middle = (low + high) // 2
            if await self._position_at_or_after(middle) > position:
                high = middle
            else:
                low = middle + 1
        return low

    async def reaches(self, position: int) -> bool:
        """Whether it has come to a log position, the last one that a consumer knows. Raises NotFoundError."""
        state = (await self.jetstream.stream_info(self.name)).state
        if not state.messages:
            return position == 0
        try:
            return (await self._envelope(state.last_seq)).position >= position
        except (NotOurs, NotFoundError):  # damaged: whoever reads on finds out
            return True

    async def log_id(self) -> UUID | None:
        """Which log the stream was written from. Raises NotFoundError."""
        metadata = (await self.jetstream.stream_info(self.name)).config.metadata or {}
        return UUID(metadata[LOG_ID]) if LOG_ID in metadata else None

    async def last_sequence(self) -> int:
        """Raises NotFoundError."""
        return (await self.jetstream.stream_info(self.name)).state.last_seq

    async def _create(self, log_id: UUID) -> Tail:
        await self.jetstream.add_stream(self._wanted(StreamConfig(), log_id))
        return Tail(0, 0)

    async def _update(self, info: StreamInfo, log_id: UUID) -> None:
        wanted = self._wanted(info.config, log_id)
        if wanted != info.config:
            await self.jetstream.update_stream(wanted)

    def _wanted(self, config: StreamConfig, log_id: UUID) -> StreamConfig:
        """Replicas, placement and the like stay as the operator set them."""
        return config.evolve(
            name=self.name,
            subjects=[self.subjects],
            storage=StorageType.FILE,
            max_age=0,  # a context that joins later starts at the beginning
            max_msgs=-1,
            max_bytes=-1,
            duplicate_window=DUPLICATE_WINDOW,
            metadata={**(config.metadata or {}), LOG_ID: str(log_id)},
        )

    async def _damage(self, info: StreamInfo) -> str | None:
        state = info.state
        if not state.messages:
            return "emptied" if state.last_seq else None
        if state.num_deleted:
            return f"{state.num_deleted} messages deleted"
        try:
            first = await self._envelope(state.first_seq)
            await self._envelope(state.last_seq)
        except (NotOurs, NotFoundError) as error:
            return f"foreign message: {error}"
        return "the beginning is missing" if first.previous else None

    async def _envelope(self, sequence: int) -> Envelope:
        return _opened(await self.jetstream.get_msg(self.name, seq=sequence))

    async def _position_at_or_after(self, sequence: int) -> int:
        while True:
            try:
                raw = await self.jetstream.get_msg(self.name, seq=sequence, subject=self.subjects, next=True)
            except NotFoundError:  # only deleted ones from here to the end
                return 2**63
            try:
                return _opened(raw).position
            except NotOurs:
                sequence = (raw.seq or sequence) + 1


def _opened(raw: RawStreamMsg) -> Envelope:
    return opened(raw.data or b"")
