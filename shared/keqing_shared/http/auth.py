"""Bearer tokens: JWTs signed with RS256 or ES256, checked against published keys; in development our own."""

import asyncio
import json
import re
import time
from collections import OrderedDict
from pathlib import Path
from typing import Any, get_args

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from keqing_shared.http.problem import KeysAway, Unauthenticated
from keqing_shared.http.signing import signing_key
from keqing_shared.http.user import Role, User
from keqing_shared.settings import Settings, SettingsWrong

ALGORITHMS = ("RS256", "ES256")
CACHED_TOKENS = 10_000
LEEWAY = 10
"""Seconds that clocks may differ."""
REFRESH = 30.0
"""Seconds between two looks at the JWKS for a key unknown so far."""
TRUSTED = 600.0
"""Seconds after which keys are read and tokens checked anew: no withdrawn key lets anybody in for longer."""
LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}", re.ASCII)

PARTS_OF_THE_SYSTEM = frozenset({"clockwork", "reactions", "webhooks"})
"""They act too, and stand in the log as who did it: nobody gets in under their names."""

_ROLES = frozenset(get_args(Role))


class Keys:
    """The public keys tokens may be signed with."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.jwks_url
        self._file = settings.jwks_file
        self._home = settings.home if settings.development else None
        self._known: KeySet | None = None
        self._looked = -REFRESH
        self._looking = asyncio.Lock()

    async def holding(self, kid: str | None) -> KeySet:
        """A key set that holds ``kid`` if there is one; looks again for an unknown one. Raises KeysAway."""
        overdue = time.monotonic() - self._looked >= TRUSTED
        if self._known is None or overdue or (kid is not None and not _holds(self._known, kid)):
            async with self._looking:
                if time.monotonic() - self._looked >= REFRESH or self._known is None:
                    self._known = await self._look()
                    self._looked = time.monotonic()
        return self._known

    async def _look(self) -> KeySet:
        try:
            if self._url is not None:
                async with httpx.AsyncClient(timeout=5.0, follow_redirects=False) as client:
                    answer = await client.get(self._url)
                    answer.raise_for_status()
                    return KeySet.import_key_set(answer.json())
            if self._file is not None:
                return _read(self._file)
        except (httpx.HTTPError, OSError, ValueError, KeyError, TypeError, JoseError) as error:
            if self._known is not None:
                return self._known
            raise KeysAway("the signing keys cannot be read") from error
        if self._home is not None:
            return KeySet([signing_key(self._home)])
        return KeySet([])


class Tokens:
    """Turns an Authorization header into a user; verified tokens are remembered for a while."""

    def __init__(self, settings: Settings) -> None:
        self._keys = Keys(settings)
        self._claims = jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": settings.issuer},
            aud={"essential": True, "value": settings.audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        self._verified: OrderedDict[str, tuple[User, float]] = OrderedDict()

    async def user(self, authorization: str | None) -> User:
        """Raises Unauthenticated, which never says what was wrong with a signature; KeysAway."""
        if authorization is None:
            raise Unauthenticated("send Authorization: Bearer <token>")
        known = self._verified.get(authorization)
        if known is not None:
            user, since = known
            if time.time() >= user.until:
                del self._verified[authorization]
                raise Unauthenticated("the token has expired")
            if time.monotonic() - since < TRUSTED:
                return user
            del self._verified[authorization]
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("send Authorization: Bearer <token>")
        user = await self._verify(token.strip())
        self._verified[authorization] = (user, time.monotonic())
        if len(self._verified) > CACHED_TOKENS:
            self._verified.popitem(last=False)
        return user

    async def _verify(self, token: str) -> User:
        try:
            keys = await self._keys.holding(_kid(token))
            claims = jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims
            self._claims.validate(claims)
            return _user(claims)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            expired = type(error).__name__ == "ExpiredTokenError"
            if expired:
                raise Unauthenticated("the token has expired") from error
            raise Unauthenticated("the token is not valid") from error


def check_keys(settings: Settings) -> None:
    """At start: a file of keys that cannot be used, no keys at all, nobody who may issue tokens.

    Raises SettingsWrong.
    """
    if settings.jwks_file is not None:
        try:
            _read(settings.jwks_file)
        except (OSError, ValueError, KeyError, TypeError, JoseError) as error:
            raise SettingsWrong(f"KEQING_JWKS_FILE: no keys can be read from {settings.jwks_file}") from error
    elif settings.jwks_url is None and not settings.development:
        raise SettingsWrong("KEQING_JWKS_URL: name the JWKS of the token issuer (or KEQING_JWKS_FILE)")
    if not settings.development and "issuer" not in settings.model_fields_set:
        raise SettingsWrong("KEQING_ISSUER: name the token issuer, as the iss of its tokens has it")


def _read(path: Path) -> KeySet:
    return KeySet.import_key_set(json.loads(path.read_text()))


def _holds(keys: KeySet, kid: str) -> bool:
    return any(key.kid == kid for key in keys.keys)


def _kid(token: str) -> str | None:
    from joserfc.jws import extract_compact

    kid: Any = extract_compact(token.encode()).headers().get("kid")
    return kid if isinstance(kid, str) else None


def _user(claims: dict[str, Any]) -> User:
    login, roles = claims["sub"], claims.get("roles", [])
    if not isinstance(login, str) or not LOGIN.fullmatch(login) or not isinstance(roles, list):
        raise ValueError("sub or roles")
    if login in PARTS_OF_THE_SYSTEM:
        raise ValueError("sub")
    known = frozenset(role for role in roles if isinstance(role, str)) & _ROLES
    return User(login, known, until=float(claims["exp"]) + LEEWAY)
