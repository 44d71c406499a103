"""Checkpoints on paper: what was signed is known again, anything else is not."""

import base64
import stat
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keqing_shared.key_file import key_bytes
from keqing_shared.log.damage import Damage, Finding
from keqing_shared.log.signed import SignedCheckpoint, append, checkpoint, judge, public_bytes, read
from keqing_shared.log.signing_key import KEY_FILE, signing_key
from keqing_shared.settings import Settings, SettingsWrong

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
OURS = {public_bytes(KEY)}
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
HASH = bytes(range(32))


def of(position: int, hash: bytes = HASH, key: Ed25519PrivateKey = KEY) -> SignedCheckpoint:
    return checkpoint(key, "pipeline", position, hash, AT)


def damage(*checkpoints: SignedCheckpoint) -> tuple[int, Damage]:
    finding = judge(checkpoints, OURS)
    assert isinstance(finding, Finding)
    return finding.position, finding.damage


def test_what_was_signed_is_read_back_by_context(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "checkpoints"
    for one in (of(3), checkpoint(KEY, "notify", 1, HASH, AT), of(7)):
        append(path, one)
    assert read(path, "pipeline") == ([of(3), of(7)], 0)
    assert judge(read(path, "pipeline")[0], OURS) == {3: HASH, 7: HASH}


@pytest.mark.parametrize(
    "change",
    [
        {"context": "notify"},
        {"position": 8},
        {"hash": HASH[::-1]},
        {"at": AT.replace(year=2025)},
        {"signature": bytes(64)},
        {"signature": b""},
    ],
)
def test_a_checkpoint_altered_afterwards_is_found(change: dict[str, object]) -> None:
    altered = msgspec.structs.replace(of(7), **change)
    assert damage(of(3), altered) == (altered.position, Damage.SIGNATURE)


def test_a_checkpoint_of_a_strangers_key_is_found() -> None:
    stranger = Ed25519PrivateKey.from_private_bytes(b"s" * 32)
    assert damage(of(3), of(7, key=stranger)) == (7, Damage.SIGNATURE)
    assert damage(msgspec.structs.replace(of(7, key=stranger), key=public_bytes(KEY))) == (
        7,
        Damage.SIGNATURE,
    )


def test_two_that_contradict_each_other_are_found() -> None:
    assert damage(of(3), of(3, hash=bytes(32))) == (3, Damage.REWRITTEN)


def test_a_line_cut_short_by_a_crash_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "checkpoints"
    append(path, of(3))
    path.write_bytes(path.read_bytes() + of(5).encoded()[:40])
    append(path, of(7))
    assert read(path, "pipeline") == ([of(3), of(7)], 1)


def test_the_key_of_the_environment_is_taken_and_a_wrong_one_is_named(tmp_path: Path) -> None:
    given = base64.b64encode(b"k" * 32).decode()
    key = signing_key(Settings(home=tmp_path, signing_key=given))
    assert key is not None
    assert public_bytes(key) in OURS
    assert given not in repr(Settings(signing_key=given))
    for wrong in ("", "abc", "schlüssel", given[:-8]):
        with pytest.raises(SettingsWrong, match="KEQING_SIGNING_KEY: a key is 32 bytes"):
            signing_key(Settings(home=tmp_path, signing_key=wrong))
    with pytest.raises(SettingsWrong, match="--public-key"):
        key_bytes("abc", "--public-key")


def test_in_development_only_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert signing_key(Settings(home=home)) is None
    assert signing_key(Settings(home=home, env="development"), make=False) is None
    assert not home.exists()
    made = signing_key(Settings(home=home, env="development"))
    again = signing_key(Settings(home=home, env="development"))
    assert made is not None
    assert again is not None
    assert public_bytes(made) == public_bytes(again)
    assert [path.name for path in home.iterdir()] == [KEY_FILE]
    assert stat.S_IMODE((home / KEY_FILE).stat().st_mode) == 0o600
