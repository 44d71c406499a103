"""Signed checkpoints: what somebody outside of the database knows of a log, so that not even the whole of it
can be written anew unnoticed.

A file of them holds one JSON object per line, of all contexts of one database. It is worth as much as the key
and the file are out of reach of whoever can write to the database.
"""

import base64
import os
from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from keqing_shared.log.damage import Damage, Finding


class SignedCheckpoint(msgspec.Struct, frozen=True, kw_only=True):
    """At ``position`` the log of ``context`` had this ``hash``; binary members are in base64."""

    context: str
    position: int
    hash: bytes
    at: datetime
    """When it was signed."""
    key: bytes
    """Ed25519 public key, 32 bytes."""
    signature: bytes = b""

    def signed(self, key: Ed25519PrivateKey) -> "SignedCheckpoint":
        return msgspec.structs.replace(self, signature=key.sign(self._said()))

    def genuine(self) -> bool:
        """Whether the signature is the named key's; whose key that is, is another question."""
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(self.signature, self._said())
        except (InvalidSignature, ValueError):
            return False
        return True

    def _said(self) -> bytes:
        return b"keqing checkpoint v1\n" + _encode(msgspec.structs.replace(self, signature=b""))

    def encoded(self) -> bytes:
        return _encode(self)


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(SignedCheckpoint).decode


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def checkpoint(
    key: Ed25519PrivateKey, context: str, position: int, hash: bytes, at: datetime
) -> SignedCheckpoint:
    """Of a log as it stands, signed."""
    return SignedCheckpoint(
        context=context, position=position, hash=hash, at=at, key=public_bytes(key)
    ).signed(key)


def append(path: Path, one: SignedCheckpoint) -> None:
    """At the end of the file, on the disk when this returns. A line that a crash cut short is left alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            torn = file.read(1) != b"\n"
        else:
            torn = False
        file.write((b"\n" if torn else b"") + one.encoded() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def read(path: Path, context: str) -> tuple[list[SignedCheckpoint], int]:
    """The context's checkpoints, and how many lines of the file are none."""
    found: list[SignedCheckpoint] = []
    unreadable = 0
    for line in path.read_bytes().splitlines():
        try:
            one = _decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            unreadable += 1
            continue
        if one.context == context:
            found.append(one)
    return found, unreadable


def judge(checkpoints: Sequence[SignedCheckpoint], keys: Collection[bytes]) -> Finding | dict[int, bytes]:
    """Position -> hash of what one of the keys signed; or the first that none of them signed, or that another
    contradicts."""
    signed: dict[int, bytes] = {}
    for one in sorted(checkpoints, key=lambda it: it.position):
        if one.key not in keys:
            named = base64.b64encode(one.key).decode()
            return Finding(one.position, Damage.SIGNATURE, f"the checkpoint is signed by a stranger, {named}")
        if not one.genuine():
            return Finding(one.position, Damage.SIGNATURE, "the checkpoint is not what was signed")
        if signed.setdefault(one.position, one.hash) != one.hash:
            return Finding(one.position, Damage.REWRITTEN, "it was signed twice, with different hashes")
    return signed
