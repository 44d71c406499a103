"""HMAC with its key hashed once is HMAC."""

import hmac

from hypothesis import given
from hypothesis import strategies as st

from keqing_shared.privacy.hashing import Hashing


@given(st.binary(min_size=1, max_size=64), st.lists(st.binary(max_size=200), min_size=1))
def test_every_digest_is_what_the_library_makes(key: bytes, contents: list[bytes]) -> None:
    hashing = Hashing(key)
    assert [hashing.digest(one) for one in contents] == [hmac.digest(key, one, "sha256") for one in contents]
