"""The collector spares what stays, as long as something is served."""

import gc

from keqing_shared.collector import YOUNG, sparing_collector


def test_what_is_there_is_left_alone_until_the_end() -> None:
    before = gc.get_threshold()
    there: list[object] = [[]]

    def looked_at() -> bool:
        return any(it is there for it in gc.get_objects())

    assert looked_at()
    with sparing_collector():
        assert not looked_at()
        assert gc.get_threshold() == (YOUNG, *before[1:])
    assert looked_at()
    assert gc.get_threshold() == before
