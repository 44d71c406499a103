"""Bearer tokens: who gets in, with keys from a URL, from a file, or of the development issuer."""

import asyncio
import base64
import hmac
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from keqing_shared.http.auth import Tokens, check_keys
from keqing_shared.http.problem import KeysAway, Unauthenticated
from keqing_shared.http.signing import KEY_FILE, issue_token, signing_key
from keqing_shared.settings import Settings, SettingsWrong
from tests.harness import Serving

RSA = RSAKey.generate_key(2048, {"kid": "rsa-1", "alg": "RS256", "use": "sig"})
EC = ECKey.generate_key("P-256", {"kid": "ec-1", "alg": "ES256", "use": "sig"})
LATER = ECKey.generate_key("P-256", {"kid": "ec-2", "alg": "ES256", "use": "sig"})


def token(key: Any = EC, alg: str = "ES256", kid: str | None = None, **claims: Any) -> str:
    said = {
        "iss": "https://id.test",
        "aud": "keqing",
        "sub": "li.wei",
        "roles": ["rep"],
        "exp": time.time() + 60,
        **claims,
    }
    said = {name: claim for name, claim in said.items() if claim is not None}
    return "Bearer " + jwt.encode({"alg": alg, "kid": kid or key.kid}, said, key, algorithms=[alg])


def keys(*known: Any) -> str:
    return json.dumps(KeySet(list(known)).as_dict(private=False))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "jwks.json"
    path.write_text(keys(RSA, EC))
    return path


@pytest.fixture
def tokens(file: Path) -> Tokens:
    return Tokens(Settings(jwks_file=file, issuer="https://id.test"))


async def test_a_token_signed_with_either_algorithm_gives_its_user(tokens: Tokens) -> None:
    for given in (token(), token(RSA, "RS256")):
        user = await tokens.user(given)
        assert (user.login, set(user.roles)) == ("li.wei", {"rep"})


async def test_an_audience_may_be_one_of_several_and_unknown_roles_count_for_nothing(tokens: Tokens) -> None:
    user = await tokens.user(token(aud=["other", "keqing"], roles=["rep", "emperor", 7]))
    assert user.roles == {"rep"}


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://else.test"},
        {"iss": None},
        {"aud": "other"},
        {"aud": None},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"exp": "soon"},
        {"nbf": 32_000_000_000},
        {"sub": None},
        {"sub": "No Login!"},
        {"sub": 7},
        {"sub": "clockwork"},
        {"sub": "reactions"},
        {"sub": "webhooks"},
        {"roles": "rep"},
    ],
)
async def test_a_claim_that_is_wrong_or_missing_lets_nobody_in(
    tokens: Tokens, claims: dict[str, Any]
) -> None:
    with pytest.raises(Unauthenticated):
        await tokens.user(token(**claims))


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Basic bGk6d2Vp",
        "Bearer x.y.z",
        "Bearer a.b",
        "Bearer 汉字",
        "Bearer " + "a" * 5000,
    ],
)
async def test_what_is_no_token_lets_nobody_in(tokens: Tokens, given: str | None) -> None:
    with pytest.raises(Unauthenticated):
        await tokens.user(given)


async def test_a_forged_token_lets_nobody_in(tokens: Tokens) -> None:
    good = token()
    head, body, signature = good.split(".")
    other = ECKey.generate_key("P-256", {"kid": "ec-1"})
    head_hs = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"ec-1"}').rstrip(b"=").decode()
    mac = hmac.digest(EC.as_pem(private=False), f"{head_hs}.{body}".encode(), "sha256")
    keyed = f"Bearer {head_hs}.{body}." + base64.urlsafe_b64encode(mac).rstrip(b"=").decode()
    unsigned = "Bearer eyJhbGciOiJub25lIn0." + body + "."
    for forged in (
        token(other),  # another key under a known id
        token(LATER),  # a key nobody published
        keyed,  # the public key taken for a shared secret
        unsigned,
        f"{head}.{body}.{signature[::-1]}",
        f"{head}.{body[:-4]}AAAA.{signature}",
    ):
        with pytest.raises(Unauthenticated):
            await tokens.user(forged)


async def test_a_remembered_token_expires_all_the_same(
    tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = token(exp=int(time.time()) + 5)
    await tokens.user(given)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 3600)
    with pytest.raises(Unauthenticated, match="expired"):
        await tokens.user(given)


