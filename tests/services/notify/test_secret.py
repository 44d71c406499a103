"""Secrets sealed in a real table."""

import asyncio
import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from standardwebhooks import Webhook

from keqing_notify.secret import (
    KEY_VARIABLE,
    SECRETS_SCHEMA,
    SealingKeyMissing,
    Secrets,
    SecretUnreadable,
    new_secret,
)
from keqing_notify.sender import signed
from keqing_shared.settings import Settings

NOON = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)
DEVELOPMENT = Settings(env="development")
PRODUCTION = Settings(env="production")


@pytest.fixture(scope="module")
async def pool(module_database: str) -> AsyncIterator[Any]:
    async with asyncpg.create_pool(module_database, min_size=1, max_size=4) as pool:
        await pool.execute(SECRETS_SCHEMA)
        await pool.execute(SECRETS_SCHEMA)
        yield pool


def key_of(byte: int) -> str:
    return base64.b64encode(bytes([byte]) * 32).decode()


def test_a_secret_is_new_each_time_and_fits_the_standard() -> None:
    first, second = new_secret(), new_secret()
    assert first != second
    assert first.startswith("whsec_")
    assert len(base64.b64decode(first.removeprefix("whsec_"), validate=True)) == 32


async def test_a_secret_is_found_again_and_never_stored_in_clear(pool: Any) -> None:
    webhook, secret = uuid4(), new_secret()
    secrets = Secrets(DEVELOPMENT)
    await secrets.add(pool, webhook, secret, NOON)
    assert await secrets.valid(pool, webhook, NOON, DAY) == [secret]
    (row,) = await pool.fetch("SELECT * FROM webhook_secrets WHERE webhook_id = $1", webhook)
    stored = repr(dict(row)).encode() + row["sealed"]
    assert secret.encode() not in stored
    assert base64.b64decode(secret.removeprefix("whsec_")) not in stored


async def test_a_replaced_secret_is_valid_for_a_day_beside_its_successor(pool: Any) -> None:
    webhook, old, new = uuid4(), new_secret(), new_secret()
    secrets = Secrets(DEVELOPMENT)
    await secrets.add(pool, webhook, old, NOON)
    await secrets.add(pool, webhook, new, NOON + DAY)
    just_before, then = NOON + 2 * DAY - timedelta(seconds=1), NOON + 2 * DAY
    assert await secrets.valid(pool, webhook, just_before, DAY) == [new, old]
    assert await secrets.valid(pool, webhook, then, DAY) == [new]


async def test_two_rotations_at_once_leave_one_current_secret(pool: Any) -> None:
    webhook = uuid4()
    secrets = Secrets(DEVELOPMENT)
    await asyncio.gather(*(secrets.add(pool, webhook, new_secret(), NOON) for _ in range(4)))
    assert len(await secrets.valid(pool, webhook, NOON + DAY, timedelta())) == 1
    assert len(await secrets.valid(pool, webhook, NOON, DAY)) == 4


async def test_a_secret_sealed_for_one_webhook_opens_for_no_other(pool: Any) -> None:
    webhook, other = uuid4(), uuid4()
    await Secrets(DEVELOPMENT).add(pool, webhook, new_secret(), NOON)
    await pool.execute(
        "INSERT INTO webhook_secrets SELECT $2, number, sealed FROM webhook_secrets WHERE webhook_id = $1",
        webhook,
        other,
    )
    with pytest.raises(SecretUnreadable):
        await Secrets(DEVELOPMENT).valid(pool, other, NOON, DAY)


async def test_under_another_key_it_is_unreadable(pool: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    webhook: UUID = uuid4()
    monkeypatch.setenv(KEY_VARIABLE, key_of(1))
    await Secrets(PRODUCTION).add(pool, webhook, new_secret(), NOON)
    monkeypatch.setenv(KEY_VARIABLE, key_of(2))
    with pytest.raises(SecretUnreadable):
        await Secrets(PRODUCTION).valid(pool, webhook, NOON, DAY)


@pytest.mark.parametrize("key", [None, "", "short", "bm90IDMyIGJ5dGVz", "!" * 44])
def test_outside_development_a_proper_key_is_needed(key: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if key is None:
        monkeypatch.delenv(KEY_VARIABLE, raising=False)
    else:
        monkeypatch.setenv(KEY_VARIABLE, key)
    with pytest.raises(SealingKeyMissing):
        Secrets(PRODUCTION)


def test_while_two_secrets_are_valid_a_receiver_may_verify_with_either() -> None:
    old, new = new_secret(), new_secret()
    headers = signed([new, old], "msg_1", '{"a": "中"}')
    for secret in (old, new):
        assert Webhook(secret).verify('{"a": "中"}', headers) == {"a": "中"}
