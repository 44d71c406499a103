"""One import from its first row to its last."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import aclosing, suppress
from dataclasses import dataclass, field

from keqing_local.importing.errors import Errors, refusals_of
from keqing_local.importing.row import Refusal, Row, Step
from keqing_local.importing.sending import MOST_BYTES, Answer, Chunk, Sender

UNDER_WAY = 3
"""Requests at once; more would only queue up over there."""

WAITING = "waiting"
"""Of a dry run: the row needs another one of this import, which a dry run does not make."""


@dataclass
class Tally:
    """What became of a step's rows."""

    noun: str
    outcomes: Counter[str] = field(default_factory=Counter)


@dataclass
class Import:
    sender: Sender
    errors: Errors
    chunk: int
    """Rows in one request."""
    dry_run: bool
    progress: Callable[[Step, int], None]
    """Told of a step, and how many more of its rows are done with."""
    tallies: list[Tally]
    """Grows by one for each step begun."""
    _would_be_made: set[str] = field(default_factory=set)

    async def run(self, steps: Iterable[Step]) -> None:
        """Each step's rows may count on those of the steps before it. Raises CannotRun."""
        position: str | None = None
        for step in steps:
            tally, after = Tally(step.noun), position
            self.tallies.append(tally)
            async with aclosing(self._answers(step, after)) as answers:
                async for chunk, answer in answers:
                    self._count(step, tally, chunk, answer)
                    position = furthest(position, answer.position)
                    self.progress(step, chunk.read)

    async def _answers(self, step: Step, after: str | None) -> AsyncGenerator[tuple[Chunk, Answer], None]:
        """In the order of the rows, a few requests ahead."""
        under_way: deque[tuple[Chunk, asyncio.Task[Answer]]] = deque()
        most = 1 if step.in_order else UNDER_WAY
        try:
            for chunk in chunks(step.read(), self.chunk):
                if len(under_way) == most:
                    done, task = under_way.popleft()
                    yield done, await task
                under_way.append((chunk, asyncio.create_task(self._send(step, chunk, after))))
            while under_way:
                done, task = under_way.popleft()
                yield done, await task
        finally:
            for _, task in under_way:
                task.cancel()
            for _, task in under_way:
                with suppress(asyncio.CancelledError, Exception):
                    await task

    async def _send(self, step: Step, chunk: Chunk, after: str | None) -> Answer:
        if not chunk.rows:
            return Answer((), None)
        return await self.sender.send(step.address, chunk, after)

    def _count(self, step: Step, tally: Tally, chunk: Chunk, answer: Answer) -> None:
        refusals = list(chunk.refusals)
        tally.outcomes["refused"] += len(chunk.refusals)
        for row, outcome, problem in answer.results:
            if outcome == "refused" and self._waits(row, problem):
                outcome = WAITING
            tally.outcomes[outcome] += 1
            if outcome == "refused":
                refusals += refusals_of(row.line, problem)
            elif self.dry_run and outcome in ("created", WAITING) and row.makes:
                self._would_be_made.add(row.makes)
        for refusal in sorted(refusals, key=lambda one: one.line):
            self.errors.note(step.source, refusal)

    def _waits(self, row: Row, problem: dict[str, object]) -> bool:
        """Refused only because a dry run has not made what it needs."""
        return str(problem.get("type")).endswith("-unknown") and not self._would_be_made.isdisjoint(row.needs)


def furthest(position: str | None, answered: str | None) -> str | None:
    """Where the next step must wait for: answers of one context may overtake each other."""
    if position is None or answered is None:
        return answered or position
    context, _, number = answered.partition(":")
    before, _, known = position.partition(":")
    return position if context == before and int(known) > int(number) else answered


def chunks(rows: Iterator[Row | Refusal], most: int) -> Iterator[Chunk]:
    """Of at most so many rows, and no more bytes than a request may have."""
    good: list[Row] = []
    bad: list[Refusal] = []
    size = 0
    for row in rows:
        if isinstance(row, Refusal):
            bad.append(row)
        else:
            takes = len(row.sent) + 1
            if good and size + takes > MOST_BYTES:
                yield Chunk(tuple(good), tuple(bad))
                good, bad, size = [], [], 0
            good.append(row)
            size += takes
        if len(good) + len(bad) == most:
            yield Chunk(tuple(good), tuple(bad))
            good, bad, size = [], [], 0
    if good or bad:
        yield Chunk(tuple(good), tuple(bad))
