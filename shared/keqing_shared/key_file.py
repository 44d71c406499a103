"""Secret keys as text: 32 bytes in base64, given by a setting or kept in a file."""

import base64
import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from keqing_shared.settings import SettingsWrong


def key_bytes(text: str, name: str) -> bytes:
    """Raises SettingsWrong naming what was given wrongly."""
    try:
        decoded = base64.b64decode(text.strip(), validate=True)
    except ValueError:
        decoded = b""
    if len(decoded) != 32:
        raise SettingsWrong(f"{name}: a key is 32 bytes in base64 (openssl rand -base64 32)")
    return decoded


def made_once(path: Path) -> str:
    """What the file holds: a new key when there was none. Readable by its owner alone; two who make it at
    once agree."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=path.parent, prefix=path.name, delete=False) as file:  # created 0600
            file.write(base64.b64encode(os.urandom(32)).decode() + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(file.name, path)
        Path(file.name).unlink()
    return path.read_text()
