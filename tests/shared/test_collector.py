"""The collector spares what stays, as long as something is served."""

import gc

from keqing_shared.collector import YOUNG, sparing_collector


def test_what_is_there_is_left_alone_until_the_end() -> None:
    before, spared = gc.get_threshold(), gc.get_freeze_count()
    with sparing_collector():
        assert gc.get_freeze_count() > spared + 10_000
        assert gc.get_threshold() == (YOUNG, *before[1:])
    assert gc.get_freeze_count() <= spared
    assert gc.get_threshold() == before
