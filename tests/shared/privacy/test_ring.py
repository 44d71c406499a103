"""Sealed under a customer's key; opened with it; read as erased without it."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from cryptography.exceptions import InvalidTag

from keqing_shared.privacy import KeyNotLoaded, KeyRing
from keqing_shared.privacy.ring import LIMIT, owner_of_fact, owner_of_state, owner_of_why

LI, WANG = uuid4(), uuid4()
TOPIC = "test.met.v1"
CLEAR = '{"name":\n"[erased]"\n,"place":"杭州","phones":\n[]\n}'.encode()
VALUES = '"李雷\\n"\n["138"]\n'.encode()
WHOLE = '{"name":"李雷\\n","place":"杭州","phones":["138"]}'.encode()
ERASED = '{"name":"[erased]","place":"杭州","phones":[]}'.encode()


@pytest.fixture
def ring() -> KeyRing:
    ring = KeyRing()
    ring.keep({LI.bytes: b"l" * 32, WANG.bytes: b"w" * 32})
    return ring


def without(owner: UUID) -> KeyRing:
    ring = KeyRing()
    ring.keep({owner.bytes: None})
    return ring


def test_a_fact_is_opened_as_it_was(ring: KeyRing) -> None:
    state = ring.seal_fact(TOPIC, LI, CLEAR, VALUES)
    assert "李雷".encode() not in state
    assert b"138" not in state
    assert owner_of_fact(state) == LI.bytes
    opened = ring.open_fact(TOPIC, state)
    assert opened == WHOLE[:-1] + b"}"
    assert ring.open_fact(TOPIC, WHOLE) == WHOLE, "what was never sealed is left as it is"
    assert owner_of_fact(WHOLE) is None


def test_no_two_of_the_same_look_alike(ring: KeyRing) -> None:
    assert ring.seal_fact(TOPIC, LI, CLEAR, VALUES) != ring.seal_fact(TOPIC, LI, CLEAR, VALUES)


def test_without_its_key_it_reads_as_erased(ring: KeyRing) -> None:
    state = ring.seal_fact(TOPIC, LI, CLEAR, VALUES)
    assert without(LI).open_fact(TOPIC, state).replace(b"\n", b"") == ERASED


def test_nothing_is_sealed_for_whom_is_erased(ring: KeyRing) -> None:
    assert without(LI).seal_fact(TOPIC, LI, CLEAR, VALUES) == ERASED
    assert without(LI).seal_why(LI, "李雷 asked") == "[erased]"
    assert without(LI).seal_state(LI, b"{}") is None


def test_a_key_that_is_not_in_memory_is_asked_for_by_name(ring: KeyRing) -> None:
    state = ring.seal_fact(TOPIC, LI, CLEAR, VALUES)
    ring.forget()
    with pytest.raises(KeyNotLoaded) as missed:
        ring.open_fact(TOPIC, state)
    assert missed.value.owners == (LI.bytes,)
    with pytest.raises(KeyNotLoaded):
        ring.seal_why(LI, "x")


def tampered(state: bytes) -> Iterator[tuple[str, bytes]]:
    yield "another topic", state
    yield TOPIC, state.replace("杭州".encode(), "上海".encode())
    at = len(state) - 10
    yield TOPIC, state[:at] + (b"A" if state[at : at + 1] != b"A" else b"B") + state[at + 1 :]


def test_what_was_sealed_opens_nowhere_else(ring: KeyRing) -> None:
    for topic, state in tampered(ring.seal_fact(TOPIC, LI, CLEAR, VALUES)):
        with pytest.raises(InvalidTag):
            ring.open_fact(topic, state)


def test_a_reason_and_a_state_are_sealed_as_well(ring: KeyRing) -> None:
    why, state = ring.seal_why(LI, "李雷 asked"), ring.seal_state(LI, b'{"name":"x"}')
    assert "李雷" not in why
    assert (owner_of_why(why), owner_of_state(state or b"")) == (LI.bytes, LI.bytes)
    assert ring.open_why(why) == "李雷 asked"
    assert ring.open_state(state or b"") == b'{"name":"x"}'
    assert without(LI).open_why(why) == "[erased]"
    assert without(LI).open_state(state or b"") is None
    assert ring.open_why("~ a plain one") == "~ a plain one"
    assert ring.open_state(b'{"plain":1}') == b'{"plain":1}'
    assert owner_of_why(None) is None


def test_what_is_lent_is_known_within_only(ring: KeyRing) -> None:
    other = uuid4()
    with ring.lent({other.bytes: b"o" * 32}):
        ring.seal_why(other, "x")
    with pytest.raises(KeyNotLoaded):
        ring.seal_why(other, "x")
    ring.seal_why(LI, "x")


def test_memory_is_bounded(ring: KeyRing) -> None:
    assert ring.room(LIMIT - 2)
    assert not ring.room(LIMIT - 1)
