"""The key that signs checkpoints: from the environment, in development also from a file made on first use."""

import base64
import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keqing_shared.settings import Settings, SettingsWrong

KEY_FILE = "checkpoint-key"
VARIABLE = "KEQING_SIGNING_KEY"


def checkpoints_file(settings: Settings) -> Path | None:
    """Where the local stack keeps them: beside the embedded database.

    Of a database of one's own it keeps none unless told where: a file belongs to one database.
    """
    if settings.checkpoints is not None or "database_url" in settings.model_fields_set:
        return settings.checkpoints
    return settings.home / "checkpoints.jsonl"


def signing_key(settings: Settings, *, make: bool = True) -> Ed25519PrivateKey | None:
    """None when there is none, and none is to be made. Raises SettingsWrong when the one given is no key."""
    if settings.signing_key is not None:
        return _private(settings.signing_key.get_secret_value())
    if not settings.development:
        return None
    path = settings.home / KEY_FILE
    if not path.exists():
        if not make:
            return None
        _write_new(path)
    return _private(path.read_text())


def _private(text: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(key_bytes(text, VARIABLE))


def key_bytes(text: str, name: str) -> bytes:
    """Raises SettingsWrong naming what was given wrongly."""
    try:
        decoded = base64.b64decode(text.strip(), validate=True)
    except ValueError:
        decoded = b""
    if len(decoded) != 32:
        raise SettingsWrong(f"{name}: an Ed25519 key is 32 bytes in base64 (openssl rand -base64 32)")
    return decoded


def _write_new(path: Path) -> None:
    """Readable by its owner alone. Two who make it at once agree."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=path.parent, prefix=KEY_FILE, delete=False) as file:  # created 0600
        file.write(base64.b64encode(os.urandom(32)).decode() + "\n")
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(file.name, path)
    Path(file.name).unlink()
