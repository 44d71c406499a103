"""The development issuer: signs tokens with a key of this machine. Nowhere else than in development."""

import json
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import ECKey

from keqing_shared.settings import Settings, SettingsWrong

KEY_FILE = "dev-signing-key.json"
USUAL_TTL = 12 * 3600
"""Seconds that a development token is good for."""


def signing_key(home: Path) -> ECKey:
    """The key in ``home``, made on first use, readable by its owner alone. Two who make it at once agree."""
    path = home / KEY_FILE
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        key = ECKey.generate_key("P-256", parameters={"use": "sig", "alg": "ES256"}, auto_kid=True)
        with NamedTemporaryFile("w", dir=home, prefix=KEY_FILE, delete=False) as file:  # created 0600
            json.dump(key.as_dict(private=True), file)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(file.name, path)
        Path(file.name).unlink()
    return ECKey.import_key(json.loads(path.read_text()))


def issue_token(settings: Settings, login: str, roles: Iterable[str], ttl: int = USUAL_TTL) -> str:
    """A bearer token for ``ttl`` seconds. Raises SettingsWrong outside of development."""
    if not settings.development:
        raise SettingsWrong("KEQING_ENV: tokens are issued in development only")
    if settings.jwks_url is not None or settings.jwks_file is not None:
        raise SettingsWrong("KEQING_JWKS_URL: tokens come from the issuer named there")
    key = signing_key(settings.home)
    now = int(time.time())
    claims = {
        "iss": settings.issuer,
        "aud": settings.audience,
        "sub": login,
        "roles": sorted(roles),
        "iat": now,
        "exp": now + ttl,
        "jti": uuid4().hex,
    }
    return jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key)
