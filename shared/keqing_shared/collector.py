"""The garbage collector of a process that serves: it looks at what is new, not at what stays."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG = 400_000
"""Objects made and not yet gone before the collector looks at them. A thousand rows of an import hold some
60,000 until they are in, and several requests are under way: at Python's own 700 they would be looked through
hundreds of times, at 100,000 still once, which took a tenth of what a row costs."""


@contextmanager
def sparing_collector() -> Iterator[None]:
    """What is there at the beginning is never looked at again; what is made later, seldom."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
