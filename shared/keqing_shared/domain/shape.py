"""What a text has to look like, said in words: nobody is answered with a regular expression."""

from keqing_shared.domain.worded import Words

SHAPES: dict[str, Words] = {}
"""By pattern: what would satisfy it."""


def shape(pattern: str, said: Words) -> str:
    """The pattern, for a ``Field``; whoever sends something else is told ``said``."""
    SHAPES[pattern] = said
    return pattern