class KeyServer:
    """A JWKS somewhere on the net."""

    def __init__(self) -> None:
        self.document = keys(EC)
        self.status = 200
        self.asked = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked += 1
                self.send_response(outer.status)
                self.end_headers()
                self.wfile.write(outer.document.encode())

            def log_message(self, *_: Any) -> None:
                """Silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/jwks"
        self.thread = Thread(target=self.server.serve_forever, args=(0.02,))


@pytest.fixture
def key_server() -> Iterator[KeyServer]:
    it = KeyServer()
    it.thread.start()
    yield it
    it.server.shutdown()
    it.thread.join()
    it.server.server_close()


@asynccontextmanager
async def _waited(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    now = time.monotonic()
    with monkeypatch.context() as patch:
        patch.setattr(time, "monotonic", lambda: now + 3600)
        yield


async def test_published_keys_are_asked_for_once_and_again_for_a_new_one(
    key_server: KeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = Tokens(Settings(jwks_url=key_server.url, issuer="https://id.test"))
    await asyncio.gather(*(tokens.user(token(jti=str(n))) for n in range(5)))
    assert key_server.asked == 1
    key_server.document = keys(EC, LATER)
    with pytest.raises(Unauthenticated):  # whoever invents key ids does not make us ask each time
        await tokens.user(token(LATER))
    assert key_server.asked == 1
    async with _waited(monkeypatch):
        assert (await tokens.user(token(LATER))).login == "li.wei"
    assert key_server.asked == 2


async def test_a_key_that_was_withdrawn_soon_lets_nobody_in(
    key_server: KeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = Tokens(Settings(jwks_url=key_server.url, issuer="https://id.test"))
    known = token(jti="1")
    await tokens.user(known)
    key_server.document = keys(LATER)
    async with _waited(monkeypatch):
        for given in (known, token(jti="2")):
            with pytest.raises(Unauthenticated):
                await tokens.user(given)
        assert (await tokens.user(token(LATER))).login == "li.wei"
    assert key_server.asked == 2


async def test_known_keys_outlive_a_key_server_that_is_away(
    key_server: KeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = Tokens(Settings(jwks_url=key_server.url, issuer="https://id.test"))
    await tokens.user(token(jti="1"))
    key_server.status = 500
    async with _waited(monkeypatch):
        with pytest.raises(Unauthenticated):
            await tokens.user(token(LATER))
        assert (await tokens.user(token(jti="2"))).login == "li.wei"


async def test_without_any_keys_nobody_can_be_checked(key_server: KeyServer) -> None:
    for status, document in ((500, "{}"), (200, "no json"), (200, "[]"), (200, '{"keys": [{"kty": "?"}]}')):
        key_server.status, key_server.document = status, document
        with pytest.raises(KeysAway):
            await Tokens(Settings(jwks_url=key_server.url, issuer="https://id.test")).user(token())


def test_the_development_key_is_its_owners_alone_and_stays(tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"
    first = signing_key(home)
    assert (home / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in home.iterdir()] == [KEY_FILE]
    assert signing_key(home).kid == first.kid


async def test_a_development_token_is_good_in_development(tmp_path: Path) -> None:
    settings = Settings(env="development", home=tmp_path)
    issued = issue_token(settings, "li.wei", ["rep", "agent"], ttl=60)
    user = await Tokens(settings).user(f"Bearer {issued}")
    assert (user.login, set(user.roles)) == ("li.wei", {"rep", "agent"})


@pytest.mark.parametrize("env", ["production", "Development", "development ", "dev", ""])
async def test_outside_of_development_no_token_is_issued_nor_taken(tmp_path: Path, env: str) -> None:
    issued = issue_token(Settings(env="development", home=tmp_path), "li.wei", ["admin"])
    settings = Settings(env=env, home=tmp_path)
    with pytest.raises(SettingsWrong, match="KEQING_ENV"):
        issue_token(settings, "li.wei", ["admin"])
    with pytest.raises(Unauthenticated):
        await Tokens(settings).user(f"Bearer {issued}")


async def test_where_an_issuer_is_named_development_tokens_are_not_taken(tmp_path: Path, file: Path) -> None:
    issued = issue_token(Settings(env="development", home=tmp_path), "li.wei", ["admin"])
    settings = Settings(env="development", home=tmp_path, jwks_file=file)
    with pytest.raises(SettingsWrong):
        issue_token(settings, "li.wei", ["admin"])
    with pytest.raises(Unauthenticated):
        await Tokens(settings).user(f"Bearer {issued}")


def test_a_start_without_usable_keys_is_refused(tmp_path: Path, file: Path) -> None:
    check_keys(Settings(jwks_file=file, issuer="https://id.test"))
    check_keys(Settings(env="development"))
    check_keys(Settings(env="development", jwks_file=file))
    with pytest.raises(SettingsWrong, match="KEQING_ISSUER"):
        check_keys(Settings(jwks_file=file))
    with pytest.raises(SettingsWrong, match="KEQING_ISSUER"):
        check_keys(Settings(jwks_url="https://id.test/keys"))
    with pytest.raises(SettingsWrong, match="KEQING_JWKS_URL"):
        check_keys(Settings())
    with pytest.raises(SettingsWrong, match="KEQING_JWKS_FILE"):
        check_keys(Settings(jwks_file=tmp_path / "missing"))


async def test_http_answers_401_without_a_token_and_403_without_the_role(library: Serving) -> None:
    for client in (library.anonymous, library._new({"Authorization": "Bearer x.y.z"})):
        refused = await client.get("/loans")
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"] == 'Bearer realm="keqing"'
        assert refused.json()["type"] == "/problems/unauthenticated"
    # 401 comes before anything is said of the request.
    assert (await library.anonymous.get("/loans", params={"limit": "x"})).status_code == 401
    refused = await library.client("he.qiang", "admin").get("/loans")
    assert refused.status_code == 403
    assert refused.json()["type"] == "/problems/role-missing"
    assert refused.json()["roles"] == ["agent", "auditor", "rep", "sales_manager"]
