"""A failing batch is narrowed down to its one failing fact."""

from keqing_shared.views.standing import Standing
from tests.shared.views.parcels import Parcels


def attempts(standing: Standing, head: int, poison: int) -> int:
    """Tries until stuck or at the head; how many transactions that took."""
    for tries in range(1, 1000):
        after, last = standing.position, min(standing.position + standing.limit, head)
        if after < poison <= last:
            if standing.failed(after, last):
                standing.stuck("poison", now=100.0)
                return tries
        else:
            standing.moved(last)
            if last == head:
                return tries
    raise AssertionError("never ends")


def test_the_poison_is_found_in_few_steps_and_everything_before_it_is_kept() -> None:
    for poison in (1, 2, 3, 1499, 1500, 1999, 2000, 2001, 4000):
        standing = Standing(Parcels(), batch=2000)
        assert attempts(standing, 5000, poison) <= 30
        assert standing.position == poison - 1
        assert standing.error == "poison"


def test_without_poison_batches_are_full() -> None:
    standing = Standing(Parcels(), batch=2000)
    assert attempts(standing, 5000, poison=0) == 3
    assert standing.limit == 2000


def test_a_stuck_view_rests_longer_each_time_up_to_a_minute_and_then_goes_on_with_full_batches() -> None:
    standing = Standing(Parcels(), batch=2000)
    rests = []
    for _ in range(8):
        attempts(standing, 5000, poison=10)
        rests.append(standing.rests_until - 100.0)
    assert rests == [1, 2, 4, 8, 16, 32, 60, 60]
    standing.moved(10)
    assert (standing.error, standing.rests_until, standing.limit) == (None, 0.0, 2000)
    attempts(standing, 5000, poison=20)
    assert standing.rests_until == 101.0
