"""Outside development: no private addresses, no secrets without a key."""

import base64
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from keqing_notify.app import CONTEXT
from keqing_notify.secret import KEY_VARIABLE
from keqing_shared.http.signing import issue_token, signing_key
from keqing_shared.settings import Settings
from tests.harness import BASE, serving
from tests.services.notify.neighbour import EVERYTHING, Neighbours, others
from tests.services.notify.receiver import receiving

PUBLIC, PRIVATE = "93.184.215.14", "10.0.0.8"


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, base64.b64encode(bytes(range(32))).decode())


@pytest.fixture
async def production(database: str, nats_url: str, tmp_path: Path) -> AsyncIterator[Neighbours]:
    """Tokens are checked against a file of published keys."""
    published = tmp_path / "jwks.json"
    published.write_text(json.dumps({"keys": [signing_key(tmp_path).as_dict(private=False)]}))
    async with (
        others(database, nats_url, tmp_path) as services,
        serving(
            CONTEXT, database, tmp_path, nats_url, EVERYTHING, env="production", jwks_file=published
        ) as notify,
    ):
        yield Neighbours(services, notify)


@pytest.fixture
async def admin(production: Neighbours, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    token = issue_token(Settings(env="development", home=tmp_path), "admin", ["admin"])
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(production.notify.app),
        base_url=f"{BASE}/notify",
        headers={"Authorization": f"Bearer {token}"},
    ) as client:
        yield client


def leading_to(monkeypatch: pytest.MonkeyPatch, names: dict[str, str]) -> None:
    """The system's resolver, for these names only."""
    real = socket.getaddrinfo

    def resolve(host: Any, *rest: Any, **further: Any) -> Any:
        return real(names.get(host, host), *rest, **further)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://localhost:9000/", "url-not-usable"),
        ("https://localhost/", "address-not-public"),
        ("https://169.254.169.254/latest", "address-not-public"),
        ("https://[::ffff:10.0.0.1]/", "address-not-public"),
        ("https://inside.example.com/", "address-not-public"),
    ],
)
async def test_a_webhook_into_a_private_network_is_refused(
    admin: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, url: str, problem: str
) -> None:
    leading_to(monkeypatch, {"inside.example.com": PRIVATE})
    answer = await admin.post("/webhooks", json={"url": url, "events": ["*"]})
    assert (answer.status_code, answer.json()["type"]) == (422, f"/problems/{problem}")


@pytest.mark.usefixtures("key")
async def test_a_name_that_leads_inside_later_is_found_out_at_sending(
    admin: httpx.AsyncClient, production: Neighbours, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with receiving() as receiver:
        leading_to(monkeypatch, {"turncoat.example.com": PUBLIC})
        url = f"https://turncoat.example.com:{receiver.port}/"
        answer = await admin.post("/webhooks", json={"url": url, "events": ["*"]})
        assert answer.status_code == 201, answer.text
        leading_to(monkeypatch, {"turncoat.example.com": "127.0.0.1"})
        await production.tell("pipeline", "DealWon", uuid4(), {"owner": "li.wei"})
        while True:
            position = production.notify.service.log.position
            await production.notify.catch_up()
            (row,) = (await admin.get("/deliveries")).json()["items"]
            if row["attempts"]:
                break
            await production.notify.service.log.wait_beyond(position, 1)
        assert (row["standing"], row["last_status"]) == ("failed", None)
        assert row["last_reason"] == "its name leads into a private network"
        assert receiver.received == []


async def test_without_a_key_no_secret_is_made(
    admin: httpx.AsyncClient, production: Neighbours, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    leading_to(monkeypatch, {"erp.example.com": PUBLIC})
    answer = await admin.post("/webhooks", json={"url": "https://erp.example.com/", "events": ["*"]})
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/sealing-key-missing")
    assert (await admin.get("/webhooks")).json()["items"] == []
