"""The master key comes from the environment; in development one is made once."""

import base64
from pathlib import Path

import pytest

from keqing_shared.privacy import MasterKeys, master_keys
from keqing_shared.privacy.master import KEY_FILE
from keqing_shared.settings import Settings, SettingsWrong

OLD, NEW = (base64.b64encode(letter * 32).decode() for letter in (b"o", b"n"))


def given(text: str, **more: object) -> MasterKeys:
    return master_keys(Settings(master_key=text, **more))


def test_the_first_wraps_and_all_unwrap() -> None:
    old, both, new = given(OLD), given(f"{NEW}, {OLD}"), given(NEW)
    wrapped = old.wrap(b"owner", b"k" * 32)
    assert both.unwrap(b"owner", old.current, wrapped) == b"k" * 32
    assert both.current == new.current != old.current
    assert both.known == (new.current, old.current)
    with pytest.raises(SettingsWrong, match=f"KEQING_MASTER_KEY: .*{old.current}, which is not given"):
        new.unwrap(b"owner", old.current, wrapped)


def test_a_wrapped_key_is_its_owners_alone() -> None:
    masters = given(OLD)
    wrapped = masters.wrap(b"owner", b"k" * 32)
    with pytest.raises(SettingsWrong, match="does not open the key"):
        masters.unwrap(b"other", masters.current, wrapped)


@pytest.mark.parametrize("wrong", ["", "abc", OLD[:-8], f"{OLD},", f"{OLD};{NEW}"])
def test_what_is_no_key_is_said_in_one_line(wrong: str) -> None:
    with pytest.raises(
        SettingsWrong, match=r"^KEQING_MASTER_KEY: a key is 32 bytes in base64 \(openssl.*\)$"
    ):
        given(wrong)
    assert OLD not in repr(Settings(master_key=OLD))


def test_outside_development_it_is_required(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("KEQING_MASTER_KEY")
    with pytest.raises(SettingsWrong, match=r"^KEQING_MASTER_KEY: set it to 32 bytes in base64"):
        master_keys(Settings(home=tmp_path))
    development = Settings(home=tmp_path / "home", env="development")
    assert master_keys(development).current == master_keys(development).current
    file = tmp_path / "home" / KEY_FILE
    assert file.stat().st_mode & 0o777 == 0o600
