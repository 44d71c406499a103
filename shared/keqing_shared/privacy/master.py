"""The master key: from the environment, in development also from a file made on first use.

It wraps each customer's key and nothing else, so that it can be changed without touching a fact.
"""

import os
from collections.abc import Sequence
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from keqing_shared.key_file import key_bytes, made_once
from keqing_shared.settings import Settings, SettingsWrong

KEY_FILE = "master-key"
VARIABLE = "KEQING_MASTER_KEY"
_NONCE = 12


class MasterKeys:
    """The first one wraps, all of them unwrap: a former one stays until everything is wrapped anew."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._ciphers = {_id(key): AESGCM(key) for key in keys}
        self.current = _id(keys[0])
        """Names the key, and gives nothing of it away."""

    @property
    def known(self) -> tuple[str, ...]:
        return tuple(self._ciphers)

    def wrap(self, owner: bytes, key: bytes) -> bytes:
        """Under the current one, for this owner alone."""
        nonce = os.urandom(_NONCE)
        return nonce + self._ciphers[self.current].encrypt(nonce, key, owner)

    def unwrap(self, owner: bytes, master: str, wrapped: bytes) -> bytes:
        """Raises SettingsWrong when the master key is not given."""
        cipher = self._ciphers.get(master)
        if cipher is None:
            raise SettingsWrong(
                f"{VARIABLE}: keys are wrapped by the master key {master}, which is not given"
            )
        try:
            return cipher.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], owner)
        except InvalidTag:
            raise SettingsWrong(f"{VARIABLE}: {master} does not open the key of {owner.hex()}") from None


def master_keys(settings: Settings) -> MasterKeys:
    """Raises SettingsWrong when there is none, or what is given is none."""
    if settings.master_key is not None:
        given = settings.master_key.get_secret_value().split(",")
        return MasterKeys([key_bytes(one, VARIABLE) for one in given])
    if not settings.development:
        raise SettingsWrong(f"{VARIABLE}: set it to 32 bytes in base64 (openssl rand -base64 32)")
    return MasterKeys([key_bytes(made_once(settings.home / KEY_FILE), VARIABLE)])


def _id(key: bytes) -> str:
    return sha256(b"keqing master key" + key).hexdigest()[:12]
