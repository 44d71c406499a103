"""The key that signs checkpoints: from the environment, in development also from a file made on first use."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keqing_shared.key_file import key_bytes, made_once
from keqing_shared.settings import Settings

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
    return _private(made_once(path)) if make or path.exists() else None


def _private(text: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(key_bytes(text, VARIABLE))
