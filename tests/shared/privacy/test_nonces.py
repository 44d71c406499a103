"""A nonce is never given twice: under one key it would open what it sealed."""

import os

from keqing_shared.privacy.nonces import LENGTH, nonce, random_pieces


def test_no_nonce_is_given_twice() -> None:
    given = [nonce() for _ in range(5_000)]
    assert {len(one) for one in given} == {LENGTH}
    assert len(set(given)) == 5_000


def test_a_process_that_forks_does_not_give_its_child_the_same_ones() -> None:
    nonce()  # so that some lie ready
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, b"".join(nonce() for _ in range(300)))
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        theirs = pipe.read()
    assert len(theirs) == 300 * LENGTH
    ours = {nonce() for _ in range(300)}
    assert ours.isdisjoint(theirs[start : start + LENGTH] for start in range(0, len(theirs), LENGTH))


def test_pieces_are_as_many_and_as_long_as_asked_for() -> None:
    pieces = random_pieces(32, 7)
    assert [len(one) for one in pieces] == [32] * 7
    assert len(set(pieces)) == 7
    assert random_pieces(32, 0) == []
