"""The embedded NATS: remembered address, closed to strangers, with leftovers about."""

import asyncio
import socket
import stat
from pathlib import Path

import nats
import pytest
from nats.aio.client import Client

from keqing_local.failure import CannotRun
from keqing_local.nats import EmbeddedNats


async def test_a_second_start_has_the_address_and_the_streams_of_the_first(tmp_home: Path) -> None:
    server = EmbeddedNats(tmp_home / "nats")
    server.start()
    address = server.url()
    client = await nats.connect(address)
    await client.jetstream().add_stream(name="facts", subjects=["keqing.>"])
    await client.jetstream().publish("keqing.one", b"1")
    await client.close()
    server.stop()

    again = EmbeddedNats(tmp_home / "nats")
    again.start()
    assert again.url() == address
    client = await nats.connect(again.url())
    assert (await client.jetstream().stream_info("facts")).state.messages == 1
    await client.close()
    again.stop()


async def test_a_taken_port_is_exchanged(tmp_home: Path) -> None:
    server = EmbeddedNats(tmp_home / "nats")
    server.start()
    before = server.url()
    server.stop()
    with socket.socket() as taker:
        taker.bind(("127.0.0.1", int(before.rpartition(":")[2])))
        taker.listen()
        server.start()
        assert server.url() != before
        await (await nats.connect(server.url())).close()
        server.stop()


async def test_nobody_comes_in_without_the_password(tmp_home: Path) -> None:
    server = EmbeddedNats(tmp_home / "nats")
    server.start()
    stranger = f"nats://{server.url().rpartition('@')[2]}"

    async def quiet(_: Exception) -> None:
        """The refusal itself is awaited below."""

    client = Client()
    with pytest.raises(nats.errors.Error):
        await client.connect(stranger, allow_reconnect=False, error_cb=quiet)
    client._transport.close()  # which the library leaves open ...
    await asyncio.sleep(0)  # ... and the loop closes in its next turn
    for secret in ("server.conf", "server.json"):
        assert stat.S_IMODE((server.home / secret).stat().st_mode) == 0o600
    server.stop()


def test_a_server_that_outlived_its_run_is_stopped_first(tmp_home: Path) -> None:
    forgotten = EmbeddedNats(tmp_home / "nats")
    forgotten.start()
    server = EmbeddedNats(tmp_home / "nats")
    server.start()
    assert forgotten.died()
    assert server.url() == forgotten.url()
    server.stop()


def test_another_process_can_recall_the_address(tmp_home: Path) -> None:
    server = EmbeddedNats(tmp_home / "nats")
    with pytest.raises(CannotRun, match="no NATS was started"):
        EmbeddedNats(tmp_home / "nats").recall()
    server.start()
    elsewhere = EmbeddedNats(tmp_home / "nats")
    elsewhere.recall()
    assert elsewhere.url() == server.url()
    server.stop()
