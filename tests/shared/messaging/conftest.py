from collections.abc import AsyncIterator

import pytest

from tests.shared.messaging.post import FOLDER, OUTBOX, Party, party, running


@pytest.fixture
async def sender(database: str, nats_url: str) -> AsyncIterator[Party]:
    async with party("sender", database, nats_url, OUTBOX) as sender:
        yield sender


@pytest.fixture
async def receiver(database: str, nats_url: str) -> AsyncIterator[Party]:
    async with party("receiver", database, nats_url, FOLDER) as receiver:
        yield receiver


@pytest.fixture
async def relayed(sender: Party) -> AsyncIterator[Party]:
    """A sender whose relay runs."""
    async with running(sender.relay().run):
        yield sender
